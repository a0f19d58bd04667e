"""Which end points of a search are minima, and which of those are the same one.

An end point is a minimum if a Newton step would gain nothing (the decrement g H^-1 g / 2 is a
rounding error of the sum of squares) and no curvature is negative. Two minima are one if their
sums of squares agree and the quadratic form of the first says that their distance costs nothing;
in a flat valley a tolerance on the parameters themselves would split one minimum into many. Where a
parameter has no influence, or only a product of two has, the minimum is a line or a surface, bent
in general; equally low points that are flat to rounding are taken to lie on the same one.

A minimum on a bound, or with a direction that the data do not feel, is an artefact of the box
unless it fits about as well as the best: such a one is dropped if its sum of squares is larger
than the best by more than 25 variances of a residual (five standard deviations).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.search import EndPoints

# All relative to the sum of squares.
_DECREMENT = 1e-9
_SAME_VALUE = 1e-7
_SAME_PLACE = 1e-6
# Relative to the sum of squares of the data: what rounding leaves of an exact fit.
_ROUNDING = 1e-24
# Relative to the largest curvature: below it, a curvature is zero to rounding.
_NULL = 1e-9
# cos(u), the slope of the transformation relative to its largest.
_ON_BOUND = 1e-6
# In variances of a residual.
_PLAUSIBLE = 25.0


@dataclass(frozen=True, eq=False)
class Found:
    """A distinct minimum: the index of its end point, how many starts led there, its bounds."""

    index: int
    starts: int
    on_bound: NDArray[np.bool_]


@dataclass(frozen=True)
class Selection:
    """Distinct minima by increasing sum of squares, and the fate of the other starts."""

    minima: tuple[Found, ...]
    unconverged: int
    implausible: int


def select_minima(end: EndPoints, total: float, dof: int) -> Selection:
    """Return the distinct minima among end points (NumPy arrays).

    Parameters
    ----------
    end : EndPoints
        The end points of all starts.
    total : float
        Sum of squares of the weighted data, the scale of rounding errors.
    dof : int
        Degrees of freedom, for the variance of a residual.
    """
    order = np.argsort(end.sum_of_squares)
    candidates = [int(i) for i in order if is_minimum(end, int(i), total)]
    groups: list[list[int]] = []
    for i in candidates:
        group = next((g for g in groups if _are_same(end, g[0], i, total)), None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    kept = [g for g in groups if _is_plausible(end, g[0], groups[0][0], dof)]
    return Selection(
        minima=tuple(Found(g[0], len(g), _on_bound(end, g[0])) for g in kept),
        unconverged=len(end.u) - len(candidates),
        implausible=len(candidates) - sum(len(g) for g in kept),
    )


def is_minimum(end: EndPoints, i: int, total: float) -> bool:
    """Return whether the end point i is a minimum, within rounding errors of `total`."""
    square, gradient, hessian = end.sum_of_squares[i], end.gradient[i], end.hessian[i]
    if not (np.isfinite(square) and np.all(np.isfinite(gradient)) and np.all(np.isfinite(hessian))):
        return False
    curvature, axes = np.linalg.eigh(np.asarray(hessian))
    largest = float(np.max(np.abs(curvature)))
    size = np.maximum(np.abs(curvature), 1e-12 * largest + np.finfo(float).tiny)
    decrement = np.sum((axes.T @ gradient) ** 2 / size)
    stationary = decrement <= _DECREMENT * square + _ROUNDING * total
    return bool(stationary and curvature[0] >= -_NULL * largest)


def _are_same(end: EndPoints, i: int, j: int, total: float) -> bool:
    square = float(end.sum_of_squares[i])
    rounding = _ROUNDING * total
    if end.sum_of_squares[j] - square > _SAME_VALUE * square + rounding:
        return False
    if _has_null_direction(end, i) and _has_null_direction(end, j):
        return True
    # The sine is periodic: compare where the parameters are, not how often u went round.
    step = np.arcsin(np.sin(end.u[j])) - np.arcsin(np.sin(end.u[i]))
    return bool(step @ end.hessian[i] @ step <= _SAME_PLACE * square + rounding)


def _is_plausible(end: EndPoints, i: int, best: int, dof: int) -> bool:
    variance = float(end.sum_of_squares[best]) / dof
    degenerate = np.any(_on_bound(end, i)) or _is_flat(end, i, variance)
    excess = float(end.sum_of_squares[i] - end.sum_of_squares[best])
    return not degenerate or i == best or excess <= _PLAUSIBLE * variance


def _is_flat(end: EndPoints, i: int, variance: float) -> bool:
    """Return whether some direction, followed through the whole box, costs under one variance."""
    curvature = np.linalg.eigvalsh(np.asarray(end.hessian[i]))
    return bool(curvature[0] * np.pi**2 <= variance) or _has_null_direction(end, i)


def _has_null_direction(end: EndPoints, i: int) -> bool:
    curvature = np.linalg.eigvalsh(np.asarray(end.hessian[i]))
    return bool(curvature[0] <= _NULL * curvature[-1])


def _on_bound(end: EndPoints, i: int) -> NDArray[np.bool_]:
    return np.abs(np.cos(end.u[i])) < _ON_BOUND
