"""The projected ladder kernel against matrices built by hand and quadrature over directions.

`Problem.hand` is a vertex as a NumPy function of two directions; nothing of it is shared with
the package.  Quadrature on S^0, S^1 and S^2 is exact for the polynomials that occur.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import ONE, SIGMA_X, SIGMA_Y, SIGMA_Z, Conductor, Field, potential, spin_orbit
from cooperon.directions import dot, m_x, m_y, n_x, n_y
from cooperon.harmonics import Harmonics
from cooperon.ladder import Channel, ladder

one = np.eye(2)
s_x, s_y, s_z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
RATE = 0.37


@dataclass(frozen=True)
class Problem:
    """One weak field: dimension, the package's vertex, the same by hand, its profile by hand."""

    dimension: int
    vertex: sp.Matrix
    hand: Callable[[np.ndarray, np.ndarray], np.ndarray]
    profile: sp.Expr = sp.S.One
    hand_profile: Callable[[np.ndarray, np.ndarray], float] = lambda n, m: 1.0

    def field(self) -> Field:
        return Field("field", self.vertex, sp.Float(RATE), self.profile)


def _elliott_yafet(i):
    return spin_orbit(dimension=3)[
        i
    ].vertex, lambda n, m: 1j * np.cross(n, m)[i] * (s_x, s_y, s_z)[i]


rashba = (n_y + m_y) * SIGMA_X - (n_x + m_x) * SIGMA_Y
dresselhaus = (n_x + m_x) * SIGMA_X - (n_y + m_y) * SIGMA_Y
area = n_x * m_y - n_y * m_x

PROBLEMS = {
    "potential": Problem(2, ONE, lambda n, m: one),
    "magnetic in d = 1": Problem(1, SIGMA_Y, lambda n, m: s_y),
    "magnetic, tilted": Problem(
        3, 3 * SIGMA_X - 4 * SIGMA_Y + 12 * SIGMA_Z, lambda n, m: 3 * s_x - 4 * s_y + 12 * s_z
    ),
    "spin-orbit in d = 1": Problem(1, (n_x + m_x) * SIGMA_Z, lambda n, m: (n + m)[0] * s_z),
    "Elliott-Yafet x": Problem(3, *_elliott_yafet(0)),
    "Elliott-Yafet y": Problem(3, *_elliott_yafet(1)),
    "Elliott-Yafet z": Problem(3, *_elliott_yafet(2)),
    "spin-orbit z in d = 2": Problem(
        2, sp.I * area * SIGMA_Z, lambda n, m: 1j * np.cross(n, m)[2] * s_z
    ),
    "random Rashba": Problem(2, rashba, lambda n, m: (n + m)[1] * s_x - (n + m)[0] * s_y),
    "random Rashba and Dresselhaus": Problem(
        2,
        2 * rashba + dresselhaus,
        lambda n, m: (2 * (n + m)[1] + (n + m)[0]) * s_x - (2 * (n + m)[0] + (n + m)[1]) * s_y,
    ),
    "both parities": Problem(2, 2 * ONE + SIGMA_X, lambda n, m: 2 * one + s_x),
    "spin-orbit and potential, interfering": Problem(
        2, ONE + sp.I * area * SIGMA_Z / 2, lambda n, m: one + 0.5j * np.cross(n, m)[2] * s_z
    ),
    "cubic": Problem(
        2,
        (n_x**3 - 3 * n_x * n_y**2 + m_x**3 - 3 * m_x * m_y**2) * SIGMA_Z + SIGMA_X,
        lambda n, m: sum(a[0] ** 3 - 3 * a[0] * a[1] ** 2 for a in (n, m)) * s_z + s_x,
    ),
    "finite range": Problem(
        2,
        (n_x + m_x) * SIGMA_Z + SIGMA_Y,
        lambda n, m: (n + m)[0] * s_z + s_y,
        1 + dot(2) / 2,
        lambda n, m: 1 + n @ m / 2,
    ),
}


