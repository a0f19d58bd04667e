"""Enumeration: all ways to join sites by impurity lines, one at a time.

Gaussian disorder pairs the sites; a cumulant of order m joins m of them. The generators are
lazy and use memory proportional to the depth of one diagram. A pruning predicate sees the
lines chosen so far and must be hereditary: once it rejects some lines, it rejects every
larger set that contains them. It is then asked at each step, so that the diagrams it
excludes are not visited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from math import comb, factorial, prod
from typing import Any, TypeVar

from diagrams.diagram import Branch, Diagram, Lines, Site, String

T = TypeVar("T")
Keep = Callable[[Any], bool]

#: One Green function that returns to its starting point.
DENSITY_OF_STATES = (String(Branch.RETARDED, 0, "r", "r"),)

#: Two Green functions between the vertices x and y.
BUBBLE = (String(Branch.RETARDED, 0, "x", "y"), String(Branch.ADVANCED, 0, "y", "x"))

#: Two bubbles, as in the variance of the conductance.
FLUCTUATION = (*BUBBLE, *(replace(s, start=f"{s.start}'", end=f"{s.end}'") for s in BUBBLE))


def keep_all(lines: object) -> bool:
    """Return True: the predicate that prunes nothing."""
    return True


def partitions(
    items: Sequence[T], sizes: Sequence[int], keep: Keep = keep_all
) -> Iterator[tuple[tuple[T, ...], ...]]:
    """Yield every partition of distinct `items` into blocks of the given `sizes`.

    Blocks of equal size are not distinguished, and a block keeps the order of the items.

    Raises
    ------
    ValueError
        The sizes do not add up to the number of items.

    Examples
    --------
    >>> [*partitions("abcd", (3, 1))][0]
    (('a',), ('b', 'c', 'd'))
    """
    if sum(sizes) != len(items) or any(size < 1 for size in sizes):
        raise ValueError(f"Blocks of sizes {tuple(sizes)} cannot hold {len(items)} items.")
    return _extend((), tuple(items), Counter(sizes), keep)


def _extend(
    blocks: tuple[tuple[T, ...], ...], free: tuple[T, ...], sizes: Counter[int], keep: Keep
) -> Iterator[tuple[tuple[T, ...], ...]]:
    if not free:
        yield blocks
        return
    first, others = free[0], free[1:]
    for size in sorted(sizes):
        for companions in combinations(others, size - 1):
            extended = (*blocks, (first, *companions))
            if keep(extended):
                rest = tuple(item for item in others if item not in companions)
                yield from _extend(extended, rest, +(sizes - Counter([size])), keep)


def pairings(items: Sequence[T], keep: Keep = keep_all) -> Iterator[tuple[tuple[T, ...], ...]]:
    """Yield the (2n-1)!! pairings of 2n distinct `items`.

    Raises
    ------
    ValueError
        The number of items is odd.

    Examples
    --------
    >>> for pairing in pairings("abcd"):
    ...     print(*("".join(pair) for pair in pairing))
    ab cd
    ac bd
    ad bc
    """
    if len(items) % 2:
        raise ValueError(f"An odd number of items, {len(items)}, cannot be paired.")
    return _pair((), tuple(items), keep)


def _pair(
    pairs: tuple[tuple[T, ...], ...], free: tuple[T, ...], keep: Keep
) -> Iterator[tuple[tuple[T, ...], ...]]:
    if not free:
        yield pairs
    for i in range(1, len(free)):
        extended = (*pairs, (free[0], free[i]))
        if keep(extended):
            yield from _pair(extended, free[1:i] + free[i + 1 :], keep)


def splittings(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield all ways to distribute `total` sites over `parts` strings.

    Examples
    --------
    >>> [*splittings(2, 2)]
    [(0, 2), (1, 1), (2, 0)]
    """
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splittings(total - first, parts - 1):
            yield (first, *rest)


def diagrams_of(
    frame: Sequence[String], sizes: Sequence[int], keep: Callable[[Lines], bool] = keep_all
) -> Iterator[Diagram]:
    """Yield every diagram on the strings of `frame` with lines of the given sizes.

    Parameters
    ----------
    frame
        Strings whose branch and vertices are used; their sites are filled in all ways.
    sizes
        The number of sites of each line: (2, 2) is the second order in Gaussian disorder,
        (3, 2) the lowest order that has both skew scattering and a pair.
    keep
        Hereditary predicate on the lines chosen so far.
    """
    for counts in splittings(sum(sizes), len(frame)):
        strings = tuple(replace(s, sites=n) for s, n in zip(frame, counts, strict=True))
        sites = [Site(s, i) for s, n in enumerate(counts) for i in range(n)]
        pairs_only = all(size == 2 for size in sizes)
        found = pairings(sites, keep) if pairs_only else partitions(sites, sizes, keep)
        for lines in found:
            yield Diagram(strings, lines)


def bubble_diagrams(n_lines: int, keep: Callable[[Lines], bool] = keep_all) -> Iterator[Diagram]:
    """Yield the (2n+1)(2n-1)!! bubbles with `n_lines` = n Gaussian impurity lines.

    Examples
    --------
    >>> for diagram in bubble_diagrams(1):
    ...     print(diagram)
    R[x y] A[y 1 1 x]
    R[x 1 y] A[y 1 x]
    R[x 1 1 y] A[y x]
    """
    return diagrams_of(BUBBLE, (2,) * n_lines, keep)


def count_diagrams(frame: Sequence[String], sizes: Sequence[int]) -> int:
    """Return how many diagrams `diagrams_of` yields without a predicate.

    The sites are distributed over the strings in C(sites + strings - 1, strings - 1) ways,
    and divided into unordered blocks as multinomial coefficients count.

    Examples
    --------
    >>> count_diagrams(FLUCTUATION, (2, 2)), count_diagrams(DENSITY_OF_STATES, (3, 2))
    (105, 10)
    """
    sites, strings = sum(sizes), len(frame)
    orderings = prod(map(factorial, (*sizes, *Counter(sizes).values())))
    return comb(sites + strings - 1, strings - 1) * (factorial(sites) // orderings)


def count_bubbles(n_lines: int) -> int:
    """Return (2n+1)(2n-1)!!, the number of bubbles with `n_lines` = n Gaussian lines.

    Examples
    --------
    >>> [count_bubbles(n) for n in range(1, 7)]
    [3, 15, 105, 945, 10395, 135135]
    """
    return prod(range(1, 2 * n_lines + 2, 2))
