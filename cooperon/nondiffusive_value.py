r"""Numerical value of weak localization beyond diffusion, to any number of digits.

Levels N < N_0 are summed one by one, their resolvent elements by continued fractions of
positive terms.  From N_0 on the summand is a function of v = b (N + 1/2), by `flight_series`, and

.. math:: \sum_{n \ge 0} f(n + \tfrac12) = \int_0^\infty f\,dx
              + 2 \int_0^\infty \frac{\mathrm{Im} f(it)}{e^{2\pi t} + 1}\,dt, \qquad
          \sum_{n \ge 0} (-1)^n f(n + \tfrac12)
              = \int_0^\infty \frac{\mathrm{Re} f(it)}{\cosh \pi t}\,dt

(Abel and Plana).  The integral over v without a field is elementary, its lower part drops out
of sigma(B) - sigma(0), and what the field adds to it is of order b^2.  In weak fields
N_0 = 0: nothing cancels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath as mp

from cooperon.flight_series import flight_series

_ORDERS = 6


@dataclass(frozen=True)
class _Terms:
    """How much of backscattering and of the other directions is summed: 1 or 0."""

    back: int
    other: int


@dataclass(frozen=True)
class _Smooth:
    """What `flight_series` gives at v: p, P/p - 1, 1/P - 1, Q^2/p^2 without and with a field."""

    p: Any
    excess: Any
    gap: Any
    leading: Any
    squares: Any


def nondiffusive_value(b: Any, beta: Any, back: bool, other: bool) -> Any:
    """Return [sigma(B) - sigma(0)]/(e^2/(pi h)) in the precision of `mpmath.mp`.

    Parameters
    ----------
    b, beta : B/B_tr > 0 and B_phi/B_tr > 0.
    back, other : whether backscattering and scattering into other directions are included.
    """
    digits = mp.mp.dps
    with mp.workdps(digits + 15):
        b, beta = mp.mpmathify(b), mp.mpmathify(beta)
        at = _Levels(b, beta, _Terms(int(back), int(other)), _first_level(b, beta, digits))
        value = at.explicit() + at.without_field() + at.bulk() + at.edge() + at.crossing()
    return +value


def zero_field_value(beta: Any, back: bool, other: bool) -> Any:
    """Return sigma(0)/(e^2/(pi h)), without the term of two impurities."""
    s = 1 + mp.mpmathify(beta)
    return _upper(back, other, s, 1 / s, (s - 1) / s)


def _upper(back: float, other: float, s: Any, p: Any, rest: Any) -> Any:
    """The integral over p from 0 of -1/(1 - p) + (1 - s p)/((1 - p)(1 + s p)); rest = 1 - p."""
    scattered = 2 / (1 + s) * mp.log(1 + s * p)
    if s != 1:
        scattered += (s - 1) / (s + 1) * mp.log(rest)
    return (back * mp.log(rest) if back else 0) + other * scattered


def _first_level(b: Any, beta: Any, digits: int) -> int:
    """N_0, 0 in weak fields; the series misses about N_0^(-2 orders - 2), or exp(-2 pi N_0)."""
    enough = digits + 10 + int(2 * 10 ** (digits / (2 * _ORDERS + 2)))
    return 0 if beta > enough * b else enough


@dataclass(frozen=True)
class _Levels:
    b: Any
    beta: Any
    terms: _Terms
    first: int

    @property
    def s(self) -> Any:
        return 1 + self.beta

    @property
    def start(self) -> Any:
        """v at the lower end of the levels that are not summed one by one."""
        return self.b * self.first

    def explicit(self) -> Any:
        """The sum over N < N_0, with T_{N-1} = (b/2) N A_N P_N from below."""
        if not self.first:
            return mp.mpf(0)
        half, s = self.b / 2, self.s
        above = self._fractions_from_above()
        below, last, total = mp.mpf(0), mp.mpf(0), mp.mpf(0)
        for n in range(self.first):
            below = 1 / (s + half * (n - 1) * below) if n else below
            gap = self.beta + half * (n * below + (n + 1) * above[n + 1])
            P = 1 / (1 + gap)
            Q = half * (n + 1) * (above[n + 1] * P) ** 2
            total += (self.terms.other * (Q + last) / 2 - self.terms.back * P**2) / gap
            last = Q
        return self.b * total

    def _fractions_from_above(self) -> list[Any]:
        """The minimal solution, 1/(s + (b/2)(N + 1) (...)), from the series at N_0."""
        start = self.start
        P = self._diagonal(start - self.b / 2)
        values = [2 * self._off_diagonal(start) / (start * P)]
        for n in range(self.first, 0, -1):
            values.append(1 / (self.s + self.b / 2 * n * values[-1]))
        return values[::-1]

    def without_field(self) -> Any:
        """The integral from `start` without a field, minus that from 0."""
        if not self.first:
            return mp.mpf(0)
        p = 1 / mp.sqrt(self.s**2 + 2 * self.start)
        tail = _upper(self.terms.back, self.terms.other, self.s, p, p * self._gap(p, self.start))
        return tail - zero_field_value(self.beta, bool(self.terms.back), bool(self.terms.other))

    def bulk(self) -> Any:
        """What the field adds to the integral over v, in z = -ln(1 - p)."""
        p = 1 / mp.sqrt(self.s**2 + 2 * self.start)
        end, scale = mp.log1p(1 / self._gap(p, self.start)), (self.b * p**2) ** 2

        def integrand(z: Any) -> Any:
            p = -mp.expm1(-z)
            at = self._smooth(p, mp.exp(-z) / p)
            x, d = at.excess, at.squares - at.leading
            change = -self.terms.back * x * (2 + x) + self.terms.other * d
            square = self.terms.other * at.squares - self.terms.back * (1 + x) ** 2
            return (x * square / (mp.exp(-z) - p * x) + change) / scale

        return scale * _integral(integrand, mp.linspace(0, end, 2 + int(end / 10)))

    def edge(self) -> Any:
        """What the sum differs by from the integral over v."""

        def integrand(t: Any) -> Any:
            v = self.start + 1j * self.b * t
            p = 1 / mp.sqrt(self.s**2 + 2 * v)
            at = self._smooth(p, self._gap(p, v))
            square = self.terms.other * at.squares - self.terms.back * (1 + at.excess) ** 2
            return mp.im(p**2 * square / at.gap) / (mp.exp(2 * mp.pi * t) + 1) / self.b

        return 2 * self.b**2 * _integral(integrand, self._ends(2))

    def crossing(self) -> Any:
        """What pairs that cross their orbit add: the part of alternating sign, and its square."""
        if not self.first or self._is_uncrossed(self.start):
            return mp.mpf(0)
        return self._crossed_bulk() + self._crossed_edge()

    def _is_uncrossed(self, v: Any) -> bool:
        return bool(self._crossed(v) < mp.ldexp(1, -mp.mp.prec - 10))

    def _crossed_bulk(self) -> Any:
        def integrand(x: Any) -> Any:
            v = self.start * mp.exp(x)
            return self._summand(v)[0] * v

        end = 2
        while not self._is_uncrossed(self.start * mp.exp(end)):
            end += 2
        return _integral(integrand, mp.arange(0, end + 1, 2))

    def _crossed_edge(self) -> Any:
        def integrand(t: Any) -> Any:
            even, odd = self._summand(self.start + 1j * self.b * t)
            alternating = (-1) ** self.first * mp.re(odd) / mp.cosh(mp.pi * t)
            return 2 * mp.im(even) / (mp.exp(2 * mp.pi * t) + 1) + alternating

        return self.b * _integral(integrand, self._ends(1))

    def _summand(self, v: Any) -> tuple[Any, Any]:
        """Even and odd part of the summand in (-1)^N, the even one without its smooth part."""
        T = [self._off_diagonal(v + sign * self.b / 2) for sign in (1, -1)]
        P, crossed = self._diagonal(v), self._crossed(v)
        smooth, plus, minus = (self._with(P, T[0], v, x) for x in (0, crossed, -crossed))
        return (plus + minus) / 2 - smooth, (plus - minus) / 2

    def _with(self, P: Any, T: Any, v: Any, crossed: Any) -> Any:
        P, T = P * (1 + crossed), T * (1 + crossed)
        squares = T**2 / (v + self.b / 2) + (1 - self.s * P - T) ** 2 / (v - self.b / 2)
        return P / (1 - P) * (self.terms.other * squares - self.terms.back * P**2)

    def _crossed(self, v: Any) -> Any:
        """exp(-Lambda)."""
        p = 1 / mp.sqrt(self.s**2 + 2 * v)
        first = self.s / p + 2 * v * mp.asinh(self.s / mp.sqrt(2 * v))
        rest = 4 * v * _sum("action", self.s * p, (self.b / (2 * v)) ** 2, 1)
        return mp.exp(-(first + rest) / self.b)

    def _diagonal(self, v: Any) -> Any:
        p = 1 / mp.sqrt(self.s**2 + 2 * v)
        return p * _sum("diagonal", self.s * p, (self.b * p**2) ** 2, 0)

    def _off_diagonal(self, v: Any) -> Any:
        p = 1 / mp.sqrt(self.s**2 + 2 * v)
        c = self.s * p
        # 1 - c without a difference, for v << 1
        return v * p**2 / (1 + c) - _sum("remainder", c, (self.b * p**2) ** 2, 1) / 2

    def _smooth(self, p: Any, gap: Any) -> _Smooth:
        c, w = self.s * p, (self.b * p**2) ** 2
        excess = _sum("diagonal", c, w, 1)
        leading = (1 - c) / (1 + c)
        change = _sum("squares", c, w, 1) + _sum("lowest", 1 / (1 + c), w, 1)
        return _Smooth(p, excess, (gap - excess) / (1 + excess), leading, leading + change)

    def _gap(self, p: Any, v: Any) -> Any:
        """1/p - 1, where s is close to 1 and v small."""
        return (self.beta * (2 + self.beta) + 2 * v) * p / (1 + p)

    def _ends(self, decay: int) -> list[Any]:
        """Ends of intervals for an integrand that falls off as exp(-decay pi t)."""
        return mp.linspace(0, mp.mp.dps * mp.log(10) / (decay * mp.pi), 3)


def _integral(integrand: Callable[[Any], Any], ends: Sequence[Any]) -> Any:
    return mp.quad(integrand, ends, method="gauss-legendre")


def _sum(name: str, x: Any, w: Any, first: int) -> Any:
    """The orders from `first` on of a series in w, at x."""
    table = _table(name, mp.mp.prec)
    total = mp.polyval([mp.polyval(row, x) for row in table[:0:-1]], w) * w
    return total if first else total + mp.polyval(table[0], x)


@cache
def _table(name: str, bits: int) -> Sequence[list[Any]]:
    """Coefficients from the highest power down; `bits` keys the cache."""
    number: Callable[[Fraction], Any] = lambda x: mp.mpf(x.numerator) / x.denominator  # noqa: E731
    return [[number(x) for x in row[::-1]] for row in getattr(flight_series(_ORDERS), name)]
