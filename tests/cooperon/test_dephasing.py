"""Dephasing laws: how rates add, what is refused, and what a correction becomes with them."""

import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, latex, magnetoconductivity, model, potential, weak_localization
from cooperon.dephasing import (
    DephasingLaw,
    RateTerm,
    electron_phonon,
    nyquist,
    power_law,
    saturation,
    spin_flip,
    with_dephasing,
)
from cooperon.geometry import wire
from diagrams.symbols import B, D, e, hbar, k_B, symbol, tau_phi

T = symbol("T")
SI = {e: 1.602176634e-19, hbar: 1.054571817e-34, k_B: 1.380649e-23}


def metal(d):
    return Conductor(d, [potential()])


def test_rates_of_a_sum_of_laws_add():
    laws = [nyquist(2), electron_phonon(3), saturation(), spin_flip()]
    total = laws[0] + laws[1] + laws[2] + laws[3]
    assert total.rate == sum(law.rate for law in laws)
    assert total.time == 1 / total.rate
    assert sp.simplify(4 * e * D * total.field - hbar * total.rate) == 0


@pytest.mark.parametrize(("d", "power"), [(1, "2/3"), (2, "1"), (3, "3/2")])
def test_nyquist_rates_grow_with_temperature_as_the_power_of_their_dimension(d, power):
    rate = nyquist(d).rate
    rates = [
        float(rate.subs(T, kelvin).subs(dict.fromkeys(rate.free_symbols, 1))) for kelvin in (1, 8)
    ]
    assert rates[1] / rates[0] == pytest.approx(8.0 ** sp.Rational(power))


def test_a_film_of_500_ohm_at_one_kelvin_loses_phase_in_a_seventh_of_a_nanosecond():
    """a = 500/25813, 1/a = 51.63 = 2.8845 exp(2.8845), k_B/hbar = 1.3093e11, by hand."""
    time = nyquist(2).subs({"R_square": 500, "T": 1}).time.subs(SI)
    assert float(time) == pytest.approx(25813 / 500 / 1.3093e11 / 2.8845, rel=2e-4)


def test_the_closed_form_in_two_dimensions_is_larger_by_double_logarithms_only():
    exact, first = (nyquist(2, self_consistent=flag).rate for flag in (True, False))
    ratios = [float((first / exact).subs(SI).subs(symbol("R_square"), 10.0**-k)) for k in (0, 20)]
    assert 1 < ratios[1] < ratios[0] < 1.3


def test_a_rate_without_temperature_is_left_when_it_is_cold():
    law = electron_phonon(sp.Rational(7, 2)) + saturation()
    assert sp.limit(law.rate, T, 0) == 1 / symbol("tau_0")


@pytest.mark.parametrize("power", [2, 3, 4])
def test_the_correction_in_a_film_goes_as_p_ln_T(power):
    """delta sigma = (e^2/(pi h)) p ln T + const for 1/tau_phi = A T^p and tau -> 0."""
    correction = with_dephasing(weak_localization(metal(2)), electron_phonon(power))
    slope = sp.simplify(T * correction.expression.diff(T))
    assert sp.limit(slope, symbol("tau"), 0) == power


@pytest.mark.parametrize(
    ("correction", "values"),
    [
        (magnetoconductivity(model("hln-isotropic").conductor()), {B: 0.02}),
        (weak_localization(metal(3)), {}),
        (magnetoconductivity(model("rashba").conductor()), None),
    ],
    ids=["HLN", "3D", "Rashba"],
)
def test_a_law_stands_where_the_dephasing_stood(correction, values):
    law = power_law(2, "A_2", "quadratic") + saturation()
    changed = with_dephasing(correction, law)
    assert not {"tau_phi", "B_phi"} & {s.name for s in changed.parameters}
    assert {"A_2", "T", "tau_0"} <= {s.name for s in changed.parameters}
    field = hbar / (4 * e * D) / symbol("tau_phi")
    in_time = correction.expression.subs(symbol("B_phi"), field)
    if values is not None:
        numbers = dict.fromkeys(changed.parameters, 0.01) | {D: 0.02} | values
        time = float((1 / law.rate).subs(numbers))
        before = in_time.subs(tau_phi, time).subs(numbers).subs(SI)
        assert float(changed.expression.subs(numbers).subs(SI)) == pytest.approx(float(before))


