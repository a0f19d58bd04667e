"""The model in a report: its formula, what the letters mean, signs and units, whom to cite."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from numerics.fit_record import FitRecord
from numerics.report_formula import formula_svg
from numerics.report_text import facts, letters_html, table, unit_html


def model_section(record: FitRecord) -> str:
    """Return the formula with its symbols and conventions."""
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
