"""Up and down sweeps of the field: split, choose one, or average.

A superconducting magnet remembers: up and down sweeps see different fields at one reading, and
their average smears what it seems to repeat. So an average is asked for, and the difference said.
"""

from dataclasses import dataclass, replace

import numpy as np

from numerics.steps.field_axis import tolerance
from numerics.steps.step import Step
from numerics.sweep_array import SweepArray

UP, DOWN = 1.0, -1.0


@dataclass(frozen=True)
class SplitDirections(Step):
    """Fold a sweep that goes up and down again (or down and up) onto an axis ``direction``."""

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return both halves on one ascending field axis.

        Raises
        ------
        ValueError
            If the field does not turn exactly once, or the halves were measured at other fields.
        """
        first, second = self._halves(sweep)
        up, down = (first, second) if first.B[0] < first.B[-1] else (second, first)
        down = down.take("B", np.arange(len(down.B))[::-1])
        if up.B.shape != down.B.shape or np.max(np.abs(up.B - down.B)) > tolerance(up.B):
            raise ValueError(
                f"The up sweep of {sweep.label!r} has {len(up.B)} fields and the down sweep "
                f"{len(down.B)}, which are not the same fields; read them as two sweeps, and "
                "interpolate with the step InterpolateField if they must be averaged."
            )
        joined = {k: np.stack([up.values[k], down.values[k]]) for k in sweep.values}
        axes = {"direction": np.array([UP, DOWN]), **up.axes}
        units = {"direction": "1", **sweep.units}
        return replace(up, axes=axes, values=joined, units=units).noted(
            f"Split at {sweep.B[len(first.B) - 1]:g} T into an up and a down sweep of {len(up.B)} "
            "fields."
        )

    def _halves(self, sweep: SweepArray) -> tuple[SweepArray, SweepArray]:
        if "direction" in sweep.axes:
            raise ValueError(f"The sweep {sweep.label!r} is split already; leave the step out.")
        step = np.sign(np.diff(sweep.B))
        turns = np.flatnonzero(step[1:] * step[:-1] < 0) + 1
        rests = np.flatnonzero(step == 0)
        if len(turns) + len(rests) != 1:
            raise ValueError(
                f"The field of {sweep.label!r} turns {len(turns) + len(rests)} times; a loop turns "
                "once, so cut the file into loops, or leave the step out for a one-way sweep."
            )
        if len(rests):  # The turning point was measured twice.
            cut = int(rests[0]) + 1
            return sweep.take("B", np.arange(cut)), sweep.take("B", np.arange(cut, len(sweep.B)))
        # Measured once, it belongs to both halves.
        cut = int(turns[0])
        return sweep.take("B", np.arange(cut + 1)), sweep.take("B", np.arange(cut, len(sweep.B)))


@dataclass(frozen=True)
class SelectDirection(Step):
    """Keep the up sweep (+1) or the down sweep (-1)."""

    direction: int

    def __post_init__(self) -> None:
        if self.direction not in (1, -1):
            raise ValueError(f"The direction is {self.direction}; give +1 for up or -1 for down.")

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep of one direction; ValueError if there is none."""
        where = sweep.dimension("direction")
        found = np.flatnonzero(sweep.axes["direction"] == self.direction)
        if not len(found):
            raise ValueError(f"The sweep {sweep.label!r} has no direction {self.direction:+d}.")
        values = {k: np.take(v, found[0], axis=where) for k, v in sweep.values.items()}
        axes = {k: v for k, v in sweep.axes.items() if k != "direction"}
        word = "up" if self.direction == 1 else "down"
        units = {k: v for k, v in sweep.units.items() if k != "direction"}
        return replace(sweep, axes=axes, values=values, units=units).noted(
            f"Kept the {word} sweep."
        )


@dataclass(frozen=True)
class AverageDirections(Step):
    """Average the up and the down sweep; their difference is said."""

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the mean of the two directions; ValueError if there are not both."""
        where = sweep.dimension("direction")
        if len(sweep.axes["direction"]) != 2:
            raise ValueError(
                f"The sweep {sweep.label!r} has one direction only; nothing to average."
            )
        sweep.require_complete("an average over directions")
        values = {k: v.mean(axis=where) for k, v in sweep.values.items()}
        apart = [
            f"{k} {np.sqrt(np.mean(np.diff(v, axis=where) ** 2)):.3g} {sweep.units[k]}"
            for k, v in sweep.values.items()
        ]
        axes = {k: v for k, v in sweep.axes.items() if k != "direction"}
        units = {k: v for k, v in sweep.units.items() if k != "direction"}
        return replace(sweep, axes=axes, values=values, units=units).noted(
            f"Averaged up and down sweeps; they differ by {', '.join(apart)} (root mean square)."
        )
