r"""Cancellation of flux in a channel with specular walls, for JAX.

.. math:: S(x) = \frac{192}{\pi^4} \sum_{k\ \mathrm{odd}} \frac{k^{-4}}{1 + \sqrt{1 + a_k^2}},
          \qquad a_k = \pi k x,

the dephasing rate by a weak field relative to that of diffusion, with x = l/W.  The sum converges
as k^-5 only, and the branch points +-i/(pi k) crowd at x = 0.  But there S is a polynomial up to
exp(-1/x); elsewhere the harmonics from k = 31 on are a series in 1/a whose sums over k are
numbers.  All terms that count are positive, so that derivatives are those of the terms.

This file depends on jax alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import pi

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import as_floats, horner, of_order, with_derivatives

# exp(-1/x) is 1e-16 here, and 1/(31 pi x) is 0.38.
_FLUX_POLYNOMIAL = 0.027
_FLUX_FIRST = 31
_FLUX_CUBIC = 64 / (5 * pi)


@partial(jax.jit, static_argnames="n")
def flux_cancellation(x: ArrayLike, n: int = 0) -> Array:
    """S(x) for x >= 0; 1 at 0, 186 zeta(5)/(pi^5 x) for large x.  With n = 1, 2 its derivatives.

    Any shape, float32 or float64; NaN for x < 0.  The relative error of the value and of the first
    and second derivative is at most 2e-15 (float32: 3e-6); next to the sign change of the second
    derivative at x = 0.2896 it is relative to the rounding of x.

    Raises
    ------
    NotImplementedError : for derivatives above the second.
    """
    return of_order("flux_cancellation", _FLUX_CANCELLATION, n)(*as_floats("flux_cancellation", x))


def _flux_value(x: Array) -> Array:
    near, infinite = x < _FLUX_POLYNOMIAL, x == jnp.inf
    small, large = jnp.where(near, x, 0), jnp.where(near | infinite, 1, x)
    polynomial = 1 - small * small * (3 - _FLUX_CUBIC * small)
    value = jnp.where(near, polynomial, 192 / pi**4 * (_flux_harmonics(large) + _flux_tail(large)))
    return jnp.where(x < 0, jnp.nan, jnp.where(infinite, 0, value))


def _flux_harmonics(x: Array) -> Array:
    k = jnp.arange(1, _FLUX_FIRST, 2).astype(x.dtype)
    a = pi * k * x[..., None]
    return jnp.sum(1 / (k**4 * (1 + jnp.sqrt(1 + a * a))), axis=-1)


def _flux_tail(x: Array) -> Array:
    v = 1 / (_FLUX_FIRST * pi * x)
    odd = horner(_FLUX_TAIL, v * v)
    return v * (odd - _FLUX_SIXTH * v) / _FLUX_FIRST**4


def _flux_slope_of(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda x: jax.jvp(function, (x,), (jnp.ones_like(x),))[1]


_FLUX_CANCELLATION = with_derivatives(
    _flux_value, _flux_slope_of(_flux_value), _flux_slope_of(_flux_slope_of(_flux_value))
)

# fmt: off
# binomial(1/2, j) times the sum of (31/k)^(5 + 2j) over odd k >= 31, and that of (31/k)^6
_FLUX_TAIL = (
    4.401803949575586, 1.5603908911718125, -0.3106904306137534, 0.1317820453977133,
    -0.0726784158647361, 0.04611019603180074, -0.03195250885883434, 0.023532253650275493,
    -0.018121477429837586, 0.014438174336495345, -0.011816118640458357, 0.009881595937776681,
    -0.008411959820715607, 0.007267932227561991, -0.0063587959195233615, 0.00562341899732415,
)
_FLUX_SIXTH = 3.632133849701897
# fmt: on
