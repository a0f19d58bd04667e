"""The kernels of one argument: claimed accuracy, limits, parity, transformations, types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from numerics.kernel_accuracy import CLAIMS, Claim, errors, value_and_derivatives
from numerics.kernels.airy import airy_ratio, airyai, airyaiprime
from numerics.kernels.bessel import (
    bessel_i0,
    bessel_i1,
    bessel_k0,
    bessel_k0e,
    bessel_k1,
    bessel_k1e,
)
from numerics.kernels.dilogarithm import dilogarithm
from numerics.kernels.error_function import erfcx, uppergamma
from numerics.kernels.exponential_integral import exp1
from numerics.kernels.hurwitz import hurwitz_zeta
from numerics.kernels.hyperbolic import finite_wire, langevin, x_cosech, x_coth
from numerics.kernels.lambert import lambertw
from numerics.kernels.logarithm import vector_log

INF = np.inf
Kernel = Callable[[jax.Array], jax.Array]


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_value_and_two_derivatives_are_as_accurate_as_claimed(claim: Claim) -> None:
    for dtype in ("float64", "float32"):
        assert np.all(errors(claim, dtype, 10) <= claim.bounds(dtype))


def test_an_inaccurate_kernel_is_found_out() -> None:
    claim = Claim("naive", lambda x: 1 / jnp.tanh(x) - 1 / x, lambda x: mp.coth(x) - 1 / x,
                  1e-8, 1, (6, 6, 6), (6, 6, 6))  # fmt: skip
    assert np.all(errors(claim, "float64", 5) > 1e-3)


def orders(kernel: Kernel, *points: float) -> np.ndarray:
    """Value, first and second derivative at the points, one row each."""
    return np.array(value_and_derivatives(kernel, np.array(points, float)))


CLAIMED = {claim.name: claim.kernel for claim in CLAIMS}


@cache
def zeta(s: float) -> Kernel:
    return CLAIMED.get(f"zeta({s}, x)", partial(hurwitz_zeta, s))


@cache
def gamma(a: float) -> Kernel:
    return CLAIMED[f"Gamma({a}, x)"]


# kernel, argument, value, first and second derivative; None: a true divergence or not of interest
LIMITS: list[tuple[Kernel, float, float, float | None, float | None]] = [
    (x_coth, 0, 1, 0, 2 / 3),
    (x_coth, INF, INF, 1, 0),
    (x_coth, -INF, INF, -1, 0),
    (x_coth, 1e300, 1e300, 1, 0),
    (x_cosech, 0, 1, 0, -1 / 3),
    (x_cosech, 800, 0, 0, 0),
    (x_cosech, INF, 0, 0, 0),
    (langevin, 0, 0, 1 / 3, 0),
    (langevin, INF, 1, 0, 0),
    (langevin, -INF, -1, 0, 0),
    (finite_wire, 0, 1 / 3, 0, -2 / 45),
    (finite_wire, INF, 0, 0, 0),
    (airy_ratio, 0, -1.3717211641984483, 1, -(1.3717211641984483**2)),
    (airy_ratio, INF, 0, 0, 0),
    (airyai, 0, 0.3550280538878172, -0.2588194037928068, 0),
    (airyai, INF, 0, 0, 0),
    (airyaiprime, 0, -0.2588194037928068, 0, 0.3550280538878172),
    (airyaiprime, INF, 0, 0, 0),
    (bessel_k0, 0, INF, -INF, None),
    (bessel_k0, INF, 0, 0, 0),
    (bessel_k1, 0, INF, -INF, None),
    (bessel_k1, INF, 0, 0, 0),
    (bessel_k0e, INF, 0, 0, 0),
    (bessel_k1e, INF, 0, 0, 0),
    (bessel_i0, 0, 1, 0, 0.5),
    (bessel_i1, 0, 0, 0.5, 0),
    (exp1, 0, INF, -INF, None),
    (exp1, INF, 0, 0, 0),
    (erfcx, 0, 1, -2 / np.sqrt(np.pi), 2),
    (erfcx, INF, 0, 0, 0),
    (erfcx, -INF, INF, None, None),
    (gamma(0.5), 0, np.sqrt(np.pi), -INF, None),
    (gamma(2.5), 0, 0.75 * np.sqrt(np.pi), 0, None),
    (gamma(-0.5), 0, INF, -INF, None),
    (gamma(-1.5), INF, 0, 0, 0),
    (dilogarithm, 0, 0, 1, 0.5),
    (dilogarithm, 1, np.pi**2 / 6, INF, None),
    (dilogarithm, -1, -(np.pi**2) / 12, np.log(2), None),
    (dilogarithm, -INF, -INF, 0, 0),
    (lambertw, 0, 0, 1, -2),
    (lambertw, INF, INF, 0, 0),
    (lambertw, -np.exp(-1), -1, INF, -INF),
    (zeta(0.5), 0, INF, -INF, None),
    (zeta(0.5), INF, -INF, 0, 0),
    (zeta(1.5), INF, 0, 0, 0),
    (zeta(3.0), INF, 0, 0, 0),
    (zeta(-0.5), INF, -INF, None, None),
    (vector_log, 0, -INF, INF, None),
    (vector_log, INF, INF, 0, None),
]


@pytest.mark.parametrize("kernel", {row[0]: None for row in LIMITS})
def test_ends_have_their_limits(kernel: Kernel) -> None:
    _, points, *limits = zip(*(row for row in LIMITS if row[0] is kernel), strict=True)
    for results, expected in zip(orders(kernel, *points), limits, strict=True):
        known = [limit is not None for limit in expected]
        exact = [limit for limit in expected if limit is not None]
        np.testing.assert_allclose(results[known], exact, rtol=1e-15, atol=1e-300)


EVEN_AND_ODD = [(x_coth, 1), (x_cosech, 1), (langevin, -1), (finite_wire, 1), (bessel_i0, 1),
                (bessel_i1, -1)]  # fmt: skip


@pytest.mark.parametrize(("kernel", "parity"), EVEN_AND_ODD)
def test_parity_of_value_and_derivatives(kernel: Kernel, parity: int) -> None:
    signs = parity * np.array([[1], [-1], [1]])
    x = np.array([1e-9, 0.3, 1.9, 2.1, 40.0])
    np.testing.assert_array_equal(orders(kernel, *-x), signs * orders(kernel, *x))


@pytest.mark.parametrize(
    "kernel",
    [airyai, airyaiprime, bessel_k0, bessel_k1e, exp1, gamma(0.5), gamma(-1.5), zeta(0.5),
     zeta(3.0), zeta(-0.5), dilogarithm, lambertw],
)  # fmt: skip
def test_outside_the_domain_is_nan_in_value_and_derivative(kernel: Kernel) -> None:
    outside = 2.5 if kernel is dilogarithm else -0.75
    value, slope, _ = orders(kernel, outside, np.nan)
    assert np.all(np.isnan(value))
    assert np.isnan(slope[0])


def test_airy_ratio_down_to_its_pole() -> None:
    x = (-1.0, -0.5, -1e-3)
    value, slope, _ = orders(airy_ratio, *x, -1.02)
    with mp.workdps(40):
        exact = np.array([float(mp.airyai(v) / mp.airyai(v, 1)) for v in x])
    np.testing.assert_allclose(value[:-1], exact, rtol=3e-14)
    np.testing.assert_allclose(slope[:-1], 1 - x * exact**2, rtol=6e-14)
    assert np.isnan(value[-1])


def test_erfcx_of_negative_arguments() -> None:
    x = np.array([-0.1, -1.0, -5.0, -20.0])
    with mp.workdps(40):
        exact = np.array([float(mp.exp(mp.mpf(v) ** 2) * mp.erfc(v)) for v in x])
    value, slope, curvature = orders(erfcx, *x)
    by_x = 2 * x * exact - 2 / np.sqrt(np.pi)
    np.testing.assert_allclose(value, exact, rtol=1e-15)
    np.testing.assert_allclose(slope, by_x, rtol=2e-15)
    np.testing.assert_allclose(curvature, 2 * exact + 2 * x * by_x, rtol=3e-15)


@pytest.mark.parametrize("kernel", [x_coth, bessel_k0, zeta(0.5)])
def test_every_transformation_gives_the_derivative(kernel: Kernel) -> None:
    def transformed(x: jax.Array) -> list[jax.Array]:
        one = jnp.ones_like(x)
        return [
            jax.jvp(kernel, (x,), (one,))[1],
            jax.vjp(kernel, x)[1](one)[0],
            jax.linearize(kernel, x)[1](one),
            jnp.diag(jax.jacfwd(kernel)(x)),
            jnp.diag(jax.jacrev(kernel)(x)),
            jax.lax.scan(lambda c, v: (c, jax.grad(kernel)(v)), 0.0, x)[1],
            jnp.diag(jax.hessian(lambda v: jnp.sum(kernel(v)))(x)),
        ]

    x = np.asarray([0.2, 0.9, 1.1, 2.5, 9.0])
    _, slope, curvature = orders(kernel, *x)
    *results, hessian = jax.jit(transformed)(x)
    for result in results:
        np.testing.assert_allclose(result, slope, rtol=2e-15)
    np.testing.assert_allclose(hessian, curvature, rtol=2e-15)
    # without jit as well
    np.testing.assert_allclose(jax.grad(kernel)(2.5), slope[3], rtol=2e-15)


@pytest.mark.parametrize("kernel", [x_coth, x_cosech, langevin, finite_wire, airy_ratio])
def test_derivative_by_order_is_the_automatic_one(kernel: Callable[..., jax.Array]) -> None:
    x = np.asarray([0.0, 0.7, 3.0])
    for result, expected in zip([kernel(x, n) for n in range(3)], orders(kernel, *x), strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-15)
    with pytest.raises(NotImplementedError, match="0 to 2, but got 3; apply"):
        kernel(x, 3)


def test_types_without_tables_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"airy_ratio takes real arguments .* but got complex128"):
        airy_ratio(jnp.ones(2, complex))
    assert bessel_k0(2).dtype == jnp.float64
    assert bessel_k0(np.float32(2)).dtype == jnp.float32


def test_orders_without_a_kernel_are_refused() -> None:
    with pytest.raises(ValueError, match="pole at s = 1; use digamma"):
        hurwitz_zeta(1, 2.0)
    with pytest.raises(NotImplementedError, match=r"but got a = 0\.25; use"):
        uppergamma(0.25, 1.0)


@pytest.mark.parametrize("s", [-0.5, -1.5, 0.25])
def test_zeta_of_orders_below_one_is_right_to_the_rounding_of_its_terms(s: float) -> None:
    q = np.array([1e-3, 0.2, 1.0, 7.0, 300.0])
    with mp.workdps(25):
        value, slope = (np.array([float(mp.zeta(s + k, x)) for x in q]) for k in (0, 1))
    terms = q**-s + (q + 9) ** (1 - s)
    result, gradient, _ = orders(zeta(s), *q)
    np.testing.assert_array_less(abs(result - value), 5e-15 * terms)
    np.testing.assert_array_less(abs(gradient + s * slope), 2e-14 * (1 + terms / q))


def test_zeta_of_order_zero_is_linear() -> None:
    q = np.asarray([0.25, 1.0, 8.0])
    value, slope, _ = orders(zeta(0), *q)
    np.testing.assert_allclose(value, 0.5 - q, rtol=1e-13)
    np.testing.assert_array_equal(slope, -np.ones(3))
