"""The two functions of mixed poles: their definition, their derivatives, and where poles meet."""

import mpmath as mp
import pytest
import sympy as sp

from cooperon.kawabata import KawabataFunction, KawabataFunctionDerivative
from cooperon.kawabata_pair import KawabataMean, KawabataPair

B, m = sp.symbols("B m", positive=True)
s = sp.Symbol("s", real=True)
HALF = sp.Rational(1, 2)


def at_poles(head, field, mean, square):
    """Return the definition by mpmath at 60 digits, K as a zeta function."""
    with mp.workdps(60):
        r = mp.sqrt(mp.mpc(mp.mpf(square)))
        upper, lower = (
            mp.sqrt(field) * (-2 * mp.sqrt(p / field) - mp.zeta(0.5, mp.mpf(1) / 2 + p / field))
            for p in (mean + r, mean - r)
        )
        value = (upper - lower) / (2 * r) if head is KawabataPair else (upper + lower) / 2
        return sp.Float(mp.re(value), 40)


@pytest.mark.parametrize("head", [KawabataPair, KawabataMean])
@pytest.mark.parametrize("square", ["3", "-3", "3.999", "-4000"])
def test_evaluation_has_the_digits_asked_for(head, square):
    value = head(5, 2, sp.Rational(square)).evalf(30)
    assert abs(value / at_poles(head, 5, 2, square) - 1) < 1e-29


@pytest.mark.parametrize("head", [KawabataPair, KawabataMean])
@pytest.mark.parametrize("orders", [(0, 0, 0), (0, 1, 1), (1, 0, 1), (0, 0, 3)])
def test_nothing_is_lost_next_to_equal_poles(head, orders):
    meeting = head(sp.Rational(1, 10**6), 2, 0, *orders).evalf(25)
    for distance in (sp.Rational(1, 10**60), -sp.Rational(1, 10**60)):
        near = head(sp.Rational(1, 10**6), 2, distance, *orders).evalf(25)
        assert abs(near / meeting - 1) < 1e-24


def test_equal_poles_are_one_pole():
    assert KawabataMean(B, m, 0) == KawabataFunction(B, m)
    assert KawabataPair(B, m, 0) == KawabataFunctionDerivative(B, m, 0, 1)
    assert KawabataPair(B, m, 0, 0, 0, 1) == KawabataFunctionDerivative(B, m, 0, 3) / 6


@pytest.mark.parametrize("head", [KawabataPair, KawabataMean])
@pytest.mark.parametrize("variables", [(s,), (m, s), (B,)])
def test_derivatives_are_those_of_the_definition(head, variables):
    point = {B: 3, m: 2, s: -HALF}
    folded = head(B, m, s).diff(*variables)
    unfolded = head(B, m, s).doit().diff(*variables)
    value = sp.N(folded.subs(point), 20)
    assert abs(unfolded.evalf(25, subs=point) - value) < 1e-15
    assert abs(value) > 1e-4


def test_the_functions_are_even_in_the_field_and_vanish_without_it():
    assert KawabataPair(-B, m, s) == KawabataPair(B, m, s)
    assert KawabataPair(-B, m, s, 1, 0, 0) == -KawabataPair(B, m, s, 1, 0, 0)
    assert KawabataPair(0, m, s) == KawabataMean(0, m, s) == 0
    # K ~ B^2/(48 p^(3/2)), at the poles 1 and 3
    curvature = (1 / (3 * sp.sqrt(3)) - 1) / 48
    assert abs(KawabataPair(0, 2, 1, 2, 0, 0).evalf(20) - curvature.evalf(20)) < 1e-18


@pytest.mark.parametrize(
    "arguments", [(1, -1, 0), (1, 1, 2), (sp.I, 1, 0), (1, 1, 0, 1), (1, 1, 0, 0, 0, -1)]
)
def test_values_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match=r"pass|leave out"):
        KawabataPair(*arguments)


def test_both_are_printed_by_name():
    assert sp.latex(KawabataPair(B, m, s)) == r"K_{-}\left(B; m, s\right)"
    assert sp.latex(KawabataMean(B, m, s).diff(m)) == r"\partial_{m}K_{+}\left(B; m, s\right)"
