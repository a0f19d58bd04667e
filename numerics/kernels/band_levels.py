r"""Strong fields: coupled Landau levels one by one, and their tail, for JAX.

The matrix S of the module `band_trace` is block tridiagonal in the level n.

* Levels n < N: sum_n tr[w (S^-1)_nn] is d/dt of ln det(S + t w), which one forward recursion of
  Schur complements accumulates together with its t-derivative, nothing stored.  The levels beyond
  enter exactly, through the self-energy of level N from a backward recursion that forgets its
  start by a factor C^2/(b n) per level.
* Levels n >= N: the Weyl symbol of S^-1 is a double series sum R_pq z^-p conj(z)^-q with a
  five-term recursion, of which the trace sees R_jj.  The operator with symbol exp(-t u) is
  (1 - (b t/2)^2)^(-1/2) exp(-tau b (a^+ a + 1/2)), tau = (2/b) artanh(b t/2), so that its sum over
  n >= N is exp(-tau b N)/t: expanded in 1/N, it turns u^-j into (b N)^(1-j) times a number that
  depends on N alone.  The terms fall as (u_c/(b N))^j, u_c the largest u at which S(u, theta)
  is singular, and the last ones are the error.

This file depends on jax alone.
"""

from __future__ import annotations

from fractions import Fraction
from math import factorial

import jax.numpy as jnp
from jax import Array, lax

from numerics.kernels.band_algebra import _band_inverse, _band_mul, _band_scalar, _band_trace_of

# Terms u^-1 .. u^-J of the tail, and levels beyond N from which its self-energy is built up: the
# ratio of successive terms is the forgetting per level, so the second never limits.
_BAND_TERMS = 14
_BAND_BUFFER = 48

_BandSums = tuple[Array, Array, Array]
_BandDiagonals = tuple[Array, Array, Array, Array]


def _band_strong(
    b: Array, s: Array, levels: int, matrices: tuple[Array, ...], scale: Array
) -> tuple[Array, Array]:
    """b sum_n tr[w (S^-1)_nn] - tr w ln(b n/scale) for n -> oo, and its error.

    b > 0 and s = +-1 are of one shape (n,), the matrices C_x, C_y, G, w are k x k.
    """
    C_x, C_y, G, w = (matrix[..., None] for matrix in matrices)
    total = b * _band_levels(b, levels, C_x + 1j * s * C_y, C_x - 1j * s * C_y, G, w)
    U = b * levels
    powers = _band_tail_symbol(C_x / jnp.sqrt(U), C_y / jnp.sqrt(U), G / U, w, s / levels)
    terms = powers * jnp.asarray(_band_tail_numbers(levels), b.dtype)[:, None]
    logarithm = jnp.trace(w) * jnp.log(U / scale)
    rounding = 4 * jnp.finfo(b.dtype).eps * (jnp.abs(total) + jnp.abs(logarithm))
    # the terms are those of a power series times a power, hence the margin
    error = 8 * _band_next(jnp.abs(terms)) + rounding
    return total + jnp.sum(terms, axis=0) - logarithm, lax.stop_gradient(error)


def _band_next(terms: Array) -> Array:
    """Size of what follows after the last of `terms`, which pairwise form a geometric series."""
    last, former = jnp.maximum(terms[-1], terms[-2]), jnp.maximum(terms[-3], terms[-4])
    ratio = jnp.sqrt(jnp.minimum(last / jnp.where(former > 0, former, 1), 1))
    return jnp.where(ratio < 0.9, last * ratio / (1 - jnp.minimum(ratio, 0.9)), 1e3 * last + last)


