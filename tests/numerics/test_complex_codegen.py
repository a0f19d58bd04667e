"""Expressions at a finite frequency: generated code calls the kernels of a complex field."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
import scipy.constants
import sympy as sp

import numerics
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


def test_only_complex_fields_take_the_complex_kernel() -> None:
    plain = sp.Symbol("c")
    assert HikamiFunction(B, B_phi)._jaxcode == "hikami"
    assert HikamiFunction(B, plain)._jaxcode == "hikami"
    assert HikamiFunction(B, plain - sp.I)._jaxcode == "hikami_complex"
    assert HikamiFunction(B, B_phi - SHIFT)._jaxcode == "hikami_complex"
    assert HikamiFunction(B, B_phi - SHIFT).diff(B)._jaxcode == "hikami_complex_derivative"
    assert HikamiFunction(B, B_phi - SHIFT).diff(B, 3)._jaxcode is None


def test_a_growing_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, but got -1"):
        HikamiFunction(B, -1 + 2 * sp.I)
