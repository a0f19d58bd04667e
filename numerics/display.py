"""Fits on the terminal: a progress bar and a table of minima."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from numerics.fit import Progress as Report
from numerics.result import FitResult, Minimum
from numerics.rounding import quantity_text


@contextmanager
def progress_bar(console: Console) -> Iterator[Report]:
    """Yield a callback (done, total, text) that drives a progress bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=None, visible=False)

        def report(done: int, total: int, text: str) -> None:
            bar.update(task, completed=done, total=total, description=text, visible=True)

        yield report


def print_fit(console: Console, result: FitResult) -> None:
    """Print a table with a column per minimum, then the status sentences."""
    table = Table("", *(f"minimum {k}" for k in range(1, len(result.minima) + 1)))
    for name in result.best.values:
        table.add_row(
            escape(name), *(_cell(minimum, name, result.units[name]) for minimum in result.minima)
        )
    squares = (f"{minimum.sum_of_squares:.6g}" for minimum in result.minima)
    table.add_row("sum of squares", *squares, end_section=True)
    console.print(table)
    for sentence in result.status:
        console.print(sentence, markup=False, highlight=False)


def _cell(minimum: Minimum, name: str, unit: str) -> str:
    if name in minimum.undetermined:
        return f"({quantity_text(minimum.values[name], 0.0, unit)}), undetermined"
    return quantity_text(minimum.values[name], minimum.standard_errors[name], unit)
