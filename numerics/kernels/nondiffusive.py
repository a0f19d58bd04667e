r"""Two-dimensional weak localization at any ratio of the field to the transport field, for JAX.

In units of e^2/(pi h), with b = |B|/B_tr, s = 1 + B_phi/B_tr and P_N, Q_N the elements (N, N) and
(N, N + 1) of the inverse of s + i (b/2)^(1/2) (a + a^+),

.. math:: \sigma_a = -b \sum_N \frac{P_N^3}{1 - P_N}, \qquad
          \sigma_b = \frac b2 \sum_N \Big[\frac{P_N}{1 - P_N}
                     + \frac{P_{N+1}}{1 - P_{N+1}}\Big] Q_N^2,

minus their values without a field: backscattering and scattering into other directions.  In weak
fields 1/b levels count, in strong ones P_N^3 falls off as N^(-3/2) only, and what is asked for is
a small difference of divergent sums.  None of these is met here:

* 32 levels one by one.  The elements are continued fractions of positive terms, and so is
  1/P_N - 1.  From above, the fraction starts with a series; from below, at the lowest level.
* The others, v = b (N + 1/2) >= 32 b, by the integral over v and what the sum differs by from
  it, a functional of the summand at the edge: Euler and Maclaurin's series applied to the
  polynomial through 14 points.  The summand is a series in w = (b p^2)^2,
  p = (s^2 + 2 v)^(-1/2), with polynomials in c = s p as coefficients (`cooperon.flight_series`).
  Its first term is integrated in closed form, with that of the zero field; the others over
  z = -ln(1 - p), where the pole at P = 1 has become an exponential.
* In fields b < B_phi/(30 B_tr) the series holds from v = 0 on.  All terms are even powers of B by
  themselves, so that B = 0 is no exception.
* For b > 0.15 pairs reach the far end of their orbit: P_N gets a part (-1)^N exp(-Lambda), which
  makes the sum a smooth and an alternating one; the latter is its edge.

No step is complex or a series of derivatives: XLA takes minutes to compile such a kernel.

This file depends on jax and numpy alone.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import xlogy
from jax.typing import ArrayLike

from numerics.kernels.rational import KernelFunction, as_floats

CERTIFIED = ("float64", "float32")

_FLIGHT_LEVELS = 32
# in weaker fields, relative to B_phi, the series holds on all levels
_FLIGHT_WEAK = 30.0
# exp(-Lambda) < 1e-18 on the 32nd level in weaker fields, relative to B_tr
_FLIGHT_UNCROSSED = 0.15
# where the smooth part of exp(-Lambda) ends
_FLIGHT_CROSSED_END = 40.0
_FLIGHT_BULK = np.polynomial.legendre.leggauss(20)
_FLIGHT_CROSSED = np.polynomial.legendre.leggauss(24)


@jax.jit
def nondiffusive(B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike) -> Array:
    r"""[sigma(B) - sigma(0)]/(e^2/(pi h)) of isotropic scatterers, all directions.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, B_phi >= 0.
    B_tr : transport field hbar/(2 e l^2) in that unit, B_tr > 0.  All three broadcast.

    Returns
    -------
    Array of the broadcast shape, dimensionless, float32 or float64 as the arguments are.

    Notes
    -----
    Even in B and homogeneous of degree 0, smooth at B = 0, where it is 0.  `hikami` for
    B, B_phi << B_tr.  For 1e-6 <= |B|/B_tr <= 1e6 and 1e-6 <= B_phi/B_tr <= 10 the error is below
    4e-15 of the larger of the value and 1 in float64, 4e-6 in float32; in weak fields, where the
    value is of the order of (B/B_phi)^2, its relative error in float64 is 1e-15 B_phi/|B|.
    Gradient and Hessian, forward and reverse, by differentiation of the formulas, with errors of
    the same order.

    +inf at B_phi = 0 with B != 0 (backscattering diverges); NaN for B_phi < 0, B_tr <= 0 and
    infinite arguments: without a transport field use `hikami`.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _nondiffusive(*as_floats("nondiffusive", B, B_phi, B_tr), back=1.0, other=1.0)


@jax.jit
def backscattering(B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike) -> Array:
    """The part sigma_a of `nondiffusive`, with the same arguments and accuracy."""
    return _nondiffusive(*as_floats("backscattering", B, B_phi, B_tr), back=1.0, other=0.0)


