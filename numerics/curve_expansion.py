"""Residuals of all curves with first and second derivatives, from one occurrence of the model.

What a search costs when it first runs is compiling the model, and a compiler works through every
place in a program where the model stands: value, gradient and Hessian written down separately, for
each phase of a search, are six or more copies of it. Here the model stands in the program once.
Its derivatives are forward over forward, which for an array of residuals and a few scalars is also
the cheapest to run, and a curve is differentiated in its own arguments only: shared or not, with
three curves or thirty, their number is that of the arguments of the function, not that of the free
values.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from numerics.problem import Arrays, Model


class Expansion(NamedTuple):
    """Weighted residuals r of c curves with m points and their derivatives in k arguments.

    Derivatives are with respect to t, which is p or ln p. Those in fixed arguments are among them;
    what is made of them for the free values leaves them out.
    """

    residuals: jax.Array  # (c, m)
    jacobian: jax.Array  # (c, k, m)
    curvature: jax.Array  # (c, k, k): sum over the points of r d2r


def expand(function: Model, arguments: tuple[str, ...], t: jax.Array, arrays: Arrays) -> Expansion:
    """Return the residuals at natural coordinates t, shape (n,), and their derivatives."""
    where = arrays.source.T
    known = jnp.zeros(len(arrays.constants), bool)
    logarithmic = jnp.concatenate([arrays.logarithmic, known])[where]
    at = jnp.concatenate([t, arrays.constants])[where]

    def one_curve(
        B: jax.Array,
        delta_sigma: jax.Array,
        weight: jax.Array,
        at: jax.Array,
        logarithmic: jax.Array,
        whitening: jax.Array | None,
    ) -> Expansion:
        directions = jnp.eye(len(at), dtype=at.dtype)

        def model(at: jax.Array) -> jax.Array:
            # The inner where keeps exp from overflowing in the branch that is not taken.
            p = jnp.where(logarithmic, jnp.exp(jnp.where(logarithmic, at, 0.0)), at)
            return function(B, **dict(zip(arguments, p, strict=True)))

        def slopes(at: jax.Array) -> tuple[jax.Array, tuple[jax.Array, jax.Array]]:
            value, columns = _pushed(model, at, directions)
            r = weight * (delta_sigma - jax.lax.stop_gradient(value))
            white = r if whitening is None else whitening @ r
            back = white if whitening is None else white @ whitening
            return -jnp.sum(columns * weight * back, axis=1), (white, -weight * columns)

        _, curvature, (r, rows) = jax.vmap(
            lambda d: jax.jvp(slopes, (at,), (d,), has_aux=True), out_axes=(None, 0, None)
        )(directions)
        return Expansion(r, rows if whitening is None else rows @ whitening.T, curvature)

    axes = (0, 0, 0, 0, 0, None if arrays.whitening is None else 0)
    return jax.vmap(one_curve, in_axes=axes)(
        arrays.B, arrays.delta_sigma, arrays.weight, at, logarithmic, arrays.whitening
    )


def _pushed(model: Model, at: jax.Array, directions: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the value and its derivatives along each direction, with the value taken once."""
    return jax.vmap(lambda d: jax.jvp(model, (at,), (d,)), out_axes=(None, 0))(directions)


def slot_gradient(expansion: Expansion, arrays: Arrays) -> jax.Array:
    """Return J^T r over the n free values, half the gradient of the sum of squares in t."""
    by_curve = jnp.sum(expansion.jacobian * expansion.residuals[:, None, :], axis=2)
    return jnp.sum(jnp.where(_belongs(arrays), by_curve, 0.0), axis=(1, 2))


def slot_matrices(expansion: Expansion, arrays: Arrays) -> tuple[jax.Array, jax.Array]:
    """Return J^T J and the sum of r d2r/dt dt over the n free values, both of shape (n, n)."""
    J, own = expansion.jacobian, _belongs(arrays)
    n = len(own)
    information = jnp.sum(J[:, :, None, :] * J[:, None, :, :], axis=3)
    both = jnp.stack([information, expansion.curvature])
    half = jnp.sum(jnp.where(own[:, None, ..., None], both, 0.0), axis=3)
    whole = half.reshape(2 * n, -1) @ own.reshape(n, -1).astype(half.dtype).T
    return whole[::2], whole[1::2]


def slot_jacobian(jacobian: jax.Array, arrays: Arrays) -> jax.Array:
    """Return d residuals/d t from derivatives (c, k, m) in arguments, shape (c m, n)."""
    own = _belongs(arrays)[:, :, :, None]
    return jnp.sum(jnp.where(own, jacobian, 0.0), axis=2).reshape(len(own), -1).T


def _belongs(arrays: Arrays) -> jax.Array:
    """Whether a free value is this argument of this curve, shape (n, c, k)."""
    return jnp.arange(len(arrays.middle))[:, None, None] == arrays.source.T
