r"""The complementary error function of a complex argument, for JAX.

erfc(z) = exp(-z^2) w(i z) with the Faddeeva function w of jax, which is accurate for Re z >= 0;
elsewhere erfc(z) = 2 - erfc(-z).  jax differentiates w by its own difference of nearly equal
numbers for large z; here the derivative is -2/sqrt(pi) exp(-z^2).

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_parts import complex_number
from numerics.kernels.rational import set_derivatives

_ERFC_COMPLEX_SLOPE = -1.1283791670955126  # -2/sqrt(pi)


@jax.jit
def erfc_complex(z: ArrayLike) -> Array:
    r"""erfc(z) of any complex z, as complex64 or complex128.

    Notes
    -----
    Relative error for \|arg z\| <= pi/4, where the square root of a decay rate lies: at most
    1e-13 plus \|z\|^2 roundings, which the exponential has; of both derivatives, 1e-15 plus
    \|z\|^2 roundings.  In complex64 1e-5, and 1e-6.  0 at inf and 2 at -inf.

    Raises
    ------
    TypeError : if z has another width, such as float16.
    """
    return _erfc_complex(complex_number("erfc_complex", z))


@jax.custom_jvp
def _erfc_complex(z: Array) -> Array:
    right = z.real >= 0
    end = jnp.isinf(z.real)
    at = jnp.where(end, 0, jnp.where(right, z, -z))
    value = jnp.exp(-at * at) * jax.scipy.special.wofz(1j * at)
    value = jnp.where(end, 0, value)
    return jnp.where(right, value, 2 - value)


def _erfc_complex_slope(z: Array) -> Array:
    return _ERFC_COMPLEX_SLOPE * jnp.exp(-z * z)


set_derivatives(_erfc_complex, _erfc_complex_slope)