@jax.jit
def nonbackscattering(B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike) -> Array:
    """The part sigma_b of `nondiffusive`, with the same arguments; finite at B_phi = 0."""
    return _nondiffusive(*as_floats("nonbackscattering", B, B_phi, B_tr), back=0.0, other=1.0)


def nondiffusive_derivative(
    B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike, i: int, j: int, k: int
) -> Array:
    """Derivative of `nondiffusive`, of the orders i, j, k (static) in B, B_phi and B_tr.

    Raises
    ------
    NotImplementedError : if i + j + k > 2 (`jax.grad` differentiates further).
    """
    return _flight_derivative(nondiffusive, (B, B_phi, B_tr), (i, j, k))


def backscattering_derivative(
    B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike, i: int, j: int, k: int
) -> Array:
    """Derivative of `backscattering`, see `nondiffusive_derivative`."""
    return _flight_derivative(backscattering, (B, B_phi, B_tr), (i, j, k))


def nonbackscattering_derivative(
    B: ArrayLike, B_phi: ArrayLike, B_tr: ArrayLike, i: int, j: int, k: int
) -> Array:
    """Derivative of `nonbackscattering`, see `nondiffusive_derivative`."""
    return _flight_derivative(nonbackscattering, (B, B_phi, B_tr), (i, j, k))


class _Flight(NamedTuple):
    """Fields in units of B_tr with an axis of length 1 for levels or nodes; shares of the parts."""

    b: Array
    beta: Array
    back: float
    other: float

    @property
    def s(self) -> Array:
        return 1 + self.beta


class _OnLevel(NamedTuple):
    """At v: p, P/p - 1, and the mean of Q_N^2 and Q_{N-1}^2 over p^2 without and with a field."""

    p: Array
    excess: Array
    leading: Array
    squares: Array


def _nondiffusive(B: Array, B_phi: Array, B_tr: Array, *, back: float, other: float) -> Array:
    b, beta = (field[..., None] / B_tr[..., None] for field in (B, B_phi))
    valid = (beta >= 0) & (B_tr[..., None] > 0) & jnp.isfinite(b + beta + B_tr[..., None])
    valid |= ((B == 0) & (B_phi >= 0) & (B_tr > 0))[..., None]
    at_rest = (b == 0) & ~(beta > 0)
    beta = jnp.where(valid & ~at_rest & jnp.isfinite(beta), beta, 1)
    b = jnp.where(valid, b, 0)
    is_weak = _FLIGHT_WEAK * jnp.abs(b) <= beta
    # even in b of either sign in weak fields, which keeps second derivatives at B = 0
    weak = _Flight(jnp.where(is_weak, b, 0), beta, back, other)
    strong = _Flight(jnp.where(is_weak, 1, jnp.abs(b)), beta, back, other)
    at = _Flight(jnp.where(is_weak, weak.b, strong.b), beta, back, other)
    start = jnp.where(is_weak, 0, _FLIGHT_LEVELS * strong.b)
    total = _flight_tail(at, start)
    levels = _flight_levels(strong) + _flight_without_field(strong) + _flight_crossing(strong)
    total = total + jnp.where(is_weak, 0, levels)
    return jnp.where(valid, total, jnp.nan)[..., 0]


def _flight_levels(at: _Flight) -> Array:
    """The sum over the levels N < 32 one by one."""
    half, s = at.b / 2, at.s
    n = jnp.arange(_FLIGHT_LEVELS, dtype=at.b.dtype)
    start = _FLIGHT_LEVELS * at.b
    top = 2 * _flight_off_diagonal(at, start) / (start * _flight_diagonal(at, start - half))

    def next_fraction(fraction: Array, level: Array) -> tuple[Array, Array]:
        return 1 / (s + half * level * fraction), fraction

    _, above = lax.scan(next_fraction, top, n[::-1] + 1)
    _, below = lax.scan(next_fraction, jnp.zeros_like(s), n)
    above, below = (jnp.moveaxis(part[..., 0], 0, -1) for part in (above[::-1], below))
    gap = at.beta + half * (n * below + (n + 1) * above)
    P = 1 / (1 + gap)
    Q = half * (n + 1) * (above * P) ** 2
    before = jnp.concatenate([jnp.zeros_like(s), Q[..., :-1]], axis=-1)
    terms = (at.other * (Q + before) / 2 - at.back * P**2) / gap
    return at.b * jnp.sum(terms, axis=-1, keepdims=True)


