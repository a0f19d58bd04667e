"""Tables of a story: the minima of a fit, its windows, scores of models."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from numerics.comparison import Comparison
from numerics.result import FitResult, Minimum
from numerics.rounding import quantity_text
from numerics.story import Cell, Name, Quantity, Table
from numerics.window_fits import WindowFit


def minima_table(caption: str, result: FitResult) -> Table:
    """Return the values at all minima of a fit; what is undetermined says so."""
    rows: list[Sequence[Cell]] = [
        (Name(name), *(value_cell(minimum, name, result.units[name]) for minimum in result.minima))
        for name in result.best.values
    ]
    square = "chi-square" if result.weights else "sum of squares"
    rows.append((square, *(f"{m.sum_of_squares:.6g}" for m in result.minima)))
    rows.append(("starts that end there", *(str(m.starts) for m in result.minima)))
    heads = [f"minimum {k}" for k in range(1, len(result.minima) + 1)]
    return Table(caption, ("", *heads), rows)


def value_cell(minimum: Minimum, name: str, unit: str) -> Cell:
    """Return a value with its error, in parentheses if undetermined, or the bound it is on."""
    value = minimum.values[name]
    if name not in minimum.undetermined:
        return Quantity(value, minimum.standard_errors[name], unit)
    shown = quantity_text(value, 0.0, unit)
    return f"bound, {shown}" if "bound" in minimum.undetermined[name] else f"({shown})"


def window_table(caption: str, windows: Sequence[WindowFit], result: FitResult) -> Table:
    """Return the values over windows of the field, the fit of all points last."""
    best = result.best
    points = sum(map(len, best.residuals.values()))
    rows: list[Sequence[Cell]] = [
        (
            f"{1e3 * w.B_max:g} mT",
            str(w.points),
            *_window_cells(w.values, w.standard_errors, result),
        )
        for w in windows
        if w.values
    ]
    rows.append(("all", str(points), *_window_cells(best.values, best.standard_errors, result)))
    return Table(caption, ("B up to", "points", *best.values), rows)


def _window_cells(
    values: Mapping[str, float], errors: Mapping[str, float], result: FitResult
) -> list[Cell]:
    return [
        Quantity(value, errors[name], result.units[name])
        if math.isfinite(errors[name])
        else "undetermined"
        for name, value in values.items()
    ]


def score_table(caption: str, fits: Mapping[str, FitResult], scores: Comparison) -> Table:
    """Return what the criteria say of models, as differences from the best of each column."""
    aic = {name: score.aic or 0.0 for name, score in scores.scores.items()}
    bic = {name: score.bic or 0.0 for name, score in scores.scores.items()}
    some = next(iter(fits.values()))
    digits = ".1f" if some.weights else ".4f"
    rows = [
        (
            name,
            str(len(result.best.values)),
            f"{result.best.sum_of_squares:{digits}}",
            f"{aic[name] - min(aic.values()):.1f}",
            f"{bic[name] - min(bic.values()):.1f}",
        )
        for name, result in fits.items()
    ]
    square = "chi-square" if some.weights else "sum of squares"
    return Table(caption, ("model", "free values", square, "AIC", "BIC"), rows)
