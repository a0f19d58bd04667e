"""Whether neighbouring residuals of a fit repeat each other.

Least squares takes residuals as independent. Conductance fluctuations, and a model that misses
something, make them run on one side of the curve for many points. Two tests see this: the lag-1
autocorrelation r = sum r_i r_(i+1)/sum r_i^2, which is 0 +- 1/sqrt(m) for m independent residuals,
and the number of runs of one sign (Wald and Wolfowitz, Ann. Math. Stat. 11, 147 (1940)), which does
not mind a few outliers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_Array = NDArray[np.float64]

# One in two thousand fits with independent residuals would be accused.
_SIGNIFICANT = 3.3
# Relative to the data: smaller residuals are rounding errors of an exact fit.
_ROUNDING = 1e-8


def lag_one(residuals: _Array) -> float:
    """Return the correlation of a residual with the next, 0 where all vanish."""
    square = float(residuals @ residuals)
    return float(residuals[1:] @ residuals[:-1]) / square if square else 0.0


def runs(residuals: _Array) -> tuple[int, float, float]:
    """Return the number of runs of one sign, how many are expected and their standard deviation."""
    sign = residuals > 0
    count = int(1 + np.count_nonzero(sign[1:] != sign[:-1]))
    m, above = len(sign), int(np.count_nonzero(sign))
    product = 2 * above * (m - above)
    variance = product * (product - m) / (m**2 * (m - 1))
    return count, product / m + 1, float(np.sqrt(max(variance, 0.0)))


def correlation_sentences(
    residuals: Sequence[_Array], data: Sequence[_Array], *, whitened: bool
) -> list[str]:
    """Return a sentence if neighbouring residuals are correlated beyond chance.

    Parameters
    ----------
    residuals : sequence of array
        In units of the noise, one array per curve, by increasing field.
    data : sequence of array
        What was fitted, in the same units.
    whitened : bool
        Whether a model of correlated noise was divided out.
    """
    if np.linalg.norm(np.concatenate(residuals)) <= _ROUNDING * np.linalg.norm(
        np.concatenate(data)
    ):
        return []
    points = sum(map(len, residuals))
    lags = [lag_one(r) for r in residuals]
    z_lag = sum(len(r) * lag for r, lag in zip(residuals, lags, strict=True)) / np.sqrt(points)
    counts, expected, deviations = np.array([runs(r) for r in residuals]).T
    deviation = np.linalg.norm(deviations)
    z_runs = (expected.sum() - counts.sum()) / deviation if deviation else 0.0
    if max(z_lag, z_runs) < _SIGNIFICANT:
        return []
    found = (
        f"(lag-1 autocorrelation {_range(lags)}; {counts.sum():.0f} runs of one sign where "
        f"{expected.sum():.0f} are expected)"
    )
    if whitened:
        return [
            f"Neighbouring residuals are still correlated {found} in units of the noise: the "
            "model of the noise, or that of the curve, does not describe them."
        ]
    return [
        f"Neighbouring residuals are correlated {found}: the points are not independent or the "
        "model misses something, and the standard errors are too small; fit with "
        "noise=CorrelatedNoise()."
    ]


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2f}", f"{max(values):.2f}"
    return low if low == high else f"{low} to {high}"
