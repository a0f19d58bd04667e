"""Named diagrams, predicates that recognise them, and time reversal of a string.

In a bubble the retarded string runs from x to y and the advanced one back from y to x. A
ladder therefore meets the same scatterers in opposite order along the two arrows. As
trajectories they are parallel, because the advanced Green function is the conjugate of the
electron's path and is run backwards: the two waves visit the scatterers one after the other
together. In a maximally crossed diagram the second wave visits them in the reverse order.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from diagrams.diagram import Branch, Diagram, Line, Lines, Site
from diagrams.matchings import BUBBLE


def _bubble(n_rungs: int, lines: Lines) -> Diagram:
    return Diagram(tuple(replace(string, sites=n_rungs) for string in BUBBLE), lines)


def ladder(n_rungs: int) -> Diagram:
    """Return the bubble with `n_rungs` parallel rungs, the n-th term of the diffuson.

    Examples
    --------
    >>> print(ladder(3))
    R[x 1 2 3 y] A[y 3 2 1 x]
    """
    lines = tuple((Site(0, i), Site(1, n_rungs - 1 - i)) for i in range(n_rungs))
    return _bubble(n_rungs, lines)


def maximally_crossed(n_rungs: int) -> Diagram:
    """Return the bubble whose `n_rungs` rungs all cross each other (Langer and Neal 1966).

    Examples
    --------
    >>> print(maximally_crossed(3))
    R[x 1 2 3 y] A[y 1 2 3 x]
    """
    return _bubble(n_rungs, tuple((Site(0, i), Site(1, i)) for i in range(n_rungs)))


def dress(diagram: Diagram, string: int) -> Diagram:
    """Return the diagram with one more line, around all sites of one string.

    Applied to a maximally crossed diagram this makes the dressed partners of the Hikami box.

    Examples
    --------
    >>> print(dress(maximally_crossed(2), 0))
    R[x 1 2 3 1 y] A[y 2 3 x]
    """
    old = diagram.strings[string]
    shifted = tuple(
        tuple(Site(s, i + 1) if s == string else Site(s, i) for s, i in line)
        for line in diagram.lines
    )
    strings = list(diagram.strings)
    strings[string] = replace(old, sites=old.sites + 2)
    around = (Site(string, 0), Site(string, old.sites + 1))
    return Diagram(tuple(strings), (around, *shifted))


def reverse(diagram: Diagram, string: int) -> Diagram:
    """Return the diagram with one string run backwards, and its vertices swapped with it.

    With time-reversal symmetry ``G(r, r') = G(r', r)``, so that the two diagrams have equal
    values (a current vertex changes its sign with the direction of the string). Reversing
    twice gives the diagram back.

    Examples
    --------
    >>> print(reverse(maximally_crossed(3), 1))
    R[x 1 2 3 y] A[x 3 2 1 y]
    """
    old = diagram.strings[string]
    strings = list(diagram.strings)
    strings[string] = replace(old, start=old.end, end=old.start)
    lines = tuple(
        tuple(Site(s, old.sites - 1 - i) if s == string else Site(s, i) for s, i in line)
        for line in diagram.lines
    )
    return Diagram(tuple(strings), lines)


def is_rung_only(lines: Lines) -> bool:
    """Return whether every line joins different strings (hereditary)."""
    return all(len({site.string for site in line}) == len(line) for line in lines)


def is_non_crossing(lines: Lines) -> bool:
    """Return whether no two lines cross inside the loop (hereditary).

    The sites are taken string by string along the arrows, which is the order around the
    loop for a density of states and for a bubble.
    """
    return not any(cross(one, other) for one, other in combinations(lines, 2))


def cross(one: Line, other: Line) -> bool:
    """Return whether two lines separate each other on the loop."""
    return any(
        a < c < b < d or c < a < d < b
        for a, b in combinations(sorted(one), 2)
        for c, d in combinations(sorted(other), 2)
    )


def is_free_of_self_energies(lines: Lines) -> bool:
    """Return whether no run of neighbouring sites on one string is closed (hereditary)."""
    return self_energy(lines) is None


def self_energy(lines: Lines) -> Lines | None:
    """Return the lines of the first smallest self-energy insertion, or None.

    An insertion is a run of neighbouring sites on one string whose lines all end within the
    run: cutting the string before and after the run cuts it out of the diagram.
    """
    owner = {site: line for line in lines for site in line}
    for site in sorted(owner):
        found = _closed_run(site, owner)
        if found:
            return found
    return None


def _closed_run(first: Site, owner: dict[Site, Line]) -> Lines | None:
    position = last = first.position
    inside: dict[Line, None] = {}
    while position <= last:
        line = owner.get(Site(first.string, position))
        if line is None or any(s != first.string or i < first.position for s, i in line):
            return None
        inside[line] = None
        last = max(last, *(i for _, i in line))
        position += 1
    return tuple(inside)


def is_ladder(diagram: Diagram) -> bool:
    """Return whether a retarded and an advanced string meet all rungs in opposite order."""
    return _two_branches(diagram) and diagram.lines == ladder(len(diagram.lines)).lines


def is_maximally_crossed(diagram: Diagram) -> bool:
    """Return whether a retarded and an advanced string meet all rungs in the same order."""
    return _two_branches(diagram) and diagram.lines == maximally_crossed(len(diagram.lines)).lines


def _two_branches(diagram: Diagram) -> bool:
    return [s.branch for s in diagram.strings] == [Branch.RETARDED, Branch.ADVANCED]
