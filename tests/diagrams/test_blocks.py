"""Self-energy, bubble, diffuson and Cooperon, against quadrature and reference values."""

import json
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from diagrams.blocks import (
    born_self_energy,
    bubble,
    bubble_expansion,
    cooperon_sum,
    diffusion_constant,
    ladder_sum,
)
from diagrams.rules import impurity_line
from diagrams.symbols import D, nu, omega, q, tau, v_F

BLOCKS = json.loads((Path(__file__).parents[1] / "data" / "blocks.json").read_text())["records"]
EXACT = [r for r in BLOCKS if r["name"] == "bubble Pi(q,omega) exact"]
FULL = [r for r in BLOCKS if r["name"] == "bubble Pi 2D vs full k-integral"]


def Pi(dimension, omega_tau, ql):
    values = {tau: 1, v_F: 1, omega: sp.Float(str(omega_tau), 30), q: sp.Float(str(ql), 30)}
    return mp.mpmathify(sp.N(bubble(dimension).subs(values), 25))


def angular_quadrature(dimension, omega_tau, ql):
    def f(u):
        return 1 / (1 - 1j * mp.mpf(omega_tau) + 1j * mp.mpf(ql) * u)

    if dimension == 1:
        return (f(1) + f(-1)) / 2
    if dimension == 2:
        return mp.quad(lambda p: f(mp.cos(p)), [0, mp.pi / 2, mp.pi]) / mp.pi
    return mp.quad(f, [-1, 0, 1]) / 2


def test_self_energy_is_half_the_scattering_rate_and_retarded():
    assert born_self_energy() == -sp.I / (2 * tau)


@pytest.mark.parametrize("record", EXACT)
def test_bubble_agrees_with_the_reference_values(record):
    at = record["parameters"]
    with mp.workdps(30):
        expected = mp.mpc(*record["check_value"])
        assert mp.almosteq(Pi(at["d"], at["omega_tau"], at["ql"]), expected, 1e-20, 1e-20)


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize(("omega_tau", "ql"), [("0.3", "0.8"), ("-1.7", "3"), ("5", "0.01")])
def test_bubble_agrees_with_angular_quadrature(dimension, omega_tau, ql):
    expected = angular_quadrature(dimension, omega_tau, ql)
    assert mp.almosteq(Pi(dimension, omega_tau, ql), expected, 1e-12, 1e-12)


def test_bubble_agrees_with_momentum_integrals_up_to_the_band_edge():
    """The deviation in a parabolic band is that of the band edge, proportional to 1/(k_F l)."""
    deviation = {}
    for record in FULL:
        at = record["parameters"]
        full = mp.mpc(*record["check_value"])
        deviation[at["kFl"]] = abs(Pi(2, at["omega_tau"], at["ql"]) - full)
    assert deviation[80] < 0.005
    assert abs(deviation[80] / deviation[320] - 4) < 0.05


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_bubble_expansion_is_the_taylor_polynomial_of_the_exact_bubble(dimension):
    expected = 1 + sp.I * omega * tau - diffusion_constant(dimension) * q**2 * tau
    scale = sp.Symbol("epsilon", positive=True)
    exact = bubble(dimension).subs({q: scale * q, omega: scale**2 * omega})
    series = sp.series(exact, scale, 0, 3).removeO().subs(scale, 1)
    assert sp.expand(series - expected) == 0
    found = bubble_expansion(dimension).subs(D, diffusion_constant(dimension))
    assert sp.expand(found - expected) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_bubble_is_one_at_zero_momentum_and_frequency(dimension):
    """Conservation of particles: what is scattered out is scattered in."""
    assert sp.limit(bubble(dimension).subs(omega, 0), q, 0) == 1


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_diffuson_and_cooperon_have_the_diffusion_pole(dimension):
    expected = 1 / (2 * sp.pi * nu * tau**2 * (D * q**2 - sp.I * omega))
    assert sp.simplify(ladder_sum(dimension) - expected) == 0
    assert sp.simplify(cooperon_sum(dimension) - expected) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_diffuson_is_the_limit_of_the_exact_geometric_series(dimension):
    values = {tau: 1.0, v_F: 1.0, nu: 1.0, omega: 1e-4, q: 1e-2, D: 1.0 / dimension}
    exact = complex(sp.N((impurity_line() / (1 - bubble(dimension))).subs(values)))
    found = complex(sp.N(ladder_sum(dimension).subs(values)))
    assert abs(found / exact - 1) < 1e-3


def test_other_dimensions_are_refused():
    with pytest.raises(ValueError, match="is 1, 2 or 3, not 4"):
        bubble(4)
