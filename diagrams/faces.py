"""Counting the faces of a diagram drawn with ribbons, which fixes its power of 1/(k_F l).

Widen every impurity line to a ribbon glued to the loop of Green functions. Each face of the
resulting surface is a momentum that can be chosen freely on the Fermi shell, and gives a
factor nu; each line gives 1/(2 pi nu tau). A planar diagram with n lines has n + 1 faces and
every missing face costs one power of 1/(k_F l). Time reversal lets a momentum and its
opposite share a face, so a ribbon may be glued with a half twist; a maximally crossed diagram
with all ribbons twisted has n faces, one less than the ladder.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from diagrams.diagram import Diagram, Line, Site

End = tuple[int, bool]  # a string, and whether this is the end at which its arrow starts
Edge = tuple[Site, str]  # a site, and the side of it ("before" or "after") along the loop


def loops(diagram: Diagram) -> list[list[End]]:
    """Return the closed loops as lists of (string, whether it is walked along its arrow).

    Examples
    --------
    >>> from diagrams.notation import parse
    >>> loops(parse("R[x y] A[y x]"))
    [[(0, True), (1, True)]]
    >>> loops(parse("R[x y] A[x y]"))
    [[(0, True), (1, False)]]
    """
    meeting: dict[str, list[End]] = defaultdict(list)
    for s, string in enumerate(diagram.strings):
        meeting[string.start].append((s, True))
        meeting[string.end].append((s, False))
    found: list[list[End]] = []
    seen: set[int] = set()
    for s in range(len(diagram.strings)):
        if s not in seen:
            found.append(_loop_from((s, True), diagram, meeting))
            seen.update(string for string, _ in found[-1])
    return found


def _loop_from(
    first: End, diagram: Diagram, meeting: dict[str, list[End]]
) -> list[tuple[int, bool]]:
    walk: list[End] = []
    entered = first
    while not walk or entered != first:
        walk.append(entered)
        s, forward = entered
        left = (s, not forward)
        vertex = diagram.strings[s].end if forward else diagram.strings[s].start
        one, other = meeting[vertex]
        entered = other if left == one else one
    return walk


def walked_sites(diagram: Diagram) -> list[list[Site]]:
    """Return the sites of each closed loop in the order in which it meets them."""
    return [
        [
            Site(s, i)
            for s, forward in loop
            for i in range(diagram.strings[s].sites)[:: 1 if forward else -1]
        ]
        for loop in loops(diagram)
    ]


def face_count(diagram: Diagram, twisted: Collection[Line] = ()) -> int:
    """Return the number of faces when the ribbons of the lines `twisted` have a half twist.

    Examples
    --------
    >>> from diagrams.families import ladder, maximally_crossed
    >>> face_count(ladder(4))
    5
    >>> crossed = maximally_crossed(4)
    >>> face_count(crossed), face_count(crossed, crossed.lines)
    (1, 4)
    """
    around = walked_sites(diagram)
    along_loop = _pair_up(
        ((site, "after"), (following, "before"))
        for loop in around
        for site, following in zip(loop, loop[1:] + loop[:1], strict=True)
    )
    across_line = _pair_up(
        edges for line in diagram.lines for edges in _ribbon(line, line in twisted)
    )
    return _cycle_count(along_loop, across_line) + sum(not loop for loop in around)


def _ribbon(line: Line, twist: bool) -> list[tuple[Edge, Edge]]:
    if len(line) != 2:
        raise NotImplementedError(
            f"Faces are counted for lines of two sites, but a line joins {len(line)} of them."
        )
    a, b = line
    if twist:
        return [((a, "before"), (b, "before")), ((a, "after"), (b, "after"))]
    return [((a, "before"), (b, "after")), ((a, "after"), (b, "before"))]


def _pair_up(pairs: Iterable[tuple[Edge, Edge]]) -> dict[Edge, Edge]:
    return {one: other for a, b in pairs for one, other in ((a, b), (b, a))}


def _cycle_count(along_loop: dict[Edge, Edge], across_line: dict[Edge, Edge]) -> int:
    unseen, cycles = set(along_loop), 0
    while unseen:
        edge = next(iter(unseen))
        cycles += 1
        while edge in unseen:
            partner = along_loop[edge]
            unseen -= {edge, partner}
            edge = across_line[partner]
    return cycles
