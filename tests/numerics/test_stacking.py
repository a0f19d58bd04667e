"""Long sums of like terms: one call on a stacked axis, the numbers of the terms written out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from cooperon import HikamiFunction
from cooperon.kernels import HikamiFunctionDerivative
from diagrams.symbols import B, B_phi, omega, symbol
from numerics.codegen import compile, write_module
from numerics.kernels.hikami import hikami
from numerics.module_source import source
from numerics.precision import double_precision
from numerics.stacking import ELEMENTARY_STACKED_FROM, STACKED_FROM, stacked

B_so = symbol("B_so")
FIELDS = sp.symbols("b1:65", positive=True)
WEIGHTS = [sp.Rational((-1) ** k * k, 7) for k in range(1, 65)]
SUM = sp.Add(*(w * HikamiFunction(B, b) for w, b in zip(WEIGHTS, FIELDS, strict=True)))
VALUES = {b.name: 0.01 * 1.1**k for k, b in enumerate(FIELDS)}


def calls(expression):
    body = source(expression).split("@jax.jit\ndef _function")[1]
    return body.count("hikami(")


def unstacked(expression):
    """Put the terms back: what the stacked sums stand for."""
    rest, sums = stacked(expression)
    for one in reversed(sums):
        columns = [slot.values for slot in one.slots]
        symbols = [slot.symbol for slot in one.slots]
        rows = zip(*columns, strict=True)
        terms = (one.term.xreplace(dict(zip(symbols, row, strict=True))) for row in rows)
        rest = rest.xreplace({one.total: sp.Add(*terms)})
    return rest


@double_precision()
def test_sixty_four_terms_are_one_call_with_the_value_of_their_sum():
    assert calls(SUM) == 1
    value = compile(SUM, probe=False)(0.05, **VALUES)
    terms = (float(w) * hikami(0.05, VALUES[b.name]) for w, b in zip(WEIGHTS, FIELDS, strict=True))
    assert float(value) == pytest.approx(float(sum(terms)), rel=1e-13)


@double_precision()
def test_gradient_of_a_stacked_sum_is_that_of_its_terms():
    function = compile(SUM, probe=False)
    gradient = jax.grad(lambda v: function(0.05, **v))(VALUES)
    for w, b in list(zip(WEIGHTS, FIELDS, strict=True))[::9]:
        slope = float(w) * jax.grad(hikami, argnums=1)(0.05, VALUES[b.name])
        assert float(gradient[b.name]) == pytest.approx(float(slope), rel=1e-12)


@double_precision()
def test_a_stacked_sum_broadcasts_over_batches_of_different_shape():
    function = compile(SUM, probe=False)
    column = jnp.linspace(0.01, 1, 3)[:, None]
    row = jnp.linspace(0.02, 0.5, 4)
    values = function(column, **(VALUES | {"b7": row, "b9": row[:1]}))
    assert values.shape == (3, 4)
    one = function(column[2, 0], **(VALUES | {"b7": row[1], "b9": row[0]}))
    assert float(values[2, 1]) == pytest.approx(float(one), rel=1e-13)


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        (SUM, 1),
        (sp.exp(-symbol("x") * SUM) + 1 / (2 + SUM**2), 1),
        (SUM + sp.Add(*(sp.exp(-k * symbol("x")) / k for k in range(1, 40))), 2),
        (sp.Add(*(sp.log(1 + HikamiFunction(B, B_phi + k * B_so)) for k in range(9))), 1),
        (sp.Add(*(symbol(f"A_{k}") * HikamiFunction(B, k * B_phi) for k in range(1, 9))), 1),
        (sp.Add(*(HikamiFunction(B, k * B_phi - sp.I * omega) for k in range(1, 9))), 1),
        (sp.Add(*(HikamiFunction(B, sp.sqrt(k * B_phi**2 + B_so**2)) for k in range(1, 9))), 1),
    ],
    ids=["plain", "inside", "two groups", "nested", "symbolic weights", "complex", "irrational"],
)
def test_stacking_is_the_same_sum_wherever_it_stands(expression, number):
    assert unstacked(expression) == expression
    assert len(stacked(expression)[1]) == number


def test_few_terms_and_terms_without_functions_stay_as_they_are():
    few = sp.Add(*(HikamiFunction(B, b) for b in FIELDS[: STACKED_FROM - 1]))
    cheap = sp.Add(*(sp.exp(-k * B_phi) for k in range(1, ELEMENTARY_STACKED_FROM)))
    for expression in (few, cheap, sp.Add(*FIELDS)):
        assert stacked(expression) == (expression, ())


def test_derivatives_of_different_order_are_not_mixed():
    terms = [HikamiFunctionDerivative(B, b, k % 2, 1) for k, b in enumerate(FIELDS[:14])]
    total = sp.Add(*terms)
    _, sums = stacked(total)
    assert len(sums) == 2
    assert {one.term.args[2:] for one in sums} == {(0, 1), (1, 1)}
    assert unstacked(total) == total


def test_complex_fields_keep_the_complex_kernel():
    expression = sp.Add(*(HikamiFunction(B, k * B_phi - sp.I * omega) for k in range(1, 9)))
    assert "hikami_complex(B, B_phi*c_1 - 1j*omega)" in source(expression)


def test_what_differs_in_numbers_only_is_written_with_numbers_only():
    text = source(sp.Add(*(HikamiFunction(B, B_phi + k * B_so) for k in range(1, 9))))
    assert "hikami(B, B_phi + B_so*c_1)" in text
    assert "c_1 = jnp.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], dtype)" in text


def test_stacked_sums_stay_in_the_precision_of_their_arguments():
    function = compile(SUM, probe=False)
    values = {name: np.float32(value) for name, value in VALUES.items()}
    with double_precision():
        assert function(np.float32(0.05), **values).dtype == jnp.float32
        assert function(np.float32(0.05), **VALUES).dtype == jnp.float32


def test_local_names_give_way_to_parameters():
    taken = symbol("x_1") * symbol("sum_1") + SUM
    assert "x_2 = _stacked(dtype, b1" in source(taken)
    assert "sum_2 = _sum_of(sum_2_term" in source(taken)


@double_precision()
def test_compiled_and_written_modules_give_the_same_bits(tmp_path):
    path = write_module(SUM, tmp_path / "stacked.py", probe=False)
    namespace = {"__name__": "stacked"}
    exec(path.read_text(encoding="utf-8"), namespace)
    fields = jnp.geomspace(1e-4, 10, 50)
    written, compiled = namespace["function"], compile(SUM, probe=False)
    assert np.array_equal(written(fields, **VALUES), compiled(fields, **VALUES))
