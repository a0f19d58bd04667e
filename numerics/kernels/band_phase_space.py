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
# u = scale exp(pi/2 sinh t) for |t| <= 3.9 reaches from 1e-17 to 1e17 times the scale.
_BAND_REACH = 3.9


def _band_nodes(count: int) -> tuple[Array, Array]:
    """Nodes u and weights of the double-exponential rule on (0, oo), in units of the scale."""
    t = jnp.linspace(-_BAND_REACH, _BAND_REACH, count)
    u = jnp.exp(math.pi / 2 * jnp.sinh(t))
    return u, u * (math.pi / 2) * jnp.cosh(t) * (2 * _BAND_REACH / (count - 1))


def _band_zero_field(
    C_x: Array, C_y: Array, G: Array, w: Array, scale: Array, nodes: int
) -> tuple[Array, Array]:
    """Return int_0^oo du { <tr[w S(z)^-1]>_theta - tr w/(u + scale) } and its error."""
    u, weight = _band_nodes(nodes)
    energy = u * scale[..., None]
    c_plus, c_minus = C_x + 1j * C_y, C_x - 1j * C_y
    average = _band_angle_average(c_plus[..., None], c_minus[..., None], G[..., None], energy)
    trace = jnp.trace(w)[..., None]
    # tr[w (S^-1 - 1/(u + scale))], the difference of numbers that agree for large u
    shifted = _band_scalar(G.shape[0], energy + scale[..., None])
    rest = _band_trace_of(w[..., None], average) - trace / shifted[0, 0]
    terms = rest * weight * scale[..., None]
    value = jnp.sum(terms, axis=-1)
    coarse = 2 * jnp.sum(terms[..., ::2], axis=-1)
    return value, _band_halved(value, coarse)


def _band_halved(fine: Array, coarse: Array) -> Array:
    """Error of a spectral rule from the same rule with twice the step, which loses its square."""
    change = jnp.abs(fine - coarse)
    return jnp.minimum(change, 10 * change**2)


def _band_angle_average(c_plus: Array, c_minus: Array, G: Array, u: Array) -> Array:
    root = jnp.sqrt(u)
    start = (G + _band_scalar(G.shape[0], u), c_minus * root, c_plus * root)

    def eliminate(blocks: tuple[Array, Array, Array], _: None) -> tuple[tuple[Array, ...], None]:
        middle, up, down = blocks
        inverse = _band_inverse(middle)
        after, before = _band_mul(inverse, up), _band_mul(inverse, down)
        middle = middle - _band_mul(up, before) - _band_mul(down, after)
        return (middle, -_band_mul(up, after), -_band_mul(down, before)), None

    shape = jnp.broadcast_shapes(*(block.shape for block in start))
    blocks = tuple(jnp.broadcast_to(block, shape) for block in start)
    (middle, _, _), _ = lax.scan(eliminate, blocks, None, length=_BAND_HALVINGS)
    return _band_inverse(middle)