def _band_levels(b: Array, levels: int, up: Array, down: Array, G: Array, w: Array) -> Array:
    """sum_{n<N} tr[w (S^-1)_nn] on the infinite space of levels; `up` leads from n to n + 1."""
    up, down = up * jnp.sqrt(b), down * jnp.sqrt(b)

    def diagonal(n: Array | float) -> Array:
        return G + _band_scalar(len(G), b * (n + 0.5))

    def backward(energy: Array, n: Array) -> tuple[Array, None]:
        # from the self-energy of level n to that of level n - 1
        propagator = _band_inverse(diagonal(n) - energy)
        return n * _band_mul(down, _band_mul(propagator, up)), None

    def forward(carry: _BandSums, n: Array) -> tuple[_BandSums, None]:
        energy, slope, total = carry
        propagator = _band_inverse(diagonal(n) - energy)
        response = w - slope
        after, before = _band_mul(up, propagator), _band_mul(propagator, down)
        slope = -(n + 1) * _band_mul(after, _band_mul(response, before))
        total = total + _band_trace_of(propagator, response)
        return ((n + 1) * _band_mul(after, down), slope, total), None

    zero = jnp.zeros_like(up)
    beyond = jnp.arange(levels + _BAND_BUFFER, levels - 1, -1, dtype=b.dtype)
    above, _ = lax.scan(backward, zero, beyond)
    inner = jnp.arange(levels - 1, dtype=b.dtype)
    (energy, slope, total), _ = lax.scan(forward, (zero, zero, zero[0, 0]), inner)
    last = _band_inverse(diagonal(levels - 1.0) - energy - above)
    return total + _band_trace_of(last, w - slope)


def _band_tail_symbol(C_x: Array, C_y: Array, G: Array, w: Array, step: Array) -> Array:
    """tr[w R_jj], j = 1.._BAND_TERMS, of the symbol sum R_pq z^-p conj(z)^-q in units of b N.

    `step` is s/N.  R_pq is found along the diagonals d = p + q, p on the third axis.
    """
    count, size = _BAND_TERMS, len(G)
    factors = jnp.concatenate([C_x - 1j * C_y, C_x + 1j * C_y, G], axis=1)[:, :, None]
    p = jnp.arange(1, count + 1)[:, None]
    first = jnp.eye(size)[:, :, None, None] * (p == 1)
    half = 0.5 * step

    def shift(stack: Array, by: int) -> Array:
        padding = [(by, -by, 0) if axis == 2 else (0, 0, 0) for axis in range(stack.ndim)]
        return lax.pad(stack, jnp.zeros((), stack.dtype), padding)

    def diagonal(carry: _BandDiagonals, d: Array) -> tuple[_BandDiagonals, Array]:
        one, two, three, four = carry
        q = d - p
        left = one - half * (q - 2) * shift(three, 1)
        right = shift(one, 1) + half * (p - 2) * shift(three, 2)
        centre = shift(two, 1)
        now = half * (q - p) * centre + half**2 * (p - 2) * (q - 2) * shift(four, 2)
        now = now + jnp.where(d == 2, first, 0)
        now = now - _band_mul(factors, jnp.concatenate([left, right, centre]))
        now = jnp.where((q >= 1) & (q <= count), now, 0)
        return (now, one, two, three), jnp.sum(jnp.where(p == q, now, 0), axis=2)

    start = jnp.zeros((size, size, count, *step.shape), G.dtype)
    _, found = lax.scan(diagonal, (start, start, start, start), jnp.arange(2, 2 * count + 1))
    return jnp.sum(found[::2] * jnp.swapaxes(w, 0, 1), axis=(1, 2))


def _band_tail_numbers(levels: int) -> list[float]:
    """b sum_{n>=N} <n| Weyl quantization of u^-j |n> in units of (b N)^(1-j), for j = 1, 2, ...

    int_0^oo dy y^(j-2)/(j-1)! exp(-y) exp(-sum_i (y/2)^(2i) y/(2i+1) N^(-2i)); for j = 1 without
    the divergent term at N = oo, which is the logarithm.
    """
    orders = 6
    # series[m] maps the power of y to its coefficient at N^(-2 m), by m series'_m = sum i x_i
    exponent = [Fraction(-1, (2 * i + 1) * 4**i) for i in range(1, orders + 1)]
    series: list[dict[int, Fraction]] = [{0: Fraction(1)}]
    for m in range(1, orders + 1):
        row: dict[int, Fraction] = {}
        for i in range(1, m + 1):
            for power, value in series[m - i].items():
                grown = power + 2 * i + 1
                row[grown] = row.get(grown, Fraction(0)) + Fraction(i, m) * exponent[i - 1] * value
        series.append(row)
    return [
        float(
            sum(
                value * Fraction(factorial(j - 2 + power), factorial(j - 1) * levels ** (2 * m))
                for m, row in enumerate(series)
                for power, value in row.items()
                if j - 2 + power >= 0
            )
        )
        for j in range(1, _BAND_TERMS + 1)
    ]
