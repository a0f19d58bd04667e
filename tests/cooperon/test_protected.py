"""Modes without a gap are as many as the symmetry class protects."""

import pytest
import sympy as sp

from cooperon import (
    MODELS,
    SIGMA_X,
    SIGMA_Z,
    Conductor,
    magnetic,
    model,
    n_x,
    n_y,
    potential,
    symmetry_class,
)
from cooperon.protected import gapless_modes, require_protected_modes


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ("bilayer", "weyl")])
def test_a_model_has_the_gapless_modes_of_its_class(name):
    conductor = model(name).conductor()
    propagator, found = conductor.cooperon(), symmetry_class(conductor)
    assert gapless_modes(propagator.relaxation) == found.gapless_cooperons


def test_a_mode_that_a_symmetry_protects_must_not_relax():
    gas = Conductor(2, [potential()])
    require_protected_modes(gas, sp.zeros(4))
    with pytest.raises(ArithmeticError, match=r"0 modes without a gap, .* AI protects 4"):
        require_protected_modes(gas, sp.eye(4))


def test_a_mode_that_nothing_protects_may_relax():
    gas = Conductor(2, [potential(), magnetic()])
    require_protected_modes(gas, gas.cooperon().relaxation)
    assert gapless_modes(gas.cooperon().relaxation) == 0


def test_precession_counts_as_relaxation():
    """A Zeeman field along x leaves the triplets along y and z, which it does not mix with S."""
    h = sp.Symbol("h", positive=True) * SIGMA_X
    assert gapless_modes(Conductor(2, [potential()], hamiltonian=h).cooperon().relaxation) == 2


def test_coupling_to_one_spin_component_protects_the_pairs_of_opposite_spin():
    h = sp.Symbol("h", positive=True) * (n_x + 2 * n_y) * SIGMA_Z
    gas = Conductor(2, [potential()], hamiltonian=h)
    assert gapless_modes(gas.cooperon().relaxation) == symmetry_class(gas).gapless_cooperons
