"""Sentences on the noise of a fit: over which field it is correlated, and what that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.intervals import quantile
from numerics.noise_model import GivenNoise, KernelNoise

# A correlation field above this fraction of the sweep looks like a background.
_LONG = 0.25
# With more degrees of freedom a 95 % interval is less than 4 % wider than that of known noise.
_MANY = 30.0


def effective_points(covariance: NDArray[np.float64]) -> float:
    """Return how many independent points have a mean as uncertain: m^2 / sum of correlations."""
    size = np.sqrt(np.diag(covariance))
    return float(len(size) ** 2 / np.sum(covariance / np.outer(size, size)))


def noise_sentences(
    noise: GivenNoise | KernelNoise, curves: Sequence[Curve], ratios: Mapping[str, float]
) -> list[str]:
    """Return what to say about the noise of a fit.

    Parameters
    ----------
    noise : GivenNoise or KernelNoise
        As it was used.
    curves : sequence of Curve
    ratios : mapping
        Standard errors of the parameters over those with independent noise of the same size.
    """
    counts = [
        f"{len(c)} points{_of(c, curves)} count as {effective_points(noise.covariance(c)):.3g}"
        for c in curves
    ]
    over = _lengths(noise, curves)
    known = [r for r in ratios.values() if np.isfinite(r)]
    if isinstance(noise, KernelNoise) and not over:
        return ["No correlation of the residuals along the field was found."]
    times = (
        f"; standard errors are {_range(known)} times those of independent noise" if known else ""
    )
    verb = f"are correlated over {over}" if over else "have the given covariance"
    sentences = [f"The residuals {verb}: {', '.join(counts)}{times}."]
    return sentences + _too_long(noise, curves)


def freedom_sentences(error_dof: Mapping[str, float]) -> list[str]:
    """Return how much wider intervals are because few stretches told how large the noise is."""
    few = min(error_dof.values(), default=np.inf)
    if few > _MANY:
        return []
    return [
        "The noise was estimated from few independent stretches: standard errors rest on "
        f"{few:.2g} degrees of freedom, so that 95 % intervals reach up to "
        f"{quantile(0.95, few):.2f} standard errors to each side instead of 1.96."
    ]


def _lengths(noise: GivenNoise | KernelNoise, curves: Sequence[Curve]) -> str:
    if isinstance(noise, GivenNoise):
        return ""
    found = [
        f"{1e3 * noise.spreads[c.label].length:.3g} mT{_of(c, curves)}"
        for c in curves
        if noise.spreads[c.label].correlated > 0
    ]
    return ", ".join(found)


def _too_long(noise: GivenNoise | KernelNoise, curves: Sequence[Curve]) -> list[str]:
    if isinstance(noise, GivenNoise):
        return []
    long = [
        c.label
        for c in curves
        if noise.spreads[c.label].correlated > 0
        and noise.spreads[c.label].length > _LONG * (c.B[-1] - c.B[0])
    ]
    if not long:
        return []
    return [
        f"The correlation field of {', '.join(long)} is more than a quarter of the sweep: "
        "fluctuations and what the model lacks (a background) cannot be told apart."
    ]


def _of(curve: Curve, curves: Sequence[Curve]) -> str:
    return f" of {curve.label}" if len(curves) > 1 else ""


def _range(values: Sequence[float]) -> str:
    low, high = f"{min(values):.2g}", f"{max(values):.2g}"
    return low if low == high else f"{low} to {high}"
