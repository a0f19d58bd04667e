"""From a fit to its record: shorter windows, smooth curves, the account of the model."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import jax

from numerics.curve import Curve
from numerics.data_source import DataSource
from numerics.fit import Progress
from numerics.fit_record import FitRecord
from numerics.fit_request import FitRequest
from numerics.model_account import ModelAccount
from numerics.result import FitResult
from numerics.smooth_lines import smooth_lines
from numerics.window_fits import default_windows, fit_windows


def record_fit(
    request: FitRequest,
    result: FitResult,
    curves: Sequence[Curve],
    function: Callable[..., jax.Array],
    *,
    data: DataSource | Sequence[DataSource] | None = None,
    windows: Sequence[float] | None = None,
    pipeline: object = None,
    progress: Progress | None = None,
) -> FitRecord:
    """Return the record of a fit: what is in its JSON file and its report.

    Parameters
    ----------
    request, result, curves, function
        What was asked for, what `run_fit` returned, and the points.
    data : DataSource or sequence of them, optional
        The file or files that the points came from.
    windows : sequence of float, optional
        Largest fields, in tesla, of the shorter ranges that are fitted as well; a few fractions
        of the whole by default, none if empty.
    pipeline : object, optional
        What brought raw data to curves: a record as lists and mappings, or an object whose
        ``record()`` returns one.
    progress : callable, optional
        Called as ``progress(done, total, text)``.
    """
    parameters = request.parameters(curves)
    sources = (data,) if isinstance(data, DataSource) else tuple(data or ())
    if windows is None:
        windows = default_windows(curves, len(result.best.values))
    scan = fit_windows(function, curves, parameters, result, windows, progress)
    record = getattr(pipeline, "record", None)
    return FitRecord(
        result=result,
        curves=tuple(curves),
        parameters=parameters,
        fixed=request.fixed,
        model=ModelAccount.of(request.correction, curves[0].unit, request.named),
        noise=request.noise_of(curves),
        data=sources[0] if sources else None,
        further_data=sources[1:],
        windows=scan,
        lines=smooth_lines(function, result, curves),
        pipeline=record() if callable(record) else pipeline,
    )
