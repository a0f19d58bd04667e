"""Numbers of a noise model from residuals: restricted likelihood with an analytic scale.

With an orthonormal basis Q of the m x n tangent space of the model, and a trial covariance V, what
the residuals r say about V is the restricted likelihood

    -2 ln R = ln|V| + ln|Q^T V^-1 Q| + r^T P r,   P = V^-1 - V^-1 Q (Q^T V^-1 Q)^-1 Q^T V^-1.

P Q = 0, so R does not change when the parameters move (to first order): it needs no refit for each
trial. Only two numbers are searched. Where all of the noise is unknown, C = s^2 V with
V = (1 - f) 1 + f K and the best s^2 is r^T P r/(m - n); where standard errors are known, they and
the correlated part are added. The surface has ridges and, for noise without correlation, a plateau,
so a grid over both numbers comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]
_Shape = Callable[[_Array], _Array]

KERNELS: MappingProxyType[str, _Shape] = MappingProxyType(
    {
        "exponential": lambda x: np.exp(-x),
        "squared_exponential": lambda x: np.exp(-(x**2) / 2),
    }
)
# Correlated share of the noise; a squared exponential alone is singular to rounding.
_SHARES = (0.0, 0.1, 0.3, 0.5, 0.7, 0.85, 0.95, 1 - 1e-6)
# Correlated part over the median standard error.
_AMPLITUDES = (0.0, 0.1, 0.3, 0.6, 1.0, 2.0, 4.0, 10.0, 30.0)
_LENGTHS = 9
# A correlated part is taken for real if -2 ln R gains this much by its two numbers (Akaike).
_GAIN = 4.0
_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Spread:
    """Sizes of the independent (None: the curve's standard errors) and correlated part, and B_c."""

    independent: float | None
    correlated: float
    length: float


def kernel_matrix(kernel: str, B: _Array, length: float) -> _Array:
    """Return k(|B_i - B_j|/length), shape (m, m)."""
    return KERNELS[kernel](np.abs(B[:, None] - B) / length)


def reml(
    kernel: str,
    B: _Array,
    residuals: _Array,
    tangent: _Array,
    standard_errors: _Array | None,
    length: float | None,
) -> Spread:
    """Return the noise of largest restricted likelihood of one curve.

    Parameters
    ----------
    kernel : str
    B, residuals : array, shape (m,)
    tangent : array, shape (m, n)
        Derivatives of the model.
    standard_errors : array, shape (m,), optional
        Known independent part.
    length : float, optional
        Known B_c, T.
    """
    basis = orthonormal(tangent)
    if standard_errors is None:
        return _all_estimated(kernel, B, residuals, basis, length)
    unit = float(np.median(standard_errors))

    def criterion(amplitude: float, B_c: float) -> float:
        V = np.diag(standard_errors**2) + (amplitude * unit) ** 2 * kernel_matrix(kernel, B, B_c)
        log, square = _restricted(V, residuals, basis)
        return log + square

    amplitude, B_c = _minimise(criterion, _AMPLITUDES, np.inf, B, length)
    return Spread(None, amplitude * unit, B_c)


def _all_estimated(
    kernel: str, B: _Array, residuals: _Array, basis: _Array, length: float | None
) -> Spread:
    dof = len(B) - basis.shape[1]

    def covariance(share: float, B_c: float) -> _Array:
        return (1 - share) * np.eye(len(B)) + share * kernel_matrix(kernel, B, B_c)

    def criterion(share: float, B_c: float) -> float:
        log, square = _restricted(covariance(share, B_c), residuals, basis)
        return log + dof * float(np.log(square))

    share, B_c = _minimise(criterion, _SHARES, _SHARES[-1], B, length)
    variance = _restricted(covariance(share, B_c), residuals, basis)[1] / dof
    return _spread(share, variance, B_c)


def sample_spread(kernel: str, B: _Array, rows: _Array) -> Spread:
    """Return the noise of one row, of largest likelihood given the deviations from the mean."""
    dof = len(rows) - 1
    sample = np.cov(rows, rowvar=False)

    def covariance(share: float, B_c: float) -> _Array:
        return (1 - share) * np.eye(len(B)) + share * kernel_matrix(kernel, B, B_c)

    def scale(V: _Array) -> float:
        return float(np.trace(np.linalg.solve(V, sample)) / len(B))

    def criterion(share: float, B_c: float) -> float:
        V = covariance(share, B_c)
        return dof * float(np.linalg.slogdet(V)[1] + len(B) * np.log(scale(V)))

    share, B_c = _minimise(criterion, _SHARES, _SHARES[-1], B, None)
    variance = scale(covariance(share, B_c))
    return _spread(share, variance, B_c)


def _spread(share: float, variance: float, B_c: float) -> Spread:
    return Spread(float(np.sqrt((1 - share) * variance)), float(np.sqrt(share * variance)), B_c)


def orthonormal(tangent: _Array) -> _Array:
    """Return an orthonormal basis of the columns; those of other curves' parameters are zero."""
    size = np.linalg.norm(tangent, axis=0)
    left, singular, _ = np.linalg.svd(tangent / np.where(size > 0, size, 1.0), full_matrices=False)
    return np.asarray(left[:, singular > 1e-10 * np.max(singular, initial=1e-300)])


def _restricted(V: _Array, r: _Array, Q: _Array) -> tuple[float, float]:
    """Return ln|V| + ln|Q^T V^-1 Q| and r^T P r."""
    from scipy.linalg import solve_triangular

    L = np.linalg.cholesky(V)
    white = solve_triangular(L, np.column_stack([Q, r]), lower=True, check_finite=False)
    q, R = np.linalg.qr(white[:, :-1])
    rest = white[:, -1] - q @ (q.T @ white[:, -1])
    log = np.sum(np.log(np.diag(L))) + np.sum(np.log(np.abs(np.diag(R))))
    return float(2 * log), float(rest @ rest)


def _minimise(
    criterion: Callable[[float, float], float],
    sizes: tuple[float, ...],
    largest: float,
    B: _Array,
    length: float | None,
) -> tuple[float, float]:
    """Return the size of the correlated part (0 if it gains too little) and B_c."""
    from scipy.optimize import minimize

    step, span = float(np.min(np.diff(B))), float(B[-1] - B[0])
    grid = np.geomspace(step / 2, span, _LENGTHS) if length is None else np.array([length])
    values = {(a, b): criterion(a, b) for a in sizes[1:] for b in grid.tolist()}
    start = min(values, key=values.__getitem__)

    def bounded(x: _Array) -> float:
        a, b = _at(x, length)
        inside = 0 < a <= largest and (length or step / 8 <= b <= 4 * span)
        return criterion(a, b) if inside else np.inf

    corners = np.array([[start[0], np.log(start[1])]] * 3) * [[1, 1], [0.9, 1], [1, 1]]
    corners[2, 1] += 0.3
    free = slice(0, 2 if length is None else 1)
    found = minimize(
        bounded,
        corners[0, free],
        method="Nelder-Mead",
        options={
            "initial_simplex": corners[: free.stop + 1, free],
            "xatol": _TOLERANCE,
            "fatol": _TOLERANCE,
        },
    )
    best = _at(found.x, length)
    gained = criterion(0.0, best[1]) - found.fun
    return best if gained > _GAIN else (0.0, best[1])


def _at(x: _Array, length: float | None) -> tuple[float, float]:
    return float(x[0]), float(np.exp(x[1])) if length is None else length
