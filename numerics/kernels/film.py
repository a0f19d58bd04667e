r"""The weak-localization kernel of a film of finite thickness for JAX.

.. math:: F(B, B_\phi, B_t) = \sum_{m\ge0} \Psi\left(\frac{B_\phi + m^2 B_t}{|B|}\right),
          \qquad \Psi(x) = \psi\left(\tfrac12 + x\right) - \ln x,

the sum of the function of `hikami` over the modes across the film.  It takes some 10^5 sqrt(B/B_t)
terms as it stands, and cancels if it is taken as an integral and corrections.  Two forms, each
a sum of few functions that have kernels of their own, cover everything:

* B_t >= |B|/100 and B_phi < 49 B_t: eight terms and a Gauss rule of twelve nodes for the
  others (`numerics.gauss_sums`), all with positive weights.  They are 1e-18 apart;
* else, by Poisson's formula,

      F = Psi(B_phi/|B|)/2 + (pi/2) K(B, B_phi)/sqrt(B_t) - ln(1 - exp(-2 y)),

  with K of `kawabata`, half of it for either surface, and y = pi sqrt(B_phi/B_t), the thickness
  in units of L_phi.  The logarithm is what is left of the windings around the film: it is that of
  zero field, and the windings of a loop in the field are below exp(-2 pi sqrt(|B|/2 B_t)) =
  exp(-44).  For B_phi > 49 B_t both are below exp(-44), and cancel in weak fields.

Derivatives are the same sums of the derivatives; in B_phi and B_t, the poles at B_phi = 0 of K
and of the logarithm cancel, so for y < 1 that one is taken from

      F = (psi(1/2 + x) - ln x)/2 - ln(2 sinh y) - (pi/2) sqrt(|B|/B_t) zeta(1/2, 1/2 + x).

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.hikami import hikami, hikami_derivative
from numerics.kernels.hurwitz import hurwitz_zeta
from numerics.kernels.hyperbolic import langevin, x_coth
from numerics.kernels.kawabata import kawabata, kawabata_derivative
from numerics.kernels.rational import KernelFunction, as_floats, set_derivatives

_PI_HALF = 1.5707963267948966
_FILM_THICK = 0.01
_FILM_WIDE = 49.0


@jax.jit
def film(B: ArrayLike, B_phi: ArrayLike, B_t: ArrayLike) -> Array:
    r"""Sum over m >= 0 of psi(1/2 + x_m) - ln x_m, x_m = (B_phi + m^2 B_t)/\|B\|.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape; F is even in it.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, B_phi >= 0.
    B_t : hbar pi^2/(4 e t^2) for the thickness t, in the unit of B, B_t > 0.  All broadcast.

    Returns
    -------
    Array of the broadcast shape, dimensionless, float32 or float64 as the arguments are.

    Notes
    -----
    Relative error of the value and of each first and second derivative for
    1e-6 <= B_phi/|B| <= 1e6 and 1e-8 <= B_t/|B| <= 1e8: at most 1e-14 in float64, of the
    value 5e-6 in float32, but next to the sign change of d2F/dB2, where it is relative to the
    rounding of the ratios.  Fields in float32 should be of order one, their squares must not
    overflow.

    Limits: 0 at B = 0 and at B_phi = inf; `hikami` for B_t = inf; inf at |B| = inf, and at
    B_phi = 0 or B_t = 0 with B != 0, where derivatives are infinite or NaN.  NaN if an
    argument is NaN, or B_phi or B_t is negative.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _FILM_DERIVATIVES[0, 0, 0](*as_floats("film", B, B_phi, B_t))


@partial(jax.jit, static_argnames=("k", "m", "n"))
def film_derivative(
    B: ArrayLike, B_phi: ArrayLike, B_t: ArrayLike, k: int, m: int, n: int
) -> Array:
    """Partial derivative of `film`, k times in B, m times in B_phi, n times in B_t.

    Units: 1/field^(k + m + n).  The orders are Python integers (static), k + m + n <= 2.
    Arguments, accuracy and limits as in `film`; odd in B for odd k.

    Raises
    ------
    NotImplementedError : if k + m + n > 2 (`jax.grad` differentiates further).
    """
    if (k, m, n) not in _FILM_DERIVATIVES:
        raise NotImplementedError(
            "film_derivative covers orders k, m, n >= 0 with k + m + n <= 2, but got "
            f"({k}, {m}, {n}); apply jax.grad to a lower order instead."
        )
    return _FILM_DERIVATIVES[k, m, n](*as_floats("film_derivative", B, B_phi, B_t))


class _Film(NamedTuple):
    """The three fields, each harmless where it belongs to the other form."""

    thin: Array
    wide: Array  # B_phi >= 49 B_t
    vanishes: Array  # B_t = 0
    B_t: Array


def _film_regime(B: Array, B_phi: Array, B_t: Array) -> _Film:
    largest = jnp.finfo(B_t.dtype).max / (4 * _FILM_SQUARES[-1])
    B_t = jnp.where((B_t >= 0) & (B_phi >= 0), jnp.minimum(B_t, largest), jnp.nan)
    vanishes = B_t < jnp.finfo(B_t.dtype).tiny
    B_t = jnp.where(vanishes, 1, B_t)
    wide = B_phi / _FILM_WIDE >= B_t
    return _Film((B_t >= _FILM_THICK * jnp.abs(B)) & ~wide, wide, vanishes, B_t)


