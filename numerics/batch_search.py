"""Many small least-squares problems at once: Levenberg-Marquardt on a conveyor of slots.

What a plain batch wastes is waiting: curves need 4 to 20 iterations, and a batch that runs until
the last one is done computes three times too much. Here a fixed number of slots iterate together;
as soon as a problem in a slot has converged, its result is written away and the next problem takes
the slot. When no problem is left the slots are thinned out once, so that the few slow ones do not
drag empty slots along. All of it is one compiled loop, and the data in the slots stay in the cache.

An iteration costs one evaluation of residuals and Jacobian together, accepted or not. It ends on
the *predicted* decrease g^T H^-1 g of the sum of squares, which is a squared distance to the
minimum in standard deviations, times the rate at which it last fell: no evaluation is spent on
confirming that nothing changes any more.

The coordinate u of `numerics.parameters` has zero slope on a bound, where J^T J vanishes and a
Gauss-Newton step would jump off. The curvature of the sine itself, known without any evaluation, is
therefore added where it is positive; steps towards a minimum on a bound then converge like
Newton's.

Rows that converge slowly, because the residuals are large or the valley flat, are left to the
Newton steps of `numerics.batch_polish`.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from numerics.small_systems import solve

# evaluate(t, data): weighted residuals, shape (N,), of one problem at natural coordinates t, which
# are n scalars
Evaluate = Callable[[Sequence[jax.Array], Any], jax.Array]

# jax.Array in compiled code, NumPy arrays outside of it
Array = Any

# Slots that iterate together; more do not fit into the cache, fewer leave overheads visible.
_SLOTS = 128
# Slots that are left for the last, slow problems.
_LAST = 8
_FIRST_DAMPING = 1e-2
_LARGEST_DAMPING = 1e12
_FASTEST = 0.1
_FIRST_GROWTH = 4.0
# Longest step in u, where pi is the full range of a parameter.
_TRUST = 0.5


class Precision(NamedTuple):
    """When a search in one floating-point type stops, all relative to the sum of squares."""

    decrease: float  # predicted decrease of the step after the last one
    rounding: float  # of the sum of squares itself: an increase by less is no increase
    data: float  # sum of squares of an exact fit, relative to that of the data
    steps: int


# In single precision the model is known to 1e-6 of itself, a thousandth of a typical noise.
SINGLE = Precision(1e-7, 1e-3, 1e-11, 40)
# 1e-14 is a distance to the minimum of 1e-6 standard deviations for 200 points.
DOUBLE = Precision(1e-14, 1e-12, 1e-24, 60)
# For the sum of squares alone.
SQUARE = Precision(1e-10, 1e-12, 1e-24, 120)


class Problems(NamedTuple):
    """T starts of C problems with n unknowns each, in one floating-point type."""

    start: Array  # (T, n): u
    rate: Array  # (T,): by how much the last predicted decrease fell; 1 if unknown
    owner: Array  # (T,): index of the problem
    data: Any  # pytree, leading axis C, or 1 for what all problems share
    total: Array  # (C,): sum of squares of the data
    middle: Array  # (n,)
    half: Array  # (n,)
    count: Array  # of starts; further rows fill up the arrays


class Ends(NamedTuple):
    """Where T starts ended."""

    u: Array  # (T, n)
    square: Array  # (T,): sum of squares, the predicted decrease of the last step included
    information: Array  # (T, n, n): J^T J with J = d residuals / d t
    inverse: Array  # (T, n, n): its inverse, finite but huge where there is none
    rate: Array  # (T,)
    steps: Array  # (T,)
    converged: Array  # (T,)


class _Slots(NamedTuple):
    row: jax.Array  # (R,): not below the number of starts where the slot is empty
    trial: jax.Array  # (R, n): where to evaluate next
    u: jax.Array  # (R, n): the best point so far; infinite sum of squares if none
    square: jax.Array
    gradient: jax.Array  # (R, n), with respect to t
    information: jax.Array  # (R, n, n)
    damping: jax.Array
    growth: jax.Array  # factor of the damping if the trial fails
    expected: jax.Array  # predicted decrease of the damped step to the trial
    decrease: jax.Array  # predicted, of the full step from u
    rate: jax.Array
    steps: jax.Array


class _Progress(NamedTuple):
    slots: _Slots
    next_row: jax.Array
    ends: Ends


@partial(jax.jit, static_argnames=("evaluate", "precision"))
def descend(evaluate: Evaluate, problems: Problems, precision: Precision) -> Ends:
    """Return the end point of each start; `converged` says which of them are trusted."""
    size = min(_SLOTS, len(problems.start))
    first = _filled(_empty(size, problems), jnp.arange(size), problems)
    at = _Progress(first, jnp.asarray(size), _no_ends(problems))
    # for few problems a second stage is not worth the time of compiling it
    if size == _SLOTS:
        at = _until(_LAST, evaluate, at, problems, precision)
        kept = jnp.argsort(at.slots.row >= problems.count)[:_LAST]
        at = at._replace(slots=jax.tree.map(lambda x: x[kept], at.slots))
    ends = _until(0, evaluate, at, problems, precision).ends
    unit = jnp.eye(problems.start.shape[1], dtype=problems.start.dtype)
    inverse = jax.vmap(lambda matrix: solve(matrix, unit))(ends.information)
    return ends._replace(inverse=inverse)


def with_data(function: Callable[..., Any], data: Any, owner: jax.Array) -> Callable[..., Any]:
    """Return ``function(data, ...)`` over a batch of rows that belong to the problems `owner`.

    What all problems share is not copied for each row.
    """
    leaves, tree = jax.tree.flatten(data)
    axes = [None if len(x) == 1 else 0 for x in leaves]
    chosen = [x[0] if axis is None else x[owner] for x, axis in zip(leaves, axes, strict=True)]

    def one(leaves: Sequence[jax.Array], *arguments: Any) -> Any:
        return function(jax.tree.unflatten(tree, leaves), *arguments)

    return lambda *arguments: jax.vmap(one, in_axes=(axes, *[0] * len(arguments)))(
        chosen, *arguments
    )


def _until(
    left: int, evaluate: Evaluate, at: _Progress, problems: Problems, precision: Precision
) -> _Progress:
    """Turn until no more than `left` slots are taken."""
    return jax.lax.while_loop(
        lambda at: jnp.sum(at.slots.row < problems.count) > left,
        lambda at: _turn(evaluate, at, problems, precision),
        at,
    )


def _turn(evaluate: Evaluate, at: _Progress, problems: Problems, precision: Precision) -> _Progress:
    """One evaluation in each slot; what has ended leaves, and the next problems come in."""
    T = len(problems.start)
    here = jnp.minimum(at.slots.row, T - 1)
    owner = problems.owner[here]
    advance = partial(_advance, evaluate, precision, problems.middle, problems.half)
    in_each = with_data(advance, problems.data, owner)
    slots, end, ended = in_each(at.slots, problems.total[owner])
    ended &= slots.row < problems.count
    ends = jax.tree.map(
        lambda kept, new: kept.at[jnp.where(ended, slots.row, T)].set(new, mode="drop"),
        at.ends,
        end,
    )
    entering = jnp.where(ended, at.next_row + jnp.cumsum(ended) - 1, slots.row)
    fresh = _filled(slots, entering, problems)
    slots = jax.tree.map(
        lambda new, old: jnp.where(ended.reshape(-1, *[1] * (old.ndim - 1)), new, old), fresh, slots
    )
    return _Progress(slots, at.next_row + jnp.sum(ended), ends)


def _advance(
    evaluate: Evaluate,
    precision: Precision,
    middle: jax.Array,
    half: jax.Array,
    data: Any,
    slot: _Slots,
    total: jax.Array,
) -> tuple[_Slots, Ends, jax.Array]:
    """Evaluate one slot at its trial point, and choose the next one."""
    new = _normal_equations(evaluate, middle + half * jnp.sin(slot.trial), data)
    better = new[0] <= slot.square * (1 + precision.rounding)
    old = (slot.square, slot.gradient, slot.information)
    square, gradient, information = (jnp.where(better, a, b) for a, b in zip(new, old, strict=True))
    u = jnp.where(better, slot.trial, slot.u)
    gain = (slot.square - new[0]) / slot.expected
    damping, growth = _next_damping(slot, better, gain)
    slope = half * jnp.cos(u)
    downhill = -gradient * slope
    # the curvature of t = middle + half sin(u), where it is positive
    bend = jnp.maximum(-gradient * half * jnp.sin(u), 0)
    hessian = information * slope[:, None] * slope + jnp.diag(bend)
    full = _within_trust(solve(hessian, downhill))
    damped = _within_trust(solve(hessian + damping * jnp.diag(jnp.diagonal(hessian)), downhill))
    decrease = jnp.sum(full * downhill)
    expected = 2 * jnp.sum(damped * downhill) - damped @ hessian @ damped
    fell = jnp.clip(decrease / slot.decrease, 0.0, 1.0)
    rate = jnp.where(better & jnp.isfinite(slot.decrease), fell, slot.rate)
    steps = slot.steps + 1
    small = decrease * rate <= precision.decrease * square + precision.data * total
    converged = better & small & jnp.all(jnp.isfinite(full))
    given_up = (steps >= precision.steps) | (damping > _LARGEST_DAMPING)
    last = jnp.where(converged, full, 0)
    after = square - jnp.where(converged, decrease, 0)
    end = Ends(u + last, after, information, information, rate, steps, converged)
    moved = _Slots(
        slot.row,
        u + damped,
        u,
        square,
        gradient,
        information,
        damping,
        growth,
        expected,
        decrease,
        rate,
        steps,
    )
    return moved, end, converged | given_up


def _next_damping(slot: _Slots, better: jax.Array, gain: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return damping and growth, by how much of the expected decrease came true.

    H. B. Nielsen, report IMM-REP-1999-05 (Technical University of Denmark, 1999), with a faster
    descent where the model was right, and a return to `_FIRST_DAMPING` at the first failure.
    """
    gain = jnp.clip(jnp.nan_to_num(gain, nan=1.0, posinf=1.0), 0.0, 1.0)
    succeeded = slot.damping * jnp.clip(1 - (2 * gain - 1) ** 3, _FASTEST, 2.0)
    failed = jnp.maximum(slot.damping * slot.growth, _FIRST_DAMPING)
    return (
        jnp.where(better, succeeded, failed),
        jnp.where(better, _FIRST_GROWTH, 2 * slot.growth),
    )


