"""Options of the commands that fit, in the panels of their help: data, model, fit, output."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from numerics.named_background import BACKGROUNDS
from numerics.named_dephasing import MECHANISMS

_DATA, _MODEL, _FIT, _OUTPUT = "Data", "Model", "Fit", "Output"

Data = Annotated[
    list[str],
    typer.Argument(
        metavar="[LABEL=]FILE...",
        help="Delimited text with a field column and curves, or raw files with --pipeline.",
    ),
]
FieldUnit = Annotated[
    str | None,
    typer.Option(help="Unit of the field: T, mT, Oe, ...", rich_help_panel=_DATA),
]
Unit = Annotated[
    str | None,
    typer.Option(help="Unit of the conductance: 'e^2/h', S, ...", rich_help_panel=_DATA),
]
Symmetrise = Annotated[
    bool,
    typer.Option(
        "--symmetrise", help="Average B and -B of a two-sided sweep.", rich_help_panel=_DATA
    ),
]
PipelineFile = Annotated[
    Path | None,
    typer.Option(
        metavar="STEPS.JSON",
        help="The data are raw files, brought to curves by the steps in this file, which "
        "pipeline.to_json() wrote.",
        rich_help_panel=_DATA,
    ),
]
Together = Annotated[
    bool,
    typer.Option(
        "--together",
        help="The files belong together: their curves share parameters in one fit.",
        rich_help_panel=_DATA,
    ),
]
Name = Annotated[str, typer.Option("--model", help="Name of a model.", rich_help_panel=_MODEL)]
Shape = Annotated[
    str | None,
    typer.Option(
        "--geometry",
        help="Shape of the sample, infinite if not given; 'cooperon geometries' lists them.",
        rich_help_panel=_MODEL,
    ),
]
Times = Annotated[
    bool,
    typer.Option(
        "--times",
        help="Parameters tau_j and D instead of B_j = hbar/(4 e D tau_j).",
        rich_help_panel=_MODEL,
    ),
]
Lengths = Annotated[
    bool,
    typer.Option(
        "--lengths",
        help="Parameters L_j instead of B_j = hbar/(4 e L_j^2).",
        rich_help_panel=_MODEL,
    ),
]
Background = Annotated[
    str,
    typer.Option(
        metavar="NAME+NAME",
        help=f"What else the data hold: {', '.join(BACKGROUNDS)}; amplitudes are in the unit of "
        "the data.",
        rich_help_panel=_MODEL,
    ),
]
Dephasing = Annotated[
    str,
    typer.Option(
        metavar="NAME+NAME",
        help=f"Law of 1/tau_phi(T) for all curves together: {', '.join(MECHANISMS)}; phonons:p "
        "for T^p. The temperatures are those of the curves.",
        rich_help_panel=_MODEL,
    ),
]
Fix = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="NAME=VALUE or 'NAME[CURVE]=VALUE', SI units; repeat for more.",
        rich_help_panel=_MODEL,
    ),
]
Bounds = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=LOWER:UPPER", help="SI units; repeat for more.", rich_help_panel=_MODEL
    ),
]
PerCurve = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Parameter with one value per curve; B_phi or tau_phi, and c_0, if not given.",
        rich_help_panel=_MODEL,
    ),
]
Weights = Annotated[
    bool,
    typer.Option(
        "--weights", help="Weight by the standard errors in the file.", rich_help_panel=_FIT
    ),
]
Noise = Annotated[
    str | None,
    typer.Option(
        metavar="KIND",
        help="'correlated' or 'correlated:squared_exponential': errors correlated along the "
        "field, estimated from the residuals; 'covariance': as the pipeline found it.",
        rich_help_panel=_FIT,
    ),
]
CorrelationField = Annotated[
    float | None,
    typer.Option(
        metavar="B_C",
        help="Correlation field of --noise correlated in tesla, if it is known.",
        rich_help_panel=_FIT,
    ),
]
Starts = Annotated[int, typer.Option(help="Number of starting points.", rich_help_panel=_FIT)]
TransportField = Annotated[
    float | None,
    typer.Option(
        metavar="B_TR",
        help="B_tr = hbar/(2 e l^2) in tesla: say where the diffusive range ends.",
        rich_help_panel=_FIT,
    ),
]
Thickness = Annotated[
    float | None,
    typer.Option(
        metavar="METRES",
        help="Thickness of the film: say if it is too thick for a two-dimensional model.",
        rich_help_panel=_FIT,
    ),
]
SamplePosterior = Annotated[
    bool,
    typer.Option(
        "--posterior",
        help="Sample the posterior after the fit by NUTS, 4 chains: posterior.nc, corner.png.",
        rich_help_panel=_FIT,
    ),
]
Draws = Annotated[
    int, typer.Option(help="Draws of each chain with --posterior.", rich_help_panel=_FIT)
]
Windows = Annotated[
    str | None,
    typer.Option(
        metavar="B_MAX,B_MAX,...",
        help="Ranges of fields, in tesla, for which the report repeats the fit; a few fractions "
        "of the sweep by default, none if empty.",
        rich_help_panel=_OUTPUT,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="Folder for report.html, fit.json, fit.tex, fit.png and the module.",
        rich_help_panel=_OUTPUT,
    ),
]
Replace = Annotated[
    bool, typer.Option("--force", help="Replace existing output files.", rich_help_panel=_OUTPUT)
]
