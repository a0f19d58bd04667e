"""The parts of a layout: the course of each string, and the external vertices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from diagrams.diagram import Site
from diagrams.paths import Path, Point


@dataclass(frozen=True)
class Rail:
    """The course of one string, from vertex to vertex along its arrow.

    Attributes
    ----------
    origin, direction, length
        The straight part; `direction` is a unit along the arrow.
    normal
        The unit towards the side on which arcs are drawn.
    lead_in, lead_out
        The curves from the first vertex to the rail and from the rail to the last vertex.
    marks
        The distance of each site from the origin.
    label
        Where the letter of the branch goes.
    """

    origin: Point
    direction: Point
    length: float
    normal: Point
    lead_in: Path
    lead_out: Path
    marks: tuple[float, ...]
    label: Point

    def at(self, distance: float, height: float = 0.0) -> Point:
        """Return the point at a distance along the rail and a height on the side of the arcs."""
        return self.origin + distance * self.direction + height * self.normal

    @property
    def end(self) -> Point:
        """The point where the straight part ends."""
        return self.at(self.length)

    @property
    def path(self) -> Path:
        """The whole course."""
        return self.lead_in.line_to(self.end).then(self.lead_out)

    def shifted(self, offset: Point) -> Rail:
        """Return the rail moved by `offset`."""
        return replace(
            self,
            origin=self.origin + offset,
            lead_in=self.lead_in.shifted(offset),
            lead_out=self.lead_out.shifted(offset),
            label=self.label + offset,
        )


@dataclass(frozen=True)
class Ending:
    """An external vertex: its label, its place, the unit that points out of the loop.

    `external` tells whether a field or current enters here, drawn as a wavy line.
    """

    label: str
    at: Point
    outward: Point
    external: bool

    def shifted(self, offset: Point) -> Ending:
        """Return the vertex moved by `offset`."""
        return replace(self, at=self.at + offset)


def is_cut_end(label: str) -> bool:
    """Return whether a vertex is one of those that `cut_modes` leaves, C1, D2', ..."""
    return re.fullmatch(r"[CD]\d+'?", label) is not None


@dataclass(frozen=True)
class Layout:
    """The rails, by the index of their string, and the vertices."""

    rails: Mapping[int, Rail]
    endings: tuple[Ending, ...]

    def place(self, site: Site, height: float = 0.0) -> Point:
        """Return the point of a site, or the point at a height above it."""
        rail = self.rails[site.string]
        return rail.at(rail.marks[site.position], height)

    def shifted(self, offset: Point) -> Layout:
        """Return the layout moved by `offset`."""
        rails = {s: rail.shifted(offset) for s, rail in self.rails.items()}
        return Layout(rails, tuple(ending.shifted(offset) for ending in self.endings))

    @property
    def interval(self) -> tuple[float, float]:
        """The least and greatest abscissa of the strings."""
        reached = [point.real for rail in self.rails.values() for point in rail.path.points]
        return min(reached), max(reached)