def test_the_nyquist_length_of_a_wire_becomes_a_function_of_temperature():
    correction = magnetoconductivity(metal(2), geometry=wire(nyquist=True))
    changed = with_dephasing(correction, saturation())
    assert not {"L_N", "B_phi"} & {s.name for s in changed.parameters}
    values = {"B": 0.01, "D": 0.02, "width": 1e-7, "tau_0": 1e-10, "T": 0.8, "sigma_1": 1e-9}
    length = np.cbrt(SI[hbar] ** 2 * 0.02 * 1e-9 / (SI[e] ** 2 * SI[k_B] * 0.8))
    by_hand = values | {"L_N": length, "B_phi": SI[hbar] / (4 * SI[e] * 0.02 * 1e-10)}
    before, after = (
        float(c.expression.subs({symbol(name): v for name, v in numbers.items()}).subs(SI))
        for c, numbers in ((correction, by_hand), (changed, values))
    )
    assert after == pytest.approx(before, rel=1e-12)
    with pytest.raises(ValueError, match="leave nyquist out"):
        with_dephasing(correction, nyquist(1))


def test_the_derivation_and_the_citations_go_on_with_the_law():
    correction = weak_localization(metal(3))
    changed = with_dephasing(correction, nyquist(3) + electron_phonon(4))
    titles = [step.title for step in changed.derivation.steps]
    assert titles[-2:] == ["Thermal quanta", "Dephasing"]
    assert "A. Schmid, Z. Phys. 271, 251 (1974)" in changed.references
    assert "temperature far below that of Debye" in changed.validity
    assert r"A_{\mathrm{ep}} T^{4}" in latex(changed)


def test_noise_of_another_dimension_is_refused_unless_it_is_meant():
    correction = weak_localization(metal(2))
    with pytest.raises(ValueError, match=r"use nyquist\(2\), or say dimension=3"):
        with_dephasing(correction, nyquist(3))
    assert symbol("sigma_D") in with_dephasing(correction, nyquist(3), dimension=3).parameters


def test_a_correction_without_dephasing_is_refused():
    correction = weak_localization(metal(1)).subs({"tau_phi": 1e-11})
    with pytest.raises(ValueError, match="has no dephasing to replace"):
        with_dephasing(correction, saturation())


@pytest.mark.parametrize("power", [0, -2, -0.5, sp.Symbol("p", negative=True)])
def test_powers_that_are_not_positive_are_refused(power):
    with pytest.raises(ValueError, match="give a positive one"):
        electron_phonon(power)


@pytest.mark.parametrize("temperature", [0, -1, sp.oo, sp.nan])
def test_temperatures_that_are_not_positive_are_refused(temperature):
    with pytest.raises(ValueError, match=r"T = .* makes no sense"):
        nyquist(3).subs({"T": temperature})


@pytest.mark.parametrize("rate", [0, -T, sp.oo])
def test_rates_that_are_not_positive_are_refused(rate):
    with pytest.raises(ValueError, match="give a positive rate"):
        RateTerm("mine", rate)


def test_laws_that_contradict_themselves_are_refused():
    with pytest.raises(ValueError, match="is in the law 2 times"):
        saturation() + saturation()
    with pytest.raises(ValueError, match=r"dimensions \[2, 3\]"):
        nyquist(2) + nyquist(3)
    with pytest.raises(ValueError, match="without terms"):
        DephasingLaw(())
    with pytest.raises(ValueError, match="choose 1, 2 or 3"):
        nyquist(0)
    with pytest.raises(ValueError, match="'tau_phi' is not a parameter"):
        saturation().subs({"tau_phi": 1})
    with pytest.raises(TypeError):
        saturation() + 1
