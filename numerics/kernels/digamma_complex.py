r"""The digamma and trigamma functions of real and complex arguments, for JAX.

For Re z >= 1/2 the argument is moved to y = z + 8 by the recurrence, and there

.. math:: \psi(z) = \ln y - \frac1{2y} - \sum_{k=1}^{11}\frac{B_{2k}}{2k\,y^{2k}}
                    - \sum_{j=0}^{7}\frac1{z+j}

(Abramowitz and Stegun, 6.3.5 and 6.3.18) leaves out less than 1e-17, as |y| >= 8.5.  The left
half-plane follows by reflection, psi(z) = psi(1 - z) - pi cot(pi z), with the cotangent of the
distance r to the next integer: with q = exp(+-2 pi i r), |q| <= 1, it is -+i (1 + q)/(1 - q), and
1 - q = -expm1(+-2 pi i r) loses no digit next to a pole nor overflows far from the real axis.

The derivatives of both formulas have the same terms.  For psi(1/2 + z) - ln z use
`hikami_complex`: the difference of these two loses all digits at large z.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import set_derivatives

_SHIFT = 8
# Bernoulli numbers B_2, B_4, ..., B_22
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
    -174611 / 330, 854513 / 138,
)  # fmt: skip


@jax.jit
def digamma(z: ArrayLike) -> Array:
    """Digamma function psi(z) = d ln Gamma / dz, real or complex as z is.

    Parameters
    ----------
    z : any real or complex numbers in single or double precision, any shape.

    Notes
    -----
    Error in double precision: 2e-15 of |psi| or of one, whichever is larger (psi has zeros on the
    real axis, at 1.4616 and left of 0); in single precision 2e-6.  The derivative is `trigamma`,
    to the same accuracy, and its derivative has an error of 2e-14 (1e-5) in the same sense.
    For Re z < 0 next to the real axis the rounding of z itself counts as much.

    NaN at the poles 0, -1, -2, ..., where the two sides differ, and inf at inf; NaN at other
    infinities.

    Raises
    ------
    TypeError : if z has another width, such as float16.
    """
    return _digamma(_as_number("digamma", z))


@jax.jit
def trigamma(z: ArrayLike) -> Array:
    """Trigamma function psi'(z), real or complex as z is.

    Arguments and accuracy as in `digamma`; inf at the poles 0, -1, -2, ..., and 0 at inf.
    """
    return _trigamma(_as_number("trigamma", z))


@jax.custom_jvp
def _digamma(z: Array) -> Array:
    return _polygamma(0, z, at_poles=jnp.nan, at_infinity=jnp.inf)


@jax.custom_jvp
def _trigamma(z: Array) -> Array:
    return _polygamma(1, z, at_poles=jnp.inf, at_infinity=0)


def _tetragamma(z: Array) -> Array:
    return _polygamma(2, z, at_poles=jnp.nan, at_infinity=0)


set_derivatives(_digamma, _trigamma)
set_derivatives(_trigamma, _tetragamma)


def _as_number(kernel: str, z: ArrayLike) -> Array:
    dtype = jnp.result_type(z)
    dtype = dtype if jnp.issubdtype(dtype, jnp.inexact) else jnp.result_type(float)
    if jnp.finfo(dtype).bits < 32:
        raise TypeError(
            f"{kernel} takes numbers in single or double precision, but got {dtype.name}; "
            "convert them with .astype first."
        )
    return jnp.asarray(z, dtype)


def _polygamma(order: int, z: Array, at_poles: float, at_infinity: float) -> Array:
    finite = jnp.isfinite(z)
    at = jnp.where(finite, z, 1)
    reflect = at.real < 0.5
    r = at - jnp.round(at.real)
    pole = reflect & (r == 0)
    right = _right(order, jnp.where(reflect, 1 - at, at))
    left = (-1) ** order * right + _reflection(order, jnp.where(reflect & ~pole, r, 0.25))
    value = jnp.where(reflect, left, right)
    value = jnp.where(pole, at_poles, value)
    return jnp.where(finite, value, jnp.where(z == jnp.inf, at_infinity, jnp.nan))


def _right(order: int, z: Array) -> Array:
    """psi, psi' or psi'' for Re z >= 1/2."""
    y = z + _SHIFT
    u = 1 / y
    shifts = (1 / (z + j) for j in range(_SHIFT))
    factorial, sign = (1, 1, 2)[order], (-1) ** (order + 1)
    # B_2k (2k + n - 1)!/(2k)! / y^(2k + n), by Horner's scheme in 1/y^2
    series = jnp.zeros_like(z)
    for k in range(len(_BERNOULLI), 0, -1):
        rising = (1 / (2 * k), 1, 2 * k + 1)[order]
        series = series * u * u + _BERNOULLI[k - 1] * rising
    power = u**order
    tail = 0.5 * factorial * u * power + series * u * u * power
    leading = -jnp.log(y) if order == 0 else power
    return sign * (sum((factorial * s ** (order + 1) for s in shifts), start=tail) + leading)


def _reflection(order: int, r: Array) -> Array:
    """-pi cot(pi r) and its derivatives, for |Re r| <= 1/2."""
    cot, csc2 = _cotangent(jnp.pi * r)
    return (-jnp.pi * cot, jnp.pi**2 * csc2, -2 * jnp.pi**3 * cot * csc2)[order]


def _cotangent(x: Array) -> tuple[Array, Array]:
    """cot x and 1/sin^2 x."""
    if not jnp.issubdtype(x.dtype, jnp.complexfloating):
        return 1 / jnp.tan(x), 1 / jnp.sin(x) ** 2
    side = jnp.where(x.imag < 0, -1, 1).astype(x.real.dtype)
    a, b = -2 * jnp.abs(x.imag), 2 * side * x.real
    q = jax.lax.complex(jnp.exp(a) * jnp.cos(b), jnp.exp(a) * jnp.sin(b))
    re = jnp.expm1(a) * jnp.cos(b) - 2 * jnp.sin(b / 2) ** 2
    inverse = -1 / jax.lax.complex(re, q.imag)  # 1/(1 - q)
    return -1j * side * (1 + q) * inverse, -4 * q * inverse**2
