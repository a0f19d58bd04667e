"""The trace over mixed Landau levels as a SymPy function."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import latex
from cooperon.band_trace import BandTrace
from cooperon.band_trace_value import band_trace_value
from diagrams.symbols import B

gap, q = sp.symbols("gap q", positive=True)
X = sp.Matrix([[0, q], [q, 0]])
Y = sp.Matrix([[0, -sp.I * q], [sp.I * q, 0]])
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)


def test_without_coupling_it_is_the_digamma_kernel():
    value = BandTrace.of(HALF, sp.zeros(1), sp.zeros(1), sp.Matrix([[THIRD]])).evalf(15)
    x = mp.mpf(2) / 3
    assert float(value) == pytest.approx(float(mp.log(x) - mp.digamma(x + HALF)), abs=1e-12)


def test_more_digits_than_a_double_has_are_right():
    value = BandTrace.of(HALF, sp.zeros(1), sp.zeros(1), sp.Matrix([[THIRD]])).evalf(30)
    with mp.workdps(40):
        x = mp.mpf(2) / 3
        expected = mp.log(x) - mp.digamma(x + mp.mpf(1) / 2)
        assert abs(mp.mpf(str(value)) - expected) < 1e-28


def spin_one(B_phi, H_a, H_b, H_3):
    root = sp.sqrt(2)
    S_x = sp.Matrix([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / root
    S_y = sp.I * sp.Matrix([[0, -1, 0], [1, 0, -1], [0, 1, 0]]) / root
    C_x, C_y = (
        sp.sqrt(H_a) * S_y + sp.sqrt(H_b) * S_x,
        -sp.sqrt(H_a) * S_x - sp.sqrt(H_b) * S_y,
    )
    G = C_x**2 + C_y**2 + H_3 * (S_x**2 + S_y**2) + B_phi * sp.eye(3)
    return C_x, C_y, G.applyfunc(sp.expand)


# B, B_phi, H_a, H_b, H_3 in mT and the correction of triplets and singlet
SPLITTINGS = {
    (1, "0.1", 2, "1.5", 0): 0.565013912265,
    (5, "0.1", 2, 1, "0.5"): -0.34379799049,
    (-10, "0.2", 1, 4, 1): -0.478758560197,
    (20, 1, 5, 5, 0): 1.259773022911817,
}


@pytest.mark.parametrize("fields", SPLITTINGS)
def test_rashba_and_dresselhaus_give_the_reference_magnetoconductivity(fields):
    field, B_phi, *splittings = map(sp.Rational, fields)
    triplets = BandTrace.of(field, *spin_one(B_phi, *splittings)).evalf(15)
    x = mp.mpf(str(B_phi / abs(field)).split("/")[0]) / (B_phi / abs(field)).q
    correction = -0.5 * (float(triplets) + float(mp.digamma(x + 0.5) - mp.log(x)))
    assert correction == pytest.approx(SPLITTINGS[fields], abs=5e-12)


def test_it_vanishes_without_a_field():
    assert BandTrace.of(sp.S.Zero, X, Y, gap * sp.eye(2)) == 0


def test_it_keeps_its_matrices_and_is_real_where_they_are_hermitian():
    trace = BandTrace.of(B, X, Y, gap * sp.eye(2))
    assert trace.matrices["C_y"] == Y
    assert trace.matrices["w"] == sp.eye(2)
    assert trace.is_extended_real
    assert trace._jaxcode == "band_trace"
    assert BandTrace.of(B, X, Y, (gap + sp.I) * sp.eye(2))._jaxcode == "band_trace_complex"


def test_precession_between_singlet_and_triplet_leaves_it_real():
    mixed = sp.diag(gap, gap) + sp.I * q * sp.Matrix([[0, 1], [1, 0]])
    trace = BandTrace.of(HALF, sp.zeros(2), sp.diag(q, 0), mixed)
    assert trace.is_extended_real
    assert trace._jaxcode == "band_trace"
    value = BandTrace(*(a.subs({gap: 1, q: THIRD}) for a in trace.args), evaluate=False)
    complex_part = [a.subs({gap: 1, q: THIRD}) for a in trace.args]
    numbers = [[complex(a) for a in complex_part[2 + 4 * i : 6 + 4 * i]] for i in range(5)]
    matrices = (np.array(m).reshape(2, 2) for m in numbers)
    found = band_trace_value(0.5, *matrices)
    assert abs(found.imag) < 1e-12
    assert float(value.evalf(15)) == pytest.approx(found.real, abs=1e-12)


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


def test_latex_of_three_states_names_the_matrices():
    text = latex(BandTrace.of(B, *spin_one(gap, q, 2 * q, 0)))
    assert "matrix" not in text
    assert r"+ G\right)^{-1}\right]" in text
