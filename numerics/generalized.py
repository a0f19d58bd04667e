"""The search of a fit together with the noise of the data, known or estimated on the way.

Estimated noise needs residuals, and weights need the noise: the first search takes all points as
independent, and search and estimate alternate until two estimates agree. The restricted likelihood
does not feel where on the model's tangent space the fit stands, so this takes two or three rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.minima import Found, Selection, select_minima
from numerics.noise_freedom import error_freedom
from numerics.noise_model import (
    CorrelatedNoise,
    GivenNoise,
    KernelNoise,
    NoiseModel,
)
from numerics.noise_status import noise_sentences
from numerics.problem import (
    Arrays,
    Layout,
    Model,
    sum_of_squares,
    unweighted,
    weighted,
    with_covariances,
)
from numerics.residual_correlation import correlation_sentences
from numerics.result import Minimum
from numerics.search import EndPoints, search
from numerics.uncertainty import uncertainty

_ROUNDS = 8
# Two estimates of a covariance agree; their statistical error is some tens of percent.
_AGREE = 0.01


@dataclass(frozen=True, eq=False)
class Outcome:
    """End points (NumPy arrays), the distinct minima among them, and the noise they are for."""

    end: EndPoints
    selection: Selection
    arrays: Arrays
    noise: GivenNoise | KernelNoise | None
    settled: bool


def search_minima(
    function: Model,
    layout: Layout,
    curves: Sequence[Curve],
    u: jax.Array,
    arrays: Arrays,
    noise: NoiseModel | None,
) -> Outcome:
    """Return where all starts u, shape (s, n), end.

    Raises
    ------
    RuntimeError
        If no start reaches a minimum.
    ValueError
        If the noise does not belong to the curves.
    """

    def once(arrays: Arrays, used: GivenNoise | KernelNoise | None) -> Outcome:
        end = jax.tree.map(np.asarray, search(function, layout.arguments, u, arrays))
        selection = _select(end, arrays, sum(map(len, curves)) - len(layout.names))
        return Outcome(end, selection, arrays, used, True)

    if noise is None:
        return once(arrays, None)
    if not isinstance(noise, CorrelatedNoise):
        return once(with_covariances(arrays, [noise.covariance(c) for c in curves]), noise)
    outcome = once(with_covariances(arrays, [np.eye(len(c)) for c in curves]), None)
    used = _estimate(noise, outcome, curves)
    for _ in range(_ROUNDS):
        matrices = [used.covariance(c) for c in curves]
        outcome = once(with_covariances(arrays, matrices), used)
        again = _estimate(noise, outcome, curves)
        if _agree(matrices, [again.covariance(c) for c in curves]):
            return outcome
        used = again
    return Outcome(outcome.end, outcome.selection, outcome.arrays, outcome.noise, False)


def remarks(
    outcome: Outcome, layout: Layout, curves: Sequence[Curve], values: NDArray[np.float64]
) -> list[str]:
    """Return sentences on the noise and the correlation of residuals at the best minimum."""
    best = outcome.selection.minima[0].index
    shape = outcome.arrays.B.shape
    data = np.asarray(weighted(outcome.arrays.delta_sigma, outcome.arrays)).reshape(shape)
    own = [
        [row[: len(c)] for c, row in zip(curves, np.reshape(rows, shape), strict=True)]
        for rows in (outcome.end.residuals[best], data)
    ]
    sentences = correlation_sentences(own[0], own[1], whitened=outcome.noise is not None)
    if outcome.noise is None:
        return [*_unused_covariances(curves), *sentences]
    ratios = _error_ratios(outcome, layout, curves, values)
    sentences = [*noise_sentences(outcome.noise, curves, ratios), *sentences]
    if not outcome.settled:
        sentences.append(
            f"Noise and fit did not settle on each other in {_ROUNDS} rounds; give the noise, or a "
            "correlation length."
        )
    return sentences


def _unused_covariances(curves: Sequence[Curve]) -> list[str]:
    labels = [curve.label for curve in curves if curve.covariance is not None]
    if not labels:
        return []
    return [
        f"The covariance that {' and '.join(labels)} {'carries' if len(labels) == 1 else 'carry'} "
        "was not used, and standard errors take the points as independent; fit with "
        "noise=GivenNoise.of(curves)."
    ]


def error_dof(
    noise: CorrelatedNoise,
    outcome: Outcome,
    curves: Sequence[Curve],
    minimum: Minimum,
    found: Found,
) -> dict[str, float]:
    """Return the degrees of freedom behind each variance that is finite, however large."""
    assert isinstance(outcome.noise, KernelNoise)
    names = list(minimum.values)
    known = np.flatnonzero(np.isfinite(np.diag(minimum.covariance))).tolist()
    whole = unweighted(np.asarray(outcome.end.jacobian[found.index]), outcome.arrays, curves)
    freedom = error_freedom(noise, outcome.noise, curves, [J[:, known] for J in whole])
    return dict(zip([names[k] for k in known], freedom.tolist(), strict=True))


def _estimate(noise: CorrelatedNoise, outcome: Outcome, curves: Sequence[Curve]) -> KernelNoise:
    best = outcome.selection.minima[0].index
    residuals, tangents = (
        unweighted(np.asarray(rows[best]), outcome.arrays, curves)
        for rows in (outcome.end.residuals, outcome.end.jacobian)
    )
    return noise.estimate(curves, residuals, tangents)


def _agree(first: Sequence[NDArray[np.float64]], second: Sequence[NDArray[np.float64]]) -> bool:
    return all(
        np.linalg.norm(a - b) <= _AGREE * np.linalg.norm(a)
        for a, b in zip(first, second, strict=True)
    )


def _error_ratios(
    outcome: Outcome, layout: Layout, curves: Sequence[Curve], values: NDArray[np.float64]
) -> dict[str, float]:
    """Return standard errors over those of independent noise of the same variance."""
    assert outcome.noise is not None
    found = outcome.selection.minima[0]
    jacobian = np.asarray(outcome.end.jacobian[found.index])
    plain = unweighted(jacobian, outcome.arrays, curves)
    sizes = [np.sqrt(np.diag(outcome.noise.covariance(c))) for c in curves]
    independent = np.concatenate([J / s[:, None] for J, s in zip(plain, sizes, strict=True)])
    spreads = [
        uncertainty(J, 1.0, layout.names, layout.parameters, values, found.on_bound)
        for J in (jacobian, independent)
    ]
    lost = {*spreads[0].undetermined, *spreads[1].undetermined}
    variances = [np.diag(spread.covariance) for spread in spreads]
    return {
        name: float(np.sqrt(whole / alone))
        for name, whole, alone in zip(layout.names, *variances, strict=True)
        if name not in lost
    }


def _select(end: EndPoints, arrays: Arrays, dof: int) -> Selection:
    total = float(sum_of_squares(arrays))
    selection = select_minima(end, total, dof)
    if not selection.minima:
        lowest = float(np.nanmin([*end.sum_of_squares, np.inf]))
        raise RuntimeError(
            f"None of {len(end.u)} starts reached a minimum (lowest sum of squares {lowest:.6g}); "
            "narrow the bounds or the search intervals, or use more starts."
        )
    return selection
