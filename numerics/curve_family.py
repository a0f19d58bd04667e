"""Curves of one function: along one of its parameters, others held or varied.

The function is called once.  Each varied parameter has an axis of its own, before that of the
points, so that the values are an array of shape (k_1, ..., n).
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagrams.symbols import QUANTITIES, symbol
from numerics.module_docstring import unit_of
from numerics.precision import double_precision

Function = Callable[..., ArrayLike]
_REFINED = 12
_ROUNDING = 1e-6


@dataclass(frozen=True)
class CurveFamily:
    """Values of a function on a grid.

    Attributes
    ----------
    against : str
        The parameter along the curves.
    x : array, shape (n,)
        Its values in SI units.
    varied : mapping
        {name: values} of the parameters with several values.
    fixed : mapping
        {name: value} of the others.
    values : array, shape (*(len(v) for v in varied.values()), n)
        Real or complex.
    """

    against: str
    x: NDArray[np.float64]
    varied: Mapping[str, NDArray[np.float64]]
    fixed: Mapping[str, float]
    values: NDArray[np.float64] | NDArray[np.complex128]


@double_precision()
def curve_family(
    function: Function,
    against: str,
    x: NDArray[np.float64],
    parameters: Mapping[str, ArrayLike],
) -> CurveFamily:
    """Evaluate a function whose arguments broadcast against each other.

    Raises
    ------
    ValueError
        If a parameter has no value or one that makes no sense, if `against` is none, or if the
        result is not finite (with the place).
    """
    values = {name: np.asarray(value, float) for name, value in parameters.items()}
    check_parameters(argument_names(function), against, values)
    for name, numbers in {**values, against: x}.items():
        _require_physical(name, numbers)
    varied = {name: numbers for name, numbers in values.items() if numbers.ndim}
    fixed = {name: float(numbers) for name, numbers in values.items() if not numbers.ndim}
    axes = np.ix_(*varied.values(), x)
    arguments = dict(zip((*varied, against), axes, strict=True))
    result = np.asarray(function(**fixed, **arguments))
    shape = (*(len(numbers) for numbers in varied.values()), len(x))
    family = CurveFamily(against, x, varied, fixed, np.broadcast_to(result, shape))
    _require_finite(family)
    return family


def argument_names(function: Function) -> tuple[str, ...]:
    """Return the names of the arguments of a compiled function."""
    return tuple(inspect.signature(function).parameters)


def check_parameters(
    known: Sequence[str], against: str, given: Mapping[str, object], how: str = '{{"{}": 1e-3}}'
) -> None:
    """Raise ValueError unless each of the known names is `against` or given, and no other.

    The sentence names all that are missing, with their meaning and unit, and says `how` to give
    the value of {}.
    """
    for name in (against, *given):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3) or list(known)
            raise ValueError(
                f"{name!r} is not a parameter of the correction; did you mean one of {near}?"
            )
    if against in given:
        raise ValueError(
            f"{against} is along the axis and has a value as well; leave its value out."
        )
    missing = [name for name in known if name != against and name not in given]
    if missing:
        raise ValueError(
            f"no value is given for {' and '.join(map(explained, missing))}; state "
            f"{'each' if len(missing) > 1 else 'it'} in SI units, as in {how.format(missing[0])}."
        )


def explained(name: str) -> str:
    """Return the name of a parameter with its meaning and unit.

    >>> explained("tau_phi")
    'tau_phi (dephasing time, in s)'
    """
    row, unit = QUANTITIES.get(name), unit_of(name)
    words = [row.meaning] if row else []
    words += [f"in {unit}"] if unit not in (None, "1") else []
    return f"{name} ({', '.join(words)})" if words else name


def grid(start: float, stop: float, points: int, *, log: bool = False) -> NDArray[np.float64]:
    """Return points from start to stop, evenly spaced, or at equal ratios.

    Where an even grid reaches across zero, a dozen points on either side halve the way to it
    again and again, and zero is among them: the peak at B = 0 is often narrower than a step.

    Raises
    ------
    ValueError
        If there is nothing between the ends, or a ratio is asked for at or below zero.
    """
    if not (np.isfinite(start) and np.isfinite(stop) and start < stop and points >= 2):
        raise ValueError(
            f"there are no {points} points from {start:g} to {stop:g}; give two or more between "
            "finite ends in increasing order."
        )
    if log and start <= 0:
        raise ValueError(f"a logarithmic axis cannot start at {start:g}; start it above 0.")
    if log:
        return np.geomspace(start, stop, points)
    even = np.linspace(start, stop, points)
    if not start <= 0 <= stop:
        return even
    return np.union1d(even[~_beside_zero(even)], _towards_zero(even))


def _beside_zero(even: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points, the ends apart, would be zero but for rounding."""
    beside = np.abs(even) < _ROUNDING * (even[1] - even[0])
    beside[[0, -1]] = False
    return beside


def _towards_zero(even: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return zero and, where the grid has none, points that halve the way from a step to it."""
    step = even[1] - even[0]
    halves = step * 0.5 ** np.arange(1, _REFINED + 1)
    near = np.concatenate([-halves, halves])
    distance = np.min(np.abs(near[:, None] - even), axis=1)
    inside = (even[0] < near) & (near < even[-1]) & (distance > _ROUNDING * step)
    return np.append(near[inside], 0.0)


def require_values(x: ArrayLike) -> NDArray[np.float64]:
    """Return points given one by one, in increasing order.

    Raises
    ------
    ValueError
        If they are not a list of two or more finite numbers.
    """
    points = np.sort(np.asarray(x, float), axis=None)
    if len(points) < 2 or not np.all(np.isfinite(points)):
        raise ValueError(f"{x!r} are no points of a curve; give two or more finite numbers.")
    return points


def _require_physical(name: str, numbers: NDArray[np.float64]) -> None:
    if numbers.ndim > 1 or not numbers.size:
        raise ValueError(
            f"{name} has an array of shape {numbers.shape}; give a number or a list of numbers."
        )
    # A name that the table does not have is a rate only if its own function says so.
    positive = name in QUANTITIES and bool(symbol(name).is_nonnegative)
    # An infinite time is a mechanism left out.
    wrong = numbers[np.isnan(numbers) | (positive & (numbers < 0))]
    if wrong.size:
        remedy = "a number that is not negative" if positive else "a number"
        raise ValueError(f"{name} = {wrong.flat[0]:g} makes no sense; give {remedy}.")


def _require_finite(family: CurveFamily) -> None:
    bad = np.argwhere(~np.isfinite(family.values))
    if not len(bad):
        return
    *which, point = bad[0]
    at = {family.against: family.x[point]}
    at |= {name: v[k] for (name, v), k in zip(family.varied.items(), which, strict=True)}
    place = ", ".join(f"{name} = {value:g}" for name, value in at.items())
    raise ValueError(f"the correction is not finite at {place}; leave that point out.")
