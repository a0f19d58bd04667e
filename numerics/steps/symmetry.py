"""Even and odd parts in the field, and the interpolation that may be needed first.

By the Onsager relation R_xx is even and R_xy odd in the field; what is measured mixes the two,
because probes are never exactly opposite. Points are paired where they were measured at both signs:
interpolating would average noise and correlate neighbours, so it is a step of its own that says so.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numerics.measured_quantities import EVEN, VALUES
from numerics.pint_edge import si_float
from numerics.steps.field_axis import ascending, mirrored
from numerics.steps.step import Step
from numerics.sweep_array import Floats, SweepArray


@dataclass(frozen=True)
class Symmetrise(Step):
    """Even part of longitudinal signals and odd part of Hall signals.

    Both signs of the field are kept, with equal (opposite) values; a second time changes nothing.
    Fields beyond the range that both signs share are dropped, with a note.
    """

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the symmetrised sweep, the field ascending.

        Raises
        ------
        ValueError
            If the sweep is one-sided, a field has no partner, or a point was not measured.
        """
        _before_averaging(sweep, "Symmetrise")
        sweep.require_complete("symmetrising")
        ordered = ascending(sweep, "symmetrising")
        inside, partner = mirrored(ordered)
        values, shares = {}, []
        for name, array in ordered.values.items():
            parity = VALUES[name].parity
            values[name] = (array[..., inside] + parity * array[..., partner]) / 2
            removed = (array[..., inside] - parity * array[..., partner]) / 2
            kind = "odd" if parity == EVEN else "even"
            size = float(np.sqrt(np.mean(removed**2)))
            shares.append(f"{kind} part of {name} ({size:.3g} {sweep.units[name]})")
        dropped = len(ordered.B) - len(inside)
        beyond = f" {dropped} fields beyond the common range left out." if dropped else ""
        B = (ordered.B[inside] - ordered.B[partner]) / 2
        return replace(ordered, axes={**ordered.axes, "B": B}, values=values).noted(
            f"Symmetrised; removed the {', the '.join(shares)}, root mean square.{beyond}"
        )


@dataclass(frozen=True)
class InterpolateField(Step):
    """Linear interpolation to the fields 0, +-s, +-2 s, ... within the measured range.

    Attributes
    ----------
    spacing : float
        s in tesla (or pint), not below the measured spacing: no information is made.
    """

    spacing: Any

    def __post_init__(self) -> None:
        self._set("spacing", si_float(self.spacing, "T", "The spacing of the field"))
        if self.spacing <= 0:
            raise ValueError(
                f"The spacing of the field is {self.spacing:g} T; it must be positive."
            )

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the interpolated sweep; ValueError if it is finer than the data."""
        _before_averaging(sweep, "InterpolateField")
        sweep.require_complete("an interpolation")
        ordered = ascending(sweep, "an interpolation")
        measured = float(np.median(np.diff(ordered.B)))
        if self.spacing < measured * (1 - 1e-6):
            raise ValueError(
                f"The spacing {self.spacing:g} T is finer than the measured {measured:g} T of "
                f"{sweep.label!r}; interpolation does not make points, so take {measured:g} T."
            )
        grid = self._grid(ordered.B)
        values = {name: _interpolated(grid, ordered.B, v) for name, v in ordered.values.items()}
        return replace(ordered, axes={**ordered.axes, "B": grid}, values=values).noted(
            f"Interpolated linearly to {len(grid)} fields {self.spacing:g} T apart, which "
            f"correlates and reduces the noise of points that lay {measured:g} T apart."
        )

    def _grid(self, B: Floats) -> Floats:
        low, high = np.ceil(B[0] / self.spacing - 1e-9), np.floor(B[-1] / self.spacing + 1e-9)
        return np.clip(self.spacing * np.arange(low, high + 1), B[0], B[-1])


def _interpolated(grid: Floats, B: Floats, array: Floats) -> Floats:
    rows = array.reshape(-1, len(B))
    return np.array([np.interp(grid, B, row) for row in rows]).reshape(
        (*array.shape[:-1], len(grid))
    )


def _before_averaging(sweep: SweepArray, step: str) -> None:
    if sweep.covariance is not None:
        raise ValueError(
            f"The rows of {sweep.label!r} have been averaged and their covariance estimated; put "
            f"{step} before AverageRows."
        )
