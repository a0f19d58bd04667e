"""The command `cooperon process`: raw files to curves by recorded steps, as CSV."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from numerics.cli_options import Force
from numerics.curves_csv import curves_csv
from numerics.data_file import DataFile
from numerics.display import progress_bar
from numerics.output import require_free, write_text
from numerics.raw_files import read_pipeline

console = Console()


def process(
    data: Annotated[
        list[str],
        typer.Argument(
            metavar="[LABEL=]FILE...",
            help="Raw files of one measurement; a label such as '300 mK' is the temperature.",
        ),
    ],
    pipeline: Annotated[
        Path,
        typer.Option(
            metavar="STEPS.JSON", help="The steps, which pipeline.to_json() or --record wrote."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option(help="Write the curves as CSV, which 'cooperon fit' reads.")
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(help="Write steps, hashes and versions as JSON; --pipeline reads it."),
    ] = None,
    force: Force = False,
) -> None:
    """Bring raw files to curves by recorded steps and say what each step did.

    The file with the steps is written once, in Python: Path("steps.json").write_text(
    pipeline.to_json()).  With the record of a run in its place, the output is compared with the
    recorded one.

    Example: cooperon process '300 mK=a.txt' --pipeline steps.json --output curves.csv
    """
    targets = [require_free(path, force=force) for path in (output, record) if path is not None]
    reader = read_pipeline(pipeline)
    with progress_bar(console) as progress:
        measured = reader.read([DataFile.of(text) for text in data], progress)
    for note in measured.notes:
        console.print(note, markup=False, highlight=False)
    if output is not None:
        write_text(output, curves_csv(measured), force=force)
    if record is not None:
        text = json.dumps(measured.pipeline, indent=2, allow_nan=False, ensure_ascii=False)
        write_text(record, text + "\n", force=force)
    if targets:
        console.print(f"wrote {', '.join(map(str, targets))}", markup=False)
