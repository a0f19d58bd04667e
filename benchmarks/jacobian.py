"""Value and Jacobian of Hikami, Larkin and Nagaoka's formula in three parameters, over its value.

Both come out of one pass: the kernel's derivative is computed once, not once per parameter, so
this costs one value more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.formula import arguments, hln
from benchmarks.measurement import Row, interleaved, ratio
from numerics.codegen import compile


def rows() -> Iterator[Row]:
    """One row: 1000 curves of 200 fields, each with its own parameters."""
    function = compile(hln())
    B, *parameters = map(jnp.asarray, arguments())
    p = jnp.stack([q[:, 0] for q in parameters], axis=-1)

    def value(p: jax.Array) -> jax.Array:
        return function(B, *p)

    def value_and_jacobian(p: jax.Array) -> tuple[jax.Array, jax.Array]:
        along = jax.vmap(lambda t: jax.jvp(value, (p,), (t,)), out_axes=(None, 0))
        return along(jnp.eye(3))

    jobs = {
        "value": partial(jax.jit(jax.vmap(value)), p),
        "both": partial(jax.jit(jax.vmap(value_and_jacobian)), p),
    }
    slopes = jobs["both"]()[1]
    if not np.all(np.isfinite(slopes)):
        raise SystemExit("The Jacobian of the HLN formula is not finite.")
    measured = ratio(interleaved(jobs, rounds=21), "both", "value")
    yield Row("HLN, value and Jacobian in 3 parameters", measured, "of its value", 2.0)
