"""Raw measured data as a labelled array: numbers, their axes and units, and where they are from.

A field sweep is rarely one curve: a gate map is a matrix whose rows are fluctuating repetitions of
the same physics, and every later step (recentring, tensor inversion, averaging) must know which
axis is which. The names carry that meaning and the units are SI, so that a step cannot be applied
to the wrong column and a record of steps determines the result.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.measured_quantities import AXES, VALUES, measured
from numerics.pint_edge import pint_quantity, si_array, si_float

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SweepArray:
    """Measured values over the field and, it may be, gate voltage, temperature, direction.

    Attributes
    ----------
    axes : dict
        Coordinates by name (`numerics.measured_quantities.AXES`), in the order of the arrays'
        dimensions. ``B`` is required; it is made the last dimension.
    values : dict
        Arrays by name (`numerics.measured_quantities.VALUES`), all of the shape of the axes. NaN
        is a point that was not measured; `require_complete` refuses it.
    units : dict
        SI unit of every axis and value; a conductivity may be in ``"e^2/h"`` instead.
    label : str
        Name of the sweep, and of the curve made from it.
    temperature : float or None
        In kelvin.
    source : str
        Where the numbers come from.
    notes : tuple of str
        How they were read and what was done to them, in sentences.
    covariance : array, shape (n, n), or None
        Covariance of the only value along B, in its unit squared, once rows have been averaged.

    Pint quantities are accepted for axes, values and temperature, and given back by `quantity`.

    Raises
    ------
    ValueError
        If a name or unit is unknown, shapes disagree, a coordinate is not finite or repeats (the
        field may repeat, since it can go up and down), or a value is infinite.

    Examples
    --------
    >>> sweep = SweepArray({"B": [-1e-3, 0, 1e-3]}, {"R_xx": [9.0, 10.0, 9.5]})
    >>> sweep.units
    {'B': 'T', 'R_xx': 'ohm'}
    """

    axes: Mapping[str, Floats]
    values: Mapping[str, Floats]
    units: Mapping[str, str] = field(default_factory=dict)
    label: str = "data"
    temperature: float | None = None
    source: str = ""
    notes: tuple[str, ...] = ()
    covariance: Floats | None = None

    def __repr__(self) -> str:
        axes = ", ".join(
            f"{name} ({len(x)}) {np.min(x):g} to {np.max(x):g} {self.units[name]}"
            for name, x in self.axes.items()
        )
        values = ", ".join(f"{name} in {self.units[name]}" for name in self.values)
        T = "" if self.temperature is None else f", T = {self.temperature:g} K"
        return f"SweepArray({self.label!r}: {values} over {axes}{T})"

    def __post_init__(self) -> None:
        set_field = object.__setattr__
        set_field(self, "units", _units(self))
        set_field(self, "axes", {k: self._coordinate(k) for k in self.axes})
        set_field(self, "values", {k: self._value(k) for k in self.values})
        if self.temperature is not None:
            kelvin = si_float(self.temperature, "K", f"The temperature of {self.label!r}")
            set_field(self, "temperature", kelvin)
        _field_last(self)
        _check_covariance(self)

    @property
    def B(self) -> Floats:
        """Field in tesla."""
        return self.axes["B"]

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return tuple(len(coordinate) for coordinate in self.axes.values())

    def dimension(self, axis: str) -> int:
        """Return the dimension of an axis; ValueError with the axes there are."""
        if axis not in self.axes:
            raise ValueError(
                f"The sweep {self.label!r} has no axis {axis!r}; its axes are "
                f"{', '.join(self.axes)}."
            )
        return list(self.axes).index(axis)

    def quantity(self, name: str) -> Any:
        """Return an axis or a value as a pint quantity."""
        array = self.axes.get(name, self.values.get(name))
        if array is None:
            known = ", ".join([*self.axes, *self.values])
            raise ValueError(f"The sweep {self.label!r} has no {name!r}; it has {known}.")
        return pint_quantity(array, self.units[name])

    def take(self, axis: str, indices: Any) -> "SweepArray":
        """Return the sweep with the given positions of one axis only, in their order."""
        where = self.dimension(axis)
        covariance = self.covariance
        if covariance is not None and axis == "B":
            covariance = covariance[np.ix_(indices, indices)]
        return replace(
            self,
            axes={k: v[indices] if k == axis else v for k, v in self.axes.items()},
            values={k: np.take(v, indices, axis=where) for k, v in self.values.items()},
            covariance=covariance,
        )

    def with_values(
        self, values: Mapping[str, Floats], *, covariance: Floats | None = None, **units: str
    ) -> "SweepArray":
        """Return the sweep with other values on the same axes; units other than SI by name.

        A covariance belongs to the values, so it is given anew or lost.
        """
        kept = {name: self.units[name] for name in (*self.axes, *values) if name in self.units}
        return replace(self, values=values, units=kept | units, covariance=covariance)

    def noted(self, *sentences: str) -> "SweepArray":
        """Return the sweep with further notes."""
        return replace(self, notes=(*self.notes, *sentences))

    def require_complete(self, purpose: str) -> None:
        """Raise a ValueError that names the first point that was not measured."""
        for name, array in self.values.items():
            missing = np.argwhere(np.isnan(array))
            if len(missing):
                where = ", ".join(
                    f"{k} = {v[i]:g} {self.units[k]} (index {i})"
                    for (k, v), i in zip(self.axes.items(), missing[0], strict=True)
                )
                raise ValueError(
                    f"{name} of {self.label!r} is NaN at {where}, and {purpose} needs every "
                    "point; leave the row or the field out with the step Drop and a reason."
                )

    def digest(self) -> str:
        """Return the SHA-256 of names, units, label, temperature and numbers (not of the notes)."""
        head = [self.label, self.temperature, dict(self.units), self.shape]
        sha = hashlib.sha256(json.dumps(head).encode())
        arrays = [*self.axes.items(), *self.values.items(), ("covariance", self.covariance)]
        for name, array in arrays:
            if array is not None:
                sha.update(name.encode() + np.ascontiguousarray(array, "<f8").tobytes())
        return sha.hexdigest()

    def to_xarray(self) -> Any:
        """Return an `xarray.Dataset`; see `numerics.xarray_edge`."""
        from numerics.xarray_edge import to_xarray

        return to_xarray(self)

    def _coordinate(self, name: str) -> Floats:
        if name not in AXES:
            raise ValueError(
                f"{name!r} is no axis of a sweep; use one of {', '.join(AXES)}, and 'row' for "
                "repetitions."
            )
        array = np.atleast_1d(si_array(self.axes[name], AXES[name].unit, f"The axis {name}"))
        if array.ndim != 1 or not np.all(np.isfinite(array)):
            raise ValueError(
                f"The axis {name} of {self.label!r} is not a list of finite numbers; leave out "
                "the rows whose coordinate is not known."
            )
        if name != "B" and len(np.unique(array)) < len(array):
            repeated = next(x for x in array if np.sum(array == x) > 1)
            raise ValueError(
                f"The axis {name} of {self.label!r} holds {repeated:g} {AXES[name].unit} twice; "
                "use the axis 'row' for repetitions."
            )
        return _frozen(array)

    def _value(self, name: str) -> Floats:
        if name not in VALUES:
            raise ValueError(f"{name!r} is no measured value; use one of {', '.join(VALUES)}.")
        array = si_array(self.values[name], VALUES[name].unit, name)
        if array.shape != self.shape:
            raise ValueError(
                f"{name} of {self.label!r} has the shape {array.shape} and its axes "
                f"{', '.join(self.axes)} have {self.shape}; give one number per point."
            )
        if np.any(np.isinf(array)):
            place = np.argwhere(np.isinf(array))[0].tolist()
            raise ValueError(
                f"{name} of {self.label!r} is infinite at index {place}; mark a point that was "
                "not measured as NaN."
            )
        return _frozen(array)


def _units(sweep: SweepArray) -> dict[str, str]:
    found = {}
    for name in (*sweep.axes, *sweep.values):
        unit = measured(name).unit
        stated = sweep.units.get(name, unit)
        if stated != unit and not (unit == "S" and stated == "e^2/h"):
            raise ValueError(
                f"A sweep holds {name} in {unit}, not in {stated!r}; convert it, or pass a pint "
                "quantity, or let a reader convert it."
            )
        found[name] = stated
    return found


def _field_last(sweep: SweepArray) -> None:
    where = sweep.dimension("B")
    axes = dict(sweep.axes)
    axes["B"] = axes.pop("B")
    moved = {k: _frozen(np.moveaxis(v, where, -1)) for k, v in sweep.values.items()}
    object.__setattr__(sweep, "axes", axes)
    object.__setattr__(sweep, "values", moved)
    if not sweep.values or 0 in sweep.shape:
        raise ValueError(f"The sweep {sweep.label!r} holds no values; it needs at least one point.")


def _check_covariance(sweep: SweepArray) -> None:
    if sweep.covariance is None:
        return
    n = len(sweep.B)
    if list(sweep.axes) != ["B"] or len(sweep.values) != 1 or sweep.covariance.shape != (n, n):
        raise ValueError(
            f"The sweep {sweep.label!r} has a covariance of shape {sweep.covariance.shape}; it "
            "belongs to one value over one axis B, with one row and column per field."
        )
    object.__setattr__(sweep, "covariance", _frozen(sweep.covariance))


def _frozen(array: Floats) -> Floats:
    array = np.array(array, dtype=np.float64, order="C")
    array.flags.writeable = False
    return array
