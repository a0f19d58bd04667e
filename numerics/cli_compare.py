"""The command `cooperon compare`: which of several models the data ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from numerics.cli_fit import noise_from, reader_of
from numerics.cli_fit_options import (
    Bounds,
    CorrelationField,
    FieldUnit,
    Fix,
    Lengths,
    Noise,
    PerCurve,
    PipelineFile,
    Shape,
    Starts,
    Symmetrise,
    Times,
    Unit,
    Weights,
)
from numerics.cli_options import form_of
from numerics.comparison import Comparison, ModelScore, compare_models
from numerics.curve import Curve
from numerics.data_file import DataFile
from numerics.display import progress_bar
from numerics.fit_options import parse_bounds, parse_fixed
from numerics.fit_request import FitRequest, model_names, run_fit
from numerics.named_model import NamedModel
from numerics.noise_model import CorrelatedNoise, NoiseModel
from numerics.precision import double_precision
from numerics.result import FitResult

_CRITERIA = MappingProxyType({"aic": "AIC", "aicc": "AICc", "bic": "BIC"})
_Options = Mapping[str, dict[str, Any] | None]
console = Console()


@double_precision()
def compare(
    data: Annotated[str, typer.Argument(metavar="[LABEL=]FILE", help="As for 'cooperon fit'.")],
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL[+BACKGROUND]...", help="Two models or more, as orthogonal+parabola."
        ),
    ],
    geometry: Shape = None,
    times: Times = False,
    lengths: Lengths = False,
    fix: Fix = None,
    bounds: Bounds = None,
    per_curve: PerCurve = None,
    field_unit: FieldUnit = None,
    unit: Unit = None,
    symmetrise: Symmetrise = False,
    pipeline: PipelineFile = None,
    weights: Weights = False,
    noise: Noise = None,
    correlation_field: CorrelationField = None,
    starts: Starts = 64,
) -> None:
    """Fit several models to the same data and compare them by AIC, AICc and BIC.

    Each is fitted from many starting points.  What --fix, --bounds and --per-curve name counts
    for the models that have it.  Columns are differences from the smallest; the sentences say
    what they mean.  With --noise correlated, the noise is that of the model with most values.

    Example: cooperon compare data.csv orthogonal hln-isotropic hln-isotropic+parabola --fix B_s=0
    """
    form = form_of(times=times, lengths=lengths)
    named = {text: _named(text, geometry, form) for text in models}
    if len(named) < 2:
        raise ValueError(f"There is one model to compare, {models[0]!r}; name two or more.")
    options: _Options = {
        "fixed": parse_fixed(fix or []),
        "bounds": parse_bounds(bounds or []),
        "per_curve": None if per_curve is None else dict.fromkeys(per_curve),
    }
    asked = noise_from(noise, correlation_field)
    requests = {
        text: _request(model, options, weights=weights, noise=asked, starts=starts)
        for text, model in named.items()
    }
    _require_used(options, requests)
    measured = reader_of(pipeline, field_unit, unit, symmetrise=symmetrise).read(
        [DataFile.of(data)]
    )
    same = _with_one_noise(requests, measured.curves)
    fits = {text: _fit(text, request, measured.curves) for text, request in same.items()}
    _print(compare_models(fits), fits)


def _with_one_noise(
    requests: Mapping[str, FitRequest], curves: Sequence[Curve]
) -> Mapping[str, FitRequest]:
    """Return requests with the noise that the model with most values leaves, if it is asked for.

    What a model lacks would pass for noise of its own; likelihoods compare under one noise.
    """
    largest = max(requests, key=lambda text: len(requests[text].parameters(curves)))
    noise = requests[largest].noise_of(curves)
    if noise is None:
        return requests
    if isinstance(noise, CorrelatedNoise):
        noise = _fit(f"noise with {largest}", requests[largest], curves).noise
        console.print(f"The noise was estimated with {largest} and is that of all.", markup=False)
    return {text: replace(request, noise=noise) for text, request in requests.items()}


def _fit(text: str, request: FitRequest, curves: Sequence[Curve]) -> FitResult:
    with progress_bar(console) as progress:

        def report(done: int, total: int, what: str) -> None:
            progress(done, total, f"{text}: {what}")

        return run_fit(request, curves, report)[0]


def _named(text: str, geometry: str | None, form: str) -> NamedModel:
    name, _, background = text.partition("+")
    return NamedModel(name.strip(), geometry, form, background.strip())


def _request(
    named: NamedModel,
    options: _Options,
    *,
    weights: bool,
    noise: NoiseModel | str | None,
    starts: int,
) -> FitRequest:
    names = model_names(named)
    known = {
        key: None if given is None else {n: v for n, v in given.items() if n in names}
        for key, given in options.items()
    }
    per_curve = known["per_curve"]
    return FitRequest.of(
        named,
        fixed=known["fixed"],
        bounds=known["bounds"],
        per_curve=None if per_curve is None else tuple(per_curve),
        weights="standard_error" if weights else None,
        noise=noise,
        starts=starts,
    )


def _require_used(options: _Options, requests: Mapping[str, FitRequest]) -> None:
    known = list(dict.fromkeys(n for request in requests.values() for n in request.names))
    for given in options.values():
        for name in given or ():
            if name not in known:
                raise ValueError(
                    f"{name!r} is not a parameter of any of the models; they have "
                    f"{', '.join(known)}."
                )


def _print(comparison: Comparison, fits: Mapping[str, FitResult]) -> None:
    table = Table("model", "k", "minima", "sum of squares", *_CRITERIA.values())
    table.columns[0].overflow = "fold"
    for name, score in comparison.scores.items():
        found = fits[name]
        cells = (_difference(comparison, score, key) for key in _CRITERIA)
        squares = f"{found.best.sum_of_squares:.6g}"
        table.add_row(escape(name), str(score.count), str(len(found.minima)), squares, *cells)
    console.print(table)
    for sentence in comparison.status:
        console.print(sentence, markup=False, highlight=False)


def _difference(comparison: Comparison, score: ModelScore, key: str) -> str:
    """Return what a criterion exceeds the smallest by; a dash where there is none."""
    known = [v for s in comparison.scores.values() if (v := getattr(s, key)) is not None]
    own = getattr(score, key)
    return "-" if own is None else f"+{own - min(known):.2f}"
