"""The command `cooperon diagrams`: list, count and draw disorder diagrams."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from diagrams.catalogue import FAMILIES
from diagrams.notation import parse
from diagrams.report import FORMATS, count_family, report, report_family
from numerics.output import require_free, write_text


def diagrams(
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[DIAGRAM]",
            help="One diagram, written as the command lists them, instead of a family.",
        ),
    ] = None,
    order: Annotated[int, typer.Option(help="The number of impurity lines.")] = 2,
    family: Annotated[str, typer.Option(help=f"{', '.join(FAMILIES)}.")] = "all",
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(FORMATS)}.")] = "text",
    count: Annotated[bool, typer.Option("--count", help="Only say how many there are.")] = False,
    limit: Annotated[int | None, typer.Option(help="Stop after so many diagrams.")] = None,
    skeletons: Annotated[
        bool, typer.Option("--skeletons", help="Draw diffusons and Cooperons as shaded blocks.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="Write to this file.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """List, count or draw the diagrams of the conductivity bubble.

    Each is listed with its order in 1/(k_F l) and its diffusons and Cooperons.

    Example: cooperon diagrams --order 3 --family rungs --format svg --output rungs.svg
    """
    if output is not None:
        require_free(output, force=force)
    chunks: Iterator[str]
    if count:
        chunks = iter([count_family(order, family)])
    elif text is not None:
        chunks = report([parse(text)], form, contracted=skeletons)
    else:
        chunks = report_family(order, family, form, limit=limit, contracted=skeletons)
    if output is None:
        for chunk in chunks:
            typer.echo(chunk)
        return
    write_text(output, "\n".join([*chunks, ""]), force=force)
    typer.echo(f"wrote {output}")
