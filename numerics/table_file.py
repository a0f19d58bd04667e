"""The lines of a kernel file that a generator of tables writes, between two markers."""

from __future__ import annotations

from pathlib import Path

END = "# end tables"


def committed_tables(path: Path, begin: str) -> str:
    """Return the tables that a kernel file holds now, markers included.

    Raises
    ------
    ValueError
        If the file lacks a marker.
    """
    source = path.read_text(encoding="utf-8")
    if begin not in source or END not in source:
        raise ValueError(
            f"{path} has no lines '{begin}' and '{END}'; "
            "add both where the tables are to be written."
        )
    return begin + source.split(begin)[1].split(END)[0] + END


def replace_tables(path: Path, begin: str, tables: str) -> None:
    """Replace the tables in a kernel file, markers included."""
    source = path.read_text(encoding="utf-8")
    path.write_text(source.replace(committed_tables(path, begin), tables), encoding="utf-8")
