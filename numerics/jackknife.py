"""Errors from the rows of a sweep: repeat the analysis without some of them, for each group.

A standard error that comes from residuals or from a covariance believes in a model of the noise.
The jackknife does not: rows of another gate voltage have other conductance fluctuations, and how
much the *result* changes when a group of rows is left out contains whatever the fluctuations do,
along the field, between temperatures, and through a reference that all curves share. Rows next to
each other repeat each other, so neighbours are left out together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.fit import Progress
from numerics.pipeline import Pipeline
from numerics.steps import Drop
from numerics.sweep_array import SweepArray

Estimate = Callable[[tuple[Curve, ...]], Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Jackknife:
    """Values without each group of rows.

    Attributes
    ----------
    groups : tuple of array
        Coordinates of the rows that were left out together.
    values : dict
        Arrays, shape (g,), by name.
    """

    groups: tuple[NDArray[np.float64], ...]
    values: dict[str, NDArray[np.float64]]

    def standard_error(self, name: str) -> float:
        """Return sqrt((g-1)/g sum (x_i - mean)^2) (Quenouille, Biometrika 43, 353 (1956))."""
        x = self.values[name]
        return math.sqrt((len(x) - 1) / len(x) * float(np.sum((x - x.mean()) ** 2)))

    def ends(self, name: str) -> tuple[float, float]:
        """Return the smallest and the largest value."""
        return float(self.values[name].min()), float(self.values[name].max())


def row_jackknife(
    sweeps: Sequence[SweepArray],
    pipeline: Pipeline,
    estimate: Estimate,
    *,
    axis: str = "V_g",
    groups: int = 10,
    progress: Progress | None = None,
) -> Jackknife:
    """Return the estimate from all rows but those of a group, for each group.

    Parameters
    ----------
    sweeps : sequence of SweepArray
        With an axis of rows; a row of one coordinate is left out of all sweeps at once.
    pipeline : Pipeline
        From these sweeps to curves.
    estimate : callable
        ``estimate(curves)`` returns values by name.
    axis : str
        Name of the axis of rows.
    groups : int
        Number of groups of neighbouring rows, as equal as they can be.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Raises
    ------
    ValueError
        If there are fewer than two groups, or more groups than rows.
    """
    known = np.unique(np.concatenate([sweep.axes[axis] for sweep in sweeps]))
    # Coordinates of two sweeps that differ by rounding are the same row.
    close = 1e-6 * float(np.ptp(known))
    rows = known[np.append(True, np.diff(known) > close)]
    if not 2 <= groups <= len(rows):
        raise ValueError(
            f"{len(rows)} rows cannot be left out in {groups} groups; use 2 to {len(rows)}."
        )
    parts = tuple(np.array_split(rows, groups))
    found = []
    for k, part in enumerate(parts):
        if progress is not None:
            progress(k, groups, f"leaving out {axis} = {part[0]:g} to {part[-1]:g}")
        left = [_without(sweep, axis, part, close) for sweep in sweeps]
        found.append(dict(estimate(pipeline.run(left).curves)))
    values = {name: np.array([one[name] for one in found]) for name in found[0]}
    return Jackknife(parts, values)


def _without(sweep: SweepArray, axis: str, part: NDArray[np.float64], close: float) -> SweepArray:
    own = sweep.axes[axis]
    gone = np.flatnonzero(np.min(np.abs(own[:, None] - part), axis=1) <= close)
    if not len(gone):
        return sweep
    return Drop(axis, indices=tuple(gone.tolist()), reason="left out by the jackknife").apply(sweep)
