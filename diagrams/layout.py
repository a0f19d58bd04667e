"""The geometry of a picture: where the strings run, and where their sites and vertices are.

Every string has a straight part, its rail, that carries the sites, and leads that join it to
its vertices. A closed loop of one or two strings is drawn along horizontal rows, a larger one
(a Hikami box) as a polygon. Two loops are stacked or put inside each other, whichever keeps
the impurity lines between them short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from diagrams.diagram import Diagram, Site
from diagrams.faces import End, loops
from diagrams.polygons import polygon
from diagrams.rails import Ending, Layout, Rail
from diagrams.rows import in_rows

_SIDE_BY_SIDE = 2.6  # between loops that are not in rows: room for two wavy lines with labels


def layout(diagram: Diagram, widths: Mapping[Site, float] | None = None) -> Layout:
    """Return where everything is.

    Parameters
    ----------
    widths
        The space that a site takes along its string, for shaded blocks; zero where not given.

    Examples
    --------
    >>> from diagrams.families import ladder
    >>> rails = layout(ladder(1)).rails
    >>> [rails[s].at(rails[s].marks[0]).imag for s in (0, 1)]
    [0.0, -2.0]
    """
    found, widths = loops(diagram), widths or {}
    if all(len(loop) <= 2 for loop in found):
        return in_rows(diagram, found, widths)
    return _side_by_side(_alone(diagram, loop, widths) for loop in found)


def _alone(diagram: Diagram, loop: list[End], widths: Mapping[Site, float]) -> Layout:
    """Return one loop, its rows or its polygon centred on y = 0."""
    if len(loop) > 2:
        return polygon(diagram, loop, widths)
    part = in_rows(diagram, [loop], widths)
    heights = [rail.origin.imag for rail in part.rails.values()]
    return part.shifted(complex(0, -(min(heights) + max(heights)) / 2))


def _side_by_side(parts: Iterable[Layout]) -> Layout:
    rails: dict[int, Rail] = {}
    endings: list[Ending] = []
    right = -_SIDE_BY_SIDE
    for part in parts:
        low, high = part.interval
        moved = part.shifted(right + _SIDE_BY_SIDE - low)
        right += _SIDE_BY_SIDE + high - low
        rails |= moved.rails
        endings.extend(moved.endings)
    return Layout(rails, tuple(endings))
