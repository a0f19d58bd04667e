r"""Hurwitz' zeta function zeta(s, q) of real order and argument for JAX.

Sums over Landau levels in three dimensions are zeta(s, q) of half-integer s, and jax has
s > 1 only.  With the functions F_s of the module `kawabata`,

    zeta(s, q) = q^-s + x^(1-s)/(s - 1) - F_s(x),    x = q + 1/2,

for s = 1/2, 3/2, 5/2.  Other s > 1 are jax's; other s < 1 follow from Euler and Maclaurin's
formula.  The derivative in q is -s zeta(s + 1, q); the order s is static.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import zeta as jax_zeta
from jax.typing import ArrayLike

from numerics.kernels.kawabata import kawabata_derivative
from numerics.kernels.rational import as_floats

# Terms summed before the asymptotic series, and its coefficients B_2k/(2k)!, k = 1 ... 8: the
# remainder is below 1e-17 of the sum for |s| <= 4.
_TERMS = 9
_BERNOULLI = (
    1 / 12, -1 / 720, 1 / 30240, -1 / 1209600, 1 / 47900160, -691 / 1307674368000,
    1 / 74724249600, -3617 / 10670622842880000,
)  # fmt: skip


@partial(jax.jit, static_argnums=0)
def hurwitz_zeta(s: float, q: ArrayLike) -> Array:
    """zeta(s, q) = sum of (q + n)^-s over n >= 0, continued to real s != 1, for q > 0.

    Parameters
    ----------
    s : order, a Python number (static).
    q : any shape, float32 or float64; NaN for q < 0.

    Returns
    -------
    Array of the shape of q.  Relative error of the value and of the first and second
    derivative at most 5e-15 for s = 1/2, 3/2, 5/2 and 3e-15 for other s > 1 (float32: 3e-6);
    for s < 1 the function has zeros, s = 1/2 at q = 0.3027, and next to them the error is
    relative to the terms.  For other s < 1 it is at most 3e-14 of q^-s + q^(1-s)/(s-1).
    Limits: inf at q = 0 for s > 0; at q = inf 0 for s > 1 and -inf for s < 1.

    Raises
    ------
    ValueError : at the pole s = 1.
    """
    if s == 1:
        raise ValueError("zeta(s, q) has a pole at s = 1; use digamma for sums of 1/(n + q).")
    return _hurwitz(*as_floats("hurwitz_zeta", q), float(s))


@partial(jax.custom_jvp, nondiff_argnums=(1,))
def _hurwitz(q: Array, s: float) -> Array:
    infinite = q == jnp.inf
    at = jnp.where(q < 0, jnp.nan, jnp.where(infinite, 1, q))
    if s in _STIELTJES:
        value = _half_integer(at, s)
    elif s > 1:
        value = jax_zeta(jnp.full_like(at, s), at)
    else:
        value = _euler_maclaurin(at, s)
    return jnp.where(infinite, 0 if s > 1 else -jnp.inf, value)


@_hurwitz.defjvp
def _hurwitz_jvp(s: float, primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (q,), (dq,) = primals, tangents
    # -s zeta(s + 1, q) -> -1 for s -> 0
    slope = -jnp.ones_like(q) if s == 0 else -s * _hurwitz(q, s + 1)
    return _hurwitz(q, s), slope * dq


# F_s as a derivative in B_phi of K(B, B_phi) at B = 1: its order and the factor
_STIELTJES = {0.5: (0, 1.0), 1.5: (1, -2.0), 2.5: (2, 4 / 3)}


def _half_integer(q: Array, s: float) -> Array:
    order, factor = _STIELTJES[s]
    x = q + 0.5
    F = factor * kawabata_derivative(jnp.ones_like(x), x, 0, order)
    # half-integer powers by the square root
    k = round(s - 0.5)
    head = jnp.abs(1 / q) ** k / jnp.sqrt(q)
    return head + (jnp.sqrt(x) / x**k / (s - 1) - F)


def _euler_maclaurin(q: Array, s: float) -> Array:
    y = q + _TERMS
    head = sum(((q + n) ** -s for n in range(_TERMS)), start=jnp.zeros_like(q))
    inverse_square = 1 / (y * y)
    # sum of B_2k/(2k)! s (s + 1) ... (s + 2k - 2) y^(1 - s - 2k), without y^-(s+1)
    tail, rising = jnp.zeros_like(y), s
    coefficients = []
    for k, bernoulli in enumerate(_BERNOULLI, start=1):
        coefficients.append(bernoulli * rising)
        rising *= (s + 2 * k - 1) * (s + 2 * k)
    for c in reversed(coefficients):
        tail = tail * inverse_square + c
    power = y**-s
    return head + power * (y / (s - 1) + 0.5 + tail / y)
