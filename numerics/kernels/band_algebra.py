"""Small k x k matrices for JAX, in batches: product, inverse and trace without LAPACK.

A matrix has its two axes first and the batch after them, so that every product is a sum of k
element-wise products that XLA fuses and vectorizes; library calls on 3 x 3 matrices one by one
are an order of magnitude slower.  The inverse takes no pivots: all matrices here have a positive
definite Hermitian part, which Schur complements inherit, so no pivot vanishes.

This file depends on jax alone.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def _band_mul(a: Array, b: Array) -> Array:
    """a b, with broadcasting over the batch."""
    product = a[:, 0, None] * b[None, 0]
    for inner in range(1, a.shape[1]):
        product = product + a[:, inner, None] * b[None, inner]
    return product


def _band_inverse(a: Array) -> Array:
    """Inverse of a matrix with positive definite Hermitian part, by sweeping each diagonal."""
    size = a.shape[0]
    for p in range(size):
        unit = jnp.arange(size) == p
        on_row = unit.reshape(size, *[1] * (a.ndim - 1))
        on_column = unit.reshape(1, size, *[1] * (a.ndim - 2))
        scale = 1 / a[p, p]
        row, column = a[p] * scale, a[:, p]
        swept = a - column[:, None] * row[None]
        swept = jnp.where(on_row, row[None], swept)
        swept = jnp.where(on_column, -(column * scale)[:, None], swept)
        a = jnp.where(on_row & on_column, scale, swept)
    return a


def _band_trace_of(a: Array, b: Array) -> Array:
    """tr[a b]."""
    return jnp.sum(a * jnp.swapaxes(b, 0, 1), axis=(0, 1))


def _band_scalar(size: int, value: Array) -> Array:
    """value times the unit matrix."""
    return jnp.eye(size).reshape(size, size, *[1] * value.ndim) * value
