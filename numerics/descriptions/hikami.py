"""psi(1/2 + x) - ln x and its logarithmic derivatives, for `numerics.kernels.hikami`.

F = psi(1/2 + x) - ln x, H, L and C are functions of x = B_phi/|B|, approximated in w = (2/x)^2
for x >= 2 and in s = x/2 for x <= 2; their definition is in the docstring of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.approximants import DIGITS, Branch, Kernel


def _weak(function: Callable[[mp.mpf], mp.mpf]) -> Callable[[mp.mpf], mp.mpf]:
    """Function of x at x = 2/sqrt(w), divided by w: even and O(B^2) at B -> 0."""
    return lambda w: function(2 / mp.sqrt(w)) / w


def _psi(x: mp.mpf) -> mp.mpf:
    return mp.psi(0, x + 0.5) - mp.log(x)


def _slope(x: mp.mpf) -> mp.mpf:
    return 1 - x * mp.psi(1, x + 0.5)


def _mixed(x: mp.mpf) -> mp.mpf:
    return x * mp.psi(1, x + 0.5) + x**2 * mp.psi(2, x + 0.5)


def _curvature(x: mp.mpf) -> mp.mpf:
    return _mixed(x) - _slope(x)


def _strong_value(s: mp.mpf) -> mp.mpf:
    return s * mp.expm1(_psi(2 * s))


@cache
def _inflection() -> mp.mpf:
    # 0.166 was read off a table of the curvature; findroot refines it to all digits
    with mp.workdps(DIGITS):
        return mp.findroot(lambda s: _curvature(2 * s), 0.166)


HIKAMI = Kernel(
    "hikami",
    constants={"_HIKAMI_INFLECTION": ("the s where C = 0", _inflection)},
    branches=[
        Branch("value_weak", "F / w", _weak(_psi), ((7, 7), (3, 2)), Fraction(1, 96)),
        Branch("value_strong", "s (exp(F) - 1)", _strong_value, ((10, 11), (4, 5))),
        Branch("slope_weak", "H / w", _weak(_slope), ((7, 8), (3, 2)), Fraction(1, 48)),
        Branch("slope_strong", "H", lambda s: _slope(2 * s), ((7, 9), (3, 5))),
        Branch("mixed_weak", "L / w", _weak(_mixed), ((8, 8), (3, 2)), Fraction(1, 24)),
        Branch("mixed_strong", "L / s", lambda s: _mixed(2 * s) / s, ((8, 11), (3, 6))),
        Branch("curvature_weak", "C / w", _weak(_curvature), ((8, 9), (3, 2)), Fraction(1, 48)),
        Branch(
            "curvature_strong",
            "C / (s - _HIKAMI_INFLECTION)",
            lambda s: _curvature(2 * s) / (s - _inflection()),
            ((8, 11), (3, 6)),
        ),
    ],
)
