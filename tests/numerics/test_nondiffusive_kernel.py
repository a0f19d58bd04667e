"""Weak localization at any B/B_tr in JAX: values of sums over levels, derivatives, limits."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, potential
from cooperon.beyond_diffusion import nondiffusive_magnetoconductivity
from cooperon.nondiffusive_function import BackscatteringFunction, zero_field
from numerics import nondiffusive_tables
from numerics.codegen import compile
from numerics.kernels.hikami import hikami
from numerics.kernels.nondiffusive import (
    backscattering,
    backscattering_derivative,
    nonbackscattering,
    nondiffusive,
    nondiffusive_derivative,
)
from numerics.precision import double_precision
from numerics.table_file import committed_tables

DATA = json.loads((Path(__file__).parents[1] / "data" / "nondiffusive.json").read_text())
ENTRIES = [entry for entry in DATA["entries"] if entry["name"].startswith("Dsigma")]
KERNELS = {"a": backscattering, "b": nonbackscattering, "total": nondiffusive}


SIZE = 16


def fields_of(entry):
    return [float(entry["parameters"][k]) for k in ("B_over_Btr", "tau_over_tau_phi")]


def values_of(kernel, B, B_phi, B_tr=1.0):
    """The kernel at points of one padded shape, so that it is compiled once."""
    fields = np.broadcast_arrays(B, B_phi, B_tr)
    count = fields[0].size
    padded = (np.resize(field, SIZE) for field in fields)
    return np.asarray(kernel(*padded))[:count]


def check_values(part, dtype, tolerance):
    entries = [entry for entry in ENTRIES if entry["name"].startswith(f"Dsigma_{part} ")]
    assert len(entries) > 2
    fields = np.array([fields_of(entry) for entry in entries], dtype).T
    expected = np.array([float(entry["value"]) for entry in entries])
    found = values_of(KERNELS[part], -fields[0], fields[1], np.ones((), dtype))
    assert found.dtype == dtype
    assert np.all(np.abs(found - expected) < tolerance * np.maximum(1, expected))


@double_precision()
@pytest.mark.parametrize("part", KERNELS)
def test_values_are_those_of_the_sum_over_levels(part):
    check_values(part, "float64", 4e-15)


@pytest.mark.slow
@double_precision()
@pytest.mark.parametrize("part", KERNELS)
def test_single_precision_keeps_five_digits(part):
    check_values(part, "float32", 4e-6)


@double_precision()
def test_the_regimes_join_at_their_borders():
    b = np.array([0.01 / 30, 0.15])
    step = 1e-9 * b
    below, above = (values_of(nondiffusive, b + sign * step, 0.01) for sign in (-1, 1))
    further = values_of(nondiffusive, b + 1e4 * step, 0.01) - below
    assert above - below == pytest.approx(2e-4 * further, rel=0.1, abs=4e-15)


@double_precision()
@pytest.mark.parametrize("B_tr", [1e9, 1e12])
def test_diffusive_fields_give_the_function_of_hikami_larkin_nagaoka(B_tr):
    B = np.array([1e-4, 0.01, 0.1, 3.0, 40.0])
    expected = np.asarray(hikami(B, 1.0))
    assert values_of(nondiffusive, B, 1.0, B_tr) == pytest.approx(expected, abs=200 / B_tr + 1e-14)


@double_precision()
def test_strong_fields_leave_nothing_of_the_correction():
    """sigma(B) tends to -4.973652 (B_tr/B)^(1/2), with a slowly falling relative error."""
    B = np.array([1e5, 1e6, 1e7])
    rest = (values_of(nondiffusive, B, 0.1) + float(zero_field(sp.Float(1.1, 20)))) * np.sqrt(B)
    errors = np.abs(rest / -4.97365244854 - 1)
    assert errors[2] < 0.005
    assert np.all(errors[1:] < errors[:-1] / 2)


@pytest.mark.slow
@double_precision()
def test_derivatives_agree_with_each_other_and_with_degree_zero():
    def value(x):
        return nondiffusive(*x)

    points = jnp.array([[1e-3, 0.1, 1.0], [0.5, 0.01, 1.0], [-30.0, 0.1, 1.0]])
    gradients = np.asarray(jax.jit(jax.vmap(jax.grad(value)))(points))
    forward = np.asarray(jax.jit(jax.vmap(jax.jacfwd(value)))(points))
    assert gradients == pytest.approx(forward, rel=1e-10)
    scales = np.abs(points * gradients).sum(axis=1)
    assert np.all(np.abs(np.sum(points * gradients, axis=1)) < 1e-12 * scales)
    step = np.array([0.0, 1e-5, 0.0])
    change = np.asarray(jax.vmap(value)(points + step) - jax.vmap(value)(points - step))
    assert gradients[:, 1] == pytest.approx(change / 2e-5, rel=1e-6)


@double_precision()
def test_at_zero_field_the_slope_vanishes():
    B = np.array([0.0, 1e-6, -1e-6])
    values = values_of(nondiffusive, B, 0.1)
    assert values[0] == 0
    assert values[1] == values[2] == pytest.approx(0.5e-12 * 4.335315242, rel=1e-8)


@pytest.mark.slow
@double_precision()
def test_at_zero_field_it_is_an_even_and_smooth_function():
    at = (jnp.array([0.0, 1e-6, -1e-6]), 0.1, 1.0)
    values, slopes, curvatures = (
        np.asarray(nondiffusive_derivative(*at, order, 0, 0)) for order in (0, 1, 2)
    )
    assert values[0] == slopes[0] == 0
    assert values[1] == values[2] == pytest.approx(0.5e-12 * curvatures[0], rel=1e-8)
    assert slopes[1] == -slopes[2] == pytest.approx(1e-6 * curvatures[0], rel=1e-8)
    assert curvatures == pytest.approx(curvatures[0], rel=1e-8)


@double_precision()
def test_limits_and_arguments_without_a_meaning():
    fields = np.array([[0, 0, 1], [1, 0, 1], [1, -1, 1], [1, 1, 0], [1, 1, np.inf], [np.nan, 1, 1]])
    found = values_of(nondiffusive, *fields.T)
    assert list(found[:2]) == [0, np.inf]
    assert np.all(np.isnan(found[2:]))
    assert np.isfinite(values_of(nonbackscattering, 1.0, 0.0)[0])
    with pytest.raises(TypeError, match="real arguments"):
        nondiffusive(1j, 1.0, 1.0)
    with pytest.raises(NotImplementedError, match="up to the second order"):
        backscattering_derivative(1.0, 1.0, 1.0, 1, 1, 1)


@double_precision()
def test_a_derived_correction_compiles_to_the_kernel():
    correction = nondiffusive_magnetoconductivity(Conductor(2, [potential()]))
    function = compile(correction, unit="e^2/(pi h)", probe=False)
    B, B_phi = 0.3 * np.array([fields_of(entry) for entry in ENTRIES]).T
    assert np.asarray(function(B, B_phi=B_phi, B_tr=0.3)) == pytest.approx(
        values_of(nondiffusive, B / 0.3, B_phi / 0.3), rel=1e-13
    )


@pytest.mark.slow
@double_precision()
def test_a_derivative_compiles_to_its_kernel():
    B, B_phi, B_tr = sp.symbols("B B_phi B_tr", positive=True)
    function = compile(BackscatteringFunction(B, B_phi, B_tr).diff(B_phi), probe=False)
    expected = backscattering_derivative(0.5, 0.2, 1.0, 0, 1, 0)
    assert float(function(B=0.5, B_phi=0.2, B_tr=1.0)) == pytest.approx(float(expected), rel=1e-14)


def test_the_tables_are_those_of_the_series():
    begin = nondiffusive_tables.BEGIN
    assert committed_tables(nondiffusive_tables.KERNEL, begin) == nondiffusive_tables.tables()


def test_the_rules_at_the_edge_are_exact_for_exponentials():
    nodes, edge, alternating = nondiffusive_tables.edge_rules()
    decay = 0.1
    odd, even = (
        sum(float(w) * f(decay * float(x)) for x, w in zip(nodes, weights, strict=True))
        for weights, f in (
            (edge, lambda y: -2 * np.sinh(y)),
            (alternating, lambda y: 2 * np.cosh(y)),
        )
    )
    assert odd == pytest.approx(0.5 / np.sinh(decay / 2) - 1 / decay, abs=1e-15)
    assert even == pytest.approx(0.5 / np.cosh(decay / 2), abs=1e-15)
