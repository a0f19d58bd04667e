"""How quantities are written on an axis: a prefix that makes numbers short, letters, a unit.

Numbers come in SI units or multiples of e^2/h; an axis up to 0.1 T reads 0 to 100 mT, a
conductance times length of 3e-7 (e^2/h) m reads 300 e^2/h nm, and what takes no prefix gets a
power of ten.  Texts are for matplotlib, whose mathtext needs no LaTeX.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cooperon import Correction, latex
from diagrams.symbols import QUANTITIES
from numerics.fit_table import symbol_latex
from numerics.module_docstring import unit_of
from numerics.rounding import PREFIXED, PREFIXES

_LENGTHS = {" / m": -1, " m": 1}
_BASES = {
    "e^2/h": "$e^2/h$",
    "2e^2/h": "$2e^2/h$",
    "e^2/(pi h)": r"$e^2/\pi h$",
    "e^2/(pi hbar)": r"$e^2/\pi\hbar$",
}


@dataclass(frozen=True)
class Scale:
    """What an axis shows: `factor` times a number in the basic unit, in `unit`, as a text."""

    factor: float
    unit: str

    def labelled(self, text: str) -> str:
        """Return the text with the unit in parentheses, if there is one."""
        return f"{text} ({self.unit})" if self.unit else text


@dataclass(frozen=True)
class ResultUnit:
    """Unit of a correction: a conductance times a power of the metre, which is 2 - d.

    >>> ResultUnit("e^2/h", 1).scale(3e-7).unit
    '$e^2/h$ nm'
    """

    base: str
    length: int = 0

    @classmethod
    def of(cls, correction: Correction, unit: str | None) -> ResultUnit:
        """Return what `numerics.compile(correction, unit=unit)` computes in."""
        name = correction.unit_name
        suffix = next((text for text in _LENGTHS if name.endswith(text)), "")
        base = unit if unit and unit != name else name.removesuffix(suffix)
        return cls("S" if base == "SI" else base, _LENGTHS.get(suffix, 0))

    def scale(self, size: float) -> Scale:
        """Return the scale of an axis for values of this size; a length takes the prefix."""
        base = _BASES.get(self.base, upright(self.base))
        if not self.length:
            return scale("S", size) if self.base == "S" else _power_of_ten(base, size)
        metre = "m" if self.length > 0 else "m$^{-1}$"
        exponent = _engineering(size) * self.length
        if self.base == "S" or exponent not in PREFIXES:
            return _power_of_ten(f"{base} {metre}", size)
        return Scale(10.0 ** (-exponent * self.length), f"{base} {_prefix(exponent)}{metre}")


def scale(unit: str | None, size: float) -> Scale:
    """Return the scale of an axis for values about `size` in a basic SI unit.

    >>> scale("T", 0.1), scale("m^2/s", 0.03).unit, scale("rad/s", 2e9).unit
    (Scale(factor=1000.0, unit='mT'), 'm$^{2}$/s', '$10^{9}$ rad/s')
    """
    if unit in PREFIXED and _engineering(size) in PREFIXES:
        exponent = _engineering(size)
        return Scale(10.0**-exponent, _prefix(exponent) + unit)
    return _power_of_ten("" if unit in (None, "1") else upright(unit), size)


def typical(values: ArrayLike, *, log: bool) -> float:
    """Return the size that decides on a prefix: the largest, or the middle of the decades."""
    sizes = np.abs(np.asarray(values))
    sizes = sizes[(sizes > 0) & np.isfinite(sizes)]
    if not len(sizes):
        return 1.0
    # The prefix leaves 1 to 1000: a middle of 0.3 reads better than one of 300.
    middle = np.sqrt(10.0 * sizes.min()) * np.sqrt(sizes.max())
    return float(middle if log else sizes.max())


def letter(name: str) -> str:
    """Return the letter of a parameter as the symbol table prints it, in dollar signs."""
    return symbol_latex(name)


def described(name: str) -> str:
    r"""Return the meaning of a parameter without formulas, and its letter.

    >>> described("B_phi")
    'dephasing field $B_\\phi$'
    """
    row = QUANTITIES.get(name)
    words = row.meaning.split() if row else []
    formula = next((k for k, word in enumerate(words) if _is_formula(word)), len(words))
    return " ".join([*words[:formula], letter(name)])


def result_name(function: object) -> str:
    """Return what a correction, or a compiled function, is called on an axis."""
    if isinstance(function, Correction):
        return f"${latex(function.lhs)}$"
    return str(getattr(function, "__name__", "value")).replace("_", " ")


def number(value: float) -> str:
    r"""Return a number with four digits, with a power of ten where it would be long.

    >>> number(0.02), number(1.5e-7)
    ('0.02', '$1.5\\times 10^{-7}$')
    """
    if math.isinf(value):
        return r"$\infty$"
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    return rf"${mantissa}\times 10^{{{int(exponent)}}}$" if exponent else mantissa


def with_unit(name: str, value: float, unit: str | None = None) -> str:
    """Return a value with a prefix and its unit, that of the symbol table unless given."""
    chosen = scale(unit or unit_of(name), typical([value], log=False))
    if value == 0 or math.isinf(value):
        return number(value)
    return f"{number(chosen.factor * value)} {chosen.unit}".strip()


def upright(unit: str) -> str:
    """Return a unit with its exponents raised."""
    return re.sub(r"\^\(?([-\d]+)\)?", r"$^{\1}$", unit)


def _power_of_ten(unit: str, size: float) -> Scale:
    exponent = _engineering(size)
    # Numbers of a few digits are read more easily without a power.
    if 1e-2 <= size < 1e4 or exponent == 0:
        return Scale(1.0, unit)
    return Scale(10.0**-exponent, f"$10^{{{exponent}}}$ {unit}".strip())


def _engineering(size: float) -> int:
    """Return the exponent, a multiple of three, of a number; of 0.1 it is -3."""
    if not (math.isfinite(size) and size > 0):
        return 0
    return 3 * math.floor((math.log10(size) + 1e-9) / 3)


def _prefix(exponent: int) -> str:
    return PREFIXES[exponent].replace("u", "µ")


def _is_formula(word: str) -> bool:
    return word in ("e", "hbar") or any(sign in word for sign in "_/(^")
