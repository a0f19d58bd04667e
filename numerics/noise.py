"""Noise of a measurement: one standard error, one per point, or a covariance matrix.

Rows of a Jacobian divided by the noise ("whitened") have independent errors of size one, so the
Fisher information is their plain sum of squares, A^T A. With C = L L^T the whitened rows are
L^-1 J; the first k of them depend on the first k points only, because L is lower triangular, so
they also serve every shorter sweep.
"""

import numpy as np
from numpy.typing import NDArray


def whiten(rows: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows, shape (m, n), in units of the noise of their m points.

    Parameters
    ----------
    rows : array, shape (m, n)
        Derivatives of the m measured values.
    noise : array, shape (), (m,) or (m, m)
        Standard error of all points or of each, or the covariance C, in the unit (squared) of
        the measured values.

    Raises
    ------
    ValueError
        If a standard error is not positive and finite, or C is not a symmetric positive definite
        m x m matrix.
    """
    points = len(rows)
    if noise.shape == (points, points):
        return np.asarray(np.linalg.solve(_cholesky(noise), rows), dtype=np.float64)
    if noise.shape not in ((), (points,)):
        raise ValueError(
            f"The noise has shape {noise.shape} for {points} fields; give a number, one standard "
            "error per field, or a covariance matrix."
        )
    # `not (noise > 0)` is also true of NaN.
    bad = noise[~((noise > 0) & np.isfinite(noise))]
    if bad.size:
        raise ValueError(f"A standard error is {bad[0]:g}; standard errors must be positive.")
    return rows / np.broadcast_to(noise, (points,))[:, None]


def _cholesky(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.allclose(covariance, covariance.T, rtol=1e-10, atol=0.0):
        raise ValueError("The covariance of the noise is not symmetric; C[i, j] must be C[j, i].")
    try:
        return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError as error:
        raise ValueError(
            "The covariance of the noise is not positive definite; a covariance estimated "
            "from fewer sweeps than fields needs regularisation."
        ) from error
