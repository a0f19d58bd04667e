"""Ballistic channels: averages over flights by quadrature, and reference values by simulation."""

from __future__ import annotations

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon.ballistic_wire import Channel, field_rate, weak_field_rate
from cooperon.flux_cancellation import FluxCancellation
from diagrams.symbols import B, D, e, hbar, symbol

DATA = json.loads((Path(__file__).parents[1] / "data" / "beenakker_van_houten.json").read_text())
W, path = symbol("width"), symbol("l")
NAMED = {entry["name"]: entry for entry in DATA["entries"]}


@pytest.mark.parametrize("ratio", ["0.1", "1", "10"])
def test_bouncing_in_a_weak_field_is_that_of_simulated_flights(ratio):
    """1/tau_B in units of v W^3/l_B^4."""
    entry = NAMED[f"specular weak-field tau_B^-1 l_B^4/(v W^3), l/W={ratio}"]
    units = {W: 1, D: path / 2, e: 1, hbar: 1, B: 1}
    rate = weak_field_rate().subs(units).subs(path, sp.Float(ratio, 30)).evalf(25)
    assert float(rate) == pytest.approx(float(entry["value"]), rel=1e-15)
    simulated = entry["independent_check"]
    assert float(rate) == pytest.approx(float(simulated["value"]), rel=5e-3)


def straight_flights(x):
    """4 <n_x^2 y int y' exp(-t/tau) dt> of flights that end at a wall, u = n_y = sin(theta)."""
    y, weights = np.polynomial.legendre.leggauss(60)
    theta = np.exp(np.linspace(np.log(1e-4 / x), np.log(np.pi / 2), 4000))
    u = np.sin(theta)
    total = np.zeros_like(u)
    for start, weight in zip(y / 2, weights / 2, strict=True):
        span = 0.5 - start
        # int_0^span (start + s) exp(-s/(x u)) ds in closed form, divided by the velocity
        p = x * u
        decay = np.exp(-span / p)
        total += weight * start * (start * (1 - decay) + p * (1 - decay) - span * decay)
    # s/u ds = x ds of p; 1/u of the velocity is x/p
    return 4 * 2 / np.pi * np.trapezoid(np.cos(theta) ** 2 * total * x * theta, np.log(theta))


def test_c_1_of_diffuse_walls_is_the_limit_of_the_flights_that_end_there():
    """1/tau_B in v W^3/l_B^4, to the next order in W/l."""
    near, far = straight_flights(200.0), straight_flights(400.0)
    assert 2 * far - near == pytest.approx(1 / float(Channel("diffuse").C_1), rel=2e-3)


@pytest.mark.parametrize("dimension", [2, 3])
def test_c_1_of_specular_walls_is_the_sum_over_harmonics(dimension):
    """4 sum of 8/(pi k)^4 <n_x^2/(1 + a^2 u^2)> x, averaged over angles by mpmath."""
    x = mp.mpf(10) ** 6

    def mean(a):
        def average(u):
            density = 1 / (mp.pi * mp.sqrt(1 - u**2)) if dimension == 2 else mp.mpf(1) / 2
            return 2 * density * (1 - u**2) / (dimension - 1) / (1 + (a * u) ** 2)

        return mp.quad(average, [0, 1 / a, 30 / a, 1000 / a, 1])

    total = mp.fsum(32 / (mp.pi * k) ** 4 * x * mean(mp.pi * k * x) for k in range(1, 40, 2))
    assert float(total) == pytest.approx(1 / float(Channel("specular", dimension).C_1), rel=1e-5)


@pytest.mark.parametrize("walls", ["specular", "diffuse"])
def test_c_2_is_the_mean_phase_of_grazing_flights(walls):
    """<max(1 - x^2, 1 - y^2)>/4 = 5/24 and 2 <1 - x^2>/4 = 1/3, on a mesh."""
    x = (np.arange(2000) + 0.5) / 2000
    a, b = np.meshgrid(1 - x**2, 1 - x**2)
    phase = np.maximum(a, b) if walls == "specular" else a + b
    for dimension in (2, 3):
        assert float(1 / Channel(walls, dimension).C_2) == pytest.approx(phase.mean() / 4, rel=1e-6)


