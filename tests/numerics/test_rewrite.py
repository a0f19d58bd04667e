"""What users write with cancelling digits is found and folded, and nothing else is."""

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from cooperon import HikamiFunction
from cooperon.airy_ratio import AiryRatio
from cooperon.hyperbolic import FiniteWire, Langevin, XCosech, XCoth
from cooperon.kawabata import KawabataFunction
from diagrams.symbols import B, B_phi, D, e, hbar, symbol, tau_phi
from numerics.codegen import compile
from numerics.precision import double_precision
from numerics.rewrite import fold

b, b_1, b_2, A, x = sp.symbols("b b_1 b_2 A x", positive=True)
HALF = sp.Rational(1, 2)
psi = sp.digamma
Psi = HikamiFunction

FOLDED = {
    "plain": (psi(HALF + x) - sp.log(x), Psi(1, x)),
    "decimal": (psi(x + 0.5) - sp.log(x), Psi(1, x)),
    "of two fields": (psi(HALF + B_phi / B) - sp.log(B_phi / B), Psi(B, B_phi)),
    "modulus": (psi(HALF + B_phi / sp.Abs(B)) - sp.log(B_phi / sp.Abs(B)), Psi(B, B_phi)),
    "sign and weight": (
        -3 * psi(HALF + b / B) / 2 + 3 * sp.log(b / B) / 2,
        -sp.Rational(3, 2) * Psi(B, b),
    ),
    "symbolic weight": (A * psi(HALF + b / B) - A * sp.log(b / B), A * Psi(B, b)),
    "expanded": (psi(HALF + b / x) - sp.log(b) + sp.log(x), Psi(x, b)),
    "one fraction": (psi((B + 2 * b) / (2 * B)) - sp.log(b / B), Psi(B, b)),
    "cancelled": (
        psi(HALF + b_1 / B) - psi(HALF + b_2 / B) - sp.log(b_1 / b_2),
        Psi(B, b_1) - Psi(B, b_2),
    ),
    "sum of rates": (
        psi(HALF + (b_1 + 2 * b_2) / B) - sp.log(2 * b_1 + 4 * b_2) + sp.log(B),
        Psi(B, b_1 + 2 * b_2) - sp.log(2),
    ),
    "inside": (
        sp.exp(-A * (psi(HALF + x) - sp.log(x))) / (1 + b),
        sp.exp(-A * Psi(1, x)) / (1 + b),
    ),
    "beside another logarithm": (psi(HALF + x) - sp.log(x) + sp.log(b), Psi(1, x) + sp.log(b)),
    "times": (
        psi(HALF + hbar / (4 * e * D * tau_phi * B)) - sp.log(hbar / (4 * e * D * tau_phi * B)),
        Psi(B, hbar / (4 * e * D * tau_phi)),
    ),
    "Airy ratio": (A * sp.airyaiprime(b * x) / sp.airyai(b * x), A / AiryRatio(b * x)),
    "x coth": (A * x / sp.tanh(b * x), A * XCoth(b * x) / b),
    "x/sinh": (x**2 / sp.sinh(x) ** 2, XCosech(x) ** 2),
    "Langevin": (A * sp.coth(x / 2) - 2 * A / x + 3, A * Langevin(x / 2) + 3),
    "Langevin by exponentials": (sp.cosh(x) / sp.sinh(x) - 1 / x, Langevin(x)),
    "finite wire": (sp.coth(x) / x - 1 / x**2, FiniteWire(x)),
    "x coth - 1": (x * sp.coth(x) - 1, x * Langevin(x)),
    "three dimensions": (
        sp.sqrt(x) * sp.zeta(HALF, HALF + b / x) + 2 * sp.sqrt(b),
        -KawabataFunction(x, b),
    ),
    "three dimensions, ratio": (
        A * sp.zeta(HALF, HALF + x) + 2 * A * sp.sqrt(x),
        -A * KawabataFunction(1, x),
    ),
}
LEFT_ALONE = {
    "no logarithm": psi(HALF + x) + sp.sin(x),
    "another logarithm": psi(HALF + x) - sp.log(b),
    "wrong sign": psi(HALF + x) + sp.log(x),
    "no half": psi(1 + x) - sp.log(x),
    "derivative": sp.polygamma(1, HALF + x) - sp.log(x),
    "coth alone": b * sp.coth(x),
    "coth of a sum": x * sp.coth(x + b),
    "zeta alone": sp.zeta(HALF, HALF + x),
    "Airy functions of two arguments": sp.airyai(x) / sp.airyaiprime(b),
}


@pytest.mark.parametrize("name", FOLDED)
def test_a_difference_that_cancels_becomes_one_function(name):
    before, after = FOLDED[name]
    folded, pairs = fold(before)
    assert sp.expand(folded - after) == 0
    assert pairs


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_other_expressions_stay_as_they_are(name):
    assert fold(LEFT_ALONE[name]) == (LEFT_ALONE[name], ())


@pytest.mark.parametrize("name", FOLDED)
def test_both_sides_have_the_same_value(name):
    before, _ = FOLDED[name]
    point = {
        s: sp.Float(0.3 + 0.4 * k, 30) for k, s in enumerate(sorted(before.free_symbols, key=str))
    }
    assert abs((before - fold(before)[0]).subs(point).evalf(25)) < 1e-20


@given(
    weights=st.lists(st.integers(-5, 5).filter(bool), min_size=1, max_size=9),
    expanded=st.booleans(),
)
def test_every_mode_of_a_sum_is_found_whatever_the_logarithms_became(weights, expanded):
    fields = sp.symbols(f"f1:{len(weights) + 1}", positive=True)
    pairs = list(zip(weights, fields, strict=True))
    logs = sp.Add(*(w * sp.log(f / b) for w, f in pairs))
    logs = sp.expand_log(logs) if expanded else sp.logcombine(logs)
    folded, _ = fold(sp.Add(*(w * psi(HALF + f / b) for w, f in pairs)) - logs)
    assert sp.expand(folded - sp.Add(*(w * Psi(b, f) for w, f in pairs))) == 0


def test_what_was_folded_is_said_in_the_docstring():
    text = compile(psi(HALF + B_phi / B) - sp.log(B_phi / B), probe=False).__doc__
    assert "-log(B_phi/B) + polygamma(0, 1/2 + B_phi/B) = HikamiFunction(B, B_phi)" in text


@double_precision()
@pytest.mark.parametrize("name", ["Airy ratio", "x coth", "Langevin", "three dimensions"])
def test_what_is_folded_compiles(name):
    before, _ = FOLDED[name]
    values = {s.name: 0.3 + 0.4 * k for k, s in enumerate(sorted(before.free_symbols, key=str))}
    expected = before.subs({s: sp.Float(values[s.name], 30) for s in before.free_symbols})
    assert float(compile(before)(**values)) == pytest.approx(float(expected.evalf(20)), rel=1e-14)


@double_precision()
def test_a_folded_expression_keeps_its_digits_where_the_written_one_has_none():
    function = compile(psi(HALF + symbol("B_so") / B) - sp.log(symbol("B_so") / B))
    with mp.workdps(40):
        ratio = mp.mpf(0.5) / mp.mpf(1e-9)
        expected = float(mp.psi(0, mp.mpf(1) / 2 + ratio) - mp.log(ratio))
    assert float(function(B=1e-9, B_so=0.5)) == pytest.approx(expected, rel=1e-14)
    assert float(function(B=0.0, B_so=0.5)) == 0
