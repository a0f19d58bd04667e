"""What any soft propagator has to fulfil, checked on random mixtures of terms.

Exchange of the two legs turns S(q) of a Cooperon into its adjoint, particles do not decay,
nothing depends on the basis of the internal space, and as many modes are gapless, with as much
weight, as the symmetry class demands, which `symmetry_class` finds without any ladder.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import (
    ONE,
    PSEUDOSPIN,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPIN,
    Band,
    Conductor,
    Field,
    chiral_band,
    dot,
    m_x,
    m_y,
    n_x,
    n_y,
    potential,
    symmetry_class,
)
from diagrams.symbols import hbar, v_F

area = n_x * m_y - n_y * m_x
COS_2, COS_3 = n_x**2 - n_y**2, n_x**3 - 3 * n_x * n_y**2
# Terms by the symmetry they leave; weak vertices, and Hamiltonians in units of hbar/(20 tau).
SPINLESS_TERMS = [sp.I * (n_x - m_x) * ONE, (1 + n_x * m_x) * ONE]
SPINLESS_H = [COS_2 * ONE, n_x * n_y * ONE]
ONE_AXIS = [sp.I * area * SIGMA_Z, (n_x + m_x) * SIGMA_Z, (n_y + m_y) * SIGMA_Z]
ONE_AXIS_H = [n_x * SIGMA_Z, (n_y + COS_3) * SIGMA_Z]
SPIN_ORBIT = [(n_y + m_y) * SIGMA_X - (n_x + m_x) * SIGMA_Y, sp.I * area * (SIGMA_X + 2 * SIGMA_Y)]
SPIN_ORBIT_H = [n_y * SIGMA_X - n_x * SIGMA_Y, COS_3 * SIGMA_X - n_y * SIGMA_Z]
MAGNETIC = [SIGMA_Z, SIGMA_X - 2 * SIGMA_Y, (n_x + m_x) * ONE]
MAGNETIC_H = [SIGMA_Z, SIGMA_X + COS_2 * SIGMA_Y, COS_3 * ONE]
VERTICES = [*SPINLESS_TERMS, *ONE_AXIS, *SPIN_ORBIT, *MAGNETIC]
HAMILTONIANS = [*SPINLESS_H, *ONE_AXIS_H, *SPIN_ORBIT_H, *MAGNETIC_H]
FAMILIES = (
    (SPINLESS_TERMS, SPINLESS_H),
    (SPINLESS_TERMS + ONE_AXIS, SPINLESS_H + ONE_AXIS_H),
    (SPINLESS_TERMS + ONE_AXIS + SPIN_ORBIT, SPINLESS_H + ONE_AXIS_H + SPIN_ORBIT_H),
    (ONE_AXIS + MAGNETIC[:1], ONE_AXIS_H + MAGNETIC_H[:1]),
    (VERTICES, HAMILTONIANS),
)


def conductor(vertices, hamiltonians, band=None, space=SPIN):
    """A potential of finite range (isotropic on a band), weak fields and a Hamiltonian."""
    weak = [Field(f"{k}", V, sp.Rational(k, 50)) for k, V in enumerate(vertices, 1)]
    h = sum(((k * H for k, H in enumerate(hamiltonians, 1))), sp.zeros(2)) * hbar / 20
    profile = sp.S.One if band else 1 + dot(2) / 2
    return Conductor(2, [potential(1, profile, space), *weak], space, hamiltonian=h, band=band)


@st.composite
def mixtures(draw, families=FAMILIES):
    vertices, hamiltonians = draw(st.sampled_from(families))
    return conductor(
        draw(st.lists(st.sampled_from(vertices), max_size=3, unique_by=str)),
        draw(st.lists(st.sampled_from(hamiltonians), max_size=2, unique_by=str)),
    )


def numbers(matrix):
    return np.array(sp.Matrix(matrix).subs({v_F: 1, hbar: 1}).evalf(25), dtype=complex)


def derived(modes, q):
    """Return S(q) as numbers, v_F = tau = 1."""
    D = complex(modes.diffusion_constant.subs(v_F, 1))
    matrix = numbers(modes.relaxation) + D * (q @ q) * np.eye(len(modes.basis))
    return matrix + sum(c * numbers(A) for c, A in zip(q, modes.coupling, strict=True))


def exchange_by_hand(modes):
    """Return X between the soft states: the legs swapped, (-1)^l for the harmonic l."""
    states = [{k: complex(v) for k, v in state.items()} for state in modes.states]
    swapped = [
        {(a, p % 2 * 2 + p // 2): (-1) ** a[0] * v for (a, p), v in state.items()}
        for state in states
    ]
    return np.array(
        [[sum(np.conj(v) * G.get(k, 0) for k, v in F.items()) for G in swapped] for F in states]
    )


q = np.array([0.07, -0.04])
few = settings(max_examples=12)


@few
@given(mixtures())
def test_exchange_of_the_legs_gives_the_adjoint_and_the_weights(gas):
    modes = gas.cooperon()
    X, S = exchange_by_hand(modes), derived(modes, q)
    np.testing.assert_allclose(X @ S @ X, S.conj().T, atol=1e-14)
    np.testing.assert_allclose(numbers(modes.weights), X / 2, atol=1e-14)


@few
@given(mixtures(FAMILIES[:3]))
def test_without_precession_in_a_fixed_field_the_cooperon_is_hermitian_and_decays(gas):
    S = derived(gas.cooperon(), q)
    np.testing.assert_allclose(S, S.conj().T, atol=1e-14)
    assert np.linalg.eigvalsh(S).min() > 0


@few
@given(mixtures())
def test_particles_are_conserved_and_nothing_grows(gas):
    modes = gas.diffuson()
    gamma = derived(modes, 0 * q)
    density = np.array([complex(state.get(((0, 0), 0), 0)) for state in modes.states]).conj()
    density += np.array([complex(state.get(((0, 0), 3), 0)) for state in modes.states]).conj()
    assert np.linalg.norm(density) == pytest.approx(np.sqrt(2))
    np.testing.assert_allclose(gamma @ density, 0, atol=1e-15)
    np.testing.assert_allclose(density.conj() @ gamma, 0, atol=1e-15)
    assert np.linalg.eigvals(gamma).real.min() > -1e-14


@few
@given(mixtures())
def test_gapless_modes_and_their_weight_are_those_of_the_symmetry_class(gas):
    expected, cooperon = symmetry_class(gas), gas.cooperon()
    null = null_space(derived(cooperon, 0 * q))
    assert null.shape[1] == expected.gapless_cooperons
    weight = np.trace(null.conj().T @ numbers(cooperon.weights) @ null).real
    assert weight == pytest.approx(float(expected.cooperon_weight))
    assert null_space(derived(gas.diffuson(), 0 * q)).shape[1] == expected.gapless_diffusons


def null_space(gamma):
    """Return an orthonormal basis; a gap is at least about 1e-3 here."""
    _, singular, rows = np.linalg.svd(gamma)
    return rows[singular < 1e-10].conj().T


def cayley(entries):
    """Return the unitary (1 - iA)/(1 + iA) of a Hermitian A of integers, of rational entries."""
    a, b, c, d = entries
    A = sp.Matrix([[a, b + sp.I * c], [b - sp.I * c, d]])
    return ((sp.eye(2) - sp.I * A) * (sp.eye(2) + sp.I * A).inv()).applyfunc(
        lambda entry: sp.expand(sp.radsimp(entry))
    )


def rotated(gas, U):
    def turn(matrix):
        return (U * matrix * U.H).applyfunc(sp.expand)

    fields = [Field(f.name, turn(f.vertex), f.rate, f.profile, f.weak) for f in gas.disorder]
    band = gas.band and Band("rotated", turn(gas.band.projector))
    return Conductor(2, fields, gas.internal, hamiltonian=turn(gas.hamiltonian), band=band)


def invariants(modes):
    """Return the trace of w/S(q), and the eigenvalues of S(q)."""
    S = derived(modes, q) + 0.01 * np.eye(len(modes.basis))
    eigenvalues = np.linalg.eigvals(S)
    trace = np.trace(numbers(modes.weights) @ np.linalg.inv(S))
    return np.array([trace, *(np.sum(eigenvalues**k) for k in range(1, len(S) + 1))])


@pytest.mark.parametrize("entries", [(1, -1, 0, 1), (2, 0, 1, 1)])
def test_the_basis_of_the_internal_space_changes_nothing(entries):
    gas = conductor(SPIN_ORBIT[:1] + MAGNETIC[1:], SPIN_ORBIT_H[:1] + MAGNETIC_H[:1])
    other = rotated(gas, cayley(entries))
    for channel in ("cooperon", "diffuson"):
        before, after = (invariants(getattr(g, channel)()) for g in (gas, other))
        np.testing.assert_allclose(after, before, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("entries", "winding"), [((1, 1, 0, 0), 1), ((0, 0, 2, 0), 2)])
@pytest.mark.slow
def test_the_basis_of_a_chiral_band_changes_nothing(entries, winding):
    fields = [SIGMA_Z, sp.I * area * ONE]
    gas = conductor(fields, [COS_3 * ONE], chiral_band(winding), PSEUDOSPIN)
    other = rotated(gas, cayley(entries))
    assert [m.gap for m in other.cooperon().modes] == [m.gap for m in gas.cooperon().modes]
    assert [m.weight for m in other.cooperon().modes] == [m.weight for m in gas.cooperon().modes]
    assert [m.gap for m in other.diffuson().modes] == [0]
