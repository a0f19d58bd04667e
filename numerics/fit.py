"""Global least-squares fit of a JAX function to measured curves, from many starting points.

The whole search runs as one compiled program over all starts; every distinct minimum is reported
with its uncertainty, because a magnetoconductance often has more than one, and sentences say what
the data do not determine. Arithmetic is in float64, whatever the caller's JAX setting is.
"""

from collections.abc import Callable, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from diagrams.symbols import QUANTITIES
from numerics.checks import check_counts, check_curves, check_model
from numerics.curve import Curve
from numerics.minima import Found, Selection, select_minima
from numerics.parameters import Parameter, starting_points
from numerics.precision import double_precision
from numerics.problem import (
    Arrays,
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    slot_name,
    to_natural,
    to_values,
)
from numerics.result import FitResult, Minimum
from numerics.search import EndPoints, search
from numerics.status import describe
from numerics.uncertainty import uncertainty

Progress = Callable[[int, int, str], None]


@double_precision()
def fit(
    function: Model,
    curves: Curve | Sequence[Curve],
    parameters: Sequence[Parameter],
    *,
    fixed: Fixed | None = None,
    starts: int = 64,
    seed: int = 0,
    weights: str | None = None,
    progress: Progress | None = None,
) -> FitResult:
    """Fit a function to one or several curves by least squares.

    Parameters
    ----------
    function : callable
        ``function(B, **values)``: the model for an array of fields B (tesla), shape (m,), and
        scalar values in SI units, in the unit of the curves. A pure JAX function, twice
        differentiable; keep the same function object between fits and it is compiled once.
    curves : Curve or sequence of Curve
        Data in one common unit, of any lengths.
    parameters : sequence of Parameter
        What may vary, with bounds; shared by the curves or one value per curve.
    fixed : mapping, optional
        Arguments that are known: ``{name: value}`` for all curves or ``{name: {label: value}}``
        for some. A name need not be a parameter, so a temperature can be passed per curve.
    starts : int
        Number of starting points, a Latin hypercube over the search intervals.
    seed : int
        Seed of their choice; the same seed gives the same fit.
    weights : None or "standard_error"
        Without weights all points count equally and the variance is that of the residuals. With
        ``"standard_error"`` the residuals are divided by the curves' standard errors, taken as
        absolute and independent, and the sum of squares is chi-square.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Returns
    -------
    FitResult
        The distinct minima by increasing sum of squares and the status of the fit.

    Raises
    ------
    TypeError
        If the function does not take the arguments or does not return one float64 per field.
    ValueError
        If data, parameters and fixed values do not make a problem with more points than unknowns.
    RuntimeError
        If no start reaches a minimum.
    """
    report = progress or _silent
    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    if weights not in (None, "standard_error"):
        raise ValueError(f"weights is {weights!r}; use None or 'standard_error'.")
    if starts < 1:
        raise ValueError(f"The number of starts is {starts}; use at least 1.")
    check_curves(curves)
    layout = make_layout(parameters, [c.label for c in curves], fixed or {})
    points = sum(len(c) for c in curves)
    check_counts(layout, points)
    arrays = make_arrays(layout, curves, weights)
    report(0, 3, "checking the model")
    check_model(function, layout, arrays)
    report(1, 3, f"compiling, and searching minima from {starts} starts")
    u = jnp.asarray(starting_points(layout.parameters, starts, seed))
    end = jax.tree.map(np.asarray, search(function, layout.arguments, u, arrays))
    report(2, 3, "comparing minima")
    dof = points - len(layout.names)
    selection = _select(end, arrays, dof)
    minima = [_minimum(f, end, layout, arrays, curves, dof, weights) for f in selection.minima]
    result = FitResult(
        minima=tuple(minima),
        status=describe(minima, selection, _units(layout, parameters), starts, weights),
        units=_units(layout, parameters),
        fixed=_fixed_values(layout, [c.label for c in curves]),
        unit=curves[0].unit,
        weights=weights,
        starts=starts,
        seed=seed,
    )
    report(3, 3, f"found {len(minima)} distinct minima")
    return result


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""


def _select(end: EndPoints, arrays: Arrays, dof: int) -> Selection:
    total = float(jnp.sum((arrays.weight * arrays.delta_sigma) ** 2))
    selection = select_minima(end, total, dof)
    if not selection.minima:
        lowest = float(np.nanmin([*end.sum_of_squares, np.inf]))
        raise RuntimeError(
            f"None of {len(end.u)} starts reached a minimum (lowest sum of squares {lowest:.6g}); "
            "narrow the bounds or the search intervals, or use more starts."
        )
    return selection


def _minimum(
    found: Found,
    end: EndPoints,
    layout: Layout,
    arrays: Arrays,
    curves: Sequence[Curve],
    dof: int,
    weights: str | None,
) -> Minimum:
    square = float(end.sum_of_squares[found.index])
    values = _values(end.u[found.index], layout, arrays)
    spread = uncertainty(
        np.asarray(end.jacobian[found.index]),
        1.0 if weights else square / dof,
        layout.names,
        layout.parameters,
        values,
        found.on_bound,
    )
    errors = np.sqrt(np.diag(spread.covariance))
    weighted = np.reshape(end.residuals[found.index], arrays.B.shape)
    unweighted = weighted / np.where(arrays.weight == 0, 1.0, arrays.weight)
    return Minimum(
        values=dict(zip(layout.names, values.tolist(), strict=True)),
        standard_errors={
            name: float("inf") if name in spread.undetermined else float(error)
            for name, error in zip(layout.names, errors, strict=True)
        },
        covariance=spread.covariance,
        correlation=spread.correlation,
        undetermined=spread.undetermined,
        sum_of_squares=square,
        dof=dof,
        residuals={c.label: row[: len(c)] for c, row in zip(curves, unweighted, strict=True)},
        starts=found.starts,
    )


def _values(u: jax.Array, layout: Layout, arrays: Arrays) -> NDArray[np.float64]:
    values = np.asarray(to_values(to_natural(jnp.asarray(u), arrays), arrays))
    # exp(ln p) may exceed a bound by a rounding error.
    return np.clip(
        values, [p.lower for p in layout.parameters], [p.upper for p in layout.parameters]
    )


def _units(layout: Layout, parameters: Sequence[Parameter]) -> dict[str, str]:
    units = {name: QUANTITIES[name].unit for name in layout.arguments if name in QUANTITIES}
    units |= {p.name: p.unit for p in parameters}
    return units | {n: p.unit for n, p in zip(layout.names, layout.parameters, strict=True)}


def _fixed_values(layout: Layout, labels: Sequence[str]) -> dict[str, float]:
    values: dict[str, float] = {}
    free = len(layout.names)
    for name, row in zip(layout.arguments, layout.index, strict=True):
        known = {
            k: layout.constants[i - free] for k, i in zip(labels, row, strict=True) if i >= free
        }
        if len(known) == len(labels) and len(set(known.values())) == 1:
            values[name] = next(iter(known.values()))
        else:
            values |= {slot_name(name, label): value for label, value in known.items()}
    return values
