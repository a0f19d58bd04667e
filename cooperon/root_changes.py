r"""1/sqrt(p + r) - 1/sqrt(p) and sqrt(p + r) - sqrt(p), as SymPy functions that keep their form.

A small rise r of a rate or field p is what a weak field adds; as written the two terms
cancel.  Their kernels are the same without the cancellation.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import ArgumentIndexError


class _Change(sp.Function):
    """f(p + r) - f(p) of the arguments (r, p), for a power f."""

    nargs = 2
    _power: ClassVar[sp.Rational]

    @classmethod
    def eval(cls, rise: sp.Expr, p: sp.Expr) -> sp.Expr | None:
        """Return 0 for no rise."""
        if rise.is_zero and not p.is_zero:
            return sp.S.Zero
        return None

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """The difference of two powers."""
        rise, p = (a.doit(**hints) if deep else a for a in self.args)
        return (p + rise) ** self._power - p**self._power

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        rise, p = self.args
        slope = self._power * (p + rise) ** (self._power - 1)
        if argindex == 1:
            return slope
        if argindex == 2:
            return slope - self._power * p ** (self._power - 1)
        raise ArgumentIndexError(self, argindex)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_nonnegative for a in self.args) else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        rise, p = self.args
        ratio = abs(sp.N(p / rise, 5)) if rise != 0 else sp.S.One
        lost = max(0, int(sp.log(ratio, 2))) if ratio.is_finite else 0
        return self.doit()._eval_evalf(prec + lost + 10)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\left[{printer._print(self.doit(deep=False))}\right]"
        return text if exp is None else rf"{text}^{{{exp}}}"


class InverseRootChange(_Change):
    """InverseRootChange(r, p) = 1/sqrt(p + r) - 1/sqrt(p): negative for r > 0.

    >>> r, p = sp.symbols("r p", positive=True)
    >>> InverseRootChange(r, p).doit()
    1/sqrt(p + r) - 1/sqrt(p)
    """

    _jaxcode = "inverse_root_change"
    _power = -sp.Rational(1, 2)


class RootChange(_Change):
    """RootChange(r, p) = sqrt(p + r) - sqrt(p): positive for r > 0.

    >>> r, p = sp.symbols("r p", positive=True)
    >>> RootChange(r, p).doit()
    -sqrt(p) + sqrt(p + r)
    """

    _jaxcode = "root_change"
    _power = sp.Rational(1, 2)
