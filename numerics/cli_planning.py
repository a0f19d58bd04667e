"""The commands `cooperon sensitivity` and `cooperon design`: plan a measurement."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from numerics.codegen import compile
from numerics.design import design_fields
from numerics.display import progress_bar
from numerics.figure_file import require_figure_path, write_figure
from numerics.fit_options import parse_bounds
from numerics.identifiability import identifiability
from numerics.planning_display import print_design, print_identifiability
from numerics.planning_request import parse_fields, planning_request
from numerics.precision import double_precision
from numerics.sensitivity_figure import plot_design, plot_identifiability

ModelName = Annotated[str, typer.Option("--model", help="Name of a model; see 'cooperon models'.")]
At = Annotated[
    list[str],
    typer.Option("--at", help="NAME=VALUE to assume, SI units; repeat for each parameter."),
]
Fix = Annotated[
    list[str] | None, typer.Option("--fix", help="NAME=VALUE of a parameter that is known.")
]
Noise = Annotated[float, typer.Option(help="Standard error of one point, in --unit.")]
Unit = Annotated[str, typer.Option(help="Unit of the noise: 'e^2/h', 'e^2/(pi h)' or SI.")]
Times = Annotated[
    bool,
    typer.Option("--times", help="Parameters tau_j and D instead of B_j = hbar/(4 e D tau_j)."),
]
Output = Annotated[Path | None, typer.Option(help="Write the figure here (.png, .pdf, .svg).")]
Force = Annotated[bool, typer.Option("--force", help="Replace an existing figure.")]
console = Console()


@double_precision()
def sensitivity(
    name: ModelName,
    at: At,
    fields: Annotated[
        str, typer.Option(help="START:STOP:POINTS in tesla, with :log at the end for equal ratios.")
    ],
    noise: Noise,
    fix: Fix = None,
    unit: Unit = "e^2/h",
    times: Times = False,
    output: Output = None,
    force: Force = False,
) -> None:
    """Say which parameters a field sweep can determine, before it is measured.

    Several sweeps: give a parameter one value for each, as in --at "B_phi[1 K]=1e-3" --at
    "B_phi[4 K]=4e-3"; the other parameters are shared.

    Example: cooperon sensitivity --model hln-isotropic --at B_phi=1e-3 --at B_so=2e-2
    --fix B_s=0 --fields 0:0.1:101 --noise 1e-3 --output sweep.png
    """
    path = None if output is None else require_figure_path(output, force=force)
    request = planning_request(name, at, fix or [], times=times)
    sweeps = request.sweeps(parse_fields(fields), noise)
    for note in request.notes:
        console.print(note, markup=False)
    function = compile(request.correction, unit=unit)
    result = identifiability(function, request.parameters, sweeps, fixed=request.fixed)
    print_identifiability(console, result)
    if path is not None:
        write_figure(path, plot_identifiability(result, unit="S" if unit == "SI" else unit))
        console.print(f"wrote {path}", markup=False)


@double_precision()
def design(
    name: ModelName,
    at: At,
    bounds: Annotated[str, typer.Option(help="LOWEST:HIGHEST field in tesla.")],
    points: Annotated[int, typer.Option(help="Number of readings.")],
    noise: Noise,
    target: Annotated[
        str | None, typer.Option(help="The parameter to determine; all of them if not given.")
    ] = None,
    fix: Fix = None,
    weights: Annotated[
        bool, typer.Option("--weights", help="Divide the measuring time, not whole readings.")
    ] = False,
    unit: Unit = "e^2/h",
    times: Times = False,
    output: Output = None,
    force: Force = False,
) -> None:
    """Find the fields at which readings determine a parameter best.

    Example: cooperon design --model hln-isotropic --at B_phi=1e-3 --at B_so=2e-2 --fix B_s=0
    --target B_so --bounds 1e-4:0.1 --points 20 --noise 1e-3
    """
    path = None if output is None else require_figure_path(output, force=force)
    request = planning_request(name, at, fix or [], times=times)
    if request.labels != ("sweep",):
        raise ValueError("A design is for one sweep; give each parameter one value, without [ ].")
    low, high = parse_bounds([f"B={bounds}"])["B"]
    for note in request.notes:
        console.print(note, markup=False)
    with progress_bar(console) as progress:
        found = design_fields(
            compile(request.correction, unit=unit),
            request.single_values(request.parameters),
            target,
            noise=noise,
            bounds=(low, high),
            points=points,
            fixed=request.single_values(request.fixed),
            weights=weights,
            progress=progress,
        )
    print_design(console, found)
    if path is not None:
        write_figure(path, plot_design(found))
        console.print(f"wrote {path}", markup=False)
