r"""Sum over Landau levels minus the integral without a field, of a rational function, for JAX.

.. math:: L = \lim_{N\to\infty} \Big[\sum_{n<N} b f(b n) - \int_0^{b N} g(u)\,du\Big],
          \qquad b = |B|,

with f(u) and g(u) ratios of polynomials of degree k - 1 and k that fall off as W/u alike; g is
what f becomes without a field.  For f = 1/(u + b/2 + B_phi), L is -psi(1/2 + B_phi/b)
+ ln(B_phi/b); in general L is a sum of digammas and logarithms of the roots of both
denominators.  Through the roots, derivatives would be infinite or NaN where two of them meet
or become complex, as they do along ordinary paths of parameters.  L itself is smooth there,
and so is every step here, none of which looks for a root:

* strong fields: 48 levels one by one, the others by Euler and Maclaurin's formula in its
  midpoint form, whose derivatives are Taylor coefficients from a division of power series;
* weak fields (all poles of f further than 40 levels from u = -b/2): the formula from the first
  level on.  What remains is of order (b/pole)^2 and must not be a difference of sums, so the
  caller gives f(v - b/2) - g(v) by its own coefficients, in which powers of b are explicit;
* the integral of f(u_0 + s) - g(s) over s > 0 by the trapezoidal rule in t, ln s being t within
  the range of the poles and doubly exponential outside.  The range and with it the step
  follow the coefficients; poles at the angle theta from the positive axis cost an error of
  exp(-2 pi theta/step).

48 and 40: poles at the angle 0.15 lie 6 levels or more from the axis where they are further
than 40 levels from its end, and Euler and Maclaurin's formula misses exp(-2 pi 6).

This file depends on jax alone.
"""

from __future__ import annotations

from functools import partial
from math import comb, log

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

_LEVEL_EXPLICIT = 48
_LEVEL_WEAK = 40.0
# -B_2j(1/2)/(2j) for j = 1, ..., 12, with Bernoulli polynomials
_LEVEL_MIDPOINT = (
    1 / 24,
    -7 / 960,
    31 / 8064,
    -127 / 30720,
    511 / 67584,
    -1414477 / 67092480,
    8191 / 98304,
    -118518239 / 267386880,
    5749691557 / 1882718208,
    -91546277357 / 3460300800,
    162912981133 / 578813952,
    -1982765468311237 / 549621596160,
)
_LEVEL_NODES = 512
_LEVEL_CHUNK = 64
# Beyond the outermost pole ln s runs to 40 more, where the integrand is below 1e-17, by 3.7 in t.
_LEVEL_MARGIN = 1.5
_LEVEL_TAIL = 3.7


@partial(jax.jit, static_argnums=1)
def level_sum(B: ArrayLike, degree: int, *coefficients: ArrayLike) -> Array:
    """The sum of |B| f(|B| n) over n >= 0 minus the integral of g(u) over u >= 0.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    degree : k, the degree of both denominators (static).
    coefficients : six rows of k numbers, real or complex, that broadcast against B: numerator
        and denominator of f, of g, and of f(v - |B|/2) minus those of g(v).  All from the highest
        power down; the leading 1 of the denominators is left out, so each row starts at
        the power k - 1.  Unit: the power of B that makes f and g inverse fields.

    Returns
    -------
    Array of the broadcast shape, dimensionless, complex if a coefficient is.

    Notes
    -----
    Both numerators start with the same W.  Where f(v - |B|/2) is a function of B^2, L is smooth
    at B = 0; where it also is g, L = 0 there.  A pole of g at u = 0 makes L infinite.
    Poles of g must not lie on the positive axis, where the integral does not exist: the result
    is then without meaning.

    Float64, absolute error relative to max(1, |L|), for k <= 3 and poles of f and g over five
    decades: 3e-14 for poles at 0.3 or more from the positive axis (in radians); 1e-11, 3e-10 and
    1e-9 over two, four and five decades at 0.2; 5e-9, 6e-8 and 2e-7 at 0.15, where the step of
    the integral is too long.  Relative error
    5e-11 at worst, where 48 terms cancel next to the weak fields, and 1e-15 in these.  Float32:
    1e-5; coefficients are products of k fields and must not underflow.

    Raises
    ------
    TypeError : if the number of coefficients is not 6 k, or B is complex.
    """
    if len(coefficients) != 6 * degree:
        raise TypeError(
            f"level_sum of degree {degree} takes {6 * degree} coefficients, but got "
            f"{len(coefficients)}; give six rows of {degree}."
        )
    if jnp.iscomplexobj(B):
        raise TypeError("level_sum takes a real field, but B is complex; pass its real part.")
    dtype = jnp.result_type(float, B, *coefficients)
    arrays = jnp.broadcast_arrays(B, *(jnp.asarray(c, dtype) for c in coefficients))
    rows = jnp.stack(arrays[1:], axis=-1).reshape(*arrays[0].shape, 6, degree)
    return _level_sum(arrays[0].astype(jnp.zeros((), dtype).real.dtype), rows)


