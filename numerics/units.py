"""Units in which measured data arrive: magnetic field and sheet conductance.

A field is brought to tesla on reading. A conductance keeps the unit of its file, because the
quantum e^2/h and the prefactor of weak localization e^2/(pi h) differ by pi, the most common
mistake in this field: the unit travels with the curve and is converted only on request.
"""

import math
import re

from numerics.constants import e, h

FIELD_UNITS: dict[str, float] = {
    "T": 1.0,
    "mT": 1e-3,
    "uT": 1e-6,
    "G": 1e-4,
    "kG": 1e-1,
    "Oe": 1e-4,
    "kOe": 1e-1,
}
"""Tesla per unit; oersted is read as the induction in vacuum, 1 Oe = 1e-4 T."""

CONDUCTANCE_UNITS: dict[str, float] = {
    "e^2/h": e**2 / h,
    "e^2/(pi h)": e**2 / (math.pi * h),
    "S": 1.0,
    "mS": 1e-3,
    "uS": 1e-6,
}
"""Siemens per unit, with the exact values of e and h."""

_SPELLINGS = {
    "tesla": "T",
    "µt": "uT",
    "μt": "uT",
    "gauss": "G",
    "gs": "G",
    "e2h": "e^2/h",
    "e2/h": "e^2/h",
    "e²/h": "e^2/h",
    "e**2/h": "e^2/h",
    "e2pih": "e^2/(pi h)",
    "e2/pih": "e^2/(pi h)",
    "e^2/pih": "e^2/(pi h)",
    "e^2/(pih)": "e^2/(pi h)",
    "e2/(pih)": "e^2/(pi h)",
    "e^2/(pi*h)": "e^2/(pi h)",
    "e²/(πh)": "e^2/(pi h)",
    "e²/πh": "e^2/(pi h)",
    "siemens": "S",
    "µs": "uS",
    "μs": "uS",
}


def find_unit(text: str, units: dict[str, float]) -> str | None:
    """Return the key of `units` that `text` spells, or None; `e2h`, `e2/h`, `e²/h` are one unit."""
    compact = re.sub(r"\s+", "", text)
    if compact in units:
        return compact
    spelled = _SPELLINGS.get(compact.lower())
    return spelled if spelled in units else None


def require_unit(text: str, units: dict[str, float], what: str) -> str:
    """Return the key of `units` that `text` spells; ValueError with the known ones otherwise."""
    unit = find_unit(text, units)
    if unit is None:
        raise ValueError(
            f"The unit {text!r} of {what} is not known; use one of {', '.join(units)}."
        )
    return unit
