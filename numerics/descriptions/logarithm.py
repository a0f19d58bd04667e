"""The polynomial behind the vectorized logarithm of `numerics.kernels.logarithm`."""

from __future__ import annotations

from fractions import Fraction

import mpmath as mp

from numerics.approximants import Branch, Kernel

LOGARITHM = Kernel(
    "logarithm",
    branches=[
        Branch(
            "artanh",
            "artanh(sqrt v) / sqrt v",
            lambda v: mp.atanh(mp.sqrt(v)) / mp.sqrt(v),
            ((7, 0), (3, 0)),
            limit=Fraction(1),
            # log2 m is at most 1/2 + 0.0861: what the bits of a number are off its logarithm
            end=lambda: mp.tanh(mp.mpf("0.5861") * mp.log(2) / 2) ** 2,
        ),
    ],
)
