r"""The sums over windings to any number of digits, by mpmath.

Their zeros, and their derivatives where a symmetry makes them small, are differences of larger
terms, so everything here is a list of terms: `to_digits` sees how many digits they lost and
computes them again with as many more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import mpmath as mp

_ATTEMPTS = 6
# Below, the sum over modes is faster, although it cancels to exp(-u), which `to_digits` sees.
_NEAR = 12


def to_digits(terms: Callable[[], list[Any]], prec: int) -> Any:
    """Return the sum of terms, correct to `prec` bits unless it vanishes."""
    work = prec + 30
    for _ in range(_ATTEMPTS):
        with mp.workprec(work):
            parts = terms()
            total = mp.fsum(parts)
            lost = mp.mag(max(map(abs, parts))) - mp.mag(total) if total else work
        if work - lost >= prec + 10:
            break
        work += min(lost, work) + 20
    return total


def ring_sum_terms(u: Any, theta: Any, m: int, n: int) -> list[Any]:
    """Terms of the derivative of sinh u/(cosh u - cos theta), with v = 1/(exp(u + i theta) - 1).

    It is 1 + v + its mirror image, theta -> -theta.
    """
    one = [mp.mpf(1)] if m == n == 0 else []
    return one + _both(u, theta, lambda w: _bose_terms(w, m + n), n)


def ring_log_terms(u: Any, theta: Any, m: int, n: int) -> list[Any]:
    """Terms of the derivative of ln(1 - exp(-u - i theta)) plus its mirror image."""
    if m == n == 0:
        return _both(u, theta, lambda w: [_log_below_one(w)], 0)
    return _both(u, theta, lambda w: _bose_terms(w, m + n - 1), n)


def winding_sum_terms(u: Any, theta: Any, m: int, n: int) -> list[Any]:
    """Terms of the derivative of the sum of 2 K_0(k u) cos(k theta)."""
    if u >= _NEAR:
        return _turns(u, theta, m, n)
    return _modes(u, theta - 2 * mp.pi * mp.nint(theta / (2 * mp.pi)), m, n)


def zeta_tail(s: int, first: int) -> Any:
    """Sum of m^-s over m >= first, of which mpmath's zeta function is precise to eps, not eps
    times the sum."""
    with mp.workprec(mp.mp.prec + int(s * mp.log(first, 2)) + 10):
        return mp.zeta(s, first)


def _both(u: Any, theta: Any, terms: Callable[[Any], list[Any]], n: int) -> list[Any]:
    parts = [
        (sign * mp.j) ** n * term for sign in (1, -1) for term in terms(u + sign * mp.j * theta)
    ]
    return parts if mp.im(u) else [mp.re(part) for part in parts]


def _log_below_one(w: Any) -> Any:
    x = mp.exp(-w)
    return mp.log1p(-x) if abs(x) < 0.5 else mp.log(-mp.expm1(-w))


def _bose_terms(w: Any, order: int) -> list[Any]:
    """Terms of the derivative of v(w) = 1/(exp w - 1), a polynomial in v as v' = -v (1 + v)."""
    v = 1 / mp.expm1(w)
    return [c * v**power for power, c in enumerate(_bose_polynomial(order)) if c]


@cache
def _bose_polynomial(order: int) -> tuple[int, ...]:
    """Coefficients of the powers of v."""
    if order == 0:
        return (0, 1)
    slope = [power * c for power, c in enumerate(_bose_polynomial(order - 1))]
    # -v (1 + v) times the slope
    return tuple(-(a + b) for a, b in zip([*slope, 0], [0, *slope], strict=True))


def _turns(u: Any, theta: Any, m: int, n: int) -> list[Any]:
    last = int((mp.mp.prec + 10 * (m + n)) * mp.ln(2) / u) + 2
    quarter = n * mp.pi / 2  # the n-th derivative of the cosine
    return [
        2 * mp.mpf(k) ** (m + n) * _bessel(k * u, m) * mp.cos(k * theta + quarter)
        for k in range(1, last + 1)
    ]


def _bessel(x: Any, m: int) -> Any:
    """m-th derivative of K_0, by K_j' = -(K_(j-1) + K_(j+1))/2."""
    return sum(mp.binomial(m, j) * mp.besselk(m - 2 * j, x) for j in range(m + 1)) / (-2) ** m


def _modes(u: Any, theta: Any, m: int, n: int) -> list[Any]:
    """Poisson's formula, with charges beyond the `last` one in solid harmonics."""
    last = 4 + mp.mp.prec // 30
    harmonic = mp.fsum(1 / mp.mpf(k) for k in range(1, last + 1))
    parts = [_charge(u, theta + 2 * mp.pi * k, m, n) for k in range(-last, last + 1)]
    parts += _far_charges(u, theta, last, m, n)
    if m == n == 0:
        parts += [mp.euler, mp.log(u / (4 * mp.pi)), -harmonic]
    elif n == 0:
        parts += [(-1) ** (m - 1) * mp.factorial(m - 1) / u**m]
    return parts


def _charge(u: Any, phi: Any, m: int, n: int) -> Any:
    """Derivative of pi/sqrt(u^2 + phi^2)."""
    square = u**2 + phi**2
    total = mp.fsum(
        c * u**i * phi**j / square ** (b + mp.mpf(1) / 2)
        for (i, j, b), c in _charge_table(m, n).items()
    )
    return mp.pi * total


@cache
def _charge_table(m: int, n: int) -> dict[tuple[int, int, int], int]:
    """Coefficients of u^i phi^j (u^2 + phi^2)^(-b - 1/2)."""
    if m == n == 0:
        return {(0, 0, 0): 1}
    by_u = m > 0
    before = _charge_table(m - 1, n) if by_u else _charge_table(m, n - 1)
    table: dict[tuple[int, int, int], int] = {}
    for (i, j, b), c in before.items():
        for key, factor in _differentiated(i, j, b, by_u):
            table[key] = table.get(key, 0) + factor * c
    return {key: c for key, c in table.items() if c}


def _differentiated(
    i: int, j: int, b: int, by_u: bool
) -> Iterator[tuple[tuple[int, int, int], int]]:
    down, up = (i, j) if by_u else (j, i)
    shifted = (lambda k: (k, up)) if by_u else (lambda k: (up, k))
    if down:
        yield (*shifted(down - 1), b), down
    yield (*shifted(down + 1), b + 1), -(2 * b + 1)


def _far_charges(u: Any, theta: Any, last: int, m: int, n: int) -> list[Any]:
    distance = 2 * mp.pi * (last + 1)
    ratio = mp.log(distance / (u + abs(theta)), 2)
    count = int((mp.mp.prec + 10 * (m + n)) / ratio) + 2 * (m + n) + 4
    return [
        2 * mp.pi * _solid_harmonic(k, u, theta, m, n) * zeta_tail(k + 1, last + 1)
        / (2 * mp.pi) ** (k + 1)
        for k in range(2, count + 1, 2)
    ]  # fmt: skip


def _solid_harmonic(k: int, u: Any, theta: Any, m: int, n: int) -> Any:
    """Derivative of rho^k P_k(theta/rho), a polynomial in u and theta."""
    return mp.fsum(
        (-1) ** i * mp.factorial(k) / (mp.factorial(k - 2 * i) * mp.factorial(i) ** 2 * 4**i)
        * mp.ff(2 * i, m) * u ** (2 * i - m) * mp.ff(k - 2 * i, n) * theta ** (k - 2 * i - n)
        for i in range((m + 1) // 2, (k - n) // 2 + 1)
    )  # fmt: skip
