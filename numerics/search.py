"""Batched search for minima of a problem, from many starts in one compiled program.

The descent is that of `numerics.descent`, on what `numerics.curve_expansion` says of the residuals.
Newton's iteration by itself serves rows that another search has brought near a minimum.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from numerics.curve_expansion import (
    Expansion,
    expand,
    slot_gradient,
    slot_jacobian,
    slot_matrices,
)
from numerics.descent import Quadratic, descend
from numerics.problem import Arrays, Model, to_natural

_NEWTON_STEPS = 24
# Longest Newton step in u, where pi is the full range of a parameter.
_TRUST = 0.3
# Curvatures below this fraction of the largest are rounding noise and give no step.
_FLAT = 1e-13


_Point = tuple[jax.Array, jax.Array, jax.Array]


class EndPoints(NamedTuple):
    """Where s starts ended, for n free values and N residuals."""

    u: jax.Array  # (s, n)
    sum_of_squares: jax.Array  # (s,)
    gradient: jax.Array  # (s, n), of half the sum of squares with respect to u
    hessian: jax.Array  # (s, n, n), likewise
    residuals: jax.Array  # (s, N), weighted
    jacobian: jax.Array  # (s, N, n), d residuals / d t


@partial(jax.jit, static_argnames=("function", "arguments"))
def search(function: Model, arguments: tuple[str, ...], u: jax.Array, arrays: Arrays) -> EndPoints:
    """Return the end point of each start u, shape (s, n); a start may end where it is NaN."""

    def evaluate(u: jax.Array) -> tuple[Quadratic, tuple[jax.Array, jax.Array]]:
        at = expand(function, arguments, to_natural(u, arrays), arrays)
        return _quadratic(at, u, arrays), (at.residuals.ravel(), at.jacobian)

    u, at, (r, rows) = descend(evaluate, u)
    jacobian = jax.vmap(lambda rows: slot_jacobian(rows, arrays))(rows)
    return EndPoints(u, at.square, at.gradient, at.hessian, r, jacobian)


def _quadratic(at: Expansion, u: jax.Array, arrays: Arrays) -> Quadratic:
    """Return half the sum of squares around u, by the chain rule from t = t_mid + t_half sin(u)."""
    slope, gradient = arrays.half * jnp.cos(u), slot_gradient(at, arrays)
    scale = slope[:, None] * slope
    information, curvature = (matrix * scale for matrix in slot_matrices(at, arrays))
    # Where the slope is zero, on a bound, this is all the curvature that there is.
    bend = -gradient * arrays.half * jnp.sin(u)
    return Quadratic(
        square=jnp.sum(at.residuals**2),
        gradient=slope * gradient,
        information=information + jnp.diag(jnp.maximum(bend, 0.0)),
        hessian=information + curvature + jnp.diag(bend),
    )


def newton(half_square: Model, u: jax.Array) -> _Point:
    """Return u, gradient and Hessian after Newton steps from u."""
    lengths = 0.5 ** jnp.arange(0, 12, 2.0)

    def step(at: _Point, _: None) -> tuple[_Point, None]:
        u, gradient, hessian = at
        trial = u + lengths[:, None] * _newton_step(gradient, hessian)
        value = jax.vmap(half_square)(trial)
        best = jnp.nanargmin(value)
        # Equality is taken: at the bottom the sum of squares no longer resolves the last digits.
        u = jnp.where(value[best] <= half_square(u), trial[best], u)
        return (u, jax.grad(half_square)(u), jax.hessian(half_square)(u)), None

    # A zero gradient makes the first step stay where it is and only take the derivatives, which
    # halves the compile time of calling them once more outside the loop.
    start = (u, jnp.zeros_like(u), jnp.eye(len(u), dtype=u.dtype))
    return jax.lax.scan(step, start, length=_NEWTON_STEPS + 1)[0]


def _newton_step(gradient: jax.Array, hessian: jax.Array) -> jax.Array:
    curvature, axes = jnp.linalg.eigh(hessian)
    size = jnp.abs(curvature)
    usable = size > _FLAT * jnp.max(size)
    along = jnp.where(usable, (axes.T @ gradient) / jnp.where(usable, size, 1.0), 0.0)
    step = -axes @ along
    return step * jnp.minimum(1.0, _TRUST / (jnp.linalg.norm(step) + 1e-300))
