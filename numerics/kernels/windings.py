r"""Sum of K_0 over the windings of a cylinder, for JAX.

.. math:: W(u, \theta) = 2 \sum_{n\ge1} K_0(n u) \cos n\theta,

the harmonics of Altshuler, Aronov and Spivak.  It takes 40/u terms, too many where the
circumference is below L_phi; there, Poisson's formula gives the sum over modes (I. S.
Gradshteyn, I. M. Ryzhik, Table of Integrals, Series, and Products, 8.526)

.. math:: W = \gamma + \ln\frac{u}{4\pi} + \frac{\pi}{\sqrt{u^2+\theta^2}}
              + \pi \sum_{m\ne0} \left[\frac{1}{\sqrt{u^2+(2\pi m+\theta)^2}}
              - \frac{1}{2\pi|m|}\right],

the potential of a row of charges on the axis u = 0, which obeys W_uu + W_u/u + W_thetatheta = 0.
The charges beyond the third are expanded in solid harmonics r_k = rho^k P_k(theta/rho),
rho^2 = u^2 + theta^2, whose derivatives are dr_k/dtheta = k r_(k-1) and dr_k/du = -u g_(k-2),
where g_k is the Gegenbauer polynomial C_k^(3/2) in place of P_k.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.bessel import bessel_k0, bessel_k1
from numerics.kernels.rational import KernelFunction, as_floats, set_derivatives

# Below, the modes; above, exp(-20 u) is below 1e-17 of exp(-u).
_WINDING_NEAR = 2.0
_WINDING_TERMS = 20
_WINDING_CHARGES = 3
_TWO_PI = 6.283185307179586
# the leading 20 bits of 2 pi, whose product with an integer is exact, and what 2 pi has beyond
_TWO_PI_HIGH = 6.283172607421875
_TWO_PI_REST = 2.4492935982947064e-16
# Euler's gamma - ln(4 pi) - (1 + 1/2 + 1/3)
_WINDING_CONSTANT = -3.7871419154010915
# 2 pi zeta(k + 1, 4)/(2 pi)^(k + 1) for k = 2, 4, ..., 22
_WINDING_CHARGE_SUMS = (
    0.0010137150511863487, 1.0025558121263658e-06, 1.2925633361254402e-09, 1.8371532273102698e-12,
    2.7355253870256395e-15, 4.176020042460186e-18, 6.4664647621163036e-21, 1.009808879331685e-23,
    1.5850429110349582e-26, 2.4958586872640267e-29, 3.937846789989827e-32,
)  # fmt: skip


@partial(jax.jit, static_argnames=("m", "n"))
def winding_sum(u: ArrayLike, theta: ArrayLike, m: int = 0, n: int = 0) -> Array:
    """W = 2 sum over n >= 1 of K_0(n u) cos(n theta), or its derivative of orders m and n.

    Parameters
    ----------
    u : u >= 0, any shape; NaN for u < 0.
    theta : real, broadcasts against u; the period is 2 pi and W is even.
    m, n : orders of the derivative in u and in theta (static), m + n <= 2.

    Returns
    -------
    Array, float32 or float64 as the arguments are.  The error of the value and of each first and
    second derivative is at most 2e-14 (float32: 1e-5) of the same derivative of
    2 K_0(u) + pi/sqrt(u^2 + theta^2), that is relative but next to zeros.  u and theta (within
    a period) must not both be below 1e-60 (float32: 1e-7) in second derivatives.
    Limits: 0 at u = inf; -inf at u = 0 (ln u), +inf if theta is a multiple of 2 pi (pi/u).

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    NotImplementedError : if m + n > 2 (`jax.grad` differentiates further).
    """
    if (m, n) not in _WINDING_SUM:
        raise NotImplementedError(
            f"winding_sum covers orders m, n >= 0 with m + n <= 2, but got ({m}, {n}); "
            "apply jax.grad to a lower order instead."
        )
    return _WINDING_SUM[m, n](*as_floats("winding_sum", u, theta))


def _winding(m: int, n: int, u: Array, theta: Array) -> Array:
    theta = _within_period(theta)
    near = u < _WINDING_NEAR
    modes = _over_modes(m, n, jnp.where(near, u, 1), theta)
    turns = _over_turns(m, n, jnp.where(near, _WINDING_NEAR, u), theta)
    value = jnp.where(near, modes, turns)
    if m == n == 0:
        value = jnp.where(u == 0, jnp.where(theta == 0, jnp.inf, -jnp.inf), value)
    return jnp.where(u >= 0, value, jnp.nan)


def _within_period(theta: Array) -> Array:
    """theta minus the nearest multiple of 2 pi."""
    k = jnp.round(theta / _TWO_PI)
    return (theta - k * _TWO_PI_HIGH) - (k * (_TWO_PI - _TWO_PI_HIGH) + k * _TWO_PI_REST)


def _over_turns(m: int, n: int, u: Array, theta: Array) -> Array:
    turns = jnp.arange(1, _WINDING_TERMS + 1, dtype=u.dtype).reshape(-1, *[1] * u.ndim)
    x, angle = turns * u, turns * theta
    radial = (
        lambda: bessel_k0(x),
        lambda: -bessel_k1(x),
        lambda: bessel_k0(x) + bessel_k1(x) / x,
    )[m]()
    angular = (jnp.cos, lambda a: -jnp.sin(a), lambda a: -jnp.cos(a))[n](angle)
    return 2 * jnp.sum(turns ** (m + n) * radial * angular, axis=0)


def _over_modes(m: int, n: int, u: Array, theta: Array) -> Array:
    logarithm = {(0, 0): jnp.log(u) + _WINDING_CONSTANT, (1, 0): 1 / u, (2, 0): -1 / u**2}
    charges = range(-_WINDING_CHARGES, _WINDING_CHARGES + 1)
    # the nearest charge last, as the largest
    positions = [theta + k * _TWO_PI for k in sorted(charges, key=lambda k: -abs(k))]
    total = _far_charges(m, n, u, theta)
    for phi in positions:
        total = total + 0.5 * _TWO_PI * _charge(m, n, u, phi)
    return total + logarithm.get((m, n), 0)


def _charge(m: int, n: int, u: Array, phi: Array) -> Array:
    """Derivative of 1/sqrt(u^2 + phi^2)."""
    square = u * u + phi * phi
    inverse = 1 / jnp.sqrt(square)
    cosines = u * inverse, phi * inverse
    if m + n == 0:
        return inverse
    if m + n == 1:
        return -cosines[n] / square
    c, s = cosines
    return {(2, 0): 2 * c * c - s * s, (1, 1): 3 * c * s, (0, 2): 2 * s * s - c * c}[m, n] * (
        inverse / square
    )


def _far_charges(m: int, n: int, u: Array, theta: Array) -> Array:
    """Derivative of the sum of c_k r_k over even k."""
    r, g = _solid_harmonics(u, theta, 2 * len(_WINDING_CHARGE_SUMS))
    term = {
        (0, 0): lambda k: r[k],
        (1, 0): lambda k: -u * g[k - 2],
        (0, 1): lambda k: k * r[k - 1],
        (2, 0): lambda k: g[k - 2] - k * (k - 1) * r[k - 2],
        (1, 1): lambda k: -k * u * g[k - 3] if k > 2 else jnp.zeros_like(u),
        (0, 2): lambda k: k * (k - 1) * r[k - 2],
    }[m, n]
    terms = [c * term(2 * j) for j, c in enumerate(_WINDING_CHARGE_SUMS, start=1)]
    return sum(reversed(terms), start=jnp.zeros_like(u))


def _solid_harmonics(u: Array, theta: Array, last: int) -> tuple[list[Array], list[Array]]:
    """r_k and g_k up to k = `last`, by the recurrences of Legendre and Gegenbauer."""
    square = u * u + theta * theta
    r, g = [jnp.ones_like(u), theta], [jnp.ones_like(u), 3 * theta]
    for k in range(2, last + 1):
        r.append(((2 * k - 1) * theta * r[-1] - (k - 1) * square * r[-2]) / k)
        g.append(((2 * k + 1) * theta * g[-1] - (k + 1) * square * g[-2]) / k)
    return r, g


_WINDING_SUM: dict[tuple[int, int], KernelFunction] = {
    (2, 0): partial(_winding, 2, 0),
    (1, 1): partial(_winding, 1, 1),
    (0, 2): partial(_winding, 0, 2),
}
for _m, _n in ((1, 0), (0, 1), (0, 0)):
    _function = jax.custom_jvp(partial(_winding, _m, _n))
    set_derivatives(_function, _WINDING_SUM[_m + 1, _n], _WINDING_SUM[_m, _n + 1])
    _WINDING_SUM[_m, _n] = _function
