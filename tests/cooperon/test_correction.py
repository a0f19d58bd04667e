"""What a derived correction can be asked for."""

from functools import cache

import pytest
import sympy as sp
from scipy.constants import e as charge
from scipy.constants import h
from scipy.constants import hbar as planck

from cooperon import HikamiFunction, magnetoconductivity, model, weak_localization
from diagrams.symbols import B, B_phi, D, e, hbar, omega, symbol, tau_phi


@cache
def hln():
    return magnetoconductivity(model("hln").conductor())


@cache
def dynamic():
    return weak_localization(model("orthogonal").conductor(), omega=omega)


def test_parameters_are_the_field_first_then_by_name():
    names = [s.name for s in hln().parameters]
    components = [f"B_{kind}_{i}" for kind in ("s", "so") for i in "xyz"]
    assert names == ["B", "B_phi", *components]


def test_parameters_contain_no_constants_of_nature():
    assert {s.name for s in hln().in_times().parameters} >= {"B", "D", "tau_phi"}
    assert not {e, hbar} & set(hln().in_times().parameters)


def test_unit_of_two_dimensions_is_e_squared_over_pi_h():
    value = hln().unit.subs({e: charge, hbar: planck})
    assert float(value) == pytest.approx(charge**2 / (3.141592653589793 * h), rel=1e-12)


def test_si_is_the_expression_in_its_unit():
    assert sp.simplify(hln().si - hln().unit * hln().expression) == 0


def test_substitution_takes_names_and_symbols():
    assert hln().subs({"B_phi": 2}).expression == hln().subs({B_phi: 2}).expression


def test_substitution_keeps_the_derivation_and_what_is_left():
    half = hln().subs({"B_phi": 1})
    assert half.derivation is hln().derivation
    assert B_phi not in half.parameters


def test_the_field_and_the_frequency_may_be_negative():
    fields = {s.name: 1 for s in hln().parameters}
    assert hln().subs({**fields, "B": -2}) == hln().subs({**fields, "B": 2})
    assert dynamic().subs({"omega": -1e9}).parameters == (symbol("tau"), tau_phi)


@pytest.mark.parametrize("name", ["B_phi", "B_so_x"])
@pytest.mark.parametrize("value", [-1, -1e-9, float("nan"), sp.nan])
def test_other_parameters_must_not_be_negative_or_nan(name, value):
    with pytest.raises(ValueError, match=f"{name} = .* makes no sense; give a value that is not"):
        hln().subs({name: value})


def test_an_unknown_parameter_is_answered_with_the_nearest_names():
    with pytest.raises(
        ValueError, match=r"'B_fi' is not a parameter; did you mean one of .*'B_phi'"
    ):
        hln().subs({"B_fi": 1})
    with pytest.raises(ValueError, match=r"'?qqq'? is not a parameter; .*\['B', 'B_phi', 'B_s_x'"):
        hln().subs({"qqq": 1})


def test_in_times_writes_fields_as_hbar_over_4_e_D_tau():
    correction = magnetoconductivity(model("orthogonal").conductor()).in_times()
    assert correction.expression == HikamiFunction(B, hbar / (4 * e * D * tau_phi))


def test_in_times_agrees_with_fields_computed_from_times():
    times = {"tau_phi": 3e-12, "tau_so": 1e-12, "tau_s": 7e-12}
    fields = {"B_" + n[4:]: planck / (4 * charge * 0.02 * t) for n, t in times.items()}
    correction = magnetoconductivity(model("hln-isotropic").conductor())
    direct = float(correction.subs({"B": 0.1, **fields}).expression)
    converted = correction.in_times().subs({"B": 0.1, "D": 0.02, **times}).expression
    constants = {e: charge, hbar: planck}
    assert float(converted.subs(constants)) == pytest.approx(direct, rel=1e-12)


def test_unfolding_gives_digammas():
    correction = magnetoconductivity(model("orthogonal").conductor())
    x = B_phi / sp.Abs(B)
    assert correction.doit() == sp.digamma(sp.Rational(1, 2) + x) - sp.log(x)


def test_corrections_say_where_they_hold_and_whom_to_cite():
    for correction in (hln(), dynamic()):
        assert "k_F l >> 1" in correction.validity
        assert all(any(c.isdigit() for c in reference) for reference in correction.references)


def test_a_time_of_zero_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="not finite with tau_phi = 0"):
        hln().in_times().subs({"tau_phi": 0})
