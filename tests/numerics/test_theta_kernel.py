"""theta_3 in JAX against mpmath, its two sums where they meet, its ends."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from numerics.kernels.theta import theta3


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def exact(z: float, t: float, m: int) -> mp.mpf:
    """The m-th derivative in z of the sum over images, with 60 digits."""
    with mp.workdps(60):
        z, t = mp.mpf(float(z)), mp.mpf(float(t))
        last = 3 + int(mp.ceil(7 * mp.sqrt(t)))
        size = 1 / mp.sqrt(mp.pi * t)
        return mp.fsum(
            (-size) ** m * mp.hermite(m, size * u) * mp.exp(-((size * u) ** 2))
            for u in (z - mp.pi * k for k in range(-last, last + 1))
        ) / mp.sqrt(t)


@pytest.mark.parametrize(("dtype", "bound"), [("float64", 1e-14), ("float32", 5e-6)])
@pytest.mark.parametrize("m", [0, 1, 2, 4])
def test_value_and_derivatives_agree_with_the_sum_over_images(
    dtype: str, bound: float, m: int
) -> None:
    rng = np.random.default_rng(3)
    t = np.concatenate([np.geomspace(0.02, 8, 18), [1, 1 - 1e-7, 1 + 1e-7]]).astype(dtype)
    z = rng.uniform(-1.5, 1.5, t.size).astype(dtype)
    result = np.asarray(theta3(z, t, m))
    for value, at, time in zip(result, z, t, strict=True):
        reference = exact(at, time, m)
        # what rounding of z changes, and the terms of a derivative that has zeros
        scale = (
            abs(reference)
            + abs(at * exact(at, time, m + 1))
            + 1e-3 * (m > 0) * exact(at, time, 0) * (1 + time ** (-m / 2))
        )
        assert abs(mp.mpf(float(value)) - reference) < bound * scale


def test_derivative_in_t_follows_from_the_heat_equation() -> None:
    z, t = jnp.asarray([0.3, 1.2, 0.7]), jnp.asarray([0.2, 0.99, 2.5])
    slope = jax.grad(theta3, 1)
    step = 1e-5

    @jax.jit
    def together(z: jax.Array, t: jax.Array) -> list[jax.Array]:
        central = (theta3(z, t + step) - theta3(z, t - step)) / (2 * step)
        return [jax.vmap(slope)(z, t), central, jax.vmap(jax.grad(slope, 1))(z, t)]

    by_t, central, hessian = together(z, t)
    np.testing.assert_allclose(by_t, central, rtol=1e-7)
    np.testing.assert_allclose(hessian, (np.pi / 4) ** 2 * theta3(z, t, 4), rtol=1e-14)


def test_jacobi_transformation_exchanges_modes_and_images() -> None:
    t = jnp.geomspace(1e-3, 1e3, 41)
    np.testing.assert_allclose(theta3(0.0, 1 / t), jnp.sqrt(t) * theta3(0.0, t), rtol=4e-15)


def test_period_and_parity() -> None:
    z = jnp.linspace(-1.5, 1.5, 9)
    np.testing.assert_allclose(theta3(z + 7 * np.pi, 0.3), theta3(z, 0.3), rtol=1e-13)
    np.testing.assert_array_equal(theta3(-z, 0.3, 1), -theta3(z, 0.3, 1))


def test_ends_have_their_limits() -> None:
    inf = np.inf
    assert theta3(0.0, 0.0) == inf
    assert theta3(0.5, 0.0) == 0
    assert theta3(0.5, inf) == 1
    assert theta3(0.5, inf, 1) == 0
    assert theta3(0.5, 1e-300) == 0
    assert jax.grad(theta3, 1)(0.5, inf) == 0
    assert jnp.isnan(theta3(0.5, -1.0))
    assert jnp.isnan(theta3(np.nan, 1.0))
