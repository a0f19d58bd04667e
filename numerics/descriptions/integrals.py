"""E_1, exp(x^2) erfc(x) and Li_2, each for the kernel module of its name."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import mpmath as mp

from numerics.approximants import Branch, Kernel

_Real = Callable[[mp.mpf], mp.mpf]


def _erfcx(x: mp.mpf) -> mp.mpf:
    return mp.exp(x**2) * mp.erfc(x)


def _erfcx_slope(x: mp.mpf) -> mp.mpf:
    return 2 / mp.sqrt(mp.pi) - 2 * x * _erfcx(x)


def _erfcx_curvature(x: mp.mpf) -> mp.mpf:
    return 2 * _erfcx(x) - 2 * x * _erfcx_slope(x)


def _far(function: _Real, power: int) -> _Real:
    """sqrt(pi) x^power times the function, at x = 1/sqrt(t)."""
    return lambda t: mp.sqrt(mp.pi) * mp.sqrt(t) ** -power * function(1 / mp.sqrt(t))


def _odd_dilogarithm(v: mp.mpf) -> mp.mpf:
    """(Li_2(z)/u + u/4), even in u = -ln(1 - z), at u = sqrt(v)."""
    u = mp.sqrt(v)
    return mp.polylog(2, -mp.expm1(-u)) / u + u / 4


def _dilogarithm_curvature(t: mp.mpf) -> mp.mpf:
    z = (2 * t - 1) / (2 * t + 1)
    return 1 / (z * (1 - z)) + mp.log1p(-z) / z**2 if z else mp.mpf(1) / 2


def _two() -> mp.mpf:
    return mp.mpf(2)


def _quarter() -> mp.mpf:
    return mp.mpf(1) / 4


def _three_halves() -> mp.mpf:
    return mp.mpf(3) / 2


EXPONENTIAL_INTEGRAL = Kernel(
    "exponential_integral",
    branches=[
        Branch(
            "near", "(E_1(x) + ln x + gamma) / x",
            lambda x: (mp.e1(x) + mp.log(x) + mp.euler) / x, ((4, 5), (2, 2)), Fraction(1),
        ),
        Branch(
            "far", "x exp(x) E_1(x), t = 1/x", lambda t: mp.exp(1 / t) * mp.e1(1 / t) / t,
            ((12, 12), (4, 5)), Fraction(1),
        ),
    ],
)  # fmt: skip

ERROR_FUNCTION = Kernel(
    "error_function",
    branches=[
        Branch("value_near", "E = exp(x^2) erfc(x)", _erfcx, ((7, 7), (3, 4)), Fraction(1), _two),
        Branch("slope_near", "-E'", _erfcx_slope, ((7, 8), (3, 5)), None, _two),
        Branch("curvature_near", "E''", _erfcx_curvature, ((7, 8), (3, 5)), Fraction(2), _two),
        Branch(
            "value_far", "sqrt(pi) x E", _far(_erfcx, 1), ((7, 8), (2, 3)), Fraction(1), _quarter
        ),
        Branch(
            "slope_far", "-sqrt(pi) x^2 E'", _far(_erfcx_slope, 2), ((8, 8), (3, 3)), Fraction(1),
            _quarter,
        ),
        Branch(
            "curvature_far", "sqrt(pi) x^3 E''", _far(_erfcx_curvature, 3), ((9, 8), (2, 4)),
            Fraction(2), _quarter,
        ),
    ],
)  # fmt: skip

DILOGARITHM = Kernel(
    "dilogarithm",
    branches=[
        Branch(
            "value", "Li_2(z)/u + u/4, u = -ln(1 - z), v = u^2", _odd_dilogarithm,
            ((2, 3), (1, 1)), Fraction(1), lambda: mp.log(2) ** 2,
        ),
        Branch(
            "curvature", "Li_2''(z), t = (1 + z)/(2 (1 - z))", _dilogarithm_curvature,
            ((8, 9), (4, 4)), None, _three_halves,
        ),
    ],
)  # fmt: skip
