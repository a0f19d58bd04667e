"""The trace over mixed Landau levels as a SymPy function."""

import mpmath as mp
import pytest
import sympy as sp

from cooperon import latex
from cooperon.band_trace import BandTrace
from diagrams.symbols import B

gap, q = sp.symbols("gap q", positive=True)
X = sp.Matrix([[0, q], [q, 0]])
Y = sp.Matrix([[0, -sp.I * q], [sp.I * q, 0]])
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)


def test_without_coupling_it_is_the_digamma_kernel():
    value = BandTrace.of(HALF, sp.zeros(1), sp.zeros(1), sp.Matrix([[THIRD]])).evalf(15)
    x = mp.mpf(2) / 3
    assert float(value) == pytest.approx(float(mp.log(x) - mp.digamma(x + HALF)), abs=1e-14)


def test_it_vanishes_without_a_field():
    assert BandTrace.of(sp.S.Zero, X, Y, gap * sp.eye(2)) == 0


def test_it_keeps_its_matrices_and_is_real_where_they_are_hermitian():
    trace = BandTrace.of(B, X, Y, gap * sp.eye(2))
    assert trace.matrices["C_y"] == Y
    assert trace.matrices["w"] == sp.eye(2)
    assert trace.is_extended_real
    assert trace._jaxcode == "band_trace"
    assert BandTrace.of(B, X, Y, (gap + sp.I) * sp.eye(2))._jaxcode == "band_trace_complex"


def test_matrices_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"C_x = .* must be Hermitian"):
        BandTrace.of(B, sp.I * X, Y, gap * sp.eye(2))
    with pytest.raises(ValueError, match="shapes"):
        BandTrace.of(B, sp.eye(3), Y, gap * sp.eye(2))
    with pytest.raises(ValueError, match="4 entries are not five square matrices"):
        BandTrace(B, 64, *range(4))
    with pytest.raises(ValueError, match="levels = 2"):
        BandTrace.of(B, X, Y, gap * sp.eye(2), levels=2)


def test_symbolic_derivative_is_refused():
    with pytest.raises(NotImplementedError, match="no symbolic derivative"):
        BandTrace.of(B, X, Y, gap * sp.eye(2)).diff(gap)


def test_latex_shows_the_operator():
    text = latex(BandTrace.of(B, X, Y, gap * sp.eye(2)))
    assert text.startswith(r"\operatorname{Tr}_{B}\left[")
    assert r"a^\dagger a + \tfrac{1}{2}" in text