def _flight_without_field(at: _Flight) -> Array:
    """The integral over v from the 32nd level on without a field, minus that from v = 0."""
    s, v = at.s, _FLIGHT_LEVELS * at.b
    p = 1 / jnp.sqrt(s**2 + 2 * v)
    # of 1 - p and of 1 - 1/s = B_phi/(s B_tr), which may vanish
    rest, ratio = jnp.log(_flight_gap(at, p, v) * p * s), jnp.log((1 + s * p) / 2)
    back = rest - jnp.log(at.beta)
    other = (at.beta * rest - xlogy(at.beta, at.beta) + 2 * ratio) / (1 + s)
    return (at.back * back if at.back else 0) + at.other * other


def _flight_tail(at: _Flight, start: Array) -> Array:
    """The sum over levels v > start, but for the integral over v without a field."""
    p = 1 / jnp.sqrt(at.s**2 + 2 * start)
    end = jnp.log1p(1 / _flight_gap(at, p, start))
    nodes, weights = (jnp.asarray(part, p.dtype) / 2 for part in _FLIGHT_BULK)
    z, v = end * (nodes + 0.5), _flight_about(at, start)
    size = z.shape[-1]
    # one call for the integral and its edge: every call is compiled anew
    on = _flight_on_level(at, _flight_joined(-jnp.expm1(-z), 1 / jnp.sqrt(at.s**2 + 2 * v)))
    x = on.excess
    square = at.other * on.squares - at.back * (1 + x) ** 2
    change = at.other * (on.squares - on.leading) - at.back * x * (2 + x)
    bulk = (x * square)[..., :size] / (jnp.exp(-z) - (on.p * x)[..., :size])
    gap = _flight_gap(at, on.p[..., size:], v) - x[..., size:]
    edge = (on.p**2 * square * (1 + x))[..., size:] / gap
    total = end * _flight_weighted(weights, bulk + change[..., :size])
    return total + at.b * _flight_odd(edge)


def _flight_crossing(at: _Flight) -> Array:
    """What the part (-1)^N exp(-Lambda) adds on the levels from the 32nd on."""
    is_crossed = at.b > _FLIGHT_UNCROSSED
    at = at._replace(b=jnp.where(is_crossed, at.b, 1))
    start = _FLIGHT_LEVELS * at.b
    p = 1 / jnp.sqrt(at.s**2 + 2 * start)
    end = jnp.log(jnp.maximum(_FLIGHT_CROSSED_END * at.b * p / (2 * at.s), 1))
    end = lax.stop_gradient(end)
    nodes, weights = (jnp.asarray(part, p.dtype) / 2 for part in _FLIGHT_CROSSED)
    below = p * jnp.exp(-end * (nodes + 0.5))
    size = below.shape[-1]
    v = _flight_joined((1 / below**2 - at.s**2) / 2, _flight_about(at, start))
    even, odd = _flight_crossed(at, v)
    total = end * _flight_weighted(weights, even[..., :size] / below**2)
    total += at.b * _flight_odd(even[..., size:])
    # 32 is even: the sum starts with a positive sign
    total += at.b * _flight_even(odd[..., size:])
    return jnp.where(is_crossed, total, 0)


def _flight_about(at: _Flight, start: Array) -> Array:
    """v at the nodes on both sides of the first level that is not summed."""
    nodes = jnp.asarray(_LEVEL_NODES, at.b.dtype)
    return start + at.b * jnp.concatenate([nodes, -nodes])


def _flight_odd(values: Array) -> Array:
    """Sum minus integral, in units of the spacing, of what has these values at the nodes."""
    above, below = jnp.split(values, 2, axis=-1)
    return _flight_weighted(jnp.asarray(_LEVEL_WEIGHTS, values.dtype), above - below)


def _flight_even(values: Array) -> Array:
    """The sum with alternating signs of what has these values at the nodes."""
    above, below = jnp.split(values, 2, axis=-1)
    return _flight_weighted(jnp.asarray(_LEVEL_ALTERNATING_WEIGHTS, values.dtype), above + below)


