"""The dephasing field B_phi at the values of a fit, however the model writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numerics.constants import e, hbar
from numerics.curve import Curve


def dephasing_field(values: Mapping[str, float], compared: str) -> float:
    """Return B_phi in tesla from B_phi, from L_phi, or from tau_phi and D.

    Parameters
    ----------
    values : mapping
        Arguments of the model in SI units.
    compared : str
        Name of the option that needs it, for the error.

    Raises
    ------
    ValueError
        If it does not follow from the values.
    """
    if "B_phi" in values:
        return values["B_phi"]
    if "L_phi" in values:
        return hbar / (4 * e * values["L_phi"] ** 2)
    if "tau_phi" in values and "D" in values:
        return hbar / (4 * e * values["D"] * values["tau_phi"])
    raise ValueError(
        f"the {compared.replace('_', ' ')} is compared with B_phi, which does not follow from "
        f"{sorted(values)}; leave {compared} out, or fit B_phi, L_phi, or tau_phi and D."
    )


def largest_field(
    curves: Sequence[Curve], arguments: Sequence[Mapping[str, float]], compared: str
) -> tuple[float, float]:
    """Return max |B| and B_phi, in tesla, of the curve that reaches the largest field."""
    return max(
        (float(abs(curve.B).max()), dephasing_field(values, compared))
        for curve, values in zip(curves, arguments, strict=True)
    )
