"""A story as a page of HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from numerics.page import html_page, html_section
from numerics.report_formula import formula_svg
from numerics.report_text import figure, quantity_html, symbol_html, table, unit_html
from numerics.story import Cell, Chapter, Formula, Name, Part, Picture, Range, translated


def story_html(title: str, subtitle: str, chapters: Iterable[Chapter]) -> str:
    """Return the chapters as a page; neighbouring figures stand side by side."""
    return html_page(title, subtitle, [html_section(c.title, _body(c.parts)) for c in chapters])


def _body(parts: Sequence[Part]) -> str:
    blocks = []
    for pictures, group in groupby(parts, lambda part: isinstance(part, Picture)):
        texts = [_part(part) for part in group]
        side_by_side = pictures and len(texts) > 1
        joined = "\n".join(texts)
        blocks.append(f'<div class="grid">{joined}</div>' if side_by_side else joined)
    return "\n".join(blocks)


def _part(part: Part) -> str:
    if isinstance(part, str):
        return f"<p>{sentence_html(part)}</p>"
    if isinstance(part, Picture):
        return figure(part.svg, sentence_html(part.caption))
    if isinstance(part, Formula):
        return _formula(part)
    rows = [[_cell(c, first=k == 0) for k, c in enumerate(row)] for row in part.rows]
    return table(sentence_html(part.caption), [sentence_html(h) for h in part.heads], rows)


def _formula(part: Formula) -> str:
    picture = formula_svg(tuple(part.lines))
    if picture is None:
        return f"<pre><code>{escape(chr(10).join(part.lines))}</code></pre>"
    return f'<figure class="formula scroll" tabindex="0">{picture}</figure>'


def _cell(cell: Cell, *, first: bool) -> str:
    if isinstance(cell, Name):
        return symbol_html(cell.of)
    if isinstance(cell, str):
        return sentence_html(cell)
    if isinstance(cell, Range):
        ends, unit = cell.in_words()
        text = f"{ends} {unit_html(unit)}".strip()
    else:
        text = quantity_html(cell.value, cell.error, cell.unit)
    return text if first else f'<td class="number">{text}</td>'


def sentence_html(sentence: str) -> str:
    """Return a sentence with letters for names, escaped.

    >>> sentence_html("tau is 2 +- 1 < 4")
    'tau is 2 ± 1 &lt; 4'
    """
    return (
        translated(sentence, symbol_html, escape)
        .replace("+-", "±")
        .replace("e^2/h", unit_html("e^2/h"))
    )
