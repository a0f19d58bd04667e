"""The Hall effect, against a kinetic equation, momentum integrals and Landau-level sums."""

import numpy as np
import pytest
import sympy as sp
from scipy.special import eval_genlaguerre, eval_laguerre

from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.diagram import Branch
from diagrams.hall import (
    ConductivityTensor,
    drude_hall_conductivity,
    first_moment,
    half_box,
    hall_boxes,
    interference_hall_correction,
    precession_factor,
    relative_hall_correction,
)
from diagrams.hikami import conductivity_boxes
from diagrams.symbols import E_F, D, e, hbar, nu, omega_c, tau, tau_tr, v_F

g = sp.Symbol("g", real=True)


def kinetic_tensor(turn, cosine, points=64):
    """<v_i L^-1 v_j> on a circle, L = omega_c d/dphi + (1 - K)/tau with tau = v_F = 1.

    Electrons turn anticlockwise in a field along +z. K scatters with the mean cosine given.
    """
    phi = np.arange(points) * 2 * np.pi / points
    harmonics = np.arange(points) - points // 2
    waves = np.exp(1j * np.outer(phi, harmonics)) / np.sqrt(points)
    derivative = (waves * 1j * harmonics) @ waves.conj().T
    kernel = (1 + 2 * cosine * np.cos(phi[:, None] - phi)) / points
    velocity = np.stack([np.cos(phi), np.sin(phi)])
    flow = np.linalg.solve(turn * derivative + np.eye(points) - kernel, velocity.T)
    return (velocity @ flow).real / points


@pytest.mark.parametrize("turn", [0.05, -0.4, 1.3])
@pytest.mark.parametrize("cosine", [0, 0.3, -0.5])
def test_drude_tensor_is_that_of_the_kinetic_equation(turn, cosine):
    expected = kinetic_tensor(turn, cosine)
    tensor = drude_hall_conductivity(g)
    values = {nu: 1, e: 1, tau_tr: 1 / (1 - cosine), D: 1 / (2 * (1 - cosine)), omega_c: turn}
    found = [float(part.subs(values)) / 2 for part in (tensor.xx, tensor.xy)]
    np.testing.assert_allclose(found, expected[0], rtol=1e-12)
    np.testing.assert_allclose(expected[1], [-expected[0, 1], expected[0, 0]], rtol=1e-9)


def test_precession_factor_is_the_average_rotation_between_collisions():
    t = sp.Symbol("t", positive=True)
    turned = sp.exp((sp.I * omega_c - 1 / tau) * t) / tau
    expected = sp.integrate(turned, (t, 0, sp.oo), conds="none")
    assert sp.simplify(precession_factor() - expected) == 0


def test_hall_coefficient_of_free_electrons_is_minus_1_over_n_e():
    """With nu = m/(2 pi hbar^2) and omega_c = e B/m, at any field."""
    m, k_F, B = sp.symbols("m k_F B", positive=True)
    rho_yx = drude_hall_conductivity().hall_resistivity
    parabolic = {
        D: (hbar * k_F / m) ** 2 * tau_tr / 2,
        nu: m / (2 * sp.pi * hbar**2),
        omega_c: e * B / m,
    }
    density = k_F**2 / (2 * sp.pi)
    assert sp.simplify(rho_yx.subs(parabolic) + B / (density * e)) == 0


def test_without_a_field_the_tensor_is_the_conductivity():
    tensor = drude_hall_conductivity(g)
    assert sp.simplify(tensor.xx.subs(omega_c, 0) - drude_conductivity(2)) == 0
    assert tensor.xy.subs(omega_c, 0) == 0
    assert hall_boxes().total.subs(omega_c, 0) == conductivity_boxes(2).total


def test_longitudinal_correction_is_even_and_the_hall_correction_odd_in_the_field():
    correction = interference_hall_correction()
    assert correction.xx == interference_correction(2)
    assert sp.expand(correction.xy + correction.xy.subs(omega_c, -omega_c)) == 0


def test_boxes_are_those_of_two_turned_vertices():
    """Together -4 pi nu tau^2 D times the square of the precession factor, to first order."""
    square = sp.series(precession_factor() ** 2, omega_c, 0, 2).removeO()
    assert sp.expand(hall_boxes().total + 4 * sp.pi * nu * tau**2 * D * square) == 0


def test_weak_localization_does_not_change_the_hall_coefficient():
    assert relative_hall_correction() == 0


def test_only_two_to_one_leaves_the_hall_coefficient():
    """R_H of a tensor changed by (epsilon, 2 epsilon) relatively, to first order in both."""
    epsilon, x = sp.symbols("epsilon x")
    changed = ConductivityTensor(1 + epsilon, x * (1 + 2 * epsilon))
    slope = sp.diff(changed.hall_resistivity, epsilon).subs(epsilon, 0)
    assert sp.series(slope, x, 0, 2).removeO() == 0


@pytest.mark.parametrize(("m", "n"), [(2, 1), (1, 3), (3, 1), (2, 2)])
def test_first_moments_agree_with_quadrature(m, n):
    theta = (np.arange(4000) + 0.5) * np.pi / 4000 - np.pi / 2
    energy = np.tan(theta) / 2
    product = energy / (-energy + 0.5j) ** m / (-energy - 0.5j) ** n / (2 * np.cos(theta) ** 2)
    expected = product.sum() * np.pi / 4000
    assert complex(first_moment(m, n).subs(tau, 1)) == pytest.approx(expected, abs=1e-8)


