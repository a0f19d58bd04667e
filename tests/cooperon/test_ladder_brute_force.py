"""Random models: the derived soft propagator against the whole ladder on a grid of directions.

`Model` draws a Hamiltonian, weak fields and a finite-range potential with small integers, and
evaluates them twice: as SymPy matrices for `Conductor`, and as NumPy arrays per direction.  The
ladder of the arrays is one matrix in (direction x pair), diagonalised without harmonics, without
projections and without a Schur complement.  With h and q of order eps and rates of order eps^2,
its lowest eigenvalues are those of D q^2 + A.q + Gamma up to order eps^3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import linear_sum_assignment

from cooperon import (
    SPIN,
    Conductor,
    Field,
    dot,
    levels,
    m_x,
    m_y,
    m_z,
    n_x,
    n_y,
    n_z,
)
from diagrams.symbols import hbar, v_F

OUT, IN = (n_x, n_y, n_z), (m_x, m_y, m_z)
# functions of direction without average, up to degree three; each takes symbols or numbers
EVEN = (lambda x, y, z: x**2 - y**2, lambda x, y, z: x * y + z * x)
ODD = (
    lambda x, y, z: x + 2 * z,
    lambda x, y, z: y,
    lambda x, y, z: x**3 - 3 * x * y**2,
    lambda x, y, z: y**3 - 4 * y * z**2 + x * y * z,
)
# factors c(n, n') with c(n', n) = c(n, n')^*, of either parity
FACTORS = (
    lambda n, m: 1,
    lambda n, m: n[0] + m[0] + 2 * (n[2] + m[2]),
    lambda n, m: n[1] + m[1] - n[0] - m[0],
    lambda n, m: 1j * (n[0] * m[1] - n[1] * m[0]),
    lambda n, m: 1j * (n[1] - m[1]),
    lambda n, m: n[0] * m[0] - n[1] * m[1] + n[2] * m[0] + n[0] * m[2],
)

RATES = (0.04, 0.09)
UNIT = 30


def hermitian(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a Hermitian matrix of small integers."""
    real, imaginary = rng.integers(-3, 4, (2, size, size))
    lower = np.tril(real, -1) + 1j * np.tril(imaginary, -1)
    return np.diag(np.diag(real)) + lower + lower.conj().T


def exact(matrix: np.ndarray) -> sp.Matrix:
    """Return a matrix of integers as a SymPy matrix."""
    return sp.Matrix(
        *matrix.shape,
        lambda i, j: sp.Integer(round(matrix[i, j].real)) + sp.I * round(matrix[i, j].imag),
    )


