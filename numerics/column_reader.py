"""Reader of tables with one line per measured point: the columns say what is an axis.

With the field as the only axis the points stay in the order of measurement, since the sweep may go
up and down. With further axes the lines are sorted into a grid, which must be complete: a hole
would have to be filled with something that was not measured.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from numerics.measured_quantities import AXES, VALUES, measured, require_quantities, unit_scale
from numerics.sweep_array import Floats, SweepArray
from numerics.tables import Table, read_table


def read_columns(
    path: str | Path,
    *,
    names: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    label: str | None = None,
    temperature: float | None = None,
) -> SweepArray:
    """Read a table with one line per measured point (long format).

    Parameters
    ----------
    path : str or Path
        Delimited text with a header line such as ``V_g (V), B_mT, V_xx_uV``.
    names : dict, optional
        Header of a quantity where it is not found: ``{"V_xx": "Lockin X"}``.
    units : dict, optional
        Units by quantity, which override those in the header.
    delimiter, label, temperature
        As in `read_grid`.

    Returns
    -------
    SweepArray
        With a single axis B the points stay in the order of measurement; with further axis columns
        the lines are sorted into a grid, which must be complete.

    Raises
    ------
    ValueError
        If a column or unit is missing, a cell is not finite, or the points do not fill a grid.
    """
    table = read_table(Path(path), delimiter)
    headers = _headers(table, names or {})
    columns, notes = (
        {},
        [
            f"{table.path.name}: {len(table.rows)} lines, columns "
            f"{', '.join(repr(n) for n in table.names)}."
        ],
    )
    for quantity, (header, stated) in headers.items():
        unit = measured(quantity).unit
        text = (units or {}).get(quantity, stated) or ("1" if unit == "1" else None)
        if text is None:
            raise ValueError(
                f"Column {header!r} of {table.path.name} states no unit for {quantity}; rename it "
                f"to '{quantity} ({unit})' or pass units={{{quantity!r}: ...}}."
            )
        columns[quantity] = table.column(header) * unit_scale(text, unit, f"column {header!r}")
        held = "" if text == unit else f", held in {unit}"
        notes.append(f"{quantity} read from column {header!r} in {text}{held}.")
    used = {header for header, _ in headers.values()}
    if ignored := [name for name in table.names if name not in used]:
        notes.append(f"Left out: {', '.join(ignored)}.")
    axes = {q: c for q, c in columns.items() if q in AXES}
    values = {q: c for q, c in columns.items() if q in VALUES}
    if "T" in axes and temperature is None and np.all(axes["T"] == axes["T"][0]):
        temperature = float(axes.pop("T")[0])
        notes.append(f"All lines are at T = {temperature:g} K: the temperature of the sweep.")
    axes, values = _grid(table.path.name, axes, values)
    return SweepArray(
        axes=axes,
        values=values,
        label=label or table.path.stem,
        temperature=temperature,
        source=table.path.name,
        notes=tuple(notes),
    )


def _headers(table: Table, names: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """Return the header and the unit stated in it, by quantity."""
    require_quantities(names)
    for header in names.values():
        if header not in table.names:
            raise ValueError(
                f"{table.path.name} has no column {header!r}; it has {', '.join(table.names)}."
            )
    found: dict[str, tuple[str, str | None]] = {}
    for header in table.names:
        given = next((q for q, h in names.items() if h == header), None)
        read, unit = _meaning(header)
        quantity = given or (read if read not in names else None)
        if quantity is None:
            continue
        if quantity in found:
            raise ValueError(
                f"{table.path.name} has two columns for {quantity}, {found[quantity][0]!r} and "
                f"{header!r}; pass names= to say which."
            )
        found[quantity] = header, unit
    if "B" not in found or not any(q in VALUES for q in found):
        raise ValueError(
            f"{table.path.name} needs a field column such as 'B_mT' and a value such as "
            f"'R_xx (ohm)' among {', '.join(table.names)}; rename them or pass names=."
        )
    return found


def _meaning(header: str) -> tuple[str | None, str | None]:
    """Return the quantity and the unit of ``B_mT``, ``V_g (V)``, ``R_xx [kOhm]``."""
    bracket = re.match(r"^(.*?)\s*[(\[](.*)[)\]]$", header.strip())
    text, unit = (bracket[1], bracket[2]) if bracket else (header.strip(), None)
    name = _named_quantity(text)
    if name is not None:
        return name, unit
    head, _, tail = text.rpartition("_")
    if unit is None and head:
        name = _named_quantity(head)
        if name is not None:
            return name, tail
    return None, None


def _named_quantity(text: str) -> str | None:
    names = (*AXES, *VALUES)
    # T (kelvin) and t differ; only names longer than one letter are read without case.
    if len(text) == 1:
        return text if text in names else None
    return {n.replace("_", "").lower(): n for n in names}.get(text.replace("_", "").lower())


def _grid(
    name: str, axes: dict[str, Floats], values: dict[str, Floats]
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    outer = {axis: column for axis, column in axes.items() if axis != "B"}
    constant = [axis for axis, column in outer.items() if np.all(column == column[0])]
    if list(outer) == constant and len(axes["B"]) > 1:
        lead = {axis: column[:1] for axis, column in outer.items()}
        shape = (1,) * len(lead) + axes["B"].shape
        return {**lead, "B": axes["B"]}, {k: v.reshape(shape) for k, v in values.items()}
    coordinates = {axis: _in_order(column) for axis, column in axes.items()}
    shape = tuple(len(c) for c in coordinates.values())
    where = tuple(np.argmax(axes[a][:, None] == c[None, :], axis=1) for a, c in coordinates.items())
    filled = np.zeros(shape, dtype=int)
    np.add.at(filled, where, 1)
    _check_filled(name, filled, coordinates)
    grids = {}
    for quantity, column in values.items():
        grids[quantity] = np.empty(shape)
        grids[quantity][where] = column
    return coordinates, grids


def _in_order(column: Floats) -> Floats:
    unique, first = np.unique(column, return_index=True)
    return np.asarray(unique[np.argsort(first)])


def _check_filled(name: str, filled: Any, coordinates: Mapping[str, Floats]) -> None:
    wrong = np.argwhere(filled != 1)
    if len(wrong):
        point = ", ".join(
            f"{axis} = {c[i]:g} {AXES[axis].unit}"
            for (axis, c), i in zip(coordinates.items(), wrong[0], strict=True)
        )
        count = int(filled[tuple(wrong[0])])
        remedy = (
            "split up and down sweeps with a column 'direction'"
            if count
            else "set the same fields for every row, or read the rows as separate files"
        )
        raise ValueError(f"{name} holds {count} lines for {point} instead of one; {remedy}.")