def _film(k: int, m: int, n: int, B: Array, B_phi: Array, B_t: Array) -> Array:
    at = _film_regime(B, B_phi, B_t)
    over_modes = _over_film_modes(k, m, n, B, B_phi, at.B_t)
    value = jnp.where(at.thin, over_modes, _in_thick_film(k, m, n, B, B_phi, at))
    endless = jnp.where(B == 0, 0, jnp.inf) if k == m == n == 0 else jnp.nan
    return jnp.where(at.vanishes, endless, value)


def _over_film_modes(k: int, m: int, n: int, B: Array, B_phi: Array, B_t: Array) -> Array:
    shape = (-1, *[1] * B.ndim)
    squares, weights = (
        jnp.array(a, B.dtype).reshape(shape) for a in (_FILM_SQUARES, _FILM_WEIGHTS)
    )
    terms = _hikami_of_order(k, m + n)(*jnp.broadcast_arrays(B, B_phi + squares * B_t))
    return jnp.sum(weights * squares**n * terms, axis=0)


def _in_thick_film(k: int, m: int, n: int, B: Array, B_phi: Array, at: _Film) -> Array:
    """Both surfaces, the bulk, and the windings without a field."""
    power = _PI_HALF / jnp.sqrt(at.B_t) * (1, -0.5 / at.B_t, 0.75 / at.B_t**2)[n]
    total = power * _kawabata_of_order(k, m)(B, B_phi)
    if n == 0:
        total = total + 0.5 * _hikami_of_order(k, m)(B, B_phi)
    if k == 0:
        near = ~at.wide & ~at.thin
        log = _film_windings(m, n, jnp.where(near, B_phi, 1), jnp.where(near, at.B_t, 1))
        total = total + jnp.where(near, log, 0)
        if (m, n) == (1, 1):
            narrow = near & (B_phi * _PI_HALF**2 * 4 < at.B_t)
            mixed = _mixed_in_narrow_film(
                *(jnp.where(narrow, a, 1) for a in (jnp.abs(B), B_phi, at.B_t))
            )
            total = jnp.where(narrow, mixed, total)
    return total


def _film_windings(m: int, n: int, B_phi: Array, B_t: Array) -> Array:
    """Derivative of -ln(1 - exp(-2 y)), y = pi sqrt(B_phi/B_t)."""
    y = 2 * _PI_HALF * jnp.sqrt(B_phi / B_t)
    if m == n == 0:
        return -jnp.log(-jnp.expm1(-2 * y))
    vanishes = y == 0
    h = jnp.where(vanishes, 1, 2 * y / jnp.expm1(2 * jnp.where(vanishes, 1, y)))
    # -d ln h / d ln y
    g = y * (1 + langevin(y))
    return (
        h
        * {
            (1, 0): -0.5 / B_phi,
            (0, 1): 0.5 / B_t,
            (2, 0): (2 + g) / (2 * B_phi) ** 2,
            (1, 1): -g / (4 * B_phi * B_t),
            (0, 2): (g - 2) / (2 * B_t) ** 2,
        }[m, n]
    )


def _mixed_in_narrow_film(b: Array, B_phi: Array, B_t: Array) -> Array:
    y = 2 * _PI_HALF * jnp.sqrt(B_phi / B_t)
    # where it would be 0/0
    vanishes = y == 0
    slope = jnp.where(vanishes, 2 / 3, x_coth(y, 1) / jnp.where(vanishes, 1, y))
    bulk = hurwitz_zeta(1.5, 0.5 + B_phi / b)
    return (_PI_HALF**2 * slope - 0.25 * _PI_HALF * jnp.sqrt(B_t / b) * bulk) / B_t**2


def _hikami_of_order(k: int, n: int) -> KernelFunction:
    return hikami if k == n == 0 else partial(hikami_derivative, m=k, n=n)


def _kawabata_of_order(k: int, n: int) -> KernelFunction:
    return kawabata if k == n == 0 else partial(kawabata_derivative, m=k, n=n)


_FILM_DERIVATIVES: dict[tuple[int, int, int], KernelFunction] = {
    order: partial(_film, *order)
    for order in ((2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1), (0, 1, 1))
}
for _k, _m, _n in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 0)):
    _film_order = jax.custom_jvp(partial(_film, _k, _m, _n))
    set_derivatives(
        _film_order,
        _FILM_DERIVATIVES[_k + 1, _m, _n],
        _FILM_DERIVATIVES[_k, _m + 1, _n],
        _FILM_DERIVATIVES[_k, _m, _n + 1],
    )
    _FILM_DERIVATIVES[_k, _m, _n] = _film_order


# begin tables: written by `python -m numerics.gauss_sums --write`
# fmt: off
_FILM_SQUARES = (
    0.0, 1.0, 4.0, 9.0,
    16.0, 25.0, 36.0, 49.0,
    64.00000000000257, 81.0000000292328, 100.00003327961444, 121.00701324592053,
    144.33156100496296, 173.1447439720862, 216.94748509757252, 291.8662830086363,
    432.32519167341724, 738.2037134154978, 1614.708119093701, 6351.596878895696,
)
_FILM_WEIGHTS = (
    1.0, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 1.0,
    1.0000000000017462, 1.0000000128478788, 1.0000100518219288, 1.0014336120148615,
    1.0422149687118436, 1.3009653550547422, 1.8966752148458896, 2.900710914780144,
    4.713096535063204, 8.592635307406303, 19.641245779194577, 79.25404201459646,
)
# fmt: on
# end tables
