r"""The dilogarithm Li_2(z) for real z <= 1, for JAX.

With u = -ln(1 - z), Li_2(z) = u S(u^2) - u^2/4, and S is rational to rounding for
-1 <= z <= 1/2; inversion z -> 1/z and reflection z -> 1 - z lead there from the other z <= 1:

    Li_2(z) = -pi^2/6 - ln(-z)^2/2 - Li_2(1/z),    Li_2(z) = pi^2/6 - ln(z) ln(1-z) - Li_2(1-z).

The derivative is -ln(1 - z)/z; the second one, a difference of nearly equal numbers around
z = 0, has its own table between -1 and 1/2.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.logarithm import vector_log
from numerics.kernels.rational import as_floats, isolated, rational, with_derivatives

_SIXTH_OF_PI_SQUARED = 1.6449340668482264


@jax.jit
def dilogarithm(z: ArrayLike) -> Array:
    """Li_2(z) = sum of z^n/n^2, continued to real z <= 1; NaN above 1.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 2e-15 (float32: 1e-6).  Li_2(1) = pi^2/6, where the derivative is inf;
    -inf at -inf.
    """
    return _dilogarithm(*as_floats("dilogarithm", z))


def _central(z: Array) -> Array:
    """Li_2(z) for -1 <= z <= 1/2."""
    u = isolated(-jnp.log1p(-z))
    return u * (rational(_DILOGARITHM_TABLES, "value", u * u) - 0.25 * u)


def _dilogarithm_value(z: Array) -> Array:
    below, above = z < -1, z > 0.5
    one_minus_z = 1 - z
    central = jnp.where(below, 1 / jnp.where(below, z, -1), jnp.where(above, one_minus_z, z))
    product = jnp.where(below, 0.5 * _square_log(z), _log_times_log(z, one_minus_z))
    moved = jnp.where(below, -_SIXTH_OF_PI_SQUARED, _SIXTH_OF_PI_SQUARED) - product
    value = _central(jnp.where(z > 1, jnp.nan, central))
    return jnp.where(below | above, moved - value, value)


def _square_log(z: Array) -> Array:
    return vector_log(jnp.where(z < -1, -z, 1)) ** 2


def _log_times_log(z: Array, one_minus_z: Array) -> Array:
    """ln(z) ln(1 - z) for 1/2 < z <= 1, where it vanishes."""
    inside = (z > 0.5) & (z < 1)
    z, one_minus_z = jnp.where(inside, z, 0.5), jnp.where(inside, one_minus_z, 0.5)
    return jnp.where(inside, jnp.log1p(-one_minus_z) * vector_log(one_minus_z), 0)


def _dilogarithm_slope(z: Array) -> Array:
    """-ln(1 - z)/z; 1 at 0, 0 at -inf, inf at 1."""
    zero = (z == 0) | jnp.isinf(z)
    at = jnp.where(zero, 1, z)
    limit = jnp.where(z == 0, 1, jnp.where(z < 0, 0, jnp.nan)).astype(z.dtype)
    return jnp.where(zero, limit, -jnp.log1p(-jnp.where(zero, 0, z)) / at)


def _dilogarithm_curvature(z: Array) -> Array:
    central = (z >= -1) & (z <= 0.5)
    inside, outside = jnp.where(central, z, 0), jnp.where(central, -1, z)
    t = (1 + inside) / (2 * (1 - inside))
    inverse = 1 / outside
    direct = (1 / (1 - outside) + jnp.log1p(-outside) * inverse) * inverse
    direct = jnp.where(jnp.isneginf(z), 0, direct)
    return jnp.where(central, rational(_DILOGARITHM_TABLES, "curvature", t), direct)


_dilogarithm, _, _ = with_derivatives(
    _dilogarithm_value, _dilogarithm_slope, _dilogarithm_curvature
)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_DILOGARITHM_TABLES = {
    "float64": {
        # Li_2(z)/u + u/4, u = -ln(1 - z), v = u^2
        "value": (
            (
                1.0, 0.05399093579514256, 0.000548531021330334,
            ),
            (
                1.0, 0.026213158017364815, 9.816552084442517e-05,
                -1.6949904854456597e-07,
            ),
        ),
        # Li_2''(z), t = (1 + z)/(2 (1 - z))
        "curvature": (
            (
                0.1931471805599453, 1.6167508200216494, 5.534574919130467,
                9.982606254063803, 10.195227126921635, 5.901262135230474,
                1.8350657042145213, 0.269418610199319, 0.013542706694575688,
            ),
            (
                1.0, 5.547962814862351, 12.059409539325246,
                13.099100783515313, 7.523916296416892, 2.2260551855259365,
                0.3032681370026542, 0.013930155723942579, -7.04176509240876e-06,
                1.1568395211874166e-07,
            ),
        ),
    },
    "float32": {
        # Li_2(z)/u + u/4, u = -ln(1 - z), v = u^2
        "value": (
            (
                1.0, 0.03774422,
            ),
            (
                1.0, 0.009966497,
            ),
        ),
        # Li_2''(z), t = (1 + z)/(2 (1 - z))
        "curvature": (
            (
                0.19314718, 0.95110077, 1.5555636,
                0.9337605, 0.15424676,
            ),
            (
                1.0, 2.101625, 1.1861589,
                0.16452083, -0.00031088453,
            ),
        ),
    },
}
# fmt: on
# end tables
