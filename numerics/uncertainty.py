"""Standard errors of a least-squares fit, and which parameters have none.

The covariance is s^2 (J^T J)^-1 with J = d residuals / d p and s^2 the variance of a residual,
the inverse of the Fisher information. It is computed from the singular values of J in scaled
natural coordinates (ln p, or p over half its range), where a step of one is a factor e or the way
from the middle of the box to its edge. A parameter whose standard error exceeds one there is
undetermined: the linear error would be a number without a meaning.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from numerics.parameters import Parameter
from numerics.rounding import quantity_text

# Singular values below this fraction of the largest are zero to the accuracy of J^T J in float64.
_SINGULAR = 1e-8
# Components of a null vector below this are rounding errors.
_COMPONENT = 1e-5


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """Covariance in physical units, correlation, and reasons why parameters are undetermined."""

    covariance: NDArray[np.float64]
    correlation: NDArray[np.float64]
    undetermined: dict[str, str]


def uncertainty(
    jacobian: NDArray[np.float64],
    variance: float,
    names: Sequence[str],
    parameters: Sequence[Parameter],
    values: NDArray[np.float64],
    on_bound: NDArray[np.bool_],
) -> Uncertainty:
    """Return the uncertainty at a minimum.

    Parameters
    ----------
    jacobian : array, shape (N, n)
        d residuals / d t, with t = ln p for logarithmic parameters and t = p otherwise.
    variance : float
        s^2, or 1 for residuals in units of known standard errors.
    names, parameters, values
        Of the n free values.
    on_bound : array of bool, shape (n,)
        Values on a bound: held there for the others, undetermined themselves.

    Returns
    -------
    Uncertainty
        With inf on the diagonal of the covariance, and zeros beside it, where the Fisher
        information is singular.
    """
    free = np.flatnonzero(~on_bound).tolist()
    scale = np.array([p.scale for p in parameters])
    inverse, null = _inverse(jacobian[:, free] * scale[free])
    own = [(names[k], parameters[k]) for k in free]
    reasons = _bound_reasons(names, parameters, values, on_bound)
    for vector in null:
        reasons |= _null_reasons(vector, own)
    for (name, parameter), error in zip(own, np.sqrt(variance * np.diag(inverse)), strict=True):
        if error > 1:
            reasons.setdefault(name, _wide_reason(name, parameter, error))
    full = np.zeros((len(names), len(names)))
    full[np.ix_(free, free)] = inverse
    lost = on_bound.copy()
    lost[free] |= np.any(np.abs(null) > _COMPONENT, axis=0)
    step = scale * np.where([p.logarithmic for p in parameters], values, 1.0)
    covariance = _with_infinities(variance * step[:, None] * full * step, lost)
    return Uncertainty(covariance, _correlation(full), reasons)


def _inverse(
    jacobian: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (J^T J)^-1 and the null vectors of J as rows.

    Singular values are floored, which gives null directions large finite variances, of which
    only the correlations are used.
    """
    _, singular, axes = np.linalg.svd(jacobian, full_matrices=False)
    floor = _SINGULAR * np.max(singular, initial=np.finfo(float).tiny)
    inverse = axes.T @ (axes / np.maximum(singular, floor)[:, None] ** 2)
    return inverse, axes[singular <= floor]


def _bound_reasons(
    names: Sequence[str],
    parameters: Sequence[Parameter],
    values: NDArray[np.float64],
    on_bound: NDArray[np.bool_],
) -> dict[str, str]:
    edge = zip(names, parameters, values, on_bound, strict=True)
    return {
        name: f"{name} is undetermined: the fit ends on its bound "
        f"{quantity_text(value, 0.0, parameter.unit)}."
        for name, parameter, value, here in edge
        if here
    }


def _null_reasons(
    vector: NDArray[np.float64], own: Sequence[tuple[str, Parameter]]
) -> dict[str, str]:
    pairs = zip(own, vector, strict=True)
    involved = [(name, p, c) for (name, p), c in pairs if abs(c) > _COMPONENT]
    if len(involved) == 1:
        name = involved[0][0]
        return {name: f"{name} is undetermined: the model does not depend on it at these values."}
    together = " and ".join(_change(*one) for one in involved)
    return {
        name: f"{name} is undetermined: the model stays the same when {together}, so the data fix "
        "only a combination."
        for name, _, _ in involved
    }


def _change(name: str, parameter: Parameter, component: float) -> str:
    if parameter.logarithmic:
        return f"ln {name} changes by {component:+.3g}"
    return f"{name} changes by {component * parameter.scale:+.3g}"


def _wide_reason(name: str, parameter: Parameter, error: float) -> str:
    if parameter.logarithmic:
        return (
            f"{name} is undetermined: its linear standard error is {error:.3g} times its value, so "
            "the data fix its order of magnitude at best."
        )
    return (
        f"{name} is undetermined: its linear standard error is {error:.3g} times half the range "
        f"from {parameter.lower:.4g} to {parameter.upper:.4g} it is allowed."
    )


def _correlation(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    error = np.sqrt(np.diag(covariance))
    size = np.where(error > 0, error, 1.0)
    correlation = covariance / np.outer(size, size)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _with_infinities(
    covariance: NDArray[np.float64], lost: NDArray[np.bool_]
) -> NDArray[np.float64]:
    result = np.where(lost[:, None] | lost, 0.0, covariance)
    np.fill_diagonal(result, np.where(lost, np.inf, np.diag(covariance)))
    return result
