"""How often intervals cover the truth, by simulation.

A 68 % interval that covers in half of all repetitions is not a 68 % interval. Data sets are drawn
from the model at known values with known noise, each is refitted by the search of
`numerics.fit.fit`, all of them in one compiled program, and intervals that hold the truth are
counted. The search starts at the truth: what is tested is the interval around the minimum, not
the way to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.fit import Progress
from numerics.intervals import quantile
from numerics.parameters import Parameter
from numerics.planned_sweep import PlannedSweep
from numerics.precision import double_precision
from numerics.problem import Fixed, Model
from numerics.repeated_fits import (
    held,
    laplace_distances,
    make_problem,
    profile_distances,
    refit,
    simulated,
    true_values,
)

_Array = NDArray[np.float64]

_METHODS = ("laplace", "profile")


@dataclass(frozen=True, eq=False)
class Coverage:
    """Fractions of simulated intervals that hold the true value.

    Attributes
    ----------
    names : tuple of str
        The n free values.
    levels : tuple of float
        What the intervals claim.
    fractions : array, shape (n, number of levels)
        What they do. An undetermined parameter has its bounds as an interval, which covers; a
        simulation whose fit failed does not cover.
    simulations, failed : int
        How many there were, and how many refits reached no minimum.
    undetermined : dict
        In how many simulations a parameter was not determined, by name.
    method : str
        Kind of interval.
    """

    names: tuple[str, ...]
    levels: tuple[float, ...]
    fractions: _Array
    simulations: int
    failed: int
    undetermined: dict[str, int]
    method: str

    @property
    def errors(self) -> _Array:
        """Binomial standard error of a fraction at each level, if the claim is true."""
        p = np.array(self.levels)
        return np.sqrt(p * (1 - p) / self.simulations)

    @property
    def deviations(self) -> _Array:
        """Fraction minus level in binomial errors, shape (n, number of levels)."""
        return np.asarray((self.fractions - np.array(self.levels)) / self.errors)

    @property
    def sentences(self) -> tuple[str, ...]:
        """One sentence per parameter and level, and on refits that failed."""
        rows = [
            f"The {100 * level:.3g} % {self.method} interval of {name} covers the truth in "
            f"{100 * self.fractions[i, k]:.1f} % of {self.simulations} simulations "
            f"(binomial error {100 * self.errors[k]:.1f} %){self._verdict(i, k)}."
            for i, name in enumerate(self.names)
            for k, level in enumerate(self.levels)
        ]
        rows += [
            f"{name} was undetermined in {count} of them."
            for name, count in self.undetermined.items()
            if count
        ]
        if self.failed:
            rows.append(f"{self.failed} of {self.simulations} refits reached no minimum.")
        return tuple(rows)

    def _verdict(self, i: int, k: int) -> str:
        if abs(self.deviations[i, k]) <= 3:
            return ""
        return ": too rarely" if self.deviations[i, k] < 0 else ": more often than it claims"


@double_precision()
def coverage(
    function: Model,
    truth: Fixed,
    sweeps: PlannedSweep | Sequence[PlannedSweep],
    parameters: Sequence[Parameter],
    *,
    fixed: Fixed | None = None,
    noise_known: bool = True,
    correlation_known: bool = True,
    method: str = "laplace",
    simulations: int = 1000,
    levels: Sequence[float] = (0.68, 0.95),
    seed: int = 0,
    progress: Progress | None = None,
) -> Coverage:
    """Simulate measurements, refit them and count intervals that cover the truth.

    Parameters
    ----------
    function : callable
        ``function(B, **values)``, as for `numerics.fit.fit`.
    truth : mapping
        ``{name: value}`` or ``{name: {label: value}}`` of each parameter.
    sweeps : PlannedSweep or sequence of PlannedSweep
        Fields, and the noise that is drawn: normal, with standard errors or a covariance.
    parameters, fixed
        As for `numerics.fit.fit`.
    noise_known : bool
        Whether the refit knows the noise (chi-square) or takes its variance from the residuals.
    correlation_known : bool
        Without it the refit takes the points as independent, with their true standard errors:
        what fluctuations that are correlated along the field do to intervals that ignore it.
    method : str
        ``"laplace"``: from the standard error in natural coordinates (`laplace_interval`).
        ``"profile"``: the truth is covered if the sum of squares with the parameter held at it
        is higher by less than the quantile squared (profile likelihood).
    simulations : int
        Number of data sets.
    levels : sequence of float
        Probabilities.
    seed : int
        The same seed gives the same data sets.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Returns
    -------
    Coverage

    Raises
    ------
    ValueError
        If values of a parameter are missing or out of bounds, the method is not known, or there is
        no simulation to be made.
    """
    sweeps = (sweeps,) if isinstance(sweeps, PlannedSweep) else tuple(sweeps)
    if method not in _METHODS:
        raise ValueError(f"The method is {method!r}; choose one of {', '.join(_METHODS)}.")
    if simulations < 1:
        raise ValueError(f"The number of simulations is {simulations}; use at least 1.")
    whole = make_problem(sweeps, parameters, fixed or {}, noise_known, correlation_known)
    values = true_values(whole[0], truth)
    data = simulated(function, whole, values, sweeps, simulations, seed)
    dof = sum(len(s.B) for s in sweeps) - len(values)
    if dof < 1:
        raise ValueError(f"The sweeps have too few points for {len(values)} free values.")
    reach = np.array([quantile(level, None if noise_known else dof) for level in levels])
    ends = refit(function, whole, values, data, progress)
    distances, lost, failed = laplace_distances(ends, whole, values, data, dof, noise_known)
    if method == "profile":
        problems = [
            held(whole, sweeps, parameters, fixed or {}, i, values) for i in range(len(values))
        ]
        distances = profile_distances(function, problems, values, data, ends, dof, noise_known)
        distances[failed] = np.inf
    inside = distances[:, :, None] <= reach
    return Coverage(
        whole[0].names,
        tuple(levels),
        inside.mean(axis=0),
        simulations,
        int(failed.sum()),
        dict(zip(whole[0].names, lost.sum(axis=0).tolist(), strict=True)),
        method,
    )
