r"""The kernel of a film and its derivatives to any number of digits, by mpmath.

With Psi(x) = psi(1/2 + x) - ln x and K of three dimensions it is, by Poisson's formula,

    Psi(B_phi/B)/2 + (pi/2) K(B, B_phi)/sqrt(B_t) + l(B_phi/B_t)
        + (B/B_t) sum over n >= 0 of l'((B_phi + (n + 1/2) B)/B_t),

l(s) = -ln(1 - exp(-2 pi sqrt s)): windings around the film, as they are without a field and
level by level.  A thick film needs few levels.  In a thin one the modes are summed, from some
mode on by the series of Psi in weak fields, each term of which is a series of zeta functions.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import mpmath as mp
import sympy as sp

from cooperon.field_law import FieldLaw, numeric
from cooperon.kawabata import KawabataFunction
from cooperon.kernels import HikamiFunction
from cooperon.winding_value import to_digits, zeta_tail

Orders = tuple[int, int, int]

_THICK = 8
_b, _p, _t, _level = sp.symbols("b p t n", positive=True)


def film_value(fields: Callable[[int], tuple[Any, Any, Any]], orders: Orders, prec: int) -> Any:
    """Return the derivative of `orders` in (B, B_phi, B_t), B > 0, correct to `prec` bits.

    `fields(prec)` are the three fields.
    """

    def terms() -> list[Any]:
        b, p, t = fields(mp.mp.prec)
        windings = mp.mp.prec * mp.ln(2) + 15 * (sum(orders) + 2)
        wide = 2 * mp.pi * mp.sqrt(p / t) > windings
        if wide or _THICK * t < b:
            return _thick_film(b, p, t, orders, 0 if wide else windings)
        return _thin_film(b, p, t, orders)

    return to_digits(terms, prec)


def _derivative(law: FieldLaw, k: int, m: int, b: Any, p: Any) -> Any:
    """By the formula of the law, whose terms cancel in weak fields."""
    prec = mp.mp.prec
    with mp.workprec(prec + max(0, mp.mag(p / b)) * (k + 2) + 30):
        return numeric(law, k, m)(b, p)


def _thick_film(b: Any, p: Any, t: Any, orders: Orders, windings: Any) -> list[Any]:
    k, m, n = orders
    power = mp.ff(-mp.mpf(1) / 2, n) * t ** (-mp.mpf(1) / 2 - n)
    parts = [mp.pi / 2 * power * _derivative(KawabataFunction._law, k, m, b, p)]
    if n == 0:
        parts.append(_derivative(HikamiFunction._law, k, m, b, p) / 2)
    if windings:
        parts += _windings(b, p, t, orders, windings)
    return parts


def _windings(b: Any, p: Any, t: Any, orders: Orders, windings: Any) -> list[Any]:
    without_field, level = _winding_functions(orders)
    last = int(t / b * (windings / (2 * mp.pi)) ** 2) + 1
    prec = mp.mp.prec
    lost = max(0, -mp.mag(p / t)) + max(0, mp.mag(p / b))
    with mp.workprec(prec + lost * (sum(orders) + 2) + 30):
        return [without_field(b, p, t), *(level(b, p, t, n) for n in range(last + 1))]


@cache
def _winding_functions(orders: Orders) -> tuple[Callable[..., Any], Callable[..., Any]]:
    s = sp.Symbol("s", positive=True)
    windings = -sp.log(1 - sp.exp(-2 * sp.pi * sp.sqrt(s)))
    energy = (_p + (_level + sp.Rational(1, 2)) * _b) / _t
    k, m, n = orders
    functions = [
        sp.lambdify((_b, _p, _t, *more), sp.diff(f, _b, k, _p, m, _t, n), "mpmath")
        for f, more in (
            (windings.subs(s, _p / _t), ()),
            (_b / _t * windings.diff(s).subs(s, energy), (_level,)),
        )
    ]
    return cast(tuple[Callable[..., Any], Callable[..., Any]], tuple(functions))


def _thin_film(b: Any, p: Any, t: Any, orders: Orders) -> list[Any]:
    k, m, n = orders
    # where the series of Psi is precise, and the expansion in p/(t i^2) converges fast
    largest = (mp.mp.prec + 10 * sum(orders)) / 9 + 5
    first = 2 + int(mp.sqrt(max(largest * b / t, 9 * p / t)))
    modes = [
        mp.mpf(i) ** (2 * n) * _derivative(HikamiFunction._law, k, m + n, b, p + i**2 * t)
        for i in range(first)
    ]
    return [*modes, *_further_modes(b, p, t, orders, first)]


def _further_modes(b: Any, p: Any, t: Any, orders: Orders, first: int) -> list[Any]:
    """Terms of B^(2 j) for all modes i >= first, up to the smallest of the asymptotic series."""
    k, m, n = orders
    weak_field_coefficient = cache(HikamiFunction._law.weak_field_coefficient)
    zeta = cache(lambda s: zeta_tail(s, first))
    parts: list[Any] = []
    for j in range(max(1, (k + 1) // 2), 4 * mp.mp.prec):
        s = 2 * j + m + n
        c = weak_field_coefficient(j) * sp.ff(2 * j, k) * sp.ff(-2 * j, m + n)
        modes = _power_sum(p / t, s, 2 * n, zeta)
        parts.append(mp.mpf(c.p) / c.q * mp.mpf(b) ** (2 * j - k) / t**s * modes)
        if abs(parts[-1]) < abs(parts[0]) * mp.mpf(2) ** (-mp.mp.prec - 10):
            break
    return parts


def _power_sum(r: Any, s: int, power: int, zeta: Callable[[int], Any]) -> Any:
    """Sum of i^power (r + i^2)^(-s), in powers of r/i^2."""
    total = mp.mpf(0)
    factor = mp.mpf(1)
    for count in range(4 * mp.mp.prec):
        term = factor * zeta(2 * s - power + 2 * count)
        total += term
        if abs(term) < abs(total) * mp.mpf(2) ** (-mp.mp.prec - 10):
            break
        factor *= -r * mp.mpf(s + count) / (count + 1)
    return total
