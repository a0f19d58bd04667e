"""Leaving out points: with a reason, or by the field."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.measured_quantities import AXES
from numerics.pint_edge import si_array, si_float
from numerics.steps.step import Step
from numerics.sweep_array import SweepArray


@dataclass(frozen=True)
class Drop(Step):
    """Leave out rows or fields, for a reason.

    Attributes
    ----------
    axis : str
        Name of the axis along which positions are left out.
    indices, values : tuple
        Positions counted from 0, or coordinates in SI (or pint); one of the two.
    reason : str
        Why; required, since a point left out without one is a result chosen.
    label : str, optional
        The sweep this is about; all of them if not given.
    """

    axis: str
    indices: tuple[int, ...] | None = None
    values: Any = None
    reason: str = ""
    label: str | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(
                "Points are left out without a reason; pass reason= to Drop, for example "
                "'stopped half-way'."
            )
        if (self.indices is None) == (self.values is None):
            raise ValueError("Drop needs indices or values, one of the two.")
        if self.axis not in AXES:
            raise ValueError(f"{self.axis!r} is no axis; use one of {', '.join(AXES)}.")
        if self.indices is not None:
            self._set("indices", tuple(int(i) for i in np.atleast_1d(self.indices)))
        else:
            found = np.atleast_1d(si_array(self.values, AXES[self.axis].unit, "A dropped point"))
            self._set("values", tuple(float(x) for x in found))

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep without these points; ValueError if one does not exist."""
        if self.label is not None and self.label != sweep.label:
            return sweep
        coordinate = sweep.axes[list(sweep.axes)[sweep.dimension(self.axis)]]
        gone = sorted({self._position(sweep, x) for x in (self.indices or self.values or ())})
        kept = np.setdiff1d(np.arange(len(coordinate)), gone)
        if not len(kept):
            raise ValueError(f"Drop leaves nothing of the axis {self.axis} of {sweep.label!r}.")
        unit = AXES[self.axis].unit
        named = ", ".join(f"{coordinate[i]:g}" for i in gone)
        return sweep.take(self.axis, kept).noted(
            f"Left out {self.axis} = {named} {unit}: {self.reason}."
        )

    def apply_all(self, sweeps: Any) -> tuple[SweepArray, ...]:
        """As `Step.apply_all`; ValueError if no sweep has the label."""
        labels = [sweep.label for sweep in sweeps]
        if self.label is not None and self.label not in labels:
            raise ValueError(
                f"Drop is about the sweep {self.label!r}; there are {', '.join(labels)}."
            )
        return super().apply_all(sweeps)

    def _position(self, sweep: SweepArray, point: float) -> int:
        coordinate = sweep.axes[self.axis]
        if self.indices is not None:
            if not 0 <= point < len(coordinate):
                raise ValueError(
                    f"The axis {self.axis} of {sweep.label!r} has {len(coordinate)} positions and "
                    f"none with the index {point}; count from 0."
                )
            return int(point)
        nearest = int(np.argmin(np.abs(coordinate - point)))
        spacing = np.diff(np.unique(coordinate))
        near = 1e-3 * float(spacing.min()) if len(spacing) else 0.0
        if abs(coordinate[nearest] - point) > near:
            raise ValueError(
                f"The axis {self.axis} of {sweep.label!r} has no {point:g}; the nearest is "
                f"{coordinate[nearest]:g}."
            )
        return nearest


@dataclass(frozen=True)
class FieldWindow(Step):
    """Keep the points with B_min <= B <= B_max, in tesla (or pint).

    A window with ``B_min > 0`` keeps one of the two equal halves of a symmetrised sweep and leaves
    out B = 0, where sigma(B) - sigma(0) is zero by definition.
    """

    B_min: Any
    B_max: Any

    def __post_init__(self) -> None:
        for name in ("B_min", "B_max"):
            self._set(name, si_float(getattr(self, name), "T", name))
        if not self.B_min < self.B_max:
            raise ValueError(
                f"The window goes from {self.B_min:g} T to {self.B_max:g} T; B_min must be lower."
            )

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the points inside; ValueError if there are fewer than two."""
        spacing = np.diff(np.unique(sweep.B))
        near = 1e-3 * float(spacing.min()) if len(spacing) else 0.0
        inside = (self.B_min - near <= sweep.B) & (sweep.B <= self.B_max + near)  # noqa: SIM300
        kept = np.flatnonzero(inside)
        if len(kept) < 2:
            raise ValueError(
                f"The window {self.B_min:g} T to {self.B_max:g} T holds {len(kept)} point(s) of "
                f"{sweep.label!r}, whose field is {sweep.B.min():g} T to {sweep.B.max():g} T; "
                "widen it."
            )
        return sweep.take("B", kept).noted(
            f"Kept {len(kept)} of {len(sweep.B)} fields, {self.B_min:g} T <= B <= {self.B_max:g} T."
        )
