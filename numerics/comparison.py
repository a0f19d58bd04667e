"""Which of several models the data ask for.

From fits: Akaike's criterion AIC = 2k - 2 ln L (Akaike, IEEE Trans. Autom. Control 19, 716 (1974)),
with the correction AICc = AIC + 2k(k+1)/(N-k-1) for few points (Hurvich and Tsai, Biometrika 76,
297 (1989)), and BIC = k ln N - 2 ln L (Schwarz, Ann. Stat. 6, 461 (1978)); k counts the variance of
the noise where it was estimated. From posteriors: PSIS-LOO, the expected log density of a point
left out (Vehtari, Gelman and Gabry, Stat. Comput. 27, 1413 (2017)), and the evidence.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from numerics.evidence import Evidence, evidence
from numerics.fit import Progress
from numerics.inference_data import import_arviz
from numerics.posterior import Posterior
from numerics.residual_correlation import correlation_sentences
from numerics.result import FitResult

# Kass and Raftery, J. Am. Stat. Assoc. 90, 773 (1995): twice the logarithm of the odds.
_WORDS = ((2.0, "not worth a mention"), (6.0, "positive"), (10.0, "strong"))
_PARETO = 0.7


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


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scores by name of the model, and sentences."""

    scores: dict[str, ModelScore]
    status: tuple[str, ...]

    def table(self) -> str:
        """Return differences from the best model in each column as text."""
        columns = {
            "AIC": _differences(self.scores, "aic", -1),
            "AICc": _differences(self.scores, "aicc", -1),
            "BIC": _differences(self.scores, "bic", -1),
            "elpd LOO": _differences(self.scores, "elpd", 1),
            "ln evidence": _differences(self.scores, "evidence", 1),
        }
        width = max(len(name) for name in self.scores)
        lines = [f"{'':{width}} {'k':>3}" + "".join(f"{name:>14}" for name in columns)]
        for name, score in self.scores.items():
            cells = "".join(f"{_cell(own.get(name)):>14}" for own in columns.values())
            lines.append(f"{name:{width}} {score.count:3d}{cells}")
        return "\n".join(lines)


