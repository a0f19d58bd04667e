"""One measured curve: the change of the conductivity against the magnetic field."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.units import CONDUCTANCE_UNITS, require_unit


@dataclass(frozen=True, eq=False)
class Curve:
    """Magnetoconductivity Delta_sigma(B) = sigma(B) - sigma(0) of a two-dimensional sample.

    Attributes
    ----------
    B : array, shape (n,)
        Perpendicular magnetic field in tesla, strictly increasing, n >= 2.
    delta_sigma : array, shape (n,)
        Change of the conductivity in `unit`; positive for weak localization.
    standard_error : array, shape (n,), or None
        Standard error of `delta_sigma` in `unit`.
    label : str
        Name of the curve; per-curve parameters are called ``tau_phi[label]``.
    temperature : float or None
        Temperature in kelvin.
    unit : str
        ``"e^2/h"``, ``"e^2/(pi h)"`` or ``"S"`` (per square); never converted silently.
    covariance : array, shape (n, n), or None
        Covariance of `delta_sigma` in `unit` squared, where its errors are correlated along B; the
        standard error is the root of its diagonal and may be left out.

    Raises
    ------
    ValueError
        If the arrays differ in shape, are not finite, or the field does not increase; if the
        covariance is not symmetric or contradicts the standard error.

    Examples
    --------
    >>> curve = Curve([0.0, 1e-3], [0.0, 0.1], label="300 mK", unit="e^2/h")
    >>> curve.to("e^2/(pi h)").delta_sigma.round(4)
    array([0.    , 0.3142])
    """

    B: NDArray[np.float64]
    delta_sigma: NDArray[np.float64]
    standard_error: NDArray[np.float64] | None = None
    label: str = "data"
    temperature: float | None = None
    unit: str = "e^2/h"
    covariance: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", require_unit(self.unit, CONDUCTANCE_UNITS, "delta_sigma"))
        self._take_covariance()
        for name in ("B", "delta_sigma", "standard_error"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, self._column(name))
        self._check_field()
        self._check_standard_error()

    def __len__(self) -> int:
        return len(self.B)

    def __repr__(self) -> str:
        T = "" if self.temperature is None else f", T = {self.temperature:g} K"
        known = "covariance" if self.covariance is not None else "standard errors"
        errors = "" if self.standard_error is None else f", with {known}"
        return (
            f"Curve({self.label!r}: {len(self)} points, B = {self.B[0]:g} to {self.B[-1]:g} T, in "
            f"{self.unit}{T}{errors})"
        )

    def to(self, unit: str) -> "Curve":
        """Return the same curve with `delta_sigma` expressed in another unit."""
        factor = CONDUCTANCE_UNITS[self.unit]
        factor /= CONDUCTANCE_UNITS[require_unit(unit, CONDUCTANCE_UNITS, "delta_sigma")]
        error = None if self.standard_error is None else self.standard_error * factor
        covariance = None if self.covariance is None else self.covariance * factor**2
        return replace(
            self,
            delta_sigma=self.delta_sigma * factor,
            standard_error=error,
            unit=unit,
            covariance=covariance,
        )

    def window(self, B_min: float, B_max: float) -> "Curve":
        """Return the points with B_min <= |B| <= B_max (tesla)."""
        keep = (np.abs(self.B) >= B_min) & (np.abs(self.B) <= B_max)
        error = None if self.standard_error is None else self.standard_error[keep]
        covariance = None if self.covariance is None else self.covariance[np.ix_(keep, keep)]
        return replace(
            self,
            B=self.B[keep],
            delta_sigma=self.delta_sigma[keep],
            standard_error=error,
            covariance=covariance,
        )

    def _take_covariance(self) -> None:
        if self.covariance is None:
            return
        C = _frozen(self.covariance)
        n = len(np.atleast_1d(self.B))
        if C.shape != (n, n) or not np.allclose(C, C.T, rtol=1e-10, atol=0.0):
            raise ValueError(
                f"Curve {self.label!r} has a covariance of shape {C.shape} for {n} fields; give a "
                "finite symmetric matrix with one row per field."
            )
        error = np.sqrt(np.maximum(np.diag(C), 0.0))
        if self.standard_error is None:
            object.__setattr__(self, "standard_error", error)
        elif not np.allclose(self.standard_error, error, rtol=1e-6, atol=0.0):
            raise ValueError(
                f"Curve {self.label!r} has a standard error that is not the root of the diagonal "
                "of its covariance; give one of the two."
            )
        object.__setattr__(self, "covariance", C)

    def _column(self, name: str) -> NDArray[np.float64]:
        column = _frozen(getattr(self, name))
        if column.shape != (len(np.atleast_1d(self.B)),):
            raise ValueError(
                f"Curve {self.label!r} has {name} of shape {column.shape} and B of shape "
                f"{np.shape(self.B)}; give one-dimensional arrays of one length."
            )
        if not np.all(np.isfinite(column)):
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            raise ValueError(
                f"Curve {self.label!r} has {name} = {column[row]} at index {row}; "
                "remove the points that were not measured."
            )
        return column

    def _check_field(self) -> None:
        if len(self.B) < 2:
            raise ValueError(
                f"Curve {self.label!r} has {len(self.B)} point(s); a magnetoconductance needs at "
                "least 2 fields."
            )
        turn = np.flatnonzero(np.diff(self.B) <= 0)
        if turn.size:
            i = int(turn[0])
            raise ValueError(
                f"The field of curve {self.label!r} does not increase from {self.B[i]:g} T to "
                f"{self.B[i + 1]:g} T (index {i}); sort it, and average repeated fields."
            )

    def _check_standard_error(self) -> None:
        if self.standard_error is not None and np.any(self.standard_error < 0):
            raise ValueError(
                f"Curve {self.label!r} has the negative standard error "
                f"{self.standard_error.min():g}; give standard deviations, not deviations."
            )


def _frozen(values: ArrayLike) -> NDArray[np.float64]:
    column = np.array(values, dtype=np.float64)
    column.flags.writeable = False
    return column
