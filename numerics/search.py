"""Batched search for minima: Levenberg-Marquardt from many starts, then Newton, in one jit.

Levenberg-Marquardt needs first derivatives only and finds the valleys. At the end of a flat valley
it slows down, and it cannot tell a saddle from a minimum, so each end point is polished by Newton
steps with the exact Hessian. Negative curvatures are reversed in these steps, which drives a
point off a saddle instead of onto it.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp

from numerics.problem import Arrays, Model, residuals, to_natural

# Steps in u and decreases of the sum of squares, relative: the valleys of spin-orbit fits are so
# flat that 1e-8 stops half-way along them.
_TOLERANCE = 1e-10
_MAX_STEPS = 200
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
    import optimistix as optx  # half a second that only fits need

    def half_square(u: jax.Array) -> jax.Array:
        return jnp.sum(weighted(u) ** 2) / 2

    def weighted(u: jax.Array, _: None = None) -> jax.Array:
        return residuals(function, arguments, to_natural(u, arrays), arrays)

    def one_start(u: jax.Array) -> EndPoints:
        solver: optx.LevenbergMarquardt = optx.LevenbergMarquardt(_TOLERANCE, _TOLERANCE)
        valley = optx.least_squares(weighted, solver, u, max_steps=_MAX_STEPS, throw=False).value
        u, gradient, hessian = newton(half_square, valley)
        r, jacobian = _linearise(partial(residuals, function, arguments, arrays=arrays), u, arrays)
        return EndPoints(u, jnp.sum(r**2), gradient, hessian, r, jacobian)

    return jax.vmap(one_start)(u)


def _linearise(residual: Model, u: jax.Array, arrays: Arrays) -> tuple[jax.Array, jax.Array]:
    t = to_natural(u, arrays)
    return residual(t), jax.jacfwd(residual)(t)


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
