"""Diagrams as data: which impurity line ends where on which Green function.

Expanding ``G = G0 + G0 V G0 + ...`` puts the potential at ordered positions along a line.
A disorder-averaged diagram is therefore a few strings (Green functions between external
vertices) and a partition of their ordered sites, and every partition is a distinct diagram
of weight one: there are no symmetry factors and no isomorphisms to search for.

Nothing here knows of momenta, energies or SymPy; `diagrams.rules` supplies the meaning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Branch(Enum):
    """The side of the real energy axis on which a Green function is analytic.

    A retarded Green function is analytic in the upper half plane of energy.
    """

    RETARDED = "R"
    ADVANCED = "A"


class Site(NamedTuple):
    """A place where an impurity line ends: the string's index and the position along it."""

    # A tuple and not a dataclass: the 135135 bubbles of order six sort ten times faster.
    string: int
    position: int

    def __str__(self) -> str:
        return f"({self.string}, {self.position})"


Line = tuple[Site, ...]
Lines = tuple[Line, ...]


@dataclass(frozen=True)
class String:
    """One Green function with `sites` impurity sites, from vertex `start` to vertex `end`.

    The arrow from start to end is the direction in which the electron's momentum is
    counted; the sites 0, 1, ... follow each other along it.
    """

    branch: Branch
    sites: int
    start: str
    end: str

    def __post_init__(self) -> None:
        if not isinstance(self.branch, Branch):
            raise TypeError(
                f"A string is on Branch.RETARDED or Branch.ADVANCED, not on {self.branch!r}."
            )
        if not isinstance(self.sites, int) or self.sites < 0:
            raise ValueError(f"A string has 0, 1, 2, ... sites, not {self.sites!r}.")


@dataclass(frozen=True)
class Diagram:
    """Strings and the impurity lines between their sites.

    A pair of sites is a line of Gaussian disorder, a longer tuple a higher cumulant. Each
    external vertex joins two string ends, so that a bubble is two strings between the
    vertices x and y, a density of states one string that returns to where it began, and a
    conductance fluctuation four strings. The lines are kept in sorted order: two diagrams
    are equal when they are the same diagram.

    Raises
    ------
    ValueError
        A site is named twice, unpaired or absent, a line has a single site, or a vertex
        does not join two string ends.

    Examples
    --------
    >>> rung = (Site(0, 0), Site(1, 0))
    >>> electron = String(Branch.RETARDED, 1, "x", "y")
    >>> hole = String(Branch.ADVANCED, 1, "y", "x")
    >>> print(Diagram((electron, hole), (rung,)))
    R[x 1 y] A[y 1 x]
    """

    strings: tuple[String, ...]
    lines: Lines = ()

    def __post_init__(self) -> None:
        lines = tuple(sorted(tuple(sorted(Site(*site) for site in line)) for line in self.lines))
        object.__setattr__(self, "strings", tuple(self.strings))
        object.__setattr__(self, "lines", lines)
        _check_vertices(self.strings)
        _check_lines(lines, self.sites)

    @property
    def sites(self) -> tuple[Site, ...]:
        """All sites, string by string."""
        return tuple(
            Site(s, i) for s, string in enumerate(self.strings) for i in range(string.sites)
        )

    @property
    def vertices(self) -> tuple[str, ...]:
        """The labels of the external vertices, in the order of their first appearance."""
        ends = (label for string in self.strings for label in (string.start, string.end))
        return tuple(dict.fromkeys(ends))

    def branch(self, site: Site) -> Branch:
        """Return the branch of the string that carries `site`."""
        return self.strings[site.string].branch

    def __str__(self) -> str:
        number = {site: str(n) for n, line in enumerate(self.lines, 1) for site in line}
        return " ".join(
            f"{string.branch.value}[{' '.join((string.start, *marks, string.end))}]"
            for s, string in enumerate(self.strings)
            for marks in [[number[Site(s, i)] for i in range(string.sites)]]
        )

    def _repr_svg_(self) -> str:
        """Return the picture that a notebook shows."""
        # Drawing builds on this module.
        from diagrams.drawing import svg

        return svg(self)


def _check_vertices(strings: tuple[String, ...]) -> None:
    if not strings:
        raise ValueError("A diagram needs at least one string.")
    for string in strings:
        if not isinstance(string, String):
            raise TypeError(f"The strings of a diagram are String objects, not {string!r}.")
    ends = Counter(label for string in strings for label in (string.start, string.end))
    loose = [f"{label!r} ({count})" for label, count in ends.items() if count != 2]
    if loose:
        raise ValueError(
            "Every vertex joins two string ends, so the strings do not meet at: "
            f"{', '.join(loose)} (number of ends in brackets)."
        )


def _check_lines(lines: Lines, sites: tuple[Site, ...]) -> None:
    named = [site for line in lines for site in line]
    if sorted(named) == list(sites) and all(len(line) > 1 for line in lines):
        return
    _refuse([s for s, count in Counter(named).items() if count > 1], "named more than once")
    _refuse(set(named) - set(sites), "not on any string")
    _refuse(set(sites) - set(named), "not paired by any line")
    _refuse([line[0] for line in lines if len(line) == 1], "alone on their line")
    raise ValueError("A line needs at least two sites, so it cannot be empty.")


def _refuse(sites: Iterable[Site], fault: str) -> None:
    listed = ", ".join(str(site) for site in sorted(sites))
    if listed:
        raise ValueError(
            f"Each site (string, position) belongs to one line of two or more; {fault}: {listed}."
        )


def remove_lines(diagram: Diagram, lines: Iterable[Line]) -> Diagram:
    """Return the diagram without `lines`; the sites behind a removed one move up."""
    gone = set(lines)
    kept = [line for line in diagram.lines if line not in gone]
    remaining = sorted(site for line in kept for site in line)
    seen: Counter[int] = Counter()
    place: dict[Site, Site] = {}
    for site in remaining:
        place[site] = Site(site.string, seen[site.string])
        seen[site.string] += 1
    strings = tuple(
        String(string.branch, seen[s], string.start, string.end)
        for s, string in enumerate(diagram.strings)
    )
    return Diagram(strings, tuple(tuple(place[site] for site in line) for line in kept))
