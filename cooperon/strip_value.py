r"""Numerical value of `cooperon.strip_function.StripFunction` to any number of digits.

The direct calculation takes a time proportional to b + c.  It is needed only where walls see each
other in the field, which they do as exp(-2 b) and as exp(-4 c); beyond, a strip of another width
has the same e(x), and for large x this is a series: see `cooperon.strip_edge`.
"""

from __future__ import annotations

from itertools import count

import mpmath as mp

from cooperon.strip_arithmetic import Arithmetic, arbitrary, extended
from cooperon.strip_edge import images, wall_coefficients
from cooperon.strip_trace import strip_trace

# Digits that numpy's extended precision leaves after sums of a hundred terms, and the square of
# b/c below which it is left no more than those of a double.
_EXTENDED_DIGITS = 16
_WEAK = 1e-2


def strip_value(b: mp.mpf, c: mp.mpf, digits: int = 16) -> mp.mpf:
    """Return S for b = e |B| W^2/(2 hbar) > 0 and c = W/(2 L_phi) > 0.

    Relative error about 10^-digits.  Up to 16 digits and b > c/10 it takes a tenth of a second;
    otherwise ten seconds for 20 digits and a minute for 30.
    """
    apart = (digits * mp.log(10) + 8) / 2
    with mp.workdps(digits + 10):
        x = c * c / (2 * b)
        if b <= apart and c <= apart / 2:
            return _directly(b, c, digits)
        layer = mp.digamma(x + mp.mpf(1) / 2) - mp.log(x)
        # without a field, images count as little as with it where b is small
        seen = images(c) if b > apart else 0
        return layer + _walls(x, c, apart, digits) + seen


def _walls(x: mp.mpf, c: mp.mpf, apart: mp.mpf, digits: int) -> mp.mpf:
    """e(x)/sqrt(b) for c^2 = 2 b x."""
    if x > apart / 2 + 1:
        return _wall_series(x, c)
    wide = mp.sqrt(2 * apart * x)
    walls = _directly(apart, wide, digits) - mp.digamma(x + mp.mpf(1) / 2) + mp.log(x)
    return (walls - images(wide)) * wide / c


def _wall_series(x: mp.mpf, c: mp.mpf) -> mp.mpf:
    total = mp.mpf(0)
    for k in count(1):
        coefficient = wall_coefficients(4 * (k // 4 + 1))[k - 1]
        term = mp.mpf(coefficient.numerator) / coefficient.denominator / (2 * x) ** (2 * k)
        total += term
        if abs(term) <= mp.eps * abs(total):
            break
    return mp.pi * total / c


def _directly(b: mp.mpf, c: mp.mpf, digits: int) -> mp.mpf:
    # with b << c a difference is taken that is smaller than its parts by (b/c)^2
    lost = max(0, int(-2 * mp.log10(b / c)))
    fast = extended()
    if fast is not None and digits <= _EXTENDED_DIGITS and (b / c) ** 2 > _WEAK:
        return _computed(b, c, fast)
    with mp.workdps(digits + lost + 15):
        return _computed(b, c, arbitrary(digits + lost + 3))


def _computed(b: mp.mpf, c: mp.mpf, arithmetic: Arithmetic) -> mp.mpf:
    found = strip_trace(arithmetic.array([b]), arithmetic.array([c]), arithmetic)[0]
    return found if isinstance(found, mp.mpf) else mp.mpf(str(found))
