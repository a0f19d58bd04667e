"""Simulation-based calibration: does the sampler draw from the posterior it says it does?

If parameters are drawn from the prior and data from the model, the rank of the true value among
independent draws of its posterior is uniform (Talts et al., arXiv:1804.06788), for every quantity
that depends on parameters and data. Besides the parameters the posterior density itself is ranked,
which sees a sampler that ignores the data (Modrak et al., Bayesian Analysis 20, 461 (2025)).
A sampler whose posteriors are too narrow gives a histogram with horns, too wide ones a hump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.fit import Progress
from numerics.inference_problem import InferenceProblem, coloured, inference_problem, split
from numerics.noise_model import GivenNoise, KernelNoise
from numerics.nuts import advance_chains, pooled_covariance, start_chains, with_data
from numerics.parameters import Parameter
from numerics.posterior_density import Density, Target, potential, to_unbounded
from numerics.precision import double_precision
from numerics.prior import Prior
from numerics.problem import Fixed, Model

_Array = NDArray[np.float64]

_STAGES = 3
_CANDIDATES = 256
_DENSITY = "posterior density"
_LEVEL = 0.01


@dataclass(frozen=True, eq=False)
class Calibration:
    """Ranks of true values among draws, and what they say.

    Attributes
    ----------
    ranks : dict of array, shape (simulations,)
        0 to `draws`, by name of the value and for ``posterior density``.
    draws : int
        Number of draws ranked against.
    histograms : dict of array
        Counts of the ranks in bins of one size.
    chi_square_p, kolmogorov_p : dict
        p-values of uniformity, of the histogram and of the largest deviation of the cumulative
        distribution.
    status : tuple of str
        Sentences.
    """

    ranks: dict[str, NDArray[np.int_]]
    draws: int
    histograms: dict[str, NDArray[np.int_]]
    chi_square_p: dict[str, float]
    kolmogorov_p: dict[str, float]
    status: tuple[str, ...]


@double_precision()
def simulation_based_calibration(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    *,
    fixed: Fixed | None = None,
    noise: GivenNoise | KernelNoise | None = None,
    priors: Mapping[str, Prior] | None = None,
    simulations: int = 200,
    draws: int = 63,
    thin: int = 10,
    stage: int = 150,
    acceptance: float = 0.9,
    batch: int = 25,
    seed: int = 0,
    progress: Progress | None = None,
) -> Calibration:
    """Rank values drawn from the prior among the draws of the posterior of simulated data.

    The noise must be known, because an unknown one has no prior that could be drawn from.

    Parameters
    ----------
    function, parameters, fixed, priors
        As for `numerics.posterior.sample`.
    curves : Curve or sequence of Curve
        The fields, and standard errors where there is no `noise`; their values are not used.
    noise : GivenNoise or KernelNoise, optional
        Correlated noise.
    simulations : int
        Number of simulated data sets.
    draws, thin : int
        Draws that are ranked against, and how many each of them stands for.
    stage : int
        Length of each of the three stages of the warmup.
    acceptance : float
        As for `numerics.posterior.sample`.
    batch : int
        Data sets that are sampled at once.
    seed : int
        Seed of all random numbers.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Raises
    ------
    ValueError
        If the noise is not known, or counts are too small.
    """
    if simulations < 20 or draws < 7:
        raise ValueError(
            f"{simulations} simulations with {draws} draws cannot show a distribution; use at "
            "least 20 and 7."
        )
    weights = "standard_error" if noise is None else None
    problem = inference_problem(function, curves, parameters, fixed, weights, noise, priors)
    truth = problem.prior_draws(simulations, seed)
    data = _simulate(problem, truth, seed)
    ranks = []
    for first in range(0, simulations, batch):
        own = slice(first, first + batch)
        chains = _Chains(problem, data[own], (draws, thin, stage, acceptance), seed + first)
        ranks.append(chains.ranks(truth[own]))
        if progress is not None:
            progress(min(first + batch, simulations), simulations, "ranking simulated truths")
    return _judge(np.concatenate(ranks), (*problem.names, _DENSITY), draws, seed)


def _simulate(problem: InferenceProblem, truth: _Array, seed: int) -> jax.Array:
    """Return padded data of each simulation, shape (simulations, c, m)."""
    model = problem.predict(problem.natural(truth))
    white = np.random.default_rng([seed, 2]).standard_normal(model.shape)
    rows = split(problem, model + coloured(problem, white, np.ones(len(model))))
    padded = np.zeros((len(truth), *problem.target.arrays.B.shape))
    for k, own in enumerate(rows):
        padded[:, k, : own.shape[1]] = own
    return jnp.asarray(padded)


@dataclass(frozen=True)
class _Chains:
    """One chain for each of a batch of data sets."""

    problem: InferenceProblem
    data: jax.Array
    counts: tuple[int, int, int, float]
    seed: int

    def ranks(self, truth: _Array) -> NDArray[np.int_]:
        """Return ranks of the true values and of the density there, shape (batch, n + 1)."""
        draws, thin, _, _ = self.counts
        x, density = self._draw(draws * thin)
        x, density = x[:, ::thin], density[:, ::thin]
        there = jnp.asarray(self.problem.natural(truth))
        x_true = to_unbounded(there, self.problem.target.priors, margin=0.0)
        target = self.problem.target
        at_truth = np.asarray(_potentials(self.problem.density, x_true[:, None], self.data, target))
        below = np.sum(x < np.asarray(x_true)[:, None], axis=1)
        return np.column_stack([below, np.sum(density < at_truth, axis=1)])

    def _draw(self, count: int) -> tuple[_Array, _Array]:
        """Return x, shape (batch, count, n), and its potential, shape (batch, count)."""
        problem, (_, _, stage, acceptance) = self.problem, self.counts
        static = {"warmup": stage, "acceptance": acceptance}
        key = jax.random.key(self.seed)
        x, covariance = self._start(), self._identity()
        for k in range(_STAGES):
            keys = jax.random.split(jax.random.fold_in(key, k), len(x))
            state = start_chains(
                problem.density, x, covariance, keys, self.data, problem.target, **static
            )
            last = k == _STAGES - 1
            parts = []
            for _ in range(1 + last * -(-count // stage)):
                state, part = advance_chains(
                    problem.density, state, self.data, problem.target, length=stage, **static
                )
                parts.append(jax.tree.map(np.asarray, part))
            x = jnp.asarray(parts[-1].x[:, -1])
            covariance = jnp.asarray([pooled_covariance(own[None]) for own in parts[0].x])
        kept = [
            np.concatenate([getattr(p, n) for p in parts[1:]], axis=1)[:, :count]
            for n in ("x", "potential")
        ]
        return kept[0], kept[1]

    def _identity(self) -> jax.Array:
        size = len(self.problem.names)
        return jnp.broadcast_to(0.01 * jnp.eye(size), (len(self.data), size, size))

    def _start(self) -> jax.Array:
        """Return the most probable of many prior draws: no chain may start at the truth."""
        problem = self.problem
        values = problem.prior_draws(_CANDIDATES, self.seed + 10**6)
        x = to_unbounded(jnp.asarray(problem.natural(values)), problem.target.priors, margin=1e-3)
        many = jnp.broadcast_to(x, (len(self.data), *x.shape))
        value = _potentials(problem.density, many, self.data, problem.target)
        return x[jnp.nanargmin(value, axis=1)]


@partial(jax.jit, static_argnames=("density",))
def _potentials(density: Density, x: jax.Array, data: jax.Array, target: Target) -> jax.Array:
    """Return the potential at x, shape (k, l, n), for data (k, c, m)."""

    def one(x: jax.Array, data: jax.Array) -> jax.Array:
        return potential(density, x, with_data(target, data))

    return jax.vmap(jax.vmap(one, (0, None)))(x, data)


def _judge(ranks: NDArray[np.int_], names: Sequence[str], draws: int, seed: int) -> Calibration:
    from scipy.stats import chisquare, kstest

    bins = max(4, min(16, len(ranks) // 12))
    jitter = np.random.default_rng([seed, 3])
    histograms, chi_square, kolmogorov = {}, {}, {}
    for name, own in zip(names, ranks.T, strict=True):
        # A rank r of 0 to L is spread over [r, r + 1) / (L + 1): then it is uniform exactly.
        place = (own + jitter.random(len(own))) / (draws + 1)
        histograms[name] = np.histogram(place, bins, (0.0, 1.0))[0]
        chi_square[name] = float(chisquare(histograms[name]).pvalue)
        kolmogorov[name] = float(kstest(place, "uniform").pvalue)
    return Calibration(
        dict(zip(names, ranks.T, strict=True)),
        draws,
        histograms,
        chi_square,
        kolmogorov,
        tuple(_sentences(chi_square, kolmogorov, len(ranks))),
    )


def _sentences(
    chi_square: Mapping[str, float], kolmogorov: Mapping[str, float], simulations: int
) -> list[str]:
    # Two tests of each quantity: the level is shared, or one of many would fail by chance.
    limit = _LEVEL / (2 * len(chi_square))
    bad = [
        f"The ranks of {name} are not uniform (p = {chi_square[name]:.2g} of the histogram, "
        f"{kolmogorov[name]:.2g} of the cumulative distribution): its posterior is not calibrated."
        for name in chi_square
        if min(chi_square[name], kolmogorov[name]) < limit
    ]
    smallest = min(*chi_square.values(), *kolmogorov.values())
    return bad or [
        f"The ranks of all {len(chi_square)} quantities are uniform in {simulations} simulations "
        f"(smallest p-value {smallest:.2g}): the posteriors are calibrated as far as these show."
    ]
