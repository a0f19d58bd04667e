"""Between which values a parameter is worth turning, by its unit.

The ranges are wider than most experiments on diffusive conductors: a dephasing field of 10 uT
belongs to L_phi = 4 um, one of 10 T to 4 nm.  A parameter that can have either sign has a range
of both signs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

from diagrams.symbols import symbol
from numerics.constants import e
from numerics.module_docstring import unit_of

_RANGES = MappingProxyType(
    {
        "T": (1e-5, 10.0),
        "s": (1e-13, 1e-9),
        "m": (1e-9, 1e-4),
        "K": (1e-2, 1e2),
        "m^2/s": (1e-4, 1.0),
        "1/m": (1e6, 1e10),
        "m/s": (1e4, 1e7),
        "rad/s": (1e8, 1e12),
        "Wb": (1e-17, 1e-14),
        "J": (1e-4 * e, e),
        "J m": (1e-14 * e, 1e-10 * e),
        "J m^3": (1e-30 * e, 1e-27 * e),
        "ohm": (10.0, 1e5),
        "S m": (1e-12, 1e-6),
        "S/m": (1e3, 1e8),
        "m^2": (1e-15, 1e-9),
        "kg": (1e-32, 1e-30),
    }
)
_SPECIAL = MappingProxyType({"g": (1e-2, 50.0), "tau": (1e-15, 1e-11), "tau_tr": (1e-15, 1e-11)})
# A correction is even in them, so that a logarithmic slider of one sign shows all of it.
_EVEN = ("T", "rad/s")
Ranges = Mapping[str, tuple[float, float]]


def slider_range(name: str, ranges: Ranges, units: Mapping[str, str]) -> tuple[float, float]:
    """Return the range of a parameter: as given, or by its unit.

    >>> slider_range("tau_phi", {}, {}), slider_range("g", {}, {})
    ((1e-13, 1e-09), (-50.0, 50.0))

    Raises
    ------
    ValueError
        If it is not increasing and finite, or there is none for the unit.
    """
    if name in ranges:
        return _checked(name, *ranges[name])
    low, high = _positive(name, units)
    signed = not symbol(name).is_nonnegative and _unit(name, units) not in _EVEN
    return (-high, high) if signed else (low, high)


def axis_range(
    name: str, ranges: Ranges, units: Mapping[str, str], *, log: bool
) -> tuple[float, float]:
    """Return where an axis starts and stops: as given, or by the unit.

    A field on an even axis goes to both sides, ten times as far as the middle of its decades.

    >>> axis_range("B", {}, {}, log=False), axis_range("B", {}, {}, log=True)
    ((-0.1, 0.1), (1e-05, 10.0))
    """
    if name in ranges:
        return _checked(name, *ranges[name])
    low, high = _positive(name, units)
    if log or symbol(name).is_nonnegative:
        return low, high
    far = 10 * middle(low, high) if _unit(name, units) == "T" else high
    return -far, far


def middle(low: float, high: float) -> float:
    """Return the middle of the decades of a range, or its own where it reaches zero.

    >>> middle(1e-13, 1e-9), middle(-1.0, 3.0)
    (1e-11, 1.0)
    """
    if low > 0:
        return float(f"{math.sqrt(low) * math.sqrt(high):.12g}")
    return (low + high) / 2


def _checked(name: str, low: float, high: float) -> tuple[float, float]:
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            f"the range of {name} is {low:g} to {high:g}; give finite ends in increasing order."
        )
    return float(low), float(high)


def _positive(name: str, units: Mapping[str, str]) -> tuple[float, float]:
    found = _SPECIAL.get(name) or _RANGES.get(_unit(name, units))
    if found is None:
        raise ValueError(
            f"{name} has no range of its own; give one in SI units, such as "
            f"ranges={{{name!r}: (0.1, 10.0)}}."
        )
    return found


def _unit(name: str, units: Mapping[str, str]) -> str:
    return units.get(name) or unit_of(name) or ""
