"""Sentences on models that were compared: what separates each from the best, and how firmly."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from numerics.model_score import PARETO, ModelScore
from numerics.posterior import Posterior
from numerics.residual_correlation import correlation_sentences
from numerics.result import FitResult

# Kass and Raftery, J. Am. Stat. Assoc. 90, 773 (1995): twice the logarithm of the odds.
_WORDS = ((2.0, "not worth a mention"), (6.0, "positive"), (10.0, "strong"))


def comparison_sentences(
    scores: Mapping[str, ModelScore],
    models: Mapping[str, FitResult | Posterior],
    fits: Mapping[str, FitResult],
) -> list[str]:
    """Return verdicts by BIC, left-out points and evidence, then what they leave out."""
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
        f"{PARETO}, so that leaving one of them out moves the posterior much."
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
    if all(fit.weights == "noise" for fit in fits.values()):
        points = [fit.best.dof + len(fit.best.values) for fit in fits.values()]
        sentences.append(
            f"BIC counts all {points[0]} points although correlated ones tell less, and is harder "
            "on further values than they deserve; AIC does not depend on the number."
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
