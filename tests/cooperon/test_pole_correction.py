"""Magnetoconductivity from the poles of the exact Cooperon, and the expansion mode by mode."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import SPINLESS, Conductor, magnetic, magnetoconductivity, model, potential
from cooperon.exact_poles import exact_poles
from cooperon.expanded_modes import expanded_modes
from cooperon.massive_surface import massive_surface
from cooperon.pole_correction import pole_magnetoconductivity
from diagrams.symbols import symbol

B, B_phi, B_tr = (symbol(name) for name in ("B", "B_phi", "B_tr"))


@cache
def surface(mass):
    return pole_magnetoconductivity(massive_surface(mass))


@cache
def surface_pole(mass):
    (pole,) = exact_poles(massive_surface(mass))
    return pole


def value(correction, **fields):
    return float(correction.subs(fields).expression.evalf())


def psi(x):
    return float(mp.digamma(mp.mpf(1) / 2 + x) - mp.log(x))


def test_massless_surface_is_that_of_the_soft_mode():
    poles = pole_magnetoconductivity(massive_surface(0))
    soft = magnetoconductivity(model("surface").conductor())
    assert value(poles, B=0.3, B_phi=0.1) == pytest.approx(value(soft, B=0.3, B_phi=0.1))


def test_metal_is_that_of_the_soft_mode():
    metal = Conductor(2, [potential(space=SPINLESS)], SPINLESS, degeneracy=2)
    found = pole_magnetoconductivity(metal)
    expected = value(magnetoconductivity(metal), B=0.3, B_phi=0.1)
    assert value(found, B=0.3, B_phi=0.1) == pytest.approx(expected)


def test_a_light_mass_adds_the_field_of_the_pole():
    correction = surface("0.05")
    pole = surface_pole("0.05")
    a2, b2 = 0.525, 0.475
    eta = (a2**2 + b2**2) / (a2**2 + b2**2 - a2 * b2)
    # l_0 = v_F tau = l/eta: B_p = hbar/(4 e L_p^2) = B_tr eta^2 u_p/2, D = eta v_F^2 tau/2
    field = float(pole.gap) * eta**2 / 2 + 1e-3 * eta / 2 / float(pole.diffusion)
    found = value(correction, B=0.02, B_phi=1e-3, B_tr=1)
    assert found == pytest.approx(float(pole.weight) * psi(field / 0.02), rel=1e-12)


def test_the_fields_of_the_poles_are_in_the_statement_of_validity():
    correction = surface("0.05")
    assert f"B_p/B_tr = {0.0097534:.4}"[:17] in correction.validity
    assert "B << B_tr" in correction.validity


def test_the_rate_of_a_mode_is_that_of_its_field():
    correction = surface("0.05")
    (call,) = correction.in_times().expression.atoms(sp.Function)
    assert call.args[1].has(symbol("tau_tr"), symbol("tau_phi"))
    (mode,) = correction.modes
    # D/L_p^2 tau_tr, from B_p/B_tr = tau_tr D/L_p^2 in d = 2
    eta = 0.50125 / (0.50125 - 0.249375)
    assert float(mode.gap * symbol("tau")) * eta == pytest.approx(0.00975343, rel=1e-5)


def test_the_sign_changes_with_the_mass():
    light, heavy = (value(surface(c), B=1e-2, B_phi=1e-3, B_tr=1) for c in ("0.05", "0.9"))
    assert light < 0 < heavy


def test_a_wire_is_refused():
    with pytest.raises(NotImplementedError, match="two-dimensional"):
        pole_magnetoconductivity(Conductor(1, [potential()]))


def schur(mass, m):
    """c_m and z_m of the mode m by eliminating the others from w^-1 - Pi on a grid."""
    a2, b2 = (1 + mass) / 2, (1 - mass) / 2
    z = np.array([a2**2, 2 * a2 * b2, b2**2]) / (a2**2 + b2**2)
    angles = 2 * np.pi * np.arange(40) / 40
    states = np.exp(1j * np.outer(np.arange(3), angles))

    def inverse(q):
        flight = 1 / (1 + 1j * q * np.cos(angles))
        kernel = np.diag(1 / z) - (states.conj() * flight) @ states.T / 40
        return 1 / np.linalg.inv(kernel)[m, m]

    q = 1e-3
    return ((inverse(q) - inverse(0)) / q**2).real, z[m]


@pytest.mark.parametrize("mode", [0, 1, 2])
def test_expanded_modes_are_those_of_a_numerical_elimination(mode):
    found = {round(float(m.strength), 9): m for m in expanded_modes(massive_surface("0.2"))}
    stiffness, strength = schur(0.2, mode)
    expanded = found[round(strength, 9)]
    assert float(expanded.stiffness) == pytest.approx(stiffness, rel=1e-4)
    assert float(expanded.gap) == pytest.approx((1 / strength - 1) / stiffness, rel=1e-4)
    assert expanded.parity == (-1) ** mode


def test_the_box_of_the_middle_mode_is_one_half_at_any_mass():
    for mass in ("0.1", "0.5", "0.9"):
        _, middle, _ = expanded_modes(massive_surface(mass))
        assert middle.box == -sp.Rational(1, 2)


def test_two_modes_differ_from_the_one_pole_in_between():
    (pole,) = exact_poles(massive_surface("0.5"))
    gaps = [mode.gap for mode in expanded_modes(massive_surface("0.5"))]
    assert min(abs(float(gap / pole.gap) - 1) for gap in gaps) > 0.1


def test_soft_modes_are_not_expanded_around():
    with pytest.raises(NotImplementedError, match="soft mode"):
        expanded_modes(massive_surface(0))
    with pytest.raises(NotImplementedError, match="one by one"):
        expanded_modes(model("rashba").conductor())


def test_modes_that_share_harmonics_are_refused():
    with pytest.raises(NotImplementedError, match="more than one mode"):
        expanded_modes(Conductor(2, [potential(), magnetic()]))
