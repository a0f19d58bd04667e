"""Delimited text as a table of finite numbers with named columns."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_COMMENT = ("#", "%")
# A bracketed unit may hold blanks and one more pair of brackets: "dG (e^2/(pi h))".
_WORD = re.compile(r"[^\s(\[]+(?:\s*[(\[](?:[^()\[\]]|\([^()]*\))*[)\]])?")


@dataclass(frozen=True)
class Table:
    """Names and cells of a text file, cells as they stand; `lines` are the line numbers."""

    path: Path
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str) -> NDArray[np.float64]:
        """Return a column as finite numbers; ValueError names the line that is none."""
        position = self.names.index(name)
        cells = zip(self.lines, self.rows, strict=True)
        return np.array([self._number(line, row[position], name) for line, row in cells])

    def _number(self, line: int, cell: str, name: str) -> float:
        try:
            value = float(cell)
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise ValueError(
                f"Line {line} of {self.path.name} has {cell!r} in column {name!r}, not a finite "
                "number; remove the row or measure it again."
            )
        return value


def read_table(path: Path, delimiter: str | None = None) -> Table:
    """Read a delimited text file with one header line.

    Raises
    ------
    ValueError
        If there is no header, there are fewer than two data rows, or rows differ in length.
    """
    numbered = [(i, s.strip()) for i, s in enumerate(_text(path).splitlines(), 1) if s.strip()]
    comments = [(i, s.lstrip("#% ")) for i, s in numbered if s.startswith(_COMMENT)]
    body = [(i, s) for i, s in numbered if not s.startswith(_COMMENT)]
    if not body:
        raise ValueError(f"{path.name} holds no data; it needs a header line and rows of numbers.")
    delimiter = delimiter or _find_delimiter(body[0][1] + body[-1][1])
    header, body = _take_header(path, comments, body, delimiter)
    rows = tuple(tuple(_split(s, delimiter)) for _, s in body)
    lines = tuple(i for i, _ in body)
    _check_rows(path, header, rows, lines)
    return Table(path, header, rows, lines)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} is not text (byte {error.start} is not UTF-8); export it as CSV."
        ) from error


def _find_delimiter(text: str) -> str:
    return next((mark for mark in ("\t", ";", ",") if mark in text), " ")


def _split(line: str, delimiter: str) -> list[str]:
    cells = line.split() if delimiter == " " else line.split(delimiter)
    return [cell.strip().strip('"') for cell in cells]


def _take_header(
    path: Path, comments: list[tuple[int, str]], body: list[tuple[int, str]], delimiter: str
) -> tuple[tuple[str, ...], list[tuple[int, str]]]:
    first = body[0][1]
    if not _is_numeric(_split(first, delimiter)):
        return _names(first, delimiter), body[1:]
    width = len(_split(first, delimiter))
    if comments and len(names := _names(comments[-1][1], delimiter)) == width:
        return names, body
    raise ValueError(
        f"{path.name} has no header line; begin it with column names and units, for example "
        "'B_mT,dG_e2h'."
    )


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(line) if delimiter == " " else _split(line, delimiter))


def _is_numeric(cells: list[str]) -> bool:
    try:
        float(cells[0])
    except ValueError:
        return False
    return True


def _check_rows(
    path: Path,
    header: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    lines: tuple[int, ...],
) -> None:
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            raise ValueError(
                f"Line {line} of {path.name} has {len(row)} cells and the header has "
                f"{len(header)}; is one missing, or is the delimiter another?"
            )
    if len(rows) < 2:
        raise ValueError(f"{path.name} has {len(rows)} data row(s); at least 2 fields are needed.")
