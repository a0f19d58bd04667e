"""Refitting the other values at many held ones, and freeing the held ones again.

Fits of neighbours can end in different minima of the refitted values, so every point is tried again
from where its lowest neighbour ended, until nothing changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.profile_problem import HeldProblem, WholeProblem

# Relative to the sum of squares: smaller improvements are rounding errors.
_LOWER = 1e-9
_SWEEPS = 20
# Local minima of the grid from which the whole problem is searched, the lowest ones.
_FREED = 8


@dataclass(frozen=True)
class FreeMinimum:
    """A minimum of the whole problem that a profile leads to."""

    values: dict[str, float]
    sum_of_squares: float


def refit_from_starts(
    problem: HeldProblem, held: NDArray[np.float64], start: Mapping[str, float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return sums of squares (C,) and refitted values (C, n) from the given or several starts."""
    square, refitted = np.full(len(held), np.inf), np.full((len(held), len(problem.names)), np.nan)
    for values in _starts(problem, start):
        rows = np.broadcast_to(values, refitted.shape)
        square, refitted = lower(problem, held, rows, square, refitted, len(held))
    return square, refitted


def _starts(problem: HeldProblem, start: Mapping[str, float] | None) -> list[NDArray[np.float64]]:
    if start is not None:
        missing = [name for name in problem.names if name not in start]
        if missing:
            raise ValueError(f"start has no value for {missing[0]!r}; give all free values.")
        return [np.array([start[name] for name in problem.names])]
    points = []
    for part in (0.5, 0.25, 0.75):
        t = [
            (1 - part) * p.natural(p.search_interval[0]) + part * p.natural(p.search_interval[1])
            for p in problem.free
        ]
        points.append(np.where([p.logarithmic for p in problem.free], np.exp(t), t))
    return points


def lower(
    problem: HeldProblem,
    held: NDArray[np.float64],
    start: NDArray[np.float64],
    square: NDArray[np.float64],
    refitted: NDArray[np.float64],
    size: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what is lower of the known and a new refit at each point."""
    ends = problem.minima(held, start, size=size)
    found = np.where(ends.converged, ends.square, np.inf)
    lower = found < square * (1 - _LOWER)
    return (
        np.where(lower, found, square),
        np.where(lower[:, None], problem.values(ends), refitted),
    )


def sweep(
    problem: HeldProblem,
    held: NDArray[np.float64],
    square: NDArray[np.float64],
    refitted: NDArray[np.float64],
    shape: tuple[int, ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Refit each point from its lowest neighbour, then those whose neighbour has changed."""
    changed = np.ones(len(held), bool)
    index = np.arange(len(held)).reshape(shape)
    for _ in range(_SWEEPS):
        if not np.any(np.isfinite(square)):
            break
        neighbour = _lowest_neighbour(np.where(np.isfinite(square), square, np.inf), index)
        rows = np.flatnonzero(changed[neighbour] & np.isfinite(square[neighbour]))
        if not len(rows):
            break
        before = square.copy()
        square[rows], refitted[rows] = lower(
            problem,
            held[rows],
            refitted[neighbour[rows]],
            square[rows],
            refitted[rows],
            len(held),
        )
        changed = square < before
    return np.where(np.isfinite(square), square, np.nan), refitted


def _lowest_neighbour(square: NDArray[np.float64], index: NDArray[np.int64]) -> NDArray[np.int64]:
    padded = np.pad(square.reshape(index.shape), 1, constant_values=np.inf)
    at = np.pad(index, 1, mode="edge")
    moves = [(a, b) for a in (0, 1, 2) for b in (0, 1, 2) if (a, b) != (1, 1)]
    a, b = index.shape
    around = np.stack([padded[i : i + a, j : j + b] for i, j in moves])
    names = np.stack([at[i : i + a, j : j + b] for i, j in moves])
    lowest = np.argmin(around, axis=0)[None]
    return np.take_along_axis(names, lowest, axis=0)[0].ravel()


def free_minima(
    problem: HeldProblem,
    whole: WholeProblem,
    held: NDArray[np.float64],
    square: NDArray[np.float64],
    refitted: NDArray[np.float64],
    shape: tuple[int, ...],
) -> tuple[FreeMinimum, ...]:
    """Free the held values at the local minima of the map, and return where that leads."""
    finite = np.where(np.isfinite(square), square, np.inf)
    neighbour = _lowest_neighbour(finite, np.arange(len(held)).reshape(shape))
    local = np.flatnonzero(np.isfinite(finite) & (finite <= finite[neighbour]))
    if not len(local):
        raise ValueError("No point of the grid reaches a minimum; move the grid or the bounds.")
    local = local[np.argsort(finite[local])][:_FREED]
    names = [*problem.held, *problem.names]
    points = np.concatenate([held, refitted], axis=1)[local]
    found = whole.minima(points[:, [names.index(name) for name in whole.layout.names]], _FREED)
    return tuple(FreeMinimum(*one) for one in found)
