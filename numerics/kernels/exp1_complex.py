r"""The exponential integral E_1(z) of a complex z in the right half-plane, for JAX.

E_1(z) = int_z^oo exp(-t)/t dt is the zero-field correction in two dimensions with a sharp
short-time cutoff, z = tau (1/tau_phi - i omega).  As in `exponential_integral` it is
-gamma - ln z + z R(z) for \|z\| <= 1 and exp(-z)/z times a rational function of 1/z above.  Its
derivative is -exp(-z)/z.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_parts import (
    ComplexTables,
    Parts,
    complex_branches,
    complex_number,
    parts_modulus,
    parts_of,
    parts_where,
    real_parts,
)
from numerics.kernels.logarithm import vector_log
from numerics.kernels.rational import isolated, set_derivatives

_EXP1_COMPLEX_GAMMA = 0.5772156649015329


@jax.jit
def exp1_complex(z: ArrayLike) -> Array:
    """E_1(z) for Re z >= 0, imaginary axis included, as complex64 or complex128.

    Parameters
    ----------
    z : complex or real numbers in single or double precision, any shape; NaN for Re z < 0.

    Notes
    -----
    Relative error of the value and of the first two derivatives: at most 3e-15 (complex64:
    2e-6).  inf at 0, where the derivative is infinite too; 0 at infinity.

    Raises
    ------
    TypeError : if z has another width, such as float16.
    """
    return _exp1_complex(complex_number("exp1_complex", z))


@jax.custom_jvp
def _exp1_complex(z: Array) -> Array:
    at = _in_half_plane(parts_of(z))
    size = parts_modulus(at)
    near, zero, infinite = size < 1, size < jnp.finfo(size.dtype).tiny, size == jnp.inf
    regular = ~(zero | infinite)
    size = jnp.where(regular, size, 1)
    at = parts_where(regular, at, real_parts(jnp.ones_like(size)))
    inverse = isolated(1 / size)
    t = parts_where(near, at, at.conjugate().times(inverse).times(inverse))
    quotient = t * complex_branches(_EXP1_COMPLEX_TABLES, ("near", "far"), near, t)
    logarithm = Parts(vector_log(size), jnp.arctan2(at.im, at.re))
    inside = (quotient + logarithm.times(-1)).plus(-_EXP1_COMPLEX_GAMMA)
    value = parts_where(near, inside, _exp_of_minus(at) * quotient)
    limit = real_parts(jnp.where(zero, jnp.inf, 0 * size))
    return parts_where(regular, value, limit).joined()


@jax.custom_jvp
def _exp1_complex_slope(z: Array) -> Array:
    at, inverse, limit = _exponential_and_inverse(z)
    return parts_where(limit == 0, (at * inverse).times(-1), real_parts(-limit)).joined()


def _exp1_complex_curvature(z: Array) -> Array:
    at, inverse, limit = _exponential_and_inverse(z)
    value = at * inverse * inverse.plus(1)
    return parts_where(limit == 0, value, real_parts(limit)).joined()


def _exponential_and_inverse(z: Array) -> tuple[Parts, Parts, Array]:
    """exp(-z) and 1/z, both 0 at infinity, and the size of 1/z where it is infinite, else 0."""
    at = _in_half_plane(parts_of(z))
    size = parts_modulus(at)
    zero, infinite = size < jnp.finfo(size.dtype).tiny, size == jnp.inf
    at = parts_where(zero | infinite, real_parts(jnp.ones_like(size)), at)
    inverse = isolated(1 / jnp.where(zero | infinite, 1, size))
    decay = _exp_of_minus(at).times(jnp.where(infinite, 0, 1))
    return (
        decay,
        at.conjugate().times(inverse).times(inverse),
        jnp.where(zero, jnp.inf, 0 * inverse),
    )


set_derivatives(_exp1_complex, _exp1_complex_slope)
set_derivatives(_exp1_complex_slope, _exp1_complex_curvature)


def _in_half_plane(z: Parts) -> Parts:
    return Parts(jnp.where(z.re < 0, jnp.nan, z.re), z.im)


def _exp_of_minus(z: Parts) -> Parts:
    return Parts(jnp.cos(z.im), -jnp.sin(z.im)).times(jnp.exp(-z.re))


# begin tables: written by `python -m numerics.complex_approximants --write`
# fmt: off
_EXP1_COMPLEX_TABLES: ComplexTables = {
    # (E_1(z) + ln z + gamma) / z
    "near": (
        1.0,
        (
            (0.026261888480929196, 0.0001460706484483029),
            (0.04976722938018812, 0.004853088782044031),
            (0.11038545611431684, 0.01733004339773856),
        ),
        (
            (0.09184212474971176, 0.006798799241138372),
            (0.15509769755854277, 0.008450913304054742),
            (0.1894747516671796, 0.009293704906238154),
        ),
    ),
    # z exp(z) E_1(z), t = 1/z
    "far": (
        1.0,
        (
            (0.04489986681389233, 8.069923444103178e-05),
            (0.38025651400867144, 0.032201285493258965),
            (1.052940959470991, 0.26588086791937104),
            (2.1317598622235834, 1.1082239215703094),
            (3.845716481031639, 3.6254555629247815),
            (6.625060975737043, 10.781934688567913),
            (11.152563270033777, 30.587683949239963),
            (18.672395356717903, 85.701016876425),
            (32.5973859309405, 259.6434333584382),
        ),
        (
            (0.12183024394379742, 0.002635065588877321),
            (0.5295926134704654, 0.06534230697369224),
            (1.2391922431507918, 0.37190488983399544),
            (2.335760144211913, 1.3357211905370057),
            (4.0402077855818455, 4.0109605139499465),
            (6.760577116243788, 11.24462122566484),
            (11.201042947592292, 30.872027885814404),
            (18.677341108531028, 85.75150835003375),
            (32.59743501425205, 259.6443497111464),
        ),
    ),
}
# fmt: on
# end tables
