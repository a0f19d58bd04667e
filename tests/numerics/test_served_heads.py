"""SymPy's own functions that have a kernel: their numbers, and the orders that are refused."""

import pytest
import sympy as sp

from cooperon import Conductor, potential, weak_localization
from numerics.codegen import compile
from numerics.precision import double_precision

x = sp.Symbol("x", positive=True)
THREE_HALVES = sp.Rational(3, 2)

SERVED = [
    sp.LambertW(x),
    sp.LambertW(-x / (4 * (1 + x))),
    sp.airyai(x),
    sp.airyaiprime(x),
    sp.besseli(0, x),
    sp.besseli(1, x),
    sp.besselk(0, x),
    sp.besselk(1, x),
    sp.coth(x),
    sp.csch(x) ** 2,
    sp.digamma(x),
    sp.erfc(x),
    sp.expint(1, x),
    sp.polygamma(1, x),
    sp.polylog(2, -x),
    sp.uppergamma(sp.Rational(-1, 2), x, evaluate=False),
    sp.zeta(sp.Rational(1, 2), x),
    sp.zeta(THREE_HALVES, x),
]


@double_precision()
@pytest.mark.parametrize("expression", SERVED, ids=str)
def test_served_functions_have_the_value_of_mpmath(expression):
    function = compile(expression, probe=False)
    for point in (0.07, 1.3, 9.0):
        expected = float(expression.xreplace({x: sp.Float(point, 40)}).evalf(30))
        assert float(function(point)) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(
    "expression",
    [sp.besselk(2, x), sp.expint(2, x), sp.polylog(3, x), sp.besselj(0, x), sp.LambertW(x, -1)],
    ids=str,
)
def test_orders_without_a_kernel_are_refused_by_name(expression):
    with pytest.raises(NotImplementedError, match=type(expression).__name__):
        compile(expression)


@pytest.mark.parametrize(
    "head", [lambda z: sp.besselk(0, z), lambda z: sp.zeta(2, z), sp.erf, sp.LambertW]
)
def test_complex_arguments_of_real_kernels_are_refused(head):
    with pytest.raises(NotImplementedError, match="for real arguments only"):
        compile(head(1 + sp.I * x))


@double_precision()
def test_functions_of_numbers_are_printed_as_numbers():
    number = sp.gamma(sp.Rational(5, 6)) * sp.zeta(THREE_HALVES)
    assert float(compile(number * x)(2.0)) == pytest.approx(2 * float(number.evalf(20)), rel=1e-15)


@double_precision()
def test_the_sharp_cutoff_in_two_dimensions_is_generated_with_its_exponential_integral():
    correction = weak_localization(Conductor(2, [potential()]), "sharp")
    values = {"tau": 1e-13, "tau_phi": 1e-11}
    numbers = {s: sp.Float(values[s.name], 30) for s in correction.expression.free_symbols}
    expected = float(correction.expression.xreplace(numbers).evalf(25))
    assert float(compile(correction)(**values)) == pytest.approx(expected, rel=1e-13)


@double_precision()
@pytest.mark.parametrize(
    "head", [sp.digamma, lambda z: sp.polygamma(1, z), lambda z: sp.expint(1, z), sp.erfc]
)
def test_complex_arguments_reach_the_complex_kernels(head):
    expression = head(sp.Rational(3, 2) + sp.I * x)
    expected = complex(expression.subs(x, sp.Rational(7, 10)).evalf(30))
    assert complex(compile(expression)(0.7)) == pytest.approx(expected, rel=1e-13)
