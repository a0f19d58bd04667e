"""The density response, against a kinetic equation solved on discrete directions."""

import numpy as np
import pytest
import sympy as sp

from diagrams.blocks import diffusion_constant
from diagrams.conductivity import drude_conductivity
from diagrams.response import (
    conductivity_from_density,
    density_response,
    exact_density_response,
    static_response,
)
from diagrams.symbols import D, nu, omega, q, tau, v_F

DIMENSIONS = [1, 2, 3]


def directions(dimension, points=200):
    """n_x and its weight on S^0, S^1 and S^2."""
    if dimension == 1:
        return np.array([1.0, -1.0]), np.array([0.5, 0.5])
    if dimension == 2:
        return np.cos((np.arange(points) + 0.5) * 2 * np.pi / points), np.full(points, 1 / points)
    n_x, weight = np.polynomial.legendre.leggauss(points)
    return n_x, weight / 2


def kinetic_response(dimension, ql, omega_tau):
    """chi/(2 nu) of d phi/dt + v.grad(phi + U) = -(phi - <phi>)/tau, with tau = v_F = 1."""
    n_x, weight = directions(dimension)
    streaming = np.diag(1 - 1j * omega_tau + 1j * ql * n_x) - np.outer(np.ones_like(n_x), weight)
    phi = np.linalg.solve(streaming, -1j * ql * n_x)
    return -weight @ phi


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize(("ql", "omega_tau"), [(0.02, 0.001), (0.7, 0.3), (3.0, 2.0), (0.5, -1.5)])
def test_exact_response_is_that_of_the_kinetic_equation(dimension, ql, omega_tau):
    values = {tau: 1, v_F: 1, nu: sp.Rational(1, 2), q: ql, omega: omega_tau}
    found = complex(sp.N(exact_density_response(dimension).subs(values)))
    assert found == pytest.approx(kinetic_response(dimension, ql, omega_tau), rel=1e-9)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_slow_response_has_the_diffusion_pole(dimension):
    expected = 2 * nu * D * q**2 / (D * q**2 - sp.I * omega)
    assert sp.simplify(density_response(dimension) - expected) == 0


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_slow_response_is_the_limit_of_the_exact_one(dimension):
    scale, w = sp.symbols("epsilon w", positive=True)
    # At imaginary frequency, so that every root is of a positive number.
    slow = {q: scale * q, omega: sp.I * w * scale**2}
    limit = sp.limit(exact_density_response(dimension).subs(slow), scale, 0)
    expected = density_response(dimension).subs({omega: sp.I * w, D: diffusion_constant(dimension)})
    assert sp.simplify(limit - expected) == 0


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("response", [density_response, exact_density_response])
def test_particles_are_conserved(dimension, response):
    """A uniform potential moves no particle: chi(q -> 0, omega) = 0."""
    at_frequency = response(dimension).subs(omega, sp.I / (3 * tau))
    assert sp.limit(at_frequency, q, 0) == 0


@pytest.mark.parametrize("dimension", DIMENSIONS)
@pytest.mark.parametrize("response", [density_response, exact_density_response])
def test_static_response_is_the_compressibility(dimension, response):
    """The density follows a static potential at every wavelength: chi(q, 0) = 2 nu."""
    assert sp.simplify(response(dimension).subs(omega, 0) - 2 * nu) == 0


def test_static_part_is_the_density_of_states():
    assert static_response() == nu


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_continuity_gives_the_drude_conductivity(dimension):
    uniform = sp.limit(conductivity_from_density(dimension), q, 0)
    assert sp.simplify(uniform - drude_conductivity(dimension)) == 0


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_static_potential_drives_no_current(dimension):
    assert conductivity_from_density(dimension).subs(omega, 0) == 0
