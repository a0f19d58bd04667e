"""A closed loop of three or more strings as a regular polygon: the Hikami box is a square."""

from __future__ import annotations

import cmath
from collections.abc import Mapping
from math import pi

from diagrams.arcs import arc_heights
from diagrams.columns import GAP
from diagrams.diagram import Diagram, Site
from diagrams.faces import End
from diagrams.paths import Path, Point
from diagrams.rails import Ending, Layout, Rail, is_cut_end

# Twice the margin of a straight string: at a corner two edges with their arcs meet.
_CORNER = 1.0

_LETTER_OFF = 0.32  # of a branch, from its edge or the arcs over it


def polygon(diagram: Diagram, loop: list[End], widths: Mapping[Site, float]) -> Layout:
    """Return the loop as a polygon, walked clockwise from the left end of its upper edge.

    All arcs are outside, and the mean height of the corners is zero. Where soft modes were
    cut out of a diagram, its other corners are the external ones; a loop without such corners
    is a box on its own, and modes end at all of them.
    """
    arcs = arc_heights(diagram)
    length = max(_needed(diagram, string, widths) for string, _ in loop)
    turn = cmath.exp(-2j * pi / len(loop))
    corners = _corners(len(loop), length)
    labels = [_label(diagram, end) for end in loop]
    rest = any(map(is_cut_end, labels))
    rails, endings = {}, []
    direction = 1 + 0j
    for (string, forward), label, start, end in zip(
        loop, labels, corners, corners[1:] + corners[:1], strict=True
    ):
        marks = _marks(diagram, string, widths, length)
        normal = 1j * direction
        first, way, last = (start, direction, end) if forward else (end, -direction, start)
        letter = (start + end) / 2 + (arcs[string] + _LETTER_OFF) * normal
        rails[string] = Rail(first, way, length, normal, Path(first), Path(last), marks, letter)
        outward = normal + normal / turn
        external = rest and not is_cut_end(label)
        endings.append(Ending(label, start, outward / abs(outward), external))
        direction *= turn
    return Layout(rails, tuple(endings))


def _label(diagram: Diagram, end: End) -> str:
    """Return the vertex at which the walk around the loop enters a string."""
    string, forward = end
    return diagram.strings[string].start if forward else diagram.strings[string].end


def _corners(count: int, length: float) -> list[Point]:
    corners, direction = [0j], 1 + 0j
    for _ in range(count - 1):
        corners.append(corners[-1] + length * direction)
        direction *= cmath.exp(-2j * pi / count)
    middle = sum(corner.imag for corner in corners) / count
    return [corner - 1j * middle for corner in corners]


def _taken(diagram: Diagram, string: int, widths: Mapping[Site, float]) -> list[float]:
    return [widths.get(Site(string, i), 0.0) for i in range(diagram.strings[string].sites)]


def _needed(diagram: Diagram, string: int, widths: Mapping[Site, float]) -> float:
    taken = _taken(diagram, string, widths)
    return 2 * _CORNER + sum(taken) + GAP * max(len(taken) - 1, 0)


def _marks(
    diagram: Diagram, string: int, widths: Mapping[Site, float], length: float
) -> tuple[float, ...]:
    """Return the sites, centred on the edge."""
    taken = _taken(diagram, string, widths)
    edge = (length - _needed(diagram, string, widths)) / 2 + _CORNER
    marks = []
    for width in taken:
        marks.append(edge + width / 2)
        edge += width + GAP
    return tuple(marks)
