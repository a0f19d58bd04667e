"""Sums over windings in JAX against closed forms and integrals in mpmath, with derivatives."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from cooperon.winding_value import ring_log_terms, ring_sum_terms, to_digits
from numerics.kernels import windings as module
from numerics.kernels.ring import ring_log, ring_sum
from numerics.kernels.windings import winding_sum

ORDERS = ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
REAL = ((1e-6, 2e-6), (1e-3, 3.0), (0.3, 0.0), (1.7, -0.4), (2.5, 3.1), (40.0, 1.0), (600.0, 0.5))
COMPLEX = ((0.3 - 0.2j, 1.0), (1e-3 - 1.3j, 1.2), (2.0 - 6.0j, 0.7), (30 + 2j, 3.0))


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def one_ring(u, theta):
    return mp.sinh(u) / (mp.cosh(u) - mp.cos(theta))


def cylinder(u, theta):
    """K_0(n u) is the integral of exp(-n u cosh y) over y > 0, so the sum is one over rings."""
    step = mp.mpf(1) / 8
    last = int(mp.acosh(max(60 / u, 2)) / step) + 1
    rings = [one_ring(u * mp.cosh(k * step), theta) - 1 for k in range(last)]
    return step * (mp.fsum(rings) - rings[0] / 2)


def exact(terms, u, theta, orders):
    """The derivative, and what roundings of u and theta change of it."""
    at = mp.mpmathify(u), mp.mpf(theta)
    value, by_u, by_theta = (
        to_digits(lambda i=i, j=j: terms(*at, orders[0] + i, orders[1] + j), 80)
        for i, j in ((0, 0), (1, 0), (0, 1))
    )
    return value, abs(at[0] * by_u) + abs(at[1] * by_theta)


def check(kernel, terms, points, orders, bound, dtype):
    u, theta = (np.array(a) for a in zip(*points, strict=True))
    u = u if np.iscomplexobj(u) else u.astype(dtype)
    theta = theta.astype(dtype)
    for result, *at in zip(kernel(u, theta, *orders), u, theta, strict=True):
        value, change = exact(terms, *(a.item() for a in at), orders)
        error = abs(mp.mpmathify(result.item()) - value)
        assert error <= bound * max(abs(value), change), at


@pytest.mark.parametrize("orders", ORDERS)
def test_ring_sum_and_its_derivatives_are_those_of_the_closed_form(orders):
    check(ring_sum, ring_sum_terms, REAL, orders, 3e-15, "float64")
    check(ring_sum, ring_sum_terms, COMPLEX, orders, 1e-14, "float64")
    check(ring_sum, ring_sum_terms, REAL[1:5], orders, 3e-6, "float32")


@pytest.mark.parametrize("orders", [(0, 0), (1, 0), (0, 1)])
def test_ring_log_and_its_derivatives_are_those_of_the_closed_form(orders):
    check(ring_log, ring_log_terms, REAL, orders, 3e-15, "float64")
    check(ring_log, ring_log_terms, COMPLEX, orders, 1e-14, "float64")
    check(ring_log, ring_log_terms, REAL[1:5], orders, 3e-6, "float32")


@pytest.mark.parametrize("orders", ORDERS)
def test_winding_sum_and_its_derivatives_are_integrals_over_rings(orders):
    points = ((0.01, 0.02), (0.4, 3.1), (1.99, 1.0), (2.01, -2.5), (9.0, 0.3))
    for dtype, bound in (("float64", 1e-14), ("float32", 5e-6)):
        u, theta = np.array(points, dtype).T
        for result, *at in zip(winding_sum(u, theta, *orders), u, theta, strict=True):
            at = [mp.mpf(a.item()) for a in at]
            with mp.workdps(40):
                value = mp.diff(cylinder, at, orders, h=mp.mpf(10) ** -12)
                size = 2 * mp.besselk(0, at[0]) + mp.pi / mp.hypot(*at) ** (1 + sum(orders))
                assert abs(mp.mpf(result.item()) - value) < bound * max(abs(value), size)


def test_gradients_and_hessians_are_the_derivative_kernels():
    x = jnp.array([0.7, 1.1])
    for kernel in (ring_sum, ring_log, winding_sum):
        gradient, hessian = jax.jit(
            lambda x, f=kernel: (jax.grad(lambda p: f(*p))(x), jax.hessian(lambda p: f(*p))(x))
        )(x)
        first = [kernel(*x, 1, 0), kernel(*x, 0, 1)]
        second = [[kernel(*x, 2, 0), kernel(*x, 1, 1)], [kernel(*x, 1, 1), kernel(*x, 0, 2)]]
        np.testing.assert_allclose(gradient, first, rtol=1e-15)
        np.testing.assert_allclose(hessian, second, rtol=1e-15)


def test_functions_are_even_and_periodic_in_the_flux():
    theta = jnp.linspace(0.1, 3, 7)
    for kernel in (ring_sum, ring_log, winding_sum):
        np.testing.assert_allclose(kernel(0.6, theta + 14 * np.pi), kernel(0.6, theta), rtol=3e-13)
        np.testing.assert_array_equal(kernel(0.6, -theta), kernel(0.6, theta))
        np.testing.assert_array_equal(kernel(0.6, -theta, 0, 1), -kernel(0.6, theta, 0, 1))


def test_ends_have_their_limits():
    inf = np.inf
    assert ring_sum(inf, 1.0) == 1
    assert ring_log(inf, 1.0) == winding_sum(inf, 1.0) == ring_sum(inf, 1.0, 1, 0) == 0
    assert ring_sum(0.0, 1.0) == 0
    assert ring_sum(0.0, 0.0) == winding_sum(0.0, 0.0) == inf
    assert ring_log(0.0, 0.0) == winding_sum(0.0, 1.0) == -inf
    for kernel in (ring_sum, ring_log, winding_sum):
        assert jnp.isnan(kernel(-1.0, 0.3))
        assert jnp.isnan(kernel(np.nan, 0.3))


def test_wrong_arguments_are_refused():
    for kernel in (ring_sum, ring_log, winding_sum):
        with pytest.raises(NotImplementedError, match=r"m \+ n <= 2, but got \(2, 1\)"):
            kernel(1.0, 1.0, 2, 1)
        with pytest.raises(TypeError):
            kernel(1.0, 1.0j)
    with pytest.raises(TypeError, match="winding_sum takes real arguments"):
        winding_sum(1.0j, 1.0)


def test_constants_are_sums_over_the_charges_left_out():
    with mp.workdps(60):
        constant = mp.euler - mp.log(4 * mp.pi) - mp.mpf(11) / 6
        assert float(constant) == module._WINDING_CONSTANT
        for k, c in zip(range(2, 24, 2), module._WINDING_CHARGE_SUMS, strict=True):
            rest = mp.zeta(k + 1) - sum(mp.mpf(m) ** -(k + 1) for m in (1, 2, 3))
            assert c == float(rest / (2 * mp.pi) ** k)
