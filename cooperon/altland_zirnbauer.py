"""The ten symmetry classes, by the symmetries of an irreducible block."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

# (T^2, C^2, chiral), with 0 for no symmetry; the table of Altland and Zirnbauer (1997).
CLASSES: Mapping[tuple[int, int, bool], str] = MappingProxyType(
    {
        (0, 0, False): "A",
        (1, 0, False): "AI",
        (-1, 0, False): "AII",
        (0, 0, True): "AIII",
        (1, 1, True): "BDI",
        (-1, -1, True): "CII",
        (0, 1, False): "D",
        (0, -1, False): "C",
        (-1, 1, True): "DIII",
        (1, -1, True): "CI",
    }
)
_WITH_TIME_REVERSAL = frozenset(label for (T, _, _), label in CLASSES.items() if T)


def cooperons_per_block(label: str) -> int:
    """Return the number of gapless Cooperons of one irreducible block of a class.

    A Cooperon is protected by T, whatever T^2: one in AI, AII, BDI, CII, DIII and CI, none in
    A, AIII, C and D.  (In the classes with C or S, pairs of two retarded lines are soft too;
    they are not counted.)  Equal blocks contribute one for each ordered pair, copies^2 together.

    Raises
    ------
    ValueError
        If there is no such class.
    """
    if label not in CLASSES.values():
        raise ValueError(f"there is no class {label!r}; choose one of {sorted(CLASSES.values())}.")
    return int(label in _WITH_TIME_REVERSAL)
