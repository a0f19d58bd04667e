r"""Zero-field part of the trace over coupled Landau levels, for JAX.

At zero field the matrix S of the module `band_trace` is a function on the plane of q,

.. math:: S(z) = z\bar z + c_- z + c_+ \bar z + G, \qquad
          z = \sqrt u\, e^{i\theta}, \quad c_\pm = C_x \pm i C_y,

and the trace is an integral of tr[w S(z)^-1].  At each u it is an average over theta, that is a
diagonal block of the inverse of the infinite block Toeplitz matrix with diagonal u + G and
neighbours sqrt(u) c_-, sqrt(u) c_+.  Eliminating every second block leaves such a matrix again,
and j eliminations are the average over 2^j angles: a minimum of S that is narrow in theta costs
one more elimination for every halving of its width.  The integral over u is double exponential.

This file depends on jax alone.
"""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array, lax

from numerics.kernels.band_algebra import _band_inverse, _band_mul, _band_scalar, _band_trace_of

# Halvings of the angle: 2^14 angles resolve minima of relative width 1e-3.
_BAND_HALVINGS = 14
_BAND_NODES = 512
# u = scale exp(pi/2 sinh t) for |t| <= 3.9 reaches from 1e-17 to 1e17 times the scale.
_BAND_REACH = 3.9
# Directions of q at which S is looked at, and the power 2^8 that singles out its largest root.
_BAND_DIRECTIONS = 16
_BAND_SQUARINGS = 8

_BandBlocks = tuple[Array, Array, Array]


def _band_zero_field(
    C_x: Array, C_y: Array, G: Array, w: Array, scale: Array
) -> tuple[Array, Array]:
    """Return int_0^oo du { <tr[w S(z)^-1]>_theta - tr w/(u + scale) } and its error."""
    t = jnp.linspace(-_BAND_REACH, _BAND_REACH, _BAND_NODES, dtype=scale.dtype)
    u = scale * jnp.exp(math.pi / 2 * jnp.sinh(t))
    weight = u * (math.pi / 2) * jnp.cosh(t) * (2 * _BAND_REACH / (_BAND_NODES - 1))
    average = _band_angle_average(C_x + 1j * C_y, C_x - 1j * C_y, G, u)
    # tr[w (S^-1 - 1/(u + scale))], the difference of numbers that agree for large u
    rest = _band_trace_of(w[..., None], average - _band_scalar(len(G), 1 / (u + scale)))
    terms = rest * weight
    value = jnp.sum(terms)
    # a spectral rule: twice the step loses half of the digits
    change = jnp.abs(value - 2 * jnp.sum(terms[::2]))
    return value, jnp.minimum(change, 10 * change**2)


def _band_angle_average(c_plus: Array, c_minus: Array, G: Array, u: Array) -> Array:
    """<S^-1>_theta at each u."""
    root = jnp.sqrt(u)
    middle = G[..., None] + _band_scalar(len(G), u)

    def eliminate(blocks: _BandBlocks, _: None) -> tuple[_BandBlocks, None]:
        middle, up, down = blocks
        inverse = _band_inverse(middle)
        after, before = _band_mul(inverse, up), _band_mul(inverse, down)
        middle = middle - _band_mul(up, before) - _band_mul(down, after)
        return (middle, -_band_mul(up, after), -_band_mul(down, before)), None

    start = middle, c_minus[..., None] * root, c_plus[..., None] * root
    (middle, _, _), _ = lax.scan(eliminate, start, None, length=_BAND_HALVINGS)
    return _band_inverse(middle)


def _band_singularity(C_x: Array, C_y: Array, G: Array, scale: Array) -> Array:
    """Largest modulus of a u at which S(u, theta) is singular, at `_BAND_DIRECTIONS` angles.

    With q^2 = u, S is singular where -q is an eigenvalue of a companion matrix, the largest of
    which its high power tells (I. Gelfand's formula), from above and to a percent.
    """
    root, zero, unit = jnp.sqrt(scale), jnp.zeros_like(G), jnp.eye(len(G), dtype=G.dtype)
    angles = math.pi / _BAND_DIRECTIONS * jnp.arange(_BAND_DIRECTIONS, dtype=scale.dtype)
    across = jnp.cos(angles)[:, None, None] * C_x + jnp.sin(angles)[:, None, None] * C_y
    below = jnp.concatenate([jnp.broadcast_to(G / scale, across.shape), 2 * across / root], -1)
    above = jnp.broadcast_to(jnp.concatenate([zero, -unit], -1), below.shape)

    def square(carry: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], None]:
        power, logarithm = carry
        size = jnp.sqrt(jnp.sum(jnp.abs(power) ** 2, axis=(-2, -1), keepdims=True))
        power = power / size
        return (power @ power, 2 * (logarithm + jnp.log(size))), None

    start = jnp.concatenate([above, below], -2), jnp.zeros_like(angles)[:, None, None]
    (power, logarithm), _ = lax.scan(square, start, None, length=_BAND_SQUARINGS)
    size = jnp.sqrt(jnp.sum(jnp.abs(power) ** 2, axis=(-2, -1)))
    largest = jnp.max(logarithm[:, 0, 0] + jnp.log(size)) / 2**_BAND_SQUARINGS
    return scale * jnp.exp(2 * largest)
