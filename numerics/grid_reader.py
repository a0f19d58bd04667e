"""Reader of a matrix of numbers as text, with axes that are told, not in the file.

A gate map is often saved as bare numbers. Nothing about them is guessed: the axes and the unit are
given, and what is found (delimiter, comments, the shape) is a sentence in the notes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from numerics.measured_quantities import AXES, VALUES, unit_scale
from numerics.pint_edge import is_quantity, si_array
from numerics.sweep_array import Floats, SweepArray

_DELIMITERS = {"\t": "tabs", ";": "semicolons", ",": "commas", " ": "blanks"}
_MISSING = ("nan", "NaN", "NAN", "")


@dataclass(frozen=True)
class GridAxis:
    """The axis of a matrix: `start` and `step`, or `values`, in `unit` (pint quantities too).

    Examples
    --------
    >>> GridAxis("B", "mT", start=-25, step=0.2).coordinates(3).round(6)
    array([-0.025 , -0.0248, -0.0246])
    """

    name: str
    unit: str | None = None
    start: float | None = None
    step: float | None = None
    values: Any = None

    def __post_init__(self) -> None:
        if self.name not in AXES:
            raise ValueError(f"{self.name!r} is no axis; use one of {', '.join(AXES)}.")
        if (self.values is None) == (self.start is None or self.step is None):
            raise ValueError(
                f"The axis {self.name} needs either start and step or values; give one of the two."
            )
        if self.unit is None and AXES[self.name].unit != "1" and not is_quantity(self._first()):
            raise ValueError(
                f"The axis {self.name} has no unit; pass unit=, for example "
                f"{AXES[self.name].unit!r}, or pint quantities."
            )

    def coordinates(self, count: int) -> Floats:
        """Return the `count` coordinates in SI; ValueError if `values` are of another number."""
        found = self._numbers(self.values) if self.values is not None else self._spaced(count)
        if found.shape != (count,):
            raise ValueError(
                f"The axis {self.name} has {found.size} values and the file {count}; is the file "
                "transposed, or was a sweep stopped early?"
            )
        return found

    def _first(self) -> Any:
        return self.start if self.values is None else self.values

    def _spaced(self, count: int) -> Floats:
        if is_quantity(self.start) or is_quantity(self.step):
            return self._numbers(self.start) + self._numbers(self.step) * np.arange(count)
        # Scaled last, so that -25 + 120 * 0.2 is -1 in the unit of the file.
        return self._numbers(float(self.start or 0) + float(self.step or 0) * np.arange(count))

    def _numbers(self, value: Any) -> Floats:
        unit = AXES[self.name].unit
        array = si_array(value, unit, f"The axis {self.name}")
        if is_quantity(value):
            return array
        return array * unit_scale(self.unit or unit, unit, f"the axis {self.name}")


def read_grid(
    path: str | Path,
    *,
    value: str,
    unit: str,
    rows: GridAxis,
    columns: GridAxis,
    delimiter: str | None = None,
    label: str | None = None,
    temperature: float | None = None,
) -> SweepArray:
    """Read a matrix of numbers: one quantity over two axes, for example gate voltage and field.

    Parameters
    ----------
    path : str or Path
        Text; lines that begin with ``#`` or ``%`` are comments and are echoed.
    value, unit : str
        What a cell is (`numerics.measured_quantities.VALUES`) and its unit in the file.
    rows, columns : GridAxis
        Coordinates along the lines of the file and across them; one of them is the field.
    delimiter : str, optional
        The separator; found if not given.
    label : str, optional
        Label of the sweep; the name of the file if not given.
    temperature : float, optional
        In kelvin.

    Returns
    -------
    SweepArray
        With cells ``nan`` or empty as points that were not measured.

    Raises
    ------
    ValueError
        If lines differ in length, a cell is no number, the axes do not fit, or a unit is unknown.
    """
    path = Path(path)
    comments, lines = _lines(path)
    mark = delimiter or next((m for m in ("\t", ";", ",") if m in lines[0][1]), " ")
    matrix = _matrix(path, lines, mark)
    scale = unit_scale(unit, _value(value), value)
    names = [rows.name, columns.name]
    if "B" not in names or names[0] == names[1]:
        raise ValueError(f"The axes {names[0]} and {names[1]} must differ, and one must be B.")
    count, width = matrix.shape
    axes = {rows.name: rows.coordinates(count), columns.name: columns.coordinates(width)}
    notes = [f"{path.name}: {count} lines of {width} numbers, separated by {_named(mark)}."]
    notes += [f"Comment in the file: {text}" for text in comments]
    notes += [
        _axis_note(where, axis, axes[axis.name])
        for where, axis in (("down the lines", rows), ("along a line", columns))
    ]
    notes.append(f"A cell is {value} ({VALUES[value].words}) in {unit}.")
    if missing := int(np.isnan(matrix).sum()):
        notes.append(f"{missing} cells hold no number: these points were not measured.")
    return SweepArray(
        axes=axes,
        values={value: matrix * scale},
        label=label or path.stem,
        temperature=temperature,
        source=path.name,
        notes=tuple(notes),
    )


def _value(name: str) -> str:
    if name not in VALUES:
        raise ValueError(f"{name!r} is no measured value; use one of {', '.join(VALUES)}.")
    return VALUES[name].unit


def _lines(path: Path) -> tuple[list[str], list[tuple[int, str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} is not text (byte {error.start} is not UTF-8); read HDF5 and NetCDF with "
            "read_netcdf."
        ) from error
    numbered = [(i, s.strip("\r\n ")) for i, s in enumerate(text.splitlines(), 1) if s.strip()]
    comments = [s.lstrip("#% ") for _, s in numbered if s.startswith(("#", "%"))]
    lines = [(i, s) for i, s in numbered if not s.startswith(("#", "%"))]
    if len(lines) < 2:
        raise ValueError(
            f"{path.name} holds {len(lines)} line(s) of numbers; at least 2 are needed."
        )
    return comments, lines


def _matrix(path: Path, lines: list[tuple[int, str]], mark: str) -> Floats:
    rows = [_cells(path, i, line, mark) for i, line in lines]
    for (number, _), row in zip(lines, rows, strict=True):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"Line {number} of {path.name} has {len(row)} numbers and line {lines[0][0]} has "
                f"{len(rows[0])}; fill a row that was stopped with nan."
            )
    return np.array(rows)


def _cells(path: Path, number: int, line: str, mark: str) -> list[float]:
    cells = line.split() if mark == " " else line.split(mark)
    return [_number(path, number, cell.strip()) for cell in cells]


def _number(path: Path, line: int, cell: str) -> float:
    if cell in _MISSING:
        return float("nan")
    try:
        return float(cell)
    except ValueError as error:
        raise ValueError(
            f"Line {line} of {path.name} has {cell!r}, not a number; begin header lines with '#', "
            "and write nan where nothing was measured."
        ) from error


def _named(mark: str) -> str:
    return _DELIMITERS.get(mark, repr(mark))


def _axis_note(where: str, axis: GridAxis, held: Floats) -> str:
    unit = AXES[axis.name].unit
    return (
        f"Axis {axis.name} ({AXES[axis.name].words}) {where}: {held[0]:g} {unit} to "
        f"{held[-1]:g} {unit}, {len(held)} values, given in {axis.unit or unit}."
    )
