"""Figures as SVG inside a page: no links, no fonts to load, and the colours of the page.

matplotlib writes a document of its own with fixed colours and identifiers that are the same in
every figure. Here it becomes an element that takes its colours from the style sheet (a dark page
gets light letters) and has identifiers of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Written by matplotlib, replaced by the page: no figure uses these colours for anything else.
INK, FAINT, PAPER = "#010203", "#040506", "#fafbfc"
CURVES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#070809")
MARKERS = ("o", "s", "^", "D", "v", "p", "h")
_VARIABLES = {INK: "ink", FAINT: "faint", PAPER: "paper"} | {
    color: f"c{k}" for k, color in enumerate(CURVES)
}


@contextmanager
def page_style() -> Iterator[None]:
    """Draw figures as a page wants them: letters as paths, small, with transparent ground."""
    import matplotlib as mpl

    style: Any = {  # its keys are a Literal of three hundred names
        "svg.fonttype": "path",
        "svg.hashsalt": "cooperon",
        "font.family": "DejaVu Sans",
        "font.size": 8.0,
        "mathtext.fontset": "dejavusans",
        "text.color": INK,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.linewidth": 0.6,
        "axes.titlesize": 8.0,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.direction": "in",
        "ytick.direction": "in",
        "legend.frameon": False,
        "legend.fontsize": 7.5,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "axes.unicode_minus": True,
    }
    with mpl.rc_context(style):
        yield


def inline_svg(figure: Figure, name: str, description: str) -> str:
    """Return the figure as one SVG element.

    Parameters
    ----------
    figure : Figure
        Drawn within `page_style`, and given within it.
    name : str
        A word of its own in the page, put before all identifiers.
    description : str
        What the figure shows, for those who do not see it.
    """
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.S)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, f"var(--{variable})")
    return re.sub(r"<svg\b[^>]*>", lambda m: _opening(m[0], description), svg, count=1).strip()


def _opening(tag: str, description: str) -> str:
    box = re.search(r'viewBox="([^"]+)"', tag)
    assert box is not None  # matplotlib always writes one
    width = float(box[1].split()[2])
    return (
        f'<svg viewBox="{box[1]}" role="img" aria-label="{escape(description)}" '
        f'style="--width: {width:.0f}">'
    )
