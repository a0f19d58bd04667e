"""From many starts to minima: few points and single precision first, all and double precision last.

Most iterations of a fit only have to find the way. In single precision they cost a third, and on a
part of the points (`numerics.thinned_curves`) a fraction of that. From there two evaluations in
single and one in double precision end most fits (`numerics.batch_refine`), and the search in double
precision goes on with the others. Where the few points led astray, all points are searched from the
start in single precision. Whether a model may be called in single
precision at all is asked by comparing both at some starts.
"""

import warnings
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.batch_polish import polish, with_rows
from numerics.batch_problem import COARSE, DOUBLE, SINGLE, SQUARE, Ends, Problems
from numerics.batch_refine import refine
from numerics.batch_search import descend
from numerics.normal_equations import Evaluate, as_single, with_data
from numerics.precision import double_precision

# Rows of the comparison, and the largest difference relative to the largest residual. A factor of
# ten above what the special functions are certified for in single precision, 5e-6.
_PROBED = 8
_SINGLE_ERROR = 5e-5


@double_precision()
def minimise(
    evaluate: Evaluate,
    problems: Problems,
    *,
    single: bool,
    coarse: Any = None,
    size: int = 1,
    exact: bool = True,
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
    coarse : pytree, optional
        Data of fewer points, with which to begin in single precision.
    size : int
        Smallest number of rows to compile for. Empty rows take no time; a further size does.
    exact : bool
        Whether the places of the minima are asked for, or their sums of squares only: these are
        done earlier, and need no Newton steps.
    """
    filled = _filled_up(problems, size)
    if single and coarse is not None:
        ends = _from_coarse(evaluate, filled, _filled_up(problems._replace(data=coarse), size).data)
    elif single:
        ends = _from_single(evaluate, filled)
    else:
        ends = _arrays(descend(evaluate, filled, DOUBLE if exact else SQUARE))
    ends = Ends(*(x[: len(problems.start)] for x in ends))
    if not exact:
        return ends
    rows = _promising(ends, problems.owner)
    return polish(evaluate, problems, ends, rows) if len(rows) else ends


def _from_single(evaluate: Evaluate, problems: Problems) -> Ends:
    near = _after_single(evaluate, problems)
    return _arrays(descend(evaluate, near, DOUBLE))


def _after_single(evaluate: Evaluate, problems: Problems) -> Problems:
    """Return the problems with starts where a search in single precision ended."""
    first = _arrays(descend(evaluate, _cast(problems, np.float32), SINGLE))
    usable = np.all(np.isfinite(first.u), axis=1)
    return problems._replace(
        start=np.where(usable[:, None], first.u, problems.start),
        rate=np.where(usable, first.rate, 1.0).astype(np.float64),
    )


def _from_coarse(evaluate: Evaluate, problems: Problems, coarse: Any) -> Ends:
    """Search on the coarse data, refine with all, and search on where that did not end.

    Rows that the coarse data led astray begin again, as if there were none.
    """
    count = int(problems.count)
    ends = _arrays(_coarse_then_all(evaluate, problems, coarse))
    astray = np.flatnonzero(ends.rate[:count] >= 1)
    start, rate = np.array(ends.u), np.array(ends.rate)
    if len(astray):
        near = _after_single(evaluate, _selected(problems, astray))
        start[astray], rate[astray] = near.start[: len(astray)], near.rate[: len(astray)]
    rows = np.flatnonzero(~ends.converged[:count])
    if not len(rows):
        return ends
    rest = _selected(problems._replace(start=start, rate=rate), rows)
    return with_rows(rows, ends, _arrays(descend(evaluate, rest, DOUBLE)))


def _selected(problems: Problems, rows: np.ndarray[Any, Any]) -> Problems:
    """Return some rows, in arrays of the same length, for which searches are compiled already."""
    order = np.resize(rows, len(problems.start))
    return problems._replace(
        start=problems.start[order],
        rate=problems.rate[order],
        owner=problems.owner[order],
        count=np.asarray(len(rows)),
    )


@partial(jax.jit, static_argnames="evaluate")
def _coarse_then_all(evaluate: Evaluate, problems: Problems, coarse: Any) -> Ends:
    few = jax.tree.map(as_single, problems._replace(data=coarse))
    u = descend(evaluate, few, COARSE).u.astype(problems.start.dtype)
    usable = jnp.all(jnp.isfinite(u), axis=1)
    near = jnp.where(usable[:, None], u, problems.start)
    return refine(evaluate, problems._replace(start=near))


def _arrays(ends: Ends) -> Ends:
    return Ends(*(np.asarray(x) for x in ends))


@double_precision()
def single_agrees(evaluate: Evaluate, problems: Problems) -> bool:
    """Return whether residuals at some starts are the same in single precision, unwarned."""
    few = _some(problems)
    rough = _cast(few, np.float32)
    if not _accepts(evaluate, jax.tree.structure(rough), *_shapes(rough)):
        return False
    exact = np.asarray(_residuals(evaluate, few))
    difference = np.abs(np.asarray(_residuals(evaluate, rough), np.float64) - exact)
    return bool(np.all(difference <= _SINGLE_ERROR * np.max(np.abs(exact), axis=1, keepdims=True)))


@double_precision()
def works_on(evaluate: Evaluate, problems: Problems) -> bool:
    """Return whether the function can be called in single precision with these data, unwarned."""
    rough = _cast(_some(problems), np.float32)
    return _accepts(evaluate, jax.tree.structure(rough), *_shapes(rough))


def _some(problems: Problems) -> Problems:
    """Return a few starts, with the data of their own."""
    step = max(1, len(problems.start) // _PROBED)
    rows = slice(0, step * _PROBED, step)
    owner = problems.owner[rows]
    return problems._replace(
        start=problems.start[rows],
        rate=problems.rate[rows],
        owner=np.arange(len(owner)),
        data=jax.tree.map(lambda x: x if len(x) == 1 else x[owner], problems.data),
        total=problems.total[owner],
    )


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
        except (TypeError, ValueError):
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
    return jax.tree.map(lambda x: x.astype(dtype) if x.dtype.kind == "f" else x, problems)


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
