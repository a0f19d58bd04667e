"""One line of the table, and how times are taken.

Machines are shared and clocks change, so contenders run in turn, each once per round, and what
counts is the median over the rounds of the ratio within a round.  Process CPU time counts all
threads, which compares one thread of each.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

ROUNDS = 9

Job = Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """A measured number with what it should not exceed; `measured` is None if there is none."""

    name: str
    measured: float | None
    unit: str
    target: float | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met, or the note where nothing was measured or asked for."""
        if self.measured is None or self.target is None:
            return self.note
        met = "met" if self.measured <= self.target else "missed"
        return f"{met}; {self.note}" if self.note else met


def cpu_time(job: Job) -> float:
    """Seconds of process CPU time of one run, to the end of what JAX computes."""
    start = time.process_time()
    jax.block_until_ready(job())
    return time.process_time() - start


def interleaved(jobs: Mapping[str, Job], rounds: int = ROUNDS) -> dict[str, np.ndarray]:
    """CPU times of each job in each round, after one run that is not counted."""
    for job in jobs.values():
        cpu_time(job)
    times = [[cpu_time(job) for job in jobs.values()] for _ in range(rounds)]
    return dict(zip(jobs, np.transpose(times), strict=True))


def ratio(times: Mapping[str, np.ndarray], name: str, reference: str) -> float:
    """Median over the rounds of the time of one job over that of another."""
    return float(np.median(times[name] / times[reference]))
