"""Backgrounds and dephasing laws by name: the numbers of the formula, its bounds, its refusals."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma

from cooperon.dephasing import electron_phonon, nyquist, saturation
from numerics import constants
from numerics.curve import Curve
from numerics.fit_request import FitRequest
from numerics.model_account import ModelAccount
from numerics.named_background import usual_range, with_background
from numerics.named_dephasing import named_law
from numerics.named_model import NamedModel, background_units
from numerics.noise_model import CorrelatedNoise
from numerics.precision import double_precision

B = np.linspace(1e-3, 0.4, 9)
SIEMENS = constants.e**2 / constants.h
QUANTUM = {"e^2/h": 1.0, "e^2/(pi h)": np.pi, "S": SIEMENS, "uS": 1e6 * SIEMENS}
VALUES = {
    "parabola": {"c_2": -2.0},
    "linear": {"c_1": -0.3},
    "constant": {"c_0": -0.1},
    "drude": {"sigma_0": 30.0, "mu": 1.5},
    "kohler": {"sigma_0": 30.0, "kappa": 0.07},
}
CLASSICAL = {
    "parabola": -2.0 * B**2,
    "linear": -0.3 * B,
    "constant": -0.1 + 0 * B,
    "drude": 30.0 / (1 + (1.5 * B) ** 2) - 30.0,
    "kohler": 30.0 / (1 + (0.07 * 30.0 * B) ** 2) - 30.0,
}


def localization(B_phi):
    """(1/pi) [psi(1/2 + B_phi/B) - ln(B_phi/B)] in e^2/h, typed by hand."""
    return (digamma(0.5 + B_phi / B) - np.log(B_phi / B)) / np.pi


@double_precision()
def evaluate(named, unit, **values):
    return np.asarray(named.function(unit)(jnp.asarray(B), **values))


@pytest.mark.parametrize("unit", QUANTUM)
@pytest.mark.parametrize("name", VALUES)
def test_a_background_is_added_in_the_unit_of_the_data(name, unit):
    found = evaluate(NamedModel("orthogonal", background=name), unit, B_phi=4e-3, **VALUES[name])
    expected = QUANTUM[unit] * localization(4e-3) + CLASSICAL[name]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_several_backgrounds_add_and_share_a_name():
    named = NamedModel("orthogonal", background="parabola+constant+interaction")
    values = {"c_2": 1.0, "c_0": 0.2, "K_ee": 0.7, "T": 2.0, "mu": 1.1, "tau": 1e-13}
    logarithm = np.log(constants.k_B * 2.0 * 1e-13 / constants.hbar)
    expected = localization(1e-3) + B**2 + 0.2 - 0.7 * (1.1 * B) ** 2 * logarithm / np.pi
    np.testing.assert_allclose(evaluate(named, "e^2/h", B_phi=1e-3, **values), expected, rtol=1e-12)
    assert background_units(named, "S")["c_2"] == "(S)/T^2"
    with pytest.raises(ValueError, match="cannot be added to data in ohm"):
        with_background(named.correction(), "parabola", "ohm")


@pytest.mark.slow
def test_a_background_beside_a_correction_that_loses_digits_is_compiled():
    """At 1e-7 e^2/h the exact Nyquist wire has nine digits left, which the probe allows alone."""
    wire = {"B_phi": 1e-3, "L_N": 1e-6, "length": 1e-5, "width": 1e-8}
    bare = evaluate(NamedModel("orthogonal", "nyquist-wire"), "e^2/h", **wire)
    named = NamedModel("orthogonal", "nyquist-wire", background="parabola")
    found = evaluate(named, "e^2/h", c_2=-3.0, **wire)
    np.testing.assert_allclose(found, bare - 3.0 * B**2, rtol=1e-12)


def test_a_law_makes_the_dephasing_field_a_function_of_temperature():
    named = NamedModel("orthogonal", dephasing="phonons:2+saturation")
    D, T, A, tau_0 = 0.03, 1.7, 4e9, 2e-11
    B_phi = constants.hbar / (4 * constants.e * D) * (A * T**2 + 1 / tau_0)
    found = evaluate(named, "e^2/h", A_ep=A, D=D, T=T, tau_0=tau_0)
    np.testing.assert_allclose(found, localization(B_phi), rtol=1e-12)
    times = evaluate(
        NamedModel("orthogonal", form="times", dephasing="phonons:2+saturation"),
        "e^2/h", A_ep=A, D=D, T=T, tau_0=tau_0,
    )  # fmt: skip
    np.testing.assert_allclose(times, found, rtol=1e-12)


def test_a_law_by_name_is_the_sum_of_its_mechanisms():
    assert named_law("nyquist+phonons+saturation", 2) == nyquist(2) + electron_phonon(3) + (
        saturation()
    )
    assert named_law("nyquist:3+phonons:2.5") == nyquist(3) + electron_phonon(2.5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nyquis", "choose of nyquist"),
        ("nyquist", "may be of any dimension"),
        ("nyquist:4", "is 1, 2 or 3"),
        ("phonons:x", "no positive power"),
        ("phonons:nan", "no positive power"),
        ("saturation:2", "has no number"),
        ("saturation+saturation", "2 times"),
    ],
)
def test_a_law_that_makes_no_sense_is_refused(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        named_law(text)


def test_lengths_have_no_rate_to_replace():
    with pytest.raises(ValueError, match="leave out --lengths"):
        NamedModel("orthogonal", form="lengths", dephasing="saturation").correction()


def curve(label="a", temperature=None):
    return Curve(B, 0.5 * B, label=label, temperature=temperature)


def test_bounds_of_an_amplitude_follow_the_data():
    request = FitRequest.of(NamedModel("orthogonal", background="parabola+constant"))
    found = {p.name: p for p in request.parameters([curve()])}
    size = 0.2 / 0.4**2
    assert found["c_2"].upper == -found["c_2"].lower == pytest.approx(100 * size)
    assert found["c_2"].search_interval[1] == pytest.approx(2 * size)
    assert found["c_2"].unit == "(e^2/h)/T^2"
    assert found["c_2"].shared
    assert not found["c_0"].shared
    given = FitRequest.of(NamedModel("orthogonal", background="parabola"), bounds={"c_2": (0, 1)})
    assert given.parameters([curve()])[-1].upper == 1


def test_kohlers_coefficient_is_bounded_by_what_the_largest_field_shows():
    found = usual_range("kappa", [curve()], {"sigma_0": {"a": 10.0, "b": 20.0}})
    assert found.lower * 20.0 * 0.4 == pytest.approx(1e-4)
    assert found.upper * 10.0 * 0.4 == pytest.approx(10.0)
    with pytest.raises(ValueError, match="--fix sigma_0=VALUE"):
        usual_range("kappa", [curve()], {})


def test_amplitudes_may_be_fixed_below_zero_and_rates_not():
    named = NamedModel("orthogonal", background="parabola")
    assert FitRequest.of(named, fixed={"c_2": -1.0}).parameters([curve()])[0].name == "B_phi"
    with pytest.raises(ValueError, match="not negative"):
        FitRequest.of(named, fixed={"B_phi": -1.0})
    with pytest.raises(ValueError, match="not negative"):
        FitRequest.of(named, fixed={"c_2": float("nan")})


def test_a_curve_without_a_temperature_is_named():
    named = NamedModel("orthogonal", dephasing="phonons")
    request = FitRequest.of(named, fixed={"D": 0.03, "T": {"base": 0.02}})
    request.require_temperatures([curve("base"), curve("1 K", 1.0)])
    assert [p.name for p in request.parameters()] == ["A_ep"]
    with pytest.raises(ValueError, match=r"curve 'cold' is not known.*'T\[cold\]=0.3'"):
        request.require_temperatures([curve("base"), curve("cold")])


def test_noise_and_weights_exclude_each_other():
    with pytest.raises(ValueError, match="choose one"):
        FitRequest.of(NamedModel("orthogonal"), weights="standard_error", noise=CorrelatedNoise())
    own = FitRequest.of(NamedModel("orthogonal"), noise="covariance")
    with pytest.raises(ValueError, match="no covariance with the curve 'a'"):
        own.noise_of([curve()])
    matrix = np.diag(np.full(len(B), 0.01))
    carried = Curve(B, B, label="a", covariance=matrix)
    np.testing.assert_array_equal(own.noise_of([carried]).covariance(carried), matrix)


def test_the_account_prints_correction_law_and_background_apart():
    named = NamedModel("orthogonal", background="parabola", dephasing="saturation")
    account = ModelAccount.of(named.correction(), "e^2/h", named)
    assert r"\right] + B^{2} c_{2},\qquad B_\phi = \frac{\hbar}" in account.latex
    assert account.lines[-1].endswith(r"\frac{1}{\tau_\phi} = \frac{1}{\tau_0}")
    assert account.symbols["c_2"]["unit"] == "(e^2/h)/T^2"
    assert {"B_phi", "tau_0", "D"} <= set(account.symbols)
    assert "B**2*c_2" in account.source
    assert "dephasing by saturation, background parabola" in account.title
    assert ModelAccount.of_content(account.content()) == account
