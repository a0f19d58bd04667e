"""Hikami boxes, against quadrature over momenta and reference values."""

import json
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from diagrams.blocks import diffusion_constant
from diagrams.hikami import conductivity_boxes, density_boxes, vertex_correction
from diagrams.symbols import D, nu, tau, v_F

BLOCKS = json.loads((Path(__file__).parents[1] / "data" / "blocks.json").read_text())["records"]
NUMERIC = [r for r in BLOCKS if r["name"] == "Hikami box full numeric 2D"]
UNITS = {tau: 1, nu: 1, v_F: 1, D: sp.Rational(1, 2)}
g = sp.Symbol("g", real=True)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_conductivity_box_is_minus_4_pi_nu_tau_squared_D(dimension):
    boxes = conductivity_boxes(dimension)
    assert boxes.bare == -4 * sp.pi * nu * tau**2 * D
    assert boxes.dressed_retarded == boxes.dressed_advanced == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_bare_conductivity_box_agrees_with_a_sum_over_momenta(dimension):
    """A parabolic band with k_F = v_F = 1 and k_F l = 200: corrections of order 1/(k_F l)^2."""
    lifetime = 200.0
    volume = {1: 1 / np.pi, 2: 1 / (2 * np.pi), 3: 1 / (2 * np.pi**2)}[dimension]

    def integrand(k):
        xi = (k**2 - 1) / 2
        current = -(k**2) / dimension
        return volume * k ** (dimension - 1) * current / (xi**2 + 1 / (4 * lifetime**2)) ** 2

    expected, _ = quad(integrand, 0, 3, points=[0.95, 0.99, 1, 1.01, 1.05], limit=400)
    values = {tau: lifetime, D: lifetime / dimension, nu: volume}
    found = float(conductivity_boxes(dimension).total.subs(values))
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_anisotropic_boxes_add_up_to_the_universal_value(dimension):
    """The dressed boxes turn tau_tr/tau of the bare one into the D of transport."""
    boxes = conductivity_boxes(dimension, g)
    transport = tau / (1 - g)
    D_tr = v_F**2 * transport / dimension
    bare = -4 * sp.pi * nu * tau**3 * v_F**2 / dimension * (transport / tau) ** 2
    assert sp.simplify(boxes.bare.subs(D, D_tr) - bare) == 0
    assert sp.simplify(boxes.dressed_retarded.subs(D, D_tr) + g * bare / 2) == 0
    assert sp.simplify(boxes.dressed_advanced.subs(D, D_tr) + g * bare / 2) == 0
    assert sp.simplify(boxes.total + 4 * sp.pi * nu * tau**2 * D) == 0


def test_anisotropic_boxes_agree_with_the_reference_values():
    (parts,) = [r["value"] for r in BLOCKS if r["name"] == "WL conductivity Hikami box parts"]
    (total,) = [r for r in BLOCKS if r["name"] == "WL conductivity Hikami box / (nu)"]

    def number(expression, cosine):
        D_tr = diffusion_constant(2, g)
        return float(expression.subs(D, D_tr).subs({g: cosine, **UNITS}))

    boxes = conductivity_boxes(2, g)
    found = [number(e, 0.3) for e in (boxes.bare, boxes.dressed_retarded, boxes.dressed_advanced)]
    np.testing.assert_allclose(found, [float(p) for p in parts], rtol=1e-13)
    assert number(boxes.total, 0.6) == pytest.approx(float(total["check_value"]), rel=1e-13)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_vertex_correction_is_the_ratio_of_transport_time_to_lifetime(dimension):
    assert sp.simplify(vertex_correction(dimension, g) - 1 / (1 - g)) == 0
    assert vertex_correction(dimension, sp.S.Zero) == 1


def test_vertex_correction_agrees_with_the_reference_value():
    (record,) = [r for r in BLOCKS if r["name"].startswith("vertex correction")]
    assert float(vertex_correction(2, sp.Rational(3, 5))) == pytest.approx(
        float(record["check_value"]), rel=1e-14
    )


