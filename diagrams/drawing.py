"""Diagrams as pictures: TikZ for a paper, SVG for a notebook.

Retarded strings are black and advanced ones blue, each with its letter; an arrow in the middle
marks every Green function. Impurity lines are dashed, with a cross at the impurity. In a
skeleton a diffuson is a grey block with parallel dashes and a Cooperon an orange one with
crossing dashes. The styles have names in `TIKZ_PREAMBLE` and can be redefined after it.
"""

from __future__ import annotations

from diagrams.diagram import Diagram
from diagrams.picture import strokes
from diagrams.skeletons import Skeleton
from diagrams.strokes import Caption
from diagrams.svg_text import svg_text
from diagrams.tikz_text import TIKZ_PREAMBLE, tikz_text

__all__ = ["TIKZ_PREAMBLE", "svg", "tikz"]


def tikz(drawn: Diagram | Skeleton, caption: Caption = ()) -> str:
    r"""Return a picture as a `tikzpicture`, for a document with `TIKZ_PREAMBLE`.

    Parameters
    ----------
    drawn
        A diagram, or a skeleton whose soft modes become shaded blocks.
    caption
        Lines below the picture; each is a tuple of parts, every second one mathematics, as
        in ``(("of order ", "1/(k_F l)"),)``.

    Raises
    ------
    TypeError
        The object is neither a diagram nor a skeleton.

    Examples
    --------
    >>> from diagrams.families import ladder
    >>> print(tikz(ladder(1)).splitlines()[1])
      \draw[impurity line] (0.6,0) -- (0.6,-2);
    """
    return tikz_text(strokes(drawn, caption))


def svg(drawn: Diagram | Skeleton, caption: Caption = ()) -> str:
    """Return a picture as SVG; arguments and errors are those of `tikz`.

    Examples
    --------
    >>> from diagrams.families import ladder
    >>> svg(ladder(1)).splitlines()[-1]
    '</svg>'
    """
    return svg_text(strokes(drawn, caption))
