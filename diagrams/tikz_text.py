r"""Strokes as TikZ, in named styles that a paper can redefine after the preamble."""

from __future__ import annotations

from collections.abc import Iterable

from diagrams.diagram import Branch
from diagrams.paths import Path, Point
from diagrams.skeletons import Kind
from diagrams.strokes import Block, Cross, Dashes, Dot, Propagator, Stroke, Text, Wave

#: What a document that contains the pictures needs before `\begin{document}`.
TIKZ_PREAMBLE = r"""\usepackage{tikz}
\usetikzlibrary{decorations.markings,decorations.pathmorphing,shapes.misc}
\definecolor{advanced}{HTML}{0072B2}
\tikzset{
  disorder diagram/.style={x=8mm,y=8mm,line width=.8pt,line cap=round,line join=round},
  arrow/.style={decoration={markings,mark=at position .5 with {\arrow[xshift=2.2pt]{latex}}},
    postaction={decorate}},
  retarded/.style={arrow},
  advanced/.style={arrow,draw=advanced,color=advanced},
  impurity line/.style={line width=.6pt,line cap=butt,dash pattern=on 2.2pt off 1.6pt},
  impurity/.style={cross out,draw,line width=.8pt,inner sep=0pt,minimum size=4pt},
  external/.style={line width=.7pt,decorate,
    decoration={snake,amplitude=1.3pt,segment length=5.2pt}},
  vertex/.style={circle,fill,inner sep=0pt,minimum size=3.4pt},
  soft mode/.style={line width=.8pt,fill opacity=.85},
  diffuson/.style={soft mode,fill=black!10},
  Cooperon/.style={soft mode,fill=orange!28},
  vertex label/.style={inner sep=0pt},
  branch label/.style={inner sep=0pt,font=\scriptsize},
  mode label/.style={inner sep=1.2pt,fill=white,circle},
  caption/.style={inner sep=0pt,font=\footnotesize},
}
"""

_STYLES = {
    Branch.RETARDED: "retarded",
    Branch.ADVANCED: "advanced",
    Kind.DIFFUSON: "diffuson",
    Kind.COOPERON: "Cooperon",
}
_ANCHORS = {0: "", 1: ",anchor=west", -1: ",anchor=east"}


def tikz_text(found: Iterable[Stroke]) -> str:
    r"""Return the strokes as one `tikzpicture`, a line each."""
    lines = [f"  {_command(stroke)};" for stroke in found]
    return "\n".join([r"\begin{tikzpicture}[disorder diagram]", *lines, r"\end{tikzpicture}", ""])


def tikz_document(pictures: Iterable[Iterable[Stroke]]) -> str:
    """Return a LaTeX document with the pictures beside and below each other on its pages."""
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage[margin=15mm]{geometry}",
            TIKZ_PREAMBLE + r"\pagestyle{empty}",
            r"\begin{document}",
            # Pictures are words to TeX, which breaks the lines and the pages.
            r"\centering\setlength{\lineskip}{8mm}",
            "\\hspace{8mm}\n".join(map(tikz_text, pictures)) + r"\end{document}",
            "",
        ]
    )


def _command(stroke: Stroke) -> str:
    match stroke:
        case Propagator(path, branch):
            return rf"\draw[{_STYLES[branch]}] {_path(path)}"
        case Dashes(path):
            return rf"\draw[impurity line] {_path(path)}"
        case Cross(at):
            return rf"\node[impurity] at {_point(at)} {{}}"
        case Dot(at):
            return rf"\node[vertex] at {_point(at)} {{}}"
        case Wave(path):
            return rf"\draw[external] {_path(path)}"
        case Block(outline, kind):
            return rf"\draw[{_STYLES[kind]}] {_path(outline)} -- cycle"
        case Text(at, parts, role, side):
            return rf"\node[{role.value}{_ANCHORS[side]}] at {_point(at)} {{{_escaped(parts)}}}"


def _path(path: Path) -> str:
    return " ".join([_point(path.start), *map(_piece, path.pieces)])


def _piece(piece: tuple[Point, ...]) -> str:
    if len(piece) == 1:
        return f"-- {_point(piece[0])}"
    first, second, end = map(_point, piece)
    return f".. controls {first} and {second} .. {end}"


def _point(point: Point) -> str:
    return f"({short(point.real)},{short(point.imag)})"


def short(number: float, digits: int = 2) -> str:
    """Return a coordinate with at most so many digits after the point.

    Examples
    --------
    >>> short(-0.5), short(2.0), short(1 / 3), short(-1e-9)
    ('-0.5', '2', '0.33', '0')
    """
    # Adding zero turns a rounded -0.0 into 0.0.
    return f"{round(number, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".")


_SPECIAL = str.maketrans(
    {c: rf"\{c}" for c in "&%#_{}$"}
    | {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)


def _escaped(parts: tuple[str, ...]) -> str:
    return "".join(
        f"${part}$" if part and i % 2 else part.translate(_SPECIAL) for i, part in enumerate(parts)
    )
