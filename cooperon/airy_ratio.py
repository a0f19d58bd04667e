r"""Ai(x)/Ai'(x), the weak localization of a wire with Nyquist dephasing, as a SymPy function.

Its derivatives are polynomials in x and the function itself, since rho' = 1 - x rho^2; but those
polynomials cancel for large x.  `AiryRatioDerivative` keeps them folded.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

_x, _rho = sp.symbols("x rho")


@cache
def _polynomial(n: int) -> sp.Expr:
    """n-th derivative of rho as a polynomial in x and rho."""
    if n == 0:
        return _rho
    before = _polynomial(n - 1)
    return sp.expand(before.diff(_x) + before.diff(_rho) * (1 - _x * _rho**2))


class _AiryFamily(sp.Function):
    """What the ratio and its derivatives share, in terms of the order n."""

    _real_kernel = True

    @property
    def order(self) -> int:
        """Number of derivatives."""
        return int(self.args[1]) if len(self.args) > 1 else 0

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side in Airy functions."""
        x = self.args[0].doit(**hints) if deep else self.args[0]
        ratio = sp.airyai(x) / sp.airyaiprime(x)
        return _polynomial(self.order).subs({_x: x, _rho: ratio}, simultaneous=True)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return AiryRatioDerivative(self.args[0], self.order + 1)

    def _eval_rewrite_as_airyai(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        x = self.args[0]
        if not x.is_number:
            return None
        # each derivative cancels x^(3/2), and a small x^(3/2) nothing
        size = abs(x)._to_mpmath(53)
        lost = 0 if size < 1 else int(1.5 * mp.log(size, 2)) * (self.order + 1)
        with mp.workprec(prec + lost + 30):
            at = mp.mpmathify(x._to_mpmath(mp.mp.prec))
            ratio = mp.airyai(at) / mp.airyai(at, derivative=1)
            value = sp.lambdify((_x, _rho), _polynomial(self.order), "mpmath")(at, ratio)
        return sp.Expr._from_mpmath(value, prec)


class AiryRatio(_AiryFamily):
    r"""Ai(x)/Ai'(x): weak localization in a wire whose electrons dephase each other.

    The Cooperon at equal points in one dimension, with the classical noise of the electric
    potential and a further rate 1/tau_phi; x = tau_N/tau_phi.  Real and negative for x above
    the largest zero -1.0188 of Ai'; Ai(x)/Ai'(x) = -x^(-1/2) + x^(-2)/4 + ... for large x.

    References
    ----------
    Altshuler, Aronov, Khmelnitsky, J. Phys. C 15, 7367 (1982).

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> AiryRatio(x).doit()
    airyai(x)/airyaiprime(x)
    >>> AiryRatio(x).diff(x).doit()
    -x*airyai(x)**2/airyaiprime(x)**2 + 1
    >>> AiryRatio(10**8).evalf(20)
    -0.000099999999999975000000
    """

    _jaxcode = "airy_ratio"

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        if x is sp.nan:
            return sp.nan
        if x is sp.oo:
            return sp.S.Zero
        if x.is_zero:
            return sp.airyai(0) / sp.airyaiprime(0)
        return None

    def _eval_is_extended_negative(self) -> bool | None:
        return True if self.args[0].is_nonnegative else None

    def _eval_is_finite(self) -> bool | None:
        return True if self.args[0].is_extended_nonnegative else None

    def _eval_aseries(self, n: int, args0: tuple[sp.Expr, ...], x: sp.Symbol, logx: Any) -> sp.Expr:
        if args0[0] is not sp.oo:
            return super()._eval_aseries(n, args0, x, logx)
        at = self.args[0]
        terms = [c * at ** (-sp.Rational(1, 2) - sp.Rational(3, 2) * k) for k, c in _tail(n)]
        return sp.Add(*terms) + sp.Order(at ** (-sp.Rational(1, 2) - sp.Rational(3, 2) * n), x)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        x = printer._print(self.args[0])
        text = rf"\frac{{\mathrm{{Ai}}({x})}}{{\mathrm{{Ai}}'({x})}}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class AiryRatioDerivative(_AiryFamily):
    """n-th derivative of `AiryRatio(x)`, an integer n >= 0; 0 returns the ratio.

    Raises
    ------
    ValueError : if the order is not an integer >= 0.
    """

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        return "airy_ratio" if self.order <= 2 else None

    @classmethod
    def eval(cls, x: sp.Expr, n: sp.Expr) -> sp.Expr | None:
        if not (n.is_Integer and n >= 0):
            raise ValueError(f"The order must be an integer >= 0, but got {n}; pass a number.")
        if n == 0:
            return AiryRatio(x)
        if x is sp.nan:
            return sp.nan
        if x.is_zero:
            return _polynomial(int(n)).subs({_x: 0, _rho: AiryRatio(0)})
        return sp.S.Zero if x is sp.oo else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        x, n = self.args
        at = printer._print(x)
        order = "" if n == 1 else f"^{{{n}}}"
        variable = at if x.is_Symbol else "1"
        text = rf"\partial_{{{variable}}}{order} {printer._print(AiryRatio(x, evaluate=False))}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


@cache
def _tail(count: int) -> tuple[tuple[int, sp.Expr], ...]:
    """Coefficients c_k of rho = sum of c_k x^(-1/2 - 3k/2), from rho' = 1 - x rho^2."""
    c = [sp.S.NegativeOne]
    for k in range(1, count):
        # order x^(-3k/2): (-1/2 - 3(k-1)/2) c_(k-1) = - sum of c_i c_(k-i)
        inner = sum((c[i] * c[k - i] for i in range(1, k)), sp.S.Zero)
        slope = (-sp.Rational(1, 2) - sp.Rational(3, 2) * (k - 1)) * c[k - 1]
        c.append((slope + inner) / 2)
    return tuple(enumerate(c))
