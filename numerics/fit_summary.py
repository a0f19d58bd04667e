"""The table of many fits: a row per file and curve."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from numerics.fit_record import FitRecord


def summary_rows(path: str, record: FitRecord) -> list[dict[str, str]]:
    """Return a row per curve: its values at the best minimum; no number where undetermined."""
    best, rows = record.result.best, []
    for curve in record.curves:
        row = {"file": path, "curve": curve.label}
        row |= {
            "minima": str(len(record.result.minima)),
            "sum of squares": repr(best.sum_of_squares),
        }
        for name, value in best.values.items():
            base, _, label = name.partition("[")
            if label and label.removesuffix("]") != curve.label:
                continue
            known = name not in best.undetermined
            unit = record.result.units[name]
            row[f"{base} ({unit})"] = repr(value) if known else ""
            row[f"{base} error ({unit})"] = repr(best.standard_errors[name]) if known else ""
        rows.append(row | {"status": " ".join(record.result.status)})
    return rows


def summary_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Return the rows as CSV, the sentences of the fits last."""
    names = dict.fromkeys(name for row in rows for name in row if name != "status")
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "status"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
