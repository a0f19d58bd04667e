"""Column names of data files: what a column holds, in which unit, for which curve.

A name is read as ``quantity [label] [unit]``, with the unit in parentheses, in brackets or after
the last underscore: ``B_mT``, ``B (T)``, ``dG_300mK_e2h``, ``sem_300mK_e2h``,
``delta_sigma (e^2/h)``. The label (``300mK``) ties a curve to its standard error.
"""

import re
from dataclasses import dataclass

from numerics.units import CONDUCTANCE_UNITS, FIELD_UNITS, find_unit

FIELD, SIGNAL, ERROR = "field", "signal", "error"

# Longer names first: "delta_sigma" must not be read as "delta" with the label "sigma".
_QUANTITIES: dict[str, tuple[str, ...]] = {
    FIELD: ("magnetic_field", "magnetic field", "mu0_h", "field", "b", "h"),
    ERROR: ("standard_error", "std_err", "stderr", "error", "sigma_err", "sem", "err", "std"),
    SIGNAL: (
        "delta_sigma",
        "dsigma",
        "delta_g",
        "sigma",
        "conductance",
        "conductivity",
        "δσ",
        "δg",
        "dg",
        "ds",
        "g",
    ),
}
_RESISTANCE = re.compile(r"^(r|rxx|r_xx|rho|rho_xx|resistance|resistivity)([_ (\[].*)?$", re.I)
_TEMPERATURE = re.compile(r"^([0-9]*\.?[0-9]+)\s*(mK|K)$")


@dataclass(frozen=True)
class Column:
    """What one column of a file holds: its kind, label, and unit (None where not stated)."""

    name: str
    kind: str
    label: str
    unit: str | None


def read_header(name: str) -> Column | None:
    """Return the meaning of a column name, or None if it is no field, signal or error.

    Raises
    ------
    ValueError
        If the name states a unit that is not known.

    Examples
    --------
    >>> read_header("dG_300mK_e2h")
    Column(name='dG_300mK_e2h', kind='signal', label='300 mK', unit='e^2/h')
    """
    text, stated = _split_bracket(name.strip())
    for kind, quantities in _QUANTITIES.items():
        for quantity in quantities:
            rest = _after(text, quantity)
            if rest is not None:
                return _column(name, kind, rest, stated)
    return None


def is_resistance(name: str) -> bool:
    """Return whether a column name means a resistance or a resistivity."""
    return bool(_RESISTANCE.match(name.strip()))


def temperature_of(label: str) -> float | None:
    """Return the temperature in kelvin that a label such as ``300 mK`` names, else None.

    >>> temperature_of("300 mK"), temperature_of("base")
    (0.3, None)
    """
    match = _TEMPERATURE.match(label)
    if match is None:
        return None
    return float(match[1]) / 1000 if match[2] == "mK" else float(match[1])


def _split_bracket(name: str) -> tuple[str, str | None]:
    match = re.match(r"^(.*?)\s*[(\[](.*)[)\]]$", name)
    return (match[1], match[2]) if match else (name, None)


def _after(text: str, quantity: str) -> str | None:
    if not text.lower().startswith(quantity):
        return None
    rest = text[len(quantity) :]
    return rest.strip("_ /") if rest == "" or rest[0] in "_ /" else None


def _column(name: str, kind: str, rest: str, stated: str | None) -> Column:
    units = FIELD_UNITS if kind == FIELD else CONDUCTANCE_UNITS
    if stated is not None:
        unit = find_unit(stated, units)
        if unit is None:
            raise ValueError(
                f"Column {name!r} states the unit {stated!r}, which is not known for a {kind}; "
                f"use one of {', '.join(units)}, or give the unit as an argument."
            )
        return Column(name, kind, _label(rest), unit)
    head, _, tail = rest.rpartition("_")
    unit = find_unit(tail, units)
    return Column(name, kind, _label(rest if unit is None else head), unit)


def _label(text: str) -> str:
    match = _TEMPERATURE.match(text.strip("_ "))
    return f"{match[1]} {match[2]}" if match else text.strip("_ ")
