"""LaTeX of what the toolkit makes: expressions, equations, corrections, derivations.

`latex` returns a string and writes no file.  `document` returns a complete LaTeX source
that compiles with pdflatex, amsmath and TikZ.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import singledispatch

import sympy as sp
from sympy.printing.latex import LatexPrinter

from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step
from diagrams.diagram import Diagram
from diagrams.drawing import TIKZ_PREAMBLE, tikz
from diagrams.skeletons import Skeleton
from diagrams.symbols import symbol_names

_PREAMBLE = rf"""\documentclass[11pt]{{article}}
\usepackage[a4paper,margin=25mm]{{geometry}}
\usepackage{{amsmath}}
{TIKZ_PREAMBLE}\allowdisplaybreaks
\sloppy
\begin{{document}}
"""


@singledispatch
def latex(obj: object) -> str:
    """Return LaTeX for an expression, mapping, correction, diagram, step or derivation.

    Expressions use the symbol table (`tau_so_x` prints as \\tau_{\\mathrm{so}}^{x}); a
    mapping prints as aligned rows; a diagram as TikZ, for a document with
    `diagrams.TIKZ_PREAMBLE`; a derivation as paragraphs with diagrams and numbered equations.

    Raises
    ------
    TypeError
        If there is no LaTeX for an object of that type.
    """
    raise TypeError(
        f"there is no LaTeX for {type(obj).__name__} objects; pass an expression, "
        "a mapping of expressions, a Correction or a Derivation."
    )


class _Printer(LatexPrinter):
    """SymPy's printer with the letters of the field: psi for the digamma function, ln."""

    def _print_polygamma(self, expr: sp.Expr, exp: str | None = None) -> str:
        order, argument = expr.args
        power = "" if exp is None else f"^{{{exp}}}"
        if order == 0:
            return rf"\psi{power}\left({self._print(argument)}\right)"
        derivative = rf"\psi^{{({self._print(order)})}}\left({self._print(argument)}\right)"
        return rf"\left({derivative}\right){power}" if power else derivative


@latex.register(sp.Basic)
@latex.register(sp.MatrixBase)
def _(obj: sp.Basic | sp.MatrixBase) -> str:
    return str(_Printer({"symbol_names": symbol_names(), "ln_notation": True}).doprint(obj))


@latex.register(Mapping)
def _(obj: Mapping[sp.Expr, sp.Expr]) -> str:
    rows = [rf"{latex(left)} &= {latex(right)}" for left, right in obj.items()]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


@latex.register
def _(obj: Correction) -> str:
    return f"{latex(obj.lhs)} = {latex(obj.unit)} \\left[ {latex(obj.expression)} \\right]"


@latex.register
def _(obj: Step) -> str:
    reference = f" ({_text(obj.reference)})" if obj.reference else ""
    lines = [rf"\paragraph{{{_text(obj.title)}.}} {_text(obj.assumption)}{reference}"]
    if obj.diagrams:
        lines += [r"\begin{center}", "\\quad\n".join(map(latex, obj.diagrams)), r"\end{center}"]
    if obj.equations:
        margin = max(_width(latex(eq.lhs)) for eq in obj.equations)
        rows = [rf"{latex(eq.lhs)} &= {_broken(eq.rhs, margin)}" for eq in obj.equations]
        lines += ["\\begin{align}", " \\\\\n".join(rows), "\\end{align}"]
    return "\n".join(lines)


@latex.register
def _(obj: Diagram | Skeleton) -> str:
    return tikz(obj)


@latex.register
def _(obj: Derivation) -> str:
    return "\n\n".join([rf"\section*{{{_text(obj.title)}}}", *(latex(s) for s in obj.steps)])


def document(derivation: Derivation, *, before: str = "") -> str:
    """Return a complete LaTeX document with the derivation, after the LaTeX `before`."""
    front = f"{before}\n\n" if before else ""
    return f"{_PREAMBLE}{front}{latex(derivation)}\n\\end{{document}}\n"


# What fits on a line of the document below, in characters that print.
_LINE_WIDTH = 80


def _broken(expression: sp.Expr, margin: int) -> str:
    """Break a long sum into lines that fit beside a left-hand side of width `margin`."""
    lines: list[str] = [""]
    for term in _terms(expression):
        text = latex(term)
        signed = text if text.startswith("-") or not lines[-1] else f"+ {text}"
        if lines[-1] and _width(lines[-1]) + _width(signed) > _LINE_WIDTH - margin:
            lines.append("")
        lines[-1] += f" {signed}" if lines[-1] else signed
    return " \\notag \\\\\n &\\quad ".join(
        line if k == 0 or line[0] in "+-" else f"+ {line}" for k, line in enumerate(lines)
    )


def _terms(expression: sp.Expr) -> list[sp.Expr]:
    return expression.as_ordered_terms() if isinstance(expression, sp.Add) else [expression]


def _width(text: str) -> int:
    """Count the characters that print; commands count as one, signs with the space about them."""
    printed = re.sub(r"[{}^_\s]", "", re.sub(r"\\[A-Za-z]+", "x", text))
    return len(re.sub(r"[+-]", "+++", printed))


_ESCAPES = {"%": r"\%", "&": r"\&", "#": r"\#", "_": r"\_", "^": r"\textasciicircum{}"}


def _text(words: str) -> str:
    """Escape what plain text may contain and LaTeX would not print, outside of $...$."""
    parts = words.split("$")
    parts[::2] = ["".join(_ESCAPES.get(c, c) for c in part) for part in parts[::2]]
    return "$".join(parts)
