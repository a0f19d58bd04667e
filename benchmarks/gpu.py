"""The same numbers on a GPU, in both precisions; runs only where JAX sees one."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.compile_time import few_parameters
from benchmarks.formula import arguments, hln
from benchmarks.measurement import Row
from numerics.codegen import compile

# What two correct roundings of the same formula may differ by.
TARGETS = {"float64": 1e-12, "float32": 1e-4}


def difference(function: object, dtype: str, count: int) -> float:
    """Largest difference between GPU and CPU of value and gradient, relative to the largest."""
    arrays = [np.asarray(a, dtype) for a in arguments()[:count]]
    total = jax.value_and_grad(lambda p: jnp.sum(function(*p)))
    results = []
    for kind in ("cpu", "gpu"):
        placed = jax.device_put(arrays, jax.devices(kind)[0])
        results.append(jax.tree.leaves(jax.device_get(jax.jit(total)(placed))))
    pairs = zip(*results, strict=True)
    return max(float(np.max(np.abs(a - b)) / np.max(np.abs(a))) for a, b in pairs)


def rows() -> Iterator[Row]:
    """Per formula and precision, one row."""
    try:
        jax.devices("gpu")
    except RuntimeError:
        yield Row("GPU against CPU", None, "", note="JAX sees no GPU")
        return
    for name, formula in (("HLN formula", hln()), ("64 stacked terms", few_parameters(64))):
        function = compile(formula)
        count = 4 if name.startswith("HLN") else 3
        for dtype, target in TARGETS.items():
            yield Row(
                f"{name} on the GPU, {dtype}",
                difference(function, dtype, count),
                "relative difference",
                target,
            )