@pytest.mark.parametrize("walls", ["specular", "diffuse"])
def test_the_correction_is_that_of_the_reference_wire(walls):
    entry = NAMED[f"BvH {walls} B=0.2"]
    at = {key: float(entry["parameters"][f"{key}_m"]) for key in ("l", "W")}
    velocity, time = (float(entry["parameters"][k]) for k in ("v_F_m_per_s", "tau_phi_s"))
    diffusion = velocity * at["l"] / 2
    charge, action = 1.602176634e-19, 6.62607015e-34 / (2 * np.pi)
    values = {D: diffusion, B: 0.2, e: charge, hbar: action}
    rate = float(field_rate(at["W"], at["l"], walls).subs(values).evalf())
    assert 1 / rate == pytest.approx(float(entry["parameters"]["tau_B_s"]), rel=1e-13)
    lengths = [np.sqrt(diffusion / (1 / time + rate + cut)) for cut in (0, velocity / at["l"])]
    assert lengths[1] - lengths[0] == pytest.approx(float(entry["value"]), rel=1e-12)


@pytest.mark.parametrize(("area", "tolerance"), [("0.01", 4e-3), ("0.05", 0.05)])
def test_the_weak_field_is_that_of_the_lowest_eigenvalue_of_the_boltzmann_equation(area, tolerance):
    entry = NAMED[f"exact tau/tau_B specular l/W=10.0 W^2/l_B^2={area}"]
    units = {W: 1, path: 10, D: 5, e: 1, hbar: 1, B: sp.Float(area)}
    exact = float(entry["value"])
    assert float(10 * weak_field_rate().subs(units)) == pytest.approx(exact, rel=tolerance)
    published = 10 * field_rate().subs(units)
    assert float(published) == pytest.approx(exact, rel=0.17)


def test_the_rate_is_even_and_vanishes_without_a_field():
    rate = field_rate()
    assert rate.subs(B, -B) == rate
    assert rate.subs(B, 0) == 0 == weak_field_rate().subs(B, 0)
    assert sp.limit(rate / B, B, sp.oo) == 2 * D * W**2 * e * sp.Rational(5, 24) / (hbar * path**2)


def test_wrong_walls_lengths_and_dimensions_are_refused():
    with pytest.raises(ValueError, match="walls are 'rough'"):
        field_rate(walls="rough")
    with pytest.raises(ValueError, match="width is -1"):
        field_rate(-1)
    with pytest.raises(ValueError, match="mean free path is 0"):
        weak_field_rate(1e-7, 0)
    with pytest.raises(ValueError, match="Fermi surface is 1"):
        Channel("diffuse", 1)


@pytest.mark.parametrize("x", ["0.02", "0.3", "7"])
def test_flux_cancellation_is_the_sum_of_its_harmonics(x):
    with mp.workdps(30):
        at = mp.mpf(x)

        def term(m):
            k = 2 * m + 1
            return 192 / (mp.pi * k) ** 4 / (1 + mp.sqrt(1 + (mp.pi * k * at) ** 2))

        summed = mp.nsum(term, [0, mp.inf])
        value = mp.mpf(str(FluxCancellation(sp.Float(x, 40)).evalf(28)))
        assert abs(value / summed - 1) < mp.mpf(10) ** -24


def test_flux_cancellation_is_a_polynomial_at_small_ratios():
    x = sp.Rational(1, 100)
    polynomial = 1 - 3 * x**2 + 64 * x**3 / (5 * sp.pi)
    assert abs(FluxCancellation(x).evalf(60) - polynomial.evalf(60)) < sp.exp(-100).evalf()
    assert FluxCancellation(0, 2) == -6


def test_flux_cancellation_closes_under_differentiation():
    x, step = sp.Symbol("x", positive=True), sp.Rational(1, 10**9)
    S = FluxCancellation(x)
    for at in (sp.Rational(1, 50), sp.Rational(2, 5), sp.Integer(6)):
        for f in (S, S.diff(x)):
            difference = (f.subs(x, at + step) - f.subs(x, at - step)).evalf(50) / (2 * step)
            assert abs(difference - f.diff(x).subs(x, at).evalf(30)) < sp.Float("1e-15")
    with pytest.raises(ValueError, match="not negative"):
        FluxCancellation(-2).evalf()
    with pytest.raises(ValueError, match="integer >= 0"):
        FluxCancellation(x, -1)
