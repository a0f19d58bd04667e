"""Symmetry classes: by name, by soft modes, and by the spectra of random matrices.

The spectra know nothing of commutants: a Hamiltonian is drawn in a space of momenta and
internal states, and its level statistics, degeneracies and E -> -E symmetry are looked at.
"""

from functools import cache

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import (
    ONE,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPIN,
    SPINLESS,
    Conductor,
    Field,
    magnetic,
    potential,
    spin_orbit,
)
from cooperon.altland_zirnbauer import CLASSES, cooperons_per_block
from cooperon.band import chiral_band
from cooperon.directions import cross, m_x, m_y, m_z, n_in, n_out, n_x, n_y, n_z
from cooperon.internal import PSEUDOSPIN, VALLEY, product
from cooperon.symmetry import symmetry_class
from cooperon.terms import Term, Terms

alpha, beta, E_Z = sp.symbols("alpha beta E_Z", positive=True)
PAULI = (ONE, SIGMA_X, SIGMA_Y, SIGMA_Z)


def pauli(*indices):
    return sp.kronecker_product(*(PAULI[i] for i in indices), sp.eye(1))


def terms(kinetic, hamiltonian, *disorder, d=2):
    made = [] if kinetic is None else [Term("kinetic energy", kinetic, "kinetic")]
    made += [] if hamiltonian is None else [Term("h", hamiltonian, "hamiltonian")]
    return Terms(d, [*made, *(Term(f"V{i}", M) for i, M in enumerate(disorder))])


RASHBA = alpha * (n_y * SIGMA_X - n_x * SIGMA_Y)
CONE = n_x * SIGMA_X + n_y * SIGMA_Y
# Two valleys of graphene, (A K, B K, A K', B K'): T = tau_x K, sublattice = sigma_z.
VALLEYS = n_x * pauli(3, 1) + n_y * pauli(0, 2)
BONDS = [pauli(0, 1), pauli(3, 2), pauli(1, 1), pauli(2, 1)]
SPIN_BONDS = [pauli(0, 2, 1), pauli(3, 1, 2), pauli(1, 2, 3), pauli(2, 2, 1)]
D_WAVE = (n_x**2 - n_y**2) * pauli(2, 2)
D_PLUS_ID = D_WAVE + 2 * n_x * n_y * pauli(1, 2)
SPIN_ORBIT_BDG = alpha * (n_y * pauli(0, 1) - n_x * pauli(3, 2))
NAMBU = pauli(3, 0)

# name: model, class, dimension and copies of its blocks
MODELS = {
    "metal": (terms(ONE, None, ONE), "AI", 1, 2),
    "spin-orbit in three dimensions": (
        terms(
            ONE,
            None,
            ONE,
            sp.I
            * sum((c * s for c, s in zip(cross(n_out, n_in), PAULI[1:], strict=True)), 0 * ONE),
            d=3,
        ),
        "AII",
        2,
        1,
    ),
    "Rashba": (terms(ONE, RASHBA, ONE), "AII", 2, 1),
    "Rashba and Zeeman": (terms(ONE, RASHBA + E_Z * SIGMA_Z, ONE), "A", 2, 1),
    "magnetic": (terms(ONE, None, ONE, SIGMA_X, SIGMA_Y, SIGMA_Z), "A", 2, 1),
    "Dirac point, potential": (terms(None, CONE, ONE), "AII", 2, 1),
    "Dirac point, mass": (terms(None, CONE, SIGMA_Z), "D", 2, 1),
    "Dirac point, vector potential": (terms(None, CONE, SIGMA_X, SIGMA_Y), "AIII", 2, 1),
    "Dirac point, everything": (terms(None, CONE, *PAULI), "A", 2, 1),
    "graphene, potential and intervalley": (
        terms(None, VALLEYS, pauli(0, 0), pauli(1, 0), pauli(2, 0)),
        "AI",
        4,
        1,
    ),
    "graphene, bonds": (terms(None, VALLEYS, *BONDS), "BDI", 4, 1),
    "graphene, bonds with spin-orbit": (
        terms(
            None,
            sp.kronecker_product(VALLEYS, ONE),
            *(sp.kronecker_product(M, ONE) for M in BONDS),
            *SPIN_BONDS,
        ),
        "CII",
        8,
        1,
    ),
    "p-wave": (terms(SIGMA_Z, n_x * SIGMA_X + n_y * SIGMA_Y, SIGMA_Z), "D", 2, 1),
    "d-wave": (terms(NAMBU, D_WAVE, NAMBU), "CI", 2, 2),
    "d + id": (terms(NAMBU, D_PLUS_ID, NAMBU), "C", 2, 2),
    # Without disorder of the gap H^2 = (...)^2 + gap^2 superposes two spectra (Anderson's theorem).
    "s-wave with Rashba": (
        terms(NAMBU, pauli(2, 2) + SPIN_ORBIT_BDG, NAMBU, pauli(2, 2)),
        "DIII",
        4,
        1,
    ),
}


