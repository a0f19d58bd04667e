"""The named families of bubbles, with how many members each has at every order.

The order is here the number of impurity lines. The numbers are formulas, so that a family
too large to list is known to be so before it is enumerated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations
from math import comb, factorial
from types import MappingProxyType

from diagrams.diagram import Diagram, Site
from diagrams.families import (
    dress,
    is_free_of_self_energies,
    is_non_crossing,
    ladder,
    maximally_crossed,
)
from diagrams.matchings import BUBBLE, bubble_diagrams, count_bubbles, pairings, splittings


@dataclass(frozen=True)
class Family:
    """A family: its name, what belongs to it, its members and their number at an order."""

    name: str
    meaning: str
    members: Callable[[int], Iterator[Diagram]]
    count: Callable[[int], int]


def non_crossing_count(order: int) -> int:
    """Return (2n+1) C_n with the Catalan number C_n: the lines are parentheses on the loop."""
    return (2 * order + 1) * comb(2 * order, order) // (order + 1)


def self_energy_free_count(order: int) -> int:
    """Return how many bubbles have no self-energy insertion: 1, 1, 4, 27, 248, ...

    Dressing the 2m + 2 propagators of each such bubble with m lines by all (2k-1)!!
    self-energies with k lines gives every bubble once, which is solved for the undressed.

    Examples
    --------
    >>> [self_energy_free_count(n) for n in range(6)]
    [1, 1, 4, 27, 248, 2830]
    """
    propagator = [factorial(2 * k) // (2**k * factorial(k)) for k in range(order + 1)]
    dressed, pair = [1] + [0] * order, _product(propagator, propagator)
    remaining = [count_bubbles(n) for n in range(order + 1)]
    for m in range(order):
        dressed = _product(dressed, pair)
        free = remaining[m]
        for k in range(order + 1 - m):
            remaining[m + k] -= free * dressed[k]
    return remaining[order]


def _product(a: list[int], b: list[int]) -> list[int]:
    """Return the product of two power series, cut off at the same power."""
    return [sum(a[i] * b[n - i] for i in range(n + 1)) for n in range(len(a))]


def hikami(order: int) -> Iterator[Diagram]:
    """Yield the members of the first interference correction with `order` lines.

    These are the maximally crossed diagram and its partners with one line around all sites
    of the retarded or of the advanced string: the bare Hikami box and the two dressed ones,
    each with a Cooperon. There are none with fewer than two lines.

    Examples
    --------
    >>> for diagram in hikami(3):
    ...     print(diagram)
    R[x 1 2 3 y] A[y 1 2 3 x]
    R[x 1 2 3 1 y] A[y 2 3 x]
    R[x 1 2 y] A[y 3 1 2 3 x]
    """
    if order > 1:
        yield maximally_crossed(order)
        yield from (dress(maximally_crossed(order - 1), string) for string in (0, 1))


def rung_only(order: int) -> Iterator[Diagram]:
    """Yield the n! bubbles in which every line joins the two strings.

    Examples
    --------
    >>> [*rung_only(2)] == [maximally_crossed(2), ladder(2)]
    True
    """
    strings = maximally_crossed(order).strings
    for places in permutations(range(order)):
        lines = tuple((Site(0, i), Site(1, place)) for i, place in enumerate(places))
        yield Diagram(strings, lines)


def self_energy_free(order: int) -> Iterator[Diagram]:
    """Yield the bubbles without self-energy insertions.

    Those with many sites on one string and few on the other come last: there are few, and
    they are found only after many failures, because an insertion shows when it is closed.
    """
    splits = sorted(splittings(2 * order, 2), key=lambda sites: abs(sites[0] - sites[1]))
    # A line on a string alone is an insertion, or several.
    for counts in splits if order == 0 else splits[:-2]:
        strings = tuple(replace(s, sites=n) for s, n in zip(BUBBLE, counts, strict=True))
        sites = [Site(s, i) for s, n in enumerate(counts) for i in range(n)]
        for lines in pairings(sites, is_free_of_self_energies):
            yield Diagram(strings, lines)


FAMILIES = MappingProxyType(
    {
        family.name: family
        for family in (
            Family("all", "every bubble", bubble_diagrams, count_bubbles),
            Family("ladder", "parallel rungs only", lambda n: iter([ladder(n)]), lambda n: 1),
            Family(
                "crossed",
                "maximally crossed rungs only",
                lambda n: iter([maximally_crossed(n)]),
                lambda n: 1,
            ),
            Family(
                "rungs",
                "every line joins the two strings",
                rung_only,
                factorial,
            ),
            Family(
                "non-crossing",
                "no two lines cross",
                lambda n: bubble_diagrams(n, is_non_crossing),
                non_crossing_count,
            ),
            Family(
                "no-self-energy",
                "no self-energy insertions",
                self_energy_free,
                self_energy_free_count,
            ),
            Family(
                "hikami",
                "the maximally crossed diagram and its two dressed partners",
                hikami,
                lambda n: 3 if n > 1 else 0,
            ),
        )
    }
)


def family(name: str) -> Family:
    """Return the family of that name.

    Raises
    ------
    ValueError
        There is none.
    """
    if name not in FAMILIES:
        raise ValueError(f"There is no family {name!r}; choose one of {', '.join(FAMILIES)}.")
    return FAMILIES[name]