def _level_sum(B: Array, rows: Array) -> Array:
    # pairs of numerator and denominator with k + 1 coefficients, each filled up with its first
    first = jnp.array([0, 1, 0, 1, 0, 0], rows.dtype)[:, None]
    rows = jnp.concatenate([jnp.broadcast_to(first, (*B.shape, 6, 1)), rows], axis=-1)
    f, g, change = rows[..., :2, :], rows[..., 2:4, :], rows[..., 4:, :]
    b = jnp.abs(B)
    weak = _level_log_range(g + change)[0] >= jnp.log(_LEVEL_WEAK * lax.stop_gradient(b))
    far = _level_shifted(f, jnp.where(weak, 0, (_LEVEL_EXPLICIT - 0.5) * b))
    is_weak = weak[..., None, None]
    tail = jnp.where(is_weak, g + change, far)
    low, high = _level_common_range(tail, g)
    log_unit = (low + high) / 2
    f, g, change, tail = _level_scaled(jnp.stack([f, g, change, tail]), log_unit)
    change = jnp.where(is_weak, change, tail - g).at[..., 0, 1].set(0)
    unit = jnp.exp(log_unit)
    polynomials = jnp.concatenate([tail[..., 1:, :], g, change], axis=-2)
    total = _level_integral(polynomials, (high - low) / 2)
    # even in the spacing, whose sign keeps second derivatives at B = 0
    total += _level_midpoint_terms(tail, jnp.where(weak, B, b) / unit)
    total += jnp.where(weak, 0, _level_explicit_terms(f, jnp.where(weak, 1, b / unit)))
    return jnp.where(_level_diverges(b, g), -jnp.inf, total)


def _level_diverges(b: Array, g: Array) -> Array:
    return (b > 0) & (g[..., 1, -1] == 0) & (g[..., 0, -1] != 0)


def _level_shifted(polynomials: Array, u: Array) -> Array:
    """Polynomials at u + s by their coefficients in s."""
    degree = polynomials.shape[-1] - 1
    i, j = jnp.meshgrid(jnp.arange(degree + 1), jnp.arange(degree + 1), indexing="ij")
    table = [[comb(degree - i, degree - j) for j in range(degree + 1)] for i in range(degree + 1)]
    powers = jnp.stack([u**m for m in range(degree + 1)], axis=-1)
    shift = jnp.array(table, u.dtype) * powers[..., jnp.maximum(j - i, 0)]
    return jnp.sum(polynomials[..., None] * shift[..., None, :, :], axis=-2)


def _level_scaled(pairs: Array, log_unit: Array) -> Array:
    """Numerators and denominators, pair by pair, with u in another unit."""
    i = jnp.arange(pairs.shape[-1])
    return pairs * jnp.exp(-log_unit[..., None, None] * jnp.stack([i - 1, i]))


def _level_common_range(*pairs: Array) -> tuple[Array, Array]:
    lowest, highest = _level_log_range(jnp.stack(pairs))
    low, high = jnp.min(lowest, axis=0), jnp.max(highest, axis=0)
    high = jnp.where(jnp.isfinite(high), high, 0)
    return jnp.clip(low, high - 100, high), high


