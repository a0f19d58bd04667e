r"""Trace of a Cooperon over Landau levels that a linear coupling in q mixes, for JAX.

With k pair states, [a, a^+] = 1, b = |B|, s = sign(B), the Cooperon is the inverse of

.. math:: S = b\left(a^+ a + \tfrac12\right)
              + \sqrt b\left[C_x (a + a^+) + i s C_y (a^+ - a)\right] + G .

If nothing commutes with S (Rashba and Dresselhaus splitting together), its trace minus the same
trace without a field has no closed form.  S is block tridiagonal in the level n, and the sum over
all levels is conditionally convergent: its tail is of the order of the answer times C^2/(b N).
What is done, and why it keeps the digits:

* Levels n < N: sum_n tr[w (S^-1)_nn] is d/dt of ln det(S + t w), which one forward recursion of
  Schur complements accumulates together with its t-derivative, nothing stored.  The levels beyond
  enter exactly, through the self-energy of level N from a backward recursion that forgets its
  start by a factor C^2/(b n) per level.
* Levels n >= N: the Weyl symbol of S^-1 is a double series sum R_pq z^-p conj(z)^-q with a
  five-term recursion, of which the trace sees R_jj.  The operator with symbol exp(-t u) is
  (1 - (b t/2)^2)^(-1/2) exp(-tau b (a^+ a + 1/2)), tau = (2/b) artanh(b t/2), so that its sum over
  n >= N is exp(-tau b N)/t: expanded in 1/N, it turns u^-j into (b N)^(1-j) times a number that
  depends on N alone.  N levels are enough when b N is a few times the largest u at
  which S(u, theta) is singular; the tail then converges geometrically, with the last terms as its
  error.
* Weak fields, for which N levels do not reach the tail: the trace is a smooth function of s b
  through b = 0, where it is known (`band_phase_space`), with derivatives that grow as those of
  digamma(1/2 + gap/b).  It is interpolated between b = 0 and the weakest fields of either sign
  that N levels do reach, which keeps the relative accuracy at b -> 0.  A field takes whichever of
  the two values has the smaller error.

This file depends on jax alone.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import factorial, isqrt

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from numerics.kernels.band_algebra import _band_inverse, _band_mul, _band_scalar, _band_trace_of
from numerics.kernels.band_phase_space import _band_zero_field

# Terms u^-1 .. u^-J of the tail, and levels beyond N from which its self-energy is built up: the
# ratio of successive terms is the forgetting per level, so the second never limits.
_BAND_TERMS = 14
_BAND_BUFFER = 48
_BAND_NODES = 512
# The weakest field reached has b N = 7 u_c, where the tail ends at 7^-14 = 1e-12; pairs +-b of
# nodes follow from there to twice as far.
_BAND_REACHED = 7.0
_BAND_WEAK_NODES = (1.0, 1.3, 1.7, 2.0)
# Weak fields are worked out if one occurs, which is if the levels leave an error above this.
_BAND_GOAL = 1e-12
_BAND_TOLERANCE = 1e-8

_BandSymbol = tuple[Array, Array, Array, Array]  # C_x, C_y, G, w


def band_trace(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    r"""Real part of `band_trace_complex`, which is all of it for Hermitian G and G_0."""
    return band_trace_complex(B, levels, *entries).real


def band_trace_complex(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    r"""Trace over Landau levels minus its value at B = 0, with modes coupled linearly in q.

    lim_N { b sum_{n<N} tr[w (S^-1)_nn] - int_0^{bN} du int dtheta/(2 pi) tr[w S_0(u, theta)^-1] }
    with S above and S_0 = u + 2 sqrt(u) (C_x cos(theta) + C_y sin(theta)) + G_0.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape.
    levels : number N >= 16 of Landau levels that are summed one by one, a Python integer.
    entries : the 5 k^2 entries of C_x, C_y, G, G_0, w, row by row; C in the square root of the
        unit of B, G and G_0 in that of B, w a number.  They broadcast against B.  C_x, C_y and w
        are Hermitian, G and G_0 have a positive definite Hermitian part.

    Returns
    -------
    Array, dimensionless; value and error as in `band_trace_error`.  Differentiable in B and in
    all entries, forward and reverse, at B = 0 too.

    Notes
    -----
    Two ranges of fields are accurate.  Fields with b N >= 5 u_c, u_c the largest |u| at which
    S_0(u, theta) is singular ((|q_a| + |q_b|)^2 in units of field for spin-orbit vectors q):
    error below 1e-9.  All fields down to 0 are accurate if moreover N >= 70 u_c/gap, with the
    smallest gap that the coupled modes have at any u.  Float32 leaves three to four digits.

    Raises
    ------
    ValueError : for concrete arguments (not inside a transformation) if the error estimate
        exceeds 1e-8, with the number of levels to ask for; if the number of entries is not 5 k^2.
    """
    value, error, weakest = _band_evaluate(B, levels, entries)
    _band_require(B, levels, error, weakest)
    return value


def band_trace_error(B: ArrayLike, levels: int, *entries: ArrayLike) -> Array:
    """Estimated error of `band_trace`, absolute, from truncations of all of its series."""
    return _band_evaluate(B, levels, entries)[1]


def band_trace_check(B: ArrayLike, levels: int, *entries: ArrayLike) -> None:
    """Raise the ValueError of `band_trace` for concrete arguments; do nothing for traced ones."""
    if not any(isinstance(value, jax.core.Tracer) for value in (B, *entries)):
        _, error, weakest = _band_evaluate(B, levels, entries)
        _band_require(B, levels, error, weakest)


def _band_require(B: ArrayLike, levels: int, error: Array, weakest: Array) -> None:
    concrete = not any(isinstance(value, jax.core.Tracer) for value in (B, error, weakest))
    if not concrete or error.dtype != jnp.float64 or not error.size:
        return
    fields, errors, reached = np.broadcast_arrays(np.abs(B), error, weakest)
    worst = np.argmax(np.where(np.isnan(errors), np.inf, errors))
    field, estimate = fields.flat[worst], errors.flat[worst]
    if estimate <= _BAND_TOLERANCE:
        return
    # a tail that ends at the tolerance needs 0.6 of the levels of one that ends at rounding
    needed = np.ceil(0.6 * levels * reached.flat[worst] / field) if field > 0 else 0
    advice = f"ask for levels={needed:.0f}" if needed > levels else "widen the gap of the modes"
    raise ValueError(
        f"the trace over Landau levels at B = {field:.6g} with levels={levels} has an estimated "
        f"error of {estimate:.1e}; {advice} or leave this field out."
    )


def _band_evaluate(
    B: ArrayLike, levels: int, entries: tuple[ArrayLike, ...]
) -> tuple[Array, Array, Array]:
    size = isqrt(len(entries) // 5)
    if not entries or 5 * size**2 != len(entries):
        raise ValueError(
            f"{len(entries)} entries are not five square matrices; give 5 k^2, row by row."
        )
    if levels < 16:
        raise ValueError(f"levels = {levels} is too few; give at least 16.")
    return _band_value_and_error(B, *entries, levels=int(levels))


@partial(jax.jit, static_argnames="levels")
def _band_value_and_error(
    B: ArrayLike, *entries: ArrayLike, levels: int
) -> tuple[Array, Array, Array]:
    """Value, error, and the weakest field of which the levels reach the tail to 1e-12."""
    field, matrices = _band_arguments(B, entries)
    C_x, C_y, G, G_0, w = matrices
    symbol = C_x, C_y, G, w
    scale = _band_scale(C_x, C_y, G_0)
    weakest = _BAND_REACHED / levels * _band_singularity(symbol, scale)
    zero = _band_zero_field(C_x, C_y, G_0, w, scale, _BAND_NODES)
    strong, strong_error = _band_strong(field, levels, symbol, scale, zero, weakest)
    weak, weak_error = lax.cond(
        jnp.any(strong_error > _BAND_GOAL),
        lambda: _band_weak(field, levels, symbol, scale, zero, weakest),
        lambda: (jnp.zeros_like(strong), jnp.full_like(strong_error, jnp.inf)),
    )
    use_weak = weak_error < strong_error
    value = jnp.where(use_weak, weak, strong)
    return value, jnp.minimum(weak_error, strong_error), weakest


def _band_arguments(B: ArrayLike, entries: tuple[ArrayLike, ...]) -> tuple[Array, Array]:
    """B, and the five matrices on a first axis, their batch axes aligned with those of B."""
    arrays = [jnp.asarray(entry) for entry in entries]
    dtype = jnp.result_type(float, B, *arrays)
    real = jnp.zeros((), dtype).real.dtype
    field = jnp.asarray(B, real)
    rank = max(field.ndim, *(entry.ndim for entry in arrays))
    flat = jnp.stack(jnp.broadcast_arrays(*arrays)).astype(jnp.result_type(real, 1j))
    size = isqrt(len(entries) // 5)
    batch = (1,) * (rank - flat.ndim + 1) + flat.shape[1:]
    field = field.reshape((1,) * (rank - field.ndim) + field.shape)
    return field, flat.reshape(5, size, size, *batch)


def _band_scale(C_x: Array, C_y: Array, G: Array) -> Array:
    """A typical u, the centre of the quadrature: its value is immaterial and not differentiated."""
    coupling = jnp.sum(jnp.abs(C_x) ** 2 + jnp.abs(C_y) ** 2, axis=(0, 1))
    gap = jnp.abs(jnp.trace(G).real)
    return lax.stop_gradient((coupling + gap) / G.shape[0])


def _band_singularity(symbol: _BandSymbol, scale: Array) -> Array:
    """u_c, beyond which the tail converges, by the root test on its terms; not differentiated."""
    C_x, C_y, G, w = symbol
    root = jnp.sqrt(scale)
    c_plus, c_minus = (C_x + 1j * C_y) / root, (C_x - 1j * C_y) / root
    terms = jnp.abs(_band_tail_symbol(c_plus, c_minus, G / scale, w, jnp.zeros_like(scale)))
    size = jnp.sqrt(jnp.sum(jnp.abs(w) ** 2, axis=(0, 1)))
    powers = jnp.arange(_BAND_TERMS).reshape(-1, *[1] * scale.ndim)
    roots = jnp.where(terms > 0, terms / size, 1e-300) ** (1 / jnp.maximum(powers, 1))
    return lax.stop_gradient(scale * jnp.max(roots[_BAND_TERMS // 2 :], axis=0))


def _band_weak(
    B: Array,
    levels: int,
    symbol: _BandSymbol,
    scale: Array,
    zero: tuple[Array, Array],
    weakest: Array,
) -> tuple[Array, Array]:
    """Interpolation in s b = B around zero field; its error from interpolations of lower degree."""
    C_x, C_y, G, w = symbol
    at_G, at_G_error = _band_zero_field(C_x, C_y, G, w, scale, _BAND_NODES)
    start = at_G - zero[0]
    nodes = jnp.asarray([sign * x for x in _BAND_WEAK_NODES for sign in (1, -1)], B.dtype)
    fields = weakest[..., None] * nodes
    extended = tuple(matrix[..., None] for matrix in symbol)
    apart = (zero[0][..., None], zero[1][..., None]), weakest[..., None]
    values, errors = _band_strong(fields, levels, extended, scale[..., None], *apart)
    inside = jnp.clip(B / weakest, -2, 2)
    found = _band_newton(inside, nodes, (values - start[..., None]) / nodes)
    partial_sums = start + inside * jnp.cumsum(found, axis=0)
    pairs = jnp.abs(partial_sums[3::2] - partial_sums[1:-1:2])
    ratio = jnp.minimum(0.99, pairs[-1] / jnp.where(pairs[-2] > 0, pairs[-2], 1))
    # the terms of an asymptotic series fall ever more slowly, hence the margin
    next_pair = 30 * pairs[-1] * ratio / (1 - ratio)
    start_error = jnp.where(at_G == zero[0], 0, at_G_error + zero[1])
    error = next_pair + start_error + 10 * jnp.max(errors, axis=-1) * jnp.abs(inside)
    error = jnp.where(jnp.abs(B) > 2 * weakest, jnp.inf, error)
    return partial_sums[-1], lax.stop_gradient(error)


def _band_newton(x: Array, nodes: Array, values: Array) -> Array:
    """Terms of Newton's interpolation of `values` (last axis, at `nodes`) in x, on a first axis."""
    differences = [values[..., i] for i in range(len(nodes))]
    terms, product = [], jnp.ones_like(x)
    for step in range(len(nodes)):
        terms.append(differences[0] * product)
        product = product * (x - nodes[step])
        spans = [nodes[i + step + 1] - nodes[i] for i in range(len(nodes) - step - 1)]
        pairs = zip(differences[1:], differences[:-1], spans, strict=True)
        differences = [(after - before) / span for after, before, span in pairs]
    return jnp.stack(terms)


