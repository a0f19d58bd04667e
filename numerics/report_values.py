"""The values of a report: at every minimum, with what is undetermined named and not quoted."""

from __future__ import annotations

from collections.abc import Sequence

from numerics.corner_figure import MOST, corner_figure, corner_names
from numerics.fit_record import FitRecord
from numerics.report_text import exact_html, figure, items, quantity_html, symbol_html, table
from numerics.result import Minimum


def values_section(record: FitRecord) -> str:
    """Return the table of values, a column per minimum, and why some have none."""
    result = record.result
    minima = result.minima
    heads = ["", *(_minimum_head(k, minima) for k in range(len(minima)))]
    rows = [
        [symbol_html(name), *(_value_cell(m, name, result.units[name]) for m in minima)]
        for name in result.best.values
    ]
    for name, value in result.fixed.items():
        unit = result.units.get(name.partition("[")[0], "1")
        cell = f'<td class="number">{exact_html(value, unit)}, fixed</td>'
        rows.append([symbol_html(name), *[cell] * len(minima)])
    square = "χ²" if result.weights else "sum of squares"
    rows.append([square, *(f"{m.sum_of_squares:.6g}" for m in minima)])
    rows.append(["degrees of freedom", *(str(m.dof) for m in minima)])
    rows.append([f"starts of {result.starts}", *(str(m.starts) for m in minima)])
    caption = "Values at every distinct minimum, with one standard error."
    text = table(caption, heads, rows)
    if len(minima) == 1:
        text += f"<p>No other distinct minimum was found from {result.starts} starts.</p>"
    reasons = [
        f"{'Minimum ' + str(k + 1) + ': ' if len(minima) > 1 else ''}{reason}"
        for k, m in enumerate(minima)
        for reason in _reasons(m)
    ]
    return text + (items(reasons) if reasons else "")


def _reasons(minimum: Minimum) -> list[str]:
    """Return why values are undetermined; one sentence for those that share a reason."""
    names: dict[str, list[str]] = {}
    for name, sentence in minimum.undetermined.items():
        names.setdefault(sentence.removeprefix(f"{name} is undetermined: "), []).append(name)
    return [
        f"{' and '.join(n)} {'are' if len(n) > 1 else 'is'} undetermined: {reason}"
        for reason, n in names.items()
    ]


def _minimum_head(k: int, minima: Sequence[Minimum]) -> str:
    return "value" if len(minima) == 1 else f"minimum {k + 1}"


def _value_cell(minimum: Minimum, name: str, unit: str) -> str:
    if name in minimum.undetermined:
        said = "on its bound" if "bound" in minimum.undetermined[name] else "undetermined"
        return f'<td class="number lost">{said}</td>'
    text = quantity_html(minimum.values[name], minimum.standard_errors[name], unit)
    return f'<td class="number">{text}</td>'


def correlations_section(record: FitRecord) -> str:
    """Return correlation coefficients and the regions of pairs at the best minimum."""
    best = record.result.best
    names = corner_names(best)
    if len(names) < 2:
        return "<p>Fewer than two parameters are determined: there is nothing to correlate.</p>"
    matrix = table(
        "Correlation coefficients.",
        ["", *map(symbol_html, names)],
        [[symbol_html(a), *(_correlation(best, a, b) for b in names)] for a in names],
        kind="correlations",
    )
    caption = (
        "Laplace approximation at the best minimum: regions of 68 and 95 % of two parameters "
        "together; shaded on the diagonal, 68 % of one."
    )
    left_out = [n for n in best.values if n not in names]
    if left_out:
        most = f" At most {MOST} are shown." if len(names) == MOST else ""
        caption += f" Not shown: {', '.join(map(symbol_html, left_out))}.{most}"
    picture = figure(corner_figure(best, record.parameters, record.result.units), caption)
    return matrix + picture


def _correlation(minimum: Minimum, a: str, b: str) -> str:
    r = minimum.correlation_of(a, b)
    hue = "--c1" if r > 0 else "--c0"
    share = round(55 * abs(r)) if a != b else 0
    text = f"{r:+.2f}" if abs(r) < 0.995 or a == b else f"{r:+.4f}"
    text = "1" if a == b else text.replace("-", "−")
    style = f"background: color-mix(in srgb, var({hue}) {share}%, transparent)"
    return f'<td class="correlation" style="{style}">{text}</td>'
