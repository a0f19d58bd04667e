"""Linear systems of a few unknowns, written out, so that a batch of them is element-wise work.

A library call per matrix costs more than the whole solution of a system of three unknowns, and
batched calls make one such call per matrix. Here L D L^T without pivoting is a handful of
products of scalars; under `jax.vmap` each of them is one vector operation over the batch. It is
stable for the matrices met here: symmetric, positive semi-definite, scaled to a unit diagonal.
"""

from collections.abc import Iterable, Sequence

import jax
import jax.numpy as jnp

# Beyond it the number of written-out operations, and with it compile time, grows too large.
LARGEST = 8
# Scaled pivots below this are rounding errors; the step along them is damped to nothing.
_PIVOT = {"float64": 1e-14, "float32": 1e-6}


def solve(matrix: jax.Array, right: jax.Array) -> jax.Array:
    """Return the solution of a symmetric positive semi-definite system, shape (n,) or (n, k).

    Rows and columns are scaled to a unit diagonal. A zero diagonal element (an unknown that nothing
    depends on) gives a zero unknown where `right` is zero.
    """
    n = len(right)
    diagonal = jnp.diagonal(matrix)
    scale = jnp.where(diagonal > 0, 1 / jnp.sqrt(jnp.where(diagonal > 0, diagonal, 1)), 1)
    scaled = matrix * scale[:, None] * scale + jnp.diag(jnp.where(diagonal > 0, 0.0, 1.0))
    columns = right.reshape(n, -1) * scale[:, None]
    if n > LARGEST:
        solution = jnp.linalg.solve(scaled, columns)
    else:
        solution = _by_factors(scaled.astype(matrix.dtype), columns)
    return (solution * scale[:, None]).reshape(right.shape)


def _by_factors(matrix: jax.Array, right: jax.Array) -> jax.Array:
    lower, pivots = _factors(matrix)
    n = len(pivots)
    x = [right[i] for i in range(n)]
    for i in range(n):
        x[i] = x[i] - _sum(lower[i][k] * x[k] for k in range(i))
    x = [value / pivot for value, pivot in zip(x, pivots, strict=True)]
    for i in reversed(range(n)):
        x[i] = x[i] - _sum(lower[k][i] * x[k] for k in range(i + 1, n))
    return jnp.stack(x)


def _factors(matrix: jax.Array) -> tuple[Sequence[Sequence[jax.Array]], Sequence[jax.Array]]:
    """Return the rows of L left of the diagonal, and D, of L D L^T."""
    smallest = _PIVOT[matrix.dtype.name]
    lower: list[list[jax.Array]] = []
    pivots: list[jax.Array] = []
    for i in range(len(matrix)):
        row: list[jax.Array] = []
        for j in range(i):
            known = _sum(row[k] * lower[j][k] * pivots[k] for k in range(j))
            row.append((matrix[i, j] - known) / pivots[j])
        pivot = matrix[i, i] - _sum(row[k] ** 2 * pivots[k] for k in range(i))
        pivots.append(jnp.maximum(pivot, smallest))
        lower.append(row)
    return lower, pivots


def _sum(terms: Iterable[jax.Array]) -> jax.Array | float:
    total: jax.Array | float = 0.0
    for term in terms:
        total = total + term
    return total
