"""Generated code is compared with mpmath when it is built."""

import jax
import jax.numpy as jnp
import pytest
import sympy as sp

from cooperon import HikamiFunction
from diagrams.symbols import B, B_phi
from numerics.codegen import compile, write_module
from numerics.probe import require_agreement

x, y = sp.symbols("x y", positive=True)


def test_a_formula_that_loses_its_digits_is_refused_with_point_values_and_remedy():
    lost = sp.sqrt(x**2 + sp.Float(1e24)) - sp.Float(1e12)
    with pytest.raises(ArithmeticError, match=r"value .* x = .* instead of .*probe=False"):
        compile(lost)


def test_the_probe_can_be_switched_off():
    lost = sp.sqrt(x**2 + sp.Float(1e24)) - sp.Float(1e12)
    assert compile(lost, probe=False)(2.0).shape == ()


def test_a_module_that_fails_its_probe_is_not_written(tmp_path):
    with pytest.raises(ArithmeticError):
        write_module(sp.sqrt(x**2 + sp.Float(1e24)) - sp.Float(1e12), tmp_path / "lost.py")
    assert not (tmp_path / "lost.py").exists()


def wrong_value(B, B_phi):
    return (B / B_phi) ** 2 / 24


@jax.custom_jvp
def wrong_slope(x):
    return jnp.sin(x)


wrong_slope.defjvp(lambda primals, tangents: (jnp.sin(*primals), 1.001 * tangents[0]))


def test_a_wrong_kernel_is_found_by_its_value():
    with pytest.raises(ArithmeticError, match=r"the value of the expression at B = .*B_phi = "):
        require_agreement(HikamiFunction(B, B_phi), 1.0, wrong_value, "wrong_value")


def test_a_wrong_derivative_of_a_right_value_is_found():
    with pytest.raises(ArithmeticError, match=r"the derivative of the expression at x = "):
        require_agreement(sp.sin(x), 1.0, wrong_slope, "wrong_slope")


def test_a_wrong_partial_derivative_among_many_is_found():
    names = sp.symbols("p1:9", positive=True)

    def function(*p):
        return sum(map(jnp.sin, p[:-1])) + wrong_slope(p[-1])

    with pytest.raises(ArithmeticError, match="derivative"):
        require_agreement(sp.Add(*map(sp.sin, names)), 1.0, function, "one wrong")


def test_the_unit_of_the_result_is_part_of_the_comparison():
    with pytest.raises(ArithmeticError, match="value"):
        require_agreement(sp.exp(-x), 2.0, lambda x: jnp.exp(-x), "without the factor")


def test_the_probe_leaves_the_precision_of_the_caller_alone():
    before = jax.config.jax_enable_x64
    compile(sp.exp(-x * y))
    assert jax.config.jax_enable_x64 == before


def test_real_symbols_are_probed_on_both_sides():
    t = sp.Symbol("t", real=True)
    with pytest.raises(ArithmeticError, match=r"t = -"):
        require_agreement(sp.Abs(t), 1.0, lambda t: t, "positive side only")


def test_points_outside_the_domain_are_left_out():
    compile(sp.log(1 - x) * sp.acos(x))


def test_an_expression_without_a_point_in_its_domain_says_so():
    with pytest.warns(UserWarning, match="was not probed"):
        compile(sp.log(-1 - x))


def test_a_constant_is_probed_too():
    assert float(compile(sp.exp(sp.Rational(1, 3)))()) == pytest.approx(1.3956124)


def test_integers_are_probed_at_integers():
    n = sp.Symbol("n", integer=True, positive=True)
    assert float(compile(sp.cos(sp.pi * n) * x, probe=True)(n=3.0, x=2.0)) == pytest.approx(-2)
