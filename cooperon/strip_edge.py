r"""What a reflecting wall adds to the Cooperon trace of a layer in a field.

Lengths in half the width of the strip, a = W/2; b = e B W^2/(2 hbar), c = W/(2 L_phi) and
x = c^2/(2 b) = B_phi/B.  Two walls apart by much more than the smaller of l_B and L_phi do not
see each other in the field, and the strip is the layer, its walls, and the images without a field:

.. math:: S = \Psi(x) + \frac{e(x)}{\sqrt b} + 4 \sum_{n\ge1} K_0(4 n c).

The series of e for large x has rational coefficients times pi, which are found here.  With the
momentum k at the wall, Q = k^2 + c^2 and ' = d/dk, the diagonal resolvent G of an infinite layer
obeys b^2 G''' = 4 Q G' + 4 k G, and a Neumann wall adds d/dc^2 of

.. math:: \lambda = -\tfrac12 \ln 2G + \ln(1 \pm b G')

to the trace at each k.  In r = k/sqrt(Q), G is sqrt(1 - r^2) times a polynomial in each order of
b^2, and the integral over k is one of Euler's beta functions.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import mpmath as mp

_Polynomial = list[Fraction]


@cache
def wall_coefficients(count: int) -> tuple[Fraction, ...]:
    r"""Return rationals a_1, a_2, ... with e(x)/sqrt(b) = (pi/c) sum_k a_k (b/c^2)^(2k).

    The series is asymptotic: its terms grow as those of psi(1/2 + x).
    """
    resolvent = [_Polynomial([Fraction(1)])]
    for k in range(1, count + 1):
        resolvent.append(_next_order(k, resolvent[-1]))
    slopes = [_slope(k, p) for k, p in enumerate(resolvent)]
    both_walls = _series_square(slopes, count)
    inner = [[Fraction(1)], *([-v for v in p] for p in both_walls[:count])]
    logarithms = zip(_series_log(resolvent), _series_log(inner), strict=True)
    return tuple(
        Fraction(4 * k - 1) * _momentum_integral(k, _sum(_times([Fraction(-1)], one), other)) / 2
        for k, (one, other) in enumerate(logarithms)
        if k
    )


def images(c: mp.mpf) -> mp.mpf:
    """4 sum over n >= 1 of K_0(4 n c): both walls without a field, beyond one wall each."""
    if c > mp.mpf("0.8"):
        count = int(mp.mp.dps * 2.4 / (4 * c)) + 2
        return 4 * mp.fsum(mp.besselk(0, 4 * n * c) for n in range(1, count))
    y, total, k = (2 * c / mp.pi) ** 2, mp.mpf(0), 1
    while y**k > mp.eps:
        total += 2 * mp.binomial(-mp.mpf(1) / 2, k) * y**k * mp.zeta(2 * k + 1)
        k += 1
    return mp.pi / (2 * c) + 2 * (mp.euler + mp.log(c / mp.pi)) + total


def _next_order(k: int, p: _Polynomial) -> _Polynomial:
    """The polynomial of G at the order b^(2k) from that at the order before."""
    power, third = Fraction(4 * k - 3, 2), p
    for _ in range(3):
        third = _derived(power, third)
        power += Fraction(1, 2)
    found = [Fraction(0)] * (len(third) + 1)
    for m in range(len(third) - 1, 0, -1):
        found[m - 1] = ((m + 1) * found[m + 1] - third[m] / 4) / (m - 1 + 4 * k)
    return _trimmed(found)


def _slope(k: int, p: _Polynomial) -> _Polynomial:
    return [v / 2 for v in _derived(Fraction(4 * k + 1, 2), p)]


def _derived(power: Fraction, p: _Polynomial) -> _Polynomial:
    """f of d/dk[(1 - r^2)^power p] = (1 - r^2)^(power + 1/2) f."""
    change = [m * v for m, v in enumerate(p)][1:]
    turned = [Fraction(0), *(-2 * power * v for v in p)]
    return _sum(_times([Fraction(1), Fraction(0), Fraction(-1)], change), turned)


def _momentum_integral(k: int, p: _Polynomial) -> Fraction:
    """The integral of (1 - r^2)^(2k - 3/2) p over r, divided by pi."""
    return sum(
        (v * _beta_over_pi(m // 2, 2 * k - 1) for m, v in enumerate(p) if m % 2 == 0), Fraction(0)
    )


def _beta_over_pi(m: int, n: int) -> Fraction:
    """B(m + 1/2, n + 1/2)/pi."""
    found = Fraction(1)
    for j in range(m):
        found *= Fraction(2 * j + 1, 2 * (j + 1))
    for j in range(n):
        found *= Fraction(2 * j + 1, 2 * (j + 1 + m))
    return found


def _series_square(series: list[_Polynomial], count: int) -> list[_Polynomial]:
    return [_sum(*(_times(series[i], series[k - i]) for i in range(k + 1))) for k in range(count)]


def _series_log(series: list[_Polynomial]) -> list[_Polynomial]:
    """Logarithm of a power series that begins with 1, by k l_k = k s_k - sum j l_j s_(k-j)."""
    found: list[_Polynomial] = [[Fraction(0)]]
    for k in range(1, len(series)):
        terms = (_times([Fraction(-j, k)], found[j], series[k - j]) for j in range(1, k))
        found.append(_sum(series[k], *terms))
    return found


def _sum(*polynomials: _Polynomial) -> _Polynomial:
    found = [Fraction(0)] * max(map(len, polynomials))
    for p in polynomials:
        for m, v in enumerate(p):
            found[m] += v
    return found


def _times(*factors: _Polynomial) -> _Polynomial:
    product = [Fraction(1)]
    for p in factors:
        previous, product = product, [Fraction(0)] * (len(product) + len(p) - 1)
        for i, v in enumerate(previous):
            for j, w in enumerate(p):
                product[i + j] += v * w
    return product


def _trimmed(p: _Polynomial) -> _Polynomial:
    while len(p) > 1 and not p[-1]:
        p = p[:-1]
    return p
