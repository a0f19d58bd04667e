"""Which row of a reference belongs to which row of a sweep: the one at the same gate voltage.

Conductance fluctuations are a fingerprint of the gate voltage: at another temperature they are
smaller, and in the same places. What two sweeps have in common cancels only between rows at one
gate voltage, so rows are paired by coordinate, never by position: one of two sweeps may have lost a
row or been measured the other way round.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.measured_quantities import AXES
from numerics.steps.average import AVERAGED
from numerics.sweep_array import Floats, SweepArray

# A gate that is read back scatters by a small part of its step, and beyond half of it the partner
# would be ambiguous.
_PART_OF_STEP = 0.1


@dataclass(frozen=True, eq=False)
class RowPairs:
    """Pairs along one axis.

    Attributes
    ----------
    partner : array of int, shape (n,)
        Position in the reference for each row of the sweep.
    lone : tuple of (float, float)
        Coordinates in the sweep and in the reference of the pairs that were made of rows without a
        partner.
    """

    partner: NDArray[np.intp]
    lone: tuple[tuple[float, float], ...]


def row_pairs(sweep: SweepArray, reference: SweepArray, axis: str, lone_rows: str) -> RowPairs:
    """Return the row of the reference for each row of the sweep.

    Coordinates are equal within a tenth of the smallest step of the two sweeps.

    Parameters
    ----------
    sweep, reference : SweepArray
        With this axis.
    axis : str
        Name of an axis.
    lone_rows : str
        ``"refuse"`` rows without a partner, or ``"pair"`` those of the two with each other.

    Raises
    ------
    ValueError
        If a row has no partner, unless such rows are to be paired, are repetitions along this axis,
        and there are as many in the reference.
    """
    own, other = sweep.axes[axis], reference.axes[axis]
    distance = np.abs(own[:, None] - other)
    near = distance <= _tolerance(own, other)
    here = _in_order(own, np.flatnonzero(~near.any(axis=1)))
    there = _in_order(other, np.flatnonzero(~near.any(axis=0)))
    pairable = lone_rows == "pair" and axis in AVERAGED
    if len(here) != len(there) or (len(here) and not pairable):
        raise ValueError(
            f"{_first_lone(sweep, reference, axis, here, there)}; leave it out with Drop and a "
            f"reason{_pairing(len(here), len(there)) if axis in AVERAGED else ''}."
        )
    partner = np.argmin(distance, axis=1)
    partner[here] = there
    lone = zip(own[here].tolist(), other[there].tolist(), strict=True)
    return RowPairs(partner, tuple(lone))


def coordinate(axis: str, x: float) -> str:
    """Return a coordinate with its unit, if it has one."""
    return f"{x:g} {AXES[axis].unit}".removesuffix(" 1")


def _tolerance(own: Floats, other: Floats) -> float:
    steps = [float(np.min(np.diff(np.sort(x)))) for x in (own, other) if len(x) > 1]
    # A single row has no step, and what two of them differ by is rounding.
    return _PART_OF_STEP * min(steps) if steps else 1e-9 * float(np.max(np.abs(other)))


def _in_order(x: Floats, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the rows with x ascending: neighbours stay neighbours when they are paired."""
    return np.asarray(rows[np.argsort(x[rows])])


def _first_lone(
    sweep: SweepArray,
    reference: SweepArray,
    axis: str,
    here: NDArray[np.intp],
    there: NDArray[np.intp],
) -> str:
    has, lacks, rows = (sweep, reference, here) if len(here) else (reference, sweep, there)
    place = coordinate(axis, has.axes[axis][rows.min()])
    return f"{has.label!r} has a row at {axis} = {place}, which has no partner in {lacks.label!r}"


def _pairing(here: int, there: int) -> str:
    if here != there:
        return f" ({here} and {there} rows without a partner cannot be paired with each other)"
    return ", or subtract such rows from each other with lone_rows='pair'"
