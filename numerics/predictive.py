"""Posterior predictive checks: would the model produce data that look like the measured ones?

For each draw of the parameters a replicated data set is at hand; a discrepancy T(data, parameters)
of the residuals in units of the noise is compared between replicated and measured data, and p is
the share of draws in which the replicated one is larger (Gelman, Meng and Stern, Stat. Sinica 6,
733 (1996)). A p near 0 or 1 says what the model of curve and noise does not describe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.inference_problem import split, whitened
from numerics.posterior import Posterior

_Array = NDArray[np.float64]

_EXTREME = 0.01


@dataclass(frozen=True, eq=False)
class Check:
    """One discrepancy: its values for measured and replicated data, shape (draws,), and p."""

    name: str
    measured: _Array
    replicated: _Array
    p_value: float


@dataclass(frozen=True, eq=False)
class PredictiveCheck:
    """Checks by name, and sentences that judge them."""

    checks: Mapping[str, Check]
    status: tuple[str, ...]


def predictive_check(posterior: Posterior) -> PredictiveCheck:
    """Compare measured with replicated data by four discrepancies.

    They are functions of the residuals z in units of the noise, with all correlation removed that
    the model of the noise knows: ``chi-square`` sum z^2, ``largest residual`` max |z|,
    ``lag-1 autocorrelation`` of z along each curve, and ``runs`` of one sign along each curve. A
    tie counts half. Where the standard deviation of the noise was inferred, chi-square is near N
    whatever the model, and says nothing.

    Parameters
    ----------
    posterior : Posterior

    Returns
    -------
    PredictiveCheck
        With p = P(replicated > measured).
    """
    measured, replicated = _residuals(posterior)
    checks = {}
    for name, discrepancy in _discrepancies(posterior).items():
        T, T_replicated = discrepancy(measured), discrepancy(replicated)
        p = np.mean(T_replicated > T) + np.mean(T_replicated == T) / 2
        checks[name] = Check(name, T, T_replicated, float(p))
    return PredictiveCheck(checks, tuple(_sentences(checks, posterior.problem.density.noise_known)))


def _residuals(posterior: Posterior) -> tuple[_Array, _Array]:
    """Return z of the measured and of the replicated data, shape (draws, N)."""
    predictive = posterior.inference_data.posterior_predictive
    replicated, model = (
        np.reshape(predictive[name].to_numpy(), (-1, posterior.problem.points))
        for name in ("delta_sigma", "model")
    )
    known = posterior.problem.density.noise_known
    scale = np.ones(len(model)) if known else posterior.draws("noise").ravel()
    data = np.concatenate([c.delta_sigma for c in posterior.problem.curves])
    problem = posterior.problem
    return whitened(problem, data - model, scale), whitened(problem, replicated - model, scale)


def _discrepancies(posterior: Posterior) -> dict[str, Callable[[_Array], _Array]]:
    def parts(z: _Array) -> list[_Array]:
        return split(posterior.problem, z)

    return {
        "chi-square": lambda z: np.sum(z**2, axis=1),
        "largest residual": lambda z: np.max(np.abs(z), axis=1),
        "lag-1 autocorrelation": lambda z: (
            sum(np.sum(own[:, 1:] * own[:, :-1], axis=1) for own in parts(z)) / np.sum(z**2, axis=1)
        ),
        "runs": lambda z: sum(
            1.0 + np.count_nonzero((own[:, 1:] > 0) != (own[:, :-1] > 0), axis=1)
            for own in parts(z)
        ),
    }


_MEANING = {
    "chi-square": (
        "the noise is smaller than stated",
        "the noise is larger than stated, or the model of the curve is wrong",
    ),
    "largest residual": (
        "the noise has lighter tails than a normal one",
        "there are outliers, which a normal noise does not produce",
    ),
    "lag-1 autocorrelation": (
        "neighbouring residuals alternate in sign",
        "neighbouring residuals repeat each other: the noise is correlated along the field or the "
        "model misses something, and intervals are too narrow",
    ),
    "runs": (
        "residuals of one sign come in long runs: the noise is correlated along the field or the "
        "model misses something",
        "residuals change sign too often",
    ),
}


def _sentences(checks: Mapping[str, Check], noise_known: bool) -> list[str]:
    tested = {n: c for n, c in checks.items() if noise_known or n != "chi-square"}
    sentences = []
    for name, check in tested.items():
        if _EXTREME <= check.p_value <= 1 - _EXTREME:
            continue
        meaning = _MEANING[name][int(check.p_value < 0.5)]
        sentences.append(
            f"Replicated data differ from the measured in {name} "
            f"({np.median(check.measured):.3g} measured, {np.median(check.replicated):.3g} "
            f"replicated, p = {check.p_value:.2g}): {meaning}."
        )
    if not sentences:
        sentences.append(f"Replicated data look like the measured ones in {', '.join(tested)}.")
    if not noise_known:
        sentences.append(
            "Chi-square is not a test here, because the standard deviation of the noise was "
            "inferred from the same residuals."
        )
    return sentences
