"""Nyquist dephasing of a wire: its equation solved numerically, its modes, and reference values."""

from __future__ import annotations

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon.airy_ratio import AiryRatio
from cooperon.nyquist import (
    nyquist_length,
    nyquist_steps,
    nyquist_trace,
    phase_rate,
    potential_noise,
)
from cooperon.nyquist_decay import AiryPrimeZero, NyquistDecay
from diagrams.symbols import D, e, hbar, k_B, symbol

DATA = json.loads((Path(__file__).parents[1] / "data" / "nyquist_wire.json").read_text())
WIRES = [entry for entry in DATA["entries"] if "R_ohm" in entry["parameters"]]
L_N, sigma_1, T = symbol("L_N"), symbol("sigma_1"), symbol("T")
SI = {
    e: sp.Float("1.602176634e-19", 30),
    k_B: sp.Float("1.380649e-23", 30),
    hbar: sp.Float("6.62607015e-34", 30) / (2 * sp.pi),
}


@pytest.mark.parametrize("entry", WIRES, ids=lambda entry: entry["name"])
@pytest.mark.slow
def test_the_correction_is_that_of_the_reference_wires(entry):
    wire = {key: sp.Float(value, 30) for key, value in entry["parameters"].items()}
    values = SI | {D: wire["D_m2_per_s"], T: wire["T_K"], sigma_1: wire["L_m"] / wire["R_ohm"]}
    length = nyquist_length().subs(values).evalf(25)
    assert float(length) == pytest.approx(float(wire["L_N_m"]), rel=1e-15)
    rate = 0 if wire["L_phi_m"] == sp.oo else D / wire["L_phi_m"] ** 2
    value = (-2 * D * nyquist_trace(sp.sympify(rate))).subs(L_N, length).subs(values).evalf(25)
    assert float(value) == pytest.approx(float(entry["value"]), rel=1e-14)
    assert float(value) == pytest.approx(float(entry["independent_check"]["value"]), rel=1e-13)


@pytest.mark.parametrize("rate", [0.0, 0.4, 6.0])
def test_the_trace_is_that_of_the_equation_on_a_lattice(rate):
    """[-d^2/dX^2 + |X| + rate] C = delta, by two meshes that remove the error in h^2."""

    def at_origin(h):
        X = h * np.arange(-round(9 / h), round(9 / h) + 1)
        matrix = np.diag(2 / h**2 + np.abs(X) + rate)
        matrix -= np.diag(np.ones(len(X) - 1), 1) / h**2 + np.diag(np.ones(len(X) - 1), -1) / h**2
        source = (X == 0) / h
        return np.linalg.solve(matrix, source)[len(X) // 2]

    coarse, fine = at_origin(0.03), at_origin(0.015)
    derived = nyquist_trace(sp.sympify(rate)).subs({D: 1, L_N: 1})
    assert float(derived.evalf(15)) == pytest.approx((4 * fine - coarse) / 3, rel=1e-6)


def test_without_noise_the_trace_is_that_of_a_rate():
    z = sp.Symbol("z", positive=True)
    trace = nyquist_trace(z).subs({D: 3, z: 2})
    far = trace.subs(L_N, 10**6).evalf(20)
    assert float(far) == pytest.approx(1 / (2 * np.sqrt(6)), rel=1e-14)
    ratio = nyquist_trace(z).atoms(AiryRatio).pop()
    assert sp.limit(ratio * sp.sqrt(ratio.args[0]), L_N, sp.oo) == -1


def test_modes_and_fields_add_to_the_rate_in_the_airy_functions():
    gap, field, tau_phi = sp.symbols("Gamma b tau_phi", positive=True)
    trace = nyquist_trace(1 / tau_phi + gap + field)
    assert trace == nyquist_trace(gap).subs(gap, 1 / tau_phi + gap + field)
    (ratio,) = trace.atoms(AiryRatio)
    assert sp.expand(ratio.args[0] - L_N**2 / D * (1 / tau_phi + gap + field)) == 0


def test_the_noise_is_that_of_johnson_and_the_phase_that_of_a_distance():
    k = sp.Symbol("k", positive=True)
    assert potential_noise() == 2 * k_B * T / (sigma_1 * k**2)
    assert phase_rate() == e**2 * k_B * T / (hbar**2 * sigma_1)
    assert len(nyquist_steps()) == 4


@pytest.mark.parametrize("x", ["0", "2.5"])
def test_the_laplace_transform_of_the_phase_factor_is_the_ratio_of_airy_functions(x):
    """int_0^oo dt exp(-x t) f(t)/sqrt(pi t) = -Ai(x)/Ai'(x), by Gauss's rule in sqrt(t)."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    total = 0.0
    for low, high in ((0, 2), (2, 5.5)):
        s = (high + low + (high - low) * nodes) / 2
        f = [float(NyquistDecay(sp.Float(v**2, 17)).evalf(16)) for v in s]
        total += (high - low) / 2 * np.sum(weights * 2 * np.exp(-float(x) * s**2) * f)
    expected = -float(AiryRatio(sp.Float(x, 20)).evalf(16))
    assert total / np.sqrt(np.pi) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(
    ("x", "simulated", "error"), [(0.5, 0.85691, 9e-5), (1.0, 0.65312, 2e-4), (2.0, 0.32201, 3e-4)]
)
def test_the_phase_factor_is_that_of_random_paths(x, simulated, error):
    """Brownian bridges, 2e5 of them."""
    assert float(NyquistDecay(x).evalf(12)) == pytest.approx(simulated, abs=3 * error)


def test_series_and_modes_of_the_phase_factor_agree_to_twenty_digits():
    below, above = (
        NyquistDecay(sp.Rational(2) + sign * sp.Rational(1, 10**25)) for sign in (-1, 1)
    )
    assert abs(below.evalf(20) - above.evalf(20)) < sp.Float("1e-20")
    x = sp.Symbol("x", positive=True)
    short = NyquistDecay(sp.Rational(1, 10**4)).evalf(25)
    assert abs(short - (1 - sp.sqrt(sp.pi) / 4 * sp.Rational(1, 10**6))) < sp.Float("1.2e-13")
    slope = NyquistDecay(x).diff(x)
    step = sp.Rational(1, 10**8)
    for at in (sp.Rational(1, 2), sp.Integer(4)):
        difference = (NyquistDecay(at + step).evalf(28) - NyquistDecay(at - step).evalf(28)) / step
        assert abs(difference / 2 - slope.subs(x, at).evalf(20)) < sp.Float("1e-14")


def test_the_phase_factor_unfolds_to_its_sum_and_refuses_negative_durations():
    x = sp.Symbol("x", positive=True)
    summed = NyquistDecay(x).doit()
    n = summed.atoms(sp.Sum).pop().variables[0]
    terms = summed.replace(sp.Sum, lambda f, _: sum(f.subs(n, i) for i in range(1, 11)))
    assert abs(terms.subs(x, 3).evalf(15) - NyquistDecay(3).evalf(15)) < sp.Float("1e-14")
    with pytest.raises(ValueError, match="a duration is not negative"):
        NyquistDecay(-1).evalf()
    with pytest.raises(ValueError, match="counted from 1, but got 0"):
        AiryPrimeZero(0)
    with mp.workdps(20):
        assert abs(mp.airyai(mp.mpf(str(AiryPrimeZero(3).evalf(20))), derivative=1)) < 1e-17
