"""An analysis told once, in sentences, tables and figures, and printed as text, LaTeX or HTML.

A chapter is a title and its parts in order. Numbers in tables keep their value, error and unit
until they are printed, so that the same table is right on a terminal, in a paper and on a page.
In sentences, names of parameters (``tau_phi[300 mK]``) and ``+-`` become letters and signs there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from numerics.fit_table import escape_latex, number_latex, symbol_latex
from numerics.report_text import parameter_scale
from numerics.rounding import quantity_text

# A name of the symbol table or of a value per curve; in words no letter stands beside a "_".
_NAMES = re.compile(r"\b[A-Za-z]+_[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*(?:\[[^\]]+\])?")


@dataclass(frozen=True)
class Name:
    """The letter of a parameter, in a table."""

    of: str


@dataclass(frozen=True)
class Quantity:
    """A value with its standard error; 0 and inf mean that there is none."""

    value: float
    error: float = 0.0
    unit: str = "1"


@dataclass(frozen=True)
class Range:
    """An interval; None is an open end."""

    low: float | None
    high: float | None
    unit: str = "1"

    def in_words(self) -> tuple[str, str]:
        """Return the ends in words, and the unit with its prefix, apart."""
        ends = [x for x in (self.low, self.high) if x is not None]
        factor, unit = parameter_scale(self.unit, max(map(abs, ends), default=0.0))
        low, high = (None if x is None else f"{factor * x:.4g}" for x in (self.low, self.high))
        if low is None or high is None:
            words = f"from {low}" if low else f"up to {high}" if high else "open on both sides"
            return words, unit if ends else ""
        return f"{low} to {high}", unit


Cell = str | Name | Quantity | Range


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first of each names the row."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Picture:
    """A figure as one SVG element, on pages only (`numerics.inline_svg`)."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Formula:
    """Lines of LaTeX (`numerics.report_formula.formula_lines`)."""

    lines: Sequence[str]


Part = str | Table | Picture | Formula


@dataclass(frozen=True)
class Chapter:
    """A title and what follows it; a string is a paragraph."""

    title: str
    parts: Sequence[Part]


def story_text(chapters: Iterable[Chapter]) -> str:
    """Return the chapters as text, without figures."""
    return "\n\n".join(
        "\n\n".join([f"== {c.title} ==", *filter(None, map(_part_text, c.parts))]) for c in chapters
    )


def cell_text(cell: Cell) -> str:
    """Return a cell as plain text.

    >>> cell_text(Quantity(1.9776e-11, 5.87e-13, "s")), cell_text(Range(7.62e-13, None, "s"))
    ('19.78 +- 0.59 ps', 'from 762 fs')
    """
    if isinstance(cell, Name):
        return cell.of
    if isinstance(cell, Quantity):
        return quantity_text(cell.value, _finite(cell.error), cell.unit)
    return " ".join(filter(None, cell.in_words())) if isinstance(cell, Range) else cell


def _part_text(part: Part) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Table):
        return _table_text(part)
    return "\n".join(part.lines) if isinstance(part, Formula) else ""


def _table_text(table: Table) -> str:
    rows = [list(table.heads), *([cell_text(c) for c in row] for row in table.rows)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(table.heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([table.caption, *lines])


def story_latex(chapters: Iterable[Chapter]) -> str:
    """Return the chapters as LaTeX for a document with amsmath and graphicx, without figures."""
    return "\n\n".join(
        "\n\n".join(
            [rf"\section*{{{sentence_latex(c.title)}}}", *filter(None, map(_part_latex, c.parts))]
        )
        for c in chapters
    )


def cell_latex(cell: Cell) -> str:
    r"""Return a cell as LaTeX.

    >>> cell_latex(Name("tau_asy")), cell_latex(Quantity(1.9776e-11, 5.87e-13, "s"))
    ('$\\tau_{\\mathrm{asy}}$', '$19.78 \\pm 0.59\\,\\mathrm{ps}$')
    """
    if isinstance(cell, Name):
        return symbol_latex(cell.of)
    if isinstance(cell, Quantity):
        return number_latex(cell.value, _finite(cell.error), cell.unit)
    if isinstance(cell, Range):
        ends, unit = cell.in_words()
        micro = unit.replace("µ", r"$\mu$")
        return f"{ends}\\,{micro}" if unit else ends
    return sentence_latex(cell)


def sentence_latex(sentence: str) -> str:
    r"""Return a sentence with letters for names, escaped.

    >>> sentence_latex("tau_phi[4 K] of 2 % +- 1")
    '$\\tau_\\phi$ (4 K) of 2 \\% $\\pm$ 1'
    """
    text = translated(sentence, symbol_latex, escape_latex)
    for plain, printed in ((r"e\^{}2/h", "$e^2/h$"), ("+-", r"$\pm$"), ("<", "$<$"), (">", "$>$")):
        text = text.replace(plain, printed)
    return text


def translated(sentence: str, name: Callable[[str], str], words: Callable[[str], str] = str) -> str:
    """Return a sentence with names and the words between them each translated."""
    parts, at = [], 0
    for match in _NAMES.finditer(sentence):
        parts += [words(sentence[at : match.start()]), name(match[0])]
        at = match.end()
    return "".join([*parts, words(sentence[at:])])


def _part_latex(part: Part) -> str:
    if isinstance(part, str):
        return sentence_latex(part)
    if isinstance(part, Formula):
        rows = " \\\\\n".join(f"& {line}" for line in part.lines)
        return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"
    return _table_latex(part) if isinstance(part, Table) else ""


def _table_latex(table: Table) -> str:
    heads = " & ".join(map(sentence_latex, table.heads))
    rows = " \\\\\n".join(" & ".join(map(cell_latex, row)) for row in table.rows)
    width = r"\ifdim\width>\linewidth \linewidth\else\width\fi"
    return "\n".join(
        [
            r"\begin{center}",
            rf"\small {sentence_latex(table.caption)}\par\medskip",
            rf"\resizebox{{{width}}}{{!}}{{\begin{{tabular}}{{{'l' * len(table.heads)}}}",
            rf"{heads} \\ \hline \noalign{{\smallskip}}",
            rf"{rows} \\",
            r"\end{tabular}}",
            r"\end{center}",
        ]
    )


def _finite(error: float) -> float:
    return error if math.isfinite(error) else 0.0
