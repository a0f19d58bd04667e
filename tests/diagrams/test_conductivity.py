"""Drude conductivity and the prefactor of weak localization."""

import numpy as np
import pytest
import sympy as sp
from scipy.constants import e as charge
from scipy.constants import h, hbar

from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.symbols import QUANTITIES, D, nu


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_drude_conductivity_obeys_einstein_s_relation(dimension):
    e = QUANTITIES["e"].symbol
    assert drude_conductivity(dimension) == 2 * e**2 * nu * D


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_drude_conductivity_of_anisotropic_scatterers_has_the_transport_time(dimension):
    g = sp.Symbol("g", real=True)
    assert sp.simplify(drude_conductivity(dimension, g) - drude_conductivity(dimension)) == 0


def test_drude_conductivity_is_n_e_squared_tau_over_m():
    """In SI units, for electrons of density n in two dimensions: nu = m/(2 pi hbar^2)."""
    mass, lifetime, density = 6.1e-32, 1.3e-12, 3.0e15
    k_F = np.sqrt(2 * np.pi * density)
    diffusion = (hbar * k_F / mass) ** 2 * lifetime / 2
    values = {"e": charge, "hbar": hbar, "D": diffusion, "nu": mass / (2 * np.pi * hbar**2)}
    sigma = drude_conductivity(2).subs({QUANTITIES[k].symbol: v for k, v in values.items()})
    assert float(sigma) == pytest.approx(density * charge**2 * lifetime / mass, rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_interference_correction_is_minus_2_e_squared_D_over_pi_hbar(dimension):
    e, reduced = QUANTITIES["e"].symbol, QUANTITIES["hbar"].symbol
    assert interference_correction(dimension) == -2 * e**2 * D / (sp.pi * reduced)


def test_two_dimensional_correction_is_e_squared_over_pi_h_per_e_fold_of_the_rate():
    """The integral over d^2q/(2 pi)^2 gives ln(tau_phi/tau)/(4 pi D): -(e^2/(pi h)) per unit."""
    values = {QUANTITIES["e"].symbol: charge, QUANTITIES["hbar"].symbol: hbar}
    slope = interference_correction(2).subs(values) / (4 * sp.pi * D)
    assert float(slope) == pytest.approx(-(charge**2) / (np.pi * h), rel=1e-12)


def test_relative_correction_is_minus_one_over_pi_nu_per_cooperon():
    """delta sigma/sigma = -(1/(pi hbar nu)) sum_q 1/(D q^2): one-loop weak localization."""
    reduced = QUANTITIES["hbar"].symbol
    ratio = sp.simplify(interference_correction(2) / drude_conductivity(2))
    assert ratio == -1 / (sp.pi * reduced * nu)
