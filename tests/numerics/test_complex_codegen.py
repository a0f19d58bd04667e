"""Expressions at a finite frequency: generated code calls the kernels of a complex field."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
import scipy.constants
import sympy as sp

import numerics
from cooperon.kawabata import KawabataFunction
from cooperon.kernels import HikamiFunction, HikamiFunctionDerivative
from diagrams.symbols import B, B_phi, D, e, hbar
from numerics.precision import double_precision

omega = sp.Symbol("omega", real=True)
SHIFT = sp.I * hbar * omega / (4 * e * D)
VALUES = {"B": 0.013, "B_phi": 0.002, "D": 0.01, "omega": 3e9}


def by_sympy(expression: sp.Expr) -> complex:
    constants = {hbar: sp.Float(scipy.constants.hbar, 40), e: sp.Float(scipy.constants.e, 40)}
    numbers = {s: sp.Float(repr(VALUES[s.name]), 40) for s in (B, B_phi, D, omega)}
    return complex(expression.subs(constants | numbers).evalf(30))


@double_precision()
@pytest.mark.parametrize("modes", [1, 8])
@pytest.mark.slow
def test_sum_over_modes_at_finite_frequency_is_generated(modes: int) -> None:
    expression = sp.Add(*(HikamiFunction(B, k * B_phi - SHIFT) / k for k in range(1, modes + 1)))
    function = numerics.compile(expression)
    assert complex(function(**VALUES)) == pytest.approx(by_sympy(expression), rel=1e-13)
    slope = jax.jacfwd(lambda w: function(**{**VALUES, "omega": w}))(VALUES["omega"])
    assert complex(slope) == pytest.approx(by_sympy(expression.diff(omega)), rel=1e-13)


@double_precision()
def test_derivatives_at_finite_frequency_are_generated() -> None:
    expression = HikamiFunctionDerivative(B, B_phi - SHIFT, 1, 1)
    value = numerics.compile(expression)(**VALUES)
    assert complex(value) == pytest.approx(by_sympy(expression), rel=1e-13)


@double_precision()
def test_real_loss_has_a_gradient_in_the_frequency() -> None:
    function = numerics.compile(HikamiFunction(B, B_phi - SHIFT))

    def power(w: jax.Array) -> jax.Array:
        return jnp.abs(function(**{**VALUES, "omega": w})) ** 2

    value, slope = function(**VALUES), by_sympy(HikamiFunction(B, B_phi - SHIFT).diff(omega))
    expected = 2 * (complex(value).conjugate() * slope).real
    assert float(jax.grad(power)(VALUES["omega"])) == pytest.approx(expected, rel=1e-12)


@double_precision()
def test_a_three_dimensional_conductor_at_finite_frequency_is_generated() -> None:
    kernel = KawabataFunction(B, B_phi - SHIFT)
    expression = 3 * kernel - B * kernel.diff(B)
    function = numerics.compile(expression, probe=False)

    def of_field_and_frequency(field: jax.Array, w: jax.Array) -> jax.Array:
        return function(**{**VALUES, "B": field, "omega": w})

    together = jax.jit(jax.vmap(jax.value_and_grad(
        lambda b, w: of_field_and_frequency(b, w).imag, argnums=1
    )))  # fmt: skip
    points = [(sign * VALUES["B"], w) for sign in (1, -1) for w in (0.0, VALUES["omega"])]
    value, slope = together(*jnp.asarray(points).T)
    for result, by_w, (field, w) in zip(value, slope, points, strict=True):
        at = {B: sp.Float(repr(field), 40), omega: sp.Float(repr(w), 40)}
        exact, derivative = (by_sympy(e.subs(at)) for e in (expression, expression.diff(omega)))
        assert float(result) == pytest.approx(exact.imag, rel=1e-13)
        assert float(by_w) == pytest.approx(derivative.imag, rel=1e-13)
    static = numerics.compile(expression.subs(omega, 0), probe=False)
    values = {name: VALUES[name] for name in ("B", "B_phi")}
    without_frequency = complex(function(**{**VALUES, "omega": 0.0}))
    assert without_frequency.imag == 0
    assert without_frequency.real == pytest.approx(float(static(**values)), rel=1e-14)


def test_only_complex_fields_take_the_complex_kernel() -> None:
    plain = sp.Symbol("c")
    assert HikamiFunction(B, B_phi)._jaxcode == "hikami"
    assert HikamiFunction(B, plain)._jaxcode == "hikami"
    assert HikamiFunction(B, plain - sp.I)._jaxcode == "hikami_complex"
    assert HikamiFunction(B, B_phi - SHIFT)._jaxcode == "hikami_complex"
    assert HikamiFunction(B, B_phi - SHIFT).diff(B)._jaxcode == "hikami_complex_derivative"
    assert HikamiFunction(B, B_phi - SHIFT).diff(B, 3)._jaxcode is None
    assert KawabataFunction(B, plain)._jaxcode == "kawabata"
    assert KawabataFunction(B, B_phi - SHIFT)._jaxcode == "kawabata_complex"
    assert KawabataFunction(B, B_phi - SHIFT).diff(B)._jaxcode == "kawabata_complex_derivative"


@pytest.mark.parametrize("kernel", [HikamiFunction, KawabataFunction])
def test_a_growing_mode_is_refused(kernel: type[sp.Function]) -> None:
    with pytest.raises(ValueError, match="must not be negative, but got -1"):
        kernel(B, -1 + 2 * sp.I)
