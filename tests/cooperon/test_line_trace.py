"""The trace over one wave vector: closed forms, quadrature, derivatives, what is refused."""

from __future__ import annotations

import mpmath as mp
import pytest
import sympy as sp

from cooperon.line_trace import LineTrace

q, g, kappa = sp.symbols("q g kappa", positive=True)
S_Y = sp.Matrix([[0, 0, sp.I], [0, 0, 0], [-sp.I, 0, 0]])
S_Z = sp.Matrix([[0, -sp.I, 0], [sp.I, 0, 0], [0, 0, 0]])
SPIRAL = LineTrace.of(2 * q * S_Y, q**2 * S_Y**2 + g * S_Z**2 + kappa * sp.eye(3))
a = q * (S_Y + S_Z / 3)
FULL = LineTrace.of(2 * a, a**2 + g * sp.diag(0, 1, 2) + kappa * sp.eye(3), sp.diag(1, 1, -1) / 2)
POINT = {q: 1, g: sp.Rational(1, 5), kappa: sp.Rational(1, 20)}


def by_quadrature(trace, values, digits=15):
    matrices = [m.subs(values) for m in trace.matrices.values()]
    with mp.workdps(digits):
        A, G, w = (mp.matrix(m.evalf(digits + 5).tolist()) for m in matrices)
        unit = mp.eye(G.rows)

        def integrand(k):
            product = w * mp.inverse(k**2 * unit + k * A + G)
            return mp.re(mp.fsum(product[i, i] for i in range(G.rows)))

        points = [-mp.inf, -4, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 4, mp.inf]
        return mp.quad(integrand, points) / (2 * mp.pi)


@pytest.mark.parametrize("trace", [SPIRAL, FULL], ids=["spiral", "full"])
def test_it_is_the_integral_over_the_wave_vector(trace):
    head = trace.atoms(LineTrace).pop()
    expected = by_quadrature(head, POINT)
    assert float(head.subs(POINT).evalf(20)) == pytest.approx(float(expected), rel=1e-11)


def test_spins_that_turn_along_the_wire_have_a_closed_form():
    closed = SPIRAL.doit()
    assert not closed.has(LineTrace, sp.Integral)
    assert abs(closed.subs(POINT).evalf(30) - SPIRAL.subs(POINT).evalf(30)) < sp.Float("1e-27")
    assert sp.simplify(closed.subs(g, 0).subs(q, 0) - 3 / (2 * sp.sqrt(kappa))) == 0


def test_a_shift_of_the_wave_vector_changes_nothing():
    one = sp.eye(3)
    A, G, w = FULL.matrices.values()
    shifted = LineTrace.of(A + 2 * one / 3, G + A / 3 + one / 9, w)
    assert abs((shifted - FULL).subs(POINT).evalf(25)) < sp.Float("1e-23")


def test_blocks_of_one_mode_are_square_roots():
    assert LineTrace.of(sp.zeros(2), sp.diag(kappa**2, g**2)) == 1 / (2 * kappa) + 1 / (2 * g)
    assert LineTrace.of(sp.Matrix([[0, g], [g, 0]]), sp.eye(2), sp.zeros(2)) == 0


@pytest.mark.parametrize("symbol", [q, g, kappa])
def test_derivatives_are_traces_again(symbol):
    step = sp.Rational(1, 10**12)
    plus, minus = (FULL.subs(symbol, POINT[symbol] + s).subs(POINT) for s in (step, -step))
    difference = (plus - minus).evalf(40) / (2 * step)
    slope = FULL.diff(symbol)
    assert slope.has(LineTrace)
    assert slope.is_extended_real
    assert abs(difference - slope.subs(POINT).evalf(25)) < sp.Float("1e-18")


def test_a_general_determinant_unfolds_to_an_integral():
    assert FULL.doit().has(sp.Integral)


def test_poles_on_the_real_axis_and_odd_shapes_are_refused():
    with pytest.raises(ValueError, match="zero eigenvalue at a real k"):
        LineTrace.of(sp.Matrix([[0, 1], [1, 0]]), -sp.eye(2)).evalf()
    with pytest.raises(ValueError, match="three of equal size"):
        LineTrace.of(sp.eye(2), sp.eye(3))
    with pytest.raises(ValueError, match="the part is 2"):
        LineTrace(2, 0, 1, 1)
    with pytest.raises(ValueError, match="5 entries are not three square matrices"):
        LineTrace(1, 2, 3, 4, 5, 6)
