"""A global least-squares problem with some of its values held, for many choices of what is held.

Each choice is a problem of its own for the batched search; the data are shared among them.
Residuals are taken curve by curve, so that the search sees which parameter belongs to which curve.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.batch_minima import minimise
from numerics.batch_problem import Ends, Problems
from numerics.checks import check_counts, check_curves, check_model, check_unit
from numerics.curve import Curve
from numerics.minima import select_minima
from numerics.noise_model import CorrelatedNoise, GivenNoise, KernelNoise
from numerics.parameters import Parameter, natural_bounds
from numerics.problem import (
    Arrays,
    Fixed,
    Layout,
    Model,
    make_arrays,
    make_layout,
    sum_of_squares,
    with_covariances,
)
from numerics.search import search

KnownNoise = GivenNoise | KernelNoise


class HeldData(NamedTuple):
    """Data shared by all problems, with a leading axis of 1, and the constants of each."""

    B: NDArray[np.float64]  # (1, c, m)
    delta_sigma: NDArray[np.float64]  # (1, c, m)
    weight: NDArray[np.float64]  # (1, c, m)
    constants: NDArray[np.float64]  # (C, k)
    whitening: NDArray[np.float64] | None = None  # (1, c, m, m), see numerics.problem.Arrays


@dataclass(frozen=True)
class AllCurves:
    """The weighted residuals of all curves at natural coordinates; equal ones compile once."""

    function: Model
    arguments: tuple[str, ...]
    index: tuple[tuple[int, ...], ...]
    logarithmic: tuple[bool, ...]

    def __call__(self, t: Sequence[jax.Array], data: HeldData) -> jax.Array:
        """Return (model - measured) * weight, shape (c m,)."""
        pairs = zip(self.logarithmic, t, strict=True)
        free = [jnp.exp(x) if log else x for log, x in pairs]
        slots = [*free, *(data.constants[k] for k in range(len(data.constants)))]
        return jnp.concatenate([self._curve(k, slots, data) for k in range(len(data.B))])

    def _curve(self, k: int, slots: Sequence[jax.Array], data: HeldData) -> jax.Array:
        values = {name: slots[row[k]] for name, row in zip(self.arguments, self.index, strict=True)}
        model = self.function(data.B[k], **values)
        scaled = (model - data.delta_sigma[k]) * data.weight[k]
        return scaled if data.whitening is None else data.whitening[k] @ scaled


@dataclass(frozen=True, eq=False)
class HeldProblem:
    """What is fitted, what is held, and in which of the constants the held values are.

    Attributes
    ----------
    held, names : tuple of str
        Names of the held and of the free values.
    free : tuple of Parameter
        One for each free value.
    places : tuple of tuple of int
        For each held name, the constants that take its value.
    """

    model: AllCurves
    held: tuple[str, ...]
    names: tuple[str, ...]
    free: tuple[Parameter, ...]
    places: tuple[tuple[int, ...], ...]
    data: HeldData

    @property
    def total(self) -> float:
        """Sum of squares of the weighted data."""
        scaled = self.data.weight * self.data.delta_sigma
        if self.data.whitening is not None:
            scaled = np.einsum("acij,acj->aci", self.data.whitening, scaled)
        return float(np.sum(scaled**2))

    def minima(
        self, held: NDArray[np.float64], values: NDArray[np.float64], *, size: int = 16
    ) -> Ends:
        """Return the end points from starting values (C, n) with held values (C, h).

        Compiled once for all C up to `size`.
        """
        constants = np.repeat(self.data.constants, len(held), axis=0)
        for column, places in zip(held.T, self.places, strict=True):
            constants[:, list(places)] = column[:, None]
        middle, half = natural_bounds(self.free)
        count = len(held)
        problems = Problems(
            start=start_coordinates(self.free, values),
            rate=np.ones(count),
            owner=np.arange(count),
            data=self.data._replace(constants=constants),
            total=np.full(count, self.total),
            middle=middle,
            half=half,
            count=np.asarray(count),
        )
        return minimise(self.model, problems, single=False, size=size, exact=False)

    def values(self, ends: Ends) -> NDArray[np.float64]:
        """Return the free values at end points, shape (C, n)."""
        return values_at(self.free, ends.u)


@dataclass(frozen=True, eq=False)
class WholeProblem:
    """The same problem with nothing held, as `numerics.fit.fit` sees it."""

    function: Model
    layout: Layout
    arrays: Arrays
    dof: int
    weights: str | None  # as of a FitResult

    @property
    def units(self) -> dict[str, str]:
        """SI unit of each free value."""
        pairs = zip(self.layout.names, self.layout.parameters, strict=True)
        return {name: parameter.unit for name, parameter in pairs}

    def minima(self, start: NDArray[np.float64], size: int) -> list[tuple[dict[str, float], float]]:
        """Return the distinct minima from starting values (s, n), s <= size, lowest first.

        Raises
        ------
        ValueError
            If there is none.
        """
        u = start_coordinates(self.layout.parameters, np.resize(start, (size, start.shape[1])))
        end = search(self.function, self.layout.arguments, jnp.asarray(u), self.arrays)
        end = jax.tree.map(np.asarray, end)
        total = float(sum_of_squares(self.arrays))
        found = select_minima(end, total, self.dof).minima
        if not found:
            raise ValueError(
                "No minimum of the whole problem is near; widen the bounds, or start elsewhere."
            )
        values = [values_at(self.layout.parameters, end.u[f.index]).tolist() for f in found]
        squares = [float(end.sum_of_squares[f.index]) for f in found]
        named = [dict(zip(self.layout.names, row, strict=True)) for row in values]
        return list(zip(named, squares, strict=True))


def whole_problem(
    function: Model,
    curves: Sequence[Curve],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    weights: str | None,
    noise: KnownNoise | None = None,
) -> WholeProblem:
    """Return the checked problem.

    Raises
    ------
    TypeError, ValueError
        As `numerics.fit.fit` does.
    """
    if weights not in (None, "standard_error"):
        raise ValueError(f"weights is {weights!r}; use None or 'standard_error'.")
    if weights and noise is not None:
        raise ValueError("weights and noise are both given; the noise says how points weigh.")
    if isinstance(noise, CorrelatedNoise):
        raise TypeError(
            "A profile compares sums of squares, so its noise has to be known: pass the `noise` of "
            "the result of a fit with CorrelatedNoise()."
        )
    check_curves(curves)
    check_unit(function, curves)
    layout = make_layout(parameters, [c.label for c in curves], fixed)
    points = sum(len(c) for c in curves)
    check_counts(layout, points)
    arrays = _arrays(layout, curves, weights, noise)
    check_model(function, layout, arrays)
    known = weights if noise is None else "noise"
    return WholeProblem(function, layout, arrays, points - len(layout.names), known)


def _arrays(
    layout: Layout, curves: Sequence[Curve], weights: str | None, noise: KnownNoise | None
) -> Arrays:
    arrays = make_arrays(layout, curves, weights)
    return (
        arrays if noise is None else with_covariances(arrays, [noise.covariance(c) for c in curves])
    )


def start_coordinates(
    parameters: Sequence[Parameter], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return u of values (..., n)."""
    middle, half = natural_bounds(parameters)
    log = [p.logarithmic for p in parameters]
    t = np.where(log, np.log(np.where(log, values, 1.0)), values)
    return np.arcsin(np.clip((t - middle) / half, -1.0, 1.0))


