"""psi(1/2 + z) - ln z and its logarithmic derivatives, for `numerics.kernels.hikami_complex`.

F = psi(1/2 + z) - ln z, H, L and C are functions of z = B_phi/|B| in the half-plane Re z >= 0,
approximated in t = 2/z for |z| >= 2 and in s = z/2 for |z| <= 2; their definition is in the
docstring of the kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import mpmath as mp

from numerics.complex_approximants import DIGITS, Branch, Kernel

_HALF = mp.mpf(1) / 2


def _weak(function: Callable[[mp.mpc], mp.mpc]) -> Callable[[mp.mpc], mp.mpc]:
    """Function of z at z = 2/t, divided by t^2."""
    return lambda t: function(2 / t) / t**2


def _strong(function: Callable[[mp.mpc], mp.mpc]) -> Callable[[mp.mpc], mp.mpc]:
    return lambda s: function(2 * s)


def _psi(z: mp.mpc) -> mp.mpc:
    return mp.psi(0, z + _HALF) - mp.log(z)


def _slope(z: mp.mpc) -> mp.mpc:
    return 1 - z * mp.psi(1, z + _HALF)


def _mixed_over_z(z: mp.mpc) -> mp.mpc:
    return mp.psi(1, z + _HALF) + z * mp.psi(2, z + _HALF)


def _mixed(z: mp.mpc) -> mp.mpc:
    return z * _mixed_over_z(z)


def _curvature(z: mp.mpc) -> mp.mpc:
    return _mixed(z) - _slope(z)


@cache
def _inflection() -> mp.mpf:
    # 0.33 was read off a table of the curvature; findroot refines it to all digits
    with mp.workdps(DIGITS):
        return mp.findroot(_curvature, mp.mpf("0.333")) / 2


HIKAMI_COMPLEX = Kernel(
    "hikami_complex",
    constants={"_HIKAMI_COMPLEX_INFLECTION": ("the s where C = 0", _inflection)},
    branches=[
        Branch("value_weak", "F / t^2", _weak(_psi), (16, 18), lambda: mp.mpf(1) / 96),
        Branch(
            "value_strong",
            "(exp(psi(1/2 + z)) - z) / 2",
            _strong(lambda z: (mp.exp(mp.psi(0, z + _HALF)) - z) / 2),
            (14, 15),
            lambda: mp.exp(mp.psi(0, _HALF)) / 2,
        ),
        Branch("slope_weak", "H / t^2", _weak(_slope), (14, 16), lambda: mp.mpf(1) / 48),
        Branch("slope_strong", "H", _strong(_slope), (10, 12), lambda: mp.mpf(1)),
        Branch("mixed_weak", "L / t^2", _weak(_mixed), (16, 18), lambda: mp.mpf(1) / 24),
        Branch("mixed_strong", "L / z", _strong(_mixed_over_z), (12, 14), lambda: mp.psi(1, _HALF)),
        Branch("curvature_weak", "C / t^2", _weak(_curvature), (16, 18), lambda: mp.mpf(1) / 48),
        Branch(
            "curvature_strong",
            "C / (s - _HIKAMI_COMPLEX_INFLECTION)",
            lambda s: _curvature(2 * s) / (s - _inflection()),
            (12, 14),
            lambda: 1 / _inflection(),
        ),
    ],
)
