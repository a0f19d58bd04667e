"""A diagram or a skeleton as a list of strokes, from the back to the front."""

from __future__ import annotations

import re
from collections.abc import Iterator

from diagrams.diagram import Diagram, Line, Site
from diagrams.impurities import DrawnLine, draw_lines
from diagrams.layout import layout
from diagrams.paths import Path, Point, Segment, clearance, first_clear
from diagrams.rails import Ending, Layout
from diagrams.skeletons import Kind, Skeleton, SoftMode
from diagrams.strokes import (
    Block,
    Caption,
    Cross,
    Dashes,
    Dot,
    Propagator,
    Role,
    Stroke,
    Text,
    Wave,
    bounds,
)

_WIDTH = 1.5  # of a shaded block along the strings
_WAVE = 0.65  # length of a wavy line
_BEYOND_DOT, _HALF_LETTER = 0.34, 0.15  # from a vertex to the middle of its label
_INSET = 0.22  # of the dashes in a diffuson, as a fraction of its width
_LETTER_PLACES = (0.5, 0.3, 0.7, 0.2, 0.8)  # along a block
_CLEAR = _WIDTH / 2 + 0.25  # of a letter from the middle of another block
_CAPTION, _LINE_SKIP = 0.75, 0.5  # from the lowest stroke, and from line to line


def strokes(drawn: Diagram | Skeleton, caption: Caption = ()) -> list[Stroke]:
    """Return the strokes of a diagram, or of a skeleton with its soft modes as blocks.

    Parameters
    ----------
    caption
        Lines of text below the picture.

    Raises
    ------
    TypeError
        The object is neither a diagram nor a skeleton.
    """
    if not isinstance(drawn, Diagram | Skeleton):
        raise TypeError(
            f"Only a Diagram or a Skeleton can be drawn, not {drawn!r}; parse(text) makes a "
            "diagram and skeleton(diagram) its skeleton."
        )
    diagram = drawn.diagram if isinstance(drawn, Skeleton) else drawn
    modes = drawn.modes if isinstance(drawn, Skeleton) else ()
    soft = {mode.line for mode in modes}
    widths = {site: _WIDTH for line in soft for site in line}
    placed = layout(diagram, widths)
    hard = [line for line in diagram.lines if line not in soft]
    found = [
        *_blocks(placed, modes),
        *_lines(draw_lines(diagram, placed, hard)),
        *_propagators(diagram, placed, widths),
        *_vertices(placed.endings),
        *_labels(diagram, placed),
    ]
    return [*found, *_caption(found, caption)]


def _lines(drawn: list[DrawnLine]) -> Iterator[Stroke]:
    for line in drawn:
        yield from (Dashes(leg) for leg in line.legs)
    # Crosses last, so that no dash lies over an impurity.
    yield from (Cross(line.cross) for line in drawn)


def _propagators(diagram: Diagram, placed: Layout, widths: dict[Site, float]) -> Iterator[Stroke]:
    for s, string in enumerate(diagram.strings):
        rail = placed.rails[s]
        path = rail.lead_in
        for i, mark in enumerate(rail.marks):
            half = widths.get(Site(s, i), 0.0) / 2
            yield Propagator(path.line_to(rail.at(mark - half)), string.branch)
            path = Path(rail.at(mark + half))
        yield Propagator(path.line_to(rail.end).then(rail.lead_out), string.branch)


def _vertices(endings: tuple[Ending, ...]) -> Iterator[Stroke]:
    for ending in endings:
        if ending.external:
            yield Wave(Path(ending.at).line_to(ending.at + _WAVE * ending.outward))
    yield from (Dot(ending.at) for ending in endings)


def _labels(diagram: Diagram, placed: Layout) -> Iterator[Stroke]:
    for s, string in enumerate(diagram.strings):
        yield Text(placed.rails[s].label, ("", string.branch.value), Role.BRANCH)
    for ending in placed.endings:
        away = _BEYOND_DOT + (_WAVE if ending.external else 0.0)
        # A label to the side of its vertex begins or ends there, however long it is.
        side = round(1.2 * ending.outward.real)
        place = ending.at + (away - _HALF_LETTER * abs(side)) * ending.outward
        yield Text(place, as_math(ending.label), Role.VERTEX, side)


def as_math(label: str) -> tuple[str, ...]:
    """Return the parts of a vertex label: mathematics if a letter with digits and primes.

    Examples
    --------
    >>> as_math("C1'"), as_math("left lead")
    (('', "C_1'"), ('left lead',))
    """
    parts = re.fullmatch(r"([A-Za-z])(\d*)('*)", label)
    if not parts:
        return (label,)
    letter, digits, primes = parts.groups()
    index = f"_{digits}" if len(digits) == 1 else f"_{{{digits}}}" if digits else ""
    return "", f"{letter}{index}{primes}"


def _blocks(placed: Layout, modes: tuple[SoftMode, ...]) -> Iterator[Stroke]:
    """Yield the areas between two stretches of string, their dashes and their letters.

    The dashes are those of the mode's first and last rung: parallel for a diffuson, crossing
    for a Cooperon.
    """
    sides = [_sides(placed, mode.line) for mode in modes]
    for mode, (near, far) in zip(modes, sides, strict=True):
        yield Block(Path(near[0]).line_to(near[1], far[1], far[0]), mode.kind)
        for here in (_INSET, 1 - _INSET):
            there = here if mode.kind is Kind.DIFFUSON else 1 - here
            yield Dashes(Path(_between(near, here)).line_to(_between(far, there)))
    axes = [(_between(near, 0.5), _between(far, 0.5)) for near, far in sides]
    for mode, axis in zip(modes, axes, strict=True):
        others = [other for other in axes if other is not axis]
        yield Text(_letter_place(axis, others), ("", mode.kind.value[0].upper()), Role.MODE)


def _letter_place(axis: Segment, others: list[Segment]) -> Point:
    """Return a point of a block's axis clear of the blocks that cross it, near the middle."""
    candidates = (_between(axis, fraction) for fraction in _LETTER_PLACES)
    return first_clear(candidates, lambda point: clearance(point, others), _CLEAR)


def _sides(placed: Layout, line: Line) -> tuple[Segment, Segment]:
    """Return the two stretches of string, so directed that their ends face each other."""
    near, far = (_stretch(placed, site) for site in line)
    straight = abs(near[0] - far[0]) + abs(near[1] - far[1])
    twisted = abs(near[0] - far[1]) + abs(near[1] - far[0])
    return (near, far) if straight <= twisted else (near, far[::-1])


def _stretch(placed: Layout, site: Site) -> Segment:
    rail = placed.rails[site.string]
    mark = rail.marks[site.position]
    return rail.at(mark - _WIDTH / 2), rail.at(mark + _WIDTH / 2)


def _between(stretch: Segment, fraction: float) -> Point:
    start, end = stretch
    return start + fraction * (end - start)


def _caption(found: list[Stroke], lines: Caption) -> Iterator[Stroke]:
    corners = bounds(found)
    middle = (corners[0].real + corners[1].real) / 2
    for i, line in enumerate(lines):
        y = corners[0].imag - _CAPTION - _LINE_SKIP * i
        yield Text(complex(middle, y), line, Role.CAPTION)
