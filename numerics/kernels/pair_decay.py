"""exp(-a) cosh(sqrt x) and exp(-a) sinh(sqrt x)/sqrt x for JAX, for real x of either sign.

Both are entire in x: a power series for |x| < 1; beyond, exponentials exp(sqrt x - a), which do not
overflow where a is larger, or cosine and sine for x < 0.  Any shape, float32 or float64; a few
roundings beside those of the exponent.  Derivatives by JAX of each piece.

This file depends on jax alone.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

# |x|^12/24! is below the rounding of a double for |x| < 1, with two derivatives.
_TERMS = 12


@jax.jit
def pair_decay_mean(a: ArrayLike, x: ArrayLike) -> Array:
    """exp(-a) cosh(sqrt x)."""
    return _pieces(jnp.asarray(a), jnp.asarray(x), 0)


@jax.jit
def pair_decay(a: ArrayLike, x: ArrayLike) -> Array:
    """exp(-a) sinh(sqrt x)/sqrt x."""
    return _pieces(jnp.asarray(a), jnp.asarray(x), 1)


def _pieces(a: Array, x: Array, odd: int) -> Array:
    near, above = jnp.abs(x) < 1, x >= 1
    series = jnp.exp(-a) * _series(jnp.where(near, x, 0), odd)
    size = jnp.sqrt(jnp.where(near, 1, jnp.abs(x)))
    # exp(-2 sqrt x) with the sign of the lower exponential
    second = -jnp.expm1(-2 * size) if odd else 1 + jnp.exp(-2 * size)
    grown = jnp.exp(size - a) * second / 2
    turned = jnp.exp(-a) * (jnp.sin(size) if odd else jnp.cos(size))
    far = jnp.where(above, grown, turned) / (size if odd else 1)
    return jnp.where(near, series, far)


def _series(x: Array, odd: int) -> Array:
    total = jnp.zeros_like(x)
    for k in reversed(range(_TERMS)):
        total = total * x + 1 / math.factorial(2 * k + odd)
    return total
