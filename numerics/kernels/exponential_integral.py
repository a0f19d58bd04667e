"""The exponential integral E_1(x) for JAX.

E_1(x) = int_x^oo exp(-t)/t dt is -gamma - ln x + x R(x) for x <= 1, with R positive, and
exp(-x)/x times a Stieltjes function of 1/x above.  Its derivative is -exp(-x)/x.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.logarithm import vector_log
from numerics.kernels.rational import as_floats, polynomials, with_derivatives

_EULER_GAMMA = 0.5772156649015329


@jax.jit
def exp1(x: ArrayLike) -> Array:
    """E_1(x) for x >= 0: inf at 0, 0 at inf, NaN for x < 0.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 2e-15 (float32: 1e-6).
    """
    return _exp1(*as_floats("exp1", x))


def _exp1_value(x: Array) -> Array:
    near = x < 1
    inside, inverse = jnp.where(near, x, 1), jnp.where(near, 1, 1 / x)
    N_near, D_near = polynomials(_EXPONENTIAL_INTEGRAL_TABLES, "near", inside)
    N_far, D_far = polynomials(_EXPONENTIAL_INTEGRAL_TABLES, "far", inverse)
    quotient = jnp.where(near, inside * N_near, inverse * N_far) / jnp.where(near, D_near, D_far)
    logarithm = vector_log(jnp.where(near, x, 1))
    return jnp.where(near, quotient - _EULER_GAMMA - logarithm, jnp.exp(-x) * quotient)


def _exp1_slope(x: Array) -> Array:
    return -_decaying(x) / x


def _exp1_curvature(x: Array) -> Array:
    inverse = jnp.abs(1 / x)
    return _decaying(x) * (1 + inverse) * inverse


def _decaying(x: Array) -> Array:
    return jnp.where(x < 0, jnp.nan, jnp.exp(-x))


_exp1, _, _ = with_derivatives(_exp1_value, _exp1_slope, _exp1_curvature)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_EXPONENTIAL_INTEGRAL_TABLES = {
    "float64": {
        # (E_1(x) + ln x + gamma) / x
        "near": (
            (
                1.0, 0.17582689123745382, 0.02882375375758277,
                0.0015967354124810094, 7.28473767077349e-05,
            ),
            (
                1.0, 0.4258268912374538, 0.07972492101138952,
                0.008287582818834663, 0.00048461091972773544, 1.2969387329274305e-05,
            ),
        ),
        # x exp(x) E_1(x), t = 1/x
        "far": (
            (
                1.0, 44.62539064231952, 792.7205674040322,
                7317.206031090818, 38494.88351257249, 119379.6505241085,
                218757.4408939052, 231833.16700425936, 135574.2912383932,
                40235.957678903505, 5200.3133048571735, 209.3997025338862,
                0.5598452476725668,
            ),
            (
                1.0, 45.62539064231947, 836.3459580464134,
                8068.301207837853, 45140.24514979321, 152426.35952186855,
                313995.86646763555, 390729.5955229689, 285169.4887472018,
                115625.18375918931, 23718.708007087378, 2071.5086622240924,
                51.78265437253948,
            ),
        ),
    },
    "float32": {
        # (E_1(x) + ln x + gamma) / x
        "near": (
            (
                1.0, 0.1023143, 0.0041761,
            ),
            (
                1.0, 0.3523142, 0.036702733,
            ),
        ),
        # x exp(x) E_1(x), t = 1/x
        "far": (
            (
                1.0, 9.784529, 25.699102,
                19.049675, 2.6965802,
            ),
            (
                1.0, 10.784527, 34.483948,
                37.951576, 12.66193, 0.76226133,
            ),
        ),
    },
}
# fmt: on
# end tables
