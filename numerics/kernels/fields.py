"""Weak and strong magnetic fields: the two regimes of functions of (B, B_phi).

A quantum correction in a perpendicular field depends on x = B_phi/|B|.  As a function of the
two fields it is smooth at B = 0, where x is infinite, provided that it is evaluated in powers of
B/B_phi there and in powers of B_phi/|B| in strong fields.

This file depends on jax alone.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from numerics.kernels.rational import isolated


class FieldRegime(NamedTuple):
    """Where (B, B_phi) lies.  With p = B_phi/2, `t` is B/p in weak fields, |B| <= p, and p/B in
    strong ones, |t| <= 1."""

    weak: Array
    t: Array
    scale: Array  # the denominator of t: p in weak fields, B in strong ones
    B_phi: Array


def field_regime(B: Array, B_phi: Array) -> FieldRegime:
    """The regime; NaN for B_phi < 0.  B = B_phi = 0 counts as zero field, both inf likewise."""
    B = jnp.where(jnp.isinf(B) & jnp.isinf(B_phi), 0, B)
    B_phi = jnp.where(B_phi < 0, jnp.nan, B_phi)
    # F(0, 0) = 0 by way of B_phi = 1.  XLA flushes a p below the smallest normal number to zero
    vanishes = B_phi < 2 * jnp.finfo(B.dtype).tiny
    B_phi = jnp.where(vanishes, (B == 0).astype(B.dtype), B_phi)
    p = 0.5 * B_phi
    weak = jnp.abs(B) <= p
    scale = jnp.where(weak, p, B)
    return FieldRegime(weak, isolated(jnp.where(weak, B, p) / scale), scale, B_phi)
