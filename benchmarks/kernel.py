"""The kernel psi(1/2 + x) - ln x side by side: numpy with scipy, jax as one would write it, ours.

Run as `python benchmarks/kernel.py`.  Prints the median over interleaved repeats of the CPU
time per element, and its ratio to numpy and scipy; the accuracy column is the largest relative
error against mpmath for B_phi/B from 1e-8 to 1e12, of a derivative where one is computed.
CPU time counts all threads, so that it compares one thread of each.  XLA uses vectors of 256
bits unless told otherwise: XLA_FLAGS=--xla_cpu_prefer_vector_width=512 gains a third where
the processor has wider ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import scipy.special

if __name__ == "__main__":  # the repository's own packages, wherever this is started from
    import sys

    sys.path.insert(0, str(Path(__file__).parents[1]))

from numerics.kernels.hikami import hikami

REPEATS = 15
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


def fields(low: float, high: float, points: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-uniform B_phi/B between 10^low and 10^high, with B_phi of order one."""
    rng = np.random.default_rng(0)
    B_phi = rng.uniform(0.5, 2, points)
    return B_phi / 10 ** rng.uniform(low, high, points), B_phi


def cpu_time(function: Function, *arguments: Any) -> float:
    start = time.process_time()
    jax.block_until_ready(function(*arguments))
    return time.process_time() - start


def timings() -> dict[str, np.ndarray]:
    """CPU time of each contender in each round; a round runs all of them once."""
    arrays = fields(-4, 4, POINTS)
    devices = tuple(map(jnp.asarray, arrays))
    arguments = {name: arrays if name == "numpy, scipy" else devices for name in CONTENDERS}
    for name, function in CONTENDERS.items():
        cpu_time(function, *arguments[name])
    rounds = [
        [cpu_time(function, *arguments[name]) for name, function in CONTENDERS.items()]
        for _ in range(REPEATS)
    ]
    return dict(zip(CONTENDERS, np.transpose(rounds), strict=True))


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


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    times = timings()
    reference = times["numpy, scipy"]
    print(f"{POINTS} points, float64, {REPEATS} interleaved rounds")
    print(f"{'':24} {'ns/point':>9} {'ratio':>7} {'error':>9}")
    for name, seconds in times.items():
        error = "" if name.endswith("alone") else f"{largest_error(name):9.1e}"
        cost, ratio = np.median(seconds) / POINTS * 1e9, np.median(seconds / reference)
        print(f"{name:24} {cost:9.2f} {ratio:7.3f} {error:>9}")


if __name__ == "__main__":
    main()
