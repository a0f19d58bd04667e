"""Matrices on impurity lines, against products of NumPy matrices and the modes of a conductor."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy.physics.matrices import msigma

from cooperon import Conductor, magnetic, potential, spin_orbit
from cooperon.ladder import mean_out_rate
from diagrams.families import ladder, maximally_crossed, reverse
from diagrams.hikami import conductivity_box_diagrams, density_box_diagrams
from diagrams.matchings import BUBBLE, DENSITY_OF_STATES, bubble_diagrams, diagrams_of
from diagrams.matrices import InternalStructure, closed_loops, n_in, n_out
from diagrams.momenta import Segment
from diagrams.notation import parse
from diagrams.rules import Rules, evaluate
from diagrams.symbols import nu, omega, q, symbol, tau

ONE = sp.eye(2)
SIGMA = tuple(msigma(i) for i in (1, 2, 3))
MAGNETIC = tuple((sigma, 1) for sigma in SIGMA)
MIXED = ((ONE, 1), (SIGMA[0], sp.Rational(1, 2)), (SIGMA[1] + 2 * SIGMA[2], sp.Rational(1, 3)))
tau_so = symbol("tau_so")
RATES = sp.symbols("r_x r_y r_z", positive=True)


def brute_force(diagram, fields):
    """Multiply along a bubble as printed: the label met first stands rightmost."""
    labels = [word for word in str(diagram).replace("]", "").split() if word.isdigit()]
    matrices = [np.array(M, dtype=complex) for M, _ in fields]
    total = 0
    for choice in product(range(len(fields)), repeat=len(labels) // 2):
        at = [choice[int(label) - 1] for label in labels]
        value = np.eye(2)
        for a in at:
            value = matrices[a] @ value
        total += np.trace(value) * np.prod([float(fields[a][1]) for a in choice])
    return total


def magnetic_gas():
    """A spin-degenerate gas with magnetic impurities, and the same fields as matrices and rates."""
    conductor = Conductor(2, [potential(), magnetic()])
    return conductor, tuple((field.vertex, field.rate) for field in conductor.disorder)


def spin_rules(dimension, fields, spin=None, **more):
    vertices = {"x": spin, "y": spin} if spin is not None else {}
    internal = InternalStructure(fields, vertices)
    return Rules(dimension, internal=internal, frequency=sp.S.Zero, **more)


def spin_orbit_gas():
    """Potential and Elliott-Yafet scattering in d = 3, with strengths per unit of out-rate."""
    conductor = Conductor(3, [potential(), spin_orbit(*[3 * tau_so] * 3, dimension=3)])
    fields = [(field.vertex, field.rate / mean_out_rate(field, 3)) for field in conductor.disorder]
    return conductor, tuple(fields)


@pytest.mark.parametrize("rungs", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("family", [ladder, maximally_crossed])
def test_trace_of_a_family_is_the_sum_of_products_over_all_assignments(family, rungs):
    trace = InternalStructure(MIXED).trace(family(rungs))
    assert abs(complex(trace) - brute_force(family(rungs), MIXED)) < 1e-9


@pytest.mark.parametrize("diagram", [*bubble_diagrams(2)], ids=str)
def test_trace_of_every_bubble_is_the_sum_of_products_over_all_assignments(diagram):
    trace = InternalStructure(MIXED).trace(diagram)
    assert abs(complex(trace) - brute_force(diagram, MIXED)) < 1e-9


@pytest.mark.parametrize("rungs", [1, 2, 3, 4])
def test_isotropic_magnetic_disorder_has_three_triplets_and_minus_a_singlet(rungs):
    """sigma.sigma is 1 on the triplets and -3 on the singlet of two electrons."""
    internal = InternalStructure(MAGNETIC)
    assert internal.trace(maximally_crossed(rungs)) == 3 * 1**rungs - (-3) ** rungs
    assert internal.trace(ladder(rungs)) == 2 * 3**rungs


@pytest.mark.parametrize("rungs", [0, 1, 2, 3])
def test_crossed_diagram_is_the_sum_over_the_cooperon_modes_of_the_conductor(rungs):
    conductor, fields = magnetic_gas()
    modes = conductor.cooperon().modes
    assert sorted(mode.weight for mode in modes) == [-sp.S.Half, *[sp.S.Half] * 3]
    expected = sp.Add(
        *(2 * mode.weight * (conductor.scattering_rate - mode.gap) ** rungs for mode in modes)
    )
    trace = InternalStructure(fields).trace(maximally_crossed(rungs))
    assert sp.expand(trace - expected) == 0


@pytest.mark.parametrize("rungs", [1, 2, 3])
def test_ladder_between_spin_vertices_is_a_power_of_the_diffuson_mode(rungs):
    conductor, fields = magnetic_gas()
    for spin, name in zip((ONE, *SIGMA), ("S", "T_x", "T_y", "T_z"), strict=True):
        trace = InternalStructure(fields, {"x": spin, "y": spin}).trace(ladder(rungs))
        in_rate = conductor.scattering_rate - conductor.diffuson().gap(name)
        assert sp.expand(trace - 2 * in_rate**rungs) == 0


def test_different_spin_densities_do_not_mix():
    internal = InternalStructure(MAGNETIC, {"x": SIGMA[0], "y": SIGMA[1]})
    assert evaluate(ladder(1), Rules(2, internal=internal), order=2) == 0
    assert evaluate(ladder(1), Rules(2, internal=internal)) == 0


@pytest.mark.parametrize("order", [None, 2])
@pytest.mark.parametrize("rungs", [0, 1])
def test_unit_matrices_count_the_internal_states(rungs, order):
    momenta = {"y": (q, 0)}
    scalar = evaluate(ladder(rungs), Rules(2, momenta=momenta), order)
    internal = InternalStructure(((ONE, sp.Symbol("rate", positive=True)),))
    value = evaluate(ladder(rungs), Rules(2, momenta=momenta, internal=internal), order)
    assert sp.simplify(value - 2 * scalar) == 0


def test_unit_matrices_double_the_dressed_box():
    for diagram in density_box_diagrams():
        scalar = evaluate(diagram, Rules(2, frequency=sp.S.Zero), order=0)
        assert evaluate(diagram, spin_rules(2, ((ONE, 1),)), order=0) == 2 * scalar


@pytest.mark.parametrize("sites", [2, 4, 6])
def test_all_diagrams_of_a_closed_string_add_up_to_the_gaussian_moment(sites):
    """V = xi.sigma has V^2 = xi^2, whose moments are those of a Gaussian vector."""
    internal = InternalStructure(MAGNETIC)
    lines = (2,) * (sites // 2)
    total = sum(internal.trace(diagram) for diagram in diagrams_of(DENSITY_OF_STATES, lines))
    assert total == 2 * sp.factorial2(sites + 1)


def test_loops_joined_by_lines_are_traced_one_by_one():
    """<tr V^2 tr V^2> of V = xi.sigma is 4 <xi^4> = 60, and <tr V tr V> vanishes."""
    internal = InternalStructure(MAGNETIC)
    pairs = ("R[r 1 1 r] A[s 2 2 s]", "R[r 1 2 r] A[s 1 2 s]", "R[r 1 2 r] A[s 2 1 s]")
    assert sum(internal.trace(parse(text)) for text in pairs) == 60
    assert internal.trace(parse("R[r 1 r] A[s 1 s]")) == 0


def test_the_site_met_first_stands_rightmost():
    """tr(sigma_z sigma_y sigma_x) = -2i, for vertices met in the order x, y, z."""
    spins = dict(zip("xyz", SIGMA, strict=True))
    internal = InternalStructure(((ONE, 1),), spins)
    assert internal.trace(parse("R[z x] A[x y] R[y z]")) == -2 * sp.I
    assert internal.trace(parse("R[z y] A[y x] R[x z]")) == 2 * sp.I


def test_a_raising_vertex_needs_a_lowering_one():
    up = (SIGMA[0] + sp.I * SIGMA[1]) / 2
    assert InternalStructure(((ONE, 1),), {"x": up, "y": up.H}).trace(ladder(1)) == 1
    assert InternalStructure(((ONE, 1),), {"x": up, "y": up}).trace(ladder(1)) == 0


quaternions = st.tuples(*[st.integers(-3, 3)] * 4).filter(any)


@settings(deadline=None, max_examples=8)
@given(quaternion=quaternions, diagram=st.sampled_from(list(bubble_diagrams(2))))
def test_a_rotation_of_all_spins_changes_nothing(quaternion, diagram):
    w, *axis = quaternion
    U = w * ONE + sp.I * sum((a * s for a, s in zip(axis, SIGMA, strict=True)), sp.zeros(2))
    square = sum(c**2 for c in quaternion)

    def rotate(M):
        return (U * M * U.H / square).expand()

    before = InternalStructure(MIXED, {"x": SIGMA[2], "y": SIGMA[0]})
    after = InternalStructure(
        tuple((rotate(M), g) for M, g in MIXED),
        {"x": rotate(SIGMA[2]), "y": rotate(SIGMA[0])},
    )
    assert before.trace(diagram) == after.trace(diagram)
    assert before.out_rate(3) == after.out_rate(3)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_rung_and_self_energies_cancel_in_the_density_channel(dimension):
    """Particle conservation at first order, for any mixture: the Ward identity."""
    rules = spin_rules(dimension, tuple(zip((ONE, *SIGMA), (1, *RATES), strict=True)))
    values = [evaluate(diagram, rules, order=0) for diagram in bubble_diagrams(1)]
    assert len(values) == 3
    assert 0 not in values
    assert sp.simplify(sum(values)) == 0


def test_rung_and_self_energies_leave_the_gap_in_a_spin_channel():
    """The sum of first order is -gap times the pair of Green functions, 2 x 2 pi nu tau^2."""
    conductor, fields = magnetic_gas()
    lifetime = 1 / conductor.scattering_rate
    for spin, name in zip(SIGMA, ("T_x", "T_y", "T_z"), strict=True):
        rules = spin_rules(2, fields, spin)
        total = sum(evaluate(diagram, rules, order=0) for diagram in bubble_diagrams(1))
        gap = conductor.diffuson().gap(name)
        assert sp.simplify(total + 4 * sp.pi * nu * tau * gap * lifetime) == 0


@pytest.mark.parametrize("spin", [0, 1, 2])
def test_spin_orbit_scattering_relaxes_spin_as_the_diffuson_says(spin):
    """Matrices i (n x n')_i sigma_i depend on directions: one rung and isotropic harmonics."""
    conductor, fields = spin_orbit_gas()
    rules = spin_rules(3, fields, SIGMA[spin])
    ratio = evaluate(ladder(1), rules, order=0) / evaluate(ladder(0), rules, order=0)
    gap = conductor.diffuson().gap(f"T_{'xyz'[spin]}")
    assert sp.simplify(gap * tau_so) == sp.Rational(4, 3)
    assert sp.simplify(ratio - 1 + gap / conductor.scattering_rate) == 0


def test_spin_orbit_scattering_conserves_particles():
    rules = spin_rules(3, spin_orbit_gas()[1])
    values = [evaluate(diagram, rules, order=0) for diagram in bubble_diagrams(1)]
    assert 0 not in values
    assert sp.simplify(sum(values)) == 0


def test_a_fluctuating_rashba_field_scatters_forward_with_mean_cosine_one_half():
    """The probability is (n + n')^2/2 = 1 + cos(theta)."""
    fields = ((SIGMA[0] * (n_out[1] + n_in[1]), 1), (SIGMA[1] * (n_out[0] + n_in[0]), 1))
    rules = spin_rules(2, fields, currents=("x", "y"))
    ratio = evaluate(ladder(1), rules, order=0) / evaluate(ladder(0), rules, order=0)
    assert ratio == sp.S.Half


def test_anisotropy_multiplies_the_matrices():
    g = sp.Symbol("g", real=True)
    scalar = evaluate(ladder(1), Rules(2, currents=("x", "y"), anisotropy=g), order=0)
    rules = spin_rules(2, MAGNETIC, SIGMA[0], currents=("x", "y"), anisotropy=g)
    assert sp.simplify(evaluate(ladder(1), rules, order=0) + 2 * scalar / 3) == 0


def test_only_the_ratios_of_strengths_matter():
    factor = sp.Symbol("c", positive=True)
    values = [
        evaluate(ladder(2), Rules(2, internal=InternalStructure(fields)), order=2)
        for fields in (MAGNETIC, tuple((M, factor * strength) for M, strength in MAGNETIC))
    ]
    assert values[0] == values[1]
    assert values[0].has(omega)


def test_out_rate_is_the_sum_of_the_squares_of_the_matrices():
    assert InternalStructure(MAGNETIC).out_rate(1) == 3
    assert InternalStructure(MIXED).out_rate(2) == 1 + sp.Rational(1, 2) + sp.Rational(5, 3)


def test_loops_follow_the_arrows():
    assert closed_loops(ladder(1)) == ((0, 1),)
    assert closed_loops(parse("R[a b] A[b c] R[c d] A[d a]")) == ((0, 1, 2, 3),)
    assert closed_loops(parse("R[x y] R[a b] A[y x] A[b a]")) == ((0, 2), (1, 3))


@pytest.mark.parametrize(
    ("fields", "vertices", "sentence"),
    [
        ((), {}, "needs at least one field"),
        (((sp.Matrix([[0, 1], [0, 0]]), 1),), {}, "is not Hermitian in the sense"),
        (((sp.I * n_out[0] * SIGMA[0], 1),), {}, "is not Hermitian in the sense"),
        (((ONE, 1), (sp.eye(3), 1)), {}, "a field is 3 x 3, but the first field acts on 2"),
        (((sp.ones(2, 3), 1),), {}, "a field is 2 x 3, but"),
        (((ONE, 1),), {"x": sp.eye(4)}, "the vertex 'x' is 4 x 4, but"),
        (((ONE, -1),), {}, "real and not negative, not -1"),
        (((ONE, sp.nan),), {}, "real and not negative, not nan"),
        (((ONE, sp.I),), {}, "real and not negative, not I"),
    ],
)
def test_bad_fields_are_refused(fields, vertices, sentence):
    with pytest.raises(ValueError, match=sentence):
        InternalStructure(fields, vertices)


def test_things_of_another_kind_are_refused():
    with pytest.raises(TypeError, match=r"A field is a pair \(matrix, strength\)"):
        InternalStructure((ONE, 1))
    with pytest.raises(TypeError, match="is an InternalStructure, not "):
        Rules(2, internal=MAGNETIC)


def test_a_vertex_must_not_depend_on_directions():
    with pytest.raises(NotImplementedError, match="vertex 'x' depends on directions"):
        InternalStructure(((ONE, 1),), {"x": n_out[0] * SIGMA[0]})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (((ONE + SIGMA[2], 1),), "self-energy of these fields is a matrix"),
        (((n_out[0] * n_in[0] * ONE, 1),), "depends on the direction"),
    ],
)
def test_rules_need_one_lifetime(fields, sentence):
    with pytest.raises(NotImplementedError, match=sentence):
        Rules(2, internal=InternalStructure(fields))


