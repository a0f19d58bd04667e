"""Numbers as a reader wants them: two digits of the error, and an SI prefix instead of e-12."""

import math
from dataclasses import dataclass

PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
# Units that take a prefix; a power or a quotient would change its meaning.
PREFIXED = ("s", "m", "T", "K", "V", "eV", "J", "Hz", "S")


@dataclass(frozen=True)
class Rounded:
    """A value, its error (empty if it has none) and its unit as text, `exponent` of ten apart."""

    value: str
    error: str
    unit: str
    exponent: int


def rounded(value: float, error: float, unit: str) -> Rounded:
    """Round a value to two digits of its error, or to four digits if that is 0 or infinite.

    >>> rounded(1.97760e-11, 5.87e-13, "s")
    Rounded(value='19.78', error='0.59', unit='ps', exponent=0)
    """
    exponent = engineering_exponent(value if value else error)
    mantissa, spread = value / 10.0**exponent, error / 10.0**exponent
    known = math.isfinite(spread) and spread > 0
    digits = _decimals(spread, 2) if known else _decimals(mantissa, 4)
    text = f"{mantissa:.{digits}f}"
    shown = f"{spread:.{digits}f}" if known else ""
    if unit in PREFIXED and exponent in PREFIXES:
        return Rounded(text, shown, PREFIXES[exponent] + unit, 0)
    return Rounded(text, shown, "" if unit == "1" else unit, exponent)


def quantity_text(value: float, error: float, unit: str) -> str:
    """Return ``19.78 +- 0.59 ps`` as plain text, without ``+-`` where there is no error.

    >>> quantity_text(1.97760e-11, math.inf, "s")
    '19.78 ps'
    """
    number = rounded(value, error, unit)
    body = f"{number.value} +- {number.error}" if number.error else number.value
    if number.exponent:
        body = f"({body})e{number.exponent}" if number.error else f"{body}e{number.exponent}"
    return f"{body} {number.unit}".strip()


def engineering_exponent(value: float) -> int:
    """Return the multiple of three that leaves 1 to 999, or 0 for numbers near one."""
    if value == 0 or not math.isfinite(value):
        return 0
    exponent = math.floor(math.log10(abs(value)))
    # Numbers of a few digits before or after the point are read more easily without a power.
    return 0 if -3 <= exponent < 4 else 3 * math.floor(exponent / 3)


def _decimals(size: float, digits: int) -> int:
    if size == 0 or not math.isfinite(size):
        return digits
    return max(0, digits - 1 - math.floor(math.log10(abs(size))))
