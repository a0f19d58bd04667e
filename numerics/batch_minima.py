"""From many starts to minima: single precision first, double precision last, Newton where needed.

Most iterations of a fit only have to find the way, and in single precision they cost a third. The
end points are then refined in double precision, where the same search needs one or two steps; if
single precision led astray, it starts again from where that ended, so the result never depends on
it. Whether a model may be called in single precision at all is asked by comparing both at some
starts.
"""

import warnings
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.batch_polish import polish
from numerics.batch_search import (
    DOUBLE,
    SINGLE,
    SQUARE,
    Ends,
    Evaluate,
    Problems,
    descend,
    with_data,
)
from numerics.precision import double_precision

# Rows of the comparison, and the largest difference relative to the largest residual. A factor of
# ten above what the special functions are certified for in single precision, 5e-6.
_PROBED = 8
_SINGLE_ERROR = 5e-5


@double_precision()
def minimise(
    evaluate: Evaluate, problems: Problems, *, single: bool, size: int = 1, exact: bool = True
) -> Ends:
    """Return the end points of all starts, as NumPy arrays in float64.

    Parameters
    ----------
    evaluate : callable
        ``evaluate(t, data)``, weighted residuals; equal ones are compiled once.
    problems : Problems
        NumPy arrays in float64.
    single : bool
        Whether to begin in single precision.
    size : int
        Smallest number of rows to compile for. Empty rows take no time; a further size does.
    exact : bool
        Whether the places of the minima are asked for, or their sums of squares only: these are
        done earlier, and need no Newton steps.
    """
    count = len(problems.start)
    filled = _filled_up(problems, size)
    if single:
        first = descend(evaluate, _cast(filled, np.float32), SINGLE)
        u = np.asarray(first.u, np.float64)
        usable = np.all(np.isfinite(u), axis=1)
        filled = filled._replace(
            start=np.where(usable[:, None], u, filled.start),
            rate=np.where(usable, np.asarray(first.rate, np.float64), 1.0),
        )
    ends = jax.tree.map(
        np.asarray, descend(evaluate, _cast(filled, np.float64), DOUBLE if exact else SQUARE)
    )
    ends = jax.tree.map(lambda x: x[:count], ends)
    if not exact:
        return ends
    rows = _promising(ends, np.asarray(problems.owner))
    return polish(evaluate, problems, ends, rows) if len(rows) else ends


@double_precision()
def single_agrees(evaluate: Evaluate, problems: Problems) -> bool:
    """Return whether residuals at some starts are the same in single precision, unwarned."""
    rows = np.arange(0, len(problems.start), max(1, len(problems.start) // _PROBED))[:_PROBED]
    few = problems._replace(start=problems.start[rows], owner=problems.owner[rows])
    rough = _cast(few, np.float32)
    if not _accepts(evaluate, jax.tree.structure(rough), *_shapes(rough)):
        return False
    exact = np.asarray(_residuals(evaluate, _cast(few, np.float64)))
    difference = np.abs(np.asarray(_residuals(evaluate, rough), np.float64) - exact)
    return bool(np.all(difference <= _SINGLE_ERROR * np.max(np.abs(exact), axis=1, keepdims=True)))


def _shapes(problems: Problems) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(x.shape, x.dtype) for x in jax.tree.leaves(problems)]


# A warning comes when a function is traced, which JAX does once: the answer has to be remembered.
@lru_cache(maxsize=128)
def _accepts(evaluate: Evaluate, structure: Any, *shapes: jax.ShapeDtypeStruct) -> bool:
    problems = jax.tree.unflatten(structure, shapes)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = jax.eval_shape(partial(_residuals_at, evaluate), problems)
        except TypeError:
            return False
    return not caught and bool(result.dtype == jnp.float32)


def _residuals_at(evaluate: Evaluate, problems: Problems) -> jax.Array:
    def one(data: Any, u: jax.Array) -> jax.Array:
        t = problems.middle + problems.half * jnp.sin(u)
        return evaluate([t[i] for i in range(len(t))], data)

    residuals: jax.Array = with_data(one, problems.data, problems.owner)(problems.start)
    return residuals


_residuals = jax.jit(_residuals_at, static_argnames="evaluate")


def _promising(ends: Ends, owner: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return the unconverged rows that lie below whatever converged for the same problem."""
    best = np.full(int(owner.max()) + 1, np.inf)
    np.minimum.at(best, owner[ends.converged], ends.square[ends.converged])
    return np.flatnonzero(~ends.converged & (ends.square < best[owner]))


def _cast(problems: Problems, dtype: Any) -> Problems:
    def cast(x: Any) -> Any:
        x = np.asarray(x)
        return jnp.asarray(x, dtype if x.dtype.kind == "f" else None)

    return jax.tree.map(cast, problems)


def _filled_up(problems: Problems, smallest: int) -> Problems:
    """Return the problems with both axes filled up to a power of two: few sizes are compiled."""

    def fill(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        size = 1 << (max(len(x), smallest) - 1).bit_length()
        return x if size == len(x) else np.concatenate([x, np.repeat(x[-1:], size - len(x), 0)])

    return problems._replace(
        start=fill(problems.start),
        rate=fill(problems.rate),
        owner=fill(problems.owner),
        data=jax.tree.map(lambda x: x if len(x) == 1 else fill(x), problems.data),
        total=fill(problems.total),
        count=np.asarray(len(problems.start)),
    )