def _within_trust(step: jax.Array) -> jax.Array:
    longest = jnp.max(jnp.abs(step))
    return step * jnp.minimum(1, _TRUST / jnp.maximum(longest, _TRUST))


def _normal_equations(
    evaluate: Evaluate, t: jax.Array, data: Any
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return r^T r, J^T r and J^T J, each sum written out.

    A batched matrix product of such narrow matrices takes as long as the whole Jacobian.
    """
    n = len(t)
    r, J = linearised(evaluate, [t[i] for i in range(n)], data)
    gradient = jnp.stack([jnp.sum(J[i] * r) for i in range(n)])
    sums = {(i, j): jnp.sum(J[i] * J[j]) for i in range(n) for j in range(i + 1)}
    rows = [jnp.stack([sums[max(i, j), min(i, j)] for j in range(n)]) for i in range(n)]
    return jnp.sum(r * r), gradient, jnp.stack(rows)


def linearised(
    evaluate: Evaluate, t: Sequence[jax.Array], data: Any
) -> tuple[jax.Array, list[jax.Array]]:
    """Return the residuals and their derivatives with respect to each coordinate.

    Differentiated one scalar at a time, a kernel knows which of its arguments do not move and
    leaves out their derivatives, and XLA finds that the values are the same: this is twice as
    fast as all directions of a vector at once.
    """

    def moved(i: int, x: jax.Array) -> jax.Array:
        return evaluate([*t[:i], x, *t[i + 1 :]], data)

    pairs = [jax.jvp(partial(moved, i), (x,), (jnp.ones_like(x),)) for i, x in enumerate(t)]
    return pairs[0][0], [slope for _, slope in pairs]


def _empty(count: int, problems: Problems) -> _Slots:
    n = problems.start.shape[1]
    dtype = problems.start.dtype
    vector, number = jnp.zeros((count, n), dtype), jnp.zeros(count, dtype)
    matrix = jnp.zeros((count, n, n), dtype)
    row = jnp.zeros(count, int)
    return _Slots(
        row, vector, vector, number, vector, matrix, number, number, number, number, number, row
    )


def _filled(slots: _Slots, row: jax.Array, problems: Problems) -> _Slots:
    """Return slots at the beginning of the problems in these rows."""
    here = jnp.minimum(row, len(problems.start) - 1)
    start = problems.start[here]
    infinite = jnp.full_like(slots.square, jnp.inf)
    return slots._replace(
        row=row,
        trial=start,
        u=start,
        square=infinite,
        damping=jnp.full_like(slots.damping, _FIRST_DAMPING),
        growth=jnp.full_like(slots.growth, _FIRST_GROWTH),
        expected=infinite,
        decrease=infinite,
        rate=problems.rate[here],
        steps=jnp.zeros_like(slots.steps),
    )


def _no_ends(problems: Problems) -> Ends:
    T, n = problems.start.shape
    dtype = problems.start.dtype
    nowhere = jnp.full(T, jnp.nan, dtype)
    return Ends(
        u=problems.start,
        square=nowhere,
        information=jnp.zeros((T, n, n), dtype),
        inverse=jnp.zeros((T, n, n), dtype),
        rate=nowhere,
        steps=jnp.zeros(T, int),
        converged=jnp.zeros(T, bool),
    )
