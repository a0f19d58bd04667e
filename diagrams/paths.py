"""Curves in the plane, as a picture needs them: straight pieces, Bezier pieces, samples.

A point is a complex number, x to the right and y upwards, so that a direction is turned by
multiplication and a distance is a modulus. The unit is the distance of two neighbouring
sites; the output formats set its size on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TypeVar

T = TypeVar("T")

Point = complex
Segment = tuple[Point, Point]

# With its control points at this fraction of the tangents a cubic is a quarter of an ellipse
# within 0.03 % of the radius: 4 (sqrt(2) - 1)/3.
_ROUND = 0.5523

_SAMPLES = 12  # straight pieces for a Bezier piece; their sagitta is far below a line width


@dataclass(frozen=True)
class Path:
    """A curve from `start`: each piece is one point (straight) or three (cubic Bezier).

    Examples
    --------
    >>> Path(0j).line_to(1, 1 + 1j).end
    (1+1j)
    """

    start: Point
    pieces: tuple[tuple[Point, ...], ...] = ()
    closed: bool = False

    @property
    def end(self) -> Point:
        """The last point."""
        return self.pieces[-1][-1] if self.pieces else self.start

    def line_to(self, *points: Point) -> Path:
        """Return the path with straight pieces to the points, leaving out those it is at."""
        path = self
        for point in points:
            if abs(point - path.end) > 1e-9:
                path = replace(path, pieces=(*path.pieces, (complex(point),)))
        return path

    def quarter_to(self, corner: Point, point: Point) -> Path:
        """Return the path with a quarter ellipse to `point` whose tangents meet in `corner`."""
        controls = (
            self.end + _ROUND * (corner - self.end),
            point + _ROUND * (corner - point),
        )
        return replace(self, pieces=(*self.pieces, (*controls, point)))

    def bow_to(self, point: Point, bow: float) -> Path:
        """Return the path with a piece to `point` that is off the chord by `bow` to the left."""
        chord = point - self.end
        if not bow:
            return self.line_to(point)
        # A cubic with both control points off by b is off by 3 b/4 in the middle.
        off = 4 / 3 * bow * 1j * chord / abs(chord)
        controls = (self.end + chord / 3 + off, point - chord / 3 + off)
        return replace(self, pieces=(*self.pieces, (*controls, point)))

    def then(self, other: Path) -> Path:
        """Return the path continued by one that starts where it ends."""
        return replace(self, pieces=(*self.pieces, *other.pieces))

    def shifted(self, offset: Point) -> Path:
        """Return the path moved by `offset`."""
        pieces = tuple(tuple(point + offset for point in piece) for piece in self.pieces)
        return replace(self, start=self.start + offset, pieces=pieces)

    @property
    def points(self) -> tuple[Point, ...]:
        """Points along the path that are close enough to measure and to bound it."""
        found = [self.start]
        for piece in self.pieces:
            found.extend(piece if len(piece) == 1 else _cubic(found[-1], *piece))
        return tuple(found)

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The straight pieces between the points."""
        return tuple(pairwise(self.points))

    def along(self, fraction: float) -> tuple[Point, Point]:
        """Return the point at a fraction of the length, and the direction (a unit) there.

        Examples
        --------
        >>> Path(0j).line_to(2, 2 + 2j).along(0.75)
        ((2+1j), 1j)
        """
        lengths = [abs(q - p) for p, q in self.segments]
        left = fraction * sum(lengths)
        for (p, q), length, reached in zip(
            self.segments, lengths, accumulate(lengths), strict=True
        ):
            if reached >= left - 1e-9:
                direction = (q - p) / length
                return q - direction * (reached - left), direction
        raise ValueError(f"A path has no point at the fraction {fraction!r} of its length.")


def _cubic(start: Point, *rest: Point) -> list[Point]:
    first, second, end = rest
    ts = [k / _SAMPLES for k in range(1, _SAMPLES + 1)]
    return [
        (1 - t) ** 3 * start
        + 3 * t * (1 - t) ** 2 * first
        + 3 * t**2 * (1 - t) * second
        + t**3 * end
        for t in ts
    ]


def distance(point: Point, segment: Segment) -> float:
    """Return the distance of a point from a straight segment.

    Examples
    --------
    >>> distance(1 + 1j, (0j, 3 + 0j)), distance(4j, (0j, 0j))
    (1.0, 4.0)
    """
    start, end = segment
    along = end - start
    if not along:
        return abs(point - start)
    fraction = ((point - start) * along.conjugate()).real / abs(along) ** 2
    return abs(point - start - min(1.0, max(0.0, fraction)) * along)


def clearance(point: Point, segments: Iterable[Segment]) -> float:
    """Return the distance of a point from the nearest of the segments, infinite for none."""
    return min((distance(point, segment) for segment in segments), default=float("inf"))


def first_clear(candidates: Iterable[T], room: Callable[[T], float], enough: float) -> T:
    """Return the first candidate with enough room, or else the one with the most."""
    seen: list[tuple[float, T]] = []
    for candidate in candidates:
        seen.append((room(candidate), candidate))
        if seen[-1][0] >= enough:
            return candidate
    return max(seen, key=itemgetter(0))[1]
