r"""Trace of the inverse of k^2 + k A + G over the wave vector of a wire, for JAX.

.. math:: \int_{-\infty}^{\infty} \frac{dk}{2\pi}\, \mathrm{tr}\left[w\,(k^2 + k A + G)^{-1}\right]
          = \frac{i}{2}\, \mathrm{tr}\left[w\, \mathrm{sign}(-i M)_{12}\right], \quad
          M = \begin{pmatrix} 0 & 1 \\ -G & -A \end{pmatrix}.

The integrand is rational, but its poles, of which the integral is a sum, have infinite derivatives
where two of them meet.  The sign function of the companion matrix M has none of that.  It is the
limit of Z -> (Z + Z^-1)/2: in w = (Z - 1)/(Z + 1) that is w -> w^2, so that the number of
steps grows as the logarithm of the distance of the poles from the real axis.

The iteration forgets M and keeps its rounding errors.  So only a start is taken from it, the
solvent X of X^2 + A X + G = 0 with the poles in the upper half-plane, which Newton's method for
this equation corrects.  The integral W is the solution of X W + W (A + X) = i.  Derivatives
follow from the two corrections alone, the start being a constant to them.

This file depends on jax alone.
"""

from __future__ import annotations

from math import isqrt

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

# 2^36 times a distance of 1e-9 in units of the largest wave vector is 69: exp(-69) is left.
_LINE_STEPS = 36
# Of sign^2 = 1, which is far off where the iteration has not converged.
_LINE_TOLERANCE = 1e-2
# The first makes first derivatives right, the second those up to the third order.
_LINE_CORRECTIONS = 2


def line_trace(*entries: ArrayLike) -> Array:
    """Real part of `line_trace_complex`, which is all of it for Hermitian matrices."""
    return line_trace_complex(*entries).real


@jax.jit
def line_trace_complex(*entries: ArrayLike) -> Array:
    """Integral of tr[w (k^2 + k A + G)^-1] dk/(2 pi) over real k.

    Parameters
    ----------
    entries : the 3 n^2 entries of A, G and w, row by row, real or complex; they broadcast.

    Returns
    -------
    Array of the broadcast shape, complex.  With r the smallest distance of a pole from the real
    axis in units of the largest wave vector, sqrt|G| + |A|, the error of value and gradient is
    1e-14 + 1e-17/r^2 relative to their largest component (float32: 3e-6 for r = 0.02).  NaN for
    poles on the real axis or closer than r = 1e-9.

    Raises
    ------
    TypeError : if the entries do not make three square matrices.
    """
    size = isqrt(len(entries) // 3)
    if not entries or 3 * size**2 != len(entries):
        raise TypeError(
            f"line_trace takes the entries of three square matrices, but got {len(entries)}; "
            "give 3 n^2, row by row."
        )
    dtype = jnp.result_type(1j, jnp.result_type(float, *entries))
    arrays = jnp.broadcast_arrays(*(jnp.asarray(entry, dtype) for entry in entries))
    stacked = jnp.stack(arrays, axis=-1).reshape(*arrays[0].shape, 3, size, size)
    A, G, w = (stacked[..., i, :, :] for i in range(3))
    unit = jnp.sqrt(_line_norm(G)) + _line_norm(A)
    scale = unit[..., None, None]
    a, g = A / scale, G / scale**2
    X = _line_solvent(lax.stop_gradient(a), lax.stop_gradient(g))
    for _ in range(_LINE_CORRECTIONS):
        X -= _line_sylvester(X + a, X, X @ X + a @ X + g)
    integral = _line_sylvester(X, a + X, 1j * jnp.broadcast_to(jnp.eye(size, dtype=dtype), g.shape))
    return jnp.sum(w * jnp.swapaxes(integral, -1, -2), axis=(-1, -2)) / unit


def _line_solvent(A: Array, G: Array) -> Array:
    """X with X^2 + A X + G = 0 and eigenvalues in the upper half-plane.

    (1, X) spans the invariant subspace of M, onto which (1 + sign)/2 projects.
    """
    size = A.shape[-1]
    top = jnp.concatenate([jnp.zeros_like(G), jnp.broadcast_to(-1j * jnp.eye(size), G.shape)], -1)
    bottom = jnp.concatenate([1j * G, 1j * A], -1)
    sign = _line_sign(jnp.concatenate([top, bottom], -2).astype(A.dtype))
    projector = jnp.eye(2 * size) + sign
    return projector[..., size:, :size] @ jnp.linalg.inv(projector[..., :size, :size])


def _line_sylvester(P: Array, Q: Array, right: Array) -> Array:
    """E with P E + E Q = right."""
    size = P.shape[-1]
    unit = jnp.eye(size, dtype=P.dtype)
    left = jnp.einsum("...ik,jl->...ijkl", P, unit) + jnp.einsum("ik,...lj->...ijkl", unit, Q)
    flat = left.reshape(*P.shape[:-2], size**2, size**2)
    found = jnp.linalg.solve(flat, right.reshape(*right.shape[:-2], size**2, 1))
    return found.reshape(right.shape)


def _line_norm(matrix: Array) -> Array:
    return lax.stop_gradient(jnp.max(jnp.sum(jnp.abs(matrix), axis=-1), axis=-1))


def _line_sign(matrix: Array) -> Array:
    """Sign function of matrices without eigenvalues on the imaginary axis."""

    def step(Z: Array, _: None) -> tuple[Array, None]:
        return (Z + jnp.linalg.inv(Z)) / 2, None

    sign = lax.scan(step, matrix, None, length=_LINE_STEPS)[0]
    error = _line_norm(sign @ sign - jnp.eye(sign.shape[-1]))
    return jnp.where((error < _LINE_TOLERANCE)[..., None, None], sign, jnp.nan)