def corner_symbols(dimension):
    names = [f"{letter}_{axis}" for letter in "abc" for axis in "xyz"[:dimension]]
    flat = sp.symbols(names, real=True)
    first = [tuple(flat[i : i + dimension]) for i in range(0, 3 * dimension, dimension)]
    return [*first, tuple(-sum(parts) for parts in zip(*first, strict=True))]


@pytest.mark.parametrize("dimension", [1, 2, pytest.param(3, marks=pytest.mark.slow)])
def test_density_box_depends_on_momenta_as_hikami_found(dimension):
    """2 pi nu D tau^4 [sum q_i^2/2 - q_1.q_3 - q_2.q_4], for any corner momenta."""
    corners = corner_symbols(dimension)

    def dot(i, j):
        return sum(a * b for a, b in zip(corners[i], corners[j], strict=True))

    bracket = sum(dot(i, i) for i in range(4)) / 2 - dot(0, 2) - dot(1, 3)
    expected = 2 * sp.pi * nu * D * tau**4 * bracket
    assert sp.expand(density_boxes(dimension, corners).total - expected) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_density_boxes_cancel_at_zero_momentum(dimension):
    boxes = density_boxes(dimension, [(sp.S.Zero,) * dimension] * 4)
    assert boxes.bare == 4 * sp.pi * nu * tau**3
    assert boxes.dressed_retarded == boxes.dressed_advanced == -2 * sp.pi * nu * tau**3
    assert boxes.total == 0


def box_quadrature(K, n_xi=400, n_phi=64):
    """The three boxes in d = 2 on a grid in xi = tan(theta)/2 and phi; tau = v_F = nu = 1."""
    theta = (np.arange(n_xi) + 0.5) * np.pi / n_xi - np.pi / 2
    phi = np.arange(n_phi) * 2 * np.pi / n_phi
    xi, weight = np.tan(theta) / 2, np.pi / n_xi / (2 * np.cos(theta) ** 2)
    direction = np.stack([np.cos(phi), np.sin(phi)])
    G = [
        1 / (-(xi[:, None] + np.asarray(k) @ direction) + sign * 0.5j)
        for k, sign in zip(K, (1, -1, 1, -1), strict=True)
    ]

    def summed(*factors):
        return np.einsum("i,ij->", weight, np.prod(factors, axis=0)) / n_phi

    bare = summed(*G)
    retarded = summed(G[0], G[1], G[2]) * summed(G[2], G[3], G[0]) / (2 * np.pi)
    advanced = summed(G[1], G[2], G[3]) * summed(G[3], G[0], G[1]) / (2 * np.pi)
    return bare, retarded, advanced


@pytest.mark.parametrize("record", NUMERIC)
def test_density_box_agrees_with_quadrature_up_to_fourth_order(record):
    K = np.array(json.loads(record["parameters"]["K"]))
    # A string ends where the next begins: what enters at a corner is the change of momentum.
    corners = [tuple(map(sp.Float, K[i] - K[i - 1])) for i in range(4)]
    corners[0] = tuple(-sum(p) for p in zip(*corners[1:], strict=True))
    found = density_boxes(2, corners)
    numbers = [
        complex(e.subs(UNITS)) for e in (found.bare, found.dressed_retarded, found.dressed_advanced)
    ]
    scale = record["parameters"]["scale"]
    np.testing.assert_allclose(numbers, box_quadrature(K), rtol=2 * scale**2)
    total = float(found.total.subs(UNITS))
    assert total == pytest.approx(float(record["check_value"]), rel=2 * scale**2)


def test_corner_momenta_that_do_not_add_up_are_refused():
    q = sp.Symbol("q")
    with pytest.raises(ValueError, match="four momenta that add up to zero"):
        density_boxes(1, [(q,), (q,), (q,), (q,)])
    with pytest.raises(ValueError, match="four momenta that add up to zero"):
        density_boxes(1, [(q,), (-q,)])