def _band_next(terms: Array) -> Array:
    """Size of what follows after the last of `terms`, which pairwise form a geometric series."""
    last, former = jnp.maximum(terms[-1], terms[-2]), jnp.maximum(terms[-3], terms[-4])
    ratio = jnp.sqrt(jnp.minimum(last / jnp.where(former > 0, former, 1), 1))
    return jnp.where(ratio < 0.9, last * ratio / (1 - jnp.minimum(ratio, 0.9)), 1e3 * last + last)


def _band_strong(
    B: Array,
    levels: int,
    symbol: _BandSymbol,
    scale: Array,
    zero: tuple[Array, Array],
    weakest: Array,
) -> tuple[Array, Array]:
    """Levels one by one and the tail in powers of 1/u, minus the integral at zero field."""
    # weaker fields are left to the interpolation; here they only must not overflow
    b = jnp.maximum(jnp.abs(B), 0.1 * weakest)
    s = jnp.where(B < 0, -1.0, 1.0).astype(b.dtype)
    C_x, C_y, G, w = symbol
    up, down = C_x + 1j * s * C_y, C_x - 1j * s * C_y
    total = b * _band_levels(b, levels, up, down, G, w)
    U = b * levels
    root = jnp.sqrt(U)
    powers = _band_tail_symbol(
        (C_x + 1j * C_y) / root, (C_x - 1j * C_y) / root, G / U, w, s / levels
    )
    numbers = jnp.asarray(_band_tail_numbers(levels), b.dtype)
    terms = powers * numbers.reshape(-1, *[1] * b.ndim)
    logarithm = jnp.trace(w) * jnp.log(U / scale)
    value = total + jnp.sum(terms, axis=0) - logarithm - zero[0]
    rounding = jnp.finfo(b.dtype).eps * (jnp.abs(total) + jnp.abs(logarithm) + jnp.abs(zero[0]))
    # the terms are those of a power series times a power, hence the margin
    error = 8 * _band_next(jnp.abs(terms)) + zero[1] + 4 * rounding
    return value, lax.stop_gradient(error)


