"""The formula of a fit on a page: lines that mathtext can set, and what the letters mean.

matplotlib's mathtext knows most of the LaTeX that corrections print with, and needs no TeX. A long
sum is broken between its terms; where one line cannot be set, the page shows the LaTeX instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import sympy as sp

from cooperon import Correction, latex
from diagrams.symbols import B
from numerics.inline_svg import inline_svg, page_style

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

# Characters that print, on a line of a page.
_WIDTH = 52
_LONGEST = 160


def formula_lines(correction: Correction, beside: str = "") -> tuple[str, ...]:
    """Return the formula as LaTeX lines: the prefactor, the sum term by term, the functions.

    `beside` is LaTeX of what is added to the correction, in the unit of the data.
    """
    prefactor, total = latex(correction.unit), sp.sympify(correction.expression)
    head = rf"{latex(correction.lhs)} = {prefactor}\,\times"
    terms = total.as_ordered_terms() if isinstance(total, sp.Add) else [total]
    lines = [head]
    for k, term in enumerate(terms):
        text = _term(term)
        signed = text if k == 0 or text.startswith("-") else f"+ {text}"
        if k and _width(lines[-1]) + _width(signed) <= _WIDTH:
            lines[-1] += f" {signed}"
        else:
            lines.append(rf"\quad {signed}")
    if len(terms) > 1:
        lines[0] += r"\,["
        lines[-1] += r"\;]"
    if beside:
        lines.append(with_sign(r"\quad", beside))
    return (*lines, *_definitions(total))


def with_sign(formula: str, beside: str) -> str:
    """Return a formula and what is added to it, with a plus if that begins with no minus."""
    if not beside:
        return formula
    return f"{formula} {beside}" if beside.startswith("-") else f"{formula} + {beside}"


def _term(term: sp.Expr) -> str:
    """Return a term with its number in front, not as the numerator over it."""
    number, rest = term.as_coeff_Mul()
    if not number.is_Rational or number.q == 1 or rest == 1:
        return latex(term)
    return f"{latex(number)}\\,{latex(rest)}"


def _definitions(expression: sp.Expr) -> list[str]:
    """Return what each named function means, on the simplest of its arguments."""
    calls = sorted(expression.atoms(sp.Function), key=lambda f: (sp.count_ops(f), str(f)))
    simplest: dict[type, sp.Expr] = {}
    for call in calls:
        if call.func.__module__.startswith("cooperon"):
            simplest.setdefault(call.func, call)
    lines = []
    for found in simplest.values():
        call = _with_letters(found)
        meaning = call.doit()
        if meaning != call:
            text = f"{latex(call)} = {latex(meaning)}"
            if _width(text) <= _LONGEST:
                lines.append(text)
    return lines


def _with_letters(call: sp.Expr) -> sp.Expr:
    """Return a function of the field and one more argument with a letter for that one."""
    if len(call.args) == 2 and call.args[0] == B:
        return call.func(B, sp.Symbol("b", positive=True))
    return call


def formula_svg(lines: tuple[str, ...]) -> str | None:
    """Return the lines as an SVG picture, or None if mathtext cannot set one of them."""
    from matplotlib.figure import Figure
    from matplotlib.mathtext import MathTextParser

    texts = [f"${_for_mathtext(line)}$" for line in lines]
    size = 11.0
    parser = MathTextParser("path")
    try:
        # Its points are of 1/72 inch at 72 dots per inch.
        boxes = [parser.parse(text, dpi=72, prop=_properties(size)) for text in texts]
    except (ValueError, NotImplementedError):
        return None
    gap = 0.7 * size
    width = max(box.width for box in boxes)
    height = sum(box.height for box in boxes) + gap * (len(boxes) + 1)
    with page_style():
        figure = Figure(figsize=((width + 8) / 72, height / 72))
        top = height - gap
        for text, box in zip(texts, boxes, strict=True):
            baseline = top - box.height + box.depth
            figure.text(
                4 / (width + 8), baseline / height, text, size=size, va="baseline", ha="left"
            )
            top -= box.height + gap
        return inline_svg(figure, "formula", "The formula; its LaTeX source is below.")


def _properties(size: float) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=size)


def meanings(correction: Correction) -> dict[str, dict[str, str]]:
    """Return letter, meaning and unit of each parameter."""
    from numerics.axis_label import described, letter
    from numerics.module_docstring import unit_of

    found = {}
    for symbol in correction.parameters:
        own = letter(symbol.name)
        found[symbol.name] = {
            "latex": own.strip("$"),
            "meaning": described(symbol.name).removesuffix(own).strip().removesuffix(" over"),
            "unit": unit_of(symbol.name) or "",
        }
    return found


def background_meanings(units: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return letter, meaning and unit of the parameters of backgrounds; `units` by name."""
    from numerics.axis_label import described, letter
    from numerics.named_background import MEANINGS

    found = {}
    for name, unit in units.items():
        own = letter(name)
        meaning = MEANINGS.get(name) or described(name).removesuffix(own).strip()
        found[name] = {"latex": own.strip("$"), "meaning": meaning, "unit": unit}
    return found


def _for_mathtext(line: str) -> str:
    """Write what mathtext lacks in what it has."""
    line = line.replace(r"\tfrac", r"\frac").replace(r"\operatorname", r"\mathrm")
    line = line.replace(r"\frac", r"\dfrac")
    return re.sub(r"\\left\|\{(\w+)\}\\right\|", r"|\1|", line)


def _width(text: str) -> int:
    """Count the characters that print; a fraction is as wide as its parts together, at most."""
    printed = re.sub(r"[{}^_\s]", "", re.sub(r"\\(left|right|frac|mathrm)", "", text))
    return len(re.sub(r"\\[A-Za-z]+", "x", printed))
