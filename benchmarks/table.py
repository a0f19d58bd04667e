"""The rows of all benchmarks as text, as they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from benchmarks.measurement import Row


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the head of the table and one line per row."""
    yield f"{'':58} {'measured':>9} {'target':>7}"
    for row in rows:
        yield line(row)


def line(row: Row) -> str:
    """Return one row: what, how much, of what, at most how much, and whether that is so."""
    measured = "" if row.measured is None else f"{row.measured:9.3g}"
    target = "" if row.target is None else f"{row.target:.3g}"
    return f"{row.name:58} {measured:>9} {target:>7}  {row.unit:20} {row.verdict}".rstrip()
