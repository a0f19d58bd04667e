"""A problem of inference: curves, a model of them and of their noise, and priors.

The same object is sampled (`numerics.posterior`), integrated (`numerics.evidence`) and simulated
(`numerics.calibration`), so that the three agree on what the model is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.checks import check_counts, check_curves, check_model, check_unit
from numerics.covariates import with_temperatures
from numerics.curve import Curve
from numerics.noise_model import GivenNoise, KernelNoise
from numerics.parameters import Parameter
from numerics.posterior_density import Density, Target
from numerics.prior import Prior
from numerics.priors import assign_priors, prior_table, quantiles
from numerics.problem import (
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    predict,
    to_values,
    with_covariances,
)

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class InferenceProblem:
    """What is inferred from what, checked and laid out in arrays.

    Attributes
    ----------
    curves : tuple of Curve
    layout : Layout
        Names of the n free values and where the arguments of the function find theirs.
    priors : tuple of Prior
        One for each free value.
    density : Density
        The static part of the posterior density.
    target : Target
        Its arrays, in float64.
    """

    curves: tuple[Curve, ...]
    layout: Layout
    priors: tuple[Prior, ...]
    density: Density
    target: Target

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the free values."""
        return self.layout.names

    @property
    def points(self) -> int:
        """Number of points of all curves."""
        return sum(len(c) for c in self.curves)

    def natural(self, values: ArrayLike) -> _Array:
        """Return the natural coordinates t of values p, shape (..., n)."""
        values = np.asarray(values, dtype=np.float64)
        log = np.array([p.logarithmic for p in self.layout.parameters])
        return np.where(log, np.log(np.where(log, values, 1.0)), values)

    def values(self, t: jax.Array) -> _Array:
        """Return the values p of natural coordinates within the bounds, shape (..., n)."""
        low = [p.lower for p in self.layout.parameters]
        high = [p.upper for p in self.layout.parameters]
        return np.clip(np.asarray(to_values(t, self.target.arrays)), low, high)

    def predict(self, t: ArrayLike) -> _Array:
        """Return the model at k points t, shape (k, n), as rows of all N points of the curves."""
        rows = np.asarray(_predictions(self.density, jnp.asarray(t), self.target))
        return np.concatenate([rows[:, k, : len(c)] for k, c in enumerate(self.curves)], axis=1)

    def prior_draws(self, count: int, seed: int) -> _Array:
        """Return draws of the values from the prior, shape (count, n)."""
        cumulative = np.random.default_rng(seed).random((count, len(self.names)))
        return quantiles(self.priors, self.layout.parameters, cumulative)


def inference_problem(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    fixed: Fixed | None = None,
    weights: str | None = None,
    noise: GivenNoise | KernelNoise | None = None,
    priors: Mapping[str, Prior] | None = None,
) -> InferenceProblem:
    """Return the checked problem; arguments as in `numerics.posterior.sample`.

    To be called in double precision.
    """
    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    check_curves(curves)
    check_unit(function, curves)
    fixed = with_temperatures(function, curves, parameters, fixed or {})
    layout = make_layout(parameters, [c.label for c in curves], fixed)
    points = sum(len(c) for c in curves)
    check_counts(layout, points)
    arrays = make_arrays(layout, curves, weights)
    if noise is not None:
        arrays = with_covariances(arrays, [noise.covariance(c) for c in curves])
    check_model(function, layout, arrays)
    chosen = assign_priors(priors, layout.names, layout.parameters)
    known = weights is not None or noise is not None
    inverse = [
        _inverse_diagonal(arrays.weight, arrays.whitening, k, c) for k, c in enumerate(curves)
    ]
    target = Target(
        arrays,
        jnp.asarray(-sum(float(np.sum(np.log(d))) for d in inverse)),
        jnp.asarray(float(points)),
        prior_table(chosen, layout.parameters),
    )
    density = Density(function, layout.arguments, known)
    return InferenceProblem(curves, layout, chosen, density, target)


def whitening_matrices(problem: InferenceProblem) -> list[_Array] | None:
    """Return L^-1 of each curve, shape (m, m), or None where the noise is independent."""
    whitening = problem.target.arrays.whitening
    if whitening is None:
        return None
    return [np.asarray(whitening[k, : len(c), : len(c)]) for k, c in enumerate(problem.curves)]


def independent_errors(problem: InferenceProblem) -> _Array:
    """Return the standard errors of all N points; ones where they are unknown."""
    weight = problem.target.arrays.weight
    return np.concatenate(
        [1 / np.asarray(weight[k, : len(c)]) for k, c in enumerate(problem.curves)]
    )


def split(problem: InferenceProblem, rows: _Array) -> list[_Array]:
    """Return rows of all N points, shape (..., N), curve by curve."""
    return np.split(rows, np.cumsum([len(c) for c in problem.curves])[:-1], axis=-1)


def whitened(problem: InferenceProblem, difference: _Array, scale: ArrayLike = 1.0) -> _Array:
    """Return differences of all N points, shape (..., N), in units of the noise.

    `scale` is the standard deviation where the noise is unknown, shape (...,).
    """
    matrices = whitening_matrices(problem)
    if matrices is None:
        return difference / independent_errors(problem) / np.asarray(scale)[..., None]
    parts = split(problem, difference)
    return np.concatenate([d @ W.T for d, W in zip(parts, matrices, strict=True)], axis=-1)


def coloured(problem: InferenceProblem, white: _Array, scale: ArrayLike = 1.0) -> _Array:
    """Return noise from independent unit normal numbers, shape (..., N): undo `whitened`."""
    from scipy.linalg import solve_triangular

    matrices = whitening_matrices(problem)
    if matrices is None:
        return white * independent_errors(problem) * np.asarray(scale)[..., None]
    parts = split(problem, white)
    return np.concatenate(
        [solve_triangular(W, z.T, lower=True).T for z, W in zip(parts, matrices, strict=True)],
        axis=-1,
    )


def _inverse_diagonal(
    weight: jax.Array, whitening: jax.Array | None, k: int, curve: Curve
) -> _Array:
    """Return the diagonal of L^-1 of a curve."""
    own = np.asarray(weight[k, : len(curve)])
    if whitening is None:
        return own
    return own * np.diag(np.asarray(whitening[k]))[: len(curve)]


@partial(jax.jit, static_argnames=("density",))
def _predictions(density: Density, t: jax.Array, target: Target) -> jax.Array:
    def one_draw(t: jax.Array) -> jax.Array:
        return predict(density.function, density.arguments, t, target.arrays)

    # In batches: thousands of curves at once would not fit into the caches.
    return jax.lax.map(one_draw, t, batch_size=64)
