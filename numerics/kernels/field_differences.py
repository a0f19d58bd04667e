"""Differences of one function of (B, B_phi) at two dephasing fields, P and Q: cutting the path.

Each regime of `fields` has its own formula for a difference without cancellation, and P and Q may
lie in different ones.  For a function that is monotonic in B_phi the path from P to Q can be cut
where the regimes meet: both parts have one sign, and one is zero if it is not crossed.

This file depends on jax alone.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array


def cut_path(B: Array, P: Array, Q: Array) -> tuple[Array, Array, list[Array], list[Array]]:
    """|B|, 2 |B| (1 at B = 0), and the parts of P and Q in the weak and in the strong regime.

    The regimes meet at B_phi = 2 |B|.  Infinite fields become the largest finite ones whose
    multiples are finite; a negative dephasing field is NaN.
    """
    size = jnp.minimum(jnp.abs(B), jnp.finfo(B.dtype).max / 16)
    fields = [
        jnp.where(p >= 0, jnp.minimum(p, 0.25 * jnp.finfo(p.dtype).max), jnp.nan) for p in (P, Q)
    ]
    weak = [jnp.maximum(p, 2 * size) for p in fields]
    strong = [jnp.minimum(p, 2 * size) for p in fields]
    return size, jnp.where(size > 0, 2 * size, 1), weak, strong