def _band_levels(b: Array, levels: int, up: Array, down: Array, G: Array, w: Array) -> Array:
    """sum_{n<N} tr[w (S^-1)_nn] on the infinite space of levels; `up` leads from n to n + 1."""
    size = G.shape[0]
    couple = jnp.sqrt(b)
    up, down = up * couple, down * couple

    def diagonal(n: Array | float) -> Array:
        return G + _band_scalar(size, b * (n + 0.5))

    def backward(energy: Array, n: Array) -> tuple[Array, None]:
        # from the self-energy of level n to that of level n - 1
        propagator = _band_inverse(diagonal(n) - energy)
        return n * _band_mul(down, _band_mul(propagator, up)), None

    def forward(carry: tuple[Array, Array, Array], n: Array) -> tuple[tuple[Array, ...], None]:
        energy, slope, total = carry
        propagator = _band_inverse(diagonal(n) - energy)
        response = w - slope
        total = total + _band_trace_of(propagator, response)
        after, before = _band_mul(up, propagator), _band_mul(propagator, down)
        energy = (n + 1) * _band_mul(after, down)
        slope = -(n + 1) * _band_mul(after, _band_mul(response, before))
        return (energy, slope, total), None

    shape = jnp.broadcast_shapes(G.shape, up.shape, b.shape)
    zero = jnp.zeros(shape, up.dtype)
    beyond = jnp.arange(levels + _BAND_BUFFER, levels - 1, -1, dtype=b.dtype)
    above, _ = lax.scan(backward, zero, beyond)
    inner = jnp.arange(levels - 1, dtype=b.dtype)
    (energy, slope, total), _ = lax.scan(forward, (zero, zero, zero[0, 0]), inner)
    last = _band_inverse(diagonal(levels - 1.0) - energy - above)
    return total + _band_trace_of(last, w - slope)


