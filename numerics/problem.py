"""A least-squares problem: which value goes to which argument of which curve, and the residuals.

Every free value has a slot; a shared parameter has one slot, a per-curve parameter one per curve
that does not fix it. `Layout` does this bookkeeping once, in Python. `Arrays` is what enters the
compiled search: padded data and an index table, so that one compiled search serves every data set
of the same shape. The index table lets any argument of the function be fixed per curve, which is
how a known covariate (a temperature, a gate voltage) reaches the model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.noise import whiten
from numerics.parameters import Parameter, natural_bounds

Fixed = Mapping[str, float | Mapping[str, float]]
Model = Callable[..., jax.Array]


class Arrays(NamedTuple):
    """Data of a problem with c curves of at most m points, k arguments and n free slots."""

    B: jax.Array  # (c, m), padded with the last field of the curve
    delta_sigma: jax.Array  # (c, m)
    weight: jax.Array  # (c, m): 1 or 1/standard_error, 0 where padded
    source: jax.Array  # (k, c): position in the free values followed by the constants
    constants: jax.Array  # (number of fixed values,)
    middle: jax.Array  # (n,): t_mid
    half: jax.Array  # (n,): t_half
    logarithmic: jax.Array  # (n,)
    whitening: jax.Array | None = None  # (c, m, m): L^-1 of correlated noise, 0 where padded


@dataclass(frozen=True)
class Layout:
    """Names of the free slots, the parameter each belongs to, and where arguments find values."""

    names: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    arguments: tuple[str, ...]
    index: tuple[tuple[int, ...], ...]
    constants: tuple[float, ...]


def slot_name(name: str, label: str) -> str:
    """Return the name of a per-curve value, ``tau_phi[300 mK]``."""
    return f"{name}[{label}]"


def make_layout(parameters: Sequence[Parameter], labels: Sequence[str], fixed: Fixed) -> Layout:
    """Assign slots to free parameters and constants to fixed ones.

    Raises
    ------
    ValueError
        If a name is declared twice, a fixed value names an unknown curve or is not finite, or an
        argument is neither a parameter nor fixed for every curve.
    """
    declared = {p.name: p for p in parameters}
    if len(declared) < len(parameters):
        names = [p.name for p in parameters]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"Parameter {repeated!r} is declared twice; declare each name once.")
    slots: dict[str, Parameter] = {}
    constants: list[float] = []
    table: list[list[int]] = []
    arguments = tuple(dict.fromkeys([*declared, *fixed]))
    for name in arguments:
        row = []
        for label in labels:
            value = _fixed_value(fixed, name, label, labels)
            if value is not None:
                constants.append(value)
                row.append(-len(constants))
            else:
                slot = _slot(declared, name, label)
                slots.setdefault(slot, declared[name])
                row.append(list(slots).index(slot))
        table.append(row)
    # A constant was noted as -1, -2, ...; its place is after the free values.
    index = tuple(tuple(i if i >= 0 else len(slots) - i - 1 for i in row) for row in table)
    return Layout(tuple(slots), tuple(slots.values()), arguments, index, tuple(constants))


def make_arrays(layout: Layout, curves: Sequence[Curve], weights: str | None) -> Arrays:
    """Return the padded data and index table in float64."""
    length = max(len(curve) for curve in curves)
    middle, half = natural_bounds(layout.parameters)
    return Arrays(
        B=jnp.asarray([np.pad(c.B, (0, length - len(c)), mode="edge") for c in curves]),
        delta_sigma=jnp.asarray([np.pad(c.delta_sigma, (0, length - len(c))) for c in curves]),
        weight=jnp.asarray([np.pad(_weight(c, weights), (0, length - len(c))) for c in curves]),
        source=jnp.asarray(layout.index),
        constants=jnp.asarray(layout.constants, dtype=float),
        middle=jnp.asarray(middle),
        half=jnp.asarray(half),
        logarithmic=jnp.asarray([p.logarithmic for p in layout.parameters]),
    )


def with_covariances(arrays: Arrays, matrices: Sequence[NDArray[np.float64]]) -> Arrays:
    """Return arrays whose residuals are divided by correlated noise, one covariance per curve.

    Raises
    ------
    ValueError
        If a covariance is not symmetric and positive definite.
    """
    curves, length = arrays.B.shape
    whitening = np.zeros((curves, length, length))
    for k, matrix in enumerate(matrices):
        size = len(matrix)
        whitening[k, :size, :size] = whiten(np.eye(size), matrix)
    return arrays._replace(whitening=jnp.asarray(whitening))


def to_natural(u: jax.Array, arrays: Arrays) -> jax.Array:
    """Return t = t_mid + t_half sin(u)."""
    return arrays.middle + arrays.half * jnp.sin(u)


def to_values(t: jax.Array, arrays: Arrays) -> jax.Array:
    """Return the physical values, p = exp(t) or t."""
    # The inner where keeps exp from overflowing in the branch that is not taken.
    log = arrays.logarithmic
    return jnp.where(log, jnp.exp(jnp.where(log, t, 0.0)), t)


@jax.jit
def values_of(u: jax.Array, arrays: Arrays) -> jax.Array:
    """Return the physical values at coordinates u, compiled as a whole."""
    return to_values(to_natural(u, arrays), arrays)


def predict(function: Model, arguments: tuple[str, ...], t: jax.Array, arrays: Arrays) -> jax.Array:
    """Return the model on the padded fields, shape (c, m)."""
    values = jnp.concatenate([to_values(t, arrays), arrays.constants])[arrays.source]

    def one_curve(B: jax.Array, row: jax.Array) -> jax.Array:
        return function(B, **dict(zip(arguments, row, strict=True)))

    return jax.vmap(one_curve, in_axes=(0, 1))(arrays.B, values)


def residuals(
    function: Model, arguments: tuple[str, ...], t: jax.Array, arrays: Arrays
) -> jax.Array:
    """Return (measured - model) in units of the noise, shape (c m,); zero where padded."""
    return weighted(arrays.delta_sigma - predict(function, arguments, t, arrays), arrays)


def weighted(difference: jax.Array, arrays: Arrays) -> jax.Array:
    """Return values of shape (c, m) in units of the noise, flattened to (c m,)."""
    scaled = arrays.weight * difference
    if arrays.whitening is None:
        return scaled.ravel()
    return jnp.einsum("cij,cj->ci", arrays.whitening, scaled).ravel()


@jax.jit
def sum_of_squares(arrays: Arrays) -> jax.Array:
    """Return the sum of squares of the data in units of the noise, compiled as a whole."""
    return jnp.sum(weighted(arrays.delta_sigma, arrays) ** 2)


def unweighted(
    rows: NDArray[np.float64], arrays: Arrays, curves: Sequence[Curve]
) -> list[NDArray[np.float64]]:
    """Return weighted rows, shape (c m, ...), in the unit of the curves, (len(curve), ...) each."""
    from scipy.linalg import solve_triangular

    by_curve = np.reshape(rows, (*arrays.B.shape, *rows.shape[1:]))
    result = []
    for k, (curve, own) in enumerate(zip(curves, by_curve, strict=True)):
        size = len(curve)
        values = own[:size]
        if arrays.whitening is not None:
            L_inverse = np.asarray(arrays.whitening[k, :size, :size])
            values = solve_triangular(L_inverse, values, lower=True)
        weight = np.asarray(arrays.weight[k, :size])
        result.append(values / weight.reshape(size, *[1] * (values.ndim - 1)))
    return result


def _slot(declared: Mapping[str, Parameter], name: str, label: str) -> str:
    if name not in declared:
        raise ValueError(
            f"{name!r} is fixed for some curves and not for {label!r}; fix it there too, or "
            "declare it as a Parameter."
        )
    return name if declared[name].shared else slot_name(name, label)


def _fixed_value(fixed: Fixed, name: str, label: str, labels: Sequence[str]) -> float | None:
    entry = fixed.get(name)
    if isinstance(entry, Mapping):
        unknown = [key for key in entry if key not in labels]
        if unknown:
            raise ValueError(
                f"{name!r} is fixed for the curve {unknown[0]!r}, which is not among "
                f"{', '.join(labels)}; use one of these labels."
            )
        entry = entry.get(label)
    if entry is not None and not np.isfinite(entry):
        raise ValueError(f"{name!r} is fixed to {entry}; give a finite number.")
    return None if entry is None else float(entry)


def _weight(curve: Curve, weights: str | None) -> NDArray[np.float64]:
    if weights is None:
        return np.ones(len(curve))
    if curve.standard_error is None or np.any(curve.standard_error == 0):
        state = "no standard errors" if curve.standard_error is None else "a standard error of 0"
        raise ValueError(
            f"Curve {curve.label!r} has {state}, so it cannot be weighted by them; use "
            "weights=None (no --weights) or leave the exact point out."
        )
    return 1 / curve.standard_error
