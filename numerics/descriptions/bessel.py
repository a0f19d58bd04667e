"""K_0, K_1, also scaled by exp(x), I_2, and derivatives, for `numerics.kernels.bessel`.

For x <= 1 the logarithm is split off, K_n = +-ln(x) I_n + ..., and what remains is a function of
w = x^2; for x >= 1 the variable is t = 1/x, and sqrt(x) exp(x) K_n is Stieltjes-like.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.approximants import Branch, Kernel

_Real = Callable[[mp.mpf], mp.mpf]


def _scaled(order: int, x: mp.mpf) -> mp.mpf:
    """exp(x) K_n(x) = int_0^oo exp(x - x cosh t) cosh(n t) dt.

    The trapezoidal rule with step h is exact to exp(-pi^2/h), for large x to exp(-2 pi^2/(x h^2)):
    here 100 digits, thirty times faster than `mpmath.besselk`, which takes a limit in the order.
    """
    h = min(mp.pi**2 / 230, mp.pi / mp.sqrt(115 * x))
    last = int(mp.acosh(1 + 230 / x) / h) + 1
    terms = (mp.exp(x - x * mp.cosh(k * h)) * mp.cosh(order * k * h) for k in range(1, last))
    return h * (mp.mpf(1) / 2 + mp.fsum(terms))


@cache
def _k0e(x: mp.mpf) -> mp.mpf:
    return _scaled(0, x)


@cache
def _k1e(x: mp.mpf) -> mp.mpf:
    return _scaled(1, x)


def _slope0(x: mp.mpf) -> mp.mpf:
    return _k1e(x) - _k0e(x)


def _slope1(x: mp.mpf) -> mp.mpf:
    return _k0e(x) - _k1e(x) + _k1e(x) / x


def _curvature0(x: mp.mpf) -> mp.mpf:
    return 2 * _k0e(x) - 2 * _k1e(x) + _k1e(x) / x


def _curvature1(x: mp.mpf) -> mp.mpf:
    return _slope0(x) - _slope1(x) + _slope1(x) / x + _k1e(x) / x**2


def _of_square(function: _Real) -> _Real:
    return lambda w: function(mp.sqrt(w))


def _far(function: _Real, power: float) -> _Real:
    return lambda t: function(1 / t) / t**power


BESSEL = Kernel(
    "bessel",
    branches=[
        Branch(
            "k0_near",
            "K_0(x) + ln(x) I_0(x)",
            _of_square(lambda x: mp.besselk(0, x) + mp.log(x) * mp.besseli(0, x)),
            ((4, 3), (2, 2)),
        ),
        Branch("i0_near", "I_0(x)", _of_square(lambda x: mp.besseli(0, x)), ((4, 3), (2, 2)),
               Fraction(1)),
        Branch(
            "k1_near",
            "(1/x + ln(x) I_1(x) - K_1(x)) / x",
            _of_square(lambda x: (1 / x + mp.log(x) * mp.besseli(1, x) - mp.besselk(1, x)) / x),
            ((4, 3), (2, 1)),
        ),
        Branch("i1_near", "I_1(x) / x", _of_square(lambda x: mp.besseli(1, x) / x),
               ((3, 3), (2, 1)), Fraction(1, 2)),
        Branch("i2_near", "I_2(x) / x^2", _of_square(lambda x: mp.besseli(2, x) / x**2),
               ((4, 4), (2, 2)), Fraction(1, 8), lambda: mp.mpf(4)),
        Branch("k0_far", "sqrt(x) exp(x) K_0(x)", _far(_k0e, 0.5), ((9, 10), (2, 4))),
        Branch("k1_far", "sqrt(x) exp(x) K_1(x)", _far(_k1e, 0.5), ((9, 10), (3, 4))),
        Branch("k0_slope", "-x^(3/2) (exp(x) K_0)'", _far(_slope0, 1.5), ((10, 10), (4, 3))),
        Branch("k1_slope", "-x^(3/2) (exp(x) K_1)'", _far(_slope1, 1.5), ((10, 11), (4, 4))),
        Branch("k0_curvature", "x^(5/2) (exp(x) K_0)''", _far(_curvature0, 2.5),
               ((11, 11), (4, 4))),
        Branch("k1_curvature", "x^(5/2) (exp(x) K_1)''", _far(_curvature1, 2.5),
               ((11, 11), (4, 4))),
    ],
)  # fmt: skip
