"""x coth x, x/sinh x, coth x - 1/x, coth(x)/x - 1/x^2, for `numerics.kernels.hyperbolic`.

Each is even (or odd) in x, so that near zero it is a function of w = x^2 (times x); here are the
tables for x <= 2.  Beyond that the definitions lose no digit.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.approximants import DIGITS, Branch, Kernel

_Real = Callable[[mp.mpf], mp.mpf]


def _cosech_curvature(x: mp.mpf) -> mp.mpf:
    return (x + 2 * x / mp.sinh(x) ** 2 - 2 * mp.coth(x)) / mp.sinh(x)


def _wire(x: mp.mpf) -> mp.mpf:
    return mp.coth(x) / x - 1 / x**2


def _wire_slope(x: mp.mpf) -> mp.mpf:
    return 2 / x**3 - mp.coth(x) / x**2 - 1 / (x * mp.sinh(x) ** 2)


def _wire_curvature(x: mp.mpf) -> mp.mpf:
    c = mp.coth(x)
    s = 1 / mp.sinh(x) ** 2
    return 2 * c / x**3 + 2 * s / x**2 + 2 * s * c / x - 6 / x**4


def _of_square(function: _Real) -> _Real:
    return lambda w: function(mp.sqrt(w))


@cache
def _inflection(function: _Real, near: float) -> mp.mpf:
    """Square of the x where a second derivative changes sign."""
    with mp.workdps(DIGITS):
        return mp.findroot(function, near) ** 2


def _cosech_inflection() -> mp.mpf:
    # 1.6 and 1.9: read off tables of the second derivatives; findroot refines them
    return _inflection(_cosech_curvature, 1.6)


def _wire_inflection() -> mp.mpf:
    return _inflection(_wire_curvature, 1.9)


def _branch(
    name: str, formula: str, function: _Real, degrees: tuple[tuple[int, int], ...], limit: Fraction
) -> Branch:
    return Branch(name, formula, _of_square(function), degrees, limit, end=lambda: mp.mpf(4))


def _without(function: _Real, root: Callable[[], mp.mpf]) -> _Real:
    """The function without its sign change, whose limit at zero is irrational."""
    return lambda w: function(mp.sqrt(w)) / (w - root())


HYPERBOLIC = Kernel(
    "hyperbolic",
    constants={
        "_COSECH_INFLECTION": ("the x^2 where (x/sinh x)'' = 0", _cosech_inflection),
        "_WIRE_INFLECTION": ("the x^2 where (coth(x)/x - 1/x^2)'' = 0", _wire_inflection),
    },
    branches=[
        _branch("x_coth", "x coth x", lambda x: x * mp.coth(x), ((4, 4), (2, 3)), Fraction(1)),
        _branch(
            "x_coth_slope",
            "(coth x - x/sinh^2 x) / x",
            lambda x: mp.coth(x) / x - 1 / mp.sinh(x) ** 2,
            ((4, 5), (2, 3)),
            Fraction(2, 3),
        ),
        _branch(
            "x_coth_curvature",
            "2 (x coth x - 1)/sinh^2 x",
            lambda x: 2 * (x * mp.coth(x) - 1) / mp.sinh(x) ** 2,
            ((4, 7), (2, 4)),
            Fraction(2, 3),
        ),
        _branch("x_cosech", "x/sinh x", lambda x: x / mp.sinh(x), ((3, 5), (1, 3)), Fraction(1)),
        _branch(
            "x_cosech_slope",
            "(x coth x - 1)/(x sinh x)",
            lambda x: (x * mp.coth(x) - 1) / (x * mp.sinh(x)),
            ((3, 6), (1, 4)),
            Fraction(1, 3),
        ),
        Branch(
            "x_cosech_curvature",
            "(x/sinh x)'' / (x^2 - _COSECH_INFLECTION)",
            _without(_cosech_curvature, _cosech_inflection),
            ((5, 5), (1, 4)),
            end=lambda: mp.mpf(4),
        ),
        _branch("wire", "coth(x)/x - 1/x^2", _wire, ((4, 4), (2, 2)), Fraction(1, 3)),
        _branch(
            "langevin_slope",
            "1/x^2 - 1/sinh^2 x",
            lambda x: 1 / x**2 - 1 / mp.sinh(x) ** 2,
            ((4, 5), (2, 3)),
            Fraction(1, 3),
        ),
        _branch(
            "langevin_curvature",
            "2 (1/x^3 - coth(x)/sinh^2 x) / x",
            lambda x: 2 * (1 / x**3 - mp.coth(x) / mp.sinh(x) ** 2) / x,
            ((5, 5), (2, 3)),
            Fraction(2, 15),
        ),
        _branch(
            "wire_slope",
            "(2/x^3 - coth(x)/x^2 - 1/(x sinh^2 x)) / -x",
            lambda x: -_wire_slope(x) / x,
            ((4, 5), (3, 2)),
            Fraction(2, 45),
        ),
        Branch(
            "wire_curvature",
            "(coth(x)/x - 1/x^2)'' / (x^2 - _WIRE_INFLECTION)",
            _without(_wire_curvature, _wire_inflection),
            ((5, 5), (2, 3)),
            end=lambda: mp.mpf(4),
        ),
    ],
)
