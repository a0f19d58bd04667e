"""Quantities with pint units at the edge: taken apart on the way in, put together on the way out.

Inside, everything is a float in SI. Nothing here imports pint unless a quantity is asked for; one
that comes in is known by its two methods, so any registry serves.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.units import CONDUCTANCE_UNITS

_PINT_NAMES = {
    "ohm": "ohm",
    "S": "siemens",
    "T": "tesla",
    "V": "volt",
    "K": "kelvin",
    "A": "ampere",
    "m": "meter",
    "1": "dimensionless",
    "1/m^2": "meter**-2",
}


def is_quantity(value: object) -> bool:
    """Return whether `value` carries a unit as a pint quantity does."""
    return hasattr(value, "magnitude") and hasattr(value, "dimensionality")


def si_array(value: Any, unit: str, what: str) -> NDArray[np.float64]:
    """Return plain numbers (taken as SI) or a pint quantity as float64 numbers in `unit`.

    Raises
    ------
    ValueError
        If the quantity has another dimension, or the value is no array of numbers.
    """
    if is_quantity(value):
        value = _converted(value, unit, what)
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{what} is {value!r}, not numbers; give floats in {unit} or a pint quantity."
        ) from error


def si_float(value: Any, unit: str, what: str) -> float:
    """Return a number (taken as SI) or a pint quantity as a finite float in `unit`.

    Raises
    ------
    ValueError
        If it has another dimension or is not one finite number.
    """
    number = si_array(value, unit, what)
    if number.shape != () or not np.isfinite(number):
        raise ValueError(f"{what} is {value}; give one finite number in {unit}.")
    return float(number)


def pint_quantity(value: NDArray[np.float64] | float, unit: str) -> Any:
    """Return the value as a quantity of pint's application registry; e^2/h goes out in siemens."""
    try:
        import pint
    except ImportError as error:
        raise ImportError(
            'Quantities with units need pint; install it with pip install "cooperon[inference]".'
        ) from error
    if unit == "e^2/h":
        value, unit = value * CONDUCTANCE_UNITS[unit], "S"
    return pint.get_application_registry().Quantity(value, _PINT_NAMES[unit])


def _converted(value: Any, unit: str, what: str) -> Any:
    import pint

    try:
        return value.to(_PINT_NAMES[unit]).magnitude
    except pint.DimensionalityError as error:
        gaussian = unit == "T" and str(value.units) in ("gauss", "oersted", "kilogauss")
        remedy = "1 gauss is 1e-4 tesla" if gaussian else f"a value in {unit} is needed"
        raise ValueError(f"{what} is given in {value.units}; {remedy}.") from error
