"""Planned measurements on the terminal: tables, then sentences."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from numerics.design import FieldDesign
from numerics.identifiability import Identifiability
from numerics.rounding import quantity_text


def print_identifiability(console: Console, result: Identifiability) -> None:
    """Print which parameters the sweeps determine, then the status sentences."""
    table = Table("parameter", "value +- standard error", "relative", "correlates most with")
    for name in result.values:
        table.add_row(escape(name), *_cells(result, name))
    console.print(table)
    for sentence in result.status:
        console.print(sentence, markup=False, highlight=False)


def print_design(console: Console, design: FieldDesign) -> None:
    """Print the fields and the readings at each, then the status sentences."""
    table = Table("field", "readings")
    for B, readings in zip(design.B, design.readings, strict=True):
        table.add_row(quantity_text(B, 0.0, "T"), f"{readings:.4g}")
    console.print(table)
    for sentence in design.status:
        console.print(sentence, markup=False, highlight=False)


def _cells(result: Identifiability, name: str) -> tuple[str, str, str]:
    value, unit = result.values[name], result.units[name]
    partner = _partner(result, name)
    if name in result.undetermined:
        return f"({quantity_text(value, 0.0, unit)}), undetermined", "", partner
    error = f"{100 * result.relative_error(name):.2g} %"
    return quantity_text(value, result.standard_errors[name], unit), error, partner


def _partner(result: Identifiability, name: str) -> str:
    names = list(result.values)
    if len(names) == 1:
        return ""
    row = result.correlation[names.index(name)].copy()
    row[names.index(name)] = 0.0
    other = int(np.argmax(np.abs(row)))
    return escape(f"{names[other]} ({row[other]:+.3f})")
