r"""Special functions of weak localization, as SymPy functions that keep their name.

The kernel of a two-dimensional conductor in a perpendicular field B is

.. math:: \Psi\left(\frac{B_\phi}{B}\right)
          = \psi\left(\frac12 + \frac{B_\phi}{|B|}\right) - \ln\frac{B_\phi}{|B|},

a function of the two fields rather than of their ratio: it then is smooth at B = 0, where it
vanishes.  `HikamiFunction` is the kernel and `HikamiFunctionDerivative` its partial
derivatives; together they are closed under differentiation.  Both unfold with `doit()`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cooperon.field_function import FieldFamily, FieldFunction, FieldFunctionDerivative
from cooperon.field_law import FieldLaw


def _weak_field_coefficient(k: int) -> sp.Rational:
    """(1 - 2^(1-2k)) B_2k / (2k), B_2k of Bernoulli, by Stirling's series of psi(1/2 + x)."""
    return (1 - sp.Rational(2) ** (1 - 2 * k)) * sp.bernoulli(2 * k) / (2 * k)


def _at_ends(B: sp.Expr, B_phi: sp.Expr) -> sp.Expr | None:
    diverges = B.is_infinite or (B_phi.is_zero and B.is_zero is False)
    return sp.oo if diverges else None


class _HikamiFamily(FieldFamily):
    _law = FieldLaw(
        kernel="hikami",
        degree=sp.S.Zero,
        special=sp.polygamma,
        formula=lambda b, p: sp.digamma(sp.S.Half + p / b) - sp.log(p / b),
        weak_field_coefficient=_weak_field_coefficient,
        at_ends=_at_ends,
    )

    @staticmethod
    def _classes() -> tuple[type[FieldFunction], type[FieldFunctionDerivative]]:
        return HikamiFunction, HikamiFunctionDerivative

    def _eval_rewrite_as_polygamma(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)

    def _eval_rewrite_as_tractable(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)


class HikamiFunction(_HikamiFamily, FieldFunction):
    r"""Kernel of two-dimensional weak localization in a perpendicular field.

    HikamiFunction(B, B_phi) is psi(1/2 + B_phi/\|B\|) - ln(B_phi/\|B\|) >= 0, printed as
    Psi(B_phi/B).  For spin-1/2 electrons without spin relaxation the magnetoconductivity is
    sigma(B) - sigma(0) = e^2/(pi h) HikamiFunction(B, B_phi), both spins counted.

    Parameters
    ----------
    B : real field perpendicular to the layer; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, not negative; a complex one
        with positive real part (finite frequency) is kept and evaluated.

    Notes
    -----
    Homogeneous of degree 0.  Exact values: 0 at B = 0 (also for B_phi = 0) and at
    B_phi = oo; oo at \|B\| = oo and at B_phi = 0 for B != 0.  Weak fields:
    (B/B_phi)^2/24 - 7 (B/B_phi)^4/960 + ..., an asymptotic series.  Strong fields:
    ln(\|B\|/B_phi) + psi(1/2) + ...  `evalf` is correct to the digits asked for at any ratio.

    Raises
    ------
    ValueError : if B is not real, or B_phi is negative or a number with a negative real part.

    References
    ----------
    Hikami, Larkin, Nagaoka, Prog. Theor. Phys. 63, 707 (1980), Eq. (18), whose
    1/(tau a), a = 4 e B D/hbar, is B_phi/B.  They subtract the elastic cutoff
    psi(1/2 + 1/(tau_0 a)); here it is expanded for tau_0 -> 0 into the logarithm.

    Examples
    --------
    >>> from sympy import latex, symbols
    >>> B, B_phi = symbols("B B_phi", positive=True)
    >>> Psi = HikamiFunction(B, B_phi)
    >>> Psi.doit()
    -log(B_phi/B) + polygamma(0, 1/2 + B_phi/B)
    >>> Psi.series(B, 0, 6)
    B**2/(24*B_phi**2) - 7*B**4/(960*B_phi**4) + O(B**6)
    """

    def _eval_is_zero(self) -> bool | None:
        B, B_phi = self.args
        return False if B.is_nonzero and B_phi.is_nonnegative else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi = self.args
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\Psi{power}\left({printer._print(B_phi / B)}\right)"


class HikamiFunctionDerivative(_HikamiFamily, FieldFunctionDerivative):
    r"""Partial derivative of `HikamiFunction(B, B_phi)`, m times in B and n times in B_phi.

    Printed as a derivative of Psi(B_phi/B) by its first (B) and second (B_phi) argument, by
    their letters where they are symbols.  Units: 1/field^(m + n).  Odd in B for odd m, with
    exact values at B = 0; d^2/dB^2 is 1/(12 B_phi^2) there.

    Parameters
    ----------
    B, B_phi : as in `HikamiFunction`.
    m, n : orders, integers >= 0; (0, 0) returns the `HikamiFunction`.

    Raises
    ------
    ValueError : if an order is not an integer >= 0, B is not real, or B_phi is negative.
    """
