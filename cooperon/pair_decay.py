r"""exp(-a) cosh(sqrt x) and exp(-a) sinh(sqrt x)/sqrt x, as SymPy functions of real x.

Two modes that mix decay as exp(-m t) times these in t sqrt(s): with s > 0 two exponentials, with
s < 0 a damped oscillation.  Both are smooth at x = 0, where as written they are complex or 0/0.
"""

from __future__ import annotations

from typing import Any, ClassVar

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError


class _PairDecay(sp.Function):
    """Arguments (a, x): a decay and the square of a splitting, both times t or t^2."""

    nargs = 2
    _definition: ClassVar[sp.Lambda]

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """The definition."""
        return self._definition(*(a.doit(**hints) if deep else a for a in self.args))

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        with mp.workprec(prec + 30):
            a, x = (mp.mpmathify(arg._to_mpmath(mp.mp.prec)) for arg in self.args)
            value = self._numeric(a, mp.sqrt(x), x)
            return sp.Expr._from_mpmath(mp.re(value), prec)

    @staticmethod
    def _numeric(a: Any, root: Any, x: Any) -> Any:
        raise NotImplementedError

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = printer.parenthesize(self.doit(deep=False), 50)
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


_a, _x = sp.symbols("a x", real=True)


class PairDecayMean(_PairDecay):
    """PairDecayMean(a, x) = exp(-a) cosh(sqrt(x)), real x of either sign.

    >>> PairDecayMean(sp.Symbol("a"), -sp.pi**2).evalf(5, subs={"a": 0})
    -1.0000
    """

    _jaxcode = "pair_decay_mean"
    _definition = sp.Lambda((_a, _x), sp.exp(-_a) * sp.cosh(sp.sqrt(_x)))

    @staticmethod
    def _numeric(a: Any, root: Any, x: Any) -> Any:
        return mp.exp(-a) * mp.cosh(root)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex == 1:
            return -self
        if argindex == 2:
            return PairDecay(*self.args) / 2
        raise ArgumentIndexError(self, argindex)


class PairDecay(_PairDecay):
    """PairDecay(a, x) = exp(-a) sinh(sqrt(x))/sqrt(x), real x of either sign; exp(-a) at x = 0.

    >>> PairDecay(1, 0)
    exp(-1)
    """

    _jaxcode = "pair_decay"
    _definition = sp.Lambda((_a, _x), sp.exp(-_a) * sp.sinh(sp.sqrt(_x)) / sp.sqrt(_x))

    @classmethod
    def eval(cls, a: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        """Return the value at x = 0."""
        return sp.exp(-a) if x.is_zero else None

    @staticmethod
    def _numeric(a: Any, root: Any, x: Any) -> Any:
        return mp.exp(-a) * mp.hyp0f1(mp.mpf(3) / 2, x / 4)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex == 1:
            return -self
        if argindex == 2:
            a, x = self.args
            return (PairDecayMean(a, x) - self) / (2 * x)
        raise ArgumentIndexError(self, argindex)
