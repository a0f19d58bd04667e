"""Strokes as SVG, with all looks in attributes.

A style sheet inside an SVG would apply to the whole page of a notebook, and identifiers of
markers would clash between two pictures, so that neither is used: strokes of one style that
follow each other share a group, and arrow heads are triangles. The background is white, as
that of a plot, because a notebook may show the picture on black and cannot tell it so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from math import ceil

from diagrams.diagram import Branch
from diagrams.paths import Path, Point
from diagrams.skeletons import Kind
from diagrams.strokes import (
    Block,
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
from diagrams.tikz_text import short

_UNIT = 34.0  # pixels from site to site
_BORDER = 0.3  # of the picture, in units
_SCREEN = 1200  # pixels

_ROUND = 'fill="none" stroke-linecap="round"'
_PROPAGATOR = {
    branch: f'fill="{color}" stroke="{color}" stroke-width="1.5"'
    for branch, color in ((Branch.RETARDED, "#000"), (Branch.ADVANCED, "#0072b2"))
}
_BLOCK = {
    kind: f'fill="{shade}" stroke="#000" stroke-width="1.5" stroke-linejoin="round" '
    'fill-opacity="0.85"'
    for kind, shade in ((Kind.DIFFUSON, "#e6e6e6"), (Kind.COOPERON, "#ffe0b8"))
}
_DASHES = 'fill="none" stroke="#000" stroke-width="1.1" stroke-dasharray="4 3"'
_CROSS = f'{_ROUND} stroke="#000" stroke-width="1.4"'
_WAVE = f'{_ROUND} stroke="#000" stroke-width="1.2"'
_DOT = 'fill="#000"'
_FONT = "STIX Two Text, Times New Roman, Times, serif"
_ANCHORS = {-1: "end", 0: "middle", 1: "start"}
_SIZES = {Role.VERTEX: 16, Role.BRANCH: 11, Role.MODE: 16, Role.CAPTION: 12}
_WAVES, _AMPLITUDE = 4, 0.11  # periods of a wavy line, and the height of its control points
_ARM, _RADIUS, _PLATE = 3.0, 2.2, 9.5  # of a cross, a vertex, the ground of a letter; in pixels
_HEAD = (6.5 + 0j, -3.2 + 3j, -3.2 - 3j)  # of an arrow in the direction of 1; in pixels


@dataclass(frozen=True)
class _Tile:
    """A picture in pixels: its size and its elements, from the upper left corner."""

    width: int
    height: int
    elements: tuple[str, ...]

    def placed(self, x: int, y: int) -> list[str]:
        """Return the elements, moved to a place on a larger picture."""
        if not (x or y):
            return [*self.elements]
        return [f'<g transform="translate({x} {y})">', *self.elements, "</g>"]


def svg_text(found: Sequence[Stroke]) -> str:
    """Return the strokes as one `svg` element."""
    return svg_sheet([found])


def svg_sheet(pictures: Iterable[Sequence[Stroke]]) -> str:
    """Return pictures on a grid, as many beside each other as fit on a screen."""
    tiles = [_tile(found) for found in pictures]
    cell_width = max(tile.width for tile in tiles)
    cell_height = max(tile.height for tile in tiles)
    across = min(len(tiles), max(1, _SCREEN // cell_width))
    width, height = across * cell_width, -(-len(tiles) // across) * cell_height
    placed: list[str] = []
    for k, tile in enumerate(tiles):
        row, column = divmod(k, across)
        x = column * cell_width + (cell_width - tile.width) // 2
        # The captions of a row are on one line.
        placed += tile.placed(x, (row + 1) * cell_height - tile.height)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" font-family="{_FONT}">',
            '<rect width="100%" height="100%" fill="#fff"/>',
            *placed,
            "</svg>",
            "",
        ]
    )


def _tile(found: Sequence[Stroke]) -> _Tile:
    low, high = bounds(found)
    border = complex(_BORDER, _BORDER)
    low, high = low - border, high + border
    size = _UNIT * (high - low)
    origin = complex(low.real, high.imag)
    elements = _grouped(_element(stroke, origin) for stroke in found)
    return _Tile(ceil(size.real), ceil(size.imag), tuple(elements))


def _grouped(drawn: Iterable[tuple[str, str]]) -> Iterator[str]:
    for style, members in groupby(drawn, key=lambda pair: pair[0]):
        yield f"<g {style}>"
        yield from (element for _, element in members)
        yield "</g>"


def _element(stroke: Stroke, origin: Point) -> tuple[str, str]:
    """Return the style of a stroke, as attributes, and its element."""
    match stroke:
        case Propagator(path, branch):
            line, head = _curve(path, origin), _head(path, origin)
            element = f'<path d="{line}" fill="none"/>\n<path d="{head}" stroke="none"/>'
            return _PROPAGATOR[branch], element
        case Dashes(path):
            return _DASHES, f'<path d="{_curve(path, origin)}"/>'
        case Cross(at):
            return _CROSS, f'<path d="{_cross(_pixels(at, origin))}"/>'
        case Wave(path):
            return _WAVE, f'<path d="{_wave(path, origin)}"/>'
        case Block(outline, kind):
            return _BLOCK[kind], f'<path d="{_curve(outline, origin)}Z"/>'
        case Dot(at):
            return _DOT, _circle(_pixels(at, origin), _RADIUS)
        case Text():
            return _text(stroke, origin)


def _pixels(point: Point, origin: Point) -> Point:
    """Return the place on the screen, on which the second coordinate points down."""
    return _UNIT * (point - origin).conjugate()


def _pixel(number: float) -> str:
    return short(number, digits=1)


def _xy(point: Point) -> str:
    return f"{_pixel(point.real)} {_pixel(point.imag)}"


def _curve(path: Path, origin: Point) -> str:
    parts = [f"M{_xy(_pixels(path.start, origin))}"]
    for piece in path.pieces:
        points = " ".join(_xy(_pixels(point, origin)) for point in piece)
        parts.append(f"{'L' if len(piece) == 1 else 'C'}{points}")
    return "".join(parts)


def _head(path: Path, origin: Point) -> str:
    middle, direction = path.along(0.5)
    corners = [_pixels(middle, origin) + direction.conjugate() * corner for corner in _HEAD]
    return f"M{_xy(corners[0])}L{_xy(corners[1])} {_xy(corners[2])}Z"


def _cross(at: Point) -> str:
    arms = [_ARM * (1 + 1j), _ARM * (1 - 1j)]
    return "".join(f"M{_xy(at - arm)}L{_xy(at + arm)}" for arm in arms)


def _wave(path: Path, origin: Point) -> str:
    """Return a wave of quadratic half periods; T continues each with the mirrored next."""
    start, end = _pixels(path.start, origin), _pixels(path.end, origin)
    half = (end - start) / (2 * _WAVES)
    crest = start + half / 2 + _AMPLITUDE * _UNIT * 1j * half / abs(half)
    rest = "".join(f"T{_xy(start + k * half)}" for k in range(2, 2 * _WAVES + 1))
    return f"M{_xy(start)}Q{_xy(crest)} {_xy(start + half)}{rest}"


def _circle(at: Point, radius: float) -> str:
    return f'<circle cx="{_pixel(at.real)}" cy="{_pixel(at.imag)}" r="{_pixel(radius)}"/>'


def _text(text: Text, origin: Point) -> tuple[str, str]:
    at, size = _pixels(text.at, origin), _SIZES[text.role]
    # Not every reader of SVG knows dominant-baseline, so that the shift is explicit.
    place = f'x="{_pixel(at.real)}" y="{_pixel(at.imag + 0.33 * size)}"'
    spans = [_math(part) if i % 2 else escape(part) for i, part in enumerate(text.parts)]
    plate = f'{_circle(at, _PLATE)[:-2]} fill="#fff"/>' if text.role is Role.MODE else ""
    return (
        f'font-size="{size}" text-anchor="{_ANCHORS[text.side]}"',
        f"{plate}<text {place}>{''.join(spans)}</text>",
    )


def _math(part: str) -> str:
    """Return mathematics in italics, its subscripts small and lowered, its primes as primes."""
    plain = escape(part, quote=False).replace("'", "\N{PRIME}").replace(r"\,", "\N{THIN SPACE}")
    base, *rest = re.split(r"_(?:\{(.*?)\}|(.))", plain)
    spans = [f'<tspan font-style="italic">{base}</tspan>']
    for braced, single, following in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        spans.append(f'<tspan dy="0.25em" font-size="70%">{braced or single}</tspan>')
        spans.append(f'<tspan dy="-0.175em" font-style="italic">{following}</tspan>')
    return "".join(spans)