def _flight_joined(first: Array, second: Array) -> Array:
    shape = jnp.broadcast_shapes(first.shape[:-1], second.shape[:-1])
    parts = (jnp.broadcast_to(part, (*shape, part.shape[-1])) for part in (first, second))
    return jnp.concatenate(list(parts), axis=-1)


def _flight_weighted(weights: Array, values: Array) -> Array:
    return jnp.sum(weights * values, axis=-1, keepdims=True)


def _flight_crossed(at: _Flight, v: Array) -> tuple[Array, Array]:
    """Even and odd part of the summand in (-1)^N, the even one without its smooth part."""
    half, s = at.b / 2, at.s
    p = 1 / jnp.sqrt(s**2 + 2 * v)
    P, T = _flight_diagonal(at, v), _flight_off_diagonal(at, v + half)
    root = jnp.sqrt(2 * v)
    action = s / p + root**2 * jnp.log((s + 1 / p) / root)
    action += 4 * v * _flight_series("action", s * p, (at.b / (2 * v)) ** 2)
    crossed = jnp.exp(-action / at.b)

    def summand(x: Array | float) -> Array:
        P_N, T_N = P * (1 + x), T * (1 + x)
        squares = T_N**2 / (v + half) + (1 - s * P_N - T_N) ** 2 / (v - half)
        return P_N / (1 - P_N) * (at.other * squares - at.back * P_N**2)

    plus, minus = summand(crossed), summand(-crossed)
    return (plus + minus) / 2 - summand(0.0), (plus - minus) / 2


def _flight_on_level(at: _Flight, p: Array) -> _OnLevel:
    c, w = at.s * p, (at.b * p**2) ** 2
    leading = (1 - c) / (1 + c)
    change = _flight_series("squares", c, w) + _flight_series("lowest", 1 / (1 + c), w)
    return _OnLevel(p, _flight_series("diagonal", c, w), leading, leading + change)


def _flight_diagonal(at: _Flight, v: Array) -> Array:
    """P_N at v = b (N + 1/2)."""
    p = 1 / jnp.sqrt(at.s**2 + 2 * v)
    return p * (1 + _flight_series("diagonal", at.s * p, (at.b * p**2) ** 2))


def _flight_off_diagonal(at: _Flight, v: Array) -> Array:
    """T_N = (b (N + 1)/2)^(1/2) Q_N at v = b (N + 1)."""
    p = 1 / jnp.sqrt(at.s**2 + 2 * v)
    c = at.s * p
    # 1 - c without a difference, for v << 1
    return v * p**2 / (1 + c) - _flight_series("remainder", c, (at.b * p**2) ** 2) / 2


def _flight_gap(at: _Flight, p: Array, v: Array) -> Array:
    """1/p - 1, also for s close to 1 and small v."""
    return (at.beta * (2 + at.beta) + 2 * v) * p / (1 + p)


def _flight_series(name: str, x: Array, w: Array) -> Array:
    """The powers 1 to 4 of w, with powers of x by doubling, which compile faster than Horner's."""
    rows = _FLIGHT_SERIES[name]
    size = max(len(row) for row in rows)
    powers, step = jnp.ones_like(x)[..., None], x[..., None]
    while powers.shape[-1] < size:
        powers = jnp.concatenate([powers, powers * step], axis=-1)
        step = step * step
    padded = [row + (0.0,) * (powers.shape[-1] - len(row)) for row in rows]
    coefficients = powers @ jnp.asarray(padded, x.dtype).T
    orders = jnp.stack([w, w * w, w**3, w**4], axis=-1)
    return jnp.sum(coefficients * orders, axis=-1)


@partial(jax.jit, static_argnums=(0, 2))
def _flight_derivative(
    function: KernelFunction, fields: tuple[ArrayLike, ...], orders: tuple[int, ...]
) -> Array:
    if min(orders) < 0 or sum(orders) > 2:
        raise NotImplementedError(
            f"derivatives are covered up to the second order, but got the orders {orders}; apply "
            "jax.grad to a lower order instead."
        )
    differentiated: KernelFunction = function
    for position, order in enumerate(orders):
        for _ in range(order):
            differentiated = partial(_flight_slope, differentiated, position)
    result: Array = differentiated(*as_floats("nondiffusive_derivative", *fields))
    return result


