r"""tr Psi(M/B) of a Hermitian matrix M of characteristic fields, for JAX.

Where disorder mixes soft modes, their gaps are the eigenvalues lambda_j of a matrix, and

.. math:: \operatorname{tr}\Psi(M/B) = \sum_j F(B, \lambda_j)

with F of the module `hikami`.  Each lambda_j has a kink where two of them meet, which makes
derivatives through the single eigenvalues infinite or NaN there; the sum is smooth.  So the
derivatives are those of functions of a matrix,

    d tr f(M) = tr[f'(M) dM],    (d f(M))_ij = f[lambda_i, lambda_j] (dM)_ij

in the basis of eigenvectors (Daleckii and Krein), with the divided difference f[a, b], which
for close a and b is an average of f' over the interval between them.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.hikami import hikami_derivative

CERTIFIED = ("float64",)  # eigenvalues are accurate relative to the largest one

# Below this relative distance the divided difference is the average of the derivative: beyond
# it the difference loses one digit at most, within it four nodes are exact to 1e-14.
_CLOSE = 0.1
# Gauss-Legendre nodes and weights on [0, 1].
_NODES = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970262)
_WEIGHTS = (0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692)


def hikami_trace(B: ArrayLike, *entries: ArrayLike) -> Array:
    """Sum of `hikami(B, b)` over the eigenvalues b of a Hermitian matrix.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    entries : upper triangle of the matrix row by row, in the unit of B; they broadcast
        against B.  The matrix must be positive semidefinite.

    Returns
    -------
    Array, dimensionless.  First and second derivatives are finite and accurate to 1e-12 also
    where eigenvalues coincide; higher ones are not implemented.

    Notes
    -----
    Eigenvalues are accurate relative to the largest one.  In float32 that leaves few digits of
    a small dephasing field beside a large spin-orbit field: use float64.
    """
    matrix = _hermitian(entries)
    real = jnp.zeros((), matrix.dtype).real.dtype
    return _trace(jnp.asarray(B, real), matrix, 0, 0)


def _hermitian(entries: tuple[ArrayLike, ...]) -> Array:
    size = next(k for k in range(1, len(entries) + 1) if k * (k + 1) // 2 == len(entries))
    dtype = jnp.result_type(float, *entries)
    upper = jnp.stack(jnp.broadcast_arrays(*(jnp.asarray(e, dtype) for e in entries)), axis=-1)
    rows, columns = jnp.triu_indices(size)
    matrix = jnp.zeros((*upper.shape[:-1], size, size), dtype)
    return matrix.at[..., columns, rows].set(upper.conj()).at[..., rows, columns].set(upper)


def _value(B: Array, fields: Array, m: int, n: int) -> Array:
    """Derivative (m, n) of F at each eigenvalue, which rounding must not make negative."""
    return hikami_derivative(B[..., None], jnp.maximum(fields, 0), m, n)


@partial(jax.custom_jvp, nondiff_argnums=(2, 3))
def _trace(B: Array, M: Array, m: int, n: int) -> Array:
    return jnp.sum(_value(B, jnp.linalg.eigvalsh(M), m, n), axis=-1)


@_trace.defjvp
def _trace_jvp(
    m: int, n: int, primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    (B, M), (dB, dM) = primals, tangents
    along_M = jnp.sum(_function(B, M, m, n + 1) * jnp.swapaxes(dM, -1, -2), axis=(-1, -2))
    return _trace(B, M, m, n), _trace(B, M, m + 1, n) * dB + along_M.real


@partial(jax.custom_jvp, nondiff_argnums=(2, 3))
def _function(B: Array, M: Array, m: int, n: int) -> Array:
    """The matrix f(M) for the derivative f = (m, n) of F."""
    fields, vectors = jnp.linalg.eigh(M)
    return (vectors * _value(B, fields, m, n)[..., None, :]) @ _adjoint(vectors)


@_function.defjvp
def _function_jvp(
    m: int, n: int, primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    (B, M), (dB, dM) = primals, tangents
    fields, vectors = jnp.linalg.eigh(M)
    rotated = _adjoint(vectors) @ dM @ vectors
    along_M = vectors @ (_divided_difference(B, fields, m, n) * rotated) @ _adjoint(vectors)
    return _function(B, M, m, n), _function(B, M, m + 1, n) * dB[..., None, None] + along_M


def _adjoint(matrix: Array) -> Array:
    return jnp.swapaxes(matrix, -1, -2).conj()


def _divided_difference(B: Array, fields: Array, m: int, n: int) -> Array:
    """The matrix f[lambda_i, lambda_j] for the derivative f = (m, n) of F."""
    fields = jnp.maximum(fields, 0)
    a, b = fields[..., :, None], fields[..., None, :]
    close = jnp.abs(a - b) <= _CLOSE * jnp.minimum(a, b)
    f = _value(B, fields, m, n)
    apart = (f[..., :, None] - f[..., None, :]) / jnp.where(close, 1, a - b)
    nodes = zip(_NODES, _WEIGHTS, strict=True)
    field = B[..., None, None]
    average = sum(w * hikami_derivative(field, a + x * (b - a), m, n + 1) for x, w in nodes)
    return jnp.where(close, average, apart)