def half_box_quadrature(branch, k_F_l, slow=1e-3):
    """Slope in Q of sum_k v_x G^R G^A G(Q - k) over a parabolic band; tau = v_F = 1, m = k_F l."""
    theta, weight = np.polynomial.legendre.leggauss(400)
    low, high = np.arctan(-k_F_l), np.pi / 2
    theta = (low + high) / 2 + (high - low) / 2 * theta
    xi, weight = np.tan(theta) / 2, weight * (high - low) / 2 / (2 * np.cos(theta) ** 2)
    phi = (np.arange(64) + 0.5) * 2 * np.pi / 64
    speed = np.sqrt(1 + 2 * xi / k_F_l)[:, None]
    sign = 0.5j if branch is Branch.RETARDED else -0.5j

    def vertex(Q):
        back = xi[:, None] - Q * speed * np.cos(phi) + Q**2 / (2 * k_F_l)
        return speed * np.cos(phi) / (xi[:, None] ** 2 + 0.25) / (-back + sign)

    return weight @ (vertex(slow) - vertex(-slow)).mean(axis=1) / (2 * slow)


@pytest.mark.parametrize("branch", Branch)
@pytest.mark.parametrize("k_F_l", [10, 40])
def test_half_of_a_dressed_box_agrees_with_a_sum_over_a_parabolic_band(branch, k_F_l):
    values = {nu: 1, tau: 1, v_F: 1, E_F: sp.Rational(k_F_l, 2)}
    value = complex(half_box(branch).subs(values))
    expected = half_box_quadrature(branch, k_F_l)
    # The bottom of the band is left out of the residues: its share falls as (k_F l)^-3.
    assert value == pytest.approx(expected, rel=20 / k_F_l**3 + 1e-5)


def landau_level_boxes(k_F_l, flux):
    """Bare and dressed boxes over -4 pi nu tau^2 D, summed over Landau levels.

    Parabolic band with tau = v_F = 1 and e B l^2 = `flux`. Every Green function is a sum over
    Landau levels, v_+ raises and v_- lowers them. The kernels between two points are Laguerre
    functions of x = e B rho^2/2; two of them multiplied form a particle of charge 2e, and are
    projected on its Landau levels j = 0, 1. Extrapolating to j + 1/2 = 0 removes Q^2.
    """
    omega = flux / k_F_l
    levels = int(3 * k_F_l / omega)
    n = np.arange(levels)
    # A smooth end at six Fermi energies, which are far from the Fermi level.
    cut = np.exp(-((n / (0.7 * levels)) ** 12))
    retarded = 1 / (k_F_l / 2 - (np.arange(levels + 1) + 0.5) * omega + 0.5j)
    velocity = np.sqrt(2 * omega / k_F_l) * cut
    at_plus = velocity * retarded[1:].conj() * retarded[:-1]
    rho, weight = np.polynomial.legendre.leggauss(80 * k_F_l)
    rho, weight = 7 * (rho + 1), 7 * weight
    x = flux * rho**2 / 2
    wave, turned = laguerre_sums(x, cut * retarded[:-1], at_plus)
    measure = flux / (2 * np.pi) * flux * rho * weight * np.exp(-x)
    W = 1 / k_F_l

    def half(j, line):
        shape = np.sqrt(2 / (j + 1)) * x * eval_genlaguerre(j, 1, 2 * x)
        return (measure * turned * line * shape).sum()

    def bare(j):
        return -(measure * x * turned**2 * eval_laguerre(j, 2 * x)).sum()

    def dressed(j):
        below = half(j - 1, wave) ** 2 if j else 0
        return W * (below + half(j, wave.conj()) ** 2)

    norm = -2 * k_F_l
    return [(1.5 * box(0) - 0.5 * box(1)) / norm / omega for box in (bare, dressed)]


def laguerre_sums(x, scalar, vector):
    """Sums over n of scalar_n L_n(x) and vector_n L_n^1(x), both times exp(-x/2)."""
    totals = np.zeros((2, x.size), complex)
    rows = np.array([0.0, 1.0])[:, None]
    last, now = np.zeros_like(totals, float), np.exp(-x / 2) * np.ones((2, 1))
    for n, factors in enumerate(zip(scalar, vector, strict=True)):
        totals += np.array(factors)[:, None] * now
        last, now = now, ((2 * n + 1 + rows - x) * now - (n + rows) * last) / (n + 1)
    return totals


def test_boxes_agree_with_sums_over_landau_levels():
    """To the order (e B l^2)^1 that is extrapolated away and (k_F l)^-2."""
    expected = landau_level_boxes(k_F_l=10, flux=0.02)
    scale = -4 * sp.pi * nu * tau**2 * D
    boxes = hall_boxes()
    slopes = [sp.diff(box / scale, omega_c).subs(tau, 1) for box in (boxes.bare, boxes.dressed)]
    assert slopes == [3 * sp.I, -sp.I]
    np.testing.assert_allclose([part.imag for part in expected], [3, -1], rtol=0.01)
    assert expected[0].imag + expected[1].imag == pytest.approx(2, abs=0.01)
