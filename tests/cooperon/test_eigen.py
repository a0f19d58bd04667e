"""Closed-form eigenvalues against NumPy, also where they coincide."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import SIGMA_X, SIGMA_Y, SIGMA_Z, Conductor, Field, potential, spin_orbit
from cooperon.eigen import blocks, eigenvalues

a, b, c = sp.symbols("a b c", positive=True)
integers = st.integers(-5, 5)


@st.composite
def hermitian(draw, size):
    half = sp.Matrix(size, size, lambda i, j: draw(integers) + sp.I * draw(integers))
    return half + half.H


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 3).flatmap(hermitian))
def test_roots_of_numbers_agree_with_numpy(matrix):
    expected = np.linalg.eigvalsh(np.array(matrix, dtype=complex))
    derived = sorted(complex(root).real for root in eigenvalues(matrix))
    # A double root known to 15 digits as a number is known to 7 as a root.
    np.testing.assert_allclose(derived, expected, atol=1e-6)
    assert max(abs(complex(root).imag) for root in eigenvalues(matrix)) == 0


def test_roots_of_symbols_agree_with_numpy():
    matrix = sp.Matrix([[a, b, c], [b, 2 * b, 1], [c, 1, 3]])
    values = {a: 1.3, b: 0.4, c: 2.1}
    derived = sorted(float(root.subs(values)) for root in eigenvalues(matrix))
    expected = np.linalg.eigvalsh(np.array(matrix.subs(values), dtype=float))
    np.testing.assert_allclose(derived, expected, rtol=1e-13)


def test_rational_roots_come_out_rational():
    rotated = sp.Matrix([[25 * a + 9 * b, 12 * b], [12 * b, 25 * a + 16 * b]]) / 25
    assert set(eigenvalues(rotated)) == {a, a + b}


def test_multiple_roots_are_repeated():
    assert eigenvalues(sp.diag(a, a, b)[:, :]).count(a) == 2


def test_times_enter_as_rates():
    """No power of a time above the first appears in a denominator outside of roots."""
    matrix = sp.Matrix([[1 / a + 1 / b, 1 / b], [1 / b, 1 / a + 1 / b]])
    assert set(eigenvalues(matrix)) == {1 / a, 1 / a + 2 / b}


def test_blocks_are_the_states_that_mix():
    matrix = sp.Matrix([[1, 0, b], [0, a, 0], [b, 0, 1]])
    assert sorted(blocks(matrix)) == [(0, 2), (1,)]


def test_a_quartic_is_refused_with_its_remedy():
    matrix = sp.Matrix(4, 4, lambda i, j: a**i if i == j else b + i + j)
    with pytest.raises(NotImplementedError, match=r"of degree 4, and have no closed form; choose"):
        eigenvalues(matrix)


TILTED = SIGMA_X + SIGMA_Y + SIGMA_Z


@pytest.mark.parametrize("tau_so", [1.7, 3.2945362920209913, 1.1e-12])
def test_equal_gaps_of_float_rates_stay_real_with_all_digits(tau_so):
    """A tilted magnetic axis on isotropic spin-orbit disorder: 4/tau_so twice, and one above."""
    weak = [Field("tilted", TILTED, 1.3 / tau_so), *spin_orbit(tau_so, tau_so, tau_so)]
    modes = Conductor(2, [potential(1e-3 * tau_so), *weak]).cooperon().modes
    gaps = sorted(float(m.gap) * tau_so for m in modes if m.weight > 0)
    np.testing.assert_allclose(gaps, [4, 4, 6.6], rtol=1e-13)


def test_symbolic_gaps_stay_real_where_two_of_them_meet():
    times = sp.symbols("tau_x tau_y tau_z tau_t", positive=True)
    weak = [Field("tilted", TILTED, 1 / times[3]), *spin_orbit(*times[:3])]
    modes = Conductor(2, [potential(), *weak]).cooperon().modes
    compiled = sp.lambdify(times, [m.gap for m in modes if m.weight > 0], "numpy")
    for tau_so in (3.3e-12, 2.2e-12, 1.1e-12):
        gaps = np.sort(compiled(tau_so, tau_so, tau_so, 1e-11))
        expected = [4 / tau_so, 4 / tau_so, 4 / tau_so + 2e11]
        np.testing.assert_allclose(gaps, expected, rtol=1e-7)  # half of the digits
        assert gaps.sum() == pytest.approx(sum(expected), rel=1e-13)  # the sum keeps them
