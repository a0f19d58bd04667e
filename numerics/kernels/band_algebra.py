"""Small k x k matrices for JAX, in batches: product, inverse and trace without LAPACK.

A matrix has its two axes first and the batch after them, so that all operations are sums of
element-wise products, which XLA fuses and vectorizes; library calls on 3 x 3 matrices one by
one are an order of magnitude slower.  Loops over k are loops in the program, not in the text that
XLA compiles, whose length decides the time of compilation.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array, lax


def _band_mul(a: Array, b: Array) -> Array:
    """a b, with broadcasting over the batch."""
    return jnp.sum(a[:, :, None] * b[None], axis=1)


@jax.custom_jvp
def _band_inverse(a: Array) -> Array:
    """Inverse of a matrix with positive definite Hermitian part, by Gauss and Jordan in place.

    Without pivots: Schur complements inherit the positive definite part, so no pivot vanishes.
    """
    size = a.shape[0]

    def sweep(p: Array, a: Array) -> Array:
        here = (jnp.arange(size) == p).reshape(size, *[1] * (a.ndim - 2))
        pivot = a[p, p]
        # XLA guards a complex quotient against overflow, which costs more than the sweep
        row = jnp.where(here, 1, a[p]) * (jnp.conj(pivot) / (pivot.real**2 + pivot.imag**2))
        column = jnp.where(here, -1, a[:, p])
        return jnp.where(here | here[:, None], 0, a) - column[:, None] * row[None]

    return lax.fori_loop(0, size, sweep, a)


@_band_inverse.defjvp
def _band_inverse_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    inverse = _band_inverse(primals[0])
    return inverse, -_band_mul(inverse, _band_mul(tangents[0], inverse))


def _band_trace_of(a: Array, b: Array) -> Array:
    """tr[a b]."""
    return jnp.sum(a * jnp.swapaxes(b, 0, 1), axis=(0, 1))


def _band_scalar(size: int, value: Array) -> Array:
    """value times the unit matrix."""
    return jnp.eye(size).reshape(size, size, *[1] * value.ndim) * value
