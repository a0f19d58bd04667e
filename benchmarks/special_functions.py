"""Other kernels beside scipy: three dimensions, Airy ratio, finite frequency.

Where scipy lacks the function (zeta(1/2, q)), it is one pass of its nearest relative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from benchmarks.measurement import Row, interleaved, ratio
from numerics.kernels.airy import airy_ratio
from numerics.kernels.hikami_complex import hikami_complex
from numerics.kernels.kawabata import kawabata

POINTS = 10**5


@dataclass(frozen=True)
class Contest:
    """A kernel, what scipy has for it, the arguments of both, and the ratio to reach."""

    name: str
    kernel: Callable[..., Any]
    with_scipy: Callable[..., Any]
    arguments: tuple[np.ndarray, ...]
    target: float


def complex_psi(B: np.ndarray, B_phi: np.ndarray) -> np.ndarray:
    x = B_phi / B
    return scipy.special.psi(0.5 + x) - np.log(x)


def zeta_pass(B: np.ndarray, B_phi: np.ndarray) -> np.ndarray:
    return scipy.special.zeta(1.5, 0.5 + B_phi / B)


def airy_quotient(x: np.ndarray) -> np.ndarray:
    Ai, Ai_prime, _, _ = scipy.special.airye(x)
    return Ai / Ai_prime


def contests() -> list[Contest]:
    rng = np.random.default_rng(0)
    x = 10 ** rng.uniform(-4, 4, POINTS)
    B = 1 / x
    phase = np.exp(1j * rng.uniform(-1.5, 1.5, POINTS))
    one = np.ones(POINTS)
    return [
        Contest("Kawabata's function (scipy: zeta(3/2, q))", kawabata, zeta_pass, (B, one), 0.022),
        Contest("Airy ratio Ai/Ai' (scipy: airye)", airy_ratio, airy_quotient, (x,), 0.006),
        Contest("complex psi(1/2 + x) - ln x", hikami_complex, complex_psi, (B, phase), 0.08),
    ]


def rows() -> Iterator[Row]:
    """One row per kernel: its time over that of scipy."""
    for contest in contests():
        arrays = tuple(map(jnp.asarray, contest.arguments))
        jobs = {
            "scipy": partial(contest.with_scipy, *contest.arguments),
            "ours": partial(jax.jit(contest.kernel), *arrays),
        }
        measured = ratio(interleaved(jobs), "ours", "scipy")
        yield Row(contest.name, measured, "of scipy", contest.target)
