r"""Mean phase factor of closed paths of a given duration in a wire with Nyquist noise, for JAX.

.. math:: f(x) = \sqrt{\pi x} \sum_n \frac{e^{-a_n x}}{a_n}, \qquad \mathrm{Ai}'(-a_n) = 0,

with the duration in units of tau_N.  As x -> 0 ever more modes count, but the same function is a
power series in x^(3/2) that converges everywhere, Ai(z)/Ai'(z) in powers of z^(-3/2) transformed
back term by term.  Below x = 2 the series is used, above it 24 modes are enough.  Derivatives are
sums of their own: that of x^(3/2) would be NaN at x = 0.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.rational import as_floats, horner, with_derivatives

_DECAY_CHANGE = 2.0
_DECAY_SQRT_PI = 1.7724538509055159


@jax.jit
def nyquist_decay(x: ArrayLike) -> Array:
    """<exp(i phi)> of closed paths of duration x tau_N, x >= 0; 1 at 0, 0 at infinity.

    Any shape, float32 or float64; NaN for x < 0.  The relative error of the value and of the first
    and second derivative is at most 4e-15 (float32: 2e-6) beside exp(-1.0188 x), whose error is x
    roundings.  The second derivative is -inf at x = 0, as it should be.
    """
    return _NYQUIST_DECAY(*as_floats("nyquist_decay", x))


def _decay_parts(x: Array) -> tuple[Array, Array, Array]:
    """x for the series, x for the modes, and whether the series is to be taken."""
    near = x < _DECAY_CHANGE
    return jnp.where(near, x, 1), jnp.where(near, _DECAY_CHANGE, x), near


def _decay_series(x: Array, derivative: int) -> Array:
    """Sum of c_j x^(3 j/2); for derivatives with their factors and without x^(3/2)."""
    first = 0 if derivative == 0 else 1
    coefficients = []
    for j, c in enumerate(_DECAY_COEFFICIENTS):
        factors = (1, 1.5 * j, 1.5 * j * (1.5 * j - 1))
        coefficients.append(c * factors[derivative])
    return horner(coefficients[first:], x * jnp.sqrt(x))


def _decay_modes(x: Array, power: int) -> Array:
    """sqrt(pi) times the sum of a_n^power exp(-a_n x)."""
    sizes = jnp.array(_DECAY_ZEROS, x.dtype)
    return _DECAY_SQRT_PI * jnp.sum(sizes**power * jnp.exp(-sizes * x[..., None]), axis=-1)


def _decay_value(x: Array) -> Array:
    small, large, near = _decay_parts(x)
    far = jnp.sqrt(large) * _decay_modes(large, -1)
    return _decay_valid(x, jnp.where(near, _decay_series(small, 0), far))


def _decay_slope(x: Array) -> Array:
    small, large, near = _decay_parts(x)
    root = jnp.sqrt(large)
    far = _decay_modes(large, -1) / (2 * root) - root * _decay_modes(large, 0)
    return _decay_valid(x, jnp.where(near, jnp.sqrt(small) * _decay_series(small, 1), far))


def _decay_curvature(x: Array) -> Array:
    small, large, near = _decay_parts(x)
    root = jnp.sqrt(large)
    far = root * _decay_modes(large, 1) - _decay_modes(large, 0) / root
    far -= _decay_modes(large, -1) / (4 * large * root)
    return _decay_valid(x, jnp.where(near, _decay_series(small, 2) / jnp.sqrt(small), far))


def _decay_valid(x: Array, value: Array) -> Array:
    at_infinity = jnp.where(x == jnp.inf, 0, value)
    return jnp.where(x < 0, jnp.nan, at_infinity)


_NYQUIST_DECAY, _, _ = with_derivatives(_decay_value, _decay_slope, _decay_curvature)

# fmt: off
# sqrt(pi) r_j/Gamma(1/2 + 3 j/2) with -Ai(z)/Ai'(z) = sum of r_j z^(-1/2 - 3 j/2)
_DECAY_COEFFICIENTS = (
    1.0, -0.443113462726379, 0.11666666666666667, -0.02423276749284885,
    0.004398148148148148, -0.0007284254514219446, 0.00011228581694267968, -1.627487970569038e-05,
    2.2322528018229734e-06, -2.911307350925983e-07, 3.624835878174362e-08, -4.32367738078923e-09,
    4.955798559571823e-10, -5.4732923737581535e-11, 5.838557971218685e-12, -6.028604659802143e-13,
    6.036908830926681e-14, -5.872792704121547e-15, 5.558753887695085e-16, -5.126467396296356e-17,
    4.612277872791097e-18, -4.0529222823863806e-19, 3.4820285334378885e-20, -2.9276906924170165e-21,
    2.411186529044423e-22, -1.9467190803152416e-23, 1.541949648627272e-24, -1.1990447417376587e-25,
    9.159704769397951e-27, -6.878154481846996e-28, 5.079874011084659e-29, -3.6919438320530406e-30,
    2.641768231176219e-31, -1.86198097128634e-32, 1.2932671651722492e-33, -8.85552914240147e-35,
    5.9803260060345835e-36, -3.984565405568481e-37, 2.6202097959226577e-38, -1.701122668043191e-39,
)
# a_n, the zeros of Ai' without their sign
_DECAY_ZEROS = (
    1.018792971647471, 3.2481975821798366, 4.820099211178736, 6.163307355639486,
    7.37217725504777, 8.488486734019721, 9.535449052433547, 10.527660396957407,
    11.475056633480245, 12.384788371845747, 13.26221896166521, 14.111501970462996,
    14.935937196720518, 15.738201373692538, 16.520503825433792, 17.28469505021644,
    18.032344622504393, 18.764798437665956, 19.48322165656723, 20.188631509463374,
    20.881922755516737, 21.563887723198974, 22.235232285348914, 22.89658873887462,
)
# fmt: on
