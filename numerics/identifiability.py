"""What a measurement can determine, told before it is made.

The Fisher information of planned sweeps bounds the standard error of every unbiased estimate
(Cramer and Rao), and least squares reaches the bound when the noise is small enough for the model
to be linear within the errors. Everything here is in logarithms of the parameters: a standard error
of ln p is a relative error, and eigenvectors of the information are products of powers, such as
B_so_x^0.7 B_so_z^0.7, from the best determined combination (stiff) to the worst (sloppy).

The information is never inverted as a matrix: a singular one has an inverse in floating point too,
with errors that mean nothing. Singular values of the whitened sensitivities A, information = A^T A,
decide, by the same rule as after a fit (`numerics.uncertainty`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagrams.symbols import QUANTITIES
from numerics.directions import Direction, directions, null_sentences
from numerics.noise import whiten
from numerics.parameters import Parameter
from numerics.planned_sweep import PlannedSweep
from numerics.precision import double_precision
from numerics.problem import Fixed, Layout, Model, make_layout
from numerics.uncertainty import uncertainty
from numerics.verdict import verdict


@dataclass(frozen=True, eq=False)
class Identifiability:
    """What N points of one or several sweeps say about n parameters.

    Attributes
    ----------
    values : dict
        The assumed values in SI units; per-sweep ones are called ``B_phi[300 mK]``.
    units : dict
        Their SI units.
    standard_errors : dict
        Cramer-Rao bounds in SI units; ``inf`` where the information is singular.
    covariance, correlation : array, shape (n, n)
        Inverse information in SI units, in the order of `values`; inf on the diagonal where the
        information is singular, and correlations in the limit there.
    information : array, shape (n, n)
        Fisher information in ln p, dimensionless: sum over points of
        (d sigma / d ln p_i)(d sigma / d ln p_j) / noise^2.
    directions : tuple of Direction
        Its eigenvectors, the best determined combination first.
    undetermined : dict
        A sentence for each parameter that the sweeps do not determine; one whose relative error
        exceeds 1 is among them.
    status : tuple of str
        What is determined, what is not, what cannot be told apart, as full sentences.
    sweeps : tuple of PlannedSweep
        The sweeps.
    sensitivity : dict of array, shape (m, n)
        d sigma / d ln p at the fields of each sweep, by its label, in the function's unit.
    B : array, shape (N,)
        |B| of all points, increasing.
    rows : array, shape (N, n)
        Whitened sensitivities A in that order; the first k rows are those of the sweeps cut at
        the k-th field, for independent and for correlated noise.
    """

    values: dict[str, float]
    units: dict[str, str]
    standard_errors: dict[str, float]
    covariance: NDArray[np.float64]
    correlation: NDArray[np.float64]
    information: NDArray[np.float64]
    directions: tuple[Direction, ...]
    undetermined: dict[str, str]
    status: tuple[str, ...]
    sweeps: tuple[PlannedSweep, ...]
    sensitivity: dict[str, NDArray[np.float64]]
    B: NDArray[np.float64]
    rows: NDArray[np.float64]

    def relative_error(self, name: str) -> float:
        """Return the standard error of a parameter over the size of its value."""
        return self.standard_errors[name] / abs(self.values[name])

    def correlation_of(self, first: str, second: str) -> float:
        """Return the correlation coefficient of two parameters."""
        names = list(self.values)
        return float(self.correlation[names.index(first), names.index(second)])


@double_precision()
def identifiability(
    function: Model,
    parameters: Fixed,
    sweeps: PlannedSweep | Sequence[PlannedSweep],
    *,
    fixed: Fixed | None = None,
    covariance: ArrayLike | None = None,
) -> Identifiability:
    """Return what sweeps with Gaussian noise can determine about the parameters of a function.

    Parameters
    ----------
    function : callable
        ``function(B, **values)``, a pure JAX function of fields (tesla) and scalars in SI units.
    parameters : mapping
        What will be fitted, at the values to assume: ``{name: value}`` where one value is shared
        by all sweeps, ``{name: {label: value}}`` with one value per sweep. Values are not zero.
    sweeps : PlannedSweep or sequence of PlannedSweep
        Fields and noise.
    fixed : mapping, optional
        Arguments that are known, in the same two forms (a temperature per sweep, say).
    covariance : array_like, shape (N, N), optional
        Covariance of the noise of all points, sweep after sweep, in place of the noise of each:
        for errors that sweeps share, such as those of a subtracted reference curve.

    Raises
    ------
    ValueError
        If a value is zero or missing for a sweep, labels repeat, the noise is none, or the function
        or its derivative is not finite at a field.

    Examples
    --------
    >>> sweep = PlannedSweep([1.0, 2.0], 0.1)
    >>> line = identifiability(lambda B, a, b: a + b * B, {"a": 1.0, "b": 1.0}, sweep)
    >>> round(line.standard_errors["b"], 4)
    0.1414
    """
    sweeps = (sweeps,) if isinstance(sweeps, PlannedSweep) else tuple(sweeps)
    labels = _labels(sweeps)
    layout = make_layout(_shapes(parameters, labels), labels, fixed or {})
    values = _values(layout, parameters)
    sensitivity = _sensitivity(function, layout, values, sweeps)
    B, rows = _by_field(sweeps, sensitivity, covariance)
    assumed = [_around(p, v) for p, v in zip(layout.parameters, values, strict=True)]
    # Derivatives by ln p become those by the natural coordinate, which is p if p < 0.
    natural = rows / np.where(values < 0, values, 1.0)
    # Rows of zeros let the decomposition find all directions where there are fewer points.
    natural = np.vstack([natural, np.zeros((len(values), len(values)))])
    spread = uncertainty(natural, 1.0, layout.names, assumed, values, np.zeros(len(values), bool))
    axes = directions(rows, layout.names)
    null = null_sentences(rows, layout.names)
    reasons = {name: text for text, involved in null.items() for name in involved}
    undetermined = spread.undetermined | reasons
    errors = np.sqrt(np.diag(spread.covariance))
    named = dict(zip(layout.names, values.tolist(), strict=True))
    relative = dict(zip(layout.names, (errors / np.abs(values)).tolist(), strict=True))
    return Identifiability(
        values=named,
        units={n: p.unit for n, p in zip(layout.names, assumed, strict=True)},
        standard_errors=dict(zip(layout.names, errors.tolist(), strict=True)),
        covariance=spread.covariance,
        correlation=spread.correlation,
        information=rows.T @ rows,
        directions=axes,
        undetermined=undetermined,
        status=verdict(
            relative,
            undetermined,
            null,
            spread.correlation,
            axes,
            points=len(B),
            sweeps=len(sweeps),
        ),
        sweeps=sweeps,
        sensitivity=dict(zip(labels, sensitivity, strict=True)),
        B=B,
        rows=rows,
    )


def _labels(sweeps: Sequence[PlannedSweep]) -> list[str]:
    labels = [sweep.label for sweep in sweeps]
    if not labels:
        raise ValueError("There is no sweep; give at least one PlannedSweep.")
    repeated = next((label for label in labels if labels.count(label) > 1), None)
    if repeated is not None:
        raise ValueError(f"Two sweeps have the label {repeated!r}; give each its own.")
    return labels


def _shapes(parameters: Fixed, labels: Sequence[str]) -> list[Parameter]:
    """Return the parameters for `make_layout`, which needs to know who is shared."""
    if not parameters:
        raise ValueError("There is no parameter; give at least one value to vary.")
    for name, entry in parameters.items():
        if not isinstance(entry, Mapping):
            continue
        missing = [label for label in labels if label not in entry]
        unknown = [label for label in entry if label not in labels]
        if missing or unknown:
            raise ValueError(
                f"{name!r} has values for {', '.join(entry)}, but the sweeps are "
                f"{', '.join(labels)}; give one value for each sweep."
            )
    return [
        Parameter(n, 1.0, 2.0, shared=not isinstance(v, Mapping)) for n, v in parameters.items()
    ]


def _values(layout: Layout, parameters: Fixed) -> NDArray[np.float64]:
    values = []
    for slot, parameter in zip(layout.names, layout.parameters, strict=True):
        entry = parameters[parameter.name]
        own = slot.removeprefix(f"{parameter.name}[").removesuffix("]")
        value = float(entry[own] if isinstance(entry, Mapping) else entry)
        if value == 0 or not np.isfinite(value):
            raise ValueError(
                f"{slot} is {value:g}, so a relative change of it has no meaning; give the size "
                "that matters to you, or fix it."
            )
        values.append(value)
    return np.array(values)


def _around(parameter: Parameter, value: float) -> Parameter:
    """Return the parameter with bounds in which a step of one is a relative change of one."""
    unit = QUANTITIES[parameter.name].unit if parameter.name in QUANTITIES else "1"
    low, high = (value / 2, 2 * value) if value > 0 else (2 * value, 0.0)
    return Parameter(parameter.name, low, high, unit=unit)


def _sensitivity(
    function: Model,
    layout: Layout,
    values: NDArray[np.float64],
    sweeps: Sequence[PlannedSweep],
) -> list[NDArray[np.float64]]:
    """Return d sigma / d ln p of each sweep, shape (m, n)."""

    def of_relative_change(change: jax.Array, B: jax.Array, source: jax.Array) -> jax.Array:
        all_values = jnp.concatenate([values * (1 + change), jnp.asarray(layout.constants)])
        arguments = dict(zip(layout.arguments, all_values[source], strict=True))
        return jnp.broadcast_to(function(B, **arguments), B.shape)

    jacobian = jax.jit(jax.jacfwd(of_relative_change))
    result = []
    for k, sweep in enumerate(sweeps):
        source = jnp.asarray([row[k] for row in layout.index])
        here = np.asarray(jacobian(jnp.zeros(len(values)), jnp.asarray(sweep.B), source))
        if not np.all(np.isfinite(here)):
            point, slot = np.argwhere(~np.isfinite(here))[0]
            raise ValueError(
                f"The derivative with respect to {layout.names[slot]!r} is not finite at B = "
                f"{sweep.B[point]:g} T; leave the field out, or check the values."
            )
        result.append(here)
    return result


def _by_field(
    sweeps: Sequence[PlannedSweep],
    sensitivity: Sequence[NDArray[np.float64]],
    covariance: ArrayLike | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return |B| and the whitened rows of all points, by increasing |B|."""
    if covariance is not None:
        B = np.concatenate([sweep.B for sweep in sweeps])
        return _ordered(B, np.concatenate(sensitivity), np.asarray(covariance, dtype=np.float64))
    parts = [
        _ordered(sweep.B, rows, np.asarray(sweep.noise))
        for sweep, rows in zip(sweeps, sensitivity, strict=True)
    ]
    B = np.concatenate([part[0] for part in parts])
    order = np.argsort(B, kind="stable")
    return B[order], np.concatenate([part[1] for part in parts])[order]


def _ordered(
    B: NDArray[np.float64], rows: NDArray[np.float64], noise: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(np.abs(B), kind="stable")
    if noise.ndim == 2 and noise.shape == (len(B), len(B)):
        noise = noise[np.ix_(order, order)]
    elif noise.shape == B.shape:
        noise = noise[order]
    return np.abs(B)[order], whiten(rows[order], noise)
