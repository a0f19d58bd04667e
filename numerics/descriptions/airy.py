"""Ai, Ai' and their ratio rho = Ai/Ai' with its derivatives, for `numerics.kernels.airy`.

Near zero the variable of rho is t = x - a with a = -1.0188, the largest zero of Ai', whose pole
is divided out; far away it is t = x^(-3/2), and what exponentials and powers do is divided out.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.approximants import DIGITS, Branch, Kernel

_Real = Callable[[mp.mpf], mp.mpf]


@cache
def _pole() -> mp.mpf:
    with mp.workdps(DIGITS):
        return mp.airyaizero(1, derivative=1)


def _ratio(x: mp.mpf) -> mp.mpf:
    return mp.airyai(x) / mp.airyai(x, derivative=1)


def _slope(x: mp.mpf) -> mp.mpf:
    return 1 - x * _ratio(x) ** 2


def _curvature(x: mp.mpf) -> mp.mpf:
    return -(_ratio(x) ** 2) - 2 * x * _ratio(x) * _slope(x)


def _near(function: _Real, order: int) -> _Real:
    return lambda t: t**order * function(_pole() + t)


def _far(function: _Real, power: float) -> _Real:
    def reduced(t: mp.mpf) -> mp.mpf:
        x = t ** (-mp.mpf(2) / 3)
        return x**power * function(x)

    return reduced


def _bare(derivative: int) -> _Real:
    """2 sqrt(pi) exp(2/3 x^1.5) |Ai or Ai'|."""

    def function(x: mp.mpf) -> mp.mpf:
        growth = 2 * mp.sqrt(mp.pi) * mp.exp(2 * x**1.5 / 3)
        return growth * abs(mp.airyai(x, derivative=derivative))

    return function


def _near_end() -> mp.mpf:
    return 2 - _pole()


def _far_end() -> mp.mpf:
    return mp.mpf(2) ** -1.5


def _two() -> mp.mpf:
    return mp.mpf(2)


AIRY = Kernel(
    "airy",
    constants={"_AIRY_POLE": ("the largest zero of Ai'", _pole)},
    branches=[
        Branch("ratio_near", "t rho", _near(_ratio, 1), ((6, 7), (3, 3)), end=_near_end),
        Branch(
            "ratio_far", "-sqrt(x) rho", _far(lambda x: -_ratio(x), 0.5), ((7, 7), (2, 3)),
            Fraction(1), _far_end,
        ),
        Branch("slope_near", "t^2 rho'", _near(_slope, 2), ((7, 7), (3, 4)), end=_near_end),
        Branch(
            "slope_far", "x^(3/2) rho'", _far(_slope, 1.5), ((7, 8), (3, 3)), Fraction(1, 2),
            _far_end,
        ),
        Branch(
            "curvature_near", "t^3 rho''", _near(_curvature, 3), ((7, 8), (4, 4)), end=_near_end
        ),
        Branch(
            "curvature_far", "-x^(5/2) rho''", _far(lambda x: -_curvature(x), 2.5),
            ((7, 9), (2, 4)), Fraction(3, 4), _far_end,
        ),
        Branch(
            "ai_near", "exp(x) Ai(x)",
            lambda x: mp.exp(x) * mp.airyai(x), ((6, 9), (4, 4)), end=_two
        ),
        Branch(
            "ai_far", "2 sqrt(pi) x^(1/4) exp(2/3 x^1.5) Ai(x)", _far(_bare(0), 0.25),
            ((7, 7), (2, 3)), Fraction(1), _far_end,
        ),
        Branch(
            "prime_near", "-exp(x) Ai'(x)", lambda x: -mp.exp(x) * mp.airyai(x, derivative=1),
            ((8, 8), (3, 6)), end=_two,
        ),
        Branch(
            "prime_far", "-2 sqrt(pi) x^(-1/4) exp(2/3 x^1.5) Ai'(x)", _far(_bare(1), -0.25),
            ((7, 7), (2, 3)), Fraction(1), _far_end,
        ),
    ],
)  # fmt: skip
