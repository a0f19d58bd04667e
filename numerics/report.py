"""The report of a fit: one HTML page that needs nothing beside itself.

What a reader has to know before trusting a number comes first: the sentences that judge the fit,
then the curve, then the values. Values that the data do not determine are named and not quoted.
Figures are SVG within the page, which uses no script and loads nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from numerics.corner_figure import MOST, corner_figure, corner_names
from numerics.fit_record import FitRecord, read_record
from numerics.noise import whiten
from numerics.output import require_free, write_text
from numerics.report_figures import (
    autocorrelation_figure,
    drawn_minima,
    field_scale,
    fit_figure,
    histogram_figure,
    normal_figure,
    window_figures,
)
from numerics.report_formula import formula_svg
from numerics.report_origin import data_section, repeat_section
from numerics.report_style import STYLE
from numerics.report_text import (
    exact_html,
    facts,
    figure,
    items,
    letters_html,
    quantity_html,
    symbol_html,
    table,
    unit_html,
)
from numerics.result import Minimum
from numerics.window_fits import drift_sentences

_Array = NDArray[np.float64]
_RESIDUAL_UNITS = {
    None: "in units of their scatter",
    "standard_error": "in units of their standard errors",
    "noise": "whitened by the model of their noise",
}
_WARNING_WORDS = (
    *("undetermined", "correlat", "further minimum", "not reach", "Chi-square", "warns"),
    *("not reported", "cannot be told", "left out", "drifts"),
)


def write_report(path: str | Path, record: FitRecord | str | Path, *, force: bool = False) -> Path:
    """Write the report of a fit as one HTML file and return its path.

    Parameters
    ----------
    path : str or Path
        The file to write.
    record : FitRecord, or path of the JSON file of one
        The fit.
    force : bool
        Replace an existing file.

    Raises
    ------
    FileExistsError
        If the file exists and `force` is not set.
    ValueError
        If the JSON file is no record, or its data changed since.
    """
    target = require_free(path, force=force)
    known = record if isinstance(record, FitRecord) else read_record(record)
    return write_text(target, report_html(known), force=force)


def report_html(record: FitRecord) -> str:
    """Return the page."""
    title = f"{record.model.title}: fit of {_subject(record)}"
    sections = [
        _summary(record),
        _section("Data and fit", figure(fit_figure(record), _fit_caption(record))),
        _section("Values", _values(record)),
        _section("Residuals", _residuals(record)),
        _section("Correlations", _correlations(record)),
        _section("Which range of fields", _windows(record)),
        _section("The model", _model(record)),
        _section("The data", data_section(record)),
        _section("Repeat this fit", repeat_section(record)),
    ]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            f"<header><h1>{escape(title)}</h1>",
            f'<p class="subtitle">Weak localization, fitted with cooperon on {record.made}.</p>'
            "</header>",
            "<main>",
            *sections,
            "</main>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{body}\n</section>" if body else ""


def _subject(record: FitRecord) -> str:
    if record.data is not None:
        return Path(record.data.path).name
    labels = [c.label for c in record.curves]
    return labels[0] if len(labels) == 1 else f"{len(labels)} curves"


def _summary(record: FitRecord) -> str:
    """Return the sentences that judge the fit, those that warn marked."""
    rows = "".join(
        f'<li class="{_tone(sentence)}">{escape(sentence)}</li>'
        for sentence in record.result.status
    )
    return f'<section aria-label="Status"><ul class="status">{rows}</ul></section>'


def _tone(sentence: str) -> str:
    return "warning" if any(word in sentence for word in _WARNING_WORDS) else "good"


def _fit_caption(record: FitRecord) -> str:
    several = len(drawn_minima(record)) > 1
    dashed = "; dashed lines: further minima that fit nearly as well" if several else ""
    return f"Points: measured; lines: the fit{dashed}. Below, their difference."


def _values(record: FitRecord) -> str:
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


def standard_residuals(record: FitRecord) -> dict[str, _Array]:
    """Return residuals in units of their noise, independent and of size one if the fit is right."""
    best, noise = record.result.best, getattr(record.result, "noise", None)
    found = {}
    for curve in record.curves:
        r = best.residuals[curve.label]
        if noise is not None:
            r = whiten(r[:, None], noise.covariance(curve))[:, 0]
        elif record.result.weights and curve.standard_error is not None:
            r = r / curve.standard_error
        else:
            s = math.sqrt(best.variance)
            r = r / s if s else r
        found[curve.label] = r
    return found


def _residuals(record: FitRecord) -> str:
    residuals = standard_residuals(record)
    shortest = min(map(len, residuals.values()))
    r = np.concatenate(list(residuals.values()))
    beyond = int(np.count_nonzero(np.abs(r) > 3))
    pictures = [
        figure(normal_figure(residuals), "Sorted residuals against normal ones: a line if normal."),
        figure(histogram_figure(residuals), "Their distribution, and the normal one."),
        figure(
            autocorrelation_figure(residuals),
            f"Correlation of residuals at a distance along the field; band: 95 % of independent "
            f"ones (±{1.96 / math.sqrt(shortest):.2f}).",
        ),
    ]
    by = _RESIDUAL_UNITS[record.result.weights]
    sentence = (
        f"{len(r)} residuals, {by}: {beyond} beyond three standard deviations, where "
        f"{0.0027 * len(r):.2g} are expected of normal ones; the largest is "
        f"{float(np.max(np.abs(r))):.3g}."
    )
    return f'<p>{escape(sentence)}</p><div class="grid">{"".join(pictures)}</div>'


def _correlations(record: FitRecord) -> str:
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


def _windows(record: FitRecord) -> str:
    if not record.windows:
        return ""
    largest = max(float(np.max(np.abs(c.B))) for c in record.curves)
    scale, unit = field_scale(record.curves)
    fitted = [w for w in record.windows if w.values]
    sentences = items(drift_sentences(record.windows, record.result, largest))
    if not fitted:
        return sentences
    list_of = ", ".join(f"{scale * w.B_max:.4g}" for w in fitted)
    pictures = "".join(figure(svg) for svg in window_figures(record))
    return (
        f"<p>The fit was repeated with the points up to {list_of} {unit}. Bars and band: one "
        "standard error; where a parameter is undetermined in a window, it has no point.</p>"
        f'{sentences}<div class="grid">{pictures}</div>'
    )


def _model(record: FitRecord) -> str:
    model = record.model
    if not model.latex:
        return "<p>The model was given as a function; its formula is not known.</p>"
    picture = formula_svg(model.lines)
    source = f"<pre><code>{escape(model.latex)}</code></pre>"
    if picture is None:
        formula = f"<p>LaTeX:</p>{source}"
    else:
        formula = (
            f'<figure class="formula scroll" tabindex="0">{picture}</figure>'
            f"<details><summary>LaTeX source of the formula</summary>{source}</details>"
        )
    return formula + _symbols(model.symbols or {}) + _conventions(record)


def _symbols(symbols: Mapping[str, Mapping[str, str]]) -> str:
    rows = [
        [
            f'<span class="symbol">{letters_html(s["latex"])}</span>',
            f"<code>{escape(name)}</code>",
            escape(s["meaning"]),
            unit_html(s["unit"]),
        ]
        for name, s in symbols.items()
    ]
    return table("Symbols.", ["letter", "name", "meaning", "unit"], rows)


def _conventions(record: FitRecord) -> str:
    model = record.model
    sign = (
        "Δσ(<i>B</i>) = σ(<i>B</i>) − σ(0) is positive for weak localization and negative for "
        "antilocalization; both spins are counted; <i>e</i> &gt; 0."
    )
    fields = (
        "<i>B<sub>j</sub></i> = ħ/(4<i>eDτ<sub>j</sub></i>) = "
        "ħ/(4<i>eL<sub>j</sub></i><sup>2</sup>)"
    )
    references = "".join(f"<li>{escape(r)}</li>" for r in model.references)
    return facts(
        [
            ("sign", sign),
            ("unit of the formula", unit_html(model.formula_unit)),
            ("unit of the data", unit_html(model.unit)),
            ("rates as fields", fields),
            ("valid for", escape(_signs(model.validity))),
            ("cite", f"<ol>{references}</ol>"),
        ]
    )


def _signs(text: str) -> str:
    return text.replace(">>", "≫").replace("<<", "≪").replace("hbar", "ħ")
