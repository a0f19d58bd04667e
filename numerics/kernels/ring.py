r"""Sums over the modes of a ring, sinh u/(cosh u - cos theta) and its integral, for JAX.

.. math:: S(u, \theta) = \frac{\sinh u}{\cosh u - \cos\theta}
          = \sum_{n=-\infty}^\infty \frac{2 u}{(2\pi n + \theta)^2 + u^2}, \qquad
          L(u, \theta) = \ln\left(1 - 2 e^{-u}\cos\theta + e^{-2u}\right),

where u is the circumference in units of L_phi, complex at a finite frequency, and theta the
phase of the flux.  The hyperbolic functions overflow, and S is 0/0 where u and theta vanish.
With x = exp(-u), p = 1 - x and s = sin(theta/2), all of it is a quotient by

    d = 2 x (cosh u - cos theta) = p^2 + 4 x s^2,

in which nothing cancels; for complex u, where d has zeros on the imaginary axis, it is
the product of 1 - exp(-u - i theta) and 1 - exp(-u + i theta).  L is harmonic in (u, theta), so
its derivatives are those of S and of T = dL/dtheta = sin theta/(cosh u - cos theta):

    S_u = 2 x A/d^2,    S_theta = -S T,    S_uu = -S (S_u + T^2),    S_utheta = T (S^2 - S_u),

with A = 4 x s^2 - p^2 cos theta.  L_u is S - 1 = 2 x (p - 2 s^2)/d.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from numerics.kernels.rational import KernelFunction, as_floats, set_derivatives


@partial(jax.jit, static_argnames=("m", "n"))
def ring_sum(u: ArrayLike, theta: ArrayLike, m: int = 0, n: int = 0) -> Array:
    """S = sinh u/(cosh u - cos theta), or its derivative m times in u and n times in theta.

    Parameters
    ----------
    u : u >= 0, or complex with Re u >= 0, any shape; NaN for Re u < 0.
    theta : real, broadcasts against u; the period is 2 pi and S is even.
    m, n : orders (static), m + n <= 2.

    Returns
    -------
    Array in the precision of the arguments, complex if u is.  Relative error of the value and of
    each first and second derivative at most 3e-15 (float32: 3e-6; complex u: 1e-14), beside what
    roundings of u and theta change: they count next to the poles u = +-i(theta - 2 pi k) and
    zeros of derivatives.  Limits: 1 at u = inf; 0 at u = 0 with inf at theta = 0.  The sizes of u
    and theta must not both be below 1e-150 (float32: 1e-18); second derivatives overflow below
    1e-100 (1e-12).

    Raises
    ------
    TypeError : if theta is complex, or an argument is a float of another width.
    NotImplementedError : if m + n > 2 (`jax.grad` differentiates further).
    """
    return _of_ring_order("ring_sum", _RING_SUM, m, n)(*_ring_arguments("ring_sum", u, theta))


@partial(jax.jit, static_argnames=("m", "n"))
def ring_log(u: ArrayLike, theta: ArrayLike, m: int = 0, n: int = 0) -> Array:
    """L = ln(1 - 2 exp(-u) cos theta + exp(-2 u)), or its derivative of orders m and n.

    Arguments, errors raised and accuracy as in `ring_sum`, which is 1 + dL/du; L itself changes
    sign at exp(-u) = 2 cos theta, where the error is relative to the rounding of u and theta.
    -2 exp(-u) cos theta for large u, -inf at u = theta = 0.  For complex u the branch is
    the one that vanishes at u = inf.
    """
    return _of_ring_order("ring_log", _RING_LOG, m, n)(*_ring_arguments("ring_log", u, theta))


def _of_ring_order(
    kernel: str, orders: dict[tuple[int, int], KernelFunction], m: int, n: int
) -> KernelFunction:
    if (m, n) not in orders:
        raise NotImplementedError(
            f"{kernel} covers orders m, n >= 0 with m + n <= 2, but got ({m}, {n}); "
            "apply jax.grad to a lower order instead."
        )
    return orders[m, n]


def _ring_arguments(kernel: str, u: ArrayLike, theta: ArrayLike) -> list[Array]:
    """u and theta of one shape and precision; u may be complex."""
    if jnp.iscomplexobj(theta):
        raise TypeError(f"{kernel} takes a real phase, but theta is complex; pass its real part.")
    if not jnp.iscomplexobj(u):
        return as_floats(kernel, u, theta)
    real, imaginary, theta = as_floats(kernel, jnp.real(u), jnp.imag(u), theta)
    return [lax.complex(real, imaginary), theta]


class _Ring(NamedTuple):
    """What all formulas are made of; see the docstring of the file."""

    x: Array
    p: Array
    twice: Array  # 1 - x^2
    s: Array
    cosine: Array
    sine: Array
    d: Array

    @property
    def S(self) -> Array:
        return jnp.where(self.d == 0, jnp.inf, self.twice / self.d)

    @property
    def T(self) -> Array:
        return 2 * self.x * self.sine / self.d

    @property
    def A(self) -> Array:
        return 4 * self.x * self.s**2 - self.p**2 * self.cosine


def _ring(u: Array, theta: Array) -> _Ring:
    u = jnp.where(jnp.real(u) < 0, jnp.nan, u)
    s, cosine, sine = jnp.sin(theta / 2), jnp.cos(theta), jnp.sin(theta)
    x, p = jnp.exp(-u), _below_one(u)
    if jnp.iscomplexobj(u):
        d = _below_one(u + 1j * theta) * _below_one(u - 1j * theta)
    else:
        d = p**2 + 4 * x * s**2
    return _Ring(x, p, _below_one(2 * u), s, cosine, sine, d)


def _below_one(u: Array) -> Array:
    """1 - exp(-u), both parts to their own digits for Re u >= 0."""
    if not jnp.iscomplexobj(u):
        return -jnp.expm1(-u)
    a, b = jnp.real(u), jnp.imag(u)
    real = 2 * jnp.sin(b / 2) ** 2 - jnp.expm1(-a) * jnp.cos(b)
    return lax.complex(real, jnp.exp(-a) * jnp.sin(b))


def _log_below_one(u: Array) -> Array:
    """ln(1 - exp(-u)) of complex u."""
    a, b = jnp.real(u), jnp.imag(u)
    at = _below_one(u)
    size = jnp.real(at) ** 2 + jnp.imag(at) ** 2
    x = jnp.exp(-a)
    logarithm = _log_near_one(size, x * (x - 2 * jnp.cos(b)))
    return lax.complex(0.5 * logarithm, jnp.arctan2(jnp.imag(at), jnp.real(at)))


def _log_near_one(d: Array, excess: Array) -> Array:
    """ln d, of d itself or, near 1, of d - 1."""
    near = jnp.abs(excess) < 0.5
    return jnp.where(near, jnp.log1p(jnp.where(near, excess, 0)), jnp.log(d))


def _ring_S(u: Array, theta: Array) -> Array:
    return _ring(u, theta).S


def _ring_S_u(u: Array, theta: Array) -> Array:
    at = _ring(u, theta)
    return 2 * at.x * (at.A / at.d) / at.d


def _ring_S_theta(u: Array, theta: Array) -> Array:
    at = _ring(u, theta)
    return -at.S * at.T


def _ring_S_uu(u: Array, theta: Array) -> Array:
    at = _ring(u, theta)
    return -at.S * 2 * at.x * ((at.A + 2 * at.x * at.sine**2) / at.d) / at.d


def _ring_S_utheta(u: Array, theta: Array) -> Array:
    at = _ring(u, theta)
    return at.T * ((at.twice**2 - 2 * at.x * at.A) / at.d) / at.d


def _ring_L(u: Array, theta: Array) -> Array:
    if jnp.iscomplexobj(u):
        u = jnp.where(jnp.real(u) < 0, jnp.nan, u)
        return _log_below_one(u + 1j * theta) + _log_below_one(u - 1j * theta)
    at = _ring(u, theta)
    return _log_near_one(at.d, at.x * (at.x - 2 * at.cosine))


def _ring_L_u(u: Array, theta: Array) -> Array:
    at = _ring(u, theta)
    return 2 * at.x * (at.p - 2 * at.s**2) / at.d


def _ring_L_theta(u: Array, theta: Array) -> Array:
    return _ring(u, theta).T


def _negative(function: KernelFunction) -> KernelFunction:
    return lambda u, theta: -function(u, theta)


def _with_ring_orders(
    value: KernelFunction, first: tuple[KernelFunction, KernelFunction], *second: KernelFunction
) -> dict[tuple[int, int], KernelFunction]:
    """All orders (m, n) of a function, each with its derivatives."""
    function, by_u, by_theta = map(jax.custom_jvp, (value, *first))
    set_derivatives(function, by_u, by_theta)
    set_derivatives(by_u, *second[:2])
    set_derivatives(by_theta, *second[1:])
    orders = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    return dict(zip(orders, (function, by_u, by_theta, *second), strict=True))


_RING_SUM = _with_ring_orders(
    _ring_S, (_ring_S_u, _ring_S_theta), _ring_S_uu, _ring_S_utheta, _negative(_ring_S_uu)
)
_RING_LOG = _with_ring_orders(
    _ring_L,
    (_ring_L_u, _ring_L_theta),
    _RING_SUM[1, 0],
    _RING_SUM[0, 1],
    _negative(_RING_SUM[1, 0]),
)
