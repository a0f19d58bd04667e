r"""The Lambert function W(x), the solution of W exp(W) = x with W >= -1, for JAX.

It solves equations such as that of the dephasing rate in two dimensions, r = a ln(1/r).  Above
x = -1/5 one guess and two steps of Fritsch, Shafer and Crowley (Commun. ACM 16, 123 (1973)),

    z = ln(x/w) - w,  q = 2 (1 + w) (1 + w + 2z/3),  w -> w [1 + z/(1 + w) (q - z)/(q - 2z)],

reach W: the relative error e of one becomes of the order e^4, and the guess is good to 2 %.  Below,
1 + W vanishes like the root p = sqrt(2 (1 + e x)) at the branch point x = -1/e, where an
iteration would lose half of the digits; (1 + W)/p is rational to rounding there, and 1/e in two
parts keeps 1 + e x.  The derivatives are

    W' = exp(-W)/(1 + W),    W'' = -exp(-2W) (2 + W)/(1 + W)^3.

This file depends on jax alone.
"""

from __future__ import annotations

from typing import cast

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from numerics.kernels.logarithm import vector_log
from numerics.kernels.rational import KernelTables, as_floats, rational, with_derivatives

_E = 2.718281828459045
_SEAM = -0.2


@jax.jit
def lambertw(x: ArrayLike) -> Array:
    """W(x) on the principal branch, x >= -1/e; NaN below.

    Any shape, float32 or float64.  The relative error of the value and of the first and second
    derivative is at most 2e-15 for x >= -1/5 (float32: 1e-6); closer to the branch point it is
    that of a rounding of x, without further loss.  W(0) = 0 and W(inf) = inf; W = -1 at -1/e,
    where the derivative is inf, and for numbers that round to it.
    """
    return _lambertw(*as_floats("lambertw", x))


def _parts(x: Array) -> tuple[Array, Array]:
    """W and 1 + W, each to its own relative precision."""
    near = x < _SEAM
    one_plus = _branch_point(jnp.where(near, x, _SEAM))
    far = _iterated(jnp.where(near, _SEAM, x))
    # comparisons with NaN are false, so that NaN takes the second way
    return jnp.where(near, one_plus - 1, far), jnp.where(near, one_plus, 1 + far)


def _branch_point(x: Array) -> Array:
    """1 + W between -1/e and -1/5."""
    # behind the barrier the two parts of 1/e are not added to each other
    distance = lax.optimization_barrier(x + _INVERSE_E_HIGH) + _INVERSE_E_LOW
    rounding = jnp.finfo(x.dtype).eps / 4
    distance = jnp.where(jnp.abs(distance) < rounding, 0, distance)
    positive = distance > 0
    p = jnp.sqrt(2 * _E * jnp.where(positive, distance, 1))
    at_most = jnp.where(distance == 0, 0, jnp.nan)
    tables = cast(KernelTables, _LAMBERT_TABLES)
    return jnp.where(positive, p * rational(tables, "branch_point", p), at_most)


def _iterated(x: Array) -> Array:
    """W for x >= -1/5."""
    regular = (x != 0) & (x < jnp.inf)
    at = jnp.where(regular, x, 1)
    w = _guess(at)
    for _ in range(2):
        w = _closer(w, at)
    return jnp.where(regular, w, x)


def _guess(x: Array) -> Array:
    """W to 2 %: S. Winitzki, Lect. Notes Comput. Sci. 2667, 780 (2003)."""
    logarithm = jnp.log1p(x)
    return logarithm * (1 - jnp.log1p(logarithm) / (2 + logarithm))


def _closer(w: Array, x: Array) -> Array:
    z = vector_log(x / w) - w
    q = 2 * (1 + w) * (1 + w + 2 / 3 * z)
    return w * (1 + z / (1 + w) * (q - z) / (q - 2 * z))


def _decay(x: Array, w: Array) -> Array:
    """exp(-W), which is W/x: the exponential of a large W would multiply its rounding."""
    large = x > 1
    at = jnp.where(large, x, 1)
    ratio = jnp.where(jnp.isinf(x), 0, jnp.where(large, w, 1)) / at
    return jnp.where(large, ratio, jnp.exp(-jnp.where(large, 0, w)))


def _slope(x: Array) -> Array:
    w, one_plus = _parts(x)
    return _decay(x, w) / one_plus


def _curvature(x: Array) -> Array:
    w, one_plus = _parts(x)
    relative = jnp.where(jnp.isinf(w), 0, (1 + one_plus) / one_plus)
    return -((_decay(x, w) / one_plus) ** 2) * relative


_lambertw, _, _ = with_derivatives(lambda x: _parts(x)[0], _slope, _curvature)


# begin tables: written by `python -m numerics.approximants --write`
# fmt: off
_INVERSE_E_HIGH = 0.3678794205188751  # 1/e to 24 bits
_INVERSE_E_LOW = 2.0652567199525212e-08  # and the rest of it
_LAMBERT_TABLES = {
    "float64": {
        # (1 + W)/p, p = sqrt(2 (1 + e x))
        "branch_point": (
            (
                1.0, 1.6367494711225685, 0.943413850088365,
                0.22754567381095717, 0.020969656983510433, 0.0004829533977306016,
            ),
            (
                1.0, 1.9700828044559018, 1.4473303404625757,
                0.48863387735753, 0.07510235223667767, 0.004426521384615101,
                5.812921236065646e-05,
            ),
        ),
    },
    "float32": {
        # (1 + W)/p, p = sqrt(2 (1 + e x))
        "branch_point": (
            (
                1.0, 0.6474564, 0.07191155,
            ),
            (
                1.0, 0.9807897, 0.24606548,
                0.011791416,
            ),
        ),
    },
}
# fmt: on
# end tables
