"""The profile of the sum of squares over one value, and the interval that it confines.

Unlike a standard error, the interval follows the valley where it bends, is not symmetric, and may
be open: beyond some value the data may not care. First the whole range is refitted on a coarse
grid as one batch; then, on each side of the minimum, the step in which the level is crossed is
refined by grids within it, each again a batch that starts from the last point inside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.confidence_level import confidence_level
from numerics.curve import Curve
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.problem import Fixed, Model
from numerics.profile_problem import HeldProblem, KnownNoise, held_problem, whole_problem
from numerics.profile_refit import FreeMinimum, free_minima, lower, refit_from_starts, sweep
from numerics.rounding import quantity_text

_POINTS = 63
# Points within a step in which the level is crossed, and how often: 17^-5 of a step is 1e-6.
_WITHIN = 16
_ROUNDS = 5


@dataclass(frozen=True, eq=False)
class Profile:
    """The profile over one value and the interval it confines.

    Attributes
    ----------
    name, unit : str
        What was held, and its SI unit.
    grid, sum_of_squares : array, shape (a,)
        Held values, increasing, and the minimum over all others there (NaN if none was found).
    refitted : dict
        The other values there, arrays of shape (a,).
    minima : tuple of FreeMinimum
        Of the whole problem, by increasing sum of squares; the first sets the level.
    probability, level : float
        Of the interval, and the sum of squares at its ends.
    lower, upper : float or None
        Ends of the interval around the best value; None where it is open, as far as the grid goes.
    """

    name: str
    unit: str
    grid: NDArray[np.float64]
    sum_of_squares: NDArray[np.float64]
    refitted: dict[str, NDArray[np.float64]]
    minima: tuple[FreeMinimum, ...]
    probability: float
    level: float
    lower: float | None
    upper: float | None

    @property
    def best(self) -> float:
        """The value at the lowest minimum."""
        return self.minima[0].values[self.name]

    @property
    def status(self) -> tuple[str, ...]:
        """What is to be said about the interval, in full sentences."""
        said = [self._interval()]
        inside = self.sum_of_squares <= self.level
        low = self.grid[0] if self.lower is None else self.lower
        high = self.grid[-1] if self.upper is None else self.upper
        if other := self.grid[inside & ((self.grid < low) | (self.grid > high))].tolist():
            said.append(
                f"Values from {self._text(other[0])} to {self._text(other[-1])} outside it "
                "fit as well: it is not the only one."
            )
        return tuple(said)

    def _interval(self) -> str:
        percent = f"{100 * self.probability:.4g} %"
        if self.lower is None and self.upper is None:
            ends = (
                f"is open on both sides, {self._text(self.grid[0])} to {self._text(self.grid[-1])}"
            )
        elif self.upper is None:
            ends = (
                f"goes from {self._text(self.lower or 0.0)} upwards and is open: up to "
                f"{self._text(self.grid[-1])} the level is not reached"
            )
        elif self.lower is None:
            ends = (
                f"goes up to {self._text(self.upper)} and is open below: down to "
                f"{self._text(self.grid[0])} the level is not reached"
            )
        else:
            ends = f"goes from {self._text(self.lower)} to {self._text(self.upper)}"
        return f"The {percent} interval of {self.name} {ends}."

    def _text(self, value: float) -> str:
        return quantity_text(float(value), 0.0, self.unit)


@double_precision()
def profile(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    name: str,
    fixed: Fixed | None = None,
    *,
    probability: float = 0.6827,
    grid: ArrayLike | None = None,
    weights: str | None = None,
    noise: KnownNoise | None = None,
    noise_dof: float | None = None,
    start: Mapping[str, float] | None = None,
) -> Profile:
    """Return the profile of the sum of squares over one free value.

    Parameters
    ----------
    function, curves, parameters, fixed, weights
        The problem, as for `numerics.fit.fit`.
    name : str
        The value to hold, ``"tau_phi[300 mK]"`` for one of several.
    probability : float
        Of the interval, by the F test (chi-square with weights or noise).
    grid : array, optional
        Increasing values to hold it at, at least three; the search interval by default, on a
        logarithmic scale for positive parameters. An interval is open where it reaches the end.
    noise : GivenNoise or KernelNoise, optional
        Instead of weights: known covariances, such as the `noise` of a fit with `CorrelatedNoise`.
    noise_dof : float, optional
        Where that noise was estimated, the degrees of freedom behind it: the smallest of the
        `Minimum.error_dof` of the held values. Intervals are wider by it.
    start : mapping, optional
        Where the refits start, by name; without it several points are tried.

    Raises
    ------
    ValueError
        As for `numerics.profile_map.profile_map`.
    """
    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    whole = whole_problem(function, curves, parameters, fixed or {}, weights, noise)
    problem = held_problem(function, curves, parameters, fixed or {}, (name,), weights, noise)
    parameter = whole.layout.parameters[whole.layout.names.index(name)]
    values = _grid(parameter, grid)
    found, refitted = refit_from_starts(problem, values[:, None], start)
    found, refitted = sweep(problem, values[:, None], found, refitted, (len(values), 1))
    minima = free_minima(problem, whole, values[:, None], found, refitted, (len(values), 1))
    level = confidence_level(
        minima[0].sum_of_squares, whole.dof, 1, probability, whole.weights, noise_dof
    )
    at = minima[0].values[name]
    others = np.array([minima[0].values[n] for n in problem.names])
    k = int(np.searchsorted(values, at))
    points = np.insert(values, k, at)
    squares = np.insert(found, k, minima[0].sum_of_squares)
    rows = np.insert(refitted, k, others, axis=0)
    ends = [
        _end(problem, points[order], squares[order], rows[order], level, parameter)
        for order in (np.arange(k, -1, -1), np.arange(k, len(points)))
    ]
    return Profile(
        name=name,
        unit=parameter.unit,
        grid=values,
        sum_of_squares=found,
        refitted=dict(zip(problem.names, refitted.T, strict=True)),
        minima=minima,
        probability=probability,
        level=level,
        lower=ends[0],
        upper=ends[1],
    )


def _grid(parameter: Parameter, grid: ArrayLike | None) -> NDArray[np.float64]:
    if grid is None:
        low, high = (parameter.natural(v) for v in parameter.search_interval)
        t = np.linspace(low, high, _POINTS)
        values = np.exp(t) if parameter.logarithmic else t
        return np.clip(values, *parameter.search_interval)
    values = np.asarray(grid, float)
    if values.ndim != 1 or len(values) < 3 or not np.all(np.diff(values) > 0):
        raise ValueError(
            f"The grid of {parameter.name!r} has shape {values.shape}; give at least three "
            "increasing values."
        )
    if values[0] < parameter.lower or values[-1] > parameter.upper:
        raise ValueError(
            f"The grid of {parameter.name!r} goes from {values[0]:g} to {values[-1]:g}, beyond the "
            f"bounds {parameter.lower:g} and {parameter.upper:g}; widen these or narrow the grid."
        )
    return values


def _end(
    problem: HeldProblem,
    points: NDArray[np.float64],
    squares: NDArray[np.float64],
    rows: NDArray[np.float64],
    level: float,
    parameter: Parameter,
) -> float | None:
    """Return where the level is first crossed on the way outwards from the best point, or None."""
    for _ in range(_ROUNDS):
        outside = np.flatnonzero(~(squares <= level))
        if not len(outside):
            return None
        out = int(outside[0])
        inner, outer = (parameter.natural(float(points[k])) for k in (out - 1, out))
        t = np.linspace(inner, outer, _WITHIN + 2)
        within = np.exp(t[1:-1]) if parameter.logarithmic else t[1:-1]
        start = np.repeat(rows[out - 1][None], _WITHIN, axis=0)
        nothing = (np.full(_WITHIN, np.inf), start)
        new, refitted = lower(problem, within[:, None], start, *nothing, _POINTS)
        points = np.concatenate([points[[out - 1]], within, points[[out]]])
        squares = np.concatenate([squares[[out - 1]], new, squares[[out]]])
        rows = np.concatenate([rows[[out - 1]], refitted, rows[[out]]])
    out = int(np.flatnonzero(~(squares <= level))[0])
    return float(points[out - 1] + points[out]) / 2
