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

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from numerics.batch_problem import Ends, Precision, Problems
from numerics.normal_equations import (
    Evaluate,
    linearised,
    quadratic_model,
    sums,
    with_data,
    within_trust,
)
from numerics.small_systems import solve

# Slots that iterate together; more do not fit into the cache, fewer leave overheads visible.
_SLOTS = 128
# Slots that are left for the last, slow problems.
_LAST = 8
# After the first failure.
_SAFE_DAMPING = 1e-2
_LARGEST_DAMPING = 1e12
_FASTEST = 0.1
_FIRST_GROWTH = 4.0


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
    first = _filled(_empty(size, problems), jnp.arange(size), problems, precision.damping)
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
    fresh = _filled(slots, entering, problems, precision.damping)
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
    t = middle + half * jnp.sin(slot.trial)
    new = sums(*linearised(evaluate, [t[i] for i in range(len(t))], data))
    better = new[0] <= slot.square * (1 + precision.rounding)
    old = (slot.square, slot.gradient, slot.information)
    square, gradient, information = (jnp.where(better, a, b) for a, b in zip(new, old, strict=True))
    u = jnp.where(better, slot.trial, slot.u)
    gain = (slot.square - new[0]) / slot.expected
    damping, growth = _next_damping(slot, better, gain)
    hessian, downhill = quadratic_model(u, half, gradient, information)
    full = within_trust(solve(hessian, downhill))
    damped = within_trust(solve(hessian + damping * jnp.diag(jnp.diagonal(hessian)), downhill))
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
    descent where the model was right, and a return to `_SAFE_DAMPING` at the first failure.
    """
    gain = jnp.clip(jnp.nan_to_num(gain, nan=1.0, posinf=1.0), 0.0, 1.0)
    succeeded = slot.damping * jnp.clip(1 - (2 * gain - 1) ** 3, _FASTEST, 2.0)
    failed = jnp.maximum(slot.damping * slot.growth, _SAFE_DAMPING)
    return (
        jnp.where(better, succeeded, failed),
        jnp.where(better, _FIRST_GROWTH, 2 * slot.growth),
    )


def _empty(count: int, problems: Problems) -> _Slots:
    n = problems.start.shape[1]
    dtype = problems.start.dtype
    vector, number = jnp.zeros((count, n), dtype), jnp.zeros(count, dtype)
    matrix = jnp.zeros((count, n, n), dtype)
    row = jnp.zeros(count, int)
    return _Slots(
        row, vector, vector, number, vector, matrix, number, number, number, number, number, row
    )


def _filled(slots: _Slots, row: jax.Array, problems: Problems, damping: float) -> _Slots:
    """Return slots at the beginning of the problems in these rows."""
    here = jnp.minimum(row, len(problems.start) - 1)
    start = problems.start[here]
    infinite = jnp.full_like(slots.square, jnp.inf)
    return slots._replace(
        row=row,
        trial=start,
        u=start,
        square=infinite,
        damping=jnp.full_like(slots.damping, damping),
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
