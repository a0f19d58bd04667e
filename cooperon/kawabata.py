r"""The kernel of three-dimensional weak localization, as a SymPy function that keeps its name.

.. math:: K(B, B_\phi) = \sqrt{|B|}\, f_3\!\left(\frac{B_\phi}{|B|}\right), \qquad
          f_3(x) = -2\sqrt{x} - \zeta\left(\tfrac12, \tfrac12 + x\right),

a function of the two fields rather than of their ratio: it then is smooth at B = 0, where it
vanishes.  `KawabataFunction` is the kernel and `KawabataFunctionDerivative` its partial
derivatives; together they are closed under differentiation.  Both unfold with `doit()`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cooperon.field_function import FieldFamily, FieldFunction, FieldFunctionDerivative
from cooperon.field_law import FieldLaw


def _kawabata(b: sp.Expr, p: sp.Expr) -> sp.Expr:
    return sp.sqrt(b) * (-2 * sp.sqrt(p / b) - sp.zeta(sp.S.Half, sp.S.Half + p / b))


def _weak_field_coefficient(k: int) -> sp.Rational:
    """By Hermite's asymptotic series, at s = 1/2.

    zeta(s, 1/2 + x) ~ x^(1-s)/(s-1) + sum over k >= 1 of B_2k(1/2)/(2k)! (s)_(2k-1) x^(1-s-2k).
    """
    rising = sp.rf(sp.S.Half, 2 * k - 1)
    return -sp.bernoulli(2 * k, sp.S.Half) / sp.factorial(2 * k) * rising


def _at_ends(B: sp.Expr, B_phi: sp.Expr) -> sp.Expr | None:
    if B.is_infinite:
        return sp.oo
    if B_phi.is_zero:
        # by the value at x = 1/2 + 0: zeta(1/2, 1/2) = (sqrt(2) - 1) zeta(1/2)
        return (1 - sp.sqrt(2)) * sp.zeta(sp.S.Half) * sp.sqrt(sp.Abs(B))
    return None


class _KawabataFamily(FieldFamily):
    _law = FieldLaw(
        kernel="kawabata",
        degree=sp.S.Half,
        special=sp.zeta,
        formula=_kawabata,
        weak_field_coefficient=_weak_field_coefficient,
        at_ends=_at_ends,
        # so that no power of the small variable is left inside a root
        expand=lambda expression: sp.powdenest(sp.expand(expression), force=True),
    )

    @staticmethod
    def _classes() -> tuple[type[FieldFunction], type[FieldFunctionDerivative]]:
        return KawabataFunction, KawabataFunctionDerivative

    def _eval_rewrite_as_zeta(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)


class KawabataFunction(_KawabataFamily, FieldFunction):
    r"""Kernel of three-dimensional weak localization in a magnetic field.

    KawabataFunction(B, B_phi) is sqrt(\|B\|) f_3(B_phi/\|B\|) >= 0 with Kawabata's f_3.  For
    spin-1/2 electrons without spin relaxation and isotropic diffusion the magnetoconductivity is
    sigma(B) - sigma(0) = e^2/(2 pi^2 hbar) sqrt(e/hbar) KawabataFunction(B, B_phi), both
    spins counted.

    Parameters
    ----------
    B : real magnetic field; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, not negative; a complex one
        with positive real part (finite frequency) is kept and evaluated.

    Notes
    -----
    Homogeneous of degree 1/2.  Exact values: 0 at B = 0 (also for B_phi = 0) and at
    B_phi = oo; -zeta(1/2, 1/2) sqrt(\|B\|) = 0.60490 sqrt(\|B\|) at B_phi = 0; oo at
    \|B\| = oo.  Weak fields: B^2/(48 B_phi^(3/2)) - ..., an asymptotic series.  `evalf` is
    correct to the digits asked for at any ratio.

    Raises
    ------
    ValueError : if B is not real, or B_phi is negative or a number with a negative real part.

    References
    ----------
    A. Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980), whose f_3(delta) is a sum over Landau
    levels, delta = B_phi/\|B\|; here that sum is the zeta function, and sqrt(\|B\|) is part
    of the function.

    Examples
    --------
    >>> from sympy import symbols
    >>> B, B_phi = symbols("B B_phi", positive=True)
    >>> K = KawabataFunction(B, B_phi)
    >>> K.series(B, 0, 4)
    B**2/(48*B_phi**(3/2)) + O(B**4)
    >>> K.subs({B: 4, B_phi: 0}).evalf(10)
    1.209797287
    """

    def _eval_is_zero(self) -> bool | None:
        B, B_phi = self.args
        return False if B.is_nonzero and B_phi.is_finite else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi = self.args
        size = B if B.is_nonnegative else sp.Abs(B)
        text = rf"\sqrt{{{printer._print(size)}}}"
        text += rf"\, f_{{3}}\left({printer._print(B_phi / size)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class KawabataFunctionDerivative(_KawabataFamily, FieldFunctionDerivative):
    r"""Partial derivative of `KawabataFunction(B, B_phi)`, m times in B and n times in B_phi.

    Units: field^(1/2 - m - n).  Odd in B for odd m, with exact values at B = 0; d^2/dB^2 is
    1/(24 B_phi^(3/2)) there.

    Parameters
    ----------
    B, B_phi : as in `KawabataFunction`.
    m, n : orders, integers >= 0; (0, 0) returns the `KawabataFunction`.

    Raises
    ------
    ValueError : if an order is not an integer >= 0, B is not real, or B_phi is negative.
    """
