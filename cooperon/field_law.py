r"""One formula in a magnetic field B and a dephasing field B_phi, and what follows from it.

The kernels of weak localization are functions B^a f(B_phi/\|B\|) of the two fields, with a
special function of B_phi/\|B\| in the formula and the weak-field expansion

.. math:: \sum_{k\ge1} c_k\, B^{2k} B_\phi^{a-2k}.

The formula is differentiated with an inert special function, for an exact number would make
SymPy expand digamma(10^4 + 1/2) into a sum of 10^4 terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import sympy as sp

_Head = Any  # a class of functions of SymPy, which has no types

_b, _p = sp.symbols("b p", positive=True)


@dataclass(frozen=True)
class FieldLaw:
    """One function of B and B_phi.

    Attributes
    ----------
    kernel : name of its JAX kernel; `<name>_derivative`, `<name>_complex` and
        `<name>_complex_derivative` are those of the derivatives and of a complex B_phi.
    degree : a, the degree of homogeneity.
    special : head of the special function in the formula.
    formula : (b, p) -> the function for |B| = b > 0 and B_phi = p.
    weak_field_coefficient : k -> c_k.
    at_ends : (B, B_phi) -> the value at infinite B and at B_phi = 0, else None.
    expand : what brings the formula into a form that SymPy expands where b/p does not vanish.
    """

    kernel: str
    degree: sp.Rational
    special: _Head
    formula: Callable[[sp.Expr, sp.Expr], sp.Expr]
    weak_field_coefficient: Callable[[int], sp.Rational]
    at_ends: Callable[[sp.Expr, sp.Expr], sp.Expr | None]
    expand: Callable[[sp.Expr], sp.Expr] = lambda expression: expression

    def weak_field_term(self, k: int, B: sp.Expr, B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
        """The k-th term of the weak-field series, differentiated m times in B, n times in B_phi."""
        power = self.degree - 2 * k
        factor = self.weak_field_coefficient(k) * sp.ff(2 * k, m) * sp.ff(power, n)
        return factor * B ** (2 * k - m) * B_phi ** (power - n)

    def at(self, b: sp.Expr, B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
        """The derivative of orders (m, n) in special functions, for |B| = b."""
        return (
            _unfolded(self, m, n)
            .subs({_b: b, _p: B_phi}, simultaneous=True)
            .replace(_inert(self), lambda s, x: self.special(s, x, evaluate=not x.is_number))
        )


def _inert(law: FieldLaw) -> _Head:
    return sp.Function(law.special.__name__)


@cache
def _unfolded(law: FieldLaw, m: int, n: int) -> sp.Expr:
    """d^m/db^m d^n/dp^n of the formula, with the special function as an inert one."""
    return sp.diff(law.formula(_b, _p), _b, m, _p, n).replace(law.special, _inert(law))


@cache
def numeric(law: FieldLaw, m: int, n: int) -> Callable[[Any, Any], Any]:
    """The derivative of orders (m, n) as a function of |B| and B_phi for mpmath."""
    expression = _unfolded(law, m, n).replace(_inert(law), law.special)
    return cast(Callable[[Any, Any], Any], sp.lambdify((_b, _p), expression, "mpmath"))
