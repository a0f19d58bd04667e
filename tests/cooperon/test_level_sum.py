"""The sum over levels as a SymPy function: against summation without roots, and by its rules."""

import json
import pickle
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from cooperon.kernels import HikamiFunction
from cooperon.level_sum import LevelSum

B = sp.Symbol("B", real=True)
b = sp.Abs(B)
B_phi, H, H1, c, d = sp.symbols("B_phi H H1 c d", positive=True)
u = sp.Symbol("u")
LORENTZ = LevelSum(B, sp.Lambda(u, 1 / (u + b / 2 + B_phi)))
ILP = json.loads((Path(__file__).parents[1] / "data" / "ilp.json").read_text())["entries"]


def triplet():
    """Trace of a block of three triplet states with Rashba coupling, n >= 1 at u = |B| (n - 1)."""
    a = u + 3 * b / 2 + B_phi + H
    level = 2 * u + 3 * b
    over = 3 * a**2 + 2 * a * H - B**2 - 2 * level * H1
    under = (a + H) * (a**2 - B**2) - 2 * H1 * (level * a - B**2)
    return LevelSum(B, sp.Lambda(u, over / under))


def pair(square=d):
    """A pair of poles at -c +- sqrt(square), coincident for square = 0, complex below."""
    v = u + b / 2 + c
    return LevelSum(B, sp.Lambda(u, 2 * v / (v**2 - square)))


def cubic():
    v = u + b / 2
    return LevelSum(B, sp.Lambda(u, (v + c) ** 2 / ((v + c) ** 3 + d * v + H)))


def summed(function, values):
    """Richardson's limit of the sum and a quadrature, at 30 digits; no roots."""
    with mp.workdps(30):
        numbers = {s: sp.Float(x, 40) for s, x in values.items()}
        field = abs(mp.mpf(values[B]))
        f, g = (
            sp.lambdify(h.variables[0], h.expr.subs(numbers), "mpmath") for h in bodies(function)
        )
        weight = mp.nint(f(mp.mpf(10) ** 25) * mp.mpf(10) ** 25)
        over = mp.nsum(lambda n: field * f(field * n) - weight / (n + 1), [0, mp.inf])
        knots = [0, *(mp.mpf(10) ** k for k in range(-5, 3)), mp.inf]
        return over + weight * mp.euler - mp.quad(lambda x: g(x) - weight / (x + field), knots)


def bodies(function):
    return function.args[1:]


def at(function, values, digits=25):
    return function.subs({s: sp.Rational(str(x)) for s, x in values.items()}).evalf(digits)


