"""Which of several models the data ask for; the criteria are those of `numerics.model_score`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from numerics.comparison_status import comparison_sentences
from numerics.evidence import Evidence, evidence
from numerics.fit import Progress
from numerics.model_score import ModelScore, score_fit, score_posterior
from numerics.posterior import Posterior
from numerics.result import FitResult


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
        score = score_fit(fits[name])
        if isinstance(model, Posterior):
            found = None
            if with_evidence:
                found = evidence(
                    model.problem, live_points=live_points, seed=seed, progress=progress
                )
            score = score_posterior(score, model, found)
        scores[name] = score
    return Comparison(scores, tuple(comparison_sentences(scores, models, fits)))


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
