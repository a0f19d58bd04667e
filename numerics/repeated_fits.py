"""Many data sets drawn from one model and refitted in one compiled program.

The problem is that of a fit (`numerics.problem`), with an axis of data sets in front; each search
starts at the values that the data were drawn with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.fit import Progress
from numerics.minima import select_minima
from numerics.noise import whiten
from numerics.parameters import Parameter
from numerics.planned_sweep import PlannedSweep
from numerics.problem import (
    Arrays,
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    predict,
    slot_name,
    to_natural,
    to_values,
    weighted,
    with_covariances,
)
from numerics.search import EndPoints, search
from numerics.uncertainty import uncertainty

_BATCH = 250

_Array = NDArray[np.float64]
Problem = tuple[Layout, Arrays]


def make_problem(
    sweeps: Sequence[PlannedSweep],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    noise_known: bool,
    correlation_known: bool,
) -> Problem:
    """Return layout and arrays (without data) of a fit to the sweeps."""
    layout = make_layout(parameters, [s.label for s in sweeps], fixed)
    curves = [Curve(s.B, np.zeros(len(s.B)), label=s.label) for s in sweeps]
    arrays = make_arrays(layout, curves, None)
    if not noise_known:
        return layout, arrays
    matrices = [_covariance(s) for s in sweeps]
    if correlation_known and any(np.asarray(s.noise).ndim == 2 for s in sweeps):
        return layout, with_covariances(arrays, matrices)
    length = arrays.B.shape[1]
    rows = [np.pad(np.diag(C) ** -0.5, (0, length - len(C))) for C in matrices]
    return layout, arrays._replace(weight=jnp.asarray(rows))


def held(
    whole: Problem,
    sweeps: Sequence[PlannedSweep],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    index: int,
    values: _Array,
) -> Problem:
    """Return the problem with one free value held at the truth."""
    layout, arrays = whole
    parameter, slot = layout.parameters[index], layout.names[index]
    value = float(values[index])
    known: dict[str, float | Mapping[str, float]] = dict(fixed)
    if parameter.shared:
        known[parameter.name] = value
    else:
        label = slot.removeprefix(f"{parameter.name}[").removesuffix("]")
        entry = known.get(parameter.name, {})
        assert isinstance(entry, Mapping)
        known[parameter.name] = {**entry, label: value}
    layout, own = make_problem(sweeps, parameters, known, False, False)
    return layout, own._replace(weight=arrays.weight, whitening=arrays.whitening)


def _covariance(sweep: PlannedSweep) -> _Array:
    noise = np.asarray(sweep.noise)
    if noise.ndim == 2:
        whiten(np.eye(len(noise)), noise)  # says what is wrong with a bad one
        return noise
    whiten(np.zeros((len(sweep.B), 1)), noise)
    return np.diag(np.broadcast_to(noise, sweep.B.shape) ** 2)


def true_values(layout: Layout, truth: Fixed) -> _Array:
    """Return the true value of each free slot; ValueError if one is missing or out of bounds."""
    values = []
    for slot, p in zip(layout.names, layout.parameters, strict=True):
        entry = truth.get(p.name)
        if isinstance(entry, Mapping):
            own = [v for label, v in entry.items() if slot_name(p.name, label) == slot]
            entry = own[0] if own else None
        if entry is None or not p.lower <= entry <= p.upper:
            raise ValueError(
                f"The true value of {slot} is {entry}; give one between its bounds {p.lower:g} and "
                f"{p.upper:g}."
            )
        values.append(float(entry))
    return np.array(values)


def _natural(layout: Layout, values: _Array) -> _Array:
    return np.array([p.natural(v) for p, v in zip(layout.parameters, values, strict=True)])


def _start(problem: Problem, values: _Array) -> jax.Array:
    layout, arrays = problem
    t = jnp.asarray(_natural(layout, values))
    return jnp.arcsin(jnp.clip((t - arrays.middle) / arrays.half, -1.0, 1.0))


def simulated(
    function: Model,
    problem: Problem,
    values: _Array,
    sweeps: Sequence[PlannedSweep],
    simulations: int,
    seed: int,
) -> _Array:
    """Return data sets, shape (simulations, c, m), drawn with the noise of the sweeps."""
    layout, arrays = problem
    exact = predict(function, layout.arguments, jnp.asarray(_natural(layout, values)), arrays)
    data = np.repeat(np.asarray(exact)[None], simulations, axis=0)
    generator = np.random.default_rng(seed)
    for k, sweep in enumerate(sweeps):
        size = len(sweep.B)
        L = np.linalg.cholesky(_covariance(sweep))
        data[:, k, :size] += generator.standard_normal((simulations, size)) @ L.T
    return data


@partial(jax.jit, static_argnames=("function", "arguments"))
def _search_all(
    function: Model, arguments: tuple[str, ...], u: jax.Array, arrays: Arrays, data: jax.Array
) -> EndPoints:
    def one(delta_sigma: jax.Array) -> EndPoints:
        return search(function, arguments, u[None], arrays._replace(delta_sigma=delta_sigma))

    return jax.vmap(one)(data)


def refit(
    function: Model,
    problem: Problem,
    values: _Array,
    data: _Array,
    progress: Progress | None = None,
) -> EndPoints:
    """Return the end points of all data sets, leading axes (simulations, 1)."""
    layout, arrays = problem
    u = _start(problem, values)
    parts = []
    size = min(_BATCH, len(data))
    for first in range(0, len(data), size):
        batch = data[first : first + size]
        # the last batch is filled up: another shape would be compiled again
        full = np.concatenate([batch, np.repeat(batch[-1:], size - len(batch), axis=0)])
        ends = _search_all(function, layout.arguments, u, arrays, jnp.asarray(full))
        parts.append([np.asarray(field)[: len(batch)] for field in ends])
        if progress is not None:
            progress(first + len(batch), len(data), "refitting simulated data")
    return EndPoints._make(map(np.concatenate, zip(*parts, strict=True)))


def laplace_distances(
    ends: EndPoints,
    problem: Problem,
    values: _Array,
    data: _Array,
    dof: int,
    noise_known: bool,
) -> tuple[_Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return |t - truth| in standard errors, what is undetermined, and which refits failed."""
    layout, arrays = problem
    distances = np.full((len(data), len(values)), np.inf)
    lost = np.zeros(distances.shape, dtype=bool)
    failed = np.zeros(len(data), dtype=bool)
    scaled = np.asarray(jax.vmap(lambda d: weighted(d, arrays))(jnp.asarray(data)))
    totals = np.sum(scaled**2, axis=1)
    for k in range(len(data)):
        end = EndPoints(*(field[k] for field in ends))
        minima = select_minima(end, float(totals[k]), dof).minima
        if not minima:
            failed[k] = True
            continue
        t = to_natural(jnp.asarray(end.u[0]), arrays)
        at = np.asarray(to_values(t, arrays))
        spread = uncertainty(
            np.asarray(end.jacobian[0]),
            1.0 if noise_known else float(end.sum_of_squares[0]) / dof,
            layout.names,
            layout.parameters,
            at,
            minima[0].on_bound,
        )
        slope = np.where([p.logarithmic for p in layout.parameters], at, 1.0)
        error = np.sqrt(np.diag(spread.covariance)) / slope
        lost[k] = [name in spread.undetermined for name in layout.names]
        moved = np.abs(np.asarray(t) - _natural(layout, values))
        distances[k] = np.where(lost[k], 0.0, moved / np.where(lost[k], 1.0, error))
    return distances, lost, failed


def profile_distances(
    function: Model,
    problems: Sequence[Problem],
    values: _Array,
    data: _Array,
    ends: EndPoints,
    dof: int,
    noise_known: bool,
) -> _Array:
    """Return the root of the increase of the sum of squares with each value held at the truth."""
    best = np.asarray(ends.sum_of_squares)[:, 0]
    variance = np.ones(len(data)) if noise_known else best / dof
    columns = []
    for i, problem in enumerate(problems):
        others = np.delete(values, i)
        if len(others):
            square = np.asarray(refit(function, problem, others, data).sum_of_squares)[:, 0]
        else:
            square = _fixed_squares(function, problem, data)
        columns.append(np.sqrt(np.maximum(square - best, 0.0) / variance))
    return np.stack(columns, axis=1)


def _fixed_squares(function: Model, problem: Problem, data: _Array) -> _Array:
    layout, arrays = problem
    model = predict(function, layout.arguments, jnp.zeros(0), arrays)
    rows = jax.vmap(lambda d: weighted(d - model, arrays))(jnp.asarray(data))
    return np.asarray(jnp.sum(rows**2, axis=1))
