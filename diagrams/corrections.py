"""The interference corrections to the conductivity, found by enumeration.

An interference correction of order n is a bubble that is smaller than the Drude bubble by
n powers of 1/(k_F l) and has n slow momenta to integrate over, so that each power is
multiplied by a divergent sum over a soft mode. The soft modes are contracted; they join
Hikami boxes, loops of Green functions that alternate between retarded and advanced. The
number of slow momenta is modes - boxes + 1.

What is generated are all bubbles whose impurity lines stand for themselves if they return to
their own string and for a diffuson or a Cooperon of two or more rungs if they do not. A soft
mode of a single rung is not distinguished: its rung is the first term of both kinds. Left out
are

* bubbles in which two neighbouring modes would merge into one, or with a self-energy;
* a diffuson that begins at an external vertex: it multiplies the vertex by tau_tr/tau;
* hard lines that cut a closed loop of Green functions of one branch out of a box: its poles
  lie on one side of the real axis, and its integral over xi is zero.

A box with 2p corners then carries at most p - 1 hard lines, because every face of it needs
two corners at which the branch changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product
from math import factorial

from diagrams.diagram import Branch, Diagram, Line, Lines, Site
from diagrams.faces import face_count, loops
from diagrams.families import is_free_of_self_energies, is_rung_only
from diagrams.matchings import bubble_diagrams, count_bubbles
from diagrams.momenta import route
from diagrams.skeletons import Kind, Skeleton, SoftMode, cut_modes

Reading = Mapping[Line, Kind]  # the kind of soft mode that each rung stands for

_LARGEST_ORDER, _LARGEST_FAMILY_ORDER = 2, 3


def interference_corrections(order: int = 1, time_reversal: bool = True) -> tuple[Skeleton, ...]:
    """Return all interference corrections of an order, with the hard lines of their boxes.

    Parameters
    ----------
    order
        1 is weak localization, the bare Hikami box with a Cooperon and its two dressed
        partners. 2 is the second loop: three modes between two boxes of four corners, or
        two modes on one box of six corners.
    time_reversal
        False leaves out Cooperons (unitary class): nothing at order 1; at order 2 the
        three-diffuson and two-diffuson diagrams.

    Returns
    -------
    tuple of Skeleton
        Each soft mode counts two rungs, the fewest that identify its kind. There are 3 at
        order 1 and 109 at order 2 (25 without time reversal): each of the
        `interference_families` with the 3 dressings of a box with four corners (after
        Hikami, Phys. Rev. B 24, 2671 (1981)) and the 16 = 1 + 6 + 9 of one with six, which
        are the sets of diagonals between sides of one branch that do not cross. The totals
        are counted here and not compared with a published number; that none is missing
        shows in the values, which cancel within each family between density vertices.

    Raises
    ------
    ValueError
        The order is not 1 or 2; the message says how many bubbles would have to be visited.

    Examples
    --------
    >>> for skeleton in interference_corrections():
    ...     print(skeleton.diagram, skeleton.cooperons)
    R[x 1 y] A[y 1 x] 1
    R[x 1 y] A[y 2 1 2 x] 1
    R[x 1 2 1 y] A[y 2 x] 1
    """
    lines = most_lines(order)
    _check_order(order, _LARGEST_ORDER, [count_bubbles(n) for n in range(1, lines + 1)])
    found = _corrections(order, lines, is_free_of_self_energies)
    return tuple(s for s in found if time_reversal or not s.cooperons)


def interference_families(order: int, time_reversal: bool = True) -> tuple[Skeleton, ...]:
    """Return the corrections without hard lines: the ways to link bare boxes by soft modes.

    They correspond one to one to the families of trajectory pairs in the semiclassical theory
    of chaotic conductors, where a box with 2p corners is an encounter of p stretches and a
    soft mode a stretch of the path between encounters. With time reversal there is 1 at first
    order (the pair of Sieber and Richter), and at second order 5 with two boxes and 4 with
    one; without it 0, then 1 and 1. At third order there are 41, 60 and 20 with three, two
    and one box. Source of the correspondence: after Heusler, Müller, Braun, Haake, Phys. Rev.
    Lett. 96, 066804 (2006); the tests count trajectory pairs from their definition.

    With the sign -1 for each box they add up to the coefficients in 1/N of the random-matrix
    conductance of a cavity: (-1)^order of N_1 N_2/(N + 1) with time reversal, 0 of N_1 N_2/N
    without, where the two second-loop diagrams cancel.

    One of the five is reducible, two Cooperons with a diffuson between them. Its diffuson
    carries zero momentum, and with current vertices the diagram vanishes.

    Parameters
    ----------
    order
        1, 2 or 3.
    time_reversal
        False leaves out Cooperons.

    Examples
    --------
    >>> for skeleton in interference_families(2, time_reversal=False):
    ...     print(skeleton.diagram, skeleton.diffusons)
    R[x 1 2 y] A[y 1 2 x] 2
    R[x 1 2 3 y] A[y 1 2 3 x] 3
    """
    modes = 2 * order - 1
    readings = [factorial(n) * 2**n for n in range(1, modes + 1)]
    _check_order(order, _LARGEST_FAMILY_ORDER, readings)
    found = _corrections(order, modes, is_rung_only)
    return tuple(s for s in found if time_reversal or not s.cooperons)


def box_count(skeleton: Skeleton) -> int:
    """Return the number of Hikami boxes: the loops left when the soft modes are cut out."""
    return len(loops(cut_modes(skeleton)))


def most_lines(order: int) -> int:
    """Return the largest number of contracted lines of a correction: 3 order - 1.

    There are at most `order` boxes, hence 2 order - 1 modes; the corners of the boxes are the
    ends of the modes and the two vertices, which leaves room for `order` hard lines.
    """
    return 3 * order - 1


def _check_order(order: int, largest: int, diagrams: Sequence[int]) -> None:
    """Refuse an order; `diagrams` are the numbers to be visited with 1, 2, ... lines."""
    if order < 1:
        raise ValueError(f"The order of an interference correction is 1, 2, ..., not {order}.")
    if order > largest:
        raise ValueError(
            f"Order {order} would be a search among {sum(diagrams)} diagrams with up to "
            f"{len(diagrams)} impurity lines; choose an order up to {largest}."
        )


def _corrections(order: int, lines: int, keep: Callable[[Lines], bool]) -> Iterator[Skeleton]:
    for n in range(1, lines + 1):
        for diagram in bubble_diagrams(n, keep):
            for reading in _readings(diagram, order):
                skeleton = _contracted(diagram, reading, order)
                if skeleton:
                    yield skeleton


def _readings(diagram: Diagram, order: int) -> Iterator[Reading]:
    rungs = [line for line in diagram.lines if line[0].string != line[1].string]
    # Modes and hard lines of a correction: see most_lines.
    if order <= len(rungs) < 2 * order and len(diagram.lines) - len(rungs) <= order:
        for kinds in product(Kind, repeat=len(rungs)):
            reading = dict(zip(rungs, kinds, strict=True))
            if not _merges(diagram, reading) and not _dresses_a_vertex(diagram, reading):
                yield reading


def _merges(diagram: Diagram, reading: Reading) -> bool:
    """Return whether two rungs of one kind follow each other as in a run of that kind."""
    return any(
        reading[one] is reading[other]
        and other[0].position - one[0].position == 1
        and other[1].position - one[1].position == _STEP[reading[one]]
        for one, other in pairwise(reading)
    )


# Along the arrows the rungs of a diffuson are met in opposite order, those of a Cooperon in
# the same.
_STEP = {Kind.DIFFUSON: -1, Kind.COOPERON: 1}


def _dresses_a_vertex(diagram: Diagram, reading: Reading) -> bool:
    retarded, advanced = (string.sites - 1 for string in diagram.strings)
    at_vertices = {(Site(0, 0), Site(1, advanced)), (Site(0, retarded), Site(1, 0))}
    return any(reading.get(line) is Kind.DIFFUSON for line in at_vertices)


def _contracted(diagram: Diagram, reading: Reading, order: int) -> Skeleton | None:
    """Return the skeleton of a reading if it is an interference correction of `order`."""
    modes = tuple(SoftMode(kind, line, rungs=2) for line, kind in reading.items())
    skeleton = Skeleton(diagram, modes, _power(diagram, reading))
    if skeleton.order != order or len(modes) - box_count(skeleton) + 1 != order:
        return None
    return None if _vanishes(cut_modes(skeleton)) else skeleton


def _power(diagram: Diagram, reading: Reading) -> int:
    """Return the power of 1/(k_F l), with the hard lines twisted as is most favourable."""
    twisted = {line for line, kind in reading.items() if kind is Kind.COOPERON}
    hard = [line for line in diagram.lines if line not in reading]
    choices = (twists for n in range(len(hard) + 1) for twists in combinations(hard, n))
    faces = max(face_count(diagram, twisted.union(choice)) for choice in choices)
    return 1 + len(diagram.lines) - faces


def _vanishes(boxes: Diagram) -> bool:
    """Return whether a momentum runs through Green functions of one branch only."""
    branches: dict[object, set[Branch]] = defaultdict(set)
    for segment, momentum in route(boxes).items():
        for name, _ in momentum.loops:
            branches[name].add(boxes.strings[segment.string].branch)
    return any(len(found) == 1 for found in branches.values())
