"""Where chains start: at the minima of a fit, spread by its covariance.

A chain that starts anywhere spends its warmup on finding the valley; one that starts at a minimum
knows its width and direction from the first step. Minima are taken in turn, so that R-hat shows
whether chains go from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.inference_problem import InferenceProblem
from numerics.posterior_density import to_unbounded
from numerics.result import FitResult, Minimum

# Minima with a likelihood below that of the best by more than this factor (logarithm) hold a
# negligible part of the posterior, and a chain that starts there would give it a whole share.
_NEGLIGIBLE = 7.0
# Largest standard deviation in x assumed at the start; the whole range is about 10.
_WIDEST = 1.5

_Array = NDArray[np.float64]


def starting_minima(problem: InferenceProblem, found: FitResult) -> list[Minimum]:
    """Return the minima that hold a noticeable part of the posterior."""
    best = found.best.sum_of_squares

    def loss(minimum: Minimum) -> float:
        if problem.density.noise_known:
            return (minimum.sum_of_squares - best) / 2
        return problem.points / 2 * float(np.log(minimum.sum_of_squares / best))

    return [minimum for minimum in found.minima if loss(minimum) < _NEGLIGIBLE]


def starting_points(
    problem: InferenceProblem, minima: Sequence[Minimum], chains: int, seed: int
) -> tuple[jax.Array, jax.Array]:
    """Return x, shape (chains, n), and covariances in x, (chains, n, n): minima taken in turn."""
    rng = np.random.default_rng(seed)
    table = problem.target.priors
    points, covariances = [], []
    for k in range(chains):
        minimum = minima[k % len(minima)]
        t = problem.natural([minimum.values[name] for name in problem.names])
        x = np.asarray(to_unbounded(jnp.asarray(t), table, margin=1e-3))
        covariance = _covariance(problem, minimum, x)
        # Starts must be spread at least as wide as the posterior for R-hat to see what differs.
        points.append(rng.multivariate_normal(x, covariance))
        covariances.append(covariance)
    return jnp.asarray(points), jnp.asarray(covariances)


def _covariance(problem: InferenceProblem, minimum: Minimum, x: _Array) -> _Array:
    """Return the covariance of a fit in x; wide where the fit knows nothing."""
    table, parameters = problem.target.priors, problem.layout.parameters
    slope = np.asarray(table.high - table.low) * np.exp(-np.logaddexp(0, x) - np.logaddexp(0, -x))
    log = [p.logarithmic for p in parameters]
    slope = slope * np.where(log, [minimum.values[name] for name in problem.names], 1.0)
    order = [list(minimum.values).index(name) for name in problem.names]
    deviation = np.sqrt(np.diag(minimum.covariance))[order] / np.abs(slope)
    deviation = np.where(np.isfinite(deviation) & (deviation > 0), deviation, _WIDEST)
    deviation = np.minimum(deviation, _WIDEST)
    correlation = minimum.correlation[np.ix_(order, order)] * (1 - 1e-6)
    np.fill_diagonal(correlation, 1.0)
    return correlation * np.outer(deviation, deviation)
