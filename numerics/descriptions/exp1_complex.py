"""E_1 in the right half-plane, for `numerics.kernels.exp1_complex`.

For |z| <= 1 the logarithm is split off, and what remains is an entire function of z; for
|z| >= 1 the exponential, and the rest is a Stieltjes function of t = 1/z.
"""

from __future__ import annotations

import mpmath as mp

from numerics.complex_approximants import Branch, Kernel


def _near(z: mp.mpc) -> mp.mpc:
    return (mp.e1(z) + mp.log(z) + mp.euler) / z


def _far(t: mp.mpc) -> mp.mpc:
    return mp.exp(1 / t) * mp.e1(1 / t) / t


def _one() -> mp.mpf:
    return mp.mpf(1)


EXP1_COMPLEX = Kernel(
    "exp1_complex",
    branches=[
        Branch("near", "(E_1(z) + ln z + gamma) / z", _near, (6, 6), _one),
        Branch("far", "z exp(z) E_1(z), t = 1/z", _far, (18, 18), _one),
    ],
)
