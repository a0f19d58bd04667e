"""The end of a report: where the data came from, how they were read, how to repeat the fit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from numerics.fit_record import FitRecord
from numerics.record_parts import curves_hash
from numerics.report_text import exact_html, facts, items, symbol_html, table, unit_html


def data_section(record: FitRecord) -> str:
    """Return the curves, the notes of the reader and the steps before it."""
    rows = [
        [
            escape(c.label),
            str(len(c)),
            f'<td class="number">{exact_html(c.B[0], "T")} to {exact_html(c.B[-1], "T")}</td>',
            "" if c.temperature is None else exact_html(c.temperature, "K"),
            "yes" if c.standard_error is not None else "no",
        ]
        for c in record.curves
    ]
    heads = ["curve", "points", "fields", "temperature", "standard errors"]
    unit = unit_html(record.result.unit)
    text = table(f"Fitted curves; the conductance is in {unit}.", heads, rows)
    for source in record.sources:
        text += facts(
            [
                ("file", f"<code>{escape(source.path)}</code>"),
                ("SHA-256", f"<code>{source.sha256}</code>"),
            ]
        )
        text += items(source.notes)
    return text + _steps(record.pipeline)


def _steps(pipeline: Any) -> str:
    """Return what the steps before the fit did, and their record."""
    if not pipeline:
        return ""
    notes = pipeline.get("notes", {}) if isinstance(pipeline, Mapping) else {}
    said = items(f"{label}: {text}" for label, texts in notes.items() for text in texts)
    known = {k: v for k, v in pipeline.items() if k != "notes"} if notes else pipeline
    steps = json.dumps(known, indent=1, ensure_ascii=False)
    return (
        f"<h3>Steps before the fit</h3>{said if notes else ''}"
        f"<pre><code>{escape(steps)}</code></pre>"
    )


def repeat_section(record: FitRecord) -> str:
    """Return bounds, seed, versions, and what to type."""
    result = record.result
    rows = [
        [
            symbol_html(p.name),
            exact_html(p.lower, p.unit),
            exact_html(p.upper, p.unit),
            "logarithmic" if p.logarithmic else "linear",
            "shared" if p.shared else "one per curve",
        ]
        for p in record.parameters
    ]
    heads = ["", "lower bound", "upper bound", "scale", "curves"]
    weights = {
        None: "none: all points count equally, their scatter is the noise",
        "standard_error": "by the standard errors of the points",
        "noise": "by a model of correlated noise",
    }
    noise = record.content().get("noise")
    shown = "" if noise is None else f" <code>{escape(_short(noise))}</code>"
    return (
        table("Free parameters.", heads, rows)
        + facts(
            [
                ("weights", escape(weights.get(result.weights, str(result.weights))) + shown),
                ("starts, seed", f"{result.starts}, {result.seed}"),
                ("curves, SHA-256", f"<code>{curves_hash(record.curves)}</code>"),
                ("model source, SHA-256", f"<code>{record.model.source_hash or 'none'}</code>"),
                ("versions", escape(", ".join(f"{k} {v}" for k, v in record.versions.items()))),
            ]
        )
        + "<p>Everything is in <code>fit.json</code> beside this page. To repeat the fit, and to "
        "make this page again:</p><pre><code>cooperon report fit.json --repeat --output "
        "again.html</code></pre>"
        + f"<details><summary>The table for a paper (LaTeX)</summary><pre><code>"
        f"{escape(result.latex_table())}</code></pre></details>"
    )


def _short(noise: object) -> str:
    text = json.dumps(noise)
    return text if len(text) < 400 else f"{text[:400]} ..."
