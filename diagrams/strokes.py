"""What a picture is made of: strokes that TikZ and SVG both know how to draw.

A stroke says what it means (a retarded propagator, an impurity) and where it is; how it looks
is up to the styles of the output format.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from diagrams.diagram import Branch
from diagrams.paths import Path, Point
from diagrams.skeletons import Kind


@dataclass(frozen=True)
class Propagator:
    """A Green function between two impurities or vertices, with its arrow in the middle."""

    path: Path
    branch: Branch


@dataclass(frozen=True)
class Dashes:
    """An impurity line or one leg of it."""

    path: Path


@dataclass(frozen=True)
class Cross:
    """The impurity on a line."""

    at: Point


@dataclass(frozen=True)
class Dot:
    """An external vertex."""

    at: Point


@dataclass(frozen=True)
class Wave:
    """An external field or current that enters at a vertex."""

    path: Path


@dataclass(frozen=True)
class Block:
    """The shaded area of a soft mode."""

    outline: Path
    kind: Kind


class Role(Enum):
    """What a text is for, which sets its size."""

    VERTEX = "vertex label"
    BRANCH = "branch label"
    MODE = "mode label"
    CAPTION = "caption"


@dataclass(frozen=True)
class Text:
    """A text at a point; every second one of its parts is mathematics.

    It is centred for `side` 0, begins at the point for 1, and ends there for -1.

    Mathematics is letters, digits, signs, primes, thin spaces and subscripts, of one
    character or of braces: a small part of TeX that SVG can follow.
    """

    at: Point
    parts: tuple[str, ...]
    role: Role
    side: int = 0


Caption = tuple[tuple[str, ...], ...]  # lines, each in parts like those of a `Text`
Stroke = Propagator | Dashes | Cross | Dot | Wave | Block | Text

# Width of a letter and half its height, generously: the fonts are not known here.
_LETTER = {Role.VERTEX: 0.25, Role.BRANCH: 0.2, Role.MODE: 0.3, Role.CAPTION: 0.2}


def bounds(found: Iterable[Stroke]) -> tuple[Point, Point]:
    """Return the lower left and upper right corner of what the strokes cover."""
    points = [point for stroke in found for point in _extent(stroke)]
    xs, ys = [p.real for p in points], [p.imag for p in points]
    return complex(min(xs), min(ys)), complex(max(xs), max(ys))


def _extent(stroke: Stroke) -> tuple[Point, ...]:
    match stroke:
        case Propagator(path) | Dashes(path) | Wave(path) | Block(path):
            return path.points
        case Text(at, parts, role, side):
            half = complex(len("".join(parts)) / 2, 1) * _LETTER[role]
            middle = at + side * half.real
            return middle - half, middle + half
        case _:
            return (stroke.at,)
