"""The report of a fit: one HTML page that needs nothing beside itself.

What a reader has to know before trusting a number comes first: the sentences that judge the fit,
then the curve, then the values. Values that the data do not determine are named and not quoted.
Figures are SVG within the page, which uses no script and loads nothing.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import numpy as np

from numerics.fit_record import FitRecord, read_record
from numerics.output import require_free, write_text
from numerics.page import html_page, html_section
from numerics.report_figures import drawn_minima, field_scale, fit_figure, window_figures
from numerics.report_model import model_section
from numerics.report_origin import data_section, repeat_section
from numerics.report_residuals import residuals_section
from numerics.report_text import figure, items
from numerics.report_values import correlations_section, values_section
from numerics.window_fits import drift_sentences

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
        html_section("Data and fit", figure(fit_figure(record), _fit_caption(record))),
        html_section("Values", values_section(record)),
        html_section("Residuals", residuals_section(record)),
        html_section("Correlations", correlations_section(record)),
        html_section("Which range of fields", _windows(record)),
        html_section("The model", model_section(record)),
        html_section("The data", data_section(record)),
        html_section("Repeat this fit", repeat_section(record)),
    ]
    made = f"Weak localization, fitted with cooperon on {record.made}."
    return html_page(title, made, sections)


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
