"""The command `cooperon fit`: from data files and names to fits, reports and records."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from numerics.cli_fit_options import (
    Background,
    Bounds,
    CorrelationField,
    Data,
    Dephasing,
    Draws,
    FieldUnit,
    Fix,
    Lengths,
    Name,
    Noise,
    Output,
    PerCurve,
    PipelineFile,
    Replace,
    SamplePosterior,
    Shape,
    Starts,
    Symmetrise,
    Thickness,
    Times,
    Together,
    TransportField,
    Unit,
    Weights,
    Windows,
)
from numerics.cli_options import form_of
from numerics.data_file import DataFile
from numerics.fit_options import parse_bounds, parse_fixed, parse_noise, parse_windows
from numerics.fit_posterior import Sampling
from numerics.fit_request import FitRequest
from numerics.fit_run import fit_files_in_turn, fit_measurement
from numerics.measured_curves import CurveFiles, Reader
from numerics.named_model import NamedModel
from numerics.noise_model import CorrelatedNoise
from numerics.precision import double_precision
from numerics.raw_files import read_pipeline

console = Console()


@double_precision()
def fit(
    data: Data,
    name: Name,
    geometry: Shape = None,
    times: Times = False,
    lengths: Lengths = False,
    background: Background = "",
    dephasing: Dephasing = "",
    fix: Fix = None,
    bounds: Bounds = None,
    per_curve: PerCurve = None,
    field_unit: FieldUnit = None,
    unit: Unit = None,
    symmetrise: Symmetrise = False,
    pipeline: PipelineFile = None,
    together: Together = False,
    weights: Weights = False,
    noise: Noise = None,
    correlation_field: CorrelationField = None,
    starts: Starts = 64,
    transport_field: TransportField = None,
    thickness: Thickness = None,
    posterior: SamplePosterior = False,
    draws: Draws = 1000,
    windows: Windows = None,
    output: Output = None,
    force: Replace = False,
) -> None:
    """Fit a model to measured magnetoconductance, sigma(B) - sigma(0).

    Parameters are the fields B_phi, B_so_x, ... in tesla, or with --times the
    times tau_phi, ... in seconds and the diffusion constant D, which then has
    to be fixed, or with --lengths the lengths L_phi, ... in metres. Those of
    the geometry are to be fixed: --fix width=1e-7. All distinct minima are
    reported. Several files are fitted one after the other, each into a folder
    of its own in --output, with summary.csv beside them; a file that is done
    is skipped, so that an interrupted run goes on. With --together they are
    fitted as one measurement.

    Example: cooperon fit data.csv --model hln-isotropic --fix B_s=0 --output
    results

    Example: cooperon fit '1.5 K=a.txt' '4 K=b.txt' --together --pipeline
    steps.json --model orthogonal --background parabola --noise correlated
    """
    named = NamedModel(name, geometry, form_of(times=times, lengths=lengths), background, dephasing)
    ranges = None if windows is None else parse_windows(windows)
    request = FitRequest(
        correction=named.correction(),
        named=named,
        fixed=parse_fixed(fix or []),
        bounds=parse_bounds(bounds or []),
        per_curve=None if per_curve is None else tuple(per_curve),
        weights="standard_error" if weights else None,
        noise=noise_from(noise, correlation_field),
        starts=starts,
        transport_field=transport_field,
        thickness=thickness,
    )
    reader = reader_of(pipeline, field_unit, unit, symmetrise=symmetrise)
    files = [DataFile.of(text) for text in data]
    if len(files) == 1 or together:
        sampling = Sampling(draws, output, force) if posterior else None
        fitted = fit_measurement(
            console, request, files, reader, output, windows=ranges, force=force
        )
        if sampling is not None:
            sampling.run(console, request, fitted)
        return
    if posterior:
        raise ValueError(
            f"--posterior is for one measurement and there are {len(files)} files; pass "
            "--together, or sample them one by one."
        )
    if output is None:
        raise ValueError(
            f"{len(data)} files need a folder for their results; pass --output, or --together to "
            "fit them as one measurement."
        )
    done = fit_files_in_turn(console, request, files, reader, output, windows=ranges, force=force)
    if not done:
        raise typer.Exit(1)


def noise_from(text: str | None, length: float | None) -> CorrelatedNoise | str | None:
    """Return the noise that --noise and --correlation-field ask for, None if neither does."""
    if text is None and length is not None:
        raise ValueError(
            f"--correlation-field {length:g} is that of correlated noise; pass --noise correlated "
            "with it."
        )
    return None if text is None else parse_noise(text, length)


def reader_of(
    pipeline: Path | None, field_unit: str | None, unit: str | None, *, symmetrise: bool
) -> Reader:
    """Return what brings files to curves: recorded steps, or the reader of processed curves."""
    options = {"field_unit": field_unit, "unit": unit, "symmetrise": symmetrise}
    if pipeline is None:
        return CurveFiles(options)
    given = [name.replace("_", "-") for name, value in options.items() if value]
    if given:
        raise ValueError(
            f"--{given[0]} is for processed curves; with --pipeline, say it in the reader and the "
            f"steps of {pipeline}."
        )
    return read_pipeline(pipeline)
