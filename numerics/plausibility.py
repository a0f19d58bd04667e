"""Whether a fit explains anything: a constant for each curve is the least that a model must beat.

A wrong model, sign or unit leaves residuals larger than the scatter of the data about their mean.
The classic case is a resistance, or sigma(B) itself, given where sigma(B) - sigma(0) is expected.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve

# Residuals of weighted fits are not smallest in the plain sum of squares.
_WORSE = 1.5
# A change is zero at B = 0: its value there is not many times all that it changes by.
_OFFSET = 3.0


def implausible(curves: Sequence[Curve], residuals: Mapping[str, NDArray[np.float64]]) -> list[str]:
    """Return a sentence if the model describes the curves worse than a constant each.

    Parameters
    ----------
    curves : sequence of Curve
    residuals : mapping
        Measured minus model by label, in the unit of the curves.
    """
    left = sum(float(np.sum(residuals[c.label] ** 2)) for c in curves)
    scatter = sum(float(np.sum((c.delta_sigma - c.delta_sigma.mean()) ** 2)) for c in curves)
    if left <= _WORSE * scatter:
        return []
    away = [c for c in curves if abs(_at_zero(c)) > _OFFSET * np.ptp(c.delta_sigma)]
    if away:
        value = f"{_at_zero(away[0]):.4g} {away[0].unit}"
        reason = (
            f"{away[0].label} is {value} at its smallest field and changes by only "
            f"{np.ptp(away[0].delta_sigma):.2g}: it seems to be a resistance or sigma(B) itself; "
            "give sigma(B) - sigma(0)."
        )
    else:
        reason = "check the sign, the units of field and conductance, and the choice of the model."
    return [f"The model describes the data worse than a constant does: {reason}"]


def _at_zero(curve: Curve) -> float:
    return float(curve.delta_sigma[np.argmin(np.abs(curve.B))])