def _flight_slope(function: KernelFunction, position: int, *fields: Array) -> Array:
    def of_one(x: Array) -> Array:
        value: Array = function(*fields[:position], x, *fields[position + 1 :])
        return value

    x = fields[position]
    slope: Array = jax.jvp(of_one, (x,), (jnp.ones_like(x),))[1]
    return slope


# begin tables: written by `python -m numerics.nondiffusive_tables --write`
# fmt: off
_FLIGHT_SERIES = {
    "diagonal": (
        (-0.25, 0.0, 0.625),
        (0.65625, 0.0, -7.21875, 0.0, 9.0234375),
        (
            -5.2421875, 0.0, 139.08984375, 0.0, -498.544921875, 0.0, 415.4541015625
        ),
        (
            88.04833984375, 0.0, -4304.1044921875, 0.0, 30210.041748046875, 0.0,
            -63543.704833984375, 0.0, 39714.815521240234
        ),
    ),
    "remainder": (
        (0.0, -0.625, 0.0, 0.625),
        (0.0, 3.1171875, 0.0, -12.140625, 0.0, 9.0234375),
        (
            0.0, -38.4033203125, 0.0, 341.4404296875, 0.0, -718.4912109375, 0.0, 415.4541015625
        ),
        (
            0.0, 876.3855895996094, 0.0, -14065.792114257812, 0.0, 57739.06915283203, 0.0,
            -84264.47814941406, 0.0, 39714.815521240234
        ),
    ),
    "squares": (
        (0.0, 1.25, -1.25),
        (0.0, 3.609375, -5.875, 18.046875, -18.4375),
        (
            0.0, -5.306640625, 14.671875, -166.181640625, 105.0, 830.908203125, -842.1875
        ),
        (
            0.0, 165.73651123046875, -365.0703125, 4868.676940917969, -2787.2109375,
            -47657.77862548828, 43814.8046875, 79429.63104248047, -80030.37109375
        ),
    ),
    "lowest": (
        (-1.0, 0.75, 0.75, 0.5),
        (-1.0, 0.546875, 0.546875, 0.46875, 0.3125, 0.125),
        (
            -1.0, 0.451171875, 0.451171875, 0.41015625, 0.328125, 0.21875, 0.109375, 0.03125
        ),
        (
            -1.0, 0.39276123046875, 0.39276123046875, 0.3665771484375, 0.314208984375,
            0.24169921875, 0.1611328125, 0.087890625, 0.03515625, 0.0078125
        ),
    ),
    "action": (
        (0.0, 0.25, 0.0, -0.20833333333333334),
        (
            0.0, -0.59375, 0.0, 2.6979166666666665, 0.0, -4.6078125, 0.0, 3.453125, 0.0,
            -0.9592013888888888
        ),
        (
            0.0, 4.9296875, 0.0, -51.498697916666664, 0.0, 210.798046875, 0.0,
            -453.43038504464283, 0.0, 563.7256944444445, 0.0, -409.318359375, 0.0,
            161.767578125, 0.0, -26.961263020833332
        ),
        (
            0.0, -85.11572265625, 0.0, 1577.0520833333333, 0.0, -11266.308544921874, 0.0,
            43714.37873186384, 0.0, -105154.01952107747, 0.0, 166563.02252197266, 0.0,
            -177710.75289916992, 0.0, 126939.37014160157, 0.0, -58364.392181396484, 0.0,
            15649.798889160156, 0.0, -1863.07129632859
        ),
    ),
}
_LEVEL_NODES = (
    3.9748488395729704, 3.7755333212334703, 3.3868967969131365, 2.8284271247461903,
    2.1281283060613463, 1.3211162478206684, 0.4478579044132314
)
_LEVEL_WEIGHTS = (
    0.0002400453530061444, -0.0007817274682682062, 0.0015498930807368006, -0.002894849291331108,
    0.005851943425626594, -0.014912678453278328, 0.07372174258903211
)
_LEVEL_ALTERNATING_WEIGHTS = (
    0.03615126100929569, -0.10978764068324581, 0.18735880570900668, -0.2709946909121105,
    0.36072057130066604, -0.4485766162169967, 0.49512830979338457
)
# fmt: on
# end tables