def _level_log_range(pair: Array) -> tuple[Array, Array]:
    """Logarithms of bounds below and above the moduli of all roots of a denominator.

    G. Birkhoff, Bull. Amer. Math. Soc. 21, 494 (1914): the largest modulus lies between x and
    x/(2^(1/k) - 1) with x the maximum of |d_i/binomial(k, i)|^(1/i).
    """
    under = pair[..., 1, 1:]
    size = under.shape[-1]
    slack = log(2 ** (1 / size) - 1)
    powers = jnp.arange(size + 1)
    binomials = jnp.array([log(comb(size, i)) for i in range(size + 1)], under.real.dtype)
    d = jnp.concatenate([jnp.zeros_like(binomials[:1]), binomials[1:]])
    logs = jnp.log(jnp.abs(lax.stop_gradient(under))) - d[1:]
    high = jnp.max(logs / powers[1:], axis=-1) - slack
    last = logs[..., -1:]
    others = jnp.concatenate([jnp.zeros_like(last), logs[..., :-1]], axis=-1)
    slopes = jnp.where(others == -jnp.inf, jnp.inf, (last - others) / (size - powers[:-1]))
    return jnp.min(slopes, axis=-1) + slack, high


def _level_values(polynomials: Array, x: Array, y: Array) -> Array:
    """Values y^k p(x/y) of polynomials p of degree k, for x and y in a last axis."""
    degree = polynomials.shape[-1] - 1
    powers = jnp.stack([x ** (degree - i) * y**i for i in range(degree + 1)], axis=-2)
    return jnp.sum(polynomials[..., None] * powers[..., None, :, :], axis=-2)


def _level_explicit_terms(f: Array, spacing: Array) -> Array:
    u = spacing[..., None] * jnp.arange(_LEVEL_EXPLICIT)
    values = _level_values(f, u / (1 + u), 1 / (1 + u))
    return spacing * jnp.sum(values[..., 0, :] / values[..., 1, :], axis=-1)


def _level_midpoint_terms(f: Array, spacing: Array) -> Array:
    """Euler and Maclaurin's terms at s = 0, from the series of spacing f(spacing t) in t."""
    size = f.shape[-1]
    lowest = f[..., 1, -1]
    lowest = jnp.where(lowest == 0, 1, lowest)[..., None, None]
    powers = jnp.stack([spacing**m for m in range(size)], axis=-1)[..., None, :]
    series = jnp.moveaxis(f[..., ::-1] / lowest * powers, -1, 0)
    under = series[1:, ..., 1]

    def divide(latest: Array, over: Array) -> tuple[Array, Array]:
        term = over - jnp.sum(under * latest, axis=0)
        return jnp.concatenate([term[None], latest[:-1]]), term

    orders = 2 * len(_LEVEL_MIDPOINT)
    padded = jnp.zeros((orders + size, *spacing.shape), f.dtype).at[:size].set(series[..., 0])
    _, series = lax.scan(divide, jnp.zeros_like(under), padded[:orders])
    weights = jnp.array(_LEVEL_MIDPOINT, spacing.dtype)
    weights = weights.reshape(-1, *[1] * spacing.ndim)
    return spacing * jnp.sum(weights * series[1::2], axis=0)


def _level_integral(polynomials: Array, half: Array) -> Array:
    """Integral of f(s) - g(s) over s > 0, for poles at |ln s| < half.

    `polynomials` are the denominator of f, numerator and denominator of g, and those of f minus
    those of g.
    """
    edge = half + _LEVEL_MARGIN
    end = edge + _LEVEL_TAIL

    @jax.checkpoint
    def add(total: Array, positions: Array) -> tuple[Array, None]:
        weights, x, y = _level_nodes(positions, edge, end)
        values = jnp.moveaxis(_level_values(polynomials, x, y), -2, 0)
        under_f, over_g, under_g, over, under = values
        return total + jnp.sum(weights * (over - over_g / under_g * under) / under_f, -1), None

    positions = jnp.linspace(-1, 1, _LEVEL_NODES, dtype=half.dtype)
    chunks = positions.reshape(-1, _LEVEL_CHUNK)
    total, _ = lax.scan(add, jnp.zeros(half.shape, polynomials.dtype), chunks)
    return total * (2 * end / (_LEVEL_NODES - 1))


def _level_nodes(positions: Array, edge: Array, end: Array) -> tuple[Array, Array, Array]:
    """Weights s d(ln s)/dt, and s/(1 + s) and 1/(1 + s), at the nodes."""
    t, edge = positions * end[..., None], edge[..., None]
    above, below = jnp.exp(t - edge), jnp.exp(-t - edge)
    s = jnp.exp(jnp.minimum(t + above - below, 85))  # the largest that single precision holds
    y = 1 / (1 + s)
    return s * (1 + above + below), s * y, y
