"""Sentences about chains of a sampler: do they agree, and what do the data leave open.

The limits are those of Vehtari, Gelman, Simpson, Carpenter and Buerkner, Bayesian Analysis 16, 667
(2021): rank-normalised R-hat below 1.01 and an effective sample size above 100 per chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.parameters import Parameter
from numerics.rounding import quantity_text

_Array = NDArray[np.float64]

_R_HAT = 1.01
_PER_CHAIN = 100
# Energy changes of less than this fraction of its spread per draw explore tails too slowly.
_LOW_BFMI = 0.3
# A posterior whose prior probabilities have more than this share of a uniform variance is the
# prior.
_PRIOR_LEFT = 0.8
_EDGE = 0.05  # of the range in ln p or p
_AT_EDGE = 0.005  # of the draws


@dataclass(frozen=True)
class Estimate:
    """What the draws say about one free value, in its SI unit.

    Attributes
    ----------
    mean, standard_deviation, median : float
    interval_68, interval_95 : (float, float)
        Between equal tails.
    bulk_ess, tail_ess : float
        Effective number of independent draws, for the centre and for the 5 and 95 % quantiles.
    r_hat : float
        Rank-normalised split R-hat; 1 if the chains agree.
    """

    mean: float
    standard_deviation: float
    median: float
    interval_68: tuple[float, float]
    interval_95: tuple[float, float]
    bulk_ess: float
    tail_ess: float
    r_hat: float


def estimate(draws: _Array) -> Estimate:
    """Return the estimate from draws of one value, shape (chains, draws)."""
    from numerics.inference_data import import_arviz

    arviz = import_arviz()
    low95, low68, median, high68, high95 = np.quantile(draws, [0.025, 0.16, 0.5, 0.84, 0.975])
    return Estimate(
        mean=float(np.mean(draws)),
        standard_deviation=float(np.std(draws, ddof=1)),
        median=float(median),
        interval_68=(float(low68), float(high68)),
        interval_95=(float(low95), float(high95)),
        bulk_ess=float(arviz.ess(draws, method="bulk")),
        tail_ess=float(arviz.ess(draws, method="tail")),
        r_hat=float(arviz.rhat(draws)) if len(draws) > 1 else float("nan"),
    )


def describe_chains(
    estimates: Mapping[str, Estimate],
    diverging: NDArray[np.bool_],
    energy: _Array,
    saturated: int,
) -> list[str]:
    """Return sentences on convergence, the first of which sums up.

    Parameters
    ----------
    estimates : mapping
        By name.
    diverging, energy : array, shape (chains, draws)
    saturated : int
        Number of draws that used the longest trajectory allowed.
    """
    chains, draws = energy.shape
    worst = [*_disagreement(estimates), *_few(estimates, chains)]
    worst += _divergences(diverging) + _slow_energy(energy)
    if saturated:
        worst.append(
            f"{saturated} of {chains * draws} draws used the longest trajectory allowed: the "
            "posterior is very narrow in one direction, and draws repeat each other."
        )
    smallest = min(min(e.bulk_ess, e.tail_ess) for e in estimates.values())
    verdict = "did not converge" if worst else "converged"
    if chains == 1:
        worst.append("One chain cannot be compared with others; draw at least two.")
    return [
        f"The chains {verdict}: {chains} times {draws} draws, with at least {smallest:.0f} "
        "effective ones for every value.",
        *worst,
    ]


def describe_knowledge(
    names: Sequence[str],
    parameters: Sequence[Parameter],
    natural: _Array,
    cumulative: _Array,
) -> list[str]:
    """Return a sentence for each value that its bounds or its prior determine, not the data.

    Parameters
    ----------
    names, parameters
        Of the n free values.
    natural, cumulative : array, shape (draws, n)
        Natural coordinates of the draws, and the probability the prior gives to smaller values.
    """
    sentences = []
    for k, (name, parameter) in enumerate(zip(names, parameters, strict=True)):
        if 12 * np.var(cumulative[:, k]) > _PRIOR_LEFT:
            sentences.append(
                f"{name} is undetermined: its posterior is as wide as its prior, so the data say "
                "next to nothing about it."
            )
        else:
            sentences += _edges(name, parameter, natural[:, k])
    return sentences


def _edges(name: str, parameter: Parameter, t: _Array) -> list[str]:
    low, high = parameter.natural(parameter.lower), parameter.natural(parameter.upper)
    place = (t - low) / (high - low)
    sentences = []
    for side, bound, share in (
        ("below", parameter.lower, np.mean(place < _EDGE)),
        ("above", parameter.upper, np.mean(place > 1 - _EDGE)),
    ):
        if share > _AT_EDGE:
            sentences.append(
                f"{name} is bounded from {side} by its bound "
                f"{quantity_text(bound, 0.0, parameter.unit)}, not by the data alone: "
                f"{100 * share:.2g} % of the draws are next to it, so its interval depends on it."
            )
    return sentences


def _disagreement(estimates: Mapping[str, Estimate]) -> list[str]:
    return [
        f"R-hat of {name} is {e.r_hat:.3g}: the chains disagree; draw more, with a longer warmup."
        for name, e in estimates.items()
        if e.r_hat > _R_HAT
    ]


def _few(estimates: Mapping[str, Estimate], chains: int) -> list[str]:
    sentences = []
    for name, e in estimates.items():
        for part, size in (("bulk", e.bulk_ess), ("tail", e.tail_ess)):
            if size < _PER_CHAIN * chains:
                sentences.append(
                    f"The {part} effective sample size of {name} is {size:.0f}, below "
                    f"{_PER_CHAIN} per chain: its {_what(part)} uncertain; draw more."
                )
    return sentences


def _what(part: str) -> str:
    return "mean is" if part == "bulk" else "95 % interval is"


def _divergences(diverging: NDArray[np.bool_]) -> list[str]:
    count = int(np.count_nonzero(diverging))
    if not count:
        return []
    return [
        f"{count} of {diverging.size} trajectories diverged: a narrow part of the posterior may be "
        "missed; raise `acceptance` towards 1."
    ]


def _slow_energy(energy: _Array) -> list[str]:
    spread = np.var(energy, axis=1)
    slow = np.mean(np.diff(energy, axis=1) ** 2, axis=1) < _LOW_BFMI * spread
    if not np.any(slow):
        return []
    return [
        f"The energy of {np.count_nonzero(slow)} of {len(energy)} chains moves slowly (E-BFMI "
        f"below {_LOW_BFMI}): the tails are explored badly; give narrower priors."
    ]
