"""Weak localization at any B/B_tr as a function: values, limits, parity, derivatives, Laguerre."""

import json
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from cooperon.kernels import HikamiFunction
from cooperon.nondiffusive_function import (
    BackscatteringFunction,
    NonbackscatteringFunction,
    NondiffusiveFunction,
    NondiffusiveFunctionDerivative,
    diagonal_flight,
    off_diagonal_flight,
    zero_field,
)

ENTRIES = json.loads((Path(__file__).parents[1] / "data" / "nondiffusive.json").read_text())
VALUES = {entry["name"]: entry for entry in ENTRIES["entries"]}
HEADS = {
    "a": BackscatteringFunction,
    "b": NonbackscatteringFunction,
    "total": NondiffusiveFunction,
}
B = sp.Symbol("B", real=True)
B_phi, B_tr = sp.symbols("B_phi B_tr", positive=True)


@pytest.mark.parametrize(
    "name",
    [
        "Dsigma_b B/Btr=0.003 tau/tau_phi=0.001",
        "Dsigma_total B/Btr=0.001 tau/tau_phi=0.0001",
        "Dsigma_a B/Btr=10 tau/tau_phi=0.01",
        pytest.param("Dsigma_total B/Btr=100 tau/tau_phi=0.01", marks=pytest.mark.slow),
    ],
)
def test_values_are_those_of_the_sum_over_levels(name):
    entry = VALUES[name]
    fields = (sp.Rational(entry["parameters"][k]) for k in ("B_over_Btr", "tau_over_tau_phi"))
    head = HEADS[name.split("_")[1].split()[0]]
    found = head(*fields, 1).evalf(20)
    assert abs(found / sp.Float(entry["value"], 25) - 1) < 1e-19


def test_values_without_a_field():
    back = zero_field(1 + sp.Rational(1, 1000), other=False).evalf(20)
    assert abs(back - sp.Float(VALUES["sigma_a(0) tau/tau_phi=0.001"]["value"], 25)) < 1e-18
    other = zero_field(sp.Rational(11, 10), back=False).evalf(20)
    assert abs(other - sp.Float(VALUES["sigma_b(0) tau/tau_phi=0.1"]["value"], 25)) < 1e-18


def test_ends_are_exact():
    F = NondiffusiveFunction
    assert F(0, B_phi, B_tr) == F(B, sp.oo, B_tr) == 0
    assert F(B, B_phi, sp.oo) == HikamiFunction(B, B_phi)
    assert NonbackscatteringFunction(B, B_phi, sp.oo) == 0
    assert F(2, 0, 1) == sp.oo
    assert F(sp.oo, B_phi, B_tr) == -zero_field(1 + B_phi / B_tr)
    assert F(-B, B_phi, B_tr) == F(sp.Abs(B), B_phi, B_tr) == F(B, B_phi, B_tr)


def test_it_tends_to_the_diffusive_function():
    deviations = []
    for transport in (100, 1000):
        exact = NondiffusiveFunction(1, sp.Rational(1, 10), transport).evalf(12)
        deviations.append(float(HikamiFunction(1, sp.Rational(1, 10)).evalf(12) / exact - 1))
    assert deviations[1] == pytest.approx(0.1 * deviations[0], rel=0.1)
    assert 0 < deviations[0] < 0.02


def test_it_is_homogeneous_of_degree_zero():
    fields = [sp.Rational(1, 3), sp.Rational(1, 10), sp.Integer(1)]
    doubled = NondiffusiveFunction(*(7 * field for field in fields)).evalf(15)
    assert abs(doubled - NondiffusiveFunction(*fields).evalf(15)) < 1e-14


def test_derivatives_are_functions_of_the_same_fields():
    F = NondiffusiveFunction(B, B_phi, B_tr)
    assert F.diff(B) == NondiffusiveFunctionDerivative(B, B_phi, B_tr, 1, 0, 0)
    assert F.diff(B, B_tr) == NondiffusiveFunctionDerivative(B, B_phi, B_tr, 1, 0, 1)
    assert F.diff(B).subs(B, 0) == F.diff(B_phi).subs(B, 0) == 0
    assert F.diff(B).subs(B, -B) == -F.diff(B)


@pytest.mark.slow
def test_a_derivative_is_a_ratio_of_small_differences():
    at = {B: sp.Rational(1, 100), B_phi: 1, B_tr: 2}
    slope = NondiffusiveFunction(B, B_phi, B_tr).diff(B).subs(at).evalf(12)
    step = sp.Rational(1, 10**6)
    values = [NondiffusiveFunction(at[B] + k * step, 1, 2).evalf(30) for k in (-1, 1)]
    assert abs((values[1] - values[0]) / (2 * step) / slope - 1) < 1e-7


def test_unfolded_it_has_integrals_of_laguerre_polynomials():
    unfolded = NondiffusiveFunction(B, B_phi, B_tr).doit()
    assert unfolded.has(sp.Sum, sp.Integral)
    s, b = sp.Rational(101, 100), sp.Integer(1)
    for flight, name in ((diagonal_flight, "P_3"), (off_diagonal_flight, "Q_3")):
        integral = flight(s, b, sp.Integer(3))
        integrand = sp.lambdify(integral.variables[0], integral.function, "mpmath")
        expected = float(VALUES[f"{name} at B=B_tr, tau/tau_phi=0.01"]["value"])
        assert float(mp.quad(integrand, [0, 2, 5, 9, 20])) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((sp.I, 1, 1), "must be real"), ((1, -1, 1), "not be neg|and not"), ((1, 1, 0), "positive")],
)
def test_fields_without_a_meaning_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        NondiffusiveFunction(*arguments)


def test_it_prints_its_name_and_its_fields():
    assert sp.latex(BackscatteringFunction(B, B_phi, B_tr)).startswith(r"\mathcal{F}_{a}\left(B")
    assert sp.latex(NondiffusiveFunction(B, B_phi, B_tr).diff(B)).startswith(r"\partial_{B} ")
