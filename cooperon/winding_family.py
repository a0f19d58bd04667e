"""What functions of a circumference u and a flux phase theta share.

Both arguments belong to a sum over windings, so the functions are even in theta with the
period 2 pi.  They take the orders (m, n) of a derivative in u and theta as optional arguments,
which closes them under differentiation.
"""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.winding_value import to_digits


class WindingFamily(sp.Function):
    """A function of (u, theta), or its derivative (u, theta, m, n).

    Subclasses set the kernel, the values at the ends, the unfolded form and the terms of it.
    """

    nargs = (2, 4)
    _kernel: str
    _at_infinity: sp.Expr = sp.S.Zero

    @classmethod
    def eval(cls, u: sp.Expr, theta: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return exact values, or the form with theta in (-pi, pi] and without its sign."""
        m, n = orders or (sp.S.Zero, sp.S.Zero)
        if not all(order.is_Integer and order >= 0 for order in (m, n)):
            raise ValueError(f"The orders must be integers >= 0, but got ({m}, {n}); pass numbers.")
        cls._check(u, theta)
        if sp.nan in (u, theta):
            return sp.nan
        within = _within_period(theta)
        if within.could_extract_minus_sign():
            return (-1) ** n * cls(u, -within, *orders)
        if within != theta or (orders and m == n == 0):
            return cls(u, within, m, n) if m + n else cls(u, within)
        if u is sp.oo:
            return cls._at_infinity if m == n == 0 else sp.S.Zero
        if n % 2 and (theta.is_zero or theta == sp.pi):
            return sp.S.Zero
        if u.is_zero and theta.is_number and m == n == 0:
            return cls._at_zero(theta)
        return cls._canonical(u, theta, int(m), int(n))

    @classmethod
    def _check(cls, u: sp.Expr, theta: sp.Expr) -> None:
        if theta.is_extended_real is False:
            raise ValueError(f"The phase theta must be real, but got {theta}; pass a real phase.")
        decay = sp.re(u) if u.is_number and u.has(sp.I) else u
        if decay.is_extended_negative:
            raise ValueError(
                f"The circumference u must have a positive real part, but got {u}; pass it in "
                "units of L_phi."
            )

    @classmethod
    def _at_zero(cls, theta: sp.Expr) -> sp.Expr:
        """Value at u = 0, for a number theta."""
        raise NotImplementedError

    @classmethod
    def _canonical(cls, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr | None:
        """A derivative by another one, or None if it stays."""
        return None

    @property
    def orders(self) -> tuple[int, int]:
        """Number of derivatives in u and in theta."""
        m, n = self.args[2:] or (0, 0)
        return int(m), int(n)

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        return self._kernel if sum(self.orders) <= 2 else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        m, n = self.orders
        return self.func(*self.args[:2], m + (argindex == 1), n + (argindex == 2))

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side of the definition."""
        u, theta = (a.doit(**hints) if deep else a for a in self.args[:2])
        return self._unfolded(u, theta, *self.orders)

    def _unfolded(self, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr:
        raise NotImplementedError

    def _terms(self, u: Any, theta: Any, m: int, n: int) -> list[Any]:
        """Terms of the value by mpmath, at its working precision."""
        raise NotImplementedError

    def _eval_is_extended_real(self) -> bool | None:
        u, theta = self.args[:2]
        return True if u.is_extended_nonnegative and theta.is_extended_real else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        u, theta = self.args[:2]
        # whole periods of theta cost digits
        more = 10 + max(0, int(mp.mag(theta._to_mpmath(53) or 1)))

        def terms() -> list[Any]:
            size, phase = (mp.mpmathify(a._to_mpmath(mp.mp.prec + more)) for a in (u, theta))
            return self._terms(size, phase, *self.orders)

        return sp.Expr._from_mpmath(to_digits(terms, prec), prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        partials = [
            rf"\partial_{{{printer._print(a) if a.is_Symbol else i}}}"
            + (f"^{{{order}}}" if order > 1 else "")
            for i, a, order in zip((1, 2), self.args[:2], self.orders, strict=True)
            if order
        ]
        text = self._text(printer, *self.args[:2])
        if partials:
            text = rf"{''.join(partials)}\left({text}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _text(self, printer: Any, u: sp.Expr, theta: sp.Expr) -> str:
        """LaTeX of the function itself."""
        raise NotImplementedError


def bracketed(argument: sp.Expr, printer: Any) -> str:
    text = printer._print(argument)
    return text if argument.is_Symbol or argument.is_Integer else rf"\left({text}\right)"


def _within_period(theta: sp.Expr) -> sp.Expr:
    """theta less as many 2 pi as bring its rational multiple of pi within (-1, 1]."""
    turns = sp.Add(*(a / sp.pi for a in sp.Add.make_args(theta) if (a / sp.pi).is_Rational))
    whole = sp.ceiling(turns / 2 - sp.S.Half)
    return theta - 2 * whole * sp.pi if whole else theta
