"""The correction without a field against quadratures, mode sums and reference values."""

from __future__ import annotations

import json
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.constants import e as charge
from scipy.constants import hbar as planck

from cooperon import Conductor, magnetic, potential, spin_orbit, weak_localization
from cooperon.cutoffs import momentum_integral, sharp_integral, smooth_integral, z
from diagrams.symbols import D, omega, symbol, tau, tau_phi

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "return_probability.json").read_text())
CUTOFF = {"smooth": "smooth", "sharp": "sharp", "Qc": "momentum"}
Q_c = sp.Symbol("Q_c", positive=True)
DIGITS = 30
VALUES = {
    D: sp.Rational("0.013"),
    tau: sp.Rational("0.4"),
    z: sp.Rational("0.07"),
    Q_c: sp.Integer(9),
}


def number(expression, values):
    return mp.mpmathify(expression.subs(values).evalf(DIGITS)._to_mpmath(120))


def decimals(text):
    parts = (text["re"], text["im"]) if isinstance(text, dict) else (text, "0")
    with mp.workdps(DIGITS):
        return mp.mpc(*parts)


@pytest.mark.parametrize("entry", REFERENCE["entries"], ids=lambda entry: entry["name"])
def test_correction_equals_the_reference_value(entry):
    """In SI units; the momentum cutoff of the reference is Q_c = (D tau)^(-1/2)."""
    given = {k: sp.Rational(v) for k, v in entry["parameters"].items() if k not in ("d", "cutoff")}
    gas = Conductor(entry["parameters"]["d"], [potential()])
    correction = weak_localization(gas, CUTOFF[entry["parameters"]["cutoff"]], omega)
    values = {
        D: given["D_m2_per_s"],
        tau: given["tau_s"],
        tau_phi: given["tau_phi_s"],
        omega: given["omega_rad_per_s"],
        Q_c: (given["D_m2_per_s"] * given["tau_s"]) ** sp.Rational(-1, 2),
        symbol("e"): sp.Rational("1.602176634e-19"),
        symbol("hbar"): sp.Rational("6.62607015e-34") / (2 * sp.pi),
    }
    expected = decimals(entry["value"])
    # The reference prints 25 digits.
    assert abs(number(correction.si, values) - expected) < mp.mpf(10) ** -23 * abs(expected)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_momentum_integral_is_the_quadrature(dimension):
    with mp.workdps(DIGITS):
        d, rate, cut = (mp.mpf(str(VALUES[s].evalf(DIGITS))) for s in (D, z, Q_c))
        shell = {
            1: lambda k: 1 / mp.pi,
            2: lambda k: k / (2 * mp.pi),
            3: lambda k: k**2 / (2 * mp.pi**2),
        }
        expected = mp.quad(lambda k: shell[dimension](k) / (d * k**2 + rate), [0, 1, 3, cut])
        assert mp.almosteq(
            number(momentum_integral(dimension), VALUES), expected, mp.mpf(10) ** -20
        )


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_sharp_and_smooth_integrals_are_integrals_of_the_return_probability(dimension):
    with mp.workdps(DIGITS):
        d, start, rate = (mp.mpf(str(VALUES[s].evalf(DIGITS))) for s in (D, tau, z))

        def returns(t):
            return mp.exp(-rate * t) * (4 * mp.pi * d * t) ** (-mp.mpf(dimension) / 2)

        # t = u^2 takes the root at t = 0 away, which quadrature would not resolve.
        smooth = mp.quad(
            lambda u: 2 * u * returns(u**2) * -mp.expm1(-(u**2) / start), [0, 1, 4, 16, 64]
        )
        sharp = mp.quad(returns, [start, 1, 8, 64, 512, 4096])
        assert mp.almosteq(number(smooth_integral(dimension), VALUES), smooth, mp.mpf(10) ** -18)
        assert mp.almosteq(number(sharp_integral(dimension), VALUES), sharp, mp.mpf(10) ** -18)


def test_one_dimensional_correction_is_the_mode_sum_of_a_long_ring():
    """Modes 2 pi n/L of a ring of 60 L_phi; what is beyond n = 2 10^5 falls off as n^-3."""
    diffusion, lifetime, dephasing = 0.01, 1e-13, 1e-12
    length = 60 * np.sqrt(diffusion * dephasing)
    rates = diffusion * (2 * np.pi * np.arange(1, 200_001) / length) ** 2 + 1 / dephasing
    modes = 2 * np.sum(1 / rates - 1 / (rates + 1 / lifetime))
    zero = dephasing - 1 / (1 / dephasing + 1 / lifetime)
    summed = -2 * charge**2 * diffusion / (np.pi * planck) * (zero + modes) / length
    correction = weak_localization(Conductor(1, [potential()]))
    values = {D: diffusion, tau: lifetime, tau_phi: dephasing}
    values |= {symbol("e"): charge, symbol("hbar"): planck}
    assert float(correction.si.subs(values)) == pytest.approx(summed, rel=1e-12)


@pytest.mark.parametrize("cutoff", ["smooth", "sharp", "momentum"])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_correction_is_negative_and_shrinks_with_dephasing(dimension, cutoff):
    correction = weak_localization(Conductor(dimension, [potential()]), cutoff).expression
    fixed = {D: 1, tau: 1, Q_c: 1}
    values = [float(correction.subs(fixed).subs(tau_phi, t).evalf()) for t in (30, 300, 3000)]
    assert 0 > values[0] > values[1] > values[2]


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_strong_spin_orbit_disorder_inverts_the_dephasing_dependence_at_half_size(dimension):
    so = spin_orbit(*(symbol("tau_so"),) * 3, dimension=dimension)
    antilocal = weak_localization(Conductor(dimension, [potential(), *so])).expression
    local = weak_localization(Conductor(dimension, [potential()])).expression
    slope, plain = (sp.diff(f, tau_phi) for f in (antilocal, local))
    assert sp.simplify(sp.limit(slope, symbol("tau_so"), 0) + plain / 2) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_strong_magnetic_disorder_removes_the_dephasing_dependence(dimension):
    gas = Conductor(dimension, [potential(), *magnetic(*(symbol("tau_s"),) * 3)])
    slope = sp.diff(weak_localization(gas).expression, tau_phi)
    assert sp.limit(slope, symbol("tau_s"), 0) == 0


def test_finite_frequency_is_the_continuation_of_the_dephasing_rate():
    gas = Conductor(2, [potential()])
    static = weak_localization(gas).expression
    dynamic = weak_localization(gas, omega=omega).expression
    continued = static.subs(tau_phi, 1 / (1 / tau_phi - sp.I * omega))
    point = {tau: 1e-3, tau_phi: 2.0, omega: 0.7}
    assert abs(complex((dynamic - continued).subs(point))) < 1e-14


def test_reversing_time_conjugates_the_complex_conductivity():
    correction = weak_localization(Conductor(3, [potential()]), omega=omega)
    point = {"tau": 1e-3, "tau_phi": 2.0, "D": 1.0}
    forward, backward = (
        complex(correction.subs({**point, "omega": w}).expression) for w in (0.7, -0.7)
    )
    assert forward == pytest.approx(backward.conjugate(), rel=1e-14)


def test_an_unknown_cutoff_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=r"the cutoff is 'soft'; choose one of \['momentum'"):
        weak_localization(Conductor(2, [potential()]), "soft")
