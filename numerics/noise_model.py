"""Noise that is correlated along the field, for fits by generalized least squares.

Conductance fluctuations do not average out from one field to the next: neighbouring points repeat
each other over a correlation field B_c, and a fit that takes them as independent quotes standard
errors that are too small by about sqrt(B_c over the spacing of the fields). Three ways to say what
is known:

* `GivenNoise`: a covariance matrix per curve, as from repeated sweeps (`covariance_of_mean`);
* `KernelNoise`: independent errors and a stationary correlated part with known numbers;
* `CorrelatedNoise`: the same, with numbers to be estimated from the residuals of the fit.

With C = L L^T, L^-1 (measured - model) has independent errors of size one, its sum of squares is
chi-square, and the inverse Fisher information is the covariance of the parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.noise_estimate import KERNELS, Spread, kernel_matrix, reml, sample_spread

_Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GivenNoise:
    """Known covariance matrices.

    Attributes
    ----------
    matrices : mapping
        {label of the curve: C}, C of shape (m, m) in the unit of the curve squared.
    """

    matrices: Mapping[str, _Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrices", dict(self.matrices))

    @classmethod
    def of(cls, curves: Sequence[Curve]) -> GivenNoise:
        """Return the covariances that the curves carry; ValueError if one carries none."""
        bare = [curve.label for curve in curves if curve.covariance is None]
        if bare:
            raise ValueError(
                f"There is no covariance with the curve {bare[0]!r}; give Curve(covariance=...), "
                "or fit with noise=CorrelatedNoise()."
            )
        return cls({c.label: c.covariance for c in curves if c.covariance is not None})

    def covariance(self, curve: Curve) -> _Array:
        """Return C of a curve.

        Raises
        ------
        ValueError
            If there is none, or it has another shape than the curve.
        """
        if curve.label not in self.matrices:
            raise ValueError(
                f"There is no covariance for the curve {curve.label!r}, only for "
                f"{', '.join(self.matrices)}; give one for each curve."
            )
        matrix = np.asarray(self.matrices[curve.label], dtype=np.float64)
        if matrix.shape != (len(curve), len(curve)):
            raise ValueError(
                f"The covariance of {curve.label!r} has shape {matrix.shape} for {len(curve)} "
                "fields; give a square matrix with a row for each field."
            )
        return matrix


@dataclass(frozen=True)
class KernelNoise:
    """Independent errors and a correlated part: C_ij = s_i^2 delta_ij + a^2 k(|B_i - B_j|/B_c).

    Attributes
    ----------
    kernel : str
        ``"exponential"``, k(x) = exp(-x), or ``"squared_exponential"``, k(x) = exp(-x^2/2).
    spreads : mapping
        {label of the curve: Spread(independent s, correlated a, length B_c)}; s is None where
        the standard errors of the curve are meant.
    """

    kernel: str
    spreads: Mapping[str, Spread]

    def __post_init__(self) -> None:
        _require_kernel(self.kernel)
        object.__setattr__(self, "spreads", dict(self.spreads))

    def covariance(self, curve: Curve) -> _Array:
        """Return C of a curve; ValueError if nothing is known about its noise."""
        if curve.label not in self.spreads:
            raise ValueError(
                f"There is no noise for the curve {curve.label!r}, only for "
                f"{', '.join(self.spreads)}; give one for each curve."
            )
        spread = self.spreads[curve.label]
        white = (
            _standard_errors(curve) if spread.independent is None else np.array(spread.independent)
        )
        correlated = spread.correlated**2 * kernel_matrix(self.kernel, curve.B, spread.length)
        return np.diag(np.broadcast_to(white**2, len(curve))) + correlated


@dataclass(frozen=True)
class CorrelatedNoise:
    """Noise as in `KernelNoise` whose numbers are estimated from the residuals.

    They are those of largest restricted likelihood (REML): the likelihood of what is left of the
    residuals when the directions in which the parameters can move the model are projected out, so
    that the parameters' share of the scatter is not mistaken for smaller noise. Each curve has its
    own; estimate and fit are repeated until they agree.

    Attributes
    ----------
    kernel : str
        See `KernelNoise`.
    independent : str
        ``"estimated"``: all points have one, unknown, independent error; ``"standard_error"``: the
        standard errors of the curves are the independent part.
    length : float, optional
        B_c in tesla where it is known, as from the autocorrelation of the fluctuations.

    Notes
    -----
    With B_c above a twentieth of the sweep few independent stretches are left to estimate a
    variance from. Standard errors stay what they are, but intervals are wider by Student's t with
    the degrees of freedom in `Minimum.error_dof` (`numerics.noise_freedom`). Below about 30 points
    a curve a correlation may go unseen.

    References
    ----------
    Patterson and Thompson, Biometrika 58, 545 (1971); Harville, J. Am. Stat. Assoc. 72, 320 (1977).
    """

    kernel: str = "exponential"
    independent: str = "estimated"
    length: float | None = None

    def __post_init__(self) -> None:
        _require_kernel(self.kernel)
        if self.independent not in ("estimated", "standard_error"):
            raise ValueError(
                f"independent is {self.independent!r}; use 'estimated' or 'standard_error'."
            )
        if self.length is not None and not 0 < self.length < np.inf:
            raise ValueError(f"The correlation length is {self.length} T; give a positive field.")

    def estimate(
        self, curves: Sequence[Curve], residuals: Sequence[_Array], tangents: Sequence[_Array]
    ) -> KernelNoise:
        """Return the noise of largest restricted likelihood.

        Parameters
        ----------
        curves : sequence of Curve
        residuals : sequence of array, shape (m,)
            Measured minus model, in the unit of the curves.
        tangents : sequence of array, shape (m, n)
            Derivatives of the model, for each curve.
        """
        spreads = {}
        for curve, r, tangent in zip(curves, residuals, tangents, strict=True):
            errors = _standard_errors(curve) if self.independent == "standard_error" else None
            spreads[curve.label] = reml(self.kernel, curve.B, r, tangent, errors, self.length)
        return KernelNoise(self.kernel, spreads)


NoiseModel = GivenNoise | KernelNoise | CorrelatedNoise


def covariance_of_mean(
    B: _Array, rows: _Array, *, kernel: str = "exponential", independent_rows: float | None = None
) -> _Array:
    """Return the covariance of the mean over repeated sweeps, such as a row per gate voltage.

    A sample covariance of fewer rows than fields has no inverse. The kernel of `KernelNoise` is
    therefore fitted to it, by maximum likelihood of the deviations of the rows from their mean.

    Parameters
    ----------
    B : array, shape (m,)
        Fields, T.
    rows : array, shape (g, m)
        The sweeps.
    kernel : str
        See `KernelNoise`.
    independent_rows : float, optional
        To how many independent rows the g amount; g by default. Rows 0.02 V apart on a gate may
        repeat each other as fields do.

    Returns
    -------
    array, shape (m, m)
        For `GivenNoise`.

    Raises
    ------
    ValueError
        If there are fewer than two rows, or not one value per field.
    """
    _require_kernel(kernel)
    rows = np.asarray(rows, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] < 2 or rows.shape[1] != len(B):
        raise ValueError(
            f"The rows have shape {rows.shape} for {len(B)} fields; give at least two rows with "
            "one value per field."
        )
    spread = sample_spread(kernel, np.asarray(B), rows)
    count = len(rows) if independent_rows is None else independent_rows
    whole = KernelNoise(kernel, {"rows": spread})
    return whole.covariance(Curve(B, rows[0], label="rows")) / count


def _standard_errors(curve: Curve) -> _Array:
    if curve.standard_error is None or np.any(curve.standard_error == 0):
        state = "no standard errors" if curve.standard_error is None else "a standard error of 0"
        raise ValueError(
            f"Curve {curve.label!r} has {state}; use CorrelatedNoise(independent='estimated')."
        )
    return curve.standard_error


def _require_kernel(kernel: str) -> None:
    if kernel not in KERNELS:
        raise ValueError(f"The kernel is {kernel!r}; choose one of {', '.join(KERNELS)}.")