PROBLEMS = {
    "one pole": (LORENTZ, {B: "0.3", B_phi: "0.1"}),
    "three modes": (triplet(), {B: "0.02", B_phi: "0.001", H: "0.007", H1: "0.002"}),
    "negative field": (triplet(), {B: "-0.4", B_phi: "0.1", H: "0.3", H1: "0.3"}),
    "complex poles": (pair(-d), {B: "0.3", c: "0.2", d: "0.5"}),
    "irreducible": (cubic(), {B: "0.3", c: "0.2", d: "0.5", H: "0.1"}),
    "other reference": (
        LevelSum(B, sp.Lambda(u, 1 / (u + b / 2 + c)), sp.Lambda(u, u / (u**2 + d))),
        {B: "0.3", c: "0.2", d: "0.5"},
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_value_is_the_limit_of_sum_minus_integral(name):
    function, values = PROBLEMS[name]
    with mp.workdps(30):
        assert abs(mp.mpf(str(at(function, values))) - summed(function, values)) < 1e-16


@pytest.mark.parametrize("name", PROBLEMS)
def test_unfolded_form_has_the_same_value(name):
    function, values = PROBLEMS[name]
    unfolded = at(function.doit(), values, 20)
    assert not unfolded.has(LevelSum)
    assert abs(complex(unfolded) - complex(at(function, values))) < 1e-14


def test_one_pole_is_the_hikami_function():
    difference = LORENTZ.doit() + HikamiFunction(B, B_phi).doit()
    positive = difference.subs(B, sp.Symbol("B", positive=True))
    assert sp.simplify(sp.expand_log(positive)) == 0


@pytest.mark.parametrize("entry", ILP, ids=lambda entry: entry["name"])
def test_reference_values_of_rashba_coupled_triplets(entry):
    names = {B: "B_T", B_phi: "B_phi_T", H: "H_SO_T", H1: "Hprime_SO_T"}
    values = {s: str(entry["parameters"][name]) for s, name in names.items()}
    a0 = sp.Rational(1, 2) + (B_phi + H) / b
    edge = 1 / a0 + (2 * a0 + 1 + H / b) / ((a0 + 1) * (a0 + H / b) - 2 * H1 / b)
    total = -(edge + triplet() + HikamiFunction(B, B_phi)) / 2
    with mp.workdps(30):
        assert abs(mp.mpf(str(at(total, values))) - mp.mpf(entry["value"])) < 1e-20


@pytest.mark.slow
@pytest.mark.parametrize("symbol", [B, B_phi, H, H1])
def test_derivatives_are_level_sums_with_the_value_of_a_difference_quotient(symbol):
    values = {B: "-0.02", B_phi: "0.001", H: "0.007", H1: "0.002"}
    derivative = triplet().diff(symbol)
    assert derivative.has(LevelSum)
    assert not derivative.has(sp.Derivative)
    x, h = sp.Rational(values[symbol]), sp.Rational(1, 10**15)
    ends = [at(triplet(), values | {symbol: x + sign * h}, 45) for sign in (1, -1)]
    quotient = (ends[0] - ends[1]) / (2 * h)
    assert float(abs(at(derivative, values, 20) / quotient - 1)) < 1e-16


def test_second_derivatives_close():
    values = {B: "0.3", c: "0.2", d: "0.5"}
    unfolded = pair().doit().diff(c, d)
    assert float(abs(at(pair().diff(c, d), values) - at(unfolded, values))) < 1e-20


def test_coincident_poles_are_a_limit():
    values = {B: "0.3", c: "0.2"}
    trigamma_free = -2 * HikamiFunction(B, c)
    for square in (sp.S.Zero, sp.Rational(1, 10**40)):
        value = at(pair(d).subs(d, square), values)
        assert float(abs(value - at(trigamma_free, values))) < 1e-24


def test_weak_fields_keep_their_digits():
    value = at(LORENTZ, {B: "1e-12", B_phi: "1"}, 20)
    assert float(abs(value * 24 * 10**24 + 1)) < 1e-18


def test_function_is_even_and_vanishes_without_a_field():
    assert triplet().subs(B, -B) == triplet()
    assert LevelSum(-B, *bodies(LORENTZ)) == LORENTZ
    assert LevelSum(b, *bodies(LORENTZ)) == LORENTZ
    assert triplet().subs(B, 0) == 0


def test_a_reference_with_other_parameters_leaves_a_logarithm_without_a_field():
    ratio = LevelSum(B, sp.Lambda(u, 1 / (u + b / 2 + c)), sp.Lambda(u, 1 / (u + d)))
    assert sp.expand_log(ratio.subs(B, 0).doit() - sp.log(d / c)) == 0
    assert float(at(ratio.subs(B, 0), {c: 1, d: 2})) == pytest.approx(float(mp.log(2)))


def test_level_is_bound():
    v = sp.Symbol("v", positive=True)
    same = LevelSum(B, sp.Lambda(v, 1 / (v + b / 2 + B_phi)))
    assert same == LORENTZ
    assert hash(same) == hash(LORENTZ)
    assert LORENTZ.free_symbols == {B, B_phi}
    assert LORENTZ.subs(u, 3) == LORENTZ
    assert LORENTZ.xreplace({B_phi: u}).free_symbols == {B, u}
    assert pickle.loads(pickle.dumps(LORENTZ)) == LORENTZ


def test_latex_is_sum_and_integral():
    B = sp.Symbol("B", positive=True)
    assert sp.latex(LevelSum(B, sp.Lambda(u, 1 / (u + B_phi)))) == (
        r"\left[\sum_{n=0}^{\infty} \frac{B}{B n + B_{\phi}} - "
        r"\int_{0}^{\infty} \frac{1}{B_{\phi} + u}\, du\right]"
    )


def test_what_has_no_limit_is_refused():
    f = sp.Lambda(u, 1 / (u + c))
    with pytest.raises(ValueError, match="difference is infinite"):
        LevelSum(B, f, sp.Lambda(u, 2 / (u + c)))
    with pytest.raises(ValueError, match="does not fall off"):
        LevelSum(B, sp.Lambda(u, u / (u + c)), f)
    with pytest.raises(ValueError, match="not a rational function"):
        LevelSum(B, sp.Lambda(u, 1 / sp.sqrt(u + c)), f)
    with pytest.raises(ValueError, match="must be real"):
        LevelSum(sp.I, f, f)
    with pytest.raises(ValueError, match="give g"):
        LevelSum(2 * B + 1, f)
    with pytest.raises(TypeError, match=r"pass Lambda\(u"):
        LevelSum(B, 1 / (u + c))
