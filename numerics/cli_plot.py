"""The command `cooperon plot`: a model as a figure."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import sympy as sp
import typer
from rich.console import Console

from cooperon.geometries import named_correction
from diagrams.symbols import omega
from numerics.cli_options import Cutoff, Dimension, Force, Lengths, ModelName, Shape, Times, form_of
from numerics.curve_family import check_parameters
from numerics.figure_file import require_figure_path, write_figure
from numerics.plot import POINTS, plot_correction
from numerics.precision import double_precision
from numerics.slider_ranges import axis_range

console = Console()


@double_precision()
def plot(
    name: ModelName,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE[,VALUE...]",
            help="A parameter in SI units, several values for a family of curves; repeat for each "
            "parameter.",
        ),
    ] = None,
    range_: Annotated[
        str | None,
        typer.Option(
            "--range",
            metavar="START:STOP",
            help="Range of the axis in SI units; -0.1:0.1 for a field, and such by default.",
        ),
    ] = None,
    against: Annotated[str, typer.Option(help="The parameter along the axis.")] = "B",
    geometry: Shape = None,
    field: Annotated[
        bool, typer.Option("--field/--no-field", help="Change by a field, or the whole correction.")
    ] = True,
    dimension: Dimension = None,
    cutoff: Cutoff = "smooth",
    alternating: Annotated[
        bool, typer.Option("--ac", help="At an angular frequency omega: two parts are drawn.")
    ] = False,
    times: Times = False,
    lengths: Lengths = False,
    unit: Annotated[
        str | None, typer.Option(help="Unit of the result: 'e^2/h' or SI; its own by default.")
    ] = None,
    points: Annotated[int, typer.Option(help="Number of points of a curve.")] = POINTS,
    log: Annotated[bool, typer.Option("--log", help="A logarithmic axis.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="The figure (.png, .pdf, .svg); MODEL.png by default.")
    ] = None,
    force: Force = False,
) -> None:
    """Draw the correction of a model against the field, or against another parameter.

    Without --set, the error names the parameters that the model has in that geometry.

    Example: cooperon plot hln-isotropic --set B_phi=1e-3 --set B_s=0 --set B_so=5e-3,1e-2,2e-2
    --unit e^2/h --output antilocalization.pdf
    """
    path = require_figure_path(output or Path(f"{name}.png"), force=force)
    parameters = parse_values(set_ or [])
    ends = None if range_ is None else parse_range(range_)
    form = form_of(times=times, lengths=lengths, field=field)
    with console.status("deriving") as status, warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        correction = named_correction(
            name,
            geometry,
            field=field,
            dimension=dimension,
            cutoff=cutoff,
            parameters=form,
            omega=omega if alternating else sp.S.Zero,
        )
        check_parameters(
            [s.name for s in correction.parameters], against, parameters, "--set {}=1e-3"
        )
        start, stop = ends or axis_range(against, {}, {}, log=log)
        status.update("compiling and drawing")
        figure = plot_correction(
            correction,
            parameters,
            against=against,
            start=start,
            stop=stop,
            points=points,
            unit=unit,
            log=log,
        )
        write_figure(path, figure)
    for sentence in dict.fromkeys(str(warning.message) for warning in noted):
        console.print(f"note: {sentence}", markup=False)
    console.print(f"wrote {path}", markup=False)


def parse_values(texts: Sequence[str]) -> dict[str, float | list[float]]:
    """Return {name: value, or list of values} from NAME=VALUE or NAME=VALUE,VALUE,...

    >>> parse_values(["B_phi=1e-3", "B_so=0,0.02"])
    {'B_phi': 0.001, 'B_so': [0.0, 0.02]}
    """
    values: dict[str, float | list[float]] = {}
    for text in texts:
        name, equals, rest = text.partition("=")
        numbers = [_number(word, f"--set {text}") for word in rest.split(",")] if equals else []
        if not (equals and name.strip().isidentifier()):
            raise ValueError(f"--set {text!r} is not of the form NAME=VALUE or NAME=VALUE,VALUE.")
        if name.strip() in values:
            raise ValueError(f"--set gives {name.strip()} twice; give its values in one list.")
        values[name.strip()] = numbers if len(numbers) > 1 else numbers[0]
    return values


def parse_range(text: str) -> tuple[float, float]:
    """Return (start, stop) from START:STOP.

    >>> parse_range("-0.1:0.1")
    (-0.1, 0.1)
    """
    words = text.split(":")
    if len(words) != 2:
        raise ValueError(f"--range {text!r} is not of the form START:STOP.")
    start, stop = (_number(word, f"--range {text}") for word in words)
    return start, stop


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a number; write it as 40.5e-12.") from None
