"""The JAX kernel psi(1/2 + B_phi/|B|) - ln(B_phi/|B|) against mpmath, limits and symmetries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels.hikami import hikami, hikami_derivative

ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
TOLERANCE = {"float64": 1e-14, "float32": 5e-6}
X_INFLECTION = 0.33270254627107


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


# compiled once for each shape and type, which is what these tests spend their time on
every_order = jax.jit(lambda B, B_phi: [hikami_derivative(B, B_phi, *o) for o in ORDERS])
gradient = jax.jit(jax.grad(hikami, (0, 1)))
third = jax.jit(jax.vmap(jax.grad(jax.grad(jax.grad(hikami, 0), 1), 0)))
THIRDS = 20


def exact(B: float, B_phi: float) -> list[mp.mpf]:
    """Value and derivatives in the order of `ORDERS`, for B > 0, from polygamma functions.

    The chain rule is written out here independently of the kernel's tables.
    """
    B, B_phi = mp.mpf(B), mp.mpf(B_phi)
    x = B_phi / B
    g = mp.psi(0, x + 0.5) - mp.log(x)
    g1 = mp.psi(1, x + 0.5) - 1 / x
    g2 = mp.psi(2, x + 0.5) + 1 / x**2
    x_B, x_P = -x / B, 1 / B
    return [g, g1 * x_B, g1 * x_P, g2 * x_B**2 + g1 * 2 * x / B**2, g2 * x_B * x_P - g1 / B**2,
            g2 * x_P**2]  # fmt: skip


@cache
def problems(dtype: str) -> tuple[np.ndarray, np.ndarray, list[list[mp.mpf]]]:
    """Fields with B_phi/B from 1e-8 to 1e12, denser where the branches meet, and exact results."""
    rng = np.random.default_rng(1980)
    x = np.concatenate([np.logspace(-8, 12, 61), np.logspace(-1, 1, 24), 2 + np.arange(-4, 5) / 64])
    x = np.clip(x * rng.uniform(0.97, 1.03, x.size), 1e-8, 1e12)
    x = x[abs(x / X_INFLECTION - 1) > 0.03]
    B_phi = rng.uniform(0.3, 3, x.size).astype(dtype)
    B = (B_phi / x).astype(dtype)
    with mp.workdps(60):
        return B, B_phi, [exact(float(b), float(p)) for b, p in zip(B, B_phi, strict=True)]


def largest_error(result: jax.Array, reference: list[mp.mpf]) -> float:
    with mp.workdps(60):
        pairs = zip(np.asarray(result, dtype=float), reference, strict=True)
        return max(float(abs(mp.mpf(float(r)) / e - 1)) for r, e in pairs)


def test_table_of_exact_results_agrees_with_numerical_differentiation() -> None:
    def F(B: mp.mpf, B_phi: mp.mpf) -> mp.mpf:
        return mp.psi(0, mp.mpf(1) / 2 + B_phi / B) - mp.log(B_phi / B)

    with mp.workdps(50):
        for result, orders in zip(exact(0.75, 1.25), ORDERS, strict=True):
            assert mp.almosteq(result, mp.diff(F, (0.75, 1.25), orders), rel_eps=1e-20)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_value_and_both_orders_of_derivatives_agree_with_mpmath(dtype: str) -> None:
    B, B_phi, references = problems(dtype)
    for index, result in enumerate(every_order(B, B_phi)):
        assert result.dtype == dtype
        assert largest_error(result, [r[index] for r in references]) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_automatic_derivatives_agree_with_mpmath(dtype: str) -> None:
    B, B_phi, references = problems(dtype)
    slopes = jax.jit(jax.vmap(jax.grad(hikami, (0, 1))))(B, B_phi)
    (BB, BP), (PB, PP) = jax.jit(jax.vmap(jax.hessian(hikami, (0, 1))))(B, B_phi)
    for index, result in [(1, slopes[0]), (2, slopes[1]), (3, BB), (4, BP), (4, PB), (5, PP)]:
        assert largest_error(result, [r[index] for r in references]) < TOLERANCE[dtype]


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_next_to_its_zero_the_curvature_is_as_good_as_its_conditioning(dtype: str) -> None:
    distance = np.array([-0.02, -1e-3, -1e-5, 0, 1e-6, 1e-4, 0.01])
    fields = np.asarray(1 / (X_INFLECTION * (1 + distance)), dtype)
    results = np.asarray(hikami_derivative(fields, jnp.ones((), dtype), 2, 0)).tolist()
    for B, result in zip(fields.tolist(), results, strict=True):
        with mp.workdps(50):
            change = mp.diff(lambda b: exact(b, 1)[3], B) * B
            error = abs(result - exact(B, 1)[3])
        assert error < 4 * np.finfo(dtype).eps * (abs(change) + abs(result))


def test_third_derivatives_agree_with_mpmath() -> None:
    B, B_phi = (part[:: part.size // THIRDS][:THIRDS] for part in problems("float64")[:2])
    with mp.workdps(90):
        reference = [
            mp.diff(lambda b, p=p: exact(b, p)[4], mp.mpf(float(b)))
            for b, p in zip(B, B_phi, strict=True)
        ]
    assert largest_error(third(B, B_phi), reference) < 1e-11


def test_zero_field_is_a_smooth_minimum() -> None:
    B_phi = jnp.asarray([0.25, 1.0, 3.0])
    value, by_B, by_P, curvature, mixed, by_PP = every_order(jnp.zeros(3), B_phi)
    for vanishes in (value, by_B, by_P, mixed, by_PP):
        np.testing.assert_array_equal(vanishes, 0)
    np.testing.assert_allclose(curvature, 1 / (12 * B_phi**2), rtol=1e-15)
    assert curvature[1] == 1 / 12
    B_phi = np.geomspace(0.1, 10, THIRDS)
    np.testing.assert_allclose(third(np.zeros(THIRDS), B_phi), -1 / (6 * B_phi**3))


def test_infinities_and_zeros_have_their_limits() -> None:
    inf = np.inf
    B, B_phi, limit = np.transpose([
        (0, 1, 0), (0, 0, 0), (1, 0, inf), (-1, -0.0, inf), (inf, 1, inf), (-inf, 0, inf),
        (1, inf, 0), (inf, inf, 0),
    ])  # fmt: skip
    np.testing.assert_array_equal(hikami(B, B_phi), limit)
    assert gradient(4.0, 0.0) == (0.25, -inf)
    assert hikami_derivative(4.0, 0.0, 0, 1) == -inf


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_nan_comes_from_nan_or_negative_dephasing_field_only(dtype: str) -> None:
    tiny = np.finfo(dtype).tiny
    valid = [0, tiny / 4, tiny, 1.5 * tiny, 1e-30, 1, 3.0057, 1e30, np.finfo(dtype).max, np.inf]
    points = list(itertools.product([*valid, *(-b for b in valid)], valid))
    invalid = [(np.nan, p) for p in valid] + [(b, p) for b in valid for p in (np.nan, -1, -np.inf)]
    for result in every_order(*np.asarray([*points, *invalid], dtype).T):
        is_nan = np.isnan(result)
        assert not np.any(is_nan[: len(points)])
        assert np.all(is_nan[len(points) :])


fields = st.floats(1e-6, 1e6)


@settings(max_examples=50, deadline=None)
@given(fields, fields)
def test_parity_in_the_field(B: float, B_phi: float) -> None:
    for orders, result, mirrored in zip(
        ORDERS, every_order(B, B_phi), every_order(-B, B_phi), strict=True
    ):
        assert mirrored == (-1) ** orders[0] * result


@settings(max_examples=50, deadline=None)
@given(fields, fields, st.integers(-30, 30))
def test_scaling_both_fields_by_a_power_of_two_scales_exactly(
    B: float, B_phi: float, k: int
) -> None:
    scaled = every_order(B * 2.0**k, B_phi * 2.0**k)
    for orders, result, expected in zip(ORDERS, scaled, every_order(B, B_phi), strict=True):
        assert result == expected * 2.0 ** (-k * sum(orders))


@settings(max_examples=50, deadline=None)
@given(fields, fields)
def test_euler_relations_of_a_homogeneous_function(B: float, B_phi: float) -> None:
    F_B, F_P = gradient(B, B_phi)
    np.testing.assert_allclose(B * F_B, -B_phi * F_P, rtol=1e-14)


@settings(max_examples=50, deadline=None)
@given(fields, st.floats(0, 1e6), st.floats(1e-3, 1e3))
def test_positive_and_increasing_with_the_field(B_phi: float, B: float, step: float) -> None:
    assert 0 <= hikami(B, B_phi) <= hikami(B + step, B_phi)


def test_gradient_of_a_loss_with_a_zero_field_point_is_finite() -> None:
    B = np.arange(-5.0, 6.0) / 5
    data = hikami(B, 0.2)

    def loss(B_phi: jax.Array) -> jax.Array:
        return jnp.sum((hikami(B, B_phi) - data) ** 2)

    assert B[5] == 0
    slope_and_curvature = jax.jit(lambda B_phi: (jax.grad(loss)(B_phi), jax.hessian(loss)(B_phi)))
    assert np.all(np.isfinite(slope_and_curvature(0.3)))
    assert slope_and_curvature(0.2)[0] == 0


def transformed(B: jax.Array, P: jax.Array) -> dict[str, jax.Array]:
    """The derivative in B by every transformation."""

    def total(b: jax.Array) -> jax.Array:
        return jax.lax.scan(lambda c, f: (c + hikami(f, P), None), 0.0, b)[0]

    def along(b: jax.Array) -> jax.Array:
        return hikami(b, P)

    one = jnp.ones_like(B)
    return {
        "grad": jax.vmap(jax.grad(hikami), (0, None))(B, P),
        "jvp": jax.jvp(along, (B,), (one,))[1],
        "vjp": jax.vjp(along, B)[1](one)[0],
        "jacfwd": jnp.diag(jax.jacfwd(along)(B)),
        "jacrev": jnp.diag(jax.jacrev(along)(B)),
        "linearize": jax.linearize(along, B)[1](one),
        "scan": jax.lax.scan(lambda c, b: (c, jax.grad(hikami)(b, c)), P, B)[1],
        "grad of scan": jax.grad(total)(B),
    }


def test_every_transform_gives_the_derivative() -> None:
    B = jnp.asarray([-2.0, -0.1, 0.0, 0.3, 0.5, 7.0])
    expected = hikami_derivative(B, 0.7, 1, 0)
    for name, result in jax.jit(transformed)(B, 0.7).items():
        np.testing.assert_allclose(result, expected, rtol=1e-15, err_msg=name)
    without_jit = jax.vmap(jax.grad(hikami), (0, None))(B, 0.7)
    np.testing.assert_allclose(without_jit, expected, rtol=1e-15)


def test_derivative_with_respect_to_the_field_needs_no_finite_one_in_b_phi() -> None:
    assert jax.jvp(lambda B: hikami(B, 0.0), (2.0,), (1.0,))[1] == 0.5


def test_fields_broadcast() -> None:
    result = hikami(jnp.ones((3, 1)), jnp.arange(4.0))
    assert result.shape == (3, 4)
    assert jax.grad(lambda P: hikami(jnp.ones((3, 1)), P).sum())(1.5).shape == ()


def test_type_of_the_result_follows_the_arguments() -> None:
    assert hikami(1, 2).dtype == jnp.result_type(float)
    assert hikami(jnp.float32(1), 2.0).dtype == jnp.float32
    assert hikami(jnp.float32(1), jnp.float64(2)).dtype == jnp.float64
    assert hikami(np.arange(3), np.float32(2)).dtype == jnp.result_type(np.arange(3), jnp.float32)


@pytest.mark.parametrize("dtype", ["complex128", "float16", "bfloat16"])
def test_types_without_tables_are_refused_by_name(dtype: str) -> None:
    with pytest.raises(TypeError, match=f"float32 or float64, but got {dtype}; convert"):
        hikami(jnp.ones(2, dtype), jnp.ones(2, dtype))


@pytest.mark.parametrize("orders", [(3, 0), (1, 2), (-1, 0)])
def test_orders_without_tables_are_refused(orders: tuple[int, int]) -> None:
    with pytest.raises(NotImplementedError, match=r"apply jax\.grad"):
        hikami_derivative(1.0, 1.0, *orders)
