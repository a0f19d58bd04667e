r"""The functions F_s of weak localization, for `numerics.kernels.kawabata_complex`.

F_s and the letters are those of `numerics.descriptions.kawabata`, for z = B_phi/|B| in the
half-plane Re z >= 0: t = 2/z for |z| >= 2 and v = sqrt(z/2), in a quarter of the plane, for
|z| <= 2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

import mpmath as mp

from numerics.complex_approximants import DIGITS, Branch, Kernel

_HALF = mp.mpf(1) / 2
_Complex = Callable[[mp.mpc], mp.mpc]


def _stieltjes(s: mp.mpf) -> _Complex:
    """F_s(z) = z^(1-s)/(s-1) - zeta(s, 1/2 + z)."""
    # the branches share their points, and the zeta function is slow
    return cache(lambda z: z ** (1 - s) / (s - 1) - mp.zeta(s, z + _HALF))


_F1, _F3, _F5 = (_stieltjes(k * _HALF) for k in (1, 3, 5))


def _slope(z: mp.mpc) -> mp.mpc:
    return _F1(z) + z * _F3(z)


def _mixed(z: mp.mpc) -> mp.mpc:
    return (3 * z * _F5(z) - _F3(z)) / 4


def _curvature(z: mp.mpc) -> mp.mpc:
    return z * _mixed(z) - _slope(z) / 4


def _weak(function: _Complex, power: mp.mpf) -> _Complex:
    """z^power times the function, at z = 2/t, divided by t^2: the order B^2 of weak fields."""
    return lambda t: (2 / t) ** power * function(2 / t) / t**2


def _strong(function: _Complex, power: mp.mpf) -> _Complex:
    """z^power times the function, at z = 2 v^2."""
    return lambda v: (2 * v**2) ** power * function(2 * v**2)


@cache
def _inflection() -> mp.mpf:
    # 0.29 was read off a table of the curvature; findroot refines it to as many digits as it has
    with mp.workdps(DIGITS):
        return mp.findroot(
            lambda v: mp.re(_curvature(2 * v**2)), (0.28, 0.30), solver="anderson", tol=1e-60
        )


def _exactly(numerator: int, denominator: int) -> Callable[[], mp.mpf]:
    return lambda: mp.mpf(numerator) / denominator


def _zero_value() -> mp.mpf:
    return -mp.zeta(_HALF, _HALF)


_QUARTER = Fraction(1, 4)

KAWABATA_COMPLEX = Kernel(
    "kawabata_complex",
    constants={"_KAWABATA_COMPLEX_INFLECTION": ("the v where C = 0", _inflection)},
    branches=[
        Branch(
            "value_weak", "F_1/2 / (sqrt(z) t^2)", _weak(_F1, -_HALF), (16, 16), _exactly(1, 192)
        ),
        Branch("value_strong", "F_1/2", _strong(_F1, 0), (18, 18), _zero_value, _QUARTER),
        Branch("slope_weak", "H / (sqrt(z) t^2)", _weak(_slope, -_HALF), (16, 16), _exactly(1, 48)),
        Branch("slope_strong", "H", _strong(_slope, 0), (18, 18), _zero_value, _QUARTER),
        Branch("decay_weak", "sqrt(z) F_3/2 / t^2", _weak(_F3, _HALF), (16, 16), _exactly(1, 64)),
        Branch(
            "decay_strong", "sqrt(z) F_3/2", _strong(_F3, _HALF), (18, 18), _exactly(2, 1), _QUARTER
        ),
        Branch("mixed_weak", "sqrt(z) M / t^2", _weak(_mixed, _HALF), (16, 16), _exactly(1, 64)),
        Branch(
            "mixed_strong", "M", _strong(_mixed, 0), (18, 18),
            lambda: mp.zeta(3 * _HALF, _HALF) / 4, _QUARTER,
        ),
        Branch(
            "curvature_weak", "C / (sqrt(z) t^2)", _weak(_curvature, -_HALF), (16, 16),
            _exactly(1, 96),
        ),
        Branch(
            "curvature_strong", "C / (v - _KAWABATA_COMPLEX_INFLECTION)",
            lambda v: _curvature(2 * v**2) / (v - _inflection()), (18, 18),
            lambda: _zero_value() / (4 * _inflection()), _QUARTER,
        ),
        Branch(
            "damping_weak", "z^(3/2) F_5/2 / t^2", _weak(_F5, 3 * _HALF), (16, 16), _exactly(5, 192)
        ),
        Branch(
            "damping_strong", "z^(3/2) F_5/2", _strong(_F5, 3 * _HALF), (18, 18), _exactly(2, 3),
            _QUARTER,
        ),
    ],
)  # fmt: skip