def directions(dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors and weights, exact to degree 5 on the sphere and 11 on the circle."""
    if dimension == 1:
        return np.array([[1.0, 0, 0], [-1.0, 0, 0]]), np.full(2, 0.5)
    count = 12 if dimension == 2 else 6
    angles = 2 * np.pi * (np.arange(count) + 0.3) / count
    circle = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    if dimension == 2:
        return circle, np.full(count, 1 / count)
    heights, weights = np.polynomial.legendre.leggauss(3)
    points = [np.sqrt(1 - u**2) * n + [0, 0, u] for u in heights for n in circle]
    return np.array(points), np.repeat(weights / (2 * count), count)


def by_quadrature(problem: Problem, cooperon: bool) -> np.ndarray:
    """Return out-rate minus in-rate between isotropic harmonics, normalised by the out-rate."""
    points, weights = directions(problem.dimension)
    norm, kernel = 0.0, np.zeros((4, 4), complex)
    for n, a in zip(points, weights, strict=True):
        for m, b in zip(points, weights, strict=True):
            M, w = problem.hand(n, m), a * b * problem.hand_profile(n, m)
            other = problem.hand(-n, -m) if cooperon else M.conj()
            out = np.kron(M @ M.conj().T, one) + np.kron(one, other @ other.conj().T)
            kernel += w * (out / 2 - np.kron(M, other))
            norm += w * np.trace(M @ M.conj().T).real / 2
    return RATE * kernel / norm


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("channel", Channel)
def test_isotropic_block_is_the_average_over_directions(name, channel):
    problem = PROBLEMS[name]
    gas = Conductor(problem.dimension, [potential(tau=1), problem.field()])
    derived = np.array(ladder(gas, channel).block(), dtype=complex)
    expected = by_quadrature(problem, channel is Channel.COOPERON)
    np.testing.assert_allclose(derived, expected, atol=1e-14)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_vector_block_is_the_transport_rate(dimension):
    """1/tau_tr = (1 - <cos>)/tau, for the profile 1 + g d cos of mean cosine g."""
    profile = 1 + dimension * dot(dimension) / 4
    gas = Conductor(dimension, [potential(profile=profile)])
    kernel = ladder(gas, Channel.DIFFUSON)
    for vector in [a for a in Harmonics(dimension).up_to(1) if a[0] == 1]:
        block = kernel.block(vector, vector)
        assert block == sp.eye(4) * sp.Rational(3, 4) * gas.scattering_rate


components = st.integers(-3, 3)


@st.composite
def random_vertices(draw):
    """A Hermitian 2 x 2 vertex: numbers, and combinations even and odd in direction."""
    fixed = [draw(components) for _ in range(4)]
    linear = [draw(components) for _ in range(4)]
    vertex = sp.zeros(2)
    for matrix, number, slope in zip((ONE, SIGMA_X, SIGMA_Y, SIGMA_Z), fixed, linear, strict=True):
        vertex += (number + slope * (n_x + m_x) + draw(components) * sp.I * area) * matrix
    return vertex


@settings(max_examples=8, deadline=None)
@given(st.lists(random_vertices(), min_size=1, max_size=2))
def test_diffuson_of_any_mixture_conserves_particles_and_decays(vertices):
    """Columns and rows of the density vanish, and no eigenvalue is negative."""
    weak = [Field(f"{k}", v, k + 1) for k, v in enumerate(vertices) if v != sp.zeros(2)]
    kernel = ladder(Conductor(2, [potential(tau=1), *weak]), Channel.DIFFUSON).block()
    density = sp.Matrix([1, 0, 0, 1])
    assert sp.expand(kernel * density) == sp.zeros(4, 1)
    assert sp.expand(density.T * kernel) == sp.zeros(1, 4)
    assert np.linalg.eigvalsh(np.array(kernel, dtype=complex)).min() > -1e-13


@settings(max_examples=8, deadline=None)
@given(st.lists(random_vertices(), min_size=1, max_size=2))
def test_cooperon_of_any_mixture_is_hermitian_decays_and_commutes_with_exchange(vertices):
    weak = [Field(f"{k}", v, k + 1) for k, v in enumerate(vertices) if v != sp.zeros(2)]
    kernel = ladder(Conductor(2, [potential(tau=1), *weak]), Channel.COOPERON).block()
    swap = sp.Matrix([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    assert sp.expand(kernel - kernel.H) == sp.zeros(4)
    assert sp.expand(swap * kernel - kernel * swap) == sp.zeros(4)
    assert np.linalg.eigvalsh(np.array(kernel, dtype=complex)).min() > -1e-13
