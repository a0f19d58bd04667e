"""Chains of the No-U-Turn sampler on several threads, in stages that share what they learn."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.fit import Progress
from numerics.inference_problem import InferenceProblem
from numerics.nuts import Draws, advance_chains, pooled_covariance, start_chains
from numerics.precision import double_precision

STAGES = 4  # of the warmup, with a mass matrix of their own each


@dataclass(frozen=True)
class Settings:
    """Draws of a stage of the warmup, draws kept, and the acceptance that the step aims at."""

    stage: int
    draws: int
    acceptance: float

    @property
    def lengths(self) -> tuple[int, ...]:
        """Draws of each run; the last adapts its step for a stage and then keeps its draws."""
        return (*(STAGES - 1) * (self.stage,), self.stage + self.draws)

    @property
    def blocks(self) -> int:
        """Number of blocks of the length of a stage that one chain runs."""
        return sum(-(-length // self.stage) for length in self.lengths)


def run_chains(
    problem: InferenceProblem,
    x: jax.Array,
    covariance: jax.Array,
    settings: Settings,
    seed: int,
    progress: Progress | None,
) -> Draws:
    """Return the draws after the warmup, arrays of shape (chains, draws, ...).

    Each stage of the warmup takes its mass matrix from the draws of all chains in the stage
    before, so that a chain that has seen one minimum only moves as the others do. Chains run on as
    many threads as there are processors: trajectories differ in length, and in one batch each
    would wait for the longest.
    """
    stop, key = threading.Event(), jax.random.key(seed)
    report = _counter(progress, settings.blocks * len(x))

    @double_precision()
    def one_chain(k: int, stage: int, draws: int) -> Draws:
        own = slice(k, k + 1)
        keys = jax.random.split(jax.random.fold_in(key, stage), len(x))[own]
        static = {"warmup": settings.stage, "acceptance": settings.acceptance}
        density, target = problem.density, problem.target
        data = target.arrays.delta_sigma[None]
        state = start_chains(density, x[own], covariance[own], keys, data, target, **static)
        parts = []
        for _ in range(-(-draws // settings.stage)):
            if stop.is_set():
                raise InterruptedError("Sampling was interrupted.")
            state, part = advance_chains(
                density, state, data, target, length=settings.stage, **static
            )
            parts.append(jax.tree.map(np.asarray, part))
            report()
        return jax.tree.map(lambda *a: np.concatenate(a, axis=1)[:, :draws], *parts)

    chains, raw = range(len(x)), None
    with ThreadPoolExecutor(max_workers=min(len(x), os.cpu_count() or 1)) as pool:
        try:
            for stage, draws in enumerate(settings.lengths):
                run = partial(one_chain, stage=stage, draws=draws)
                # The first chain goes ahead once, or each thread would compile for itself.
                ahead = [run(0)] if stage == 0 else []
                parts = [*ahead, *pool.map(run, chains[len(ahead) :])]
                raw = jax.tree.map(lambda *a: np.concatenate(a), *parts)
                x, covariance = (
                    jnp.asarray(raw.x[:, -1]),
                    _broadcast(pooled_covariance(raw.x), len(x)),
                )
        except BaseException:
            stop.set()
            raise
    return jax.tree.map(lambda a: a[:, settings.stage :], raw)


def _broadcast(matrix: NDArray[np.float64], chains: int) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(matrix), (chains, *matrix.shape))


def _counter(progress: Progress | None, total: int) -> Callable[[], None]:
    """Return a function that reports one more block done, from any thread."""
    lock, done = threading.Lock(), [0]

    def report() -> None:
        if progress is None:
            return
        with lock:
            done[0] += 1
            progress(done[0], total, "sampling the posterior")

    return report
