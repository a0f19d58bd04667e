"""Whether a film is thin enough for a two-dimensional formula, or the sample is a bulk one.

Across a film of thickness t between reflecting faces the Cooperon has the modes q = n pi/t. A
two-dimensional formula keeps n = 0; the others add Psi((B_phi + B_n)/B) each, with
B_n = hbar (n pi/t)^2/(4 e) and Psi(x) = psi(1/2 + x) - ln x. Fitted all the same, a bulk sample
gives an amplitude and a dephasing length that mean nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from numerics.constants import e, hbar
from numerics.curve import Curve
from numerics.dephasing_field import largest_field
from numerics.kernels.hikami import hikami
from numerics.precision import double_precision
from numerics.rounding import quantity_text

_TOLERATED = 0.01
# Modes added one by one: beyond, B_n is so large that Psi is (B/B_n)^2/24.
_MODES = 2000


@double_precision()
def film_error(B: float, B_phi: float, thickness: float) -> float:
    """Return what the modes across a film add to the two-dimensional change, relative to it.

    Parameters
    ----------
    B, B_phi : float
        Perpendicular field (not 0) and dephasing field, T.
    thickness : float
        In metres.
    """
    first = hbar / (4 * e) * (np.pi / thickness) ** 2
    many = max(_MODES, int(10 * np.sqrt((abs(B) + B_phi) / first)))
    n = np.arange(1, many)
    field = abs(B)
    rest = (field / first) ** 2 / 24 / (3 * (many - 0.5) ** 3)
    across = float(np.sum(np.asarray(hikami(field, B_phi + first * n**2)))) + rest
    return across / float(hikami(field, B_phi))


def thick_film(
    curves: Sequence[Curve],
    arguments: Sequence[Mapping[str, float]],
    thickness: float | None,
) -> list[str]:
    """Return a sentence if a two-dimensional formula leaves out more than 1 % at some field.

    Parameters
    ----------
    curves : sequence of Curve
    arguments : sequence of mapping
        Values of the fitted and fixed parameters for each curve: B_phi, L_phi, or tau_phi and D.
    thickness : float or None
        In metres; nothing is said without it.

    Raises
    ------
    ValueError
        If the thickness is not positive, is an argument of the model, or the dephasing field does
        not follow from the arguments.
    """
    if thickness is None:
        return []
    if not 0 < thickness < np.inf:
        raise ValueError(f"The thickness is {thickness} m; give a positive length.")
    if any("thickness" in values for values in arguments):
        raise ValueError(
            "The thickness is an argument of the model, which so treats the modes across the film; "
            "give it with fixed= only."
        )
    B, B_phi = largest_field(curves, arguments, "thickness")
    error = film_error(B, B_phi, thickness)
    if error <= _TOLERATED:
        return []
    L_phi = np.sqrt(hbar / (4 * e * B_phi))
    kind = "a bulk sample" if thickness > np.pi * L_phi else "not two-dimensional"
    return [
        f"A film {quantity_text(thickness, 0.0, 'm')} thick is {kind} at L_phi = "
        f"{quantity_text(float(L_phi), 0.0, 'm')} and B = {quantity_text(B, 0.0, 'T')}: the modes "
        f"across it, which the model leaves out, add {100 * error:.2g} %; fit with geometry=film()."
    ]
