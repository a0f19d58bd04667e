r"""Sums over the windings of a ring and of a cylinder, as SymPy functions that keep their name.

A Cooperon that has gone n times around the flux Phi has the phase n theta,
theta = 4 pi Phi/Phi_0 with Phi_0 = h/e, and the distance of n circumferences, n u in units of
L_phi.  The free propagator over it is exp(-n u) in one dimension, K_0(n u) in two and
exp(-n u)/n in three, each with a factor:

.. math::
    2\sum_{n\ge1} e^{-nu}\cos n\theta &= \frac{\sinh u}{\cosh u - \cos\theta} - 1, \\
    2\sum_{n\ge1} K_0(n u)\cos n\theta &= W(u, \theta), \\
    2\sum_{n\ge1} \frac{e^{-nu}}{n} \cos n\theta
    &= -\ln\left(1 - 2 e^{-u}\cos\theta + e^{-2u}\right).

`RingSum`, `WindingSum` and `RingLog` stay folded, for their right-hand sides cancel at small and
overflow at large u.  `RingLog(u, theta, 1, 0)` is `RingSum(u, theta)` - 1 without that
difference.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cooperon.winding_family import WindingFamily, bracketed
from cooperon.winding_value import ring_log_terms, ring_sum_terms, winding_sum_terms

_u, _theta = sp.symbols("u theta")


class _RingFamily(WindingFamily):
    """Harmonic in (u, theta), like every function of u + i theta."""

    _definition: sp.Expr
    _at_angles: dict[sp.Expr, sp.Expr]

    @classmethod
    def _canonical(cls, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr | None:
        if n < 2:
            return None
        return (-1) ** (n // 2) * cls(u, theta, m + n - n % 2, n % 2)

    def _unfolded(self, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr:
        general = theta not in self._at_angles or n > 0
        function = self._definition if general else self._at_angles[theta]
        derivative = sp.diff(function, _u, m, _theta, n)
        return derivative.subs({_u: u, _theta: theta}, simultaneous=True)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: Any = 0) -> sp.Expr:
        return self.doit()._eval_nseries(x, n, logx, cdir)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        return self.doit().as_leading_term(x, logx=logx, cdir=cdir)

    def _eval_rewrite_as_tractable(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)


class RingSum(_RingFamily):
    r"""sinh u/(cosh u - cos theta), the sum over the modes of a ring.

    It is the sum of 2 u/((2 pi n + theta)^2 + u^2) over all integers n, and
    1 + 2 sum over n >= 1 of exp(-n u) cos(n theta).  RingSum(u, theta, m, n) is its derivative, m
    times in u and n times in theta; n is 0 or 1, as two derivatives in theta are minus two in u.

    Parameters
    ----------
    u : circumference in units of L_phi, u >= 0; complex with Re u >= 0 at a finite frequency.
    theta : phase of the Cooperon, 4 pi Phi/Phi_0 with Phi_0 = h/e, real; the period is 2 pi.
    m, n : orders, integers >= 0.

    Notes
    -----
    For spin-1/2 electrons without spin relaxation the conductivity of a thin ring of the
    circumference L is delta_sigma = -(2 e^2/h) L_phi RingSum(L/L_phi, theta), both spins counted.
    Exact values: 1 at u = oo, oo at u = theta = 0; `doit()` gives coth(u/2) at theta = 0 and
    tanh(u/2) at theta = pi.  `evalf` is correct to the digits asked for.

    Raises
    ------
    ValueError : if theta is not real, Re u < 0, or an order is not an integer >= 0.

    References
    ----------
    B. Doucot, R. Rammal, Phys. Rev. Lett. 55, 1148 (1985).

    Examples
    --------
    >>> u, theta = sp.symbols("u theta", positive=True)
    >>> RingSum(u, theta).doit()
    sinh(u)/(-cos(theta) + cosh(u))
    >>> RingSum(u, theta).diff(theta, 2) == -RingSum(u, theta).diff(u, 2)
    True
    """

    _kernel = "ring_sum"
    _at_infinity = sp.S.One
    _definition = sp.sinh(_u) / (sp.cosh(_u) - sp.cos(_theta))
    _at_angles = {  # noqa: RUF012
        sp.S.Zero: sp.coth(_u / 2),
        sp.pi / 2: sp.tanh(_u),
        sp.pi: sp.tanh(_u / 2),
    }

    @classmethod
    def _at_zero(cls, theta: sp.Expr) -> sp.Expr:
        return sp.oo if theta.is_zero else sp.S.Zero

    def _terms(self, u: Any, theta: Any, m: int, n: int) -> list[Any]:
        return ring_sum_terms(u, theta, m, n)

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real() if self.orders == (0, 0) else None

    def _eval_rewrite_as_Sum(self, *args: Any, **kwargs: Any) -> sp.Expr:
        n = sp.Symbol("n", integer=True)
        summand = sp.exp(-n * _u) * sp.cos(n * _theta)
        return int(self.orders == (0, 0)) + _sum_over_windings(summand, n, self)

    def _text(self, printer: Any, u: sp.Expr, theta: sp.Expr) -> str:
        if theta in self._at_angles:
            return str(printer._print(self._at_angles[theta].subs(_u, u)))
        at, phase = bracketed(u, printer), bracketed(theta, printer)
        return rf"\frac{{\sinh {at}}}{{\cosh {at} - \cos {phase}}}"


class RingLog(_RingFamily):
    r"""ln(1 - 2 exp(-u) cos theta + exp(-2 u)) = ln(2 (cosh u - cos theta)) - u.

    Minus the sum of 2 exp(-n u) cos(n theta)/n over n >= 1.  RingLog(u, theta, m, n) is its
    derivative, m times in u and n times in theta; from the second order on it is written
    as one of `RingSum`, and RingLog(u, theta, 1, 0) is RingSum(u, theta) - 1.

    Parameters
    ----------
    u, theta, m, n : as in `RingSum`.  For complex u the branch is the one with 0 at u = oo.

    Notes
    -----
    Vanishes as -2 exp(-u) cos theta at u = oo.  At theta = 0 it is 2 ln(1 - exp(-u)), so that
    ln(2 sinh u) = u + RingLog(2 u, 0)/2.  `evalf` is correct to the digits asked for, but where
    the function vanishes.

    Raises
    ------
    ValueError : if theta is not real, Re u < 0, or an order is not an integer >= 0.

    Examples
    --------
    >>> u, theta = sp.symbols("u theta", positive=True)
    >>> RingLog(u, theta).doit()
    log(1 - 2*exp(-u)*cos(theta) + exp(-2*u))
    >>> RingLog(u, theta).diff(u, theta)
    RingSum(u, theta, 0, 1)
    """

    _kernel = "ring_log"
    _definition = sp.log(1 - 2 * sp.exp(-_u) * sp.cos(_theta) + sp.exp(-2 * _u))
    _at_angles = {  # noqa: RUF012
        sp.S.Zero: 2 * sp.log(1 - sp.exp(-_u)),
        sp.pi: 2 * sp.log(1 + sp.exp(-_u)),
    }

    @classmethod
    def _at_zero(cls, theta: sp.Expr) -> sp.Expr:
        return 2 * sp.log(2 * sp.Abs(sp.sin(theta / 2))) if theta.is_zero is False else -sp.oo

    @classmethod
    def _canonical(cls, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr | None:
        if n < 2 and m > 0 and m + n >= 2:
            return RingSum(u, theta, m - 1, n)
        return super()._canonical(u, theta, m, n)

    def _terms(self, u: Any, theta: Any, m: int, n: int) -> list[Any]:
        return ring_log_terms(u, theta, m, n)

    def _eval_rewrite_as_Sum(self, *args: Any, **kwargs: Any) -> sp.Expr:
        n = sp.Symbol("n", integer=True)
        return _sum_over_windings(-sp.exp(-n * _u) * sp.cos(n * _theta) / n, n, self)

    def _text(self, printer: Any, u: sp.Expr, theta: sp.Expr) -> str:
        if theta in self._at_angles:
            return str(printer._print(self._at_angles[theta].subs(_u, u)))
        once, twice = (printer._print(sp.exp(-k * u)) for k in (1, 2))
        return rf"\ln\left(1 - 2 {once} \cos {bracketed(theta, printer)} + {twice}\right)"


class WindingSum(WindingFamily):
    r"""W(u, theta), the sum of 2 K_0(n u) cos(n theta) over n >= 1.

    The oscillations of a cylinder, and at theta = 0 what a film of finite width has beside an
    infinite one.  WindingSum(u, theta, m, n) is its derivative, m times in u and n in theta.

    Parameters
    ----------
    u : circumference in units of L_phi, u > 0 and real.
    theta, m, n : as in `RingSum`.

    Notes
    -----
    For spin-1/2 electrons without spin relaxation the conductivity of a cylinder is
    delta_sigma = -(2 e^2/(pi h)) (ln(L_phi/l) + W), both spins counted.
    0 at u = oo; at u = 0 it is -oo as ln u, and oo as pi/u if theta is a multiple of 2 pi.
    `evalf` is correct to the digits asked for, at small u by the sum over modes.

    Raises
    ------
    ValueError : if u or theta is not real, u < 0, or an order is not an integer >= 0.

    References
    ----------
    B. L. Altshuler, A. G. Aronov, B. Z. Spivak, JETP Lett. 33, 94 (1981); I. S. Gradshteyn,
    I. M. Ryzhik, Table of Integrals, Series, and Products, 8.526 for the sum over modes.

    Examples
    --------
    >>> u, theta = sp.symbols("u theta", positive=True)
    >>> WindingSum(u, theta).doit()
    Sum(2*cos(n*theta)*besselk(0, n*u), (n, 1, oo))
    >>> WindingSum(sp.Rational(1, 10**6), 1).evalf(20)
    -12.596595900332497525
    """

    _kernel = "winding_sum"
    _real_kernel = True

    @classmethod
    def _check(cls, u: sp.Expr, theta: sp.Expr) -> None:
        super()._check(u, theta)
        if u.is_extended_real is False:
            raise ValueError(f"The circumference u must be real, but got {u}; pass its real part.")

    @classmethod
    def _at_zero(cls, theta: sp.Expr) -> sp.Expr:
        return sp.oo if theta.is_zero else -sp.oo

    def _unfolded(self, u: sp.Expr, theta: sp.Expr, m: int, n: int) -> sp.Expr:
        turns = sp.Symbol("n", integer=True)
        summand = sp.besselk(0, turns * _u) * sp.cos(turns * _theta)
        return _sum_over_windings(summand, turns, self, u, theta)

    def _terms(self, u: Any, theta: Any, m: int, n: int) -> list[Any]:
        return winding_sum_terms(u, theta, m, n)

    def _text(self, printer: Any, u: sp.Expr, theta: sp.Expr) -> str:
        at, phase = (printer._print(sp.Symbol("n") * a) for a in (u, theta))
        return rf"2 \sum_{{n=1}}^{{\infty}} K_{{0}}\left({at}\right) \cos\left({phase}\right)"


def _sum_over_windings(summand: sp.Expr, n: sp.Symbol, of: WindingFamily, *at: sp.Expr) -> sp.Expr:
    """Sum of twice the summand, a function of (_u, _theta), differentiated as `of` is."""
    u, theta = at or of.args[:2]
    orders = of.orders
    term = 2 * sp.diff(summand, _u, orders[0], _theta, orders[1])
    return sp.Sum(term.subs({_u: u, _theta: theta}, simultaneous=True), (n, 1, sp.oo))