@cache
def classified(name):
    return symmetry_class(MODELS[name][0])


def test_models_cover_the_ten_classes():
    assert {label for _, label, _, _ in MODELS.values()} == set(CLASSES.values())
    assert len(CLASSES) == 10


@pytest.mark.parametrize("name", MODELS)
def test_class_and_blocks(name):
    _, label, dimension, copies = MODELS[name]
    found = classified(name)
    assert found.label == label
    assert [(b.dimension, b.copies) for b in found.blocks] == [(dimension, copies)]


def realisation(model, rng, pairs):
    """Return H between momenta (n_1, -n_1, n_2, ...) and internal states, and k -> -k."""
    points = rng.normal(size=(pairs, 3)) * (np.arange(3) < model.dimension)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points = np.stack([points, -points], axis=1).reshape(-1, 3)
    count, size = len(points), model.terms[0].matrix.rows
    reverse = np.arange(count) ^ 1
    energies = np.diag(np.repeat(rng.normal(size=pairs), 2))
    H = np.zeros((count, size, count, size), complex)
    for term in model.terms:
        factor = {"kinetic": energies, "hamiltonian": np.eye(count)}.get(term.kind)
        if factor is None:
            factor = real_field(rng, reverse)
        H += np.einsum("ij,abij->iajb", factor, on_grid(term.matrix, points))
    return H.reshape(count * size, -1), np.kron(np.eye(count)[reverse], np.eye(size))


def real_field(rng, reverse):
    """Return V(k, k') = V(k - k') of a real field V(r), for momenta in general position."""
    count = len(reverse)
    u = rng.normal(size=(count, count)) + 1j * rng.normal(size=(count, count))
    u = u + u.conj().T
    return (u + u[np.ix_(reverse, reverse)].T) / np.sqrt(count)


def on_grid(matrix, points):
    """Return M[a, b](n_i, n_j), shape (size, size, count, count)."""
    size, count = matrix.rows, len(points)
    numbers = matrix.subs(dict.fromkeys((alpha, beta, E_Z), 1))
    out, into = (tuple(x) for x in (points.T[:, :, None], points.T[:, None, :]))
    values = np.zeros((size, size, count, count), complex)
    for (a, b), entry in numbers.todok().items():
        values[a, b] = sp.lambdify((n_out, n_in), entry, "numpy")(out, into)
    return values


def distinct(levels, degeneracy):
    groups = levels.reshape(-1, degeneracy)
    assert np.ptp(groups, axis=1).max() < 1e-9
    return groups.mean(axis=1)


