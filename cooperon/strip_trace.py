r"""Trace of the Cooperon of a strip in a field, by solving its equation across the strip.

In units of half the width, a = W/2, with b = e B W^2/(2 hbar) and c = W/(2 L_phi),

.. math:: S(b, c) = \int_{-\infty}^{\infty} dp\, \operatorname{tr}[M_0(p)^{-1} - M_b(p)^{-1}],
    \qquad M_b(p) = -\frac{d^2}{ds^2} + (p + b s)^2 + c^2, \quad |s| < 1,

with Neumann walls.  A sum over transverse modes converges as 1/m^3 and a matrix in any basis as
slowly, since the resolvent has a cusp.  The determinant has no such tail: by Gelfand and Yaglom
it is phi'(1) of the solution with phi(-1) = 1, phi'(-1) = 0, so that

.. math:: \operatorname{tr} M^{-1} = \frac{1}{\phi'(1)} \frac{\partial \phi'(1)}{\partial c^2},

and phi is a Taylor series in each of a few steps across the strip.  The momenta beyond P, for
which the walls do not see each other, have phi'(1) by the diagonal resolvent G of the infinite
layer, a series in 1/p; see `cooperon.strip_edge`.  The leading order of the narrow strip, which
holds the divergence for c -> 0, is subtracted under the integral and added in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import mpmath as mp
import numpy as np

from cooperon.strip_arithmetic import Arithmetic, Reals


@dataclass(frozen=True)
class _Effort:
    """Orders of the expansions, for an error of 10^-digits."""

    taylor: int
    momenta: int
    tail: int
    resolvent: int

    @classmethod
    def of(cls, digits: int) -> _Effort:
        return cls(14 + digits, 16 + 8 * digits, 10 + 2 * digits, 10 + 2 * digits)


def strip_trace(b: Reals, c: Reals, arithmetic: Arithmetic) -> Reals:
    """Return S for arrays of b > 0 and c > 0 of one shape (n,).

    The error is 10^-digits of the larger of S and pi min(1/c, 1): for b << c, S is a small
    difference and has as many digits less as (c/b)^2.
    """
    b, c = b[:, None], c[:, None]
    effort = _Effort.of(arithmetic.digits)
    square, gap = c * c, c * c + b * b / 3
    root, pi = arithmetic.sqrt(gap), arithmetic.array(mp.pi)
    narrow = pi * (b * b / 3) / (c * root * (c + root))
    largest = 14 + 0.4 * max(0, arithmetic.digits - 18) + 5 * np.maximum(b, c)
    near = _near(b, square, gap, largest, effort, arithmetic)
    far = _far(b, square, gap, largest, effort, arithmetic)
    found: Reals = narrow[:, 0] + 2 * (near + far)
    return found


def _near(b: Reals, c2: Reals, gap: Reals, P: Reals, effort: _Effort, ar: Arithmetic) -> Reals:
    """Integral from 0 to P, by Gauss and Legendre in asinh(p/scale)."""
    x, weights = ar.nodes(effort.momenta)
    scale = ar.sqrt(gap)
    end = ar.asinh(P / scale)
    p = scale * ar.sinh(end * x)
    measure = ar.sqrt(scale * scale + p * p) * end * weights
    remainder = _without_field(p, c2, ar) - _with_field(p, b, c2, effort.taylor)
    found: Reals = np.sum((remainder - _lowest(p, c2, gap)) * measure, axis=1)
    return found


def _far(b: Reals, c2: Reals, gap: Reals, P: Reals, effort: _Effort, ar: Arithmetic) -> Reals:
    """Integral from P to infinity, in P/p."""
    x, weights = ar.nodes(effort.tail)
    p = P / x
    remainder = _without_field(p, c2, ar) - _apart(p, b, c2, effort, ar)
    found: Reals = np.sum((remainder - _lowest(p, c2, gap)) * P * weights / (x * x), axis=1)
    return found


def _lowest(p: Reals, c2: Reals, gap: Reals) -> Reals:
    """What the lowest transverse mode gives in a narrow strip."""
    return (gap - c2) / ((p * p + c2) * (p * p + gap))


def _without_field(p: Reals, c2: Reals, ar: Arithmetic) -> Reals:
    """tr M_0^-1 = coth(2 k)/k + 1/(2 k^2) with k^2 = p^2 + c^2."""
    k = ar.sqrt(p * p + c2)
    e = ar.exp(-4 * np.minimum(k, 10 * ar.digits))
    found: Reals = (1 + e) / (1 - e) / k + 1 / (2 * k * k)
    return found


def _with_field(p: Reals, b: Reals, c2: Reals, order: int) -> Reals:
    """tr M_b^-1 by Taylor steps, each no longer than twice the decay length."""
    steps = int(np.ceil(float(np.sqrt(float(np.max((p + b) ** 2 + c2))))))
    h = b * 0 + 2
    h = h / steps
    y, slope = p * 0 + 1, p * 0
    y_c, slope_c = slope, slope  # derivatives by c^2
    for i in range(steps):
        q = p + b * (i * h - 1)
        potential = ((q * q + c2) * h * h, 2 * b * q * h**3, b * b * h**4)
        a, d = [y, slope * h], [y_c, slope_c * h]
        for k in range(order):
            orders = range(min(k, 2) + 1)
            over = (k + 1) * (k + 2)
            a.append(sum(potential[j] * a[k - j] for j in orders) / over)
            d.append((sum(potential[j] * d[k - j] for j in orders) + h * h * a[k]) / over)
        y, y_c = np.sum(a, axis=0), np.sum(d, axis=0)
        slope, slope_c = (sum(k * v for k, v in enumerate(t)) / h for t in (a, d))
        # only the ratio matters, and the solution grows beyond the largest number
        slope, y_c, slope_c, y = slope / y, y_c / y, slope_c / y, y / y
    return slope_c / slope


def _apart(p: Reals, b: Reals, c2: Reals, effort: _Effort, ar: Arithmetic) -> Reals:
    """tr M_b^-1 for walls that do not see each other: the layer between them, and each wall."""
    total = p * 0
    for x, weight in zip(*ar.nodes(12 + ar.digits // 2), strict=True):
        G, G_c, _, _ = _resolvent(p + b * (2 * x - 1), b, c2, effort.resolvent)
        total = total - weight * G_c / (G * G)
    for side in (1, -1):
        G, G_c, slope, slope_c = _resolvent(p + side * b, b, c2, effort.resolvent)
        total = total - G_c / (2 * G) + side * b * slope_c / (1 + side * b * slope)
    return total


def _resolvent(q: Reals, b: Reals, c2: Reals, order: int) -> tuple[Reals, Reals, Reals, Reals]:
    """G, dG/dc^2, dG/dq and d^2G/dq dc^2 by their series in 1/q; G = 1/(2 q) + ..."""
    w = 1 / (q * q)
    terms, changes = [q / q / 2], [q * 0]
    for j in range(1, order):
        term = -4 * (2 * j - 1) * c2 * terms[-1]
        change = -4 * (2 * j - 1) * (terms[-1] + c2 * changes[-1])
        if j > 1:
            cubic = (2 * j - 3) * (2 * j - 2) * (2 * j - 1) * b * b * w
            term, change = term + cubic * terms[-2], change + cubic * changes[-2]
        terms.append(term * w / (8 * j))
        changes.append(change * w / (8 * j))
    slope, slope_c = (-sum((2 * j + 1) * v for j, v in enumerate(t)) * w for t in (terms, changes))
    return sum(terms) / q, sum(changes) / q, slope, slope_c
