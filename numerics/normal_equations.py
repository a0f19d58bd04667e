"""Residuals, their derivatives, and the sums of them for a Gauss-Newton step, in compiled code.

Everything is written for one problem and put over a batch by `with_data`. Coordinates are those of
`numerics.parameters`: u with t = middle + half sin(u), where t is p or ln p.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

# evaluate(t, data): weighted residuals, shape (N,), of one problem at natural coordinates t, which
# are n scalars
Evaluate = Callable[[Sequence[jax.Array], Any], jax.Array]

# Longest step in u, where pi is the full range of a parameter.
TRUST = 0.5


def with_data(function: Callable[..., Any], data: Any, owner: jax.Array) -> Callable[..., Any]:
    """Return ``function(data, ...)`` over a batch of rows that belong to the problems `owner`.

    What all problems share is not copied for each row. It goes with the owners through a barrier:
    XLA would take what depends on shared data alone out of a loop, each occurrence by itself, and
    not see afterwards that derivatives which contain them are the same.
    """
    leaves, tree = jax.tree.flatten(data)
    axes = [None if len(x) == 1 else 0 for x in leaves]
    leaves, owner = jax.lax.optimization_barrier((leaves, owner))
    chosen = [x[0] if axis is None else x[owner] for x, axis in zip(leaves, axes, strict=True)]

    def one(leaves: Sequence[jax.Array], *arguments: Any) -> Any:
        return function(jax.tree.unflatten(tree, leaves), *arguments)

    return lambda *arguments: jax.vmap(one, in_axes=(axes, *[0] * len(arguments)))(
        chosen, *arguments
    )


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


def sums(r: jax.Array, J: Sequence[jax.Array]) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return r^T r, J^T r and J^T J, each sum written out.

    A batched matrix product of such narrow matrices takes as long as the whole Jacobian.
    """
    n = len(J)
    gradient = jnp.stack([jnp.sum(J[i] * r) for i in range(n)])
    products = {(i, j): jnp.sum(J[i] * J[j]) for i in range(n) for j in range(i + 1)}
    rows = [jnp.stack([products[max(i, j), min(i, j)] for j in range(n)]) for i in range(n)]
    return jnp.sum(r * r), gradient, jnp.stack(rows)


def quadratic_model(
    u: jax.Array, half: jax.Array, gradient: jax.Array, information: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return Hessian and downhill direction in u of half the sum of squares.

    The curvature of t = middle + half sin(u) is added to Gauss and Newton's matrix where it is
    positive.
    """
    slope = half * jnp.cos(u)
    bend = jnp.maximum(-gradient * half * jnp.sin(u), 0)
    return information * slope[:, None] * slope + jnp.diag(bend), -gradient * slope


def within_trust(step: jax.Array) -> jax.Array:
    """Return the step, shortened to the length `TRUST`."""
    longest = jnp.max(jnp.abs(step))
    return step * jnp.minimum(1, TRUST / jnp.maximum(longest, TRUST))


def as_single(x: jax.Array) -> jax.Array:
    """Return a float64 array in float32, and any other as it is."""
    return x.astype(jnp.float32) if x.dtype == jnp.float64 else x
