"""Integrals over xi, against quadrature on the real axis."""

import json
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from diagrams.diagram import Branch
from diagrams.integrals import (
    expanded_xi_integral,
    propagator,
    shifted_xi_integral,
    xi,
    xi_integral,
)
from diagrams.symbols import tau

TAU = mp.mpf("0.7")
BLOCKS = Path(__file__).parents[1] / "data" / "blocks.json"
RECORDS = [
    record
    for record in json.loads(BLOCKS.read_text())["records"]
    if record["name"] == "int dxi GR^m GA^n"
]


def on_the_real_axis(integrand):
    """Quadrature with xi = tan(theta)/(2 tau), which makes rational decay smooth."""

    def mapped(theta):
        return integrand(mp.tan(theta) / (2 * TAU)) / (2 * TAU * mp.cos(theta) ** 2)

    return mp.quad(mapped, mp.linspace(-mp.pi / 2, mp.pi / 2, 9))


def G(x, sign):
    return 1 / (-x + sign * 1j / (2 * TAU))


def number(expression, **values):
    named = {sp.Symbol(name, real=True): value for name, value in values.items()}
    return mp.mpmathify(sp.N(expression.subs({tau: sp.Rational(7, 10), **named}), 25))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 1), (1, 3), (2, 2), (3, 2), (4, 4), (5, 1)])
def test_residues_agree_with_quadrature(m, n):
    expected = on_the_real_axis(lambda x: G(x, 1) ** m * G(x, -1) ** n)
    assert mp.almosteq(number(xi_integral(m, n)), expected, 1e-12, 1e-12)


@pytest.mark.parametrize("record", RECORDS)
def test_residues_agree_with_the_reference_values(record):
    at = record["parameters"]
    with mp.workdps(30):
        parts = record["check_value"]
        expected = mp.mpc(*parts) if isinstance(parts, list) else mp.mpf(parts)
        assert mp.almosteq(number(xi_integral(at["m"], at["n"])), expected, 1e-20, 1e-20)


@pytest.mark.parametrize(("m", "n"), [(2, 0), (0, 2), (5, 0), (0, 3)])
def test_one_branch_alone_integrates_to_zero(m, n):
    assert xi_integral(m, n) == 0


def test_a_single_green_function_integrates_to_half_its_residue():
    cutoff = mp.mpf(10) ** 4
    principal = mp.quad(lambda x: G(x, 1), [-cutoff, -10, 0, 10, cutoff])
    assert abs(number(xi_integral(1, 0)) - principal) < 10 / cutoff
    assert xi_integral(0, 1) == sp.conjugate(xi_integral(1, 0))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (2, 1), (3, 4)])
def test_exchanging_the_branches_conjugates(m, n):
    assert sp.simplify(xi_integral(m, n) - sp.conjugate(xi_integral(n, m))) == 0


SHIFTS = {"a": mp.mpf("0.31"), "b": mp.mpf("-0.52"), "c": mp.mpf("0.17"), "d": mp.mpf("1.1")}
a, b, c, d = sp.symbols("a b c d", real=True)


@pytest.mark.parametrize(
    ("retarded", "advanced"),
    [([a], [b]), ([a, b], [c]), ([a, a, b], [c]), ([a, b], [c, d]), ([a, a], [c, c])],
)
def test_shifted_residues_agree_with_quadrature(retarded, advanced):
    def integrand(x):
        shifted = [(x + SHIFTS[str(s)], sign) for ss, sign in pairs for s in ss]
        return mp.fprod(G(*argument) for argument in shifted)

    pairs = [(retarded, 1), (advanced, -1)]
    found = number(shifted_xi_integral(retarded, advanced), **SHIFTS)
    assert mp.almosteq(found, on_the_real_axis(integrand), 1e-12, 1e-12)


@pytest.mark.parametrize(("retarded", "advanced"), [([a], [b]), ([a, b], [c]), ([a, b], [c, d])])
@pytest.mark.slow
def test_expansion_is_the_taylor_polynomial_of_the_exact_integral(retarded, advanced):
    scale = sp.Symbol("epsilon")
    exact = shifted_xi_integral([scale * s for s in retarded], [scale * s for s in advanced])
    regular = sp.cancel(sp.together(exact))
    taylor = sum(sp.diff(regular, scale, k).subs(scale, 0) / sp.factorial(k) for k in range(3))
    assert sp.simplify(taylor - expanded_xi_integral(retarded, advanced, 2)) == 0


def test_retarded_is_analytic_in_the_upper_half_plane_of_frequency():
    omega = sp.Symbol("omega")
    (pole,) = sp.solve(1 / propagator(Branch.RETARDED, xi - omega), omega)
    assert sp.im(pole) == -1 / (2 * tau)


def test_no_green_function_is_refused():
    with pytest.raises(ValueError, match="at least one Green function"):
        xi_integral(0, 0)
