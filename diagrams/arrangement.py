"""Which row each string of a picture is drawn on, and where on it its sites stand.

Two loops are stacked, if needed upside down, or one is drawn inside the other: of all
arrangements the one in which the impurity lines pass the fewest rows is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product

from diagrams.arcs import arc_heights
from diagrams.columns import columns
from diagrams.diagram import Diagram, Site
from diagrams.faces import End
from diagrams.paths import Point

_RUNG = 2.0  # length of a rung of a bubble
_CLOSING = 1.3  # height of a loop whose lower row is bare
_BETWEEN = 1.8  # distance of neighbouring rows of different loops
_ABOVE_ARCS = 0.35  # between an arc and the next row
_STEEPNESS = 0.55  # a line from row to row goes down by at least this much for one to the side


@dataclass(frozen=True)
class Row:
    """A row of one loop, with the sites of a string on it."""

    loop: int
    string: int | None  # None for the bare row of a single string


@dataclass(frozen=True)
class Rows:
    """The rows from top to bottom.

    Attributes
    ----------
    up
        For each string whether its arcs are above it.
    y
        The heights of the rows.
    columns, length
        The abscissa of each site, and the common length of the rails.
    """

    rows: tuple[Row, ...]
    up: Mapping[int, bool]
    y: tuple[float, ...]
    columns: Mapping[Site, float]
    length: float

    def of_loop(self, loop: int) -> tuple[int, int]:
        """Return the positions of the upper and the lower row of a loop."""
        upper, lower = (i for i, row in enumerate(self.rows) if row.loop == loop)
        return upper, lower

    def ends(self, string: int, rightwards: bool) -> tuple[Point, Point]:
        """Return the first and the last point of the rail of a string."""
        (y,) = (y for row, y in zip(self.rows, self.y, strict=True) if row.string == string)
        left, right = complex(0, y), complex(self.length, y)
        return (left, right) if rightwards else (right, left)


def arrange(diagram: Diagram, found: Sequence[list[End]], widths: Mapping[Site, float]) -> Rows:
    """Return the rows of the loops `found`, of one or two strings each."""
    rows = min(_arrangements(found), key=lambda rows: _passed_rows(diagram, rows))
    up = _arc_sides(diagram, rows)
    at, length = _columns(diagram, rows, _leftwards(found, rows), widths)
    return Rows(rows, up, _heights(diagram, rows, up, at), at, length)


def _arrangements(found: Sequence[list[End]]) -> Iterator[tuple[Row, ...]]:
    pairs = []
    for number, loop in enumerate(found):
        strings = [string for string, _ in loop]
        pairs.append((Row(number, strings[0]), Row(number, (*strings[1:], None)[0])))
    yield tuple(row for pair in pairs for row in pair)
    if len(pairs) == 2:
        flipped = [*product(*((pair, pair[::-1]) for pair in pairs))]
        yield from ((*one, *other) for one, other in flipped)
        yield from ((one[0], *other, one[1]) for one, other in flipped)
        yield from ((other[0], *one, other[1]) for one, other in flipped)


def _passed_rows(diagram: Diagram, rows: Sequence[Row]) -> int:
    row = {row.string: i for i, row in enumerate(rows)}
    return sum(abs(row[s] - row[t]) for s, t in _joined(diagram) if s in row and t in row)


def _joined(diagram: Diagram) -> list[tuple[int, int]]:
    """Return the pairs of different strings that each line joins."""
    return [
        pair
        for line in diagram.lines
        for pair in combinations(sorted({site.string for site in line}), 2)
    ]


def _arc_sides(diagram: Diagram, rows: Sequence[Row]) -> dict[int, bool]:
    """Return whether the arcs of each string are above it: where fewer other lines leave.

    Where it makes no difference they are outside the loop.
    """
    position = {row.string: i for i, row in enumerate(rows) if row.string is not None}
    balance = dict.fromkeys(position, 0)
    for s, t in _joined(diagram):
        if s in position and t in position:
            towards = 1 if position[t] > position[s] else -1
            balance[s] += towards
            balance[t] -= towards
    upper = _upper(rows)
    return {s: below > 0 or (below == 0 and s in upper) for s, below in balance.items()}


def _upper(rows: Sequence[Row]) -> set[int | None]:
    """Return the strings on the upper row of their loop."""
    return {row.string for i, row in enumerate(rows) if row.loop in {r.loop for r in rows[i + 1 :]}}


def _leftwards(found: Sequence[list[End]], rows: Sequence[Row]) -> set[int]:
    """Return the strings drawn from right to left.

    They are the second strings of bubbles with arrows around the loop, and single strings on
    the lower row of their loop.
    """
    upper = _upper(rows)
    return {
        loop[-1][0]
        for loop in found
        if (loop[-1][1] if len(loop) == 2 else loop[0][0] not in upper)
    }


def _columns(
    diagram: Diagram, rows: Sequence[Row], leftwards: set[int], widths: Mapping[Site, float]
) -> tuple[dict[Site, float], float]:
    ranks: dict[int, list[Site]] = {}
    for row in rows:
        if row.string is not None:
            sites = [Site(row.string, i) for i in range(diagram.strings[row.string].sites)]
            ranks[row.string] = sites[::-1] if row.string in leftwards else sites
    rank = {site: i for sites in ranks.values() for i, site in enumerate(sites)}
    return columns([*ranks.values()], widths, _uncrossed_rungs(diagram, rank))


def _uncrossed_rungs(diagram: Diagram, rank: Mapping[Site, int]) -> list[tuple[Site, Site]]:
    """Return the pairs between two rails that no other pair between them crosses."""
    rungs = [
        (line[0], line[1])
        for line in diagram.lines
        if len(line) == 2 and line[0].string != line[1].string and set(line) <= set(rank)
    ]
    return [
        (a, b)
        for a, b in rungs
        if not any(
            (c.string, d.string) == (a.string, b.string)
            and (rank[a] - rank[c]) * (rank[b] - rank[d]) < 0
            for c, d in rungs
        )
    ]


def _heights(
    diagram: Diagram, rows: Sequence[Row], up: Mapping[int, bool], at: Mapping[Site, float]
) -> tuple[float, ...]:
    arcs = arc_heights(diagram)
    y = [0.0]
    for above, below in pairwise(rows):
        room = [
            arcs[row.string] + _ABOVE_ARCS
            for row, upwards in ((above, False), (below, True))
            if row.string is not None and arcs[row.string] and up[row.string] is upwards
        ]
        steep = _STEEPNESS * _widest(diagram, {above.string, below.string}, at)
        y.append(y[-1] - max(steep, _distance(above, below)) - sum(room))
    return tuple(y)


def _widest(diagram: Diagram, strings: set[int | None], at: Mapping[Site, float]) -> float:
    """Return how far to the side the lines between two strings go at most."""
    lines = (line for line in diagram.lines if {site.string for site in line} == strings)
    return max((max(at[s] for s in line) - min(at[s] for s in line) for line in lines), default=0.0)


def _distance(above: Row, below: Row) -> float:
    if above.loop != below.loop:
        return _BETWEEN
    return _CLOSING if None in (above.string, below.string) else _RUNG
