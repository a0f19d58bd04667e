"""Letters, numbers and tables of a report as HTML."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from html import escape, unescape

from numerics.fit_table import symbol_latex
from numerics.rounding import PREFIXED, PREFIXES, rounded

_VARIANTS = {"varphi": "phi", "varepsilon": "epsilon"}


def quantity_html(value: float, error: float, unit: str) -> str:
    """Return value, standard error (if it is finite and not 0) and unit, rounded to the error.

    >>> quantity_html(1.97760e-11, 5.87e-13, "s")
    '19.78 ± 0.59 ps'
    """
    factor, unit = parameter_scale(unit, abs(value) or error)
    number = rounded(factor * value, factor * error, "1")
    body = f"{number.value} ± {number.error}" if number.error else number.value
    if number.exponent:
        body = f"({body})" if number.error else body
        body += f" × 10<sup>{number.exponent}</sup>"
    return f"{body.replace('-', '−')} {unit_html(unit)}".strip()


def exact_html(value: float, unit: str) -> str:
    """Return a value that has no error, with the digits it needs.

    >>> exact_html(5e-2, "T"), exact_html(0.0, "T"), exact_html(1e-7, "T")
    ('50 mT', '0 T', '100 nT')
    """
    factor, unit = parameter_scale(unit, abs(value))
    mantissa, _, exponent = f"{factor * value:.6g}".partition("e")
    body = f"{mantissa} × 10<sup>{int(exponent)}</sup>" if exponent else mantissa
    return f"{body.replace('-', '−')} {unit_html(unit)}".strip()


def parameter_scale(unit: str, size: float) -> tuple[float, str]:
    """Return what brings values of this size to a short number, and the unit they are then in.

    >>> parameter_scale("T", 4e-3), parameter_scale("m^2/s", 0.03)
    ((1000.0, 'mT'), (1.0, 'm^2/s'))
    """
    if unit in PREFIXED and 0 < size < math.inf:
        exponent = 3 * math.floor(math.log10(size) / 3 + 1e-9)
        if exponent in PREFIXES:
            return 10.0**-exponent, PREFIXES[exponent].replace("u", "µ") + unit
    return 1.0, "" if unit == "1" else unit


def unit_html(unit: str) -> str:
    """Return a unit with its exponents raised.

    >>> unit_html("e^2/(pi h)"), unit_html("m^2/s")
    ('<i>e</i><sup>2</sup>/(π <i>h</i>)', 'm<sup>2</sup>/s')
    """
    if unit in ("", "1"):
        return ""
    text = re.sub(r"\^\(?(-?\d+)\)?", r"<sup>\1</sup>", escape(unit))
    text = re.sub(r"\bpi\b", "π", re.sub(r"\bhbar\b", "<i>ħ</i>", text))
    return re.sub(r"(?<![\w<])([eh])(?![\w>])", r"<i>\1</i>", text)


def symbol_html(name: str) -> str:
    """Return the letter of a parameter, and the curve it belongs to.

    >>> symbol_html("tau_phi[300 mK]")
    '<span class="symbol"><i>τ</i><sub><i>φ</i></sub></span> (300 mK)'
    """
    base, _, label = name.partition("[")
    curve = f" ({escape(label.removesuffix(']'))})" if label else ""
    return f'<span class="symbol">{letters_html(symbol_latex(base).strip("$"))}</span>{curve}'


def letters_html(tex: str) -> str:
    r"""Return a letter with indices as HTML.

    >>> letters_html(r"B_{\mathrm{so}}^{x}")
    '<i>B</i><sub>so</sub><sup><i>x</i></sup>'
    """
    match = re.fullmatch(r"(\\?[A-Za-z]+|\\mathrm\{\w+\})(?:_(.*?))?(?:\^(.*))?", tex)
    if match is None:
        return escape(tex)
    head, below, above = match.groups()
    html = _part(head)
    html += f"<sub>{_part(below)}</sub>" if below else ""
    return html + (f"<sup>{_part(above)}</sup>" if above else "")


def _part(tex: str) -> str:
    """Return one letter or word; several are separated by commas."""
    inner = tex[1:-1] if tex.startswith("{") and tex.endswith("}") else tex
    words = []
    for word in inner.split(","):
        upright = re.fullmatch(r"\\(?:mathrm|text)\{(.*)\}", word.strip())
        if upright:
            words.append(escape(upright[1]))
        elif word.strip().startswith("\\"):
            name = word.strip()[1:]
            words.append(f"<i>{unescape(f'&{_VARIANTS.get(name, name)};')}</i>")
        else:
            words.append(f"<i>{escape(word.strip())}</i>" if word.strip() else "")
    return ",".join(words)


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], *, kind: str = ""
) -> str:
    """Return a table whose first column names the rows; cells are HTML."""
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    body = "\n".join(
        f'<tr><th scope="row">{first}</th>' + "".join(_cell(cell) for cell in rest) + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="scroll"><table class="{kind}"><caption>{caption}</caption>\n'
        f"<thead><tr>{top}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
    )


def _cell(cell: str) -> str:
    return cell if cell.startswith("<td") else f"<td>{cell}</td>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list of terms and what they are; both are HTML."""
    rows = "\n".join(f"<dt>{term}</dt><dd>{text}</dd>" for term, text in pairs)
    return f'<dl class="facts">\n{rows}\n</dl>'


def figure(svg: str, caption: str = "") -> str:
    """Return a picture with its caption."""
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"<figure>{svg}{below}</figure>"


def items(sentences: Iterable[str]) -> str:
    """Return sentences as a list; they are text, not HTML."""
    rows = "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
    return f"<ul>{rows}</ul>"
