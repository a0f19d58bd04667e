"""Whether a sweep stays where diffusion holds: B << B_tr = hbar/(2 e l^2).

The formulas of the diffusive range and of any B/B_tr are compared at the largest field of a sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import mpmath as mp

from cooperon.nondiffusive_value import nondiffusive_value
from numerics.curve import Curve
from numerics.dephasing_field import largest_field
from numerics.rounding import quantity_text

_TOLERATED = 0.01
_STEPS = 6
_DIGITS = 6


def diffusive_error(B: float, B_phi: float, B_tr: float) -> float:
    """Return how far the diffusive formula Psi(B_phi/B) is above that for any B/B_tr, relatively.

    All fields in one unit; B may have either sign but not be 0.
    """
    with mp.workdps(_DIGITS):
        exact = nondiffusive_value(abs(B) / B_tr, B_phi / B_tr, back=True, other=True)
    x = mp.mpf(B_phi) / abs(B)
    with mp.workdps(_DIGITS + 2 * max(0, int(mp.log10(x)))):
        diffusive = mp.psi(0, x + mp.mpf(1) / 2) - mp.log(x)
    return float(diffusive / exact - 1)


def diffusive_range(B_max: float, B_phi: float, B_tr: float) -> str | None:
    """Return a sentence if the diffusive formula is off by more than 1 % at `B_max`, else None.

    Parameters
    ----------
    B_max : largest field of the sweep, T.
    B_phi : dephasing field, T.
    B_tr : transport field hbar/(2 e l^2), T.

    Raises
    ------
    ValueError : if a field is not positive.
    """
    for name, field in (("B_max", B_max), ("B_phi", B_phi), ("B_tr", B_tr)):
        if not field > 0:
            raise ValueError(f"{name} is {field}; give a positive field in tesla.")
    error = diffusive_error(B_max, B_phi, B_tr)
    if abs(error) <= _TOLERATED:
        return None
    return (
        f"The sweep reaches B = {quantity_text(B_max, 0.0, 'T')} = {B_max / B_tr:.2g} B_tr, where "
        f"the diffusive formula is off by {100 * error:.2g} %: fit with "
        f"nondiffusive_magnetoconductivity{_below(error, B_max, B_phi, B_tr)}."
    )


def _below(error: float, B: float, B_phi: float, B_tr: float) -> str:
    """The field up to which it is 1 %, if there is one: the error grows about linearly."""
    for _ in range(_STEPS):
        B *= max(0.9 * _TOLERATED / error, 0.02)
        error = diffusive_error(B, B_phi, B_tr)
        if error <= _TOLERATED:
            return f" or stay below {quantity_text(B, 0.0, 'T')}"
    return ""


def beyond_diffusion(
    curves: Sequence[Curve],
    arguments: Sequence[Mapping[str, float]],
    transport_field: float | None,
) -> list[str]:
    """Return the sentence for the curve that reaches the largest field, if there is one.

    Parameters
    ----------
    curves : sequence of Curve
    arguments : sequence of mapping
        Values of the fitted and fixed parameters for each curve: B_phi, L_phi, or tau_phi and D.
    transport_field : float or None
        B_tr in tesla; nothing is said without it.

    Raises
    ------
    ValueError : if the dephasing field does not follow from the arguments, or a field is not
        positive.
    """
    if transport_field is None:
        return []
    B, B_phi = largest_field(curves, arguments, "transport_field")
    sentence = diffusive_range(B, B_phi, transport_field)
    return [] if sentence is None else [sentence]
