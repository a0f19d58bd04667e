"""The kernel psi(1/2 + x) - ln x: numpy with scipy, jax as one would write it, and ours.

B_phi/B is log-uniform between 1e-4 and 1e4.  The error is the largest relative one against
mpmath for B_phi/B from 1e-8 to 1e12, of the derivative where one is computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import scipy.special

from benchmarks.measurement import Row, interleaved, ratio
from numerics.kernels.hikami import hikami

POINTS = 10**6

Function = Callable[[Any, Any], Any]


def with_scipy(B: np.ndarray, B_phi: np.ndarray) -> np.ndarray:
    x = B_phi / B
    return scipy.special.psi(0.5 + x) - np.log(x)


def with_jax(B: jax.Array, B_phi: jax.Array) -> jax.Array:
    x = B_phi / B
    return jax.scipy.special.digamma(0.5 + x) - jnp.log(x)


def with_slope(kernel: Function, B: jax.Array, B_phi: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Value and derivative in B_phi, the combination that a fit evaluates."""
    return jax.jvp(partial(kernel, B), (B_phi,), (jnp.ones_like(B_phi),))


def bare_log(B: jax.Array, B_phi: jax.Array) -> jax.Array:
    return jnp.log(B)


CONTENDERS: dict[str, Function] = {
    "numpy, scipy": with_scipy,
    "jax, naive": jax.jit(with_jax),
    "cooperon": hikami,
    "jax, naive, with slope": jax.jit(partial(with_slope, with_jax)),
    "cooperon, with slope": jax.jit(partial(with_slope, hikami)),
    "jax.numpy.log alone": jax.jit(bare_log),
}
TARGETS = {"cooperon": 0.22, "cooperon, with slope": 0.35}


def fields(low: float, high: float, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-uniform B_phi/B between 10^low and 10^high, with B_phi of order one."""
    rng = np.random.default_rng(0)
    B_phi = rng.uniform(0.5, 2, points)
    return B_phi / 10 ** rng.uniform(low, high, points), B_phi


def exact(B: float, B_phi: float, slope: bool) -> mp.mpf:
    x = mp.mpf(B_phi) / mp.mpf(B)
    if slope:
        return (mp.psi(1, x + 0.5) - 1 / x) / mp.mpf(B)
    return mp.psi(0, x + 0.5) - mp.log(x)


def largest_error(name: str) -> float:
    """Largest relative error of the last output of a contender."""
    slope = "slope" in name
    B, B_phi = fields(-8, 12, 200)
    result = CONTENDERS[name](B, B_phi)
    values = np.asarray(result[1] if slope else result)
    with mp.workdps(60):
        exacts = [exact(*point, slope) for point in zip(B, B_phi, strict=True)]
        return max(
            float(abs(mp.mpf(float(v)) / e - 1)) for v, e in zip(values, exacts, strict=True)
        )


def rows() -> Iterator[Row]:
    """Ratios to numpy and scipy, and of ours to a bare logarithm."""
    arrays = fields(-4, 4, POINTS)
    devices = tuple(map(jnp.asarray, arrays))
    times = interleaved(
        {
            name: partial(function, *(arrays if name == "numpy, scipy" else devices))
            for name, function in CONTENDERS.items()
        }
    )
    for name in CONTENDERS:
        error = "" if name.endswith("alone") else f"error {largest_error(name):.0e}"
        measured = ratio(times, name, "numpy, scipy")
        yield Row(
            f"psi(1/2 + x) - ln x: {name}", measured, "of numpy, scipy", TARGETS.get(name), error
        )
    to_log = ratio(times, "cooperon", "jax.numpy.log alone")
    yield Row("psi(1/2 + x) - ln x: cooperon", to_log, "of a bare log", 1.2)
