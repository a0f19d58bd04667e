r"""The functions F_s of three-dimensional weak localization, for `numerics.kernels.kawabata`.

.. math:: F_s(x) = \frac{x^{1-s}}{s-1} - \zeta(s, \tfrac12 + x), \qquad F_s' = -s F_{s+1},

so that F_{1/2} is Kawabata's f_3 and its derivatives need F_{3/2} and F_{5/2}.  With B F_s in
the two fields, B_phi = x |B|, one factor of each table depends on x alone; the letters are those
of the kernel's docstring.  The variable is w = (2/x)^2 for x >= 2 and v = sqrt(x/2) for x <= 2:
F_s is analytic in sqrt(x), and H, M and C, where the roots cancel, in s = x/2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.approximants import DIGITS, Branch, Kernel

_Real = Callable[[mp.mpf], mp.mpf]


def stieltjes(s: Fraction) -> _Real:
    """F_s as a function of x."""

    def function(x: mp.mpf) -> mp.mpf:
        order = mp.mpf(s.numerator) / s.denominator
        return x ** (1 - order) / (order - 1) - mp.zeta(order, x + 0.5)

    return function


_F1, _F3, _F5 = (stieltjes(Fraction(k, 2)) for k in (1, 3, 5))


def _slope(x: mp.mpf) -> mp.mpf:
    return _F1(x) + x * _F3(x)


def _mixed(x: mp.mpf) -> mp.mpf:
    return 0.75 * x * _F5(x) - 0.25 * _F3(x)


def _curvature(x: mp.mpf) -> mp.mpf:
    return x * _mixed(x) - 0.25 * _slope(x)


def _weak(function: _Real, power: float) -> _Real:
    """x^power times the function, at x = 2/sqrt(w), divided by w: the order B^2 of weak fields."""

    def reduced(w: mp.mpf) -> mp.mpf:
        x = 2 / mp.sqrt(w)
        return x**power * function(x) / w

    return reduced


def _strong_root(function: _Real, power: float = 0) -> _Real:
    """x^power times the function, at x = 2 v^2."""
    return lambda v: (2 * v**2) ** power * function(2 * v**2)


def _strong(function: _Real) -> _Real:
    return lambda s: function(2 * s)


@cache
def _inflection() -> mp.mpf:
    # read off a table of the curvature; findroot refines it to as many digits as it has
    with mp.workdps(DIGITS):
        return mp.findroot(lambda s: _curvature(2 * s), (0.08, 0.09), solver="anderson", tol=1e-60)


KAWABATA = Kernel(
    "kawabata",
    constants={"_KAWABATA_INFLECTION": ("the s where C = 0", _inflection)},
    branches=[
        Branch(
            "value_weak", "F_1/2 / (sqrt(x) w)", _weak(_F1, -0.5), ((6, 6), (2, 2)),
            Fraction(1, 192),
        ),
        Branch("value_strong", "F_1/2", _strong_root(_F1), ((13, 15), (6, 9))),
        Branch(
            "slope_weak", "H / (sqrt(x) w)", _weak(_slope, -0.5), ((6, 7), (2, 2)), Fraction(1, 48)
        ),
        Branch("slope_strong", "H", _strong(_slope), ((9, 12), (4, 6))),
        Branch(
            "decay_weak", "sqrt(x) F_3/2 / w", _weak(_F3, 0.5), ((6, 7), (2, 3)), Fraction(1, 64)
        ),
        Branch(
            "decay_strong",
            "sqrt(x) F_3/2", _strong_root(_F3, 0.5), ((11, 14), (5, 8)), Fraction(2),
        ),
        Branch(
            "mixed_weak", "sqrt(x) M / w", _weak(_mixed, 0.5), ((7, 7), (2, 3)), Fraction(1, 64)
        ),
        Branch("mixed_strong", "M", _strong(_mixed), ((9, 12), (4, 6))),
        Branch(
            "curvature_weak", "C / (sqrt(x) w)", _weak(_curvature, -0.5), ((7, 8), (2, 3)),
            Fraction(1, 96),
        ),
        Branch(
            "curvature_strong",
            "C / (s - _KAWABATA_INFLECTION)",
            lambda s: _curvature(2 * s) / (s - _inflection()),
            ((9, 11), (4, 6)),
        ),
        Branch(
            "damping_weak", "x^(3/2) F_5/2 / w", _weak(_F5, 1.5), ((7, 7), (2, 3)), Fraction(5, 192)
        ),
        Branch(
            "damping_strong", "x^(3/2) F_5/2", _strong_root(_F5, 1.5), ((12, 14), (6, 9)),
            Fraction(2, 3),
        ),
    ],
)  # fmt: skip
