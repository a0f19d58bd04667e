"""From few points to all of them: two steps in single precision and one in double.

A search on a part of the points ends within a few standard deviations of the minimum of all, where
Gauss-Newton steps square the distance. One evaluation with derivatives and one without, both in
single precision, come as close as single precision sees; the second step takes the derivatives of
the first, which are good to a hundredth there. One evaluation in double precision ends it, and none
is spent on confirming that: what the last step leaves is predicted.

Let r be the residuals, J and J' the Jacobians at the beginning and at the end, s the way between,
and H = J^T J. A Gauss-Newton step turns an error e, in standard deviations, into K e + c e^2. The
square comes from the bend of the model surface along itself, and c is the length of the second step
over the square of the first. The linear term is what large residuals do, K = H^-1 (r . d^2 r). Any
comparison of steps hides it behind the square, but it is also K s = H^-1 (J' - J)^T r', which costs
no evaluation, only the sums J^T r'.

Rows that are predicted to be further away than `numerics.batch_search` allows, or that misbehave in
any way, are handed to it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from numerics.batch_problem import DOUBLE, Ends, Problems
from numerics.normal_equations import (
    TRUST,
    Evaluate,
    as_single,
    linearised,
    quadratic_model,
    sums,
    with_data,
)
from numerics.small_systems import solve

# Rows that are evaluated together; more do not fit into the cache.
_ROWS = 128


class _Place(NamedTuple):
    """A point u of one problem."""

    middle: jax.Array
    half: jax.Array
    data: Any
    u: jax.Array

    @property
    def t(self) -> list[jax.Array]:
        t = self.middle + self.half * jnp.sin(self.u)
        return [t[i] for i in range(len(t))]


class _Model(NamedTuple):
    """Residuals, and the quadratic model of half their square at a point u."""

    r: jax.Array
    J: list[jax.Array]
    square: jax.Array
    gradient: jax.Array  # with respect to t
    information: jax.Array
    hessian: jax.Array  # with respect to u
    step: jax.Array
    decrease: jax.Array  # of the sum of squares, predicted


def refine(evaluate: Evaluate, problems: Problems) -> Ends:
    """Return where the three steps lead; `converged` are those that are predicted to have arrived.

    `problems` are in float64. The others end where to search on, with an upper bound of their rate,
    which is 1 where the steps are not to be trusted.
    """
    T, n = problems.start.shape
    size = min(_ROWS, T)
    number = jnp.zeros(T)
    matrix = jnp.zeros((T, n, n))
    none = Ends(
        problems.start, number, matrix, matrix, number, jnp.zeros(T, int), jnp.zeros(T, bool)
    )

    # converted once: inside the loop XLA would do it again for each use
    data = (problems.data, jax.tree.map(as_single, problems.data))

    def block(k: jax.Array, ends: Ends) -> Ends:
        def part(x: jax.Array) -> jax.Array:
            return jax.lax.dynamic_slice_in_dim(x, k * size, size)

        owner = part(problems.owner)
        rows = with_data(_steps(evaluate, problems), data, owner)
        new = rows(part(problems.start), problems.total[owner])
        return jax.tree.map(
            lambda old, x: jax.lax.dynamic_update_slice_in_dim(old, x, k * size, 0), ends, new
        )

    return jax.lax.fori_loop(0, (problems.count + size - 1) // size, block, none)


def _steps(evaluate: Evaluate, problems: Problems) -> Callable[..., Ends]:
    at_bounds = (problems.middle, problems.half)

    def of_row(data: tuple[Any, Any], u: jax.Array, total: jax.Array) -> Ends:
        rough = jax.tree.map(as_single, _Place(*at_bounds, data[1], u))
        first = _model(evaluate, rough)
        moved, decrease = _second_step(evaluate, rough, first)
        place = _Place(*at_bounds, data[0], u + first.step + moved)
        last = _model(evaluate, place)
        rate = _rate(first, decrease, last, place)
        end = place.u + last.step
        good = (jnp.max(jnp.abs(end - u)) <= TRUST) & jnp.isfinite(rate)
        left = rate * last.decrease
        arrived = left <= DOUBLE.decrease * last.square + DOUBLE.data * total
        return Ends(
            u=jnp.where(good, end, u),
            square=last.square - last.decrease,
            information=last.information,
            inverse=solve(last.information, jnp.eye(len(u), dtype=u.dtype)),
            rate=jnp.where(good, jnp.minimum(rate, 1.0), 1.0),
            steps=jnp.asarray(3),
            converged=good & arrived,
        )

    return of_row


def _model(evaluate: Evaluate, at: _Place) -> _Model:
    r, J = linearised(evaluate, at.t, at.data)
    square, gradient, information = sums(r, J)
    hessian, downhill = quadratic_model(at.u, at.half, gradient, information)
    step = solve(hessian, downhill)
    return _Model(r, J, square, gradient, information, hessian, step, jnp.sum(step * downhill))


def _second_step(evaluate: Evaluate, at: _Place, first: _Model) -> tuple[jax.Array, jax.Array]:
    """Return the step from where the first one led, and its predicted decrease."""
    there = at._replace(u=at.u + first.step)
    downhill = -_products(first.J, evaluate(there.t, at.data)) * at.half * jnp.cos(there.u)
    step = solve(first.hessian, downhill)
    return step, jnp.sum(step * downhill)


def _rate(first: _Model, decrease: jax.Array, last: _Model, at: _Place) -> jax.Array:
    """Return by how much the predicted decrease will fall in the last step.

    K is seen along one direction s of n: its largest |K s|^2 is n times the mean at most.
    """
    turned = last.gradient - _products(first.J, as_single(last.r))
    moved = turned * at.half * jnp.cos(at.u)
    linear = len(at.u) * jnp.sum(moved * solve(last.hessian, moved)) / first.decrease
    return linear + decrease / first.decrease**2 * last.decrease


def _products(J: list[jax.Array], r: jax.Array) -> jax.Array:
    return jnp.stack([jnp.sum(slope * r) for slope in J])
