r"""Jacobi's theta function theta_3 and its derivatives for JAX.

.. math:: \vartheta(z, t) = \sum_{n=-\infty}^{\infty} e^{-\pi t n^2} \cos 2nz
          = \frac{1}{\sqrt t} \sum_{k=-\infty}^{\infty} e^{-(z - \pi k)^2/(\pi t)},

the return probability of diffusion on a ring (z is half the phase of the flux) and, with
z = 0, in a wire.  The first sum is used for t >= 1 and the second for t < 1, so that a few
terms suffice; it has positive terms, and small values keep their relative accuracy.

The heat equation d/dt = (pi/4) d^2/dz^2 makes every derivative one in z.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.custom_derivatives import SymbolicZero
from jax.typing import ArrayLike

from numerics.kernels.rational import as_floats

_PI = 3.141592653589793
# pi - _PI: with it, z - pi k keeps its digits next to multiples of pi
_PI_REST = 1.2246467991473532e-16
# For t >= 1 the terms beyond are below exp(-16 pi); for t < 1, images further away are below
# exp(-12 pi) of the nearest one.
_HARMONICS = 3
_IMAGES = 3


@partial(jax.jit, static_argnames="m")
def theta3(z: ArrayLike, t: ArrayLike, m: int = 0) -> Array:
    """m-th derivative in z of theta_3, the sum of exp(-pi t n^2) cos(2 n z) over all integers n.

    Parameters
    ----------
    z : real, any shape; the period is pi.
    t : t >= 0, broadcasts against z; NaN for t < 0.  In mpmath's and Whittaker and Watson's
        notation this is theta_3(z, q) with q = exp(-pi t).
    m : order of the derivative in z (static).

    Returns
    -------
    Array, float32 or float64 as the arguments are.  Relative error of the value and of first
    and second derivatives at most 1e-14 (float32: 1e-5) times 1 + z^2/t, the conditioning of
    the Gaussian, except next to zeros of the derivatives.  Limits: 1 at t = inf; at t = 0,
    inf if z is a multiple of pi, else 0.
    """
    return _theta(*as_floats("theta3", z, t), m)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _theta(z: Array, t: Array, m: int) -> Array:
    z = _reduced(z)
    t = jnp.where(t < 0, jnp.nan, t)
    large = t >= 1
    series, images = _harmonics(z, jnp.where(large, t, 1), m), _images(z, jnp.where(large, 1, t), m)
    return jnp.where(jnp.isnan(t), t, jnp.where(large, series, images))


def _theta_jvp(
    m: int, primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    (z, t), (dz, dt) = primals, tangents
    total = jnp.zeros_like(z)
    if not isinstance(dz, SymbolicZero):
        total = total + _theta(z, t, m + 1) * dz
    if not isinstance(dt, SymbolicZero):
        total = total + 0.25 * _PI * _theta(z, t, m + 2) * dt
    return _theta(z, t, m), total


_theta.defjvp(_theta_jvp, symbolic_zeros=True)


def _reduced(z: Array) -> Array:
    """z minus the nearest multiple of pi."""
    k = jnp.round(z / _PI)
    return (z - k * _high) - (k * (_PI - _high) + k * _PI_REST)


# the leading 20 bits of pi: their product with k is exact
_high = 3.1415901184082031


def _harmonics(z: Array, t: Array, m: int) -> Array:
    c, s = jnp.cos(2 * z), jnp.sin(2 * z)
    cosine, sine = jnp.ones_like(z), jnp.zeros_like(z)
    total = jnp.ones_like(z) if m == 0 else jnp.zeros_like(z)
    for n in range(1, _HARMONICS + 1):
        cosine, sine = c * cosine - s * sine, s * cosine + c * sine
        derivative = (cosine, -sine, -cosine, sine)[m % 4]
        total = total + 2 * (2 * n) ** m * jnp.exp(-_PI * n * n * t) * derivative
    return total


def _images(z: Array, t: Array, m: int) -> Array:
    # at t = 0 the Gaussians are sharp, and the nearest one infinite at its centre
    sharp = t < jnp.finfo(t.dtype).tiny
    inverse = 1 / (_PI * jnp.where(sharp, 1, t))
    # an odd derivative is exactly zero at z = 0
    sign, size = (jnp.sign(z) if m % 2 else 1), jnp.abs(z)
    total = sum(_gaussian(size - k * _PI, inverse, m) for k in range(-_IMAGES, _IMAGES + 2))
    limit = jnp.where(size == 0, jnp.inf if m == 0 else 0, 0)
    return jnp.where(sharp, limit, sign * jnp.sqrt(_PI * inverse) * total)


def _gaussian(u: Array, inverse: Array, m: int) -> Array:
    """m-th derivative of exp(-u^2 inverse), by the recurrence of Hermite's polynomials."""
    exponential = jnp.exp(-u * u * inverse)
    # beyond the underflow a power of u cannot bring it back
    u = jnp.where(exponential == 0, 0, u)
    before, polynomial = jnp.zeros_like(u), jnp.ones_like(u)
    for k in range(m):
        before, polynomial = polynomial, -2 * inverse * (u * polynomial + k * before)
    return polynomial * exponential
