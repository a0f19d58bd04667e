"""The true zero of the field axis, given or found from the symmetry of the signal.

A magnet with trapped flux reads a few tenths of a millitesla where the field is zero, as much as
the whole dephasing field. By the Onsager relation the conductivity is even about the true zero B_0.
Four things spoil the plain search for the smallest odd part. The signal of one gate voltage has
fluctuations that four probes do not see as even, so the mean over rows is searched. Flat stretches
have a small odd part anywhere, so it is compared with the even part; and what is sharp is the dip
at zero, so only fields within a `reach` of it count. An admixture of the Hall voltage is odd and
linear and would shift the minimum of a dip, so it is fitted beside. On a grid only measured fields
and the middles between them can be tried without interpolation; one Gauss-Newton step from the
best gives B_0 between them. With r the odd difference of a pair and J = dr/dB_0, both freed of
their part linear in B,

    B_0 = B_c - sum(J r)/sum(J^2),    var(B_0) = sum_c (sum_(k in c) J r)^2 / (sum J^2)^2,

where c runs over rows (over stretches of field for few rows), because the points of a row fluctuate
together; correlated rows count as fewer.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.measured_quantities import EVEN, VALUES
from numerics.pint_edge import si_float
from numerics.row_covariance import effective_rows, row_length
from numerics.steps.field_axis import ascending
from numerics.steps.step import Step
from numerics.sweep_array import Floats, SweepArray

# Fewer rows say too little about their own scatter; a single curve is cut into stretches.
_CLUSTERS = 8
# Share of the fields on each side of a candidate that is looked at, if no reach is given.
_REACH = 0.1
# A second symmetry point whose misfit is within this factor cannot be ruled out.
_RIVAL = 3.0


@dataclass(frozen=True)
class Recentre(Step):
    """Shift the field axis to the true zero.

    Attributes
    ----------
    zero_field : float, optional
        Reading of the axis at true zero field, in tesla (or pint); found if not given.
    on_grid : bool
        Shift a found zero to the nearest measured field, so that points can be paired without
        interpolation; what remains is said. A given one is taken as it is, but for the rounding
        of the axis.
    reach : float, optional
        Fields within this distance of the zero are compared, in tesla (or pint); a tenth of the
        sweep if not given. A few times the width of the dip or peak at zero is best.
    """

    zero_field: Any = None
    on_grid: bool = True
    reach: Any = None

    def __post_init__(self) -> None:
        if self.reach is not None:
            self._set("reach", si_float(self.reach, "T", "The reach"))
        if self.zero_field is not None:
            self._set("zero_field", si_float(self.zero_field, "T", "The zero of the field"))

    def apply(self, sweep: SweepArray) -> SweepArray:
        """Return the sweep with the field counted from the true zero.

        Raises
        ------
        ValueError
            If the zero is outside the sweep, or cannot be found.
        """
        ordered = ascending(sweep, "recentring")
        if self.zero_field is None:
            return self._found(ordered)
        if not ordered.B[0] <= self.zero_field <= ordered.B[-1]:
            raise ValueError(
                f"The zero field {self.zero_field:g} T lies outside the sweep {sweep.label!r}, "
                f"{ordered.B[0]:g} T to {ordered.B[-1]:g} T; is it in another unit?"
            )
        return _shifted(ordered, self.zero_field).noted(
            f"Field counted from the given zero {self.zero_field:g} T."
        )

    def _found(self, sweep: SweepArray) -> SweepArray:
        found = find_zero_field(sweep, self.reach)
        B_0 = found.zero_field
        note = f"True zero field found at {1e3 * B_0:.4g} +- {1e3 * found.standard_error:.2g} mT"
        note += " as the symmetry point of the signal"
        if self.on_grid:
            B_0 = float(sweep.B[np.argmin(np.abs(sweep.B - B_0))])
            note += f"; counted from the measured field {1e3 * B_0:.4g} mT next to it"
        notes = [note + "."]
        if found.rival is not None:
            notes.append(
                f"The signal is nearly as even about {1e3 * found.rival:.4g} mT: check the zero "
                "against another temperature, or give zero_field=."
            )
        return _shifted(sweep, B_0).noted(*notes)


@dataclass(frozen=True)
class ZeroField:
    """Symmetry point of a sweep, its standard error, and a second one that fits nearly as well."""

    zero_field: float
    standard_error: float
    rival: float | None = None


def find_zero_field(sweep: SweepArray, reach: float | None = None) -> ZeroField:
    """Return the field about which the mean longitudinal signal is even, up to a linear part.

    Raises
    ------
    ValueError
        If there is no longitudinal signal, the fields are too few or not equally spaced, or no
        symmetry point stands out within the sweep.
    """
    sweep.require_complete("finding the zero field")
    sweep = ascending(sweep, "finding the zero field")
    rows, step = _signal(sweep), _spacing(sweep)
    n = rows.shape[1]
    half = round(_REACH * n if reach is None else reach / step)
    if half < 5 or 2 * half > n - 3:
        raise ValueError(
            f"The search for the zero of {sweep.label!r} compares {half} of {n} fields on each "
            "side; at least 5 and less than half of them are needed, so set reach= or zero_field=."
        )
    # Twice the position of a candidate: even for a measured field, odd for a middle.
    candidates = np.arange(2 * half, 2 * (n - 1 - half) + 1)
    misfit = np.array([_misfit(rows.mean(axis=0), int(c), half) for c in candidates])
    best = int(np.argmin(misfit))
    if not np.isfinite(misfit[best]) or best in (0, len(candidates) - 1):
        raise ValueError(
            f"The signal of {sweep.label!r} has no symmetry point within the sweep; give "
            "zero_field=, or measure both signs of the field."
        )
    shift, error = _newton_step(rows, int(candidates[best]), half)
    places = sweep.B[0] + step * candidates / 2
    error *= np.sqrt(_repetition(sweep, rows))
    far = np.abs(candidates - candidates[best]) > half
    near_best = far & (misfit < _RIVAL * misfit[best])
    if 2 * np.sum(near_best) > len(candidates):
        raise ValueError(
            f"The signal of {sweep.label!r} is as even about most fields as about any one, so no "
            "symmetry point within the sweep stands out; give zero_field=."
        )
    rival = None
    if np.any(near_best):
        rival = float(places[near_best][np.argmin(misfit[near_best])])
    return ZeroField(float(places[best] + step * shift), float(step * error), rival)


def _newton_step(rows: Floats, twice: int, half: int) -> tuple[float, float]:
    """Return the shift from a candidate and its standard error, in steps of the field."""
    r, J = _odd_part(rows, twice, half)
    slope = J.mean(axis=0)
    square = float(slope @ slope)
    # Half a step is as far as the best candidate can be off.
    shift = float(np.clip(-(r.mean(axis=0) @ slope) / square, -1, 1))
    scores = _scores((r + slope * shift) * slope) / len(rows)
    scores = scores - scores.mean()
    few = len(scores) / (len(scores) - 1)
    return shift, float(np.sqrt(few * np.sum(scores**2)) / square)


def _misfit(signal: Floats, twice: int, half: int) -> float:
    """Return the odd part over the even part of the signal about a position, mean squares."""
    right, left = _pairs(twice, half)
    even = signal[right] + signal[left]
    size = float(np.var(even))
    odd = float(np.mean(_odd_part(signal[None], twice, half)[0] ** 2))
    return odd / size if size > 0 else np.inf


def _spacing(sweep: SweepArray) -> float:
    step = float(np.median(np.diff(sweep.B))) if len(sweep.B) > 1 else 0.0
    if not step or np.max(np.abs(np.diff(sweep.B) - step)) > 0.02 * step:
        raise ValueError(
            f"The fields of {sweep.label!r} are not equally spaced, so their symmetry point is not "
            "searched for; give zero_field=, or interpolate before."
        )
    return step


def _repetition(sweep: SweepArray, rows: Floats) -> float:
    """Return the number of rows per independent one."""
    outer = [name for name in sweep.axes if name != "B"]
    if len(rows) < _CLUSTERS or len(outer) != 1:
        return 1.0
    deviations = rows - rows.mean(axis=0)
    scale = np.sqrt(np.mean(deviations**2, axis=0))
    if not np.all(scale > 0):
        return 1.0
    x = sweep.axes[outer[0]]
    return len(x) / effective_rows(x, row_length(deviations / scale, x))


def _signal(sweep: SweepArray) -> Floats:
    name = next((k for k in sweep.values if VALUES[k].parity == EVEN), None)
    if name is None:
        raise ValueError(
            f"The sweep {sweep.label!r} holds {', '.join(sweep.values)} and no longitudinal "
            "signal; give zero_field=."
        )
    return sweep.values[name].reshape(-1, len(sweep.B))


def _pairs(twice: int, half: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # Middles have distances 1/2, 3/2, ...; measured fields 1, 2, ...
    right = (twice // 2) + 1 + np.arange(half - 1)
    return right, twice - right


def _odd_part(rows: Floats, twice: int, half: int) -> tuple[Floats, Floats]:
    """Return r = f(+x) - f(-x) about a position and dr/dB_0 (per step), without the linear part."""
    right, left = _pairs(twice, half)
    x = right - twice / 2
    derivative = np.gradient(rows, axis=1)
    r = rows[:, right] - rows[:, left]
    J = derivative[:, right] - derivative[:, left]
    return _without_linear(r, x), _without_linear(J, x)


def _without_linear(y: Floats, x: NDArray[np.floating[Any]]) -> Floats:
    return np.asarray(y - np.outer(y @ x, x) / (x @ x))


def _scores(products: Floats) -> Floats:
    if len(products) >= _CLUSTERS:
        return np.asarray(products.sum(axis=1))
    stretches = np.array_split(products, _CLUSTERS, axis=1)
    return np.array([part.sum() for part in stretches])


def _shifted(sweep: SweepArray, B_0: float) -> SweepArray:
    B = sweep.B - B_0
    # -25 mT + 120 * 0.2 mT + 1 mT is 1e-19 T and not zero: rounding of the axis, not a field.
    B[np.abs(B) < 1e-9 * np.max(np.abs(B))] = 0.0
    return replace(sweep, axes={**sweep.axes, "B": B})
