"""sqrt(p + r) - sqrt(p) and 1/sqrt(p + r) - 1/sqrt(p) for JAX, without the cancellation.

Rates p and a rise r, real or complex with positive real parts, of any shape, float32 or float64.
Both are products and sums of positive numbers where r >= 0: a few roundings, derivatives included.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike


@jax.jit
def root_change(rise: ArrayLike, p: ArrayLike) -> Array:
    """sqrt(p + rise) - sqrt(p)."""
    rise, p = jnp.asarray(rise), jnp.asarray(p)
    return rise / (jnp.sqrt(p + rise) + jnp.sqrt(p))


@jax.jit
def inverse_root_change(rise: ArrayLike, p: ArrayLike) -> Array:
    """1/sqrt(p + rise) - 1/sqrt(p)."""
    rise, p = jnp.asarray(rise), jnp.asarray(p)
    after, before = jnp.sqrt(p + rise), jnp.sqrt(p)
    return -rise / (after * before * (after + before))
