"""Draws from the posterior of a model's parameters: what the data and the priors say together.

What is hard here: magnetoconductance fits have curved, very narrow valleys (tau_asy and tau_sym of
the shipped measurement correlate to -0.999) with more than one minimum in them. So chains start at
the minima that a fit finds, with the covariance of the fit as their first mass matrix, the matrix
is dense, and steps are short (`acceptance` 0.95). Whether that sufficed is said in sentences.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.chain_run import STAGES, Settings, run_chains
from numerics.chain_starts import starting_minima, starting_points
from numerics.chain_status import Estimate, describe_chains, describe_knowledge, estimate
from numerics.curve import Curve
from numerics.fit import Progress, fit
from numerics.inference_data import inference_data, missing
from numerics.inference_problem import InferenceProblem, inference_problem
from numerics.noise_model import CorrelatedNoise, NoiseModel
from numerics.nuts import Draws
from numerics.output import require_free
from numerics.parameters import Parameter
from numerics.posterior_density import to_bounded
from numerics.precision import double_precision
from numerics.prior import Prior
from numerics.priors import cumulatives
from numerics.problem import Fixed, Model
from numerics.result import FitResult
from numerics.rounding import engineering_exponent, quantity_text, rounded

_LONGEST = 2**10 - 1  # steps of numpyro's deepest tree

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posterior:
    """Draws from a posterior and what can be said about them.

    Attributes
    ----------
    inference_data : arviz.InferenceData
        Groups posterior (SI units, by name; and ``noise``, the common standard deviation, where it
        is unknown), sample_stats, log_likelihood, posterior_predictive, observed_data and
        constant_data; see `numerics.inference_data`.
    summary : dict
        `numerics.chain_status.Estimate` of each free value, and of ``noise``.
    status : tuple of str
        Full sentences: convergence first, then what the data leave open.
    problem : InferenceProblem
        What was sampled.
    fit : FitResult
        The fit whose minima the chains started from.
    units : dict
        Unit of each entry of `summary`.
    """

    inference_data: Any
    summary: dict[str, Estimate]
    status: tuple[str, ...]
    problem: InferenceProblem
    fit: FitResult
    units: dict[str, str]

    def draws(self, name: str) -> _Array:
        """Return the draws of a value, shape (chains, draws)."""
        values = self.inference_data.posterior[name.replace("/", "|")]
        return np.asarray(values, dtype=np.float64)

    def table(self) -> str:
        """Return the summary as text, one line per value."""
        head = f"{'':18} {'mean +- sd':>24} {'68 %':>20} {'95 %':>20} {'ESS':>6} {'R-hat':>6}"
        return "\n".join([head, *(self._line(name) for name in self.summary)])

    def to_netcdf(self, path: str | Path, *, force: bool = False) -> None:
        """Write the InferenceData to a NetCDF file; FileExistsError unless it is new or `force`."""
        target = require_free(Path(path), force=force)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.inference_data.to_netcdf(str(target))

    def _line(self, name: str) -> str:
        e, unit = self.summary[name], self.units[name]
        middle = quantity_text(e.mean, e.standard_deviation, unit)
        number = rounded(e.mean, e.standard_deviation, unit)
        # The limits of an interval read best in the unit of the mean and to its digits.
        factor = 10.0 ** -engineering_exponent(e.mean if e.mean else e.standard_deviation)
        digits = len(number.error.partition(".")[2]) + 1
        spans = [
            f"{factor * low:.{digits}f} to {factor * high:.{digits}f}"
            for low, high in (e.interval_68, e.interval_95)
        ]
        ess = min(e.bulk_ess, e.tail_ess)
        return f"{name:18} {middle:>24} {spans[0]:>20} {spans[1]:>20} {ess:6.0f} {e.r_hat:6.3f}"


@double_precision()
def sample(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    *,
    fixed: Fixed | None = None,
    weights: str | None = None,
    noise: NoiseModel | None = None,
    priors: Mapping[str, Prior] | None = None,
    chains: int = 4,
    draws: int = 1000,
    warmup: int = 600,
    acceptance: float = 0.95,
    start: FitResult | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Posterior:
    """Sample the posterior by the No-U-Turn sampler (Hoffman and Gelman, JMLR 15, 1593 (2014)).

    Parameters
    ----------
    function, curves, parameters, fixed
        As for `numerics.fit.fit`. Bounds cut the priors off.
    weights, noise
        What is known of the noise. Neither: all points have one unknown standard deviation s with
        Jeffreys' prior ds/s, integrated out. ``weights="standard_error"``: independent, known.
        `noise`: correlated along the field; that of a `CorrelatedNoise` is estimated by the fit
        and then taken as known.
    priors : mapping, optional
        {name: Prior} from `numerics.prior`, by the name of a parameter or of one of its per-curve
        values, instead of those declared with the parameters. The default is log-uniform for
        parameters with a positive lower bound and uniform for the others, between the bounds.
    chains, draws, warmup : int
        Number of chains, of draws kept of each, and of draws before these, which adapt the step
        and the mass matrix.
    acceptance : float
        Acceptance probability that the step is adapted to; nearer to 1 the steps are shorter.
    start : FitResult, optional
        A fit of the same problem, to save that of finding the minima.
    seed : int
        Seed of all random numbers.
    progress : callable, optional
        Called as ``progress(done, total, text)``, also from other threads.

    Returns
    -------
    Posterior

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As for `numerics.fit.fit`; ValueError also for priors that do not fit their parameters,
        counts that are too small, and data that the model reproduces exactly.
    ImportError
        If numpyro or arviz is missing.
    """
    _check_settings(chains, draws, warmup, acceptance)
    found = start or fit(
        function, curves, parameters, fixed=fixed, weights=weights, noise=noise, seed=seed
    )
    _check_noise(found, "noise" if noise is not None else weights)
    known = found.noise if isinstance(noise, CorrelatedNoise) else noise
    problem = inference_problem(function, curves, parameters, fixed, weights, known, priors)
    _check_start(problem, found)
    minima = starting_minima(problem, found)
    x, covariance = starting_points(problem, minima, chains, seed)
    settings = Settings(-(-warmup // STAGES), draws, acceptance)
    raw = run_chains(problem, x, covariance, settings, seed, progress)
    return _posterior(problem, found, raw, len(minima), noise, seed)


def _check_settings(chains: int, draws: int, warmup: int, acceptance: float) -> None:
    for name, value, least in (("chains", chains, 1), ("draws", draws, 4), ("warmup", warmup, 20)):
        if value < least:
            raise ValueError(f"{name} is {value}; use at least {least}.")
    if not 0 < acceptance < 1:
        raise ValueError(f"acceptance is {acceptance:g}; it is a probability between 0 and 1.")
    try:
        import numpyro  # noqa: F401
    except ImportError as error:
        raise missing("numpyro") from error


def _check_noise(found: FitResult, weights: str | None) -> None:
    if found.weights != weights:
        raise ValueError(
            f"The fit to start from has the weights {found.weights!r}, the posterior {weights!r}; "
            "fit with the same weights or noise."
        )


def _check_start(problem: InferenceProblem, found: FitResult) -> None:
    if set(found.best.values) != set(problem.names):
        raise ValueError(
            f"The fit to start from has the values {', '.join(found.best.values)}, the posterior "
            f"{', '.join(problem.names)}; fit the same problem."
        )
    data = np.concatenate([c.delta_sigma for c in problem.curves])
    left = np.concatenate(list(found.best.residuals.values()))
    if not problem.density.noise_known and np.linalg.norm(left) < 1e-10 * np.linalg.norm(data):
        raise ValueError(
            "The model reproduces the data to rounding, so their noise cannot be inferred; give "
            "standard errors and weights='standard_error'."
        )


def _posterior(
    problem: InferenceProblem,
    found: FitResult,
    raw: Draws,
    minima: int,
    noise: NoiseModel | None,
    seed: int,
) -> Posterior:
    t = np.asarray(to_bounded(jnp.asarray(raw.x), problem.target.priors))
    p = problem.values(jnp.asarray(t))
    values = {name: p[..., k] for k, name in enumerate(problem.names)}
    deviation = None if problem.density.noise_known else _noise_draws(problem, t, seed)
    everything = values if deviation is None else values | {"noise": deviation}
    summary = {name: estimate(draws) for name, draws in everything.items()}
    saturated = int(np.count_nonzero(np.asarray(raw.steps) >= _LONGEST))
    flat = (-1, len(problem.names))
    cumulative = cumulatives(problem.priors, problem.layout.parameters, p.reshape(flat))
    status = [
        *describe_chains(summary, np.asarray(raw.diverging), np.asarray(raw.energy), saturated),
        *_about_start(minima, len(raw.x)),
        *describe_knowledge(problem.names, problem.layout.parameters, t.reshape(flat), cumulative),
        *_about_noise(noise),
    ]
    stats = {
        "lp": -np.asarray(raw.potential),
        "energy": np.asarray(raw.energy),
        "diverging": np.asarray(raw.diverging),
        "n_steps": np.asarray(raw.steps),
        "acceptance_rate": np.asarray(raw.acceptance),
    }
    return Posterior(
        inference_data=inference_data(problem, values, stats, t, deviation, seed),
        summary=summary,
        status=tuple(status),
        problem=problem,
        fit=found,
        units={name: found.units[name] for name in values} | {"noise": problem.curves[0].unit},
    )


def _noise_draws(problem: InferenceProblem, t: _Array, seed: int) -> _Array:
    """Return exact draws of s given the parameters: s^2 = S / chi-square of N."""
    model = problem.predict(t.reshape(-1, t.shape[-1]))
    data = np.concatenate([c.delta_sigma for c in problem.curves])
    square = np.sum((data - model) ** 2, axis=1)
    chi_square = np.random.default_rng([seed, 1]).chisquare(problem.points, len(square))
    return np.sqrt(square / chi_square).reshape(t.shape[:2])


def _about_start(minima: int, chains: int) -> list[str]:
    if minima == 1:
        return []
    if chains < minima:
        return [
            f"There are {minima} minima and {chains} chains, so that not every minimum has been "
            "started from; use more chains."
        ]
    return [
        f"The chains started at {minima} minima of the fit in turn; that R-hat is near 1 means "
        "that each of them visits all."
    ]


def _about_noise(noise: NoiseModel | None) -> list[str]:
    if not isinstance(noise, CorrelatedNoise):
        return []
    return [
        "The covariance of the noise was estimated by the fit and is taken as known here, so the "
        "intervals leave out its own uncertainty."
    ]