def values_at(parameters: Sequence[Parameter], u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values at coordinates u (..., n)."""
    middle, half = natural_bounds(parameters)
    t = middle + half * np.sin(u)
    log = [p.logarithmic for p in parameters]
    values = np.where(log, np.exp(np.where(log, t, 0.0)), t)
    # exp(ln p) may exceed a bound by a rounding error.
    return np.clip(values, [p.lower for p in parameters], [p.upper for p in parameters])


def held_problem(
    function: Model,
    curves: Sequence[Curve],
    parameters: Sequence[Parameter],
    fixed: Fixed,
    held: Sequence[str],
    weights: str | None,
    noise: KnownNoise | None = None,
) -> HeldProblem:
    """Return the problem with the values named `held` taken out of the free ones.

    Raises
    ------
    ValueError
        If a held name is not that of a free value, or nothing is left to refit.
    """
    labels = [c.label for c in curves]
    whole = make_layout(parameters, labels, fixed)
    known: dict[str, float | Mapping[str, float]] = dict(fixed)
    for name in held:
        _hold(known, name, whole, labels)
    layout = make_layout(parameters, labels, known)
    arrays = _arrays(layout, curves, weights, noise)
    free = len(layout.names)
    if not free:
        raise ValueError(
            f"Nothing is left to refit when {' and '.join(held)} are held; evaluate the model."
        )
    return HeldProblem(
        model=AllCurves(
            function,
            layout.arguments,
            layout.index,
            tuple(p.logarithmic for p in layout.parameters),
        ),
        held=tuple(held),
        names=layout.names,
        free=layout.parameters,
        places=tuple(_places(name, whole, layout, free) for name in held),
        data=_held_data(arrays),
    )


def _hold(
    known: dict[str, float | Mapping[str, float]], name: str, whole: Layout, labels: Sequence[str]
) -> None:
    if name not in whole.names:
        raise ValueError(
            f"{name!r} is not a free value of this problem; choose from {', '.join(whole.names)}."
        )
    argument, _, label = name.removesuffix("]").partition("[")
    entry = known.get(argument, {})
    own = dict(entry) if isinstance(entry, Mapping) else {}
    # What the constant is does not matter: every problem brings its own.
    held = {label: 0.0} if label else {one: 0.0 for one in labels if one not in own}
    known[argument] = own | held


def _places(name: str, whole: Layout, layout: Layout, free: int) -> tuple[int, ...]:
    slot = whole.names.index(name)
    pairs = zip(whole.arguments, whole.index, strict=True)
    own = [(a, k) for a, row in pairs for k, i in enumerate(row) if i == slot]
    return tuple(layout.index[layout.arguments.index(a)][k] - free for a, k in own)


def _held_data(arrays: Arrays) -> HeldData:
    parts = [arrays.B, arrays.delta_sigma, arrays.weight, arrays.constants]
    parts += [] if arrays.whitening is None else [arrays.whitening]
    return HeldData(*(np.asarray(x)[None] for x in parts))