def compare_models(
    models: Mapping[str, FitResult | Posterior],
    *,
    with_evidence: bool = False,
    live_points: int = 300,
    seed: int = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Compare models of the same data with the same kind of noise.

    Parameters
    ----------
    models : mapping
        Fits or posteriors by name, at least two. A posterior brings its fit along.
    with_evidence : bool
        Integrate the evidence of the posteriors by nested sampling.
    live_points, seed, progress
        For `numerics.evidence.evidence`.

    Raises
    ------
    ValueError
        If there are fewer than two models, or they differ in data or noise.
    """
    if len(models) < 2:
        raise ValueError(f"There are {len(models)} models; give at least two.")
    fits = {n: m.fit if isinstance(m, Posterior) else m for n, m in models.items()}
    _require_same_data(models, fits)
    scores = {}
    for name, model in models.items():
        score = _from_fit(fits[name])
        if isinstance(model, Posterior):
            found = None
            if with_evidence:
                found = evidence(
                    model.problem, live_points=live_points, seed=seed, progress=progress
                )
            score = _with_posterior(score, model, found)
        scores[name] = score
    return Comparison(scores, tuple(_sentences(scores, models, fits)))


def _require_same_data(
    models: Mapping[str, FitResult | Posterior], fits: Mapping[str, FitResult]
) -> None:
    (first, reference), *others = fits.items()
    for name, fit in others:
        for what, a, b in (
            ("curves", _shape(reference), _shape(fit)),
            ("weights", reference.weights, fit.weights),
            ("units", reference.unit, fit.unit),
        ):
            if a != b:
                raise ValueError(
                    f"Models {first!r} and {name!r} differ in their {what}, {a} and {b}; compare "
                    "fits of the same data with the same noise."
                )
        if reference.noise is not fit.noise and reference.noise != fit.noise:
            raise ValueError(
                f"Models {first!r} and {name!r} have different covariances of the noise, as "
                "estimates of it have; give both fits the `noise` of the result of one."
            )
    posteriors = {n: m for n, m in models.items() if isinstance(m, Posterior)}
    data = {
        n: np.concatenate([c.delta_sigma for c in m.problem.curves]) for n, m in posteriors.items()
    }
    for name, own in data.items():
        if not np.array_equal(own, next(iter(data.values()))):
            raise ValueError(
                f"The data of {name!r} are not those of {next(iter(data))!r}; compare models of "
                "the same data."
            )


def _shape(fit: FitResult) -> dict[str, int]:
    return {label: len(residual) for label, residual in fit.best.residuals.items()}


def _from_fit(fit: FitResult) -> ModelScore:
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


def _with_posterior(score: ModelScore, posterior: Posterior, found: Evidence | None) -> ModelScore:
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
        bad_pareto=int(np.count_nonzero(pareto > _PARETO)),
        evidence=found,
        pointwise=np.asarray(loo.loo_i),
    )


def _sentences(
    scores: Mapping[str, ModelScore],
    models: Mapping[str, FitResult | Posterior],
    fits: Mapping[str, FitResult],
) -> list[str]:
    return [
        *_about_bic(scores),
        *_about_loo(scores),
        *_about_evidence(scores),
        *_about_pareto(scores),
        *_about_independence(models, fits),
    ]


def _about_bic(scores: Mapping[str, ModelScore]) -> list[str]:
    known = {n: s.bic for n, s in scores.items() if s.bic is not None}
    if len(known) < 2:
        return []
    best = min(known, key=lambda n: known[n])
    return [
        _verdict(
            name, best, scores, f"BIC differs by {value - known[best]:.2g}", value - known[best]
        )
        for name, value in known.items()
        if name != best
    ]


def _about_loo(scores: Mapping[str, ModelScore]) -> list[str]:
    known = {n: s for n, s in scores.items() if s.pointwise is not None}
    if len(known) < 2:
        return []
    best = max(known, key=lambda n: known[n].elpd or -math.inf)
    sentences = []
    for name, score in known.items():
        if name == best:
            continue
        # Models are compared point by point, because the points' own scatter is common to them.
        difference = np.asarray(known[best].pointwise) - np.asarray(score.pointwise)
        error = math.sqrt(len(difference) * np.var(difference))
        total = float(np.sum(difference))
        told = "is told apart" if total > 2 * error else "cannot be told apart"
        sentences.append(
            f"Left-out points: {best!r} predicts them better than {name!r} by {total:.2g} +- "
            f"{error:.2g} (ln density), so the pair {told}."
        )
    return sentences


def _about_evidence(scores: Mapping[str, ModelScore]) -> list[str]:
    known = {n: s.evidence for n, s in scores.items() if s.evidence is not None}
    if len(known) < 2:
        return []
    best = max(known, key=lambda n: known[n].log_evidence)
    sentences = []
    for name, found in known.items():
        if name == best:
            continue
        difference = known[best].log_evidence - found.log_evidence
        error = math.hypot(known[best].standard_error, found.standard_error)
        told = f"ln evidence differs by {difference:.2g} +- {error:.2g}"
        sentences.append(_verdict(name, best, scores, told, 2 * difference))
    return sentences


def _verdict(
    name: str, best: str, scores: Mapping[str, ModelScore], told: str, strength: float
) -> str:
    """Say what separates a model from the best in terms of the values that one has more."""
    extra = [v for v in scores[name].values if v not in scores[best].values]
    lacking = [v for v in scores[best].values if v not in scores[name].values]
    word = next((text for limit, text in _WORDS if strength < limit), "very strong")
    if extra and not lacking:
        return f"The data do not need {' and '.join(extra)} of {name!r}: {told} from {best!r}."
    if lacking and not extra:
        if strength < _WORDS[0][0]:
            return (
                f"The data hardly ask for {' and '.join(lacking)}: {told} between {best!r} and "
                f"{name!r}, which is {word}."
            )
        return (
            f"The data ask for {' and '.join(lacking)}, which {name!r} lacks: {told} from "
            f"{best!r}, and the evidence is {word}."
        )
    return f"{best!r} is preferred to {name!r}: {told}, which is {word} as evidence."


def _about_pareto(scores: Mapping[str, ModelScore]) -> list[str]:
    return [
        f"PSIS-LOO of {name!r} is unreliable: {score.bad_pareto} points have a Pareto k above "
        f"{_PARETO}, so that leaving one of them out moves the posterior much."
        for name, score in scores.items()
        if score.bad_pareto
    ]


def _about_independence(
    models: Mapping[str, FitResult | Posterior], fits: Mapping[str, FitResult]
) -> list[str]:
    found = [
        name
        for name, fit in fits.items()
        if fit.weights != "noise"
        and correlation_sentences(
            residuals := list(fit.best.residuals.values()), residuals, whitened=False
        )
    ]
    sentences = []
    if found:
        sentences.append(
            "All criteria here take the points as independent given the parameters, but "
            f"neighbouring residuals of {' and '.join(map(repr, found))} are correlated: the data "
            "count for less, and differences are overstated; compare with noise=CorrelatedNoise()."
        )
    correlated = [
        name for name, m in models.items() if isinstance(m, Posterior) and m.fit.weights == "noise"
    ]
    if correlated:
        sentences.append(
            "With correlated noise LOO predicts a point from all others, its neighbours among "
            "them, and not the curve at a field far from those measured."
        )
    return sentences


def _differences(
    scores: Mapping[str, ModelScore], key: str, sign: int
) -> dict[str, tuple[float, float]]:
    """Return the difference from the best of a column, and the error of the entry."""
    found: dict[str, tuple[float, float]] = {}
    for name, score in scores.items():
        value = getattr(score, key)
        if isinstance(value, Evidence):
            found[name] = (value.log_evidence, value.standard_error)
        elif value is not None:
            found[name] = (value, 0.0)
    if not found:
        return {}
    best = max(sign * value for value, _ in found.values()) * sign
    return {name: (value - best, error) for name, (value, error) in found.items()}


def _cell(entry: tuple[float, float] | None) -> str:
    if entry is None:
        return "-"
    value, error = entry
    return f"{value:+.2f} +- {error:.2f}" if error else f"{value:+.2f}"
