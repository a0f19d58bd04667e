r"""The three-dimensional weak-localization kernel K of two mixed modes, for JAX.

A Zeeman energy mixes the singlet with a triplet: their dephasing fields become m +- sqrt(s), real
in weak fields, complex conjugates in strong ones, and equal in between.  What enters are

    [K(B, m + sqrt(s)) - K(B, m - sqrt(s))]/(2 sqrt(s)),
    [K(B, m + sqrt(s)) + K(B, m - sqrt(s))]/2,

with K of the module `kawabata`, and both are smooth in s.  They are the odd and the even part of
K at the number m + e with e^2 = s (`pair_numbers`).  With p = (m + e)/2, as in
`kawabata_complex` and by its tables,

    |B| <= |p|:  K = t^2 sqrt(2 p) W(t),    t = |B|/p,
    |B| > |p|:   K = sqrt(|B|) S(v),        v = sqrt(p/|B|),

    sqrt(m + e) = R/2 + e/R,    R = sqrt(2 m + 2 Q),    Q = sqrt(m^2 - s),

where Q, the geometric mean of the poles, stands for 2 |p|.  Nothing cancels at s = 0, and s may be
differentiated there.  Two real poles may lie on both sides of |B| = |p|; the tables hold beyond
their end up to a ratio of 1.25, and poles that are further apart are simply subtracted.  So are
poles of a ratio above 2, unless the field is strong for both: the norm of a table's denominator
would lose the smaller one.

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.kawabata import kawabata
from numerics.kernels.kawabata_complex import _KAWABATA_COMPLEX_TABLES
from numerics.kernels.pair_numbers import PairNumber, pair_branches, pair_where
from numerics.kernels.rational import KernelFunction, as_floats


@jax.jit
def kawabata_pair(B: ArrayLike, m: ArrayLike, d: ArrayLike) -> Array:
    """[K(B, m + sqrt(s)) - K(B, m - sqrt(s))]/(2 sqrt(s)), K = `kawabata`, s = m^2 - d.

    Parameters
    ----------
    B : magnetic field, of either sign, any shape; the function is even in B.
    m : mean of the two dephasing fields, in the unit of B, m > 0.
    d : their product, d > 0, in its square; all broadcast.  m^2 - d would lose the smaller one.

    Returns
    -------
    Array of the broadcast shape, in the unit of B^(-1/2), negative, float32 or float64 as the
    arguments are; integers count as the default float.

    Notes
    -----
    Relative error in float64 for 1e-8 <= m/|B| <= 1e8 and -1e6 <= s/m^2 <= 1 - 1e-12: at most
    1e-14 for the value, 5e-14 for the first derivatives in m and d, 5e-13 for the second ones.
    Of a derivative in B, and in B and a dephasing field, it is at most 1e-14 and 5e-9 of the value
    over these fields; in strong fields they are smaller than that.  In float32, with fields of
    order one: 1e-5, 1e-4 and 1e-3.

    Limits: 0 at B = 0; dK/dB_phi at d = m^2.  NaN if an argument is NaN or infinite,
    m <= 0 or d < 0.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _of_kawabata_pair(*as_floats("kawabata_pair", B, m, d)).odd


@jax.jit
def kawabata_mean(B: ArrayLike, m: ArrayLike, d: ArrayLike) -> Array:
    """[K(B, m + sqrt(s)) + K(B, m - sqrt(s))]/2, in the unit of B^(1/2), as in `kawabata_pair`.

    It changes sign where the poles are complex, in weak fields at d = 4 m^2; next to it the error
    is relative to the rounding of d/m^2.
    """
    return _of_kawabata_pair(*as_floats("kawabata_mean", B, m, d)).even


@partial(jax.jit, static_argnames=("i", "j", "k"))
def kawabata_pair_derivative(
    B: ArrayLike, m: ArrayLike, d: ArrayLike, i: int, j: int, k: int
) -> Array:
    """`kawabata_pair` as a function of B, m and s = m^2 - d, differentiated i, j, k times.

    The orders are Python integers (static).  Arguments and accuracy as in `kawabata_pair`.
    """
    at = as_floats("kawabata_pair_derivative", B, m, d)
    return _derivative(lambda *fields: _of_kawabata_pair(*fields).odd, (i, j, k))(*at)


@partial(jax.jit, static_argnames=("i", "j", "k"))
def kawabata_mean_derivative(
    B: ArrayLike, m: ArrayLike, d: ArrayLike, i: int, j: int, k: int
) -> Array:
    """`kawabata_mean` as a function of B, m and s = m^2 - d, differentiated i, j, k times."""
    at = as_floats("kawabata_mean_derivative", B, m, d)
    return _derivative(lambda *fields: _of_kawabata_pair(*fields).even, (i, j, k))(*at)


def _derivative(function: KernelFunction, orders: tuple[int, int, int]) -> KernelFunction:
    """Differentiate along B, along m with s kept, where d = m^2 - s, and along s."""
    for direction, order in enumerate(orders):
        for _ in range(order):
            function = _along(function, direction)
    return function


def _along(function: KernelFunction, direction: int) -> KernelFunction:
    def derivative(B: Array, m: Array, d: Array) -> Array:
        one, zero = jnp.ones_like(m), jnp.zeros_like(m)
        tangent = ((one, zero, zero), (zero, one, 2 * m), (zero, zero, -one))[direction]
        return jax.jvp(function, (B, m, d), tangent)[1]

    return derivative


# How far beyond |B| = |p| the tables are used for one of two poles, where they still hold.
_TABLE_MARGIN = 1.25


def _of_kawabata_pair(B: Array, m: Array, d: Array) -> PairNumber:
    """K at m + e, e^2 = m^2 - d."""
    m = jnp.where(m > 0, m, jnp.nan)
    Q, s = jnp.sqrt(d), m * m - d
    apart = s > 0.04 * m * m
    high = m + jnp.sqrt(jnp.where(apart, s, m * m))
    low = jnp.where(apart, d / high, 0.5 * m)
    edge = 2 * jnp.abs(B)
    across = (low < edge) & (high > edge) & (high > _TABLE_MARGIN * Q)
    apart &= across | ((high > 2 * low) & (high > 0.3 * edge))
    upper, lower = kawabata(B, high), kawabata(B, low)
    direct = PairNumber(0.5 * (upper + lower), (upper - lower) / (high - low), s)
    return pair_where(apart, direct, _by_tables(B, m, Q, s))


def _by_tables(B: Array, m: Array, Q: Array, s: Array) -> PairNumber:
    size = jnp.abs(B)
    weak = 2 * size <= Q
    # each regime has a harmless field where the other one holds: no slope may be infinite there
    weak_size, strong_size = jnp.where(weak, size, 0.5 * Q), jnp.where(weak, Q, size)
    root = jnp.sqrt(2 * (m + Q))
    P = PairNumber(0.5 * root, 1 / root, s)  # sqrt(2 p)
    inverse = PairNumber(2 * m / Q / Q, -2 / Q / Q, s)  # 1/p
    variable = pair_where(weak, inverse.times(weak_size), P.times(jnp.sqrt(0.5 / strong_size)))
    table = pair_branches(_KAWABATA_COMPLEX_TABLES, ("value_weak", "value_strong"), weak, variable)
    # B, not |B|, for the second derivative at B = 0 to be that of its square
    t = inverse.times(jnp.where(weak, B, 0))
    one = PairNumber(jnp.ones_like(m), jnp.zeros_like(m), s)
    return table * pair_where(weak, t * t * P, one.times(jnp.sqrt(strong_size)))
