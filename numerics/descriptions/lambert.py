"""The Lambert function next to its branch point, for `numerics.kernels.lambert`.

There W is a power series in p = sqrt(2 (1 + e x)), of which 1 + W = p - p^2/3 + ... is what the
derivatives divide by; the table holds (1 + W)/p up to x = -1/5.
"""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp

from numerics.approximants import Branch, Kernel


def _one_plus_w_over_p(p: mp.mpf) -> mp.mpf:
    return (1 + mp.lambertw((p**2 / 2 - 1) / mp.e).real) / p


def _end() -> mp.mpf:
    return mp.sqrt(2 * (1 - mp.e / 5))


def _high() -> mp.mpf:
    """1/e to the 24 bits of single precision, which is exact in both types."""
    return mp.floor(mp.exp(-1) * 2**25) / 2**25


def _low() -> mp.mpf:
    return mp.exp(-1) - _high()


LAMBERT = Kernel(
    "lambert",
    constants={
        "_INVERSE_E_HIGH": ("1/e to 24 bits", _high),
        "_INVERSE_E_LOW": ("and the rest of it", _low),
    },
    branches=[
        Branch(
            "branch_point", "(1 + W)/p, p = sqrt(2 (1 + e x))", _one_plus_w_over_p,
            ((5, 6), (2, 3)), Fraction(1), _end,
        ),
    ],
)  # fmt: skip
