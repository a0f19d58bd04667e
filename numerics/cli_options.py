"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

ModelName = Annotated[str, typer.Argument(help="Name of a model; 'cooperon models' lists them.")]
Shape = Annotated[
    str | None,
    typer.Option(
        "--geometry",
        help="Shape of the sample, infinite if not given; 'cooperon geometries' lists them.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace existing output files.")]
Times = Annotated[
    bool,
    typer.Option("--times", help="Parameters tau_j and D instead of B_j = hbar/(4 e D tau_j)."),
]
Lengths = Annotated[
    bool, typer.Option("--lengths", help="Parameters L_j instead of B_j = hbar/(4 e L_j^2).")
]
Cutoff = Annotated[str, typer.Option(help="smooth, sharp, momentum or none, with --no-field.")]
Dimension = Annotated[
    int | None,
    typer.Option(help="Dimension in which the model diffuses; what the geometry needs by default."),
]


def form_of(*, times: bool, lengths: bool, field: bool = True) -> str:
    """Return how rates are written, for `named_correction`.

    Raises
    ------
    ValueError
        If two ways are asked for, or lengths for the whole correction.
    """
    if times and lengths:
        raise ValueError("--times and --lengths exclude each other; choose one.")
    if lengths and not field:
        raise ValueError("--no-field has the parameters tau_j and D; leave out --lengths.")
    return "times" if times else "lengths" if lengths else "fields"
