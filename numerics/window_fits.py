"""A fit repeated on shorter ranges of fields, at the cost of the searches alone.

Points outside a window get no weight and stay in the arrays, so that all windows run through the
program that the fit has compiled. Between a window and the whole sweep, a parameter of a correct
model moves with the variance s_window^2 - s_whole^2, because the estimate from all points is the
efficient one (Hausman, Econometrica 46, 1251 (1978)). The two variances are estimates, so the
larger standard error stands for the root of that difference: what drifts by more than two of them
is a model that fails over part of the range, or noise that is not what the fit takes it for.

This belongs to a `FitResult`, and is what reports show. For another way of fitting, given as a
function of the curves, there is `numerics.window_scan`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.fit import Progress
from numerics.minima import Found, select_minima
from numerics.noise import whiten
from numerics.parameters import Parameter, starting_points
from numerics.precision import double_precision
from numerics.problem import (
    Arrays,
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    values_of,
)
from numerics.result import FitResult
from numerics.rounding import quantity_text
from numerics.search import EndPoints, search
from numerics.uncertainty import uncertainty

# Of the largest field; a shorter window seldom determines anything.
_FRACTIONS = (0.25, 0.35, 0.5, 0.7)
# Standard errors beyond which a drift is called one.
_SIGNIFICANT = 2.0
# The rounding of a printed field must not decide whether the last point is inside.
_MARGIN = 1 + 1e-9


@dataclass(frozen=True)
class WindowFit:
    """The best minimum on |B| <= B_max, or why there is none.

    Attributes
    ----------
    B_max : float
        In tesla.
    points : int
        Number of points in the window.
    values, standard_errors : dict
        As in `Minimum`: the error of what is undetermined is inf.
    failure : str
        A sentence if the window could not be fitted, else empty.
    """

    B_max: float
    points: int
    values: Mapping[str, float] = field(default_factory=dict)
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    failure: str = ""


def default_windows(curves: Sequence[Curve], free: int) -> tuple[float, ...]:
    """Return a few B_max in tesla, to two digits, that leave three points per free value."""
    largest = max(float(np.max(np.abs(c.B))) for c in curves)
    rounded = dict.fromkeys(float(f"{f * largest:.2g}") for f in _FRACTIONS)
    points = {
        B: sum(int(np.count_nonzero(np.abs(c.B) <= B * _MARGIN)) for c in curves) for B in rounded
    }
    return tuple(B for B, count in points.items() if count >= 3 * free)


@double_precision()
def fit_windows(
    function: Model,
    curves: Sequence[Curve],
    parameters: Sequence[Parameter],
    result: FitResult,
    windows: Sequence[float],
    progress: Progress | None = None,
) -> tuple[WindowFit, ...]:
    """Fit the points with |B| <= B_max again, for each B_max of `windows` (tesla).

    Parameters
    ----------
    function, curves, parameters
        As they were fitted.
    result : FitResult
        The fit of all points; fixed values, weights, noise, number of starts and seed are its own.
    windows : sequence of float
        B_max in tesla.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Raises
    ------
    ValueError
        If a window is not a positive field.
    """
    for B_max in windows:
        if not 0 < B_max < np.inf:
            raise ValueError(f"A window up to {B_max} T makes no sense; give a positive field.")
    layout = make_layout(parameters, [c.label for c in curves], fixed_values(result))
    weights = "standard_error" if result.weights == "standard_error" else None
    arrays = make_arrays(layout, curves, weights)
    u = jnp.asarray(starting_points(layout.parameters, result.starts, result.seed))
    found = []
    for k, B_max in enumerate(sorted(windows)):
        if progress is not None:
            progress(k, len(windows), f"fitting the window up to {1e3 * B_max:g} mT")
        inside = _inside(arrays, curves, result, B_max)
        found.append(_fit_window(function, layout, inside, u, result.weights, B_max))
    if progress is not None and windows:
        progress(len(windows), len(windows), f"fitted {len(windows)} windows")
    return tuple(found)


def fixed_values(result: FitResult) -> Fixed:
    """Return the fixed values of a result as `numerics.fit.fit` takes them."""
    fixed: dict[str, float | dict[str, float]] = {}
    for name, value in result.fixed.items():
        base, bracket, label = name.partition("[")
        if not bracket:
            fixed[name] = value
            continue
        per_curve = fixed.setdefault(base, {})
        assert isinstance(per_curve, dict)  # a name is fixed for all curves or by label
        per_curve[label.removesuffix("]")] = value
    return fixed


def drift_sentences(
    windows: Sequence[WindowFit], result: FitResult, largest_field: float
) -> list[str]:
    """Return a sentence per parameter: whether it depends on the window, and by how much."""
    sentences = [w.failure for w in windows if w.failure]
    for name, value in result.best.values.items():
        error = result.best.standard_errors[name]
        moves = [(d, w) for w in windows if (d := _drift(w, name, value, error)) is not None]
        if moves:
            size, window = max(moves, key=lambda move: move[0])
            sentences.append(_sentence(name, size, window, result, largest_field))
        elif math.isfinite(error) and any(w.values for w in windows):
            sentences.append(f"{name} is determined by none of the shorter windows.")
    return sentences


def _sentence(
    name: str, size: float, window: WindowFit, result: FitResult, largest_field: float
) -> str:
    if size < _SIGNIFICANT:
        return (
            f"{name} does not depend on the window: it moves by at most {size:.2g} standard errors."
        )
    unit = result.units[name]
    short = quantity_text(window.values[name], window.standard_errors[name], unit)
    whole = quantity_text(result.best.values[name], result.best.standard_errors[name], unit)
    return (
        f"{name} drifts with the window, from {short} up to {1e3 * window.B_max:.4g} mT to {whole} "
        f"up to {1e3 * largest_field:.4g} mT, by {size:.2g} standard errors: the "
        "model does not hold over the whole range, or neighbouring points are correlated."
    )


def _drift(window: WindowFit, name: str, value: float, error: float) -> float | None:
    own = window.standard_errors.get(name, math.inf)
    if not math.isfinite(own) or not math.isfinite(error):
        return None
    larger, difference = max(own, error), abs(window.values[name] - value)
    return difference / larger if larger else (0.0 if difference == 0 else math.inf)


def _inside(arrays: Arrays, curves: Sequence[Curve], result: FitResult, B_max: float) -> Arrays:
    """Return the arrays with weights only inside the window."""
    mask = np.abs(np.asarray(arrays.B)) <= B_max * _MARGIN
    weight = arrays.weight * mask
    if result.noise is None:
        return arrays._replace(weight=weight)
    whitening = np.zeros((*mask.shape, mask.shape[1]))
    for k, curve in enumerate(curves):
        keep = np.flatnonzero(mask[k, : len(curve)])
        block = result.noise.covariance(curve)[np.ix_(keep, keep)]
        whitening[k][np.ix_(keep, keep)] = whiten(np.eye(len(keep)), block)
    return arrays._replace(weight=weight, whitening=jnp.asarray(whitening))


def _fit_window(
    function: Model,
    layout: Layout,
    arrays: Arrays,
    u: jax.Array,
    weights: str | None,
    B_max: float,
) -> WindowFit:
    points = int(np.count_nonzero(arrays.weight))
    dof = points - len(layout.names)
    if dof < 1:
        return WindowFit(B_max, points, failure=_too_few(B_max, points, len(layout.names)))
    end = jax.tree.map(np.asarray, search(function, layout.arguments, u, arrays))
    total = float(jnp.sum((arrays.weight * arrays.delta_sigma) ** 2))
    minima = select_minima(end, total, dof).minima
    if not minima:
        text = f"No start reached a minimum in the window up to {1e3 * B_max:.4g} mT."
        return WindowFit(B_max, points, failure=text)
    values, errors = _found(minima[0], end, layout, arrays, 0 if weights else dof)
    return WindowFit(B_max, points, values, errors)


def _found(
    found: Found, end: EndPoints, layout: Layout, arrays: Arrays, dof: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Return values and errors; without weights (dof > 0) the scatter is the noise."""
    values = _values(end.u[found.index], layout, arrays)
    spread = uncertainty(
        np.asarray(end.jacobian[found.index]),
        float(end.sum_of_squares[found.index]) / dof if dof else 1.0,
        layout.names,
        layout.parameters,
        values,
        found.on_bound,
    )
    errors = np.sqrt(np.diag(spread.covariance))
    errors[[name in spread.undetermined for name in layout.names]] = np.inf
    return (
        dict(zip(layout.names, values.tolist(), strict=True)),
        dict(zip(layout.names, errors.tolist(), strict=True)),
    )


def _values(u: jax.Array, layout: Layout, arrays: Arrays) -> NDArray[np.float64]:
    values = np.asarray(values_of(jnp.asarray(u), arrays))
    # exp(ln p) may exceed a bound by a rounding error.
    low, high = ([getattr(p, end) for p in layout.parameters] for end in ("lower", "upper"))
    return np.clip(values, low, high)


def _too_few(B_max: float, points: int, free: int) -> str:
    return (
        f"The window up to {1e3 * B_max:.4g} mT has {points} points for {free} free values and "
        "was left out."
    )
