"""The mean over gate rows, with the covariance of conductance fluctuations along the field."""

from dataclasses import dataclass, replace

import numpy as np

from numerics.measured_quantities import AXES
from numerics.row_covariance import RowCovariance, row_covariance
from numerics.steps.field_axis import ascending
from numerics.steps.step import Step
from numerics.sweep_array import SweepArray

AVERAGED = ("V_g", "row", "n")
"""Axes whose rows may be repetitions of the same physics."""

_FEW_ROWS = 5.0


@dataclass(frozen=True)
class AverageRows(Step):
    """Average delta_sigma over rows; see `numerics.row_covariance` for the covariance.

    Attributes
    ----------
    axis : str
        ``"V_g"``, ``"row"`` or ``"n"``; rows are taken as repetitions of the same physics, which is
        right only over a range where the parameters do not change.
    shrinkage : float, optional
        Weight of the smooth model in the covariance, between 0 and 1; found if not given.
    covariance : bool
        Estimate a covariance (at least 3 rows) or leave it out.
    """

    axis: str = "V_g"
    shrinkage: float | None = None
    covariance: bool = True

    def __post_init__(self) -> None:
        if self.axis not in AVERAGED:
            raise ValueError(
                f"Rows along {self.axis!r} are not repetitions; average over one of "
                f"{', '.join(AVERAGED)}."
            )
        if self.shrinkage is not None and not 0 <= self.shrinkage <= 1:
            raise ValueError(
                f"The shrinkage is {self.shrinkage:g}; it is a weight between 0 and 1."
            )

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the mean over the rows as a function of B.

        Raises
        ------
        ValueError
            If delta_sigma is not held over exactly this axis and B, a point was not measured, or
            the covariance cannot be estimated.
        """
        sweep.require_complete("an average over rows")
        if list(sweep.values) != ["delta_sigma"] or list(sweep.axes) != [self.axis, "B"]:
            raise ValueError(
                f"The sweep {sweep.label!r} holds {', '.join(sweep.values)} over "
                f"{', '.join(sweep.axes)}, not delta_sigma over {self.axis} and B; average what is "
                "fitted, after SubtractZeroField, and average or select directions before."
            )
        sweep = without_mirror(ascending(sweep, "an average over rows"))
        x, rows = sweep.axes[self.axis], sweep.values["delta_sigma"]
        mean = {"delta_sigma": rows.mean(axis=0)}
        units = {name: sweep.units[name] for name in ("B", "delta_sigma")}
        averaged = replace(sweep, axes={"B": sweep.B}, values=mean, units=units)
        if not self.covariance:
            return averaged.noted(f"Averaged {len(x)} rows along {self.axis}; no covariance kept.")
        found = row_covariance(rows, x, sweep.B, self.shrinkage)
        unit = sweep.units["delta_sigma"]
        return replace(averaged, covariance=found.covariance).noted(*self._notes(found, x, unit))

    def _notes(self, found: RowCovariance, x: np.ndarray, unit: str) -> list[str]:
        n, held = len(x), AXES[self.axis].unit
        length = f"{found.row_length:.2g} {held}".strip()
        correlated = (
            f"correlated over {length}" if found.row_length else "not correlated with each other"
        )
        typical = float(np.median(np.sqrt(np.diag(found.covariance))))
        notes = [
            f"Averaged {n} rows along {self.axis}; they are {correlated} and count as "
            f"{found.effective_rows:.3g} independent ones.",
            f"Standard error of the mean {typical:.3g} {unit} (median over B), "
            f"{np.sqrt(n / found.effective_rows):.2f} times that of {n} independent rows.",
            f"Along the field it is correlated as {found.shape}, t = |B - B'|/"
            f"({1e3 * found.field_length:.3g} mT), with a white share of {found.white:.2g}; the "
            f"sample covariance was shrunk to that model by {found.shrinkage:.2f}.",
        ]
        if found.effective_rows < _FEW_ROWS:
            notes.append(
                f"So few independent rows ({found.effective_rows:.2g}) hardly determine their own "
                "scatter: the standard error is a rough one; average over a wider range."
            )
        return notes


def without_mirror(sweep: SweepArray) -> SweepArray:
    """Leave out B < 0 of a sweep that is exactly even, where it repeats B > 0."""
    value = sweep.values["delta_sigma"]
    even = np.array_equal(sweep.B, -sweep.B[::-1]) and np.array_equal(value, value[..., ::-1])
    if not even or len(sweep.B) < 3:
        return sweep
    return sweep.take("B", np.flatnonzero(sweep.B >= 0)).noted(
        "The fields B < 0 repeat B > 0 after symmetrising and are left out."
    )
