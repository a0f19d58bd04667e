"""The evidence of a model: the likelihood averaged over the prior, by nested sampling.

Ratios of evidences are odds of models. Unlike AIC or BIC they need no large number of points and no
single minimum, but they do depend on the priors: a parameter that may lie anywhere in a range ten
times as wide costs a factor of ten where the data determine it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from numerics.fit import Progress
from numerics.inference_data import missing
from numerics.inference_problem import InferenceProblem
from numerics.posterior_density import Density, Target, log_likelihood
from numerics.precision import double_precision
from numerics.priors import quantiles


@dataclass(frozen=True)
class Evidence:
    """Logarithm of the evidence.

    Attributes
    ----------
    log_evidence : float
        ln of the integral of likelihood times prior. With noise of unknown standard deviation
        Jeffreys' prior ds/s has no norm, so only differences between models of the same data mean
        something; they do for all kinds of noise if the data have one unit.
    standard_error : float
        Statistical error of the nested sampling.
    calls : int
        Number of likelihoods computed.
    """

    log_evidence: float
    standard_error: float
    calls: int


@double_precision()
def evidence(
    problem: InferenceProblem,
    *,
    live_points: int = 300,
    tolerance: float = 0.1,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evidence:
    """Integrate the likelihood over the prior by dynesty (Speagle, MNRAS 493, 3132 (2020)).

    Parameters
    ----------
    problem : InferenceProblem
        Of `numerics.inference_problem.inference_problem`, or that of a posterior.
    live_points : int
        The error is about sqrt(information / live_points); at least 2 n + 2 for n values.
    tolerance : float
        Largest part of ln evidence that may be left in the live points.
    seed : int
        Seed of all random numbers.
    progress : callable, optional
        Called as ``progress(done, total, text)``; the total is an estimate.

    Raises
    ------
    ImportError
        If dynesty is missing.
    ValueError
        If there are too few live points.
    """
    try:
        from dynesty import NestedSampler
    except ImportError as error:
        raise missing("dynesty") from error
    size = len(problem.names)
    if live_points < 2 * size + 2:
        raise ValueError(
            f"{live_points} live points do not span {size} values; use at least {2 * size + 2}."
        )
    sampler = NestedSampler(
        partial(_value, problem),
        lambda cube: quantiles(problem.priors, problem.layout.parameters, cube),
        size,
        nlive=live_points,
        rstate=np.random.default_rng(seed),
        sample="rwalk",
    )
    for step, state in enumerate(sampler.sample(dlogz=tolerance, add_live=True)):
        if progress is not None and step % live_points == 0:
            left = max(0.0, math.log(max(float(state.delta_logz), tolerance) / tolerance))
            progress(step, step + int(live_points * left), "integrating over the prior")
    results = sampler.results
    return Evidence(float(results.logz[-1]), float(results.logzerr[-1]), int(np.sum(results.ncall)))


def _value(problem: InferenceProblem, values: np.ndarray) -> float:
    t = problem.natural(values)
    value = float(_compiled(problem.density, t, problem.target))
    return value if math.isfinite(value) else -1e300


@partial(jax.jit, static_argnames=("density",))
def _compiled(density: Density, t: jax.Array, target: Target) -> jax.Array:
    return log_likelihood(density, jnp.asarray(t), target)
