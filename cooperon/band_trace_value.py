r"""Numerical value of the trace over mixed Landau levels in double precision.

Beyond every u at which S_0 is singular, the sum over n < N minus tr w ln(b N) is a power
series in 1/N, of which a few truncations give the limit.  The integral at zero field is a
matrix logarithm at each angle, since with q^2 = u the resolvent of a companion matrix contains
q S_0^-1.
"""

from __future__ import annotations

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

_Matrix = NDArray[np.complexfloating]

# The first truncation is at 64 u_c, so that five powers of 1/N leave 1e-13.
_LAST = 256
_POWERS = 5
_MARGIN = 40


def band_trace_value(
    B: float, C_x: _Matrix, C_y: _Matrix, G: _Matrix, G_0: _Matrix, w: _Matrix
) -> complex:
    """Return `cooperon.band_trace.BandTrace` to 1e-12 of the parts that cancel in it.

    Raises
    ------
    ValueError : if a minimum of S_0 is too narrow in the angle.
    """
    if B == 0:
        return _zero_field(C_x, C_y, G, w) - _zero_field(C_x, C_y, G_0, w)
    b, up, down = abs(B), C_x + 1j * np.sign(B) * C_y, C_x - 1j * np.sign(B) * C_y
    last = max(2048, int(_LAST * _singularity(C_x, C_y, G) / b))
    counts = np.linspace(last // 4, last, 16).astype(int)
    sums = _partial_sums(b, up, down, G, w, last)[counts] - np.trace(w) * np.log(b * counts)
    powers = np.arange(_POWERS + 1)
    series = (counts[:, None] / last) ** -powers.astype(float)
    limit = np.linalg.lstsq(series, sums, rcond=None)[0][0]
    return complex(limit) - _zero_field(C_x, C_y, G_0, w)


def _partial_sums(
    b: float, up: _Matrix, down: _Matrix, G: _Matrix, w: _Matrix, last: int
) -> _Matrix:
    """b sum_{n<N} tr[w (S^-1)_nn] for N = 0..last, on all levels; `up` leads from n to n + 1."""
    unit = np.eye(len(G))
    above = np.zeros((last + 1, *G.shape), complex)
    energy = above[0]
    for n in range(last + _MARGIN, 0, -1):
        energy = b * n * (down @ np.linalg.solve(G + b * (n + 0.5) * unit - energy, up))
        above[min(n - 1, last)] = energy
    terms, energy = np.zeros(last + 1, complex), np.zeros_like(G)
    for n in range(last):
        inner = G + b * (n + 0.5) * unit - energy
        terms[n + 1] = b * np.trace(w @ np.linalg.inv(inner - above[n]))
        energy = b * (n + 1) * (up @ np.linalg.solve(inner, down))
    return np.cumsum(terms)


def _companions(C_x: _Matrix, C_y: _Matrix, G: _Matrix, count: int) -> _Matrix:
    """Matrices whose eigenvalues -q make q^2 + 2 q C(angle) + G singular, at `count` angles."""
    size = len(G)
    angles = 2 * np.pi * np.arange(count)[:, None, None] / count
    companion = np.zeros((count, 2 * size, 2 * size), complex)
    companion[:, :size, size:] = -np.eye(size)
    companion[:, size:, :size] = G
    companion[:, size:, size:] = 2 * (np.cos(angles) * C_x + np.sin(angles) * C_y)
    return companion


def _singularity(C_x: _Matrix, C_y: _Matrix, G: _Matrix) -> float:
    return float(np.max(np.abs(np.linalg.eigvals(_companions(C_x, C_y, G, 32)))) ** 2)


def _zero_field(C_x: _Matrix, C_y: _Matrix, G: _Matrix, w: _Matrix) -> complex:
    """lim int_0^U du <tr[w S_0^-1]> - tr w ln U, by the trapezoidal rule over angles."""
    size, previous = len(G), np.inf
    for halvings in range(5, 14):
        logarithms = _logarithms(_companions(C_x, C_y, G, 2**halvings))
        value = -2 * np.einsum("ab,nba->", w, logarithms[:, size:, size:]) / 2**halvings
        if abs(value - previous) <= 1e-13 * max(1, abs(value)):
            return complex(value)
        previous = value
    raise ValueError("a minimum of S_0 is too narrow for evalf; widen its gap.")


def _logarithms(matrices: _Matrix) -> _Matrix:
    """Principal logarithms by eigenvectors, by repeated square roots where they are incomplete."""
    values, vectors = np.linalg.eig(matrices)
    found = np.empty_like(vectors)
    good = np.linalg.cond(vectors) < 1e4
    V = vectors[good]
    found[good] = (V * np.log(values[good])[:, None, :]) @ np.linalg.inv(V)
    for i in np.flatnonzero(~good):
        found[i] = np.array(mp.logm(mp.matrix(matrices[i])).tolist(), dtype=complex)
    return found