@dataclass(frozen=True)
class Model:
    """h = h_0 + sum_a f_a(n) H_a, fields sum_b c_b(n, n') M_b, and the profile of a potential."""

    dimension: int
    offset: np.ndarray
    precession: tuple[tuple[Callable, np.ndarray], ...]
    fields: tuple[tuple[tuple[Callable, np.ndarray], ...], ...]
    profile: tuple[int, int]
    masses: tuple[int, ...]

    @classmethod
    def random(cls, seed: int, dimension: int, size: int, masses: tuple[int, ...] = ()) -> Model:
        rng = np.random.default_rng(seed)
        harmonics = ODD[:1] if dimension == 1 else (*EVEN, *ODD)
        factors = [FACTORS[b] for b in ((0, 1, 2, 5) if dimension == 1 else range(6))]
        return cls(
            dimension,
            hermitian(rng, size),
            tuple((f, hermitian(rng, size)) for f in harmonics),
            tuple(
                tuple(
                    (factors[b], hermitian(rng, size)) for b in rng.choice(len(factors), 2, False)
                )
                for _ in RATES
            ),
            (int(rng.integers(-2, 3)), int(rng.integers(0, 4))),
            masses,
        )

    @property
    def size(self) -> int:
        return len(self.offset)

    @property
    def speeds(self) -> np.ndarray:
        """Return v_i/v_F = sqrt(m/m_i) for energies k_i^2/(2 m_i), m the geometric mean."""
        if not self.masses:
            return np.ones(self.dimension)
        return np.sqrt(np.prod(self.masses) ** (1 / self.dimension) / np.array(self.masses))

    def h(self, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return h_0 and the rest at the direction n, in units of hbar/tau."""
        return self.offset / UNIT, sum(f(*n) * H for f, H in self.precession) / UNIT

    def conductor(self) -> Conductor:
        """Return the model of the package, with eps = 1 and tau = 1."""
        n, m = (c[: self.dimension] + (0,) * (3 - self.dimension) for c in (OUT, IN))
        h = exact(self.offset) + combined((f(*n), H) for f, H in self.precession)
        weak = [
            Field(f"field {k}", combined((f(n, m), M) for f, M in parts), sp.Rational(str(rate)))
            for k, (rate, parts) in enumerate(zip(RATES, self.fields, strict=True))
        ]
        g_1, g_2 = self.profile
        cosine = dot(self.dimension)
        profile = 3 + g_1 * cosine + g_2 * cosine**2
        return Conductor(
            self.dimension,
            [Field("potential", sp.eye(self.size), 1, profile, weak=False), *weak],
            SPIN if self.size == 2 else levels("levels", sp.eye(self.size)),
            hamiltonian=hbar * h / UNIT,
            masses=self.masses or None,
        )


def combined(terms: Iterable[tuple[complex, np.ndarray]]) -> sp.Matrix:
    """Return a sum of functions times matrices of integers."""
    return sp.Add(*(sp.nsimplify(factor) * exact(matrix) for factor, matrix in terms))


def directions(dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors and weights, exact to degree 9; the k-th from the end is minus it."""
    if dimension == 1:
        return np.array([[1.0, 0, 0], [-1.0, 0, 0]]), np.full(2, 0.5)
    count = 16 if dimension == 2 else 10
    angles = 2 * np.pi * (np.arange(count // 2) + 0.3) / count
    half = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    if dimension == 2:
        return np.concatenate([half, -half[::-1]]), np.full(count, 1 / count)
    heights, weights = np.polynomial.legendre.leggauss(5)
    points = np.array([np.sqrt(1 - u**2) * n + [0, 0, u] for u in heights for n in half])
    half_weights = np.repeat(weights / (2 * count), count // 2)
    return np.concatenate([points, -points[::-1]]), np.concatenate([half_weights] * 2)


def grid_ladder(model: Model, eps: float, q: np.ndarray, cooperon: bool) -> np.ndarray:
    """Return L(q) on the grid for tau = v_F = 1, symmetrised with the weights of the points."""
    points, weights = directions(model.dimension)
    count, pairs, one = len(points), model.size**2, np.eye(model.size)
    g_1, g_2 = model.profile
    cosines = points @ points.T
    profile = 3 + g_1 * cosines + g_2 * cosines**2
    profile /= weights @ profile @ weights
    in_rate = np.einsum("nm,ab->nmab", profile, np.eye(pairs)).astype(complex)
    out_rate = np.tile(np.eye(pairs, dtype=complex), (count, 1, 1))
    for rate, parts in zip(RATES, model.fields, strict=True):
        M = np.array([[sum(f(n, m) * V for f, V in parts) for m in points] for n in points])
        other = M[::-1, ::-1] if cooperon else M.conj()
        strength = eps**2 * rate * model.size
        strength /= np.einsum("n,m,nmab,nmab->", weights, weights, M, M.conj()).real
        in_rate += strength * np.einsum("nmab,nmcd->nmacbd", M, other).reshape(
            count, count, pairs, pairs
        )
        for k in range(count):
            legs = [np.einsum("m,mab,mcb->ac", weights, V[k], V[k].conj()) for V in (M, other)]
            out_rate[k] += strength * (np.kron(legs[0], one) + np.kron(one, legs[1])) / 2
    L = -np.einsum("n,m,nmab->namb", np.sqrt(weights), np.sqrt(weights), in_rate)
    for k, n in enumerate(points):
        h, reverse = (eps**2 * offset + eps * rest for offset, rest in map(model.h, (n, -n)))
        precession = np.kron(h, one) - np.kron(one, reverse if cooperon else h.conj())
        motion = eps * (n[: model.dimension] * model.speeds) @ q
        L[k, :, k, :] += out_rate[k] + 1j * (motion * np.eye(pairs) + precession)
    return L.reshape(count * pairs, count * pairs)


def derived_matrix(model: Model, q: np.ndarray, cooperon: bool) -> np.ndarray:
    """Return D q^2 + A.q + Gamma of the package for eps = tau = v_F = 1."""
    conductor = model.conductor()
    modes = conductor.cooperon() if cooperon else conductor.diffuson()
    stretched = model.speeds * q
    S = modes.relaxation + modes.diffusion_constant * (stretched @ stretched) * sp.eye(
        model.size**2
    )
    for component, matrix in zip(stretched, modes.coupling, strict=True):
        S += matrix * component
    return np.array(S.subs({v_F: 1, hbar: 1}).evalf(30), dtype=complex)


def distance(found: np.ndarray, expected: np.ndarray) -> float:
    """Return the largest difference of two sets of eigenvalues, paired for the least sum."""
    table = abs(found[:, None] - expected[None, :])
    return table[linear_sum_assignment(table)].max()


slow = pytest.mark.slow
MODELS = {
    "spin in d = 1": Model.random(1, 1, 2),
    "spin in d = 2": Model.random(2, 2, 2),
    "another in d = 2": Model.random(3, 2, 2),
    "spin in d = 3": Model.random(4, 3, 2),
    "three levels in d = 2": Model.random(5, 2, 3),
    "anisotropic masses in d = 2": Model.random(6, 2, 2, (1, 4)),
    "anisotropic masses in d = 3": Model.random(7, 3, 2, (1, 1, 8)),
}
MOMENTUM = np.array([0.31, -0.17, 0.23])


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=slow if "three" in n or "d = 3" in n else ()) for n in MODELS]
)
@pytest.mark.parametrize("channel", ["cooperon", "diffuson"])
@pytest.mark.slow
def test_soft_spectrum_is_that_of_the_whole_ladder_to_second_order(name, channel):
    """Halving eps divides what is left by eight, the third order; a wrong term would leave four."""
    model, cooperon = MODELS[name], channel == "cooperon"
    q = MOMENTUM[: model.dimension]
    expected = np.linalg.eigvals(derived_matrix(model, q, cooperon))
    errors = []
    for eps in (0.1, 0.05):
        rates = np.linalg.eigvals(grid_ladder(model, eps, q, cooperon))
        slowest = rates[np.argsort(rates.real)[: model.size**2]]
        errors.append(distance(slowest, eps**2 * expected))
    assert errors[0] < 0.1 * 0.1**2 * abs(expected).max()
    assert errors[1] < errors[0] / 6
