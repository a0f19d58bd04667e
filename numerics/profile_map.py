"""The sum of squares over a grid of two values, everything else refitted: a confidence map.

Where two parameters are correlated and the valley is bent, as for the two spin-orbit times of
graphene, neither standard errors nor their ellipse say what the data allow; the profile does. Each
point of the grid is a fit of its own, and all of them run as one batch. Fits of neighbours can end
in different minima of the refitted values, so every point is tried again from where its lower
neighbours ended, until nothing changes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.confidence_level import confidence_level
from numerics.curve import Curve
from numerics.fit import Progress
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.problem import Fixed, Layout, Model
from numerics.profile_problem import KnownNoise, held_problem, whole_problem
from numerics.profile_refit import FreeMinimum, free_minima, refit_from_starts, sweep
from numerics.rounding import quantity_text

_PROBABILITIES = (0.6827, 0.95)


@dataclass(frozen=True, eq=False)
class ProfileMap:
    """The profile of the sum of squares over two values.

    Attributes
    ----------
    grid : dict
        Two names and their values, increasing, in SI units.
    sum_of_squares : array, shape (a, b)
        Minimum over all other values; NaN where no minimum was found.
    refitted : dict
        The other values there, arrays of shape (a, b).
    minima : tuple of FreeMinimum
        Of the whole problem, by increasing sum of squares; the first sets the levels.
    dof : int
        Points minus all free values, held ones included.
    units : dict
        SI units.
    weights : str or None
        See `numerics.fit.fit`.
    noise_dof : float or None
        Degrees of freedom behind a noise that was estimated.
    """

    grid: dict[str, NDArray[np.float64]]
    sum_of_squares: NDArray[np.float64]
    refitted: dict[str, NDArray[np.float64]]
    minima: tuple[FreeMinimum, ...]
    dof: int
    units: dict[str, str]
    weights: str | None
    noise_dof: float | None = None

    @property
    def best(self) -> FreeMinimum:
        """The lowest minimum."""
        return self.minima[0]

    def level(self, probability: float) -> float:
        """Return the sum of squares of the contour that confines both values jointly."""
        return confidence_level(
            self.best.sum_of_squares, self.dof, 2, probability, self.weights, self.noise_dof
        )

    def inside(self, probability: float) -> NDArray[np.bool_]:
        """Return the points of the grid within the contour, shape (a, b)."""
        return self.sum_of_squares <= self.level(probability)

    @cached_property
    def status(self) -> tuple[str, ...]:
        """What is to be said about the map, in full sentences."""
        best = ", ".join(self._text(name, self.best.values[name]) for name in self.grid)
        said = [
            f"The lowest sum of squares is {self.best.sum_of_squares:.6g} at {best} "
            f"({self.dof} degrees of freedom)."
        ]
        said += [sentence for P in _PROBABILITIES for sentence in self._open(P)]
        said += [self._further(minimum) for minimum in self.minima[1:]]
        if missing := int(np.sum(~np.isfinite(self.sum_of_squares))):
            said.append(f"No minimum was found at {missing} of {self.sum_of_squares.size} points.")
        return tuple(said)

    def _open(self, probability: float) -> list[str]:
        inside = self.inside(probability)
        said = []
        for axis, (name, values) in enumerate(self.grid.items()):
            for end, side in ((0, "smallest"), (-1, "largest")):
                if np.any(np.take(inside, end, axis=axis)):
                    said.append(
                        f"The {100 * probability:.3g} % contour is open at the {side} "
                        f"{self._text(name, values[end])} of the grid."
                    )
        return said

    def _further(self, minimum: FreeMinimum) -> str:
        where = ", ".join(self._text(name, minimum.values[name]) for name in self.grid)
        excess = minimum.sum_of_squares - self.best.sum_of_squares
        first = next((P for P in _PROBABILITIES if minimum.sum_of_squares <= self.level(P)), None)
        place = f"within the {100 * first:.3g} % contour" if first else "outside the contours"
        return f"A further minimum, {excess:.2g} higher, is at {where}, {place}."

    def _text(self, name: str, value: float) -> str:
        return f"{name} = {quantity_text(float(value), 0.0, self.units[name])}"


@double_precision()
def profile_map(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    fixed: Fixed | None = None,
    *,
    grid: Mapping[str, ArrayLike],
    weights: str | None = None,
    noise: KnownNoise | None = None,
    noise_dof: float | None = None,
    start: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> ProfileMap:
    """Return the profile of the sum of squares over a grid of two values.

    Parameters
    ----------
    function, curves, parameters, fixed, weights
        The problem, as for `numerics.fit.fit`.
    grid : mapping
        Two names of free values (``"tau_phi[300 mK]"`` for one of several) and the values to hold
        them at, increasing and within the bounds, at least three each.
    noise : GivenNoise or KernelNoise, optional
        Instead of weights: known covariances, such as the `noise` of a fit with `CorrelatedNoise`.
    noise_dof : float, optional
        Where that noise was estimated, the degrees of freedom behind it: the smallest of the
        `Minimum.error_dof` of the held values. Intervals are wider by it.
    start : mapping, optional
        Where the refits start, by name, for example the values of a fit; without it, several points
        of the search intervals are tried.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Returns
    -------
    ProfileMap
        The map, the minima of the whole problem that it leads to, and what is to be said.

    Raises
    ------
    ValueError
        If the grid does not hold two free values at increasing points within their bounds, nothing
        is left to refit, or no point of the grid reaches a minimum.
    """
    report = progress or _silent
    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    values = {name: np.asarray(points, float) for name, points in grid.items()}
    if len(values) != 2:
        raise ValueError(f"The grid holds {len(values)} values; a map needs two.")
    whole = whole_problem(function, curves, parameters, fixed or {}, weights, noise)
    problem = held_problem(function, curves, parameters, fixed or {}, tuple(values), weights, noise)
    _check_grid(values, whole.layout)
    shape = tuple(len(points) for points in values.values())
    held = np.stack([x.ravel() for x in np.meshgrid(*values.values(), indexing="ij")], axis=-1)
    report(0, 2, f"refitting at {len(held)} points")
    square, refitted = refit_from_starts(problem, held, start)
    square, refitted = sweep(problem, held, square, refitted, shape)
    report(1, 2, "searching the minima of the whole problem")
    minima = free_minima(problem, whole, held, square, refitted, shape)
    report(2, 2, f"found {len(minima)} minima")
    return ProfileMap(
        grid=values,
        sum_of_squares=square.reshape(shape),
        refitted={
            name: column.reshape(shape)
            for name, column in zip(problem.names, refitted.T, strict=True)
        },
        minima=minima,
        dof=whole.dof,
        units=whole.units,
        weights=whole.weights,
        noise_dof=noise_dof,
    )


def _check_grid(grid: Mapping[str, NDArray[np.float64]], layout: Layout) -> None:
    for name, values in grid.items():
        parameter = layout.parameters[layout.names.index(name)]
        if values.ndim != 1 or len(values) < 3 or not np.all(np.diff(values) > 0):
            raise ValueError(
                f"The grid of {name!r} has shape {values.shape}; give at least three increasing "
                "values."
            )
        if values[0] < parameter.lower or values[-1] > parameter.upper:
            raise ValueError(
                f"The grid of {name!r} goes from {values[0]:g} to {values[-1]:g}, beyond the "
                f"bounds {parameter.lower:g} and {parameter.upper:g}; widen these or narrow it."
            )


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""
