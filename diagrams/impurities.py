"""The course of the impurity lines over a layout, and where each shows its impurity.

A line of two sites is one dashed curve with a cross on it, the impurity at which both waves
scatter. A longer line, a higher cumulant, is a star: dashed legs that meet at one cross.
Curves keep clear of sites that are not theirs, and crosses of everything else, so that it
stays visible which lines cross and which meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from diagrams.arcs import arc, arc_height, arc_levels
from diagrams.diagram import Diagram, Line
from diagrams.paths import Path, Point, Segment, clearance, first_clear
from diagrams.rails import Layout


@dataclass(frozen=True)
class DrawnLine:
    """The dashed curves of one impurity line, and its cross."""

    legs: tuple[Path, ...]
    cross: Point


# How far a cross stays from other strokes, and a line from sites of other lines.
_CLEAR, _CLEAR_OF_SITES = 0.22, 0.25

# The cross is in the middle if it is clear there; the order of the others is that of looks.
_FRACTIONS = (0.5, 1 / 3, 2 / 3, 0.25, 0.75, 0.4, 0.6, 0.2, 0.8)
_BOWS = (0.0, 0.35, -0.35, 0.6, -0.6, 0.85, -0.85)
_NUDGES = (0, 0.35, -0.35, 0.35j, -0.35j, 0.5 + 0.5j, -0.5 - 0.5j, 0.5 - 0.5j, -0.5 + 0.5j)


def draw_lines(diagram: Diagram, placed: Layout, lines: Sequence[Line]) -> list[DrawnLine]:
    """Return the course of each of the `lines` of the diagram."""
    levels = arc_levels(lines)
    stars: dict[Line, DrawnLine] = {}
    pairs: dict[Line, Path] = {
        line: _pair(diagram, placed, line, levels.get(line, 0)) for line in lines if len(line) == 2
    }
    strings = [segment for rail in placed.rails.values() for segment in rail.path.segments]
    strokes = {line: path.segments for line, path in pairs.items()}
    for line in lines:
        if len(line) > 2:
            obstacles = [*strings, *_others(line, strokes)]
            stars[line] = _star(placed, line, levels.get(line, 0), obstacles)
            strokes[line] = tuple(s for leg in stars[line].legs for s in leg.segments)
    crosses = _crosses(pairs, strokes, strings, [star.cross for star in stars.values()])
    return [stars.get(line) or DrawnLine((pairs[line],), crosses[line]) for line in lines]


def _others(line: Line, strokes: dict[Line, tuple[Segment, ...]]) -> list[Segment]:
    return [s for other, segments in strokes.items() if other != line for s in segments]


def _pair(diagram: Diagram, placed: Layout, line: Line, level: int) -> Path:
    start, end = (placed.place(site) for site in line)
    if level:
        return arc(start, end, placed.place(line[0], arc_height(level)) - start)
    foreign = [placed.place(site) for site in diagram.sites if site not in line]
    bowed = (Path(start).bow_to(end, bow) for bow in _BOWS)
    return first_clear(bowed, lambda path: _room(foreign, path.segments), _CLEAR_OF_SITES)


def _room(points: Iterable[Point], segments: Sequence[Segment]) -> float:
    return min((clearance(point, segments) for point in points), default=float("inf"))


def _star(placed: Layout, line: Line, level: int, obstacles: list[Segment]) -> DrawnLine:
    """Return legs that meet over the middle of a string, or in the middle of the sites.

    The two outermost legs over a string make an arch, so that the star encloses what it
    spans; the others are straight.
    """
    ends = [placed.place(site) for site in line]
    if not level:
        middle = sum(ends) / len(ends)
        hub = first_clear(
            (middle + nudge for nudge in _NUDGES), lambda p: clearance(p, obstacles), _CLEAR
        )
        return DrawnLine(tuple(Path(end).line_to(hub) for end in ends), hub)
    rise = placed.place(line[0], arc_height(level)) - ends[0]
    hub = (ends[0] + ends[-1]) / 2 + rise
    inner = (Path(end).line_to(hub) for end in ends[1:-1])
    return DrawnLine((arc(ends[0], ends[-1], rise), *inner), hub)


def _crosses(
    pairs: dict[Line, Path],
    strokes: dict[Line, tuple[Segment, ...]],
    strings: list[Segment],
    hubs: list[Point],
) -> dict[Line, Point]:
    crosses: dict[Line, Point] = {}
    taken = list(hubs)
    for line, path in pairs.items():
        points = [(hub, hub) for hub in taken]
        obstacles = [*strings, *points, *_others(line, strokes)]
        candidates = (path.along(fraction)[0] for fraction in _FRACTIONS)
        crosses[line] = first_clear(candidates, _distance_from(obstacles), _CLEAR)
        taken.append(crosses[line])
    return crosses


def _distance_from(obstacles: list[Segment]) -> Callable[[Point], float]:
    return lambda point: clearance(point, obstacles)
