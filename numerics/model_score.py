"""Criteria by which one model of the data is judged, from a fit or a posterior of it.

From fits: Akaike's criterion AIC = 2k - 2 ln L (Akaike, IEEE Trans. Autom. Control 19, 716 (1974)),
with the correction AICc = AIC + 2k(k+1)/(N-k-1) for few points (Hurvich and Tsai, Biometrika 76,
297 (1989)), and BIC = k ln N - 2 ln L (Schwarz, Ann. Stat. 6, 461 (1978)); k counts the variance of
the noise where it was estimated. From posteriors: PSIS-LOO, the expected log density of a point
left out (Vehtari, Gelman and Gabry, Stat. Comput. 27, 1413 (2017)), and the evidence.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field, replace

import numpy as np

from numerics.evidence import Evidence
from numerics.inference_data import import_arviz
from numerics.posterior import Posterior
from numerics.result import FitResult

# Above this Pareto k importance sampling is unreliable.
PARETO = 0.7


@dataclass(frozen=True)
class ModelScore:
    """What is known of one model; None where it was not asked for or cannot be computed.

    Attributes
    ----------
    values : tuple of str
        Names of the free values.
    count : int
        k, with the variance of the noise where it was estimated.
    minus_two_log_likelihood : float or None
        At the best minimum, up to a constant that models of the same data share.
    aic, aicc, bic : float or None
        Up to the same constant; smaller is better.
    elpd, elpd_error : float or None
        Expected log density of left-out points and its standard error; larger is better.
    bad_pareto : int
        Number of points whose Pareto k exceeds 0.7, where PSIS-LOO is unreliable.
    evidence : Evidence or None
    """

    values: tuple[str, ...]
    count: int
    minus_two_log_likelihood: float | None = None
    aic: float | None = None
    aicc: float | None = None
    bic: float | None = None
    elpd: float | None = None
    elpd_error: float | None = None
    bad_pareto: int = 0
    evidence: Evidence | None = None
    pointwise: np.ndarray | None = field(default=None, repr=False, compare=False)


def score_fit(fit: FitResult) -> ModelScore:
    """Return the criteria that need a fit only."""
    best = fit.best
    points, size = best.dof + len(best.values), len(best.values)
    estimated = fit.weights is None
    count = size + int(estimated)
    deviance = (
        points * (math.log(2 * math.pi * best.sum_of_squares / points) + 1)
        if estimated
        else best.sum_of_squares
    )
    aic = deviance + 2 * count
    correction = 2 * count * (count + 1) / (points - count - 1) if points > count + 1 else math.inf
    return ModelScore(
        tuple(best.values),
        count,
        deviance,
        aic,
        aic + correction,
        deviance + count * math.log(points),
    )


def score_posterior(score: ModelScore, posterior: Posterior, found: Evidence | None) -> ModelScore:
    """Return the score of a fit with PSIS-LOO of its posterior and its evidence."""
    arviz = import_arviz()
    with warnings.catch_warnings():
        # Said in a sentence of our own.
        warnings.filterwarnings("ignore", message="Estimated shape parameter of Pareto")
        loo = arviz.loo(posterior.inference_data, pointwise=True, scale="log")
    pareto = np.asarray(loo.pareto_k)
    return replace(
        score,
        elpd=float(loo.elpd_loo),
        elpd_error=float(loo.se),
        bad_pareto=int(np.count_nonzero(pareto > PARETO)),
        evidence=found,
        pointwise=np.asarray(loo.loo_i),
    )
