"""Stating a model: what a conductor accepts and refuses."""

import pytest
import sympy as sp

from cooperon import (
    ONE,
    SIGMA_X,
    SPINLESS,
    Conductor,
    Field,
    magnetic,
    magnetoconductivity,
    potential,
    spin_orbit,
)
from cooperon.directions import dot
from cooperon.internal import PAULI
from diagrams.symbols import D, symbol

tau, tau_q, zeta = symbol("tau"), symbol("tau_q"), symbol("zeta")


def test_groups_of_fields_are_flattened_in_order():
    names = [f.name for f in Conductor(2, [potential(), spin_orbit(), magnetic()]).disorder]
    assert names[:2] == ["potential", "spin-orbit x"]
    assert names[-1] == "magnetic z"


def test_out_rates_add():
    gas = Conductor(2, [potential(), magnetic()])
    assert gas.scattering_rate == 1 / tau + sum(1 / symbol(f"tau_s_{i}") for i in "xyz")


def test_strong_and_weak_fields_are_told_apart():
    gas = Conductor(2, [potential(), magnetic()])
    assert [f.name for f in gas.strong] == ["potential"]
    assert len(gas.weak) == 3


def test_equal_models_are_equal_and_hash_alike():
    one, other = (Conductor(2, [potential(), spin_orbit()]) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("dimension", [0, 4, -1])
def test_dimension_is_one_to_three(dimension):
    with pytest.raises(ValueError, match=f"the dimension is {dimension}; choose 1, 2 or 3"):
        Conductor(dimension, [potential()])


def test_names_of_fields_are_unique():
    with pytest.raises(ValueError, match="two fields are called 'magnetic x'; give each its own"):
        Conductor(2, [potential(), magnetic(), magnetic()])


def test_a_vertex_fits_the_internal_space():
    with pytest.raises(ValueError, match=r"'potential' is 2 x 2 but .* 'spinless' has dimension 1"):
        Conductor(2, [potential()], SPINLESS)


@pytest.mark.parametrize("disorder", [[], [magnetic()]])
def test_some_field_makes_the_motion_diffusive(disorder):
    with pytest.raises(ValueError, match=r"makes the motion diffusive; add potential\(\)"):
        Conductor(2, disorder)


def test_disorder_is_made_of_fields():
    with pytest.raises(TypeError, match=r"such as potential\(\), got 1"):
        Conductor(2, [[1]])


def test_a_vertex_that_vanishes_on_the_fermi_surface_is_named():
    """The x component of n x n' is zero for directions in the plane."""
    gas = Conductor(2, [potential(), spin_orbit(dimension=3)])
    with pytest.raises(ValueError, match="'spin-orbit x' vanishes on the Fermi surface of a 2-dim"):
        gas.cooperon()


def test_without_scattering_there_is_no_diffusion():
    with pytest.raises(ValueError, match="the motion is ballistic"):
        Conductor(2, [potential(sp.oo)])


def test_a_negative_scattering_probability_is_refused():
    with pytest.raises(ValueError, match="must not be negative"):
        potential(tau=1, profile=1 + 3 * dot(2))


def test_the_steps_of_a_finite_range_name_one_diffusion_constant():
    gas = Conductor(2, [potential(profile=1 + dot(2))])
    printed = {
        eq.rhs
        for step in magnetoconductivity(gas).derivation.steps
        for eq in step.equations
        if eq.lhs == D
    }
    assert printed == {gas.cooperon().diffusion_constant}


def test_a_profile_that_is_not_isotropic_is_refused():
    """dot(2) in three dimensions singles out the z axis."""
    with pytest.raises(NotImplementedError, match="current depend on direction"):
        Conductor(3, [potential(profile=1 + dot(2))]).cooperon()


def test_a_strong_field_leaves_only_the_pairs_soft_that_it_does_not_relax():
    strong = Field("spin", SIGMA_X, 1 / tau_q, weak=False)
    gas = Conductor(2, [potential(), strong])
    assert gas.cooperon().basis == ("T_y", "T_z")
    assert gas.cooperon().relaxation == sp.zeros(2)
    assert gas.diffuson().basis == ("T_x", "S")


def test_without_a_soft_mode_there_is_no_diffusive_correction():
    fields = [Field(f"spin {i}", sigma, 1, weak=False) for i, sigma in enumerate(PAULI)]
    gas = Conductor(2, fields)
    assert gas.cooperon().basis == ()
    with pytest.raises(ValueError, match="no soft mode"):
        magnetoconductivity(gas)


def test_two_strong_fields_share_the_diffusion():
    second = Field("second", ONE, 1 / tau_q, weak=False)
    D = Conductor(3, [potential(), second]).cooperon().diffusion_constant
    assert sp.simplify(D * 3 * (1 / tau + 1 / tau_q) - symbol("v_F") ** 2) == 0


@pytest.mark.parametrize("time", [2 * tau, tau / zeta, 1 / (zeta / tau + 1 / tau_q)])
def test_weak_rates_may_be_multiples_of_the_strong_one(time):
    modes = Conductor(2, [potential(), magnetic(sp.oo, sp.oo, time)]).cooperon()
    assert sp.expand(modes.gap("S") - sp.expand(2 / time)) == 0


def test_an_unknown_mode_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"no soft mode is called 'Q'; the modes are \['S', 'T_x'"):
        Conductor(2, [potential()]).cooperon().gap("Q")
