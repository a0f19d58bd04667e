"""The command `cooperon`: derive, compile, fit, and the demonstration on measured data."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from cooperon import MODELS, latex
from cooperon.cache import VARIABLE
from cooperon.geometries import GEOMETRIES, named_correction
from numerics.cli_compare import compare
from numerics.cli_diagrams import diagrams
from numerics.cli_fit import fit
from numerics.cli_options import (
    Cutoff,
    Dimension,
    Force,
    Lengths,
    ModelName,
    Shape,
    Times,
    form_of,
)
from numerics.cli_planning import design, sensitivity
from numerics.cli_plot import plot
from numerics.cli_process import process
from numerics.cli_report import report
from numerics.codegen import write_module
from numerics.compilation_cache import enable_cache
from numerics.demo import run_demo
from numerics.output import require_free, write_text
from numerics.precision import enable_x64

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Weak localization, derived: from a disordered Hamiltonian to a fit of measured data.\n\n"
    "Start with 'cooperon demo', or with 'cooperon models' and 'cooperon derive hln'.",
)
console = Console()


def main() -> None:
    """Run the command line; an expected error is one sentence on standard error."""
    if os.environ.get(VARIABLE) != "off":
        with suppress(OSError):  # a folder that cannot be made costs time, nothing else
            enable_cache()
    try:
        app()
    except (ValueError, TypeError, NotImplementedError, RuntimeError, OSError) as error:
        Console(stderr=True).print(f"cooperon: {error}", style="bold red", markup=False)
        sys.exit(2)


@app.command()
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("cooperon-demo"),
    force: Force = False,
) -> None:
    """Derive a formula, generate its code, fit the shipped measurement, compare with print.

    Writes derivation.tex, magnetoconductance.py, fit.json, fit.tex, fit.png and report.html.
    """
    enable_x64()
    run_demo(output, console, force=force)


@app.command()
def models() -> None:
    """List the named models."""
    table = Table("name", "what it describes", "after")
    for recipe in MODELS.values():
        table.add_row(recipe.name, recipe.description, recipe.reference)
    console.print(table)


@app.command()
def geometries() -> None:
    """List the named shapes of samples."""
    table = Table("name", "what it is", "after")
    for shape in GEOMETRIES.values():
        table.add_row(shape.name, shape.description, shape.reference)
    console.print(table)


@app.command()
def derive(
    name: ModelName,
    geometry: Shape = None,
    field: Annotated[
        bool, typer.Option("--field/--no-field", help="Change by a field, or the whole correction.")
    ] = True,
    dimension: Dimension = None,
    cutoff: Cutoff = "smooth",
    times: Times = False,
    lengths: Lengths = False,
    output: Annotated[Path | None, typer.Option(help="Write the steps as a LaTeX file.")] = None,
    force: Force = False,
) -> None:
    """Derive the correction of a model in a geometry and print its steps.

    Example: cooperon derive hln --geometry wire --output derivation.tex
    """
    if output is not None:
        require_free(output, force=force)
    form = form_of(times=times, lengths=lengths, field=field)
    correction = named_correction(
        name, geometry, field=field, dimension=dimension, cutoff=cutoff, parameters=form
    )
    console.print(str(correction.derivation), markup=False, highlight=False, soft_wrap=True)
    console.print(f"\nResult, in units of {correction.unit_name}, in LaTeX:", markup=False)
    console.print(latex(correction), markup=False, highlight=False, soft_wrap=True)
    if output is not None:
        write_text(output, correction.derivation.latex(), force=force)
        console.print(f"wrote {output}", markup=False)


@app.command(name="compile")
def compile_command(
    name: ModelName,
    geometry: Shape = None,
    output: Annotated[Path, typer.Option(help="The Python module to write.")] = Path(
        "magnetoconductance.py"
    ),
    unit: Annotated[
        str | None, typer.Option(help="Unit of the result: 'e^2/(pi h)', 'e^2/h' or SI.")
    ] = None,
    function: Annotated[str, typer.Option(help="Name of the function.")] = "magnetoconductance",
    times: Times = False,
    lengths: Lengths = False,
    force: Force = False,
) -> None:
    """Generate a standalone JAX module for the magnetoconductivity of a model.

    Example: cooperon compile hln-isotropic --geometry film --times --unit e^2/h
    """
    require_free(output, force=force)
    form = form_of(times=times, lengths=lengths)
    correction = named_correction(name, geometry, parameters=form)
    write_module(correction, output, name=function, unit=unit, force=force)
    arguments = ", ".join(symbol.name for symbol in correction.parameters)
    console.print(f"wrote {output} with {function}({arguments})", markup=False)


app.command()(fit)
app.command()(compare)
app.command()(process)
app.command()(report)
app.command()(plot)
app.command()(sensitivity)
app.command()(design)
app.command()(diagrams)


if __name__ == "__main__":
    main()
