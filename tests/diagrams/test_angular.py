"""Averages over S^0, S^1 and S^2, against quadrature."""

import mpmath as mp
import pytest
import sympy as sp

from diagrams.angular import angular_average, axial_average

n_x, n_y, n_z = sp.symbols("n_x n_y n_z", real=True)
s, x, u = sp.symbols("s x u", positive=True)


def quadrature(f, dimension):
    """Average of f(n_x, n_y, n_z) with the components that exist."""
    if dimension == 1:
        return (f(1) + f(-1)) / 2
    if dimension == 2:
        return mp.quad(lambda p: f(mp.cos(p), mp.sin(p)), mp.linspace(0, 2 * mp.pi, 5)) / (
            2 * mp.pi
        )

    def ring(z):
        r = mp.sqrt(1 - z**2)
        return quadrature(lambda c, w: f(r * c, r * w, z), 2)

    return mp.quad(ring, [-1, 0, 1]) / 2


@pytest.mark.parametrize(
    ("polynomial", "dimension"),
    [
        (n_x**2, 1),
        (3 + n_x - 2 * n_x**4, 1),
        (n_x**2, 2),
        (n_x**4 * n_y**2 + n_x * n_y, 2),
        ((n_x + 2 * n_y) ** 6, 2),
        (n_x**2, 3),
        (n_x**2 * n_y**2 * n_z**2 + n_z**4, 3),
        ((n_x - n_y + n_z) ** 4, 3),
    ],
)
def test_polynomials_agree_with_quadrature(polynomial, dimension):
    components = (n_x, n_y, n_z)[:dimension]
    with mp.workdps(12):
        expected = quadrature(sp.lambdify(components, polynomial, "mpmath"), dimension)
        assert mp.almosteq(mp.mpmathify(angular_average(polynomial, components)), expected, 1e-9)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_direction_is_a_unit_vector_without_preference(dimension):
    components = (n_x, n_y, n_z)[:dimension]
    assert angular_average(sum(n**2 for n in components) ** 3, components) == 1
    for n in components:
        assert angular_average(n**2, components) == sp.Rational(1, dimension)
        assert angular_average(n**3, components) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize(
    "function",
    [1 / (s + sp.I * x * u), 1 / (s + sp.I * x * u) ** 2, u**2 / (s**2 + x**2 * u**2), u**4],
)
def test_functions_of_one_component_agree_with_quadrature(function, dimension):
    values = {s: sp.Rational(13, 10), x: sp.Rational(7, 10)}
    numeric = sp.lambdify(u, function.subs(values), "mpmath")
    if dimension == 3:
        expected = mp.quad(numeric, [-1, 0, 1]) / 2
    else:
        expected = quadrature(lambda c, *_: numeric(c), dimension)
    found = sp.N(axial_average(function, u, dimension).subs(values), 20)
    assert mp.almosteq(mp.mpmathify(found), expected, 1e-12, 1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_both_averages_agree_on_powers_of_one_component(dimension):
    components = (n_x, n_y, n_z)[:dimension]
    for power in (2, 4, 6):
        assert axial_average(u**power, u, dimension) == angular_average(n_x**power, components)


def test_a_function_that_is_no_polynomial_is_refused():
    with pytest.raises(ValueError, match="use axial_average"):
        angular_average(1 / (1 + n_x**2), (n_x, n_y))


@pytest.mark.parametrize("dimension", [0, 4, 2.5])
def test_other_dimensions_are_refused(dimension):
    with pytest.raises(ValueError, match="is 1, 2 or 3, not"):
        axial_average(u, u, dimension)