def gap_ratio(levels):
    """Mean of min/max of neighbouring gaps, away from E = 0 and the edges."""
    above = levels[levels > 0]
    gaps = np.diff(above[3 : -len(above) // 4])
    return np.minimum(gaps[1:], gaps[:-1]) / np.maximum(gaps[1:], gaps[:-1])


# Y. Y. Atas et al., Phys. Rev. Lett. 110, 084101 (2013), Table I: GOE, GUE, GSE.
RATIO = {1: 0.5307, 0: 0.5996, -1: 0.6744}


@pytest.mark.parametrize("name", MODELS)
def test_spectra_of_random_realisations_have_the_statistics_of_the_class(name):
    model = MODELS[name][0]
    (block,) = classified(name).blocks
    rng = np.random.default_rng(7)
    ratios = []
    for _ in range(20):
        levels = np.linalg.eigvalsh(realisation(model, rng, pairs=80 // model.size)[0])
        if block.chiral or block.particle_hole:
            np.testing.assert_allclose(levels, -levels[::-1], atol=1e-10)
        else:
            assert abs(levels + levels[::-1]).max() > 1e-3
        kramers = 2 if block.time_reversal == -1 else 1
        ratios.append(gap_ratio(distinct(levels, kramers * block.copies)))
    ratios = np.concatenate(ratios)
    error = np.std(ratios) / np.sqrt(len(ratios))
    assert error < 0.015  # the three ratios are 0.07 apart
    assert np.mean(ratios) == pytest.approx(RATIO[block.time_reversal], abs=4 * error)


@pytest.mark.parametrize("name", MODELS)
def test_reported_matrices_transform_a_random_realisation(name):
    model = MODELS[name][0]
    found = classified(name)
    H, reverse = realisation(model, np.random.default_rng(3), pairs=3)
    for symmetry, conjugates, sign in (
        (found.time_reversal, True, 1),
        (found.particle_hole, True, -1),
        (found.chiral, False, -1),
    ):
        if not symmetry.exists:
            continue
        assert not symmetry.matrix.has(sp.Float)
        U = np.array(symmetry.matrix.tolist(), complex)
        full = np.kron(np.eye(6), U) @ (reverse if conjugates else np.eye(len(H)))
        image = full @ (H.conj() if conjugates else H) @ full.conj().T
        np.testing.assert_allclose(image, sign * H, atol=1e-12)
        squared = U @ (U.conj() if conjugates else U)
        np.testing.assert_allclose(squared, symmetry.square * np.eye(len(U)), atol=1e-12)


def rotated(model, unitary):
    turn = [
        Term(t.name, (unitary * t.matrix * unitary.H).applyfunc(sp.expand), t.kind)
        for t in model.terms
    ]
    return Terms(model.dimension, turn)


def cayley(entries, size):
    """Return the rational unitary (1 + iA)/(1 - iA) of a Hermitian matrix of integers."""
    numbers = iter(entries)
    A = sp.zeros(size)
    for i in range(size):
        A[i, i] = next(numbers)
        for j in range(i):
            A[i, j] = next(numbers) + sp.I * next(numbers)
            A[j, i] = sp.conjugate(A[i, j])
    one = sp.eye(size)
    plus, minus = (one + sp.I * A).applyfunc(sp.expand), (one - sp.I * A).applyfunc(sp.expand)
    return (plus * minus.inv()).applyfunc(lambda z: sp.expand(sp.radsimp(z)))


@settings(max_examples=12)
@given(
    name=st.sampled_from([name for name in MODELS if MODELS[name][0].size == 2]),
    entries=st.lists(st.integers(-3, 3), min_size=4, max_size=4),
)
def test_class_does_not_depend_on_the_basis(name, entries):
    model = MODELS[name][0]
    assert_same(model, rotated(model, cayley(entries, 2)))


@pytest.mark.parametrize("name", ["d-wave", "s-wave with Rashba", "graphene, bonds"])
def test_class_does_not_depend_on_the_basis_of_four_states(name):
    model = MODELS[name][0]
    assert_same(
        model, rotated(model, cayley([1, 0, 1, 2, -1, 0, 1, 1, 1, 0, 2, 1, 0, -1, 1, 1], 4))
    )


def assert_same(model, other):
    one, two = symmetry_class(model), symmetry_class(other)
    assert (one.label, one.blocks) == (two.label, two.blocks)
    assert one.cooperon_weight == two.cooperon_weight
    for name in ("time_reversal", "particle_hole", "chiral"):
        left, right = getattr(one, name), getattr(two, name)
        assert (left.exists, left.square) == (right.exists, right.square)
        assert (right.matrix is None) == (not right.exists or bool(parameters(other)))


def parameters(model):
    free = set().union(*(t.matrix.free_symbols for t in model.terms))
    found = symmetry_class(model)
    missing = (found.time_reversal, found.particle_hole, found.chiral)
    return free - {*n_out, *n_in} if any(s.exists and s.matrix is None for s in missing) else set()


def test_floats_in_a_rotated_basis_give_a_unitary_matrix():
    rng = np.random.default_rng(0)
    unitary, _ = np.linalg.qr(rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4)))
    model = rotated(MODELS["graphene, bonds"][0], sp.Matrix(unitary))
    found = symmetry_class(model)
    assert found.label == "BDI"
    U = np.array(found.time_reversal.matrix.tolist(), complex)
    np.testing.assert_allclose(U @ U.conj(), np.eye(4), atol=1e-12)
    expected = unitary @ np.kron([[0, 1], [1, 0]], np.eye(2)) @ unitary.T
    phase = np.vdot(expected, U) / 4
    np.testing.assert_allclose(U, phase * expected, atol=1e-12)


CONDUCTORS = {
    "potential": ([potential()], "AI", 1),
    "spin-orbit": ([potential(), spin_orbit()], "AII", -sp.S.Half),
    "spin-orbit along z": ([potential(), spin_orbit(sp.oo, sp.oo)], "A", 0),
    "spin-orbit along x and y": ([potential(), spin_orbit(tau_z=sp.oo)], "AII", -sp.S.Half),
    "magnetic": ([potential(), magnetic()], "A", 0),
    "magnetic along z": ([potential(), magnetic(sp.oo, sp.oo)], "AI", 1),
    "magnetic in the plane": ([potential(), magnetic(tau_z=sp.oo)], "AI", sp.S.Half),
    "everything": ([potential(), spin_orbit(), magnetic()], "A", 0),
    "along z": ([potential(), spin_orbit(sp.oo, sp.oo), magnetic(sp.oo, sp.oo)], "A", 0),
}


@pytest.mark.parametrize("name", CONDUCTORS)
def test_gapless_modes_of_the_ladder_are_those_of_the_class(name):
    disorder, label, weight = CONDUCTORS[name]
    conductor = Conductor(2, disorder)
    found = symmetry_class(conductor)
    gapless = [mode for mode in conductor.cooperon().modes if mode.gap == 0]
    densities = [mode for mode in conductor.diffuson().modes if mode.gap == 0]
    assert found.label == label
    assert found.cooperon_weight == weight == sum((mode.weight for mode in gapless), sp.S.Zero)
    assert (found.gapless_cooperons, found.gapless_diffusons) == (len(gapless), len(densities))


BANDS = {
    "Dirac cone": (chiral_band(1), PSEUDOSPIN, "AII", -sp.S.Half),
    "bilayer": (chiral_band(2), PSEUDOSPIN, "AI", sp.S.Half),
    "massive Dirac cone": (chiral_band(1, sp.S.Half), PSEUDOSPIN, "A", 0),
    "two valleys": (chiral_band(1, 0, sp.diag(1, -1)), product(VALLEY, PSEUDOSPIN), "AII", -1),
}


@pytest.mark.parametrize("name", BANDS)
def test_gapless_modes_of_a_chiral_band_are_those_of_its_class(name):
    band, space, label, weight = BANDS[name]
    conductor = Conductor(2, [potential(space=space)], space, band=band)
    found = symmetry_class(conductor)
    gapless = [mode for mode in conductor.cooperon().modes if mode.gap == 0]
    assert found.label == label
    assert found.gapless_cooperons == len(gapless)
    assert found.cooperon_weight == weight == sum((mode.weight for mode in gapless), sp.S.Zero)


@pytest.mark.parametrize(
    ("hamiltonian", "label"),
    [(RASHBA, "AII"), (RASHBA + E_Z * SIGMA_Z, "A"), (E_Z * SIGMA_Z, "AI")],
)
def test_gapless_modes_with_a_hamiltonian_are_those_of_its_class(hamiltonian, label):
    conductor = Conductor(2, [potential()], hamiltonian=hamiltonian)
    found = symmetry_class(conductor)
    relaxation = conductor.cooperon().relaxation
    assert found.label == label
    assert found.gapless_cooperons == relaxation.rows - relaxation.rank()


def test_spinless_electrons_are_one_block_of_class_AI():
    found = symmetry_class(Conductor(2, [potential(space=SPINLESS)], SPINLESS))
    assert (found.label, found.blocks[0].copies, found.gapless_cooperons) == ("AI", 1, 1)


@pytest.mark.parametrize("label", CLASSES.values())
def test_a_block_has_a_cooperon_if_it_has_time_reversal(label):
    for name in (name for name, (_, known, _, _) in MODELS.items() if known == label):
        found = classified(name)
        (block,) = found.blocks
        assert found.gapless_cooperons == cooperons_per_block(label) * block.copies**2


def test_time_reversal_of_spin_is_i_sigma_y():
    found = symmetry_class(Conductor(3, [potential(), spin_orbit(dimension=3)]))
    assert found.time_reversal.matrix == SPIN.time_reversal
    assert found.time_reversal.square == -1


def test_conserved_spin_makes_two_blocks_that_time_reversal_exchanges():
    found = symmetry_class(Conductor(2, [potential(), spin_orbit(sp.oo, sp.oo)]))
    assert [block.label for block in found.blocks] == ["A", "A"]
    assert found.time_reversal.exchanges
    assert found.time_reversal.square == 0


@pytest.mark.parametrize("direction", [(0, 0, 1), (1, 1, 0), sp.symbols("a b c", real=True)])
def test_a_uniform_spin_splitting_conserves_spin_along_any_axis(direction):
    """Two spin species without spin-flips: class AI each, though i sigma_y K is broken."""
    h = sum((b * s for b, s in zip(direction, PAULI[1:], strict=True)), 0 * ONE)
    found = symmetry_class(terms(ONE, h, ONE))
    assert found.label == "AI"
    assert [block.dimension for block in found.blocks] == [1, 1]


def test_functions_of_a_direction_are_compared_on_the_sphere():
    """n_x^2 + n_y^2 = 1 on a circle: what looks like two terms is none."""
    h = (n_x**2 + n_y**2 - 1) * SIGMA_Z
    assert symmetry_class(terms(ONE, h, ONE)).gapless_diffusons == 4
    assert symmetry_class(terms(ONE, h, ONE, d=3)).gapless_diffusons == 2
    odd_in_one_dimension = terms(ONE, n_x**3 * SIGMA_Z, ONE, d=1)
    assert symmetry_class(odd_in_one_dimension).label == "A"


def test_a_field_with_an_even_and_an_odd_part_breaks_time_reversal():
    mixed = Field("mixed", ONE + SIGMA_Y, 1 / sp.Symbol("tau_m", positive=True))
    conductor = Conductor(2, [potential(), mixed, spin_orbit()])
    assert symmetry_class(conductor).label == "A"
    assert list(symmetry_class(conductor).breaks) == ["mixed"]


def test_blocks_of_different_classes_are_named_together():
    """A spin-orbit coupled doublet next to a single level."""
    kinetic = sp.diag(1, 1, 0)
    level = sp.diag(0, 0, 1)
    h = sp.diag(RASHBA, 0)
    model = Terms(
        2,
        [
            Term("doublet", kinetic, "kinetic"),
            Term("level", level, "disorder"),
            Term("h", h, "hamiltonian"),
            Term("V", sp.eye(3)),
        ],
    )
    found = symmetry_class(model)
    assert found.label == "AI + AII"
    assert found.time_reversal.exists
    assert found.time_reversal.square == 0


@pytest.mark.parametrize(
    ("disorder", "words"),
    [
        (
            [potential(), spin_orbit(), magnetic(tau_y=sp.oo)],
            {
                "magnetic x": "magnetic x breaks time reversal i sigma_y K",
                "magnetic z": "magnetic z breaks time reversal i sigma_y K",
            },
        ),
        ([potential(), spin_orbit()], {}),
        (
            [potential(), magnetic(sp.oo, sp.oo)],
            {
                "magnetic z": "magnetic z breaks time reversal i sigma_y K, though another "
                "antiunitary remains"
            },
        ),
    ],
)
def test_words_name_the_fields_that_break_time_reversal(disorder, words):
    found = symmetry_class(Conductor(2, disorder))
    assert dict(found.breaks) == words
    assert all(sentence in str(found) for sentence in words.values())


def test_words_name_parameters_of_the_hamiltonian():
    conductor = Conductor(2, [potential()], hamiltonian=RASHBA + E_Z * SIGMA_Z)
    assert list(symmetry_class(conductor).breaks) == ["the term in E_Z"]


def test_words_list_every_term_that_has_to_go():
    found = classified("Dirac point, everything")
    assert dict(found.breaks) == {
        "V0": "V0 breaks particle-hole symmetry and chiral symmetry",
        "V1": "V1 breaks time reversal and particle-hole symmetry",
        "V2": "V2 breaks time reversal and particle-hole symmetry",
        "V3": "V3 breaks time reversal and chiral symmetry",
    }


def test_text_reads_as_a_table():
    text = str(classified("s-wave with Rashba"))
    assert text.splitlines() == [
        "class DIII",
        "  one block of 4 x 4 in class DIII",
        "  time reversal           T = i 1 (x) sigma_y K, T^2 = -1 in a block",
        "  particle-hole symmetry  C = sigma_x (x) 1 K, C^2 = +1 in a block",
        "  chiral symmetry         S = sigma_x (x) sigma_y, S^2 = +1 in a block",
    ]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: symmetry_class(3), TypeError, "no attribute 'dimension'"),
        (lambda: Terms(4, [Term("V", ONE)]), ValueError, "choose 1, 2 or 3"),
        (lambda: Terms(2, []), ValueError, "at least one"),
        (lambda: Terms(2, [Term("V", ONE), Term("V", ONE)]), ValueError, "two terms"),
        (lambda: Terms(2, [Term("V", ONE), Term("W", sp.eye(3))]), ValueError, "same space"),
        (lambda: Term("V", sp.Matrix([[0, 1], [0, 0]])), ValueError, "not Hermitian"),
        (lambda: Term("V", sp.Symbol("a") * ONE), ValueError, "declare its symbols real"),
        (lambda: Term("V", sp.I * (n_x + m_x) * ONE), ValueError, "not Hermitian"),
        (lambda: Term("h", (n_z + m_z) * ONE, "hamiltonian"), ValueError, "before scattering"),
        (lambda: Term("h", sp.zeros(2, 3)), ValueError, "square"),
        (lambda: Term("h", ONE, "magic"), ValueError, "magic"),
        (
            lambda: symmetry_class(terms(ONE, sp.sqrt(2 + n_x**2) * SIGMA_Z, ONE)),
            ValueError,
            "not a polynomial",
        ),
        (
            lambda: symmetry_class(
                terms(ONE, n_x * SIGMA_X + n_y * (SIGMA_X + 1e-9 * SIGMA_Y), ONE)
            ),
            ValueError,
            "neither rounding nor a term",
        ),
        (lambda: cooperons_per_block("E8"), ValueError, "no class"),
    ],
)
def test_mistakes_are_told(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_a_weak_profile_that_prefers_a_direction_breaks_time_reversal():
    """w(n, n') = 1 + (n + n').x/4 is not the w(-n', -n) of the reversed collision."""
    skew = Field("skew", ONE, 1, profile=1 + (n_x + m_x) / 4, weak=False)
    assert symmetry_class(Conductor(2, [skew])).label == "A"
    even = Field("even", ONE, 1, profile=1 + (n_x * m_x + n_y * m_y) / 2, weak=False)
    assert symmetry_class(Conductor(2, [even])).label == "AI"
