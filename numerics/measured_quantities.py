"""What a sweep may hold: axes and values by name, their SI unit, and their parity in the field.

Raw files come in whatever unit the instrument wrote. A sweep holds SI, so no later step can mix
millitesla with tesla; the unit of the file is said once, in the note of the reader. Only a
conductivity may also be held in e^2/h, because published curves use rounded constants for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from numerics.units import CONDUCTANCE_UNITS, FIELD_UNITS, find_unit

EVEN, ODD = 1, -1


@dataclass(frozen=True)
class Measured:
    """An axis or a value: its SI unit, its words, and its parity under B -> -B (0 for an axis)."""

    unit: str
    words: str
    parity: int = 0


AXES: dict[str, Measured] = {
    "B": Measured("T", "magnetic field"),
    "V_g": Measured("V", "gate voltage"),
    "n": Measured("1/m^2", "density"),
    "T": Measured("K", "temperature"),
    "direction": Measured("1", "direction of the field sweep, +1 up and -1 down"),
    "row": Measured("1", "number of the sweep"),
}
"""Axes a sweep may have; the field is required and always the last."""

VALUES: dict[str, Measured] = {
    "V_xx": Measured("V", "longitudinal voltage", EVEN),
    "V_xy": Measured("V", "Hall voltage", ODD),
    "R_xx": Measured("ohm", "longitudinal resistance", EVEN),
    "R_xy": Measured("ohm", "Hall resistance", ODD),
    "rho_xx": Measured("ohm", "longitudinal resistivity per square", EVEN),
    "rho_xy": Measured("ohm", "Hall resistivity", ODD),
    "G": Measured("S", "conductance I/V of the sample", EVEN),
    "sigma_xx": Measured("S", "longitudinal conductivity per square", EVEN),
    "sigma_xy": Measured("S", "Hall conductivity", ODD),
    "delta_sigma": Measured("S", "sigma_xx(B) - sigma_xx(0)", EVEN),
}
"""Values a sweep may hold."""

SCALES: dict[str, dict[str, float]] = {
    "T": FIELD_UNITS,
    "V": {"V": 1.0, "mV": 1e-3, "uV": 1e-6, "nV": 1e-9},
    "ohm": {"ohm": 1.0, "mohm": 1e-3, "kohm": 1e3, "Mohm": 1e6, "ohm/sq": 1.0},
    "S": CONDUCTANCE_UNITS,
    "K": {"K": 1.0, "mK": 1e-3},
    "1/m^2": {"1/m^2": 1.0, "1/cm^2": 1e4, "m^-2": 1.0, "cm^-2": 1e4},
    "1": {"1": 1.0, "": 1.0},
}
"""SI value of each unit that is spelled in a file, by the SI unit it belongs to."""

_SIGNS = {"\u03a9": "ohm", "\u2126": "ohm", "Ohm": "ohm", "µ": "u", "μ": "u", "□": "sq"}
_BULK = ("ohmm", "ohmcm", "ohm*m", "ohm*cm", "ohm.m", "ohm.cm", "S/m", "S/cm")


def require_quantities(names: Mapping[str, str]) -> None:
    """Require a mapping from quantities to what they are called in a file, not the reverse.

    Raises
    ------
    ValueError
        If a key is no quantity.
    """
    for quantity, own in names.items():
        if quantity not in AXES and quantity not in VALUES and (own in AXES or own in VALUES):
            raise ValueError(
                f"names= says what a quantity is called in the file: write {{{own!r}: "
                f"{quantity!r}}} instead of {{{quantity!r}: {own!r}}}."
            )
        measured(quantity)


def measured(name: str) -> Measured:
    """Return what a name stands for; ValueError with the known names otherwise."""
    found = AXES.get(name) or VALUES.get(name)
    if found is None:
        raise ValueError(
            f"{name!r} is no axis or value of a sweep; use one of {', '.join([*AXES, *VALUES])}."
        )
    return found


def unit_scale(text: str, unit: str, what: str) -> float:
    """Return how many `unit` (SI) one unit spelled `text` is.

    Raises
    ------
    ValueError
        If the text spells no unit of this kind; a bulk resistivity is named as such.

    Examples
    --------
    >>> unit_scale("kΩ", "ohm", "R_xx"), unit_scale("mT", "T", "B")
    (1000.0, 0.001)
    """
    for sign, spelled in _SIGNS.items():
        text = text.replace(sign, spelled)
    found = find_unit(text, SCALES[unit])
    if found is not None:
        return SCALES[unit][found]
    if text.replace(" ", "") in _BULK:
        raise ValueError(
            f"{what} is in {text}, the unit of a bulk sample, and a sweep of a film is in {unit} "
            "per square; divide a resistivity by the film's thickness, or treat the sample as "
            "three-dimensional."
        )
    raise ValueError(
        f"The unit {text!r} of {what} is no unit of the kind {unit}; use one of "
        f"{', '.join(known for known in SCALES[unit] if known)}."
    )
