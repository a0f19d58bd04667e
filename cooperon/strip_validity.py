"""How far the formula of a narrow wire in a perpendicular field is from the exact strip."""

from __future__ import annotations

import mpmath as mp
import sympy as sp

from cooperon.lengths import SI_VALUES
from cooperon.strip_function import StripFunction, narrow_strip
from diagrams.symbols import e, hbar

_DIGITS = 15
_FLUX = float(SI_VALUES[hbar] / SI_VALUES[e])
# in units of sqrt(B_phi B_W); weaker fields need more digits than a double has
_PARABOLIC = 0.5


def narrow_strip_deviation(B: float, B_phi: float, B_W: float) -> float:
    """Return (narrow - exact)/exact of sigma(B) - sigma(0), without spin-orbit.

    Narrow is the leading order of Altshuler and Aronov, exact the `StripFunction`.  B may have
    either sign; B_phi = hbar/(4 e L_phi^2) and B_W = hbar/(4 e W^2) are in the same unit.  Where
    |B| < sqrt(B_phi B_W)/2 both are parabolas, whose deviation hardly depends on B: it is taken
    at that field, to 1e-3.  A call takes a tenth of a second.

    Raises
    ------
    ValueError : if B_phi or B_W is not positive, or a field is not finite.
    """
    for name, field in (("B_phi", B_phi), ("B_W", B_W)):
        if not (0 < field < float("inf")):
            raise ValueError(
                f"{name} = {field} must be positive and finite; give a field in tesla."
            )
    if not abs(B) < float("inf"):
        raise ValueError(f"B = {B} must be finite; give a field in tesla.")
    least = _PARABOLIC * (B_W * B_phi) ** 0.5
    fields = [sp.Float(value, _DIGITS) for value in (max(abs(B), least), B_phi, B_W)]
    return float(narrow_strip(*fields).evalf(_DIGITS) / StripFunction(*fields).evalf(_DIGITS) - 1)


def narrow_strip_warning(
    B: float, B_phi: float, width: float, tolerance: float = 0.05
) -> str | None:
    """Return a sentence if the narrow-wire formula is off by more than `tolerance`, else None.

    B and B_phi in tesla, the width in metres.

    Raises
    ------
    ValueError : if B_phi or the width is not positive, or an argument is not finite.
    """
    if not (0 < width < float("inf")):
        raise ValueError(f"the width {width} m must be positive and finite.")
    deviation = narrow_strip_deviation(B, B_phi, _FLUX / (4 * width**2))
    if abs(deviation) <= tolerance:
        return None
    L_phi = float(mp.sqrt(_FLUX / (4 * B_phi)))
    return (
        f"the wire is {width * 1e9:.4g} nm wide and L_phi = {L_phi * 1e9:.4g} nm: at B = {B:.4g} T "
        f"the narrow-wire formula deviates by {100 * deviation:+.3g} %; use the exact strip, "
        "StripFunction(B, B_phi, hbar/(4 e W^2))."
    )
