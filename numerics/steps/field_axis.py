"""The field axis of a sweep: order, steps, and the partner of every field at the other sign."""

import numpy as np
from numpy.typing import NDArray

from numerics.sweep_array import Floats, SweepArray

# Fields of a pair may differ by the rounding of printed decimals, not by a fraction of a step.
PAIR_TOLERANCE = 1e-3


def ascending(sweep: SweepArray, purpose: str) -> SweepArray:
    """Return the sweep with the field ascending.

    Raises
    ------
    ValueError
        If a field repeats or the sweep turns round.
    """
    step = np.diff(sweep.B)
    if np.all(step > 0):
        return sweep
    if np.all(step < 0):
        return sweep.take("B", np.arange(len(sweep.B))[::-1])
    unique, count = np.unique(sweep.B, return_counts=True)
    turned = bool(np.any(step > 0) and np.any(step < 0))
    remedy = "apply SplitDirections before" if turned else "drop one of them with the step Drop"
    what = f"holds {unique[count > 1][0]:g} T twice" if np.any(count > 1) else "turns round"
    raise ValueError(f"The field of {sweep.label!r} {what}, and {purpose} needs it once; {remedy}.")


def tolerance(B: Floats) -> float:
    """Return by how much two ascending fields may differ and still be the same."""
    return PAIR_TOLERANCE * float(np.min(np.diff(B))) if len(B) > 1 else 0.0


def zero_index(sweep: SweepArray, purpose: str) -> int:
    """Return the position of B = 0; ValueError with the remedy where it was not measured."""
    nearest = int(np.argmin(np.abs(sweep.B)))
    if abs(sweep.B[nearest]) > tolerance(np.sort(sweep.B)):
        raise ValueError(
            f"The sweep {sweep.label!r} has no point at B = 0 (the nearest is "
            f"{sweep.B[nearest]:g} T), and {purpose} needs it; recentre to a measured field, or "
            "interpolate with the step InterpolateField."
        )
    return nearest


def mirrored(sweep: SweepArray) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return positions of the fields whose partner exists in range, and of the partners.

    Raises
    ------
    ValueError
        If the sweep is one-sided, or a field within the common range has no partner.
    """
    B, near = sweep.B, tolerance(sweep.B)
    if not B[0] < 0 < B[-1]:
        raise ValueError(
            f"The sweep {sweep.label!r} goes from {B[0]:g} T to {B[-1]:g} T and has one sign of "
            "the field only, so it cannot be symmetrised; measure both signs, or leave the step "
            "out and say so."
        )
    inside = np.flatnonzero(np.abs(B) <= min(-B[0], B[-1]) + near)
    partner = np.array([np.argmin(np.abs(B + b)) for b in B[inside]])
    lonely = np.abs(B[inside] + B[partner]) > near
    if np.any(lonely):
        b = B[inside][lonely][0]
        raise ValueError(
            f"The field {b:g} T of {sweep.label!r} has no partner at {-b:g} T; recentre to a "
            "measured field, or interpolate with the step InterpolateField."
        )
    return inside, partner
