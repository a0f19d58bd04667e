"""Field sweeps as measured: direction, true zero field, symmetrisation.

The correction is even in the field, so a sweep from -B to +B holds every point twice; averaging
the two removes an admixture of the Hall voltage, which is odd. Nothing is interpolated: points
are paired where the grid holds both signs, and refused where it does not.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve

# Fields of a pair may differ by the rounding of printed decimals, not by a fraction of a step.
_PAIR_TOLERANCE = 1e-3


def sweep_order(B: NDArray[np.float64], label: str) -> NDArray[np.intp]:
    """Return the indices that make a one-way sweep ascend.

    Raises
    ------
    ValueError
        If the field turns round or repeats; the field where it does is in the message.
    """
    step = np.diff(B)
    if np.all(step > 0):
        return np.arange(len(B))
    if np.all(step < 0):
        return np.arange(len(B))[::-1]
    turn = int(np.flatnonzero(np.sign(step) != np.sign(step[0]))[0]) if step[0] else 0
    raise ValueError(
        f"The field of {label!r} is not monotonic: it turns or repeats at {B[turn]:g} T "
        f"(data row {turn + 1}); give up and down sweeps as separate files."
    )


def is_two_sided(curve: Curve) -> bool:
    """Return whether the curve holds fields of both signs."""
    return bool(curve.B[0] < 0 < curve.B[-1])


def symmetrise(curve: Curve) -> Curve:
    """Return the even part [Delta_sigma(B) + Delta_sigma(-B)] / 2 at the fields B >= 0.

    Standard errors are combined as those of two independent measurements, a covariance as it
    stands. Fields beyond the range
    that both signs share are dropped.

    Raises
    ------
    ValueError
        If a field within that range has no partner of the other sign in the grid.

    Examples
    --------
    >>> symmetrise(Curve([-1.0, 0.0, 1.0], [3.0, 0.0, 5.0])).delta_sigma
    array([0., 4.])
    """
    tolerance = _tolerance(curve.B)
    curve = curve.window(0.0, min(-curve.B[0], curve.B[-1]) + tolerance)
    forward = np.flatnonzero(curve.B + tolerance >= 0)
    mirror = np.array([np.argmin(np.abs(curve.B + B)) for B in curve.B[forward]])
    _check_pairs(curve, forward, mirror)
    error, covariance = None, None
    if curve.covariance is not None:
        average = (np.eye(len(curve))[forward] + np.eye(len(curve))[mirror]) / 2
        covariance = average @ curve.covariance @ average.T
        covariance = (covariance + covariance.T) / 2
    elif curve.standard_error is not None:
        pair = np.hypot(curve.standard_error[forward], curve.standard_error[mirror]) / 2
        error = np.where(forward == mirror, curve.standard_error[forward], pair)
    return replace(
        curve,
        B=np.abs(curve.B[forward]),
        delta_sigma=(curve.delta_sigma[forward] + curve.delta_sigma[mirror]) / 2,
        standard_error=error,
        covariance=covariance,
    )


def _tolerance(B: NDArray[np.float64]) -> float:
    return _PAIR_TOLERANCE * float(np.min(np.diff(B)))


def _check_pairs(curve: Curve, forward: NDArray[np.intp], mirror: NDArray[np.intp]) -> None:
    lonely = np.abs(curve.B[forward] + curve.B[mirror]) > _tolerance(curve.B)
    unused = np.setdiff1d(np.arange(len(curve)), np.concatenate([forward, mirror]))
    alone = np.concatenate([curve.B[forward][lonely], curve.B[unused]])
    if alone.size:
        B = alone[0]
        raise ValueError(
            f"The field {B:g} T of {curve.label!r} has no partner at {-B:g} T, so the sweep cannot "
            "be symmetrised without interpolation; pass zero_field= if the true zero is shifted, "
            "or interpolate it to a grid that is symmetric about zero."
        )
