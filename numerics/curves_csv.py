"""Processed curves as delimited text that `numerics.read_csv` reads again, to the last digit.

Names of columns are ``delta_sigma 300 mK (e^2/h)``; what was done to the curves stands above as
comments. A label that a header cannot carry is refused, not changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numerics.curve import Curve
from numerics.headers import ERROR, SIGNAL, read_header
from numerics.measured_curves import MeasuredCurves

_QUANTITIES = {SIGNAL: "delta_sigma", ERROR: "standard_error"}


def curves_csv(measured: MeasuredCurves) -> str:
    """Return the curves over their common fields as text.

    A covariance is not in it, only the standard errors.

    Raises
    ------
    ValueError
        If the curves have different fields, or a label cannot be in the name of a column.
    """
    curves = measured.curves
    _require_same_fields(curves)
    names, columns = ["B (T)"], [curves[0].B]
    for curve in curves:
        names.append(_name(SIGNAL, curve))
        columns.append(curve.delta_sigma)
        if curve.standard_error is not None:
            names.append(_name(ERROR, curve))
            columns.append(curve.standard_error)
    files = [f"From {s.path}, SHA-256 {s.sha256}." for s in measured.sources]
    comments = [f"# {line}" for line in (*files, *measured.notes)]
    rows = [",".join(map(repr, row)) for row in np.column_stack(columns).tolist()]
    return "\n".join([*comments, ",".join(names), *rows, ""])


def _name(kind: str, curve: Curve) -> str:
    name = f"{_QUANTITIES[kind]} {curve.label} ({curve.unit})"
    try:
        found = read_header(name)
    except ValueError:
        found = None
    read = found is not None and (found.kind, found.unit) == (kind, curve.unit)
    if found is None or not read or found.label != curve.label or set(name) & set(',;\t\n"'):
        raise ValueError(
            f"The label {curve.label!r} cannot be in the name of a column; choose a plain one, "
            "LABEL=FILE, or average the rows."
        )
    return name


def _require_same_fields(curves: Sequence[Curve]) -> None:
    first = curves[0]
    for curve in curves:
        if not np.array_equal(curve.B, first.B):
            raise ValueError(
                f"The curves {first.label!r} and {curve.label!r} were measured at different "
                "fields, and a table has one field column; process their files apart, or add the "
                "step InterpolateField."
            )
