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
from typing import NamedTuple

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

    Float64, absolute error relative to max(1, |L|): 1e-14 for poles at 0.5 or more from the
    positive axis (in radians) and fields over twelve decades, 1e-13 at 0.3 and fields over three
    decades; 1e-9 at 0.15 there, where the step of the integral is too long.  Relative error
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


class _LevelRatio(NamedTuple):
    """Numerator and denominator by their coefficients from the highest power down."""

    over: Array
    under: Array


def _level_sum(B: Array, rows: Array) -> Array:
    f, g, change = (_LevelRatio(rows[..., i, :], rows[..., i + 1, :]) for i in (0, 2, 4))
    centred = _LevelRatio(g.over + change.over, g.under + change.under)
    b = jnp.abs(B)
    weak = _level_log_range(centred.under)[0] >= jnp.log(_LEVEL_WEAK * lax.stop_gradient(b))
    first = jnp.where(weak, 0, (_LEVEL_EXPLICIT - 0.5) * b)
    tail = _level_where(weak, centred, _level_shifted(f, first))
    low, high = _level_common_range(tail.under, g.under)
    log_unit = (low + high) / 2
    f, g, change, tail = (_level_scaled(ratio, log_unit) for ratio in (f, g, change, tail))
    change = _level_where(weak, change, _LevelRatio(tail.over - g.over, tail.under - g.under))
    unit = jnp.exp(log_unit)
    total = _level_integral(tail, g, change, (high - low) / 2)
    # even in the spacing, whose sign keeps second derivatives at B = 0
    total += _level_midpoint_terms(tail, jnp.where(weak, B, b) / unit)
    total += jnp.where(weak, 0, _level_explicit_terms(f, jnp.where(weak, 1, b / unit)))
    return jnp.where(_level_diverges(b, g), -jnp.inf, total)


def _level_where(condition: Array, first: _LevelRatio, second: _LevelRatio) -> _LevelRatio:
    pairs = zip(first, second, strict=True)
    return _LevelRatio(*(jnp.where(condition[..., None], x, y) for x, y in pairs))


def _level_diverges(b: Array, g: _LevelRatio) -> Array:
    return (b > 0) & (g.under[..., -1] == 0) & (g.over[..., -1] != 0)


def _level_shifted(f: _LevelRatio, u: Array) -> _LevelRatio:
    """f(u + s) by its coefficients in s."""
    one = jnp.ones_like(f.under[..., :1])
    under = _level_taylor(jnp.concatenate([one, f.under], axis=-1), u)
    return _LevelRatio(_level_taylor(f.over, u), under[..., 1:])


def _level_taylor(polynomial: Array, u: Array) -> Array:
    columns = [polynomial[..., i] for i in range(polynomial.shape[-1])]
    for last in range(len(columns), 1, -1):
        for i in range(1, last):
            columns[i] = columns[i] + u * columns[i - 1]
    return jnp.stack(columns, axis=-1)


def _level_scaled(ratio: _LevelRatio, log_unit: Array) -> _LevelRatio:
    """The ratio with u in another unit."""
    size = ratio.under.shape[-1]
    powers = jnp.exp(-log_unit[..., None] * jnp.arange(size + 1))
    return _LevelRatio(ratio.over * powers[..., :-1], ratio.under * powers[..., 1:])


def _level_common_range(*denominators: Array) -> tuple[Array, Array]:
    ranges = [_level_log_range(under) for under in denominators]
    low = jnp.minimum(*(r[0] for r in ranges))
    high = jnp.maximum(*(r[1] for r in ranges))
    high = jnp.where(jnp.isfinite(high), high, 0)
    return jnp.clip(low, high - 100, high), high


def _level_log_range(under: Array) -> tuple[Array, Array]:
    """Logarithms of bounds below and above the moduli of all roots.

    G. Birkhoff, Bull. Amer. Math. Soc. 21, 494 (1914): the largest modulus lies between x and
    x/(2^(1/k) - 1) with x the maximum of |d_i/binomial(k, i)|^(1/i).
    """
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


def _level_explicit_terms(f: _LevelRatio, spacing: Array) -> Array:
    u = spacing[..., None] * jnp.arange(_LEVEL_EXPLICIT)
    x, y = u / (1 + u), 1 / (1 + u)
    powers = _level_powers(y, f.under.shape[-1])
    terms = y * _level_horner(f.over, x, powers) / _level_monic(f.under, x, powers)
    return spacing * jnp.sum(terms, axis=-1)