@pytest.mark.parametrize("fields", [((ONE, 0),), ((sp.I * n_out[2] * ONE * 0, 1),)])
def test_fields_have_to_scatter(fields):
    with pytest.raises(ValueError, match="do not scatter"):
        Rules(2, internal=InternalStructure(fields))


def test_cumulants_and_matrices_exclude_each_other():
    with pytest.raises(NotImplementedError, match="cumulants for lines of 3 sites"):
        Rules(2, cumulants={3: sp.S.One}, internal=InternalStructure(MAGNETIC))
    with pytest.raises(NotImplementedError, match="joins 3 sites, but fields with matrices"):
        InternalStructure(MAGNETIC).trace(next(iter(diagrams_of(BUBBLE, (3,)))))


def test_reversed_strings_and_cut_cooperons_are_refused():
    with pytest.raises(ValueError, match="one string in and one out at the vertex 'x'"):
        InternalStructure(MAGNETIC).trace(reverse(ladder(1), 1))
    with pytest.raises(ValueError, match=r"at the vertex 'C1'.*a cut Cooperon"):
        InternalStructure(MAGNETIC).trace(conductivity_box_diagrams()[0])


def test_directional_matrices_need_the_directions_of_the_green_functions():
    dot = sp.Add(*(a * b for a, b in zip(n_out, n_in, strict=True)))
    internal = InternalStructure(((dot * ONE, 1),))
    with pytest.raises(NotImplementedError, match=r"evaluate the diagram with Rules"):
        internal.trace(ladder(1))
    arrows = {Segment(s, i): (sp.S.One, sp.S.Zero) for s in (0, 1) for i in (0, 1)}
    assert internal.trace(ladder(1), arrows) == 2


def test_an_electron_is_scattered_from_the_direction_before_the_site_to_that_behind():
    """tr sigma_z M of M = 1 + i (n x n')_z sigma_z is 2i (n x n')_z, here from x to y."""
    x, y = (sp.S.One, sp.S.Zero), (sp.S.Zero, sp.S.One)
    twist = n_out[0] * n_in[1] - n_out[1] * n_in[0]
    internal = InternalStructure(((ONE + sp.I * twist * SIGMA[2], 1),), {"y": SIGMA[2]})
    arrows = dict(zip((Segment(s, i) for s in (0, 1) for i in (0, 1)), (x, y, y, y), strict=True))
    assert internal.trace(ladder(1), arrows) == -2 * sp.I


def test_exact_values_need_isotropic_matrices():
    with pytest.raises(NotImplementedError, match="pass order=2"):
        evaluate(ladder(1), spin_rules(3, spin_orbit_gas()[1]))


def test_matrices_at_vertices_that_do_not_exist_are_refused():
    rules = Rules(2, internal=InternalStructure(MAGNETIC, {"z": SIGMA[0]}))
    with pytest.raises(ValueError, match=r"has vertices x, y, but the rules name z"):
        evaluate(ladder(0), rules)
