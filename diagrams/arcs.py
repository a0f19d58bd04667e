"""Impurity lines that begin and end on one string: arcs, stacked by nesting."""

from __future__ import annotations

from collections.abc import Iterable

from diagrams.diagram import Diagram, Line
from diagrams.paths import Path, Point

#: Height of an arc of the first level, and what each further level adds.
FIRST_LEVEL, NEXT_LEVEL = 0.65, 0.42

# An arc wider than twice this has a flat top, so that what it encloses keeps its distance.
_WIDEST_SHOULDER = 1.3


def is_arc(line: Line) -> bool:
    """Return whether all sites of the line are on one string."""
    return len({site.string for site in line}) == 1


def arc_levels(lines: Iterable[Line]) -> dict[Line, int]:
    """Return the level 1, 2, ... of each line that is an arc.

    Arcs over a common stretch of their string, nested or crossing, have different levels,
    and one that encloses another has the higher.

    Examples
    --------
    >>> from diagrams.notation import parse
    >>> [*arc_levels(parse("R[r 1 2 2 1 3 3 r]").lines).values()]
    [1, 1, 2]
    """
    levels: dict[Line, int] = {}
    for line in sorted(filter(is_arc, lines), key=_reach):
        below = [level for other, level in levels.items() if overlap(line, other)]
        levels[line] = 1 + max(below, default=0)
    return levels


def _reach(line: Line) -> tuple[int, Line]:
    return line[-1].position - line[0].position, line


def overlap(one: Line, other: Line) -> bool:
    """Return whether two arcs have a stretch of one string in common."""
    return one[0].string == other[0].string and one[0] < other[-1] and other[0] < one[-1]


def arc_height(level: int) -> float:
    """Return the height of an arc above its string; zero for level 0."""
    return FIRST_LEVEL + NEXT_LEVEL * (level - 1) if level else 0.0


def arc_heights(diagram: Diagram) -> list[float]:
    """Return the height of the highest arc over each string, zero where there is none."""
    levels = arc_levels(diagram.lines)
    highest = [0] * len(diagram.strings)
    for line, level in levels.items():
        highest[line[0].string] = max(highest[line[0].string], level)
    return [arc_height(level) for level in highest]


def arc(start: Point, end: Point, rise: Point) -> Path:
    """Return an arch from `start` to `end` whose top is shifted from the chord by `rise`."""
    chord = end - start
    shoulder = chord * min(0.5, _WIDEST_SHOULDER / abs(chord))
    top = Path(start).quarter_to(start + rise, start + rise + shoulder)
    return top.line_to(end + rise - shoulder).quarter_to(end + rise, end)