def _level_midpoint_terms(f: _LevelRatio, spacing: Array) -> Array:
    """Euler and Maclaurin's terms at s = 0, from the series of spacing f(spacing t) in t."""
    size = f.under.shape[-1]
    lowest = f.under[..., -1]
    lowest = jnp.where(lowest == 0, 1, lowest)
    ones = jnp.ones_like(lowest)[..., None]
    powers = jnp.cumprod(jnp.broadcast_to(spacing[..., None], (*spacing.shape, size)), axis=-1)
    over = f.over[..., ::-1] * jnp.concatenate([ones, powers[..., :-1]], -1) / lowest[..., None]
    under = jnp.concatenate([f.under[..., -2::-1], ones], -1) * powers / lowest[..., None]

    def divide(latest: Array, over: Array) -> tuple[Array, Array]:
        term = over - jnp.sum(under * latest, axis=-1)
        return jnp.concatenate([term[..., None], latest[..., :-1]], axis=-1), term

    orders = 2 * len(_LEVEL_MIDPOINT)
    padded = jnp.zeros((orders, *lowest.shape), over.dtype)
    padded = padded.at[:size].set(jnp.moveaxis(over[..., :orders], -1, 0))
    _, series = lax.scan(divide, jnp.zeros_like(under), padded)
    weights = jnp.array(_LEVEL_MIDPOINT, spacing.dtype)
    return spacing * jnp.tensordot(weights, series[1::2], axes=1)


def _level_integral(f: _LevelRatio, g: _LevelRatio, change: _LevelRatio, half: Array) -> Array:
    """Integral of f(s) - g(s) over s > 0, for poles at |ln s| < half."""
    edge = half + _LEVEL_MARGIN
    end = edge + _LEVEL_TAIL

    @jax.checkpoint
    def add(total: Array, positions: Array) -> tuple[Array, None]:
        weights, x, y = _level_nodes(positions, edge, end)
        values = weights * _level_difference(f, g, change, x, y)
        return total + jnp.sum(values, axis=-1), None

    positions = jnp.linspace(-1, 1, _LEVEL_NODES, dtype=half.dtype)
    chunks = positions.reshape(-1, _LEVEL_CHUNK)
    total, _ = lax.scan(add, jnp.zeros(half.shape, f.under.dtype), chunks)
    return total * (2 * end / (_LEVEL_NODES - 1))


def _level_nodes(positions: Array, edge: Array, end: Array) -> tuple[Array, Array, Array]:
    """Weights s/(1 + s)^2 d(ln s)/dt, and s/(1 + s) and 1/(1 + s), at the nodes."""
    t, edge = positions * end[..., None], edge[..., None]
    above, below = jnp.exp(t - edge), jnp.exp(-t - edge)
    s = jnp.exp(jnp.minimum(t + above - below, 85))  # the largest that single precision holds
    y = jnp.maximum(1 / (1 + s), 0)
    return s * y * y * (1 + above + below), s * y, y


def _level_difference(
    f: _LevelRatio, g: _LevelRatio, change: _LevelRatio, x: Array, y: Array
) -> Array:
    """(f - g)/y^2 with polynomials in x = s/(1 + s) and y = 1/(1 + s), which cannot overflow."""
    powers = _level_powers(y, f.under.shape[-1])
    over = _level_horner(change.over[..., 1:], x, powers) if len(powers) > 2 else 0
    under = _level_horner(change.under, x, powers)
    ratio = _level_horner(g.over, x, powers) / _level_monic(g.under, x, powers)
    return (over - ratio * under) / _level_monic(f.under, x, powers)


def _level_powers(y: Array, size: int) -> list[Array]:
    powers = [jnp.ones_like(y)]
    for _ in range(size):
        powers.append(powers[-1] * y)
    return powers


def _level_horner(coefficients: Array, x: Array, powers: list[Array]) -> Array:
    """The homogeneous polynomial with these coefficients in x and y."""
    total = coefficients[..., 0, None] * powers[0]
    for i in range(1, coefficients.shape[-1]):
        total = total * x + coefficients[..., i, None] * powers[i]
    return total


def _level_monic(coefficients: Array, x: Array, powers: list[Array]) -> Array:
    total = powers[0]
    for i in range(coefficients.shape[-1]):
        total = total * x + coefficients[..., i, None] * powers[i + 1]
    return total
