"""Closed loops of one or two strings, drawn along horizontal rows.

A bubble has two rows, the retarded string above the advanced one, between a vertex on the
left and one on the right. A Green function that returns to its vertex has a row with its
sites and a bare one with the vertex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagrams.arrangement import Rows, arrange
from diagrams.diagram import Diagram, Site
from diagrams.faces import End
from diagrams.paths import Path, Point
from diagrams.rails import Ending, Layout, Rail, is_cut_end

_REACH = 1.0  # from the end of a row to the vertex
_INSIDE = 1.9  # by how much more the vertex of an outer loop stands off
_LETTER_ALONG, _LETTER_OFF = 0.1, 0.33  # of a branch, from the start of its rail


def in_rows(diagram: Diagram, found: Sequence[list[End]], widths: Mapping[Site, float]) -> Layout:
    """Return the loops `found`, of one or two strings each, along rows."""
    picture = arrange(diagram, found, widths)
    rails: dict[int, Rail] = {}
    endings: list[Ending] = []
    for number, loop in enumerate(found):
        place = _bubble if len(loop) == 2 else _returning
        part = place(diagram, picture, number, loop)
        rails |= part.rails
        endings.extend(part.endings)
    return Layout(rails, tuple(endings))


def _bubble(diagram: Diagram, picture: Rows, number: int, loop: list[End]) -> Layout:
    upper, lower = picture.of_loop(number)
    middle = (picture.y[upper] + picture.y[lower]) / 2
    reach = _REACH + (_INSIDE if lower - upper > 1 else 0.0)
    left, right = complex(-reach, middle), complex(picture.length + reach, middle)
    (first, _), (second, back) = loop
    second_vertices = (right, left) if back else (left, right)
    rails = {
        first: _rail(diagram, picture, first, (left, right)),
        second: _rail(diagram, picture, second, second_vertices),
    }
    string = diagram.strings[first]
    ends = ((string.start, left, -1 + 0j), (string.end, right, 1 + 0j))
    return Layout(rails, tuple(Ending(*end, external=not is_cut_end(end[0])) for end in ends))


def _rail(diagram: Diagram, picture: Rows, string: int, vertices: tuple[Point, Point]) -> Rail:
    """Return the rail of a string, with quarter ellipses from and to its vertices."""
    start, end = picture.ends(string, rightwards=vertices[0].real < vertices[1].real)
    corners = [complex(vertex.real, start.imag) for vertex in vertices]
    lead_in = Path(vertices[0]).quarter_to(corners[0], start)
    lead_out = Path(end).quarter_to(corners[1], vertices[1])
    return _straight(diagram, picture, string, lead_in, lead_out)


def _straight(
    diagram: Diagram,
    picture: Rows,
    string: int,
    lead_in: Path,
    lead_out: Path,
) -> Rail:
    start, end = lead_in.end, lead_out.start
    marks = tuple(
        abs(picture.columns[Site(string, i)] - start.real)
        for i in range(diagram.strings[string].sites)
    )
    normal = 1j if picture.up[string] else -1j
    way = (end - start) / picture.length
    letter = start + _LETTER_ALONG * way + _LETTER_OFF * normal
    return Rail(start, way, picture.length, normal, lead_in, lead_out, marks, letter)


def _returning(diagram: Diagram, picture: Rows, number: int, loop: list[End]) -> Layout:
    """Return a single string, from the vertex in the middle of its bare row and back to it."""
    rows = picture.of_loop(number)
    string = loop[0][0]
    lower = picture.rows[rows[0]].string is None
    start, end = picture.ends(string, rightwards=not lower)
    low = next(picture.y[i] for i in rows if picture.rows[i].string is None)
    vertex = complex(picture.length / 2, low)
    reach = abs(low - start.imag) / 2 + (_INSIDE if rows[1] - rows[0] > 1 else 0.0)
    side = reach if lower else -reach
    lead_in = _turn(Path(vertex).line_to(complex(start.real, low)), side, start)
    lead_out = _turn(Path(end), -side, complex(end.real, low)).line_to(vertex)
    rail = _straight(diagram, picture, string, lead_in, lead_out)
    outward = 1j if low > start.imag else -1j
    ending = Ending(diagram.strings[string].start, vertex, outward, external=False)
    return Layout({string: rail}, (ending,))


def _turn(path: Path, reach: float, end: Point) -> Path:
    """Return the path continued by half an ellipse that ends above or below its end."""
    out = complex(reach, 0)
    side = (path.end + end) / 2 + out
    return path.quarter_to(path.end + out, side).quarter_to(end + out, end)
