"""Logarithms that XLA vectorizes: on the CPU it calls a scalar log for each element.

y = 2^k m with sqrt(1/2) <= m < sqrt(2), the exponent k from the bits of y, and
ln m = 2 artanh((m - 1)/(m + 1)) from a polynomial.

The logarithm of 1 + N/D needs no quotient N/D, only the one for artanh: the bits of D + N less
those of D are 2^52 times the binary logarithm to within 0.0861.

This file depends on jax alone.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
from jax import Array, lax

from numerics.kernels.rational import KernelTables, isolated, polynomials, set_derivatives

_LN2 = 0.6931471805599453


@jax.custom_jvp
def vector_log(x: Array) -> Array:
    """ln x to two roundings; -inf at 0, inf at inf, NaN below.  Subnormal numbers count as 0."""
    k, m = _exponent_and_mantissa(x)
    logarithm = _assemble(k, isolated((m - 1) / (m + 1)))
    regular = (x >= jnp.finfo(x.dtype).tiny) & (x < jnp.inf)
    # 1/0 = inf; the sign is that of the limit
    at_ends = jnp.where(x < 0, jnp.nan, jnp.where(x < 1, -jnp.inf, x))
    return jnp.where(regular, logarithm, at_ends)


set_derivatives(vector_log, lambda x: 1 / x)


def vector_log1p(u: Array) -> Array:
    """ln(1 + u) for u >= 0, to two roundings."""
    y = 1 + u
    k, m = _exponent_and_mantissa(y)
    # u itself has not lost the digits of 1 + u
    excess = jnp.where(k == 0, u, m - 1)
    logarithm = _assemble(k, isolated(excess / (excess + 2)))
    return jnp.where(y < jnp.inf, logarithm, y)


class RatioLogarithm(NamedTuple):
    """ln(1 + N/D) = k ln 2 + 2 artanh(numerator/denominator)."""

    k: Array
    numerator: Array
    denominator: Array

    def value(self, quotient: Array) -> Array:
        """The logarithm, given the quotient."""
        return _assemble(self.k, quotient)


def ratio_logarithm(N: Array, D: Array) -> RatioLogarithm:
    """What ln(1 + N/D) needs, for N >= 0 and normal D > 0; no digit of a small N is lost."""
    integer, mantissa, bias = _layout(D)
    total = D + N
    bits = [lax.bitcast_convert_type(y, integer) for y in (total, D)]
    k = (bits[0] - bits[1] + (1 << (mantissa - 1))) >> mantissa
    power = lax.bitcast_convert_type((k + bias) << mantissa, D.dtype)
    return RatioLogarithm(k, N - D * (power - 1), total + D * power)


def _layout(y: Array) -> tuple[type, int, int]:
    """Integer type of the same width, bits of the mantissa, bias of the exponent."""
    return (jnp.int64, 52, 1023) if y.dtype == jnp.float64 else (jnp.int32, 23, 127)


def _exponent_and_mantissa(y: Array) -> tuple[Array, Array]:
    integer, mantissa, _ = _layout(y)
    bits = lax.bitcast_convert_type(y, integer)
    sqrt_half = lax.bitcast_convert_type(jnp.asarray(0.5**0.5, y.dtype), integer)
    k = (bits - sqrt_half) >> mantissa
    return k, lax.bitcast_convert_type(bits - (k << mantissa), y.dtype)


def _assemble(k: Array, q: Array) -> Array:
    artanh = q * polynomials(cast(KernelTables, _LOGARITHM_TABLES), "artanh", q * q)[0]
    return k.astype(q.dtype) * _LN2 + 2 * artanh


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_LOGARITHM_TABLES = {
    "float64": {
        # artanh(sqrt v) / sqrt v
        "artanh": (
            (
                1.0, 0.3333333333333347, 0.19999999999665152,
                0.14285714418896547, 0.11111091283654209, 0.09092310720407344,
                0.07641715346853421, 0.07560481871280622,
            ),
            (
                1.0,
            ),
        ),
    },
    "float32": {
        # artanh(sqrt v) / sqrt v
        "artanh": (
            (
                1.0, 0.33333358, 0.19989428,
                0.14980523,
            ),
            (
                1.0,
            ),
        ),
    },
}
# fmt: on
# end tables
