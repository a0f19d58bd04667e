"""Covariance of a mean over rows that fluctuate together, from the rows themselves.

Thirty gate rows of 120 fields are no sample of 120-dimensional covariance: its rank is 29. And rows
one gate step apart are not independent, since conductance fluctuations have a correlation voltage.
Both are met by a model with few numbers, fitted to all pairs at once.

Between rows, the correlation is exp(-|x - x'|/xi), with x the gate voltage. Deviations are taken
from the sample mean, which removes what the rows have in common; so xi is fitted to the *centred*
correlation P R P (P = 1 - 11^T/n), which the deviations really have. The mean of n rows then has
the variance s^2/n_eff with n_eff = n^2/(1^T R 1), and the sample variance is corrected by
tr(P R P)/n instead of (n - 1)/n.

Along the field, the target keeps the variance of every field and a correlation
(1 - w) k(|B - B'|/B_c), with w the share of the noise that is white and k one of three positive
definite shapes, from rough to smooth: exp(-t), (1 + t) exp(-t), exp(-t^2/2); the one that fits the
sample correlations best. The sample covariance S is
shrunk to it, C = (1 - lambda) S + lambda T, with lambda from the scatter of the products of which S
is the mean (Ledoit and Wolf, J. Multivariate Anal. 88, 365 (2004); Schaefer and Strimmer, Stat.
Appl. Genet. Mol. Biol. 4, 32 (2005)), counted with n_eff rows.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from numerics.sweep_array import Floats

# Some thirty rows cannot show that less than a thousandth of the variance is white, and without any
# the inverse of a smooth covariance trusts differences of neighbours that nobody measured.
_LEAST_WHITE = 1e-3

_SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "exp(-t)": lambda t: np.exp(-t),
    "(1 + t) exp(-t)": lambda t: (1 + t) * np.exp(-t),
    "exp(-t^2/2)": lambda t: np.exp(-(t**2) / 2),
}


@dataclass(frozen=True, eq=False)
class RowCovariance:
    """Covariance of the mean of rows and what it was made from.

    Attributes
    ----------
    covariance : array, shape (m, m)
        Of the mean over rows.
    effective_rows : float
        n^2/(1^T R 1), between 1 and the number of rows.
    row_length : float
        Correlation length xi along the rows' coordinate, in its unit; 0 if rows are independent.
    shape : str
        The shape k along the field.
    field_length, white : float
        Correlation field B_c and the share w of white noise.
    shrinkage : float
        lambda; 1 is the model, 0 the sample covariance.
    """

    covariance: Floats
    effective_rows: float
    row_length: float
    shape: str
    field_length: float
    white: float
    shrinkage: float


def row_covariance(
    rows: Floats, x: Floats, B: Floats, shrinkage: float | None = None
) -> RowCovariance:
    """Return the covariance of the mean over rows, shape (n, m), at coordinates x and fields B.

    Parameters
    ----------
    rows : array, shape (n, m)
        Values of n >= 3 rows.
    x, B : array, shape (n,), (m,)
        Coordinate of each row and each field.
    shrinkage : float, optional
        lambda between 0 and 1; found if not given.

    Raises
    ------
    ValueError
        If there are fewer than three rows, or they do not differ.
    """
    n = len(rows)
    if n < 3:
        raise ValueError(
            f"A covariance is to be estimated from {n} row(s); at least 3 are needed, so "
            "average without one."
        )
    deviations = rows - rows.mean(axis=0)
    scale = np.sqrt(np.mean(deviations**2, axis=0))
    if not np.all(scale > 0):
        raise ValueError(
            f"The {n} rows do not differ at B = {B[np.argmin(scale)]:g} T; a point that is zero by "
            "definition has no covariance, so leave B = 0 out with FieldWindow before."
        )
    length = row_length(deviations / scale, x)
    R = _exponential(x, length)
    effective = effective_rows(x, length)
    # tr(PRP) = n - 1^T R 1 / n: the degrees of freedom left to the deviations.
    freedom = n - float(R.sum()) / n
    S = deviations.T @ deviations / freedom
    shape, field_length, white = _field_model(S, B)
    s = np.sqrt(np.diag(S))
    T = np.outer(s, s) * _field_correlation(B, shape, field_length, white)
    part = _shrinkage(deviations, S, T, effective) if shrinkage is None else shrinkage
    C = ((1 - part) * S + part * T) / effective
    return RowCovariance((C + C.T) / 2, effective, length, shape, field_length, white, part)


def effective_rows(x: Floats, length: float) -> float:
    """Return n_eff of rows at x with the correlation length `length` (0 if independent)."""
    return len(x) ** 2 / float(_exponential(x, length).sum())


def row_length(scaled: Floats, x: Floats) -> float:
    """Return xi of exp(-|x - x'|/xi) from deviations, shape (n, m), scaled to unit variance.

    The mean product of each pair of rows is compared with the centred correlation. xi is between
    a tenth of the closest pair's distance, returned as 0, and the span of x.
    """
    n = len(scaled)
    measured = scaled @ scaled.T / scaled.shape[1]
    distance = np.abs(x[:, None] - x[None, :])
    nearest = float(distance[distance > 0].min())
    lags = np.rint(distance / nearest).astype(int)
    # Half of the span: beyond, few pairs say anything, and all of them the same.
    pairs = (lags > 0) & (lags <= max(2, int(lags.max()) // 2))
    share = measured / (np.trace(measured) / n)

    def misfit(log_length: float) -> float:
        PRP = _centred(_exponential(x, np.exp(log_length)))
        model = PRP / (np.trace(PRP) / n)
        counts = np.bincount(lags[pairs])
        seen = np.flatnonzero(counts)
        difference = np.bincount(lags[pairs], (share - model)[pairs])[seen] / counts[seen]
        return float(np.sum(counts[seen] * difference**2))

    low, high = np.log(nearest / 10), np.log(float(distance.max()))
    found = _minimise(misfit, float(low), float(high))
    return 0.0 if found < low + 0.05 else float(np.exp(found))


def _minimise(misfit: Callable[[float], float], low: float, high: float) -> float:
    grid = np.linspace(low, high, 41)
    best = int(np.argmin([misfit(g) for g in grid]))
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, 40)])
    from scipy.optimize import minimize_scalar  # half a second that only averages need

    return float(minimize_scalar(misfit, bounds=bounds, method="bounded").x)


def _exponential(x: Floats, length: float) -> Floats:
    if length == 0.0:
        return np.eye(len(x))
    return np.asarray(np.exp(-np.abs(x[:, None] - x[None, :]) / length))


def _centred(R: Floats) -> Floats:
    rows = R - R.mean(axis=0)
    return np.asarray(rows - rows.mean(axis=1, keepdims=True))


def _field_model(S: Floats, B: Floats) -> tuple[str, float, float]:
    """Return the shape, B_c and w that are closest to all pairs of fields, in least squares."""
    s = np.sqrt(np.diag(S))
    off = np.triu_indices(len(B), 1)
    distance = np.abs(B[:, None] - B[None, :])[off]
    seen = (S / np.outer(s, s))[off]
    fits = [_fitted_shape(shape, distance, seen) for shape in _SHAPES]
    return min(fits)[1:]


def _fitted_shape(shape: str, distance: Floats, seen: Floats) -> tuple[float, str, float, float]:
    def trial(log_length: float) -> tuple[float, float]:
        k = _SHAPES[shape](distance / np.exp(log_length))
        # The amplitude 1 - w is linear and eliminated.
        share = float(np.clip(k @ seen / (k @ k), 0.0, 1 - _LEAST_WHITE)) if np.any(k) else 0.0
        return float(np.mean((seen - share * k) ** 2)), share

    low, high = float(np.log(distance.min() / 3)), float(np.log(10 * distance.max()))
    found = _minimise(lambda log_length: trial(log_length)[0], low, high)
    misfit, share = trial(found)
    return misfit, shape, float(np.exp(found)), 1 - share


def _field_correlation(B: Floats, shape: str, length: float, white: float) -> Floats:
    k = _SHAPES[shape](np.abs(B[:, None] - B[None, :]) / length)
    return np.asarray((1 - white) * k + white * np.eye(len(B)))


def _shrinkage(deviations: Floats, S: Floats, T: Floats, effective: float) -> float:
    """Return lambda = sum var(S_ij)/sum (S_ij - T_ij)^2 in units of the fields' variances."""
    s = np.sqrt(np.diag(S))
    scaled = deviations / s
    second = (scaled**2).T @ (scaled**2) / len(scaled)
    first = scaled.T @ scaled / len(scaled)
    variance = np.sum(second - first**2) / max(effective - 1, 1.0)
    distance = np.sum(((S - T) / np.outer(s, s)) ** 2)
    # At least a little of the model, or C has the rank of the sample.
    return float(np.clip(variance / distance if distance > 0 else 1.0, 0.01, 1.0))
