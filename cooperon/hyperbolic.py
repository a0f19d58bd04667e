r"""x coth x, x/sinh x, coth x - 1/x and coth(x)/x - 1/x^2, as SymPy functions that keep their name.

They are thermal factors and the weak localization of finite wires; all are smooth at x = 0,
where their definitions are 0/0.  Each head takes the order n of a derivative as its optional
second argument, which closes it under differentiation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any, cast

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

_x = sp.Symbol("x")


class _HyperbolicFamily(sp.Function):
    """What the four functions share: the definition in `_x`, parity, value at oo and LaTeX."""

    nargs = (1, 2)
    _real_kernel = True
    _kernel: str
    _definition: sp.Expr
    _parity: int
    _at_infinity: tuple[sp.Expr, sp.Expr]
    """Leading power and coefficient c x^p for x -> oo."""
    _text: str

    @classmethod
    def eval(cls, x: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return exact values, f(x, 0) as f(x), and the sign of an odd function in front."""
        n = orders[0] if orders else sp.S.Zero
        if not (n.is_Integer and n >= 0):
            raise ValueError(f"The order must be an integer >= 0, but got {n}; pass a number.")
        if x is sp.nan:
            return sp.nan
        if x.is_zero:
            return sp.factorial(n) * _coefficient(cls._definition, int(n))
        if x is sp.oo:
            power, coefficient = cls._at_infinity
            return sp.limit(sp.diff(coefficient * _x**power, _x, n), _x, sp.oo)
        sign = cls._parity * (-1) ** n
        if x is -sp.oo or x.could_extract_minus_sign():
            return sign * (cls(-x, n) if n else cls(-x))
        return cls(x) if orders and n == 0 else None

    @property
    def order(self) -> int:
        """Number of derivatives."""
        return int(self.args[1]) if len(self.args) > 1 else 0

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        return self._kernel if self.order <= 2 else None

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side in hyperbolic functions."""
        x = self.args[0].doit(**hints) if deep else self.args[0]
        return _derivative(self._definition, self.order).subs(_x, x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self.func(self.args[0], self.order + 1)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_is_finite(self) -> bool | None:
        return True if self.args[0].is_real else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        x = self.args[0]
        if not x.is_number:
            return None
        # near zero the terms are x^-2 and more, far away the result can be exp(-2 x)
        size = abs(x)._to_mpmath(53)
        lost = int(abs(mp.log(size, 2))) * (self.order + 4) + 3 * int(min(size, 10**6))
        with mp.workprec(prec + lost + 30):
            at = mp.mpmathify(x._to_mpmath(mp.mp.prec))
            value = _numeric(self._definition, self.order)(at)
        return sp.Expr._from_mpmath(value, prec)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: Any = 0) -> sp.Expr:
        return self.doit()._eval_nseries(x, n, logx, cdir)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        near = self.args[0].as_leading_term(x)
        if not near.as_coeff_exponent(x)[1].is_positive:
            return self.doit().as_leading_term(x, logx=logx, cdir=cdir)
        # the poles of the definition cancel, which SymPy does not see
        n = self.order
        k = next(k for k in count(n) if _coefficient(self._definition, k))
        return _coefficient(self._definition, k) * sp.ff(k, n) * near ** (k - n)

    def _eval_rewrite_as_tractable(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False).rewrite(sp.exp)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        x = self.args[0]
        text = self._text.replace("X", printer._print(x))
        if self.order:
            order = "" if self.order == 1 else f"^{{{self.order}}}"
            variable = printer._print(x) if x.is_Symbol else 1
            text = rf"\partial_{{{variable}}}{order}\left({text}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


@cache
def _derivative(definition: sp.Expr, n: int) -> sp.Expr:
    return sp.diff(definition, _x, n)


@cache
def _numeric(definition: sp.Expr, n: int) -> Callable[[Any], Any]:
    return cast(Callable[[Any], Any], sp.lambdify(_x, _derivative(definition, n), "mpmath"))


@cache
def _coefficient(definition: sp.Expr, n: int) -> sp.Expr:
    """Coefficient of x^n in the power series."""
    return sp.series(definition, _x, 0, n + 3).removeO().coeff(_x, n)


class XCoth(_HyperbolicFamily):
    r"""x coth x: 1 at x = 0, \|x\| for large \|x\|.  XCoth(x, n) is its n-th derivative.

    >>> x = sp.Symbol("x")
    >>> XCoth(x).series(x, 0, 4)
    1 + x**2/3 + O(x**4)
    >>> XCoth(x).diff(x).doit()
    -x/sinh(x)**2 + coth(x)
    """

    _kernel = "x_coth"
    _definition = _x * sp.coth(_x)
    _parity = 1
    _at_infinity = (sp.S.One, sp.S.One)
    _text = r"X \coth X"


class XCosech(_HyperbolicFamily):
    r"""x/sinh x, the thermal damping of oscillations: 1 at x = 0, 2 \|x\| exp(-\|x\|) far away.

    XCosech(x, n) is its n-th derivative.

    >>> XCosech(0), XCosech(sp.oo), XCosech(sp.Symbol("x")).doit()
    (1, 0, x/sinh(x))
    """

    _kernel = "x_cosech"
    _definition = _x / sp.sinh(_x)
    _parity = 1
    _at_infinity = (sp.S.Zero, sp.S.Zero)
    _text = r"\frac{X}{\sinh X}"


class Langevin(_HyperbolicFamily):
    r"""Langevin function coth x - 1/x: x/3 near 0, 1 at oo.  Langevin(x, n): n-th derivative.

    >>> x = sp.Symbol("x")
    >>> Langevin(-x), Langevin(x).evalf(30, subs={x: sp.Rational(1, 10**12)})
    (-Langevin(x), 3.33333333333333333333333311111e-13)
    """

    _kernel = "langevin"
    _definition = sp.coth(_x) - 1 / _x
    _parity = -1
    _at_infinity = (sp.S.Zero, sp.S.One)
    _text = r"\mathcal{L}\left(X\right)"


class FiniteWire(_HyperbolicFamily):
    r"""coth(x)/x - 1/x^2: 1/3 at x = 0, 1/\|x\| for large \|x\|.

    For a wire of length L between reservoirs that absorb the Cooperon, x = L/L_phi:
    delta_G = -(2 e^2/h) FiniteWire(x), both spins counted; for L >> L_phi it is
    -(2 e^2/h) L_phi/L.  FiniteWire(x, n) is the n-th derivative.

    >>> FiniteWire(0), FiniteWire(sp.oo)
    (1/3, 0)
    """

    _kernel = "finite_wire"
    _definition = sp.coth(_x) / _x - 1 / _x**2
    _parity = 1
    _at_infinity = (sp.S.NegativeOne, sp.S.One)
    _text = r"\left(\frac{\coth X}{X} - \frac{1}{X^{2}}\right)"
