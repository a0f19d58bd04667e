"""Global least-squares fit of a JAX function to measured curves, from many starting points.

The whole search runs as one compiled program over all starts; every distinct minimum is reported
with its uncertainty, because a magnetoconductance often has more than one, and sentences say what
the data do not determine. Arithmetic is in float64, whatever the caller's JAX setting is.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from diagrams.symbols import QUANTITIES
from numerics.checks import check_counts, check_curves, check_model, check_unit
from numerics.covariates import with_temperatures
from numerics.curve import Curve
from numerics.film_range import thick_film
from numerics.generalized import Outcome, error_dof, remarks, search_minima
from numerics.minima import Found
from numerics.model_warnings import model_warnings
from numerics.noise_model import CorrelatedNoise, NoiseModel
from numerics.noise_status import freedom_sentences
from numerics.parameters import Parameter, starting_points
from numerics.plausibility import implausible
from numerics.precision import double_precision
from numerics.problem import (
    Arrays,
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    slot_name,
    unweighted,
    values_of,
)
from numerics.result import FitResult, Minimum
from numerics.status import describe
from numerics.transport_field import beyond_diffusion
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
    noise: NoiseModel | None = None,
    transport_field: float | None = None,
    thickness: float | None = None,
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
        for some. A name need not be a parameter, so a temperature can be passed per curve; the
        argument T is that of the curves unless it is fixed or a parameter.
    starts : int
        Number of starting points, a Latin hypercube over the search intervals.
    seed : int
        Seed of their choice; the same seed gives the same fit.
    weights : None or "standard_error"
        Without weights all points count equally and the variance is that of the residuals. With
        ``"standard_error"`` the residuals are divided by the curves' standard errors, taken as
        absolute and independent, and the sum of squares is chi-square.
    noise : NoiseModel, optional
        Instead of weights: noise that is correlated along the field (generalized least squares),
        known (`GivenNoise`, `KernelNoise`) or estimated from the residuals (`CorrelatedNoise`).
    transport_field : float, optional
        B_tr = hbar/(2 e l^2) in tesla, of a model that assumes diffusive motion: the status says
        where the sweep leaves that range by more than 1 %. Needs B_phi, L_phi, or tau_phi and D.
    thickness : float, optional
        Of the film in metres, for a two-dimensional model: the status says if the sample is not
        that thin at its L_phi and fields. Needs the same.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Returns
    -------
    FitResult
        The distinct minima by increasing sum of squares and the status of the fit, with what the
        function warns of at the best minimum (a formula outside its range) and whether
        neighbouring residuals are correlated.

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
    if weights and noise is not None:
        raise ValueError("weights and noise are both given; the noise says how points weigh.")
    if starts < 1:
        raise ValueError(f"The number of starts is {starts}; use at least 1.")
    check_curves(curves)
    check_unit(function, curves)
    fixed = with_temperatures(function, curves, parameters, fixed or {})
    layout = make_layout(parameters, [c.label for c in curves], fixed)
    points = sum(len(c) for c in curves)
    check_counts(layout, points)
    arrays = make_arrays(layout, curves, weights)
    report(0, 3, "checking the model")
    check_model(function, layout, arrays)
    report(1, 3, f"compiling, and searching minima from {starts} starts")
    u = jnp.asarray(starting_points(layout.parameters, starts, seed))
    outcome = search_minima(function, layout, curves, u, arrays, noise)
    report(2, 3, "comparing minima")
    known = "noise" if noise is not None else weights
    minima = [_minimum(f, outcome, layout, curves, known) for f in outcome.selection.minima]
    if isinstance(noise, CorrelatedNoise):
        found = zip(minima, outcome.selection.minima, strict=True)
        minima = [replace(m, error_dof=error_dof(noise, outcome, curves, m, f)) for m, f in found]
    units = _units(layout, parameters)
    ranges = (transport_field, thickness)
    said = _remarks(function, outcome, layout, curves, minima[0], *ranges)
    result = FitResult(
        minima=tuple(minima),
        status=describe(minima, outcome.selection, units, starts, known, said),
        units=units,
        fixed=_fixed_values(layout, [c.label for c in curves]),
        unit=curves[0].unit,
        weights=known,
        starts=starts,
        seed=seed,
        noise=outcome.noise,
        bounds={
            n: (p.lower, p.upper) for n, p in zip(layout.names, layout.parameters, strict=True)
        },
    )
    report(3, 3, f"found {len(minima)} distinct minima")
    return result


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""


def _minimum(
    found: Found, outcome: Outcome, layout: Layout, curves: Sequence[Curve], weights: str | None
) -> Minimum:
    end, arrays = outcome.end, outcome.arrays
    square = float(end.sum_of_squares[found.index])
    dof = sum(map(len, curves)) - len(layout.names)
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
    residuals = unweighted(np.asarray(end.residuals[found.index]), arrays, curves)
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
        residuals={c.label: row for c, row in zip(curves, residuals, strict=True)},
        starts=found.starts,
    )


def _remarks(
    function: Model,
    outcome: Outcome,
    layout: Layout,
    curves: Sequence[Curve],
    best: Minimum,
    transport_field: float | None,
    thickness: float | None,
) -> list[str]:
    values = np.array(list(best.values.values()))
    known = np.concatenate([values, layout.constants])
    arguments = [
        {n: float(known[row[k]]) for n, row in zip(layout.arguments, layout.index, strict=True)}
        for k in range(len(curves))
    ]
    return [
        *implausible(curves, best.residuals),
        *remarks(outcome, layout, curves, values),
        *freedom_sentences(best.error_dof),
        *model_warnings(function, curves, arguments),
        *beyond_diffusion(curves, arguments, transport_field),
        *thick_film(curves, arguments, thickness),
        *_unused_priors(layout),
    ]


def _unused_priors(layout: Layout) -> list[str]:
    names = list(dict.fromkeys(p.name for p in layout.parameters if p.prior is not None))
    if not names:
        return []
    return [
        f"The prior of {' and '.join(names)} is no part of this least-squares fit; numerics.sample "
        "uses it."
    ]


def _values(u: jax.Array, layout: Layout, arrays: Arrays) -> NDArray[np.float64]:
    values = np.asarray(values_of(jnp.asarray(u), arrays))
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
