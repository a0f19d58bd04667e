r"""Jacobi's theta function of an imaginary half-period ratio, as a SymPy function.

SymPy has no theta functions.  `Theta3(z, t)` is the sum over the modes of a ring, and the heat
equation d/dt = (pi/4) d^2/dz^2 turns all its derivatives into those in z: `Theta3(z, t, m)`.
"""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError


class Theta3(sp.Function):
    r"""Sum of exp(-pi t n^2) cos(2 n z) over all integers n; Theta3(z, t, m): d^m/dz^m of it.

    The return probability of diffusion: in a ring of length L with flux Phi after the time
    tau it is Theta3(z, t)/L with z = 2 pi e Phi/h for a Cooperon and t = 4 pi D tau/L^2.

    Parameters
    ----------
    z : real; the period is pi.
    t : positive.  In Whittaker and Watson's notation theta_3(z, q) with q = exp(-pi t).
    m : order of the derivative in z, an integer >= 0.

    Notes
    -----
    Exact values: 1 at t = oo (0 for m > 0); Theta3(0, 1) = pi^(1/4)/Gamma(3/4).  Jacobi's
    transformation `rewrite(sp.exp)` gives the sum over windings, t^(-1/2) times the sum
    of exp(-(z - pi k)^2/(pi t)), for m = 0.

    Raises
    ------
    ValueError : if t is negative or m is not an integer >= 0.

    Examples
    --------
    >>> z, t = sp.symbols("z t", positive=True)
    >>> Theta3(z, t).diff(t)
    pi*Theta3(z, t, 2)/4
    >>> Theta3(0, 2).evalf(20)
    1.0037348854877390910
    """

    nargs = (2, 3)
    _jaxcode = "theta3"

    @classmethod
    def eval(cls, z: sp.Expr, t: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return exact values, and the sign of an odd derivative in front."""
        m = orders[0] if orders else sp.S.Zero
        if not (m.is_Integer and m >= 0):
            raise ValueError(f"The order must be an integer >= 0, but got {m}; pass a number.")
        if t.is_extended_negative:
            raise ValueError(f"The time t must not be negative, but got {t}; pass t > 0.")
        if t is sp.oo:
            return sp.S.One if m == 0 else sp.S.Zero
        if m % 2 and z.is_zero:
            return sp.S.Zero
        if z.could_extract_minus_sign():
            return (-1) ** m * (cls(-z, t, m) if m else cls(-z, t))
        return cls(z, t) if orders and m == 0 else None

    @property
    def order(self) -> int:
        """Number of derivatives in z."""
        return int(self.args[2]) if len(self.args) > 2 else 0

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """The sum over modes."""
        z, t = (a.doit(**hints) if deep else a for a in self.args[:2])
        n = sp.Symbol("n", integer=True)
        u = sp.Dummy("z")
        cosine = sp.cos(2 * n * u).diff(u, self.order).subs(u, z)
        return sp.Sum(sp.exp(-sp.pi * t * n**2) * cosine, (n, -sp.oo, sp.oo))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        z, t = self.args[:2]
        return self._derivative(z, t, 1) if argindex == 1 else sp.pi / 4 * self._derivative(z, t, 2)

    def _derivative(self, z: sp.Expr, t: sp.Expr, further: int) -> sp.Expr:
        return Theta3(z, t, self.order + further)

    def _eval_rewrite_as_exp(self, *args: Any, **kwargs: Any) -> sp.Expr:
        z, t = self.args[:2]
        if self.order:
            return self
        k = sp.Symbol("k", integer=True)
        image = sp.exp(-((z - sp.pi * k) ** 2) / (sp.pi * t))
        return sp.Sum(image, (k, -sp.oo, sp.oo)) / sp.sqrt(t)

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args[:2]) else None

    def _eval_is_extended_positive(self) -> bool | None:
        return self._eval_is_extended_real() if self.order == 0 else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        # mpmath sums over modes, which cancel to exp(-z^2/(pi t)) for small t
        t = self.args[1]._to_mpmath(53)
        lost = int(4 / t) + 10 * self.order if t < 1 else 0
        with mp.workprec(prec + lost + 30):
            z, t = (mp.mpmathify(a._to_mpmath(mp.mp.prec)) for a in self.args[:2])
            value = mp.jtheta(3, z, mp.exp(-mp.pi * t), self.order)
        return sp.Expr._from_mpmath(value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        z, t = (printer._print(a) for a in self.args[:2])
        order = "" if self.order < 2 else f"^{{{self.order}}}"
        partial = rf"\partial_{{1}}{order} " if self.order else ""
        text = rf"{partial}\vartheta_{{3}}\left({z} \middle| i {t}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"
