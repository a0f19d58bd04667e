"""Measured magnetoconductance from delimited text, with units found in the header and echoed.

A file holds one field column and one or several curves, each optionally with its standard error.
Nothing is guessed silently: every reading of a unit or of a label is a sentence in the result, and
whatever cannot be a magnetoconductance of a film is refused with the value and the remedy.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.headers import (
    ERROR,
    FIELD,
    SIGNAL,
    Column,
    is_resistance,
    read_header,
    temperature_of,
)
from numerics.sweeps import is_two_sided, sweep_order
from numerics.sweeps import symmetrise as symmetrise_curve
from numerics.tables import Table, read_table
from numerics.units import CONDUCTANCE_UNITS, FIELD_UNITS, require_unit

# The strongest static magnets reach 45 T; below a nanotesla no cryostat is shielded.
_FIELD_RANGE = (1e-9, 50.0)
# A quantum correction is of the order of e^2/h; these bounds only catch a wrong unit.
_CONDUCTANCE_RANGE = (1e-9, 1e3)


@dataclass(frozen=True)
class Measurement:
    """The curves of one file and the sentences that say how it was read."""

    curves: tuple[Curve, ...]
    notes: tuple[str, ...]


def read_csv(
    path: str | Path,
    *,
    field: str | None = None,
    signal: str | Sequence[str] | None = None,
    field_unit: str | None = None,
    unit: str | None = None,
    delimiter: str | None = None,
    zero_field: float = 0.0,
    symmetrise: bool = False,
) -> Measurement:
    """Read the magnetoconductance curves of a delimited text file.

    Parameters
    ----------
    path : str or Path
        Text with one header line; comma, semicolon, tab or white space separate the columns, and
        lines that begin with ``#`` or ``%`` are comments (the last may be the header).
    field, signal : str, optional
        Exact names of the field column and of the conductance column(s); found if not given.
    field_unit, unit : str, optional
        Units of the field and of the conductance, which override those in the header.
    delimiter : str, optional
        The separator; found if not given.
    zero_field : float
        Reading of the field axis at true zero field, in tesla; it is subtracted.
    symmetrise : bool
        Average the two signs of the field of a two-sided sweep, point by point.

    Returns
    -------
    Measurement
        Curves with B in tesla and delta_sigma in the file's unit, and notes on the reading.

    Raises
    ------
    ValueError
        If a column or unit is missing or unknown, a cell is no finite number, the sweep turns
        round or is two-sided, there is a single point, or a value cannot have the stated unit.
    """
    table = read_table(Path(path), delimiter)
    columns = _columns(table, field, [signal] if isinstance(signal, str) else signal)
    field_column = _field_column(table, columns)
    scale = _field_unit(field_column, field_unit)
    B = table.column(field_column.name) * FIELD_UNITS[scale] - zero_field
    _check_field_range(B, scale)
    order = sweep_order(B, table.path.name)
    span = f"{B[order[0]]:g} T to {B[order[-1]]:g} T"
    stated = f"{scale}{_against(field_column, scale)}"
    notes = [f"Field read from column {field_column.name!r} in {stated}: {span}."]
    if zero_field:
        notes.append(f"Field shifted by {-zero_field:g} T to the true zero.")
    curves = []
    for column in _signal_columns(table, columns):
        curve, note = _curve(table, columns, column, B, order, unit)
        curves.append(_without_origin(_one_sided(curve, symmetrise)))
        notes.append(note)
        if len(curves[-1]) < len(curve) and not symmetrise:
            notes.append(
                f"The point of curve {curve.label!r} at B = 0 is zero by definition and "
                "was left out."
            )
    _check_labels(curves)
    if symmetrise:
        notes.append("Curves symmetrised by averaging the points at B and -B.")
    return Measurement(tuple(curves), tuple(notes))


def _columns(table: Table, field: str | None, signal: Sequence[str] | None) -> list[Column]:
    for name in [field, *(signal or ())]:
        if name is not None and name not in table.names:
            raise ValueError(
                f"{table.path.name} has no column {name!r}; it has {', '.join(table.names)}."
            )
    return [c for name in table.names if (c := _meaning(name, field, signal)) is not None]


def _meaning(name: str, field: str | None, signal: Sequence[str] | None) -> Column | None:
    if name == field:
        return Column(name, FIELD, "", _unit_of(name, FIELD))
    if signal is not None and name in signal:
        found = read_header(name)
        known = found is not None and found.kind == SIGNAL
        return found if known else Column(name, SIGNAL, name, None)
    column = read_header(name)
    replaced = {FIELD: field is not None, SIGNAL: signal is not None, ERROR: False}
    return None if column is None or replaced[column.kind] else column


def _unit_of(name: str, kind: str) -> str | None:
    found = read_header(name)
    return found.unit if found is not None and found.kind == kind else None


def _field_column(table: Table, columns: list[Column]) -> Column:
    found = [c for c in columns if c.kind == FIELD]
    if len(found) != 1:
        which = " and ".join(c.name for c in found) or "none"
        raise ValueError(
            f"{table.path.name} needs one magnetic-field column such as 'B_mT' or 'B (T)' and has "
            f"{which} among {', '.join(table.names)}; rename it or pass field=."
        )
    return found[0]


def _signal_columns(table: Table, columns: list[Column]) -> list[Column]:
    found = [c for c in columns if c.kind == SIGNAL]
    if found:
        return found
    resistance = [name for name in table.names if is_resistance(name)]
    if resistance:
        raise ValueError(
            f"Column {resistance[0]!r} of {table.path.name} is a resistance; convert it to the "
            "change of the conductivity sigma(B) - sigma(0) with the sample's aspect ratio."
        )
    raise ValueError(
        f"{table.path.name} has no conductance column such as 'delta_sigma (e^2/h)' or "
        f"'dG_300mK_e2h' among {', '.join(table.names)}; rename it or pass signal=."
    )


def _field_unit(column: Column, override: str | None) -> str:
    text = override or column.unit
    if text is None:
        raise ValueError(
            f"Column {column.name!r} states no unit; rename it, for example to 'B_mT', or pass "
            f"field_unit (--field-unit), one of {', '.join(FIELD_UNITS)}."
        )
    return require_unit(text, FIELD_UNITS, f"column {column.name!r}")


def _signal_unit(column: Column, override: str | None) -> str:
    text = override or column.unit
    if text is None:
        raise ValueError(
            f"Column {column.name!r} states no unit, and e^2/h and e^2/(pi h) differ by pi; rename "
            f"it, for example to 'dG_e2h', or pass unit (--unit), "
            f"one of {', '.join(CONDUCTANCE_UNITS)}."
        )
    return require_unit(text, CONDUCTANCE_UNITS, f"column {column.name!r}")


def _curve(
    table: Table,
    columns: list[Column],
    column: Column,
    B: NDArray[np.float64],
    order: NDArray[np.intp],
    override: str | None,
) -> tuple[Curve, str]:
    unit = _signal_unit(column, override)
    signal = table.column(column.name)
    _check_conductance_range(signal, column.name, unit)
    label = column.label or table.path.stem
    note = f"Curve {label!r} read from column {column.name!r} in {unit}{_against(column, unit)}"
    error = next((c for c in columns if c.kind == ERROR and c.label == column.label), None)
    sem = None
    if error is not None:
        stated = error.unit if override is None and error.unit is not None else unit
        sem = table.column(error.name) * (CONDUCTANCE_UNITS[stated] / CONDUCTANCE_UNITS[unit])
        note += f", its standard error from {error.name!r}"
    curve = Curve(
        B=B[order],
        delta_sigma=signal[order],
        standard_error=None if sem is None else sem[order],
        label=label,
        temperature=temperature_of(label),
        unit=unit,
    )
    return curve, note + "."


def _against(column: Column, unit: str) -> str:
    """Return a remark if the unit that was asked for is not the one in the header."""
    return "" if column.unit in (None, unit) else f", though its name says {column.unit}"


def _one_sided(curve: Curve, symmetrise: bool) -> Curve:
    if not is_two_sided(curve):
        return curve
    if not symmetrise:
        raise ValueError(
            f"Curve {curve.label!r} is a two-sided sweep from {curve.B[0]:g} T to "
            f"{curve.B[-1]:g} T; pass symmetrise=True (--symmetrise) to average the two "
            "signs of the field."
        )
    return symmetrise_curve(curve)


def _without_origin(curve: Curve) -> Curve:
    """Leave out sigma(0) - sigma(0) = 0 +- 0, which says nothing and cannot be weighted."""
    if curve.standard_error is None:
        return curve
    origin = (curve.B == 0) & (curve.delta_sigma == 0) & (curve.standard_error == 0)
    return replace(
        curve,
        B=curve.B[~origin],
        delta_sigma=curve.delta_sigma[~origin],
        standard_error=curve.standard_error[~origin],
    )


def _check_labels(curves: list[Curve]) -> None:
    labels = [curve.label for curve in curves]
    repeated = next((label for label in labels if labels.count(label) > 1), None)
    if repeated is not None:
        raise ValueError(
            f"Two conductance columns share the label {repeated!r}; name them apart, for example "
            "'dG_300mK_e2h' and 'dG_500mK_e2h', or pass signal=."
        )


def _check_field_range(B: NDArray[np.float64], unit: str) -> None:
    low, high = _FIELD_RANGE
    largest = float(np.max(np.abs(B)))
    if not low <= largest <= high:
        kind = "stronger than any static magnet" if largest > high else "too weak to be set"
        raise ValueError(
            f"The largest field is {largest:g} T if the column is in {unit}, {kind}; is it in "
            "another unit? Pass field_unit (--field-unit) 'Oe' or 'mT', for example."
        )


def _check_conductance_range(signal: NDArray[np.float64], name: str, unit: str) -> None:
    low, high = _CONDUCTANCE_RANGE
    largest = float(np.max(np.abs(signal)))
    quanta = largest * CONDUCTANCE_UNITS[unit] / CONDUCTANCE_UNITS["e^2/h"]
    if not low <= quanta <= high:
        raise ValueError(
            f"Column {name!r} reaches {largest:g} {unit} = {quanta:g} e^2/h, which cannot be a "
            "quantum correction; check the unit, and subtract the conductivity at zero field."
        )