def _band_tail_symbol(c_plus: Array, c_minus: Array, G: Array, w: Array, step: Array) -> Array:
    """tr[w R_jj], j = 1.._BAND_TERMS, of the symbol sum R_pq z^-p conj(z)^-q in units of b N.

    `step` is s/N.  R_pq is found along the diagonals p + q, p on the third axis.
    """
    count, size = _BAND_TERMS, G.shape[0]
    shape = jnp.broadcast_shapes(G.shape, c_plus.shape, step.shape)
    c_plus, c_minus, G = (jnp.broadcast_to(m, shape)[:, :, None] for m in (c_plus, c_minus, G))
    p = jnp.arange(1, count + 1).reshape(-1, *[1] * (len(shape) - 2))
    unit = jnp.eye(size).reshape(size, size, *[1] * (len(shape) - 1)) * (p == 1)
    half = 0.5 * step

    def shift(stack: Array, by: int) -> Array:
        return jnp.concatenate([jnp.zeros_like(stack[:, :, :by]), stack[:, :, :-by]], axis=2)

    def diagonal(carry: tuple[Array, ...], d: Array) -> tuple[tuple[Array, ...], Array]:
        one, two, three, four = carry
        q = d - p
        left = one - half * (q - 2) * shift(three, 1)
        right = shift(one, 1) + half * (p - 2) * shift(three, 2)
        centre = shift(two, 1)
        rest = half * (q - p) * centre + half**2 * (p - 2) * (q - 2) * shift(four, 2)
        now = rest + jnp.where(d == 2, unit, 0) - _band_mul(c_minus, left)
        now = now - _band_mul(c_plus, right) - _band_mul(G, centre)
        now = jnp.where((q >= 1) & (q <= count), now, 0)
        return (now, one, two, three), jnp.sum(jnp.where(p == q, now, 0), axis=2)

    start = jnp.zeros((size, size, count, *shape[2:]), c_plus.dtype)
    _, found = lax.scan(diagonal, (start,) * 4, jnp.arange(2, 2 * count + 1))
    return jnp.stack([_band_trace_of(w, found[2 * j]) for j in range(count)])


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
