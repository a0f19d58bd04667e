"""A sweep as planned: the fields, and how well each point will be measured."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve


@dataclass(frozen=True, eq=False)
class PlannedSweep:
    """One sweep of the field, at one temperature, gate voltage, ...

    Attributes
    ----------
    B : array, shape (m,)
        Fields in tesla, in any order; a field that occurs twice is measured twice.
    noise : float or array, shape (m,) or (m, m)
        Standard error of each point, or the covariance of correlated points, in the unit
        (squared) of the function. Where every point has the standard error s and the same
        zero-field value is subtracted from all, the covariance is s^2 (1 + delta_ij).
    label : str
        Name of the sweep; what belongs to it alone is called ``B_phi[label]``.

    Raises
    ------
    ValueError
        If there is no field or one is not finite; `numerics.noise.whiten` checks the noise.
    """

    B: NDArray[np.float64]
    noise: float | NDArray[np.float64]
    label: str = "sweep"

    def __post_init__(self) -> None:
        fields = np.atleast_1d(np.array(self.B, dtype=np.float64))
        if fields.ndim != 1 or not fields.size:
            raise ValueError(
                f"The sweep {self.label!r} has fields of shape {np.shape(self.B)}; give a list of "
                "at least one field."
            )
        if not np.all(np.isfinite(fields)):
            bad = fields[~np.isfinite(fields)][0]
            raise ValueError(f"The sweep {self.label!r} has a field of {bad} T; give a number.")
        object.__setattr__(self, "B", fields)
        object.__setattr__(self, "noise", np.array(self.noise, dtype=np.float64))

    @classmethod
    def like(cls, curve: Curve) -> "PlannedSweep":
        """Return the sweep that measures a curve again, with its standard errors.

        Raises
        ------
        ValueError
            If the curve has none.
        """
        if curve.standard_error is None:
            raise ValueError(
                f"Curve {curve.label!r} has no standard errors; give the noise: "
                "PlannedSweep(curve.B, noise, curve.label)."
            )
        return cls(curve.B, curve.standard_error, curve.label)
