"""Random fields: their symmetry under time reversal, and what is refused."""

import pytest
import sympy as sp

from cooperon import (
    ONE,
    PSEUDOSPIN,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPIN,
    SPINLESS,
    Conductor,
    Field,
    chiral_band,
    finite_range,
    magnetic,
    potential,
    random_gauge,
    random_mass,
    spin_orbit,
)
from cooperon.directions import average, dot, m_x, m_y, n_x, n_y
from cooperon.harmonics import Harmonics
from cooperon.ladder import Channel, ladder
from diagrams.symbols import symbol, v_F

PAULI = (SIGMA_X, SIGMA_Y, SIGMA_Z)


def test_potential_keeps_time_reversal():
    assert potential().time_reversal(SPIN) == 1
    assert potential(space=SPINLESS).time_reversal(SPINLESS) == 1


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_spin_orbit_keeps_time_reversal_in_every_component(dimension):
    assert [f.time_reversal(SPIN) for f in spin_orbit(dimension=dimension)] == [1, 1, 1]


def test_magnetic_disorder_breaks_time_reversal_in_every_component():
    assert [f.time_reversal(SPIN) for f in magnetic()] == [-1, -1, -1]


def test_random_vector_potential_breaks_time_reversal_of_spinless_electrons():
    assert Field("flux", n_x + m_x, 1).time_reversal(SPINLESS) == -1


def test_a_field_with_both_parities_has_none():
    assert Field("both", ONE + SIGMA_X, 1).time_reversal(SPIN) == 0


def test_default_times_are_the_symbols_of_the_table():
    rates = [f.rate for f in (potential(), *spin_orbit(), *magnetic())]
    names = ["tau", *(f"tau_{kind}_{axis}" for kind in ("so", "s") for axis in "xyz")]
    assert rates == [1 / symbol(name) for name in names]


def test_components_in_the_plane_are_those_of_a_fluctuating_rashba_field():
    x, y, _ = spin_orbit()
    assert x.vertex == (n_y + m_y) * SIGMA_X
    assert y.vertex == (n_x + m_x) * SIGMA_Y


def test_an_infinite_time_leaves_a_component_out():
    assert [f.name for f in spin_orbit(1, sp.oo, 1)] == ["spin-orbit x", "spin-orbit z"]
    assert magnetic(sp.oo, sp.oo, sp.oo) == ()


def test_only_the_potential_makes_the_motion_diffusive():
    assert not potential().weak
    assert all(f.weak for f in (*spin_orbit(), *magnetic()))


def test_averages_over_both_directions_are_products_of_moments():
    for d in (1, 2, 3):
        assert average(dot(d) ** 2, d) == sp.Rational(1, d)
        assert average(dot(d), d) == 0


@pytest.mark.parametrize("rate", [-1, -1e9, sp.nan, float("nan"), 1 + sp.I, sp.oo])
def test_a_rate_must_be_real_finite_and_not_negative(rate):
    with pytest.raises(ValueError, match=r"the rate of field 'noise' is .*; give a real rate"):
        Field("noise", ONE, rate)


@pytest.mark.parametrize("make", [potential, spin_orbit, magnetic])
def test_a_time_must_not_be_zero(make):
    with pytest.raises(ValueError, match=r"a scattering time is 0; give a positive time, or oo"):
        make(0)


@pytest.mark.parametrize("make", [potential, spin_orbit, magnetic])
@pytest.mark.parametrize("time", [-1e-12, float("nan"), 1 + sp.I])
def test_a_time_must_be_real_and_positive(make, time):
    with pytest.raises(ValueError, match="give a real rate that is not negative"):
        make(time)


@pytest.mark.parametrize(
    "vertex",
    [
        sp.I * SIGMA_X,
        sp.Matrix([[0, 1], [0, 0]]),
        (n_x * m_y - n_y * m_x) * SIGMA_Z,
        sp.I * (n_x + m_x) * ONE,
    ],
)
def test_a_vertex_must_be_hermitian(vertex):
    with pytest.raises(ValueError, match=r"the vertex of field 'odd' is not Hermitian: .*conjug"):
        Field("odd", vertex, 1)


def test_a_vertex_must_be_square():
    with pytest.raises(ValueError, match=r"must be a square matrix, got one of shape \(1, 2\)"):
        Field("row", sp.Matrix([[1, 2]]), 1)


def test_a_profile_must_be_symmetric():
    with pytest.raises(ValueError, match=r"profile of field 'potential', .* n <-> n'"):
        potential(profile=1 + n_x)


def test_spin_orbit_scattering_has_dimension_one_to_three():
    with pytest.raises(ValueError, match="dimension of spin-orbit scattering is 4; choose 1, 2"):
        spin_orbit(dimension=4)


@pytest.mark.parametrize("dimension", [2, 3])
def test_a_finite_range_relaxes_each_harmonic_with_its_time(dimension):
    tau_1, tau_3 = symbol("tau_1"), symbol("tau_3")
    profile = finite_range({1: tau_1, 3: tau_3}, dimension=dimension)
    gas = Conductor(dimension, [potential(profile=profile)])
    kernel = ladder(gas, Channel.DIFFUSON)
    rates = {0: 0, 1: 1 / tau_1, 2: 1 / symbol("tau"), 3: 1 / tau_3}
    for label in Harmonics(dimension).up_to(3):
        expected = rates[label[0]] * sp.eye(4)
        assert (kernel.block(label, label) - expected).applyfunc(sp.simplify).is_zero_matrix
    assert sp.simplify(gas.diffuson().diffusion_constant * dimension - v_F**2 * tau_1) == 0


def test_a_random_mass_and_a_random_gauge_field_break_the_symmetry_of_one_cone():
    tau_m, tau_g = symbol("tau_m"), symbol("tau_g")
    disorder = [potential(space=PSEUDOSPIN), random_mass(tau_m), random_gauge(tau_g)]
    cone = Conductor(2, disorder, PSEUDOSPIN, band=chiral_band())
    assert cone.cooperon().relaxation == sp.Matrix([[2 / tau_m + 2 / tau_g]])


def test_wrong_harmonics_of_a_finite_range_are_refused():
    with pytest.raises(ValueError, match="give integers l >= 1"):
        finite_range({0: symbol("tau_1")})
    with pytest.raises(ValueError, match="d = 2 or 3, not 1"):
        finite_range({1: symbol("tau_1")}, dimension=1)
