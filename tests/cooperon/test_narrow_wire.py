"""Narrow wires against all of their transverse modes, diagonalised in the gauge of the model."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from cooperon import SIGMA_X, SIGMA_Y, Conductor, model, n_x, n_y, potential
from cooperon.line_trace import LineTrace
from cooperon.narrow_wire import NarrowWire, narrow_wire
from diagrams.symbols import B, D, e, hbar, symbol, tau_phi

W = symbol("width")
tau_R, tau_D, tau_3 = (symbol(f"tau_{name}") for name in ("R", "D", "3"))
MODES = 8


def numbers(matrix, values):
    return np.array(sp.Matrix(matrix).subs(values).evalf(17).tolist(), dtype=complex)


def transverse_modes(propagator, values, field):
    """All of S in Legendre polynomials of y/W; the walls are natural conditions of its form.

    S = D [(k + a_x + 2 e B y/hbar)^2 + (q_y + a_y)^+ (q_y + a_y)] + Gamma - D a^2, q_y = -i d/dy,
    as its coefficients of 1, k and k^2.
    """
    width, values = float(values[W]), values | {symbol("tau"): 1}
    velocity = {symbol("v_F"): sp.sqrt(D / propagator.diffusion_constant) * symbol("v_F")}
    a_x, a_y = (numbers(m.subs(velocity) / (2 * D), values) for m in propagator.coupling)
    gamma = numbers(propagator.relaxation.subs(velocity), values)
    unit = np.eye(len(gamma))
    remainder = gamma - a_x @ a_x - a_y @ a_y
    x, weights = np.polynomial.legendre.leggauss(2 * MODES)
    polynomials = [np.polynomial.legendre.Legendre.basis(n) for n in range(MODES)]
    norms = np.sqrt((2 * np.arange(MODES) + 1) / width)[:, None]
    f = norms * np.array([p(x) for p in polynomials])
    slope = norms * np.array([p.deriv()(x) * 2 / width for p in polynomials])
    constant = linear = 0
    for i, weight in enumerate(weights * width / 2):
        along = field * x[i] * width * unit + a_x
        across = np.kron(-1j * slope[:, i][None], unit) + np.kron(f[:, i][None], a_y)
        here = np.kron(f[:, i][None], unit)
        inner = across.conj().T @ across + here.conj().T @ (along @ along + remainder) @ here
        constant = constant + weight * inner
        linear = linear + weight * here.conj().T @ (2 * along) @ here
    return constant, linear, np.eye(MODES * len(unit))


def one_mode(propagator, values, field):
    wire = NarrowWire.of(propagator, W, field * hbar / e)
    a, F, M = (numbers(m, values) for m in (wire.potential, wire.strength, wire.relaxation))
    return a @ a + float(values[W]) ** 2 / 12 * F @ F + M, 2 * a, np.eye(len(a))


def bands(coefficients, size):
    constant, linear, square = coefficients
    wave_vectors = (-1.1, 0.0, 0.6, 1.0)
    S = np.array([constant + k * linear + k**2 * square for k in wave_vectors])
    return np.linalg.eigvalsh(S)[:, :size]


POINT = {D: 1, tau_R: 1, tau_D: sp.Rational(5, 2), tau_3: 4}


@pytest.mark.parametrize("name", ["rashba", "dresselhaus", "rashba-dresselhaus"])
@pytest.mark.parametrize("field", [0.0, 0.7])
def test_bands_of_a_narrow_wire_are_those_of_all_transverse_modes_up_to_w_4(name, field):
    propagator = model(name).conductor().cooperon()
    size = len(propagator.basis)
    errors = []
    for width in (0.2, 0.1):
        values = POINT | {W: width}
        exact = bands(transverse_modes(propagator, values, field), size)
        errors.append(np.abs(exact - bands(one_mode(propagator, values, field), size)).max())
    assert errors[1] < 5e-5
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.1)


def test_the_trace_of_all_transverse_modes_is_that_of_the_lowest_one_and_a_constant():
    """Higher modes add a part that hardly depends on the rate: its derivative is compared."""
    propagator = model("rashba-dresselhaus").conductor().cooperon()
    values, field, rate = POINT | {W: 0.1}, 0.4, 0.01
    constant, linear, square = transverse_modes(propagator, values, field)
    w = np.kron(np.eye(MODES), numbers(propagator.weights, values))
    t, step = np.linspace(-9, 9, 801, retstep=True)
    k = np.sinh(t)[:, None, None]
    inverse = np.linalg.inv(constant + rate * square + k * linear + k**2 * square)
    slope = -np.einsum("ij,njk,nki->n", w, inverse, inverse).real
    brute = np.sum(slope * np.cosh(t)) * step / (2 * np.pi)
    z = sp.Symbol("z", positive=True)
    derived = NarrowWire.of(propagator, W, field * hbar / e).trace(z).subs(values).diff(z)
    assert float(derived.subs(z, sp.Rational(1, 100)).evalf(15)) == pytest.approx(brute, rel=2e-4)


def test_rashba_and_dresselhaus_of_equal_size_have_no_field_strength():
    """The persistent spin helix relaxes in no wire, however wide."""
    helix = model("rashba-dresselhaus").conductor().cooperon()
    wire = NarrowWire.of(helix, W)
    assert wire.strength.subs(tau_D, tau_R).is_zero_matrix
    assert wire.relaxation.subs(tau_3, sp.oo).is_zero_matrix


def test_the_wire_without_coupling_is_that_of_altshuler_and_aronov():
    expression = narrow_wire(Conductor(2, [potential()]), field=B).expression
    rate = 1 / (D * tau_phi) + (e * B * W / hbar) ** 2 / 3
    cut = rate + 1 / (D * symbol("tau"))
    assert sp.simplify(expression + 1 / sp.sqrt(rate) - 1 / sp.sqrt(cut)) == 0


def test_the_strength_of_spin_orbit_coupling_does_not_depend_on_the_direction_of_the_wire():
    propagator = model("rashba-dresselhaus").conductor().cooperon()
    turned = NarrowWire.of(propagator, W, angle=sp.pi / 3)
    assert sp.simplify(turned.strength - NarrowWire.of(propagator, W).strength).is_zero_matrix


def test_narrow_rashba_wires_localize_and_wide_ones_do_not():
    """Dependence on L_phi: slope -1 of three triplets and a singlet, +1/2 of the singlet alone."""
    expression = narrow_wire(model("rashba").conductor()).expression
    values = {D: 1, tau_R: 1, symbol("tau"): sp.Rational(1, 100)}

    def slope(width, time):
        ends = (
            expression.subs(values | {W: width, tau_phi: t}).evalf(12) for t in (time, 4 * time)
        )
        first, second = ends
        return float((second - first) / sp.sqrt(time))

    assert slope(sp.Rational(1, 1000), 10**4) == pytest.approx(-1, abs=0.01)
    assert slope(sp.Rational(1, 2), 10**6) == pytest.approx(0.5, abs=0.01)


def test_a_conductor_in_three_dimensions_is_refused():
    with pytest.raises(NotImplementedError, match="cut from a conductor in d = 2, not d = 3"):
        narrow_wire(Conductor(3, [potential()]))
    with pytest.raises(ValueError, match="width is -1"):
        narrow_wire(Conductor(2, [potential()]), -1)


def test_a_user_hamiltonian_gives_its_wire():
    """Any coupling: h = alpha n_y sigma_x alone commutes with itself and never relaxes."""
    alpha = symbol("alpha_R")
    one = Conductor(2, [potential()], hamiltonian=alpha * n_y * SIGMA_X)
    assert NarrowWire.of(one.cooperon(), W).strength.is_zero_matrix
    two = Conductor(2, [potential()], hamiltonian=alpha * (n_y * SIGMA_X - n_x * SIGMA_Y))
    assert not NarrowWire.of(two.cooperon(), W).strength.is_zero_matrix
    assert narrow_wire(two).expression.has(LineTrace)
