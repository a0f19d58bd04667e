"""Draws from the posterior of a model's parameters: what the data and the priors say together.

What is hard here: magnetoconductance fits have curved, very narrow valleys (tau_asy and tau_sym of
the shipped measurement correlate to -0.999) with more than one minimum in them. So chains start at
the minima that a fit finds, with the covariance of the fit as their first mass matrix, the matrix
is dense, and steps are short (`acceptance` 0.95). Whether that sufficed is said in sentences.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.chain_status import Estimate, describe_chains, describe_knowledge, estimate
from numerics.curve import Curve
from numerics.fit import Progress, fit
from numerics.inference_data import inference_data, missing
from numerics.inference_problem import InferenceProblem, inference_problem
from numerics.noise_model import CorrelatedNoise, NoiseModel
from numerics.nuts import Draws, advance_chains, pooled_covariance, start_chains
from numerics.output import require_free
from numerics.parameters import Parameter
from numerics.posterior_density import to_bounded, to_unbounded
from numerics.precision import double_precision
from numerics.priors import Prior, cumulatives
from numerics.problem import Fixed, Model
from numerics.result import FitResult, Minimum
from numerics.rounding import engineering_exponent, quantity_text, rounded

_STAGES = 4  # of the warmup, with a mass matrix of their own each
_LONGEST = 2**10 - 1  # steps of numpyro's deepest tree
# Minima with a likelihood below that of the best by more than this factor (logarithm) hold a
# negligible part of the posterior, and a chain that starts there would give it a whole share.
_NEGLIGIBLE = 7.0
# Largest standard deviation in x assumed at the start; the whole range is about 10.
_WIDEST = 1.5

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
        {name: Prior} from `numerics.priors`, by the name of a parameter or of one of its
        per-curve values. The default is log-uniform for parameters with a positive lower bound
        and uniform for the others, between the bounds.
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
    minima = _starting_minima(problem, found)
    x, covariance = _starting_points(problem, minima, chains, seed)
    settings = Settings(-(-warmup // _STAGES), draws, acceptance)
    raw = _run(problem, x, covariance, settings, seed, progress)
    return _posterior(problem, found, raw, len(minima), noise, seed)


@dataclass(frozen=True)
class Settings:
    """Draws of a stage of the warmup, draws kept, and the acceptance that the step aims at."""

    stage: int
    draws: int
    acceptance: float

    @property
    def lengths(self) -> tuple[int, ...]:
        """Draws of each run; the last adapts its step for a stage and then keeps its draws."""
        return (*(_STAGES - 1) * (self.stage,), self.stage + self.draws)

    @property
    def blocks(self) -> int:
        """Number of blocks of the length of a stage that one chain runs."""
        return sum(-(-length // self.stage) for length in self.lengths)


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


def _starting_minima(problem: InferenceProblem, found: FitResult) -> list[Minimum]:
    best = found.best.sum_of_squares

    def loss(minimum: Minimum) -> float:
        if problem.density.noise_known:
            return (minimum.sum_of_squares - best) / 2
        return problem.points / 2 * float(np.log(minimum.sum_of_squares / best))

    return [minimum for minimum in found.minima if loss(minimum) < _NEGLIGIBLE]


def _starting_points(
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


def _run(
    problem: InferenceProblem,
    x: jax.Array,
    covariance: jax.Array,
    settings: Settings,
    seed: int,
    progress: Progress | None,
) -> Draws:
    """Return the draws after the warmup, arrays of shape (chains, draws, ...).

    Each stage of the warmup takes its mass matrix from the draws of all chains in the stage
    before, so that a chain that has seen one minimum only moves as the others do. Chains run on as
    many threads as there are processors: trajectories differ in length, and in one batch each
    would wait for the longest.
    """
    stop, key = threading.Event(), jax.random.key(seed)
    report = _counter(progress, settings.blocks * len(x))

    @double_precision()
    def one_chain(k: int, stage: int, draws: int) -> Draws:
        own = slice(k, k + 1)
        keys = jax.random.split(jax.random.fold_in(key, stage), len(x))[own]
        static = {"warmup": settings.stage, "acceptance": settings.acceptance}
        density, target = problem.density, problem.target
        data = target.arrays.delta_sigma[None]
        state = start_chains(density, x[own], covariance[own], keys, data, target, **static)
        parts = []
        for _ in range(-(-draws // settings.stage)):
            if stop.is_set():
                raise InterruptedError("Sampling was interrupted.")
            state, part = advance_chains(
                density, state, data, target, length=settings.stage, **static
            )
            parts.append(jax.tree.map(np.asarray, part))
            report()
        return jax.tree.map(lambda *a: np.concatenate(a, axis=1)[:, :draws], *parts)

    chains, raw = range(len(x)), None
    with ThreadPoolExecutor(max_workers=min(len(x), os.cpu_count() or 1)) as pool:
        try:
            for stage, draws in enumerate(settings.lengths):
                run = partial(one_chain, stage=stage, draws=draws)
                # The first chain goes ahead once, or each thread would compile for itself.
                ahead = [run(0)] if stage == 0 else []
                parts = [*ahead, *pool.map(run, chains[len(ahead) :])]
                raw = jax.tree.map(lambda *a: np.concatenate(a), *parts)
                x, covariance = (
                    jnp.asarray(raw.x[:, -1]),
                    _broadcast(pooled_covariance(raw.x), len(x)),
                )
        except BaseException:
            stop.set()
            raise
    return jax.tree.map(lambda a: a[:, settings.stage :], raw)


def _broadcast(matrix: _Array, chains: int) -> jax.Array:
    return jnp.broadcast_to(jnp.asarray(matrix), (chains, *matrix.shape))


def _counter(progress: Progress | None, total: int) -> Callable[[], None]:
    """Return a function that reports one more block done, from any thread."""
    lock, done = threading.Lock(), [0]

    def report() -> None:
        if progress is None:
            return
        with lock:
            done[0] += 1
            progress(done[0], total, "sampling the posterior")

    return report


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
