"""tr Psi(M/B) as a SymPy function: against eigenvalues found elsewhere, and where they meet."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    Conductor,
    Field,
    HikamiFunction,
    latex,
    magnetoconductivity,
    potential,
    spin_orbit,
)
from cooperon.kernel_trace import HikamiTrace
from diagrams.symbols import B, symbol

a, b, c = sp.symbols("a b c", positive=True)


def psi(x):
    return mp.digamma(mp.mpf(1) / 2 + x) - mp.log(x)


def test_numerical_value_is_the_sum_over_eigenvalues():
    rng = np.random.default_rng(1)
    root = rng.standard_normal((3, 3))
    matrix = root @ root.T + np.eye(3)
    trace = HikamiTrace.of(sp.Rational(3, 10), sp.Matrix(matrix))
    expected = sum(psi(mp.mpf(x) / 0.3) for x in np.linalg.eigvalsh(matrix))
    assert float(trace.evalf(20)) == pytest.approx(float(expected), rel=1e-13)


def test_hermitian_matrix_has_a_real_trace():
    trace = HikamiTrace(sp.Rational(1, 2), 2, sp.I / 2, 3)
    fields = np.linalg.eigvalsh([[2, 0.5j], [-0.5j, 3]])
    assert float(trace.evalf(20)) == pytest.approx(float(sum(psi(x / 0.5) for x in fields)))


def test_diagonal_matrix_gives_the_named_functions():
    assert HikamiTrace(B, a, 0, b) == HikamiFunction(B, a) + HikamiFunction(B, b)


def test_trace_is_even_in_the_field_and_vanishes_without_it():
    assert HikamiTrace(-B, a, c, b) == HikamiTrace(B, a, c, b)
    assert HikamiTrace(0, a, c, b) == 0


def test_unfolded_trace_differentiates_like_its_eigenvalues():
    derivative = HikamiTrace(B, a, c, a).diff(c)
    both = HikamiFunction(B, a + c) + HikamiFunction(B, a - c)
    assert sp.simplify(derivative - both.diff(c)) == 0


def test_entries_that_make_no_triangle_are_refused():
    with pytest.raises(ValueError, match="4 entries do not make"):
        HikamiTrace(B, a, b, c, a)


def test_latex_shows_the_matrix():
    assert latex(HikamiTrace(B, a, c, b)) == (
        r"\operatorname{tr}\Psi\left(\frac{1}{B}"
        r"\left[\begin{matrix}a & c\\c & b\end{matrix}\right]\right)"
    )


def test_a_model_whose_triplets_mix_is_derived_without_roots():
    tilted = Field("tilted", SIGMA_X + SIGMA_Y + SIGMA_Z, 1 / symbol("tau_t"))
    correction = magnetoconductivity(Conductor(2, [potential(), spin_orbit(), tilted]))
    assert correction.expression.has(HikamiTrace)
    assert not correction.expression.has(sp.cos, sp.sqrt)
    values = {"B_phi": 1e-3, "B_so_x": 2e-2, "B_so_y": 1e-2, "B_so_z": 5e-3, "B_t": 3e-3}
    numbers = {symbol(name): sp.Float(value, 30) for name, value in values.items()}
    at = correction.expression.subs(numbers).subs(B, sp.Rational(1, 100))
    gaps = correction.expression.doit().subs(numbers).subs(B, sp.Rational(1, 100))
    assert float(at.evalf(20)) == pytest.approx(float(sp.re(gaps.evalf(20))), rel=1e-12)
