"""Many curves as a batch of problems of one form: arrays, starting points, and the residuals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.curve import Curve
from numerics.parameters import Parameter, natural_bounds, starting_points
from numerics.problem import Fixed, Model

Starts = int | Mapping[str, ArrayLike]


class CurveData(NamedTuple):
    """C curves of at most m points; `weight` is None where all points count the same."""

    B: NDArray[np.float64]  # (C, m), padded with the last field, or (1, m) if all are equal
    delta_sigma: NDArray[np.float64]  # (C, m)
    weight: NDArray[np.float64] | None  # (C, m): 0 where padded
    constants: NDArray[np.float64]  # (C, k)


@dataclass(frozen=True)
class OneCurve:
    """The weighted residuals of one curve at natural coordinates; equal ones compile once."""

    function: Model
    names: tuple[str, ...]
    logarithmic: tuple[bool, ...]
    known: tuple[str, ...]

    def __call__(self, t: Sequence[jax.Array], data: CurveData) -> jax.Array:
        """Return (model - measured) * weight, shape (m,)."""
        pairs = zip(self.names, self.logarithmic, t, strict=True)
        values = {name: jnp.exp(x) if log else x for name, log, x in pairs}
        values |= {name: data.constants[k] for k, name in enumerate(self.known)}
        difference = self.function(data.B, **values) - data.delta_sigma
        return difference if data.weight is None else difference * data.weight


def one_curve(function: Model, parameters: Sequence[Parameter], fixed: Fixed) -> OneCurve:
    """Return the residuals of a function, with the fixed values as constants of each curve."""
    free = [p for p in parameters if p.name not in fixed]
    return OneCurve(
        function, tuple(p.name for p in free), tuple(p.logarithmic for p in free), tuple(fixed)
    )


def curve_data(curves: Sequence[Curve], fixed: Fixed, weights: str | None) -> CurveData:
    """Return the arrays of all curves.

    Raises
    ------
    ValueError
        If a fixed value is missing for a curve or not finite, or a curve lacks standard errors.
    """
    lengths = {len(c.B) for c in curves}
    B = _stacked([c.B for c in curves], lengths, "edge")
    B = B[:1] if np.all(B[0] == B) else B
    y = _stacked([c.delta_sigma for c in curves], lengths)
    weight = None
    if weights is not None:
        weight = _stacked([_inverse_error(c) for c in curves], lengths)
    elif len(lengths) > 1:
        weight = _stacked([np.ones(len(c)) for c in curves], lengths)
    constants = np.array([_constants(name, fixed[name], curves) for name in fixed])
    return CurveData(B, y, weight, constants.reshape(len(fixed), len(curves)).T)


def start_points(
    parameters: Sequence[Parameter], starts: Starts, seed: int, count: int
) -> NDArray[np.float64]:
    """Return u of shape (count, S, n): a Latin hypercube for all curves, or the given values.

    Raises
    ------
    ValueError
        If given values do not name each parameter, have a wrong shape or lie outside the bounds.
    """
    if isinstance(starts, int):
        u = starting_points(parameters, starts, seed)
        return np.broadcast_to(u, (count, *u.shape))
    names = [p.name for p in parameters]
    if sorted(starts) != sorted(names):
        raise ValueError(
            f"Starting values are given for {', '.join(starts) or 'nothing'}; give one for each of "
            f"{', '.join(names)}."
        )
    t = np.stack([_start_values(p, starts[p.name], count) for p in parameters], axis=-1)
    middle, half = natural_bounds(parameters)
    return np.arcsin(np.clip((t - middle) / half, -1.0, 1.0))[:, None, :]


def _start_values(parameter: Parameter, values: ArrayLike, count: int) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=float)
    if array.shape not in ((), (count,)):
        raise ValueError(
            f"The starting values of {parameter.name!r} have shape {array.shape}; give one number, "
            f"or one for each of the {count} curves."
        )
    outside = array[~((array >= parameter.lower) & (array <= parameter.upper))]
    if outside.size:
        raise ValueError(
            f"The starting value {outside.flat[0]:g} of {parameter.name!r} is outside its bounds "
            f"{parameter.lower:g} and {parameter.upper:g}; move it inside."
        )
    natural = np.log(array) if parameter.logarithmic else array
    return np.broadcast_to(natural, (count,))


def _stacked(
    columns: list[NDArray[np.float64]], lengths: set[int], mode: Any = "constant"
) -> NDArray[np.float64]:
    """Return the columns as rows, those that are short padded to the longest of the lengths."""
    longest = max(lengths)
    if len(lengths) > 1:
        columns = [np.pad(x, (0, longest - len(x)), mode=mode) for x in columns]
    # five times as fast as np.stack for a thousand columns
    return np.concatenate(columns).reshape(-1, longest)


def _inverse_error(curve: Curve) -> NDArray[np.float64]:
    if curve.standard_error is None or np.any(curve.standard_error == 0):
        state = "no standard errors" if curve.standard_error is None else "a standard error of 0"
        raise ValueError(
            f"Curve {curve.label!r} has {state}, so it cannot be weighted by them; use "
            "weights=None or leave the exact point out."
        )
    return 1 / curve.standard_error


def _constants(
    name: str, entry: float | Mapping[str, float], curves: Sequence[Curve]
) -> NDArray[np.float64]:
    if not isinstance(entry, Mapping):
        values = np.full(len(curves), float(entry))
    else:
        missing = next((c.label for c in curves if c.label not in entry), None)
        if missing is not None:
            raise ValueError(
                f"{name!r} is fixed for some curves and not for {missing!r}; fix it for every "
                "curve, because all curves are fitted in the same way."
            )
        unknown = set(entry) - {c.label for c in curves}
        if unknown:
            raise ValueError(
                f"{name!r} is fixed for {min(unknown)!r}, which is not the label of a curve."
            )
        values = np.array([float(entry[c.label]) for c in curves])
    if not np.all(np.isfinite(values)):
        raise ValueError(f"{name!r} is fixed to {values[~np.isfinite(values)][0]}; use a number.")
    return values
