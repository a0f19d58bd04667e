r"""Trace of a Cooperon over Landau levels that a linear coupling in q mixes, for JAX.

With k pair states, [a, a^+] = 1, b = |B|, s = sign(B), the Cooperon is the inverse of

.. math:: S = b\left(a^+ a + \tfrac12\right)
              + \sqrt b\left[C_x (a + a^+) + i s C_y (a^+ - a)\right] + G .

If nothing commutes with S (Rashba and Dresselhaus splitting together), its trace minus the same
trace without a field has no closed form.  S is block tridiagonal in the level n, and the sum over
all levels is conditionally convergent: its tail is of the order of the answer times C^2/(b N).
What is done, and why it keeps the digits:

* Strong fields: levels n < N one by one, and the tail n >= N by its expansion in 1/u
  (`band_levels`).  N levels are enough when b N is a few times the largest u at which S(u, theta)
  is singular.
* Weak fields, for which N levels do not reach the tail: the trace is a smooth function of s b
  through b = 0, where it is known (`band_phase_space`), with derivatives that grow as those of
  digamma(1/2 + gap/b).  It is interpolated between b = 0 and the weakest fields of either sign
  that N levels do reach, which keeps the relative accuracy at b -> 0.  A field takes whichever of
  the two values has the smaller error.

The nodes of the interpolation are computed as further fields of the same batch, so that every
recursion is compiled once.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial
from math import isqrt

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from numerics.kernels.band_levels import _band_strong
from numerics.kernels.band_phase_space import _band_singularity, _band_zero_field

# The weakest field reached has b N = 7 u_c, where the tail ends at 7^-14 = 1e-12; pairs +-b of
# nodes follow from there to twice as far.
_BAND_REACHED = 7.0
_BAND_WEAK_NODES = (1.0, -1.0, 1.3, -1.3, 1.7, -1.7, 2.0, -2.0)
_BAND_TOLERANCE = 1e-6


def band_trace(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    r"""Real part of `band_trace_complex`, which is all of it for Hermitian G and G_0."""
    return band_trace_complex(B, levels, *entries).real


def band_trace_complex(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    r"""Trace over Landau levels minus its value at B = 0, with modes coupled linearly in q.

    lim_N { b sum_{n<N} tr[w (S^-1)_nn] - int_0^{bN} du int dtheta/(2 pi) tr[w S_0(u, theta)^-1] }
    with S above and S_0 = u + 2 sqrt(u) (C_x cos(theta) + C_y sin(theta)) + G_0.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    levels : number N >= 16 of Landau levels that are summed one by one, a Python integer.
    entries : the 5 k^2 entries of C_x, C_y, G, G_0, w, row by row; C in the square root of the
        unit of B, G and G_0 in that of B, w a number.  They broadcast against B.  C_x, C_y and w
        are Hermitian, G and G_0 have a positive definite Hermitian part.

    Returns
    -------
    Array, dimensionless; value and error as in `band_trace_error`.  Differentiable in B and in
    all entries, forward and reverse, at B = 0 too.

    Notes
    -----
    Two ranges of fields are accurate.  Fields with b N >= 5 u_c, u_c the largest |u| at which
    S_0(u, theta) is singular ((|q_a| + |q_b|)^2 in units of field for spin-orbit vectors q):
    error below 1e-9.  All fields down to 0 are accurate if moreover N >= 70 u_c/gap, with the
    smallest gap that the coupled modes have at any u.  Float32 leaves three to four digits.
    Matrices without a batch are the fast case, in which eight fields are added to the n of B and
    the integral at zero field is done once: map over models, not over fields.

    Raises
    ------
    ValueError : for concrete arguments (not inside a transformation) if the error estimate
        exceeds 1e-6, with the number of levels to ask for; if the number of entries is not 5 k^2.
    """
    value, error, weakest = _band_evaluate(B, levels, entries)
    _band_require(B, levels, error, weakest)
    return value


def band_trace_error(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    """Estimated error of `band_trace`, absolute, from truncations of all of its series."""
    return _band_evaluate(B, levels, entries)[1]


def band_trace_check(B: ArrayLike, levels: int, *entries: ArrayLike) -> None:
    """Raise the ValueError of `band_trace` for concrete arguments; do nothing for traced ones.

    A call of `band_trace` with concrete arguments does it too.
    """
    if not any(isinstance(value, jax.core.Tracer) for value in (B, *entries)):
        _, error, weakest = _band_evaluate(B, levels, entries)
        _band_require(B, levels, error, weakest)


def _band_require(B: ArrayLike, levels: int, error: Array, weakest: Array) -> None:
    concrete = not any(isinstance(value, jax.core.Tracer) for value in (B, error, weakest))
    if not concrete or error.dtype != jnp.float64 or not error.size:
        return
    fields, errors, reached = np.broadcast_arrays(np.abs(B), error, weakest)
    worst = np.argmax(np.where(np.isnan(errors), np.inf, errors))
    field, estimate = fields.flat[worst], errors.flat[worst]
    if estimate <= _BAND_TOLERANCE:
        return
    # a tail that ends at the tolerance needs 0.6 of the levels of one that ends at rounding
    needed = np.ceil(0.6 * levels * reached.flat[worst] / field) if field > 0 else 0
    advice = f"ask for levels={needed:.0f}" if needed > levels else "widen the gap of the modes"
    raise ValueError(
        f"the trace over Landau levels at B = {field:.6g} with levels={levels} has an estimated "
        f"error of {estimate:.1e}; {advice} or leave this field out."
    )


def _band_evaluate(
    B: ArrayLike, levels: int, entries: tuple[ArrayLike, ...]
) -> tuple[Array, Array, Array]:
    size = isqrt(len(entries) // 5)
    if not entries or 5 * size**2 != len(entries):
        raise ValueError(
            f"{len(entries)} entries are not five square matrices; give 5 k^2, row by row."
        )
    if levels < 16:
        raise ValueError(f"levels = {levels} is too few; give at least 16.")
    return _band_value_and_error(B, *entries, levels=int(levels))


@partial(jax.jit, static_argnames="levels")
def _band_value_and_error(
    B: ArrayLike, *entries: ArrayLike, levels: int
) -> tuple[Array, Array, Array]:
    """Value, error, and the weakest field of which the levels reach the tail to 1e-12."""
    field, matrices, shape = _band_arguments(B, entries)
    single = all(matrix.ndim == 2 for matrix in matrices)
    if single:
        value, error, weakest = _band_at_fields(field.ravel(), *matrices, levels=levels)
        return value.reshape(shape), error.reshape(shape), weakest
    fields = jnp.broadcast_to(field, shape).reshape(-1, 1)
    axes = [None if matrix.ndim == 2 else -1 for matrix in matrices]
    each = jax.vmap(partial(_band_at_fields, levels=levels), (0, *axes))
    value, error, weakest = (result.reshape(-1) for result in each(fields, *matrices))
    return value.reshape(shape), error.reshape(shape), weakest.reshape(shape)


def _band_arguments(
    B: ArrayLike, entries: tuple[ArrayLike, ...]
) -> tuple[Array, list[Array], tuple[int, ...]]:
    """B, the five matrices, flat in a last axis if they have a batch, and the common shape."""
    real = jnp.zeros((), jnp.result_type(float, B, *entries)).real.dtype
    field = jnp.asarray(B, real)
    arrays = [jnp.asarray(entry, jnp.result_type(real, 1j)) for entry in entries]
    shape = jnp.broadcast_shapes(field.shape, *(entry.shape for entry in arrays))
    size = isqrt(len(arrays) // 5)
    matrices = []
    for start in range(0, len(arrays), size**2):
        part = arrays[start : start + size**2]
        batch = () if all(entry.size == 1 for entry in part) else shape
        part = [jnp.broadcast_to(jnp.reshape(e, e.shape if batch else ()), batch) for e in part]
        matrices.append(jnp.stack(part).reshape(size, size, *([-1] if batch else [])))
    return field, matrices, shape


def _band_at_fields(
    B: Array, C_x: Array, C_y: Array, G: Array, G_0: Array, w: Array, *, levels: int
) -> tuple[Array, Array, Array]:
    """Value and error for fields of shape (n,) and k x k matrices, and the weakest field."""
    scale = _band_scale(C_x, C_y, G_0)
    weakest = lax.stop_gradient(_BAND_REACHED / levels * _band_singularity(C_x, C_y, G, scale))
    without_field = jax.vmap(_band_zero_field, (None, None, 0, None, None))
    zero, zero_error = without_field(C_x, C_y, jnp.stack([G_0, G]), w, scale)
    nodes = jnp.asarray(_BAND_WEAK_NODES, B.dtype)
    # weaker fields are left to the interpolation; here they only must not overflow
    b = jnp.maximum(jnp.abs(B), 0.1 * weakest)
    b = jnp.concatenate([b, weakest * jnp.abs(nodes)])
    s = jnp.concatenate([jnp.where(B < 0, -1, 1), jnp.sign(nodes)]).astype(B.dtype)
    values, errors = _band_strong(b, s, levels, (C_x, C_y, G, w), scale)
    eps = 4 * jnp.finfo(B.dtype).eps
    values, errors = values - zero[0], errors + zero_error[0] + eps * jnp.abs(zero[0])
    count, x = B.shape[0], jnp.clip(B / weakest, -2, 2)
    weak, weak_error = _band_weak(x, zero[1] - zero[0], values[count:], errors[count:])
    weak_error += jnp.where(zero[1] == zero[0], 0, zero_error[0] + zero_error[1])
    weak_error = jnp.where(jnp.abs(B) > 2 * weakest, jnp.inf, weak_error)
    strong, error = values[:count], lax.stop_gradient(errors[:count])
    return jnp.where(weak_error < error, weak, strong), jnp.minimum(weak_error, error), weakest


def _band_scale(C_x: Array, C_y: Array, G: Array) -> Array:
    """A typical u, the centre of the quadrature: its value is immaterial and not differentiated."""
    coupling = jnp.sum(jnp.abs(C_x) ** 2 + jnp.abs(C_y) ** 2)
    return lax.stop_gradient((coupling + jnp.abs(jnp.trace(G).real)) / len(G))


def _band_weak(x: Array, start: Array, values: Array, errors: Array) -> tuple[Array, Array]:
    """Interpolation in x between `start` at 0 and `values` at the nodes, and its error.

    The error is that of the interpolations through fewer pairs of nodes.
    """
    nodes = jnp.asarray(_BAND_WEAK_NODES, x.dtype)
    coefficients = jnp.asarray(_band_interpolations(), x.dtype) @ ((values - start) / nodes)
    power, found = x, jnp.zeros((len(coefficients), *x.shape), coefficients.dtype)
    for order in range(len(_BAND_WEAK_NODES)):
        found, power = found + coefficients[:, order, None] * power, power * x
    change = jnp.abs(found[1:] - found[:-1])
    ratio = jnp.minimum(0.99, change[-1] / jnp.where(change[-2] > 0, change[-2], 1))
    # the terms of an asymptotic series fall ever more slowly, hence the margin
    error = 30 * change[-1] * ratio / (1 - ratio) + 10 * jnp.max(errors) * jnp.abs(x)
    return start + found[-1], lax.stop_gradient(error)


def _band_interpolations() -> np.ndarray:
    """Coefficients of the polynomials through the first 2, 4, ... nodes, as rows of a matrix."""
    count = len(_BAND_WEAK_NODES)
    found = np.zeros((count // 2, count, count))
    for i, some in enumerate(range(2, count + 1, 2)):
        found[i, :some, :some] = np.linalg.inv(np.vander(_BAND_WEAK_NODES[:some], increasing=True))
    return found
