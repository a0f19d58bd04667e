"""The skeleton of a diagram: self-energies removed, runs of rungs contracted to soft modes.

A run of rungs that the electron and the conjugate wave meet in the same order in time is a
diffuson, a run met in opposite order a Cooperon. In terms of the arrows on the strings the
rungs of a diffuson are met in opposite order and those of a Cooperon in the same, because
the advanced string carries its arrow against the path of the conjugate wave.

The power of 1/(k_F l) is read off the skeleton and not off the number of crossings: n
maximally crossed lines have n(n-1)/2 crossings and are of first order for every n.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import compress, pairwise, permutations, product
from operator import itemgetter
from typing import NamedTuple

from diagrams.diagram import Branch, Diagram, Line, Site, String, remove_lines
from diagrams.faces import face_count, loops
from diagrams.families import self_energy


class Kind(Enum):
    """The two soft modes of a disordered conductor."""

    DIFFUSON = "diffuson"
    COOPERON = "Cooperon"


@dataclass(frozen=True)
class SoftMode:
    """A run of `rungs` impurity lines, contracted to the line `line` of the skeleton."""

    kind: Kind
    line: Line
    rungs: int


@dataclass(frozen=True)
class Skeleton:
    """A contracted diagram, its soft modes, and its order in 1/(k_F l).

    The order is relative to the diagram's loops without any interference: 0 for the Drude
    bubble and its ladders, 1 for the maximally crossed diagrams and for the two diagrams with
    a dressed Hikami box, 2 for a connected pair of bubbles (conductance fluctuations). Self
    energies count as part of the propagator, whatever they contain.
    """

    diagram: Diagram
    modes: tuple[SoftMode, ...]
    order: int

    @property
    def diffusons(self) -> int:
        """The number of diffusons."""
        return sum(mode.kind is Kind.DIFFUSON for mode in self.modes)

    @property
    def cooperons(self) -> int:
        """The number of Cooperons."""
        return sum(mode.kind is Kind.COOPERON for mode in self.modes)

    def _repr_svg_(self) -> str:
        """Return the picture that a notebook shows, with the soft modes as shaded blocks."""
        # Drawing builds on this module.
        from diagrams.drawing import svg

        return svg(self)


def strip_self_energies(diagram: Diagram) -> Diagram:
    """Return the diagram without its self-energy insertions, nested ones included.

    Examples
    --------
    >>> from diagrams.notation import parse
    >>> print(strip_self_energies(parse("R[x 1 2 2 1 3 y] A[y 3 x]")))
    R[x 1 y] A[y 1 x]
    """
    while insertion := self_energy(diagram.lines):
        diagram = remove_lines(diagram, insertion)
    return diagram


def skeleton(diagram: Diagram) -> Skeleton:
    """Return the skeleton of a diagram with Gaussian impurity lines.

    A rung that stands alone is the first term of a diffuson and of a Cooperon; it is read as
    the one that leaves the diagram larger, and as a diffuson where both are equal.

    Raises
    ------
    NotImplementedError
        A line joins three or more sites, or too many lines stand alone.

    Examples
    --------
    >>> from diagrams.families import dress, maximally_crossed
    >>> dressed = skeleton(dress(maximally_crossed(5), 0))
    >>> print(dressed.diagram, dressed.cooperons, dressed.order)
    R[x 1 2 1 y] A[y 2 x] 1 1
    """
    contracted, runs = _contract(strip_self_energies(diagram))
    _check_feasible(sum(run.kind is None for run in runs.values()))
    against = _lines_walked_against(contracted)
    choices = product(*(_twists(runs[line].kind, line in against) for line in contracted.lines))
    faces, twisted = _most_faces(contracted, choices)
    modes = tuple(
        SoftMode(_KINDS[(line in twisted) ^ (line in against)], line, runs[line].rungs)
        for line in contracted.lines
        if len({contracted.branch(site) for site in line}) == 2
    )
    order = len(loops(contracted)) + len(contracted.lines) - faces
    return Skeleton(contracted, modes, order)


def _check_feasible(lone_lines: int) -> None:
    # Each lone line doubles the work; 14 of them take some seconds.
    if lone_lines > 14:
        raise NotImplementedError(
            f"The order of a skeleton is found by twisting its lone lines in all ways, but "
            f"{lone_lines} of them make {2**lone_lines}; use a diagram with at most 14."
        )


_KINDS = (Kind.DIFFUSON, Kind.COOPERON)  # by whether the ribbon has a half twist


def _twists(kind: Kind | None, against: bool) -> tuple[bool, ...]:
    """Return the half twists that a line may have: both ways if it is not yet a mode."""
    return (False, True) if kind is None else ((kind is Kind.COOPERON) ^ against,)


def _lines_walked_against(diagram: Diagram) -> set[Line]:
    """Return the lines with one end on a string that its loop walks against the arrow."""
    backwards = {s for loop in loops(diagram) for s, forward in loop if not forward}
    return {line for line in diagram.lines if sum(site.string in backwards for site in line) == 1}


def _most_faces(
    diagram: Diagram, choices: Iterable[tuple[bool, ...]]
) -> tuple[int, frozenset[Line]]:
    options = [frozenset(compress(diagram.lines, choice)) for choice in choices]
    # max keeps the first of equals, which reads a lone rung as a diffuson.
    return max(((face_count(diagram, twisted), twisted) for twisted in options), key=itemgetter(0))


class _Run(NamedTuple):
    kind: Kind | None  # None for a line that stands alone
    rungs: int


def _contract(diagram: Diagram) -> tuple[Diagram, dict[Line, _Run]]:
    number = {site: n for n, line in enumerate(diagram.lines) for site in line}
    words = [
        [number[Site(s, i)] for i in range(string.sites)]
        for s, string in enumerate(diagram.strings)
    ]
    runs = dict.fromkeys(range(len(diagram.lines)), _Run(None, 1))
    for kind in Kind:
        while pair := next(_neighbours(diagram, words, runs, kind), None):
            kept, merged = pair
            runs[kept] = _Run(kind, runs[kept].rungs + runs.pop(merged).rungs)
            words = [[n for n in word if n != merged] for word in words]
    merged_lines = [line for n, line in enumerate(diagram.lines) if n not in runs]
    contracted = remove_lines(diagram, merged_lines)
    # Removing lines moves sites up but keeps the order of the lines that stay.
    in_order = (runs[n] for n in sorted(runs))
    return contracted, dict(zip(contracted.lines, in_order, strict=True))


def _neighbours(
    diagram: Diagram, words: list[list[int]], runs: dict[int, _Run], kind: Kind
) -> Iterator[tuple[int, int]]:
    """Yield pairs of rungs that follow each other on both strings in the order of `kind`."""
    followed = [set(pairwise(word)) for word in words]
    for s, t in permutations(range(len(words)), 2):
        if diagram.strings[s].branch is diagram.strings[t].branch:
            continue
        for a, b in sorted(followed[s]):
            there = (b, a) if kind is Kind.DIFFUSON else (a, b)
            if there in followed[t] and {runs[a].kind, runs[b].kind} <= {None, kind}:
                yield a, b


def cut_modes(contracted: Skeleton) -> Diagram:
    """Return the hard parts (Hikami boxes) that are left when the soft modes are cut out.

    The k-th mode leaves two vertices, D1 and D1' for a diffuson and C1 and C1' for a Cooperon
    with k = 1, where its momentum enters; the retarded string meets the unprimed one first.

    Examples
    --------
    >>> from diagrams.families import ladder, maximally_crossed
    >>> print(cut_modes(skeleton(maximally_crossed(3))))
    R[x C1] R[C1' y] A[y C1] A[C1' x]
    >>> print(cut_modes(skeleton(ladder(3))))
    R[x D1] R[D1' y] A[y D1'] A[D1 x]
    """
    exits: dict[Site, tuple[str, str]] = {}
    for k, mode in enumerate(contracted.modes, 1):
        first = f"{mode.kind.value[0].upper()}{k}"
        last = f"{first}'"
        for site in mode.line:
            retarded = contracted.diagram.branch(site) is Branch.RETARDED
            along = retarded or mode.kind is Kind.COOPERON
            exits[site] = (first, last) if along else (last, first)
    return _cut(contracted.diagram, exits)


def _cut(diagram: Diagram, exits: dict[Site, tuple[str, str]]) -> Diagram:
    owner = {site: line for line in diagram.lines for site in line}
    pieces: list[String] = []
    left: dict[Line, list[Site]] = {}
    for s, string in enumerate(diagram.strings):
        start, count = string.start, 0
        for site in (Site(s, i) for i in range(string.sites)):
            if site in exits:
                pieces.append(String(string.branch, count, start, exits[site][0]))
                start, count = exits[site][1], 0
            else:
                left.setdefault(owner[site], []).append(Site(len(pieces), count))
                count += 1
        pieces.append(String(string.branch, count, start, string.end))
    return Diagram(tuple(pieces), tuple(tuple(line) for line in left.values()))
