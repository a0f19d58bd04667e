"""The command `cooperon report`: the page of a recorded fit, and whether the fit repeats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from numerics.cli_options import Force
from numerics.display import progress_bar
from numerics.fit_record import read_record
from numerics.output import require_free
from numerics.precision import double_precision
from numerics.repeat_fit import repeat_fit
from numerics.replay import replay_steps
from numerics.report import write_report

console = Console()


@double_precision()
def report(
    record: Annotated[Path, typer.Argument(help="The fit.json that 'cooperon fit' wrote.")],
    output: Annotated[
        Path | None, typer.Option(help="The page; report.html beside the record by default.")
    ] = None,
    repeat: Annotated[
        bool,
        typer.Option("--repeat", help="Run steps and fit again and say whether the numbers agree."),
    ] = False,
    trust_source: Annotated[
        bool,
        typer.Option("--trust-source", help="Run the source of a model that has no name."),
    ] = False,
    force: Force = False,
) -> None:
    """Write the report of a recorded fit as one HTML page, and repeat the fit if asked.

    It refuses if the data file changed since the fit.  With --repeat a page that is
    beside the record already is left as it is.

    Example: cooperon report results/fit.json --repeat
    """
    usual = record.with_name("report.html")
    kept = repeat and output is None and usual.exists() and not force
    page = None if kept else require_free(output or usual, force=force)
    known = read_record(record)
    agrees = True
    if repeat:
        with progress_bar(console) as progress:
            same, sentences = replay_steps(known, record, progress)
            repetition = repeat_fit(known, trust_source=trust_source, progress=progress)
        for sentence in (*sentences, *repetition.sentences):
            console.print(sentence, markup=False)
        agrees = repetition.agrees and same
    if page is not None:
        write_report(page, known, force=force)
        console.print(f"wrote {page}", markup=False)
    if not agrees:
        raise typer.Exit(1)
