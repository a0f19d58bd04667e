"""The JAX kernel sqrt(|B|) f_3(B_phi/|B|) against mpmath, its differences, limits, symmetries."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels.kawabata import kawabata, kawabata_derivative, kawabata_difference

ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
TOLERANCE = {"float64": 5e-15, "float32": 3e-6}
X_INFLECTION = 0.168914
INF = np.inf


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


# compiled once for each shape and type, which is what these tests spend their time on
every_order = jax.jit(lambda B, B_phi: [kawabata_derivative(B, B_phi, *o) for o in ORDERS])
gradient = jax.jit(jax.grad(kawabata, (0, 1)))


def K(B: mp.mpf, B_phi: mp.mpf) -> mp.mpf:
    half = mp.mpf(1) / 2
    return mp.sqrt(B) * (-2 * mp.sqrt(B_phi / B) - mp.zeta(half, half + B_phi / B))


def exact(B: float, B_phi: float) -> list[mp.mpf]:
    """Value and derivatives in the order of `ORDERS`, by zeta functions and the chain rule."""
    B, P = mp.mpf(float(B)), mp.mpf(float(B_phi))
    x, half = P / B, mp.mpf(1) / 2
    f, g, h = (x ** (1 - s) / (s - 1) - mp.zeta(s, half + x) for s in (half, 3 * half, 5 * half))
    f1, f2 = -g / 2, 3 * h / 4
    root = mp.sqrt(B)
    return [root * f, (f / 2 - x * f1) / root, f1 / root, (x**2 * f2 + x * f1 - f / 4) / root**3,
            (-f1 / 2 - x * f2) / root**3, f2 / root**3]  # fmt: skip


@cache
def problems(dtype: str) -> tuple[np.ndarray, np.ndarray, list[list[mp.mpf]]]:
    rng = np.random.default_rng(1980)
    x = np.concatenate([np.logspace(-8, 12, 41), np.logspace(-1, 1, 16), 2 + np.arange(-3, 4) / 64])
    x = np.clip(x * rng.uniform(0.97, 1.03, x.size), 1e-8, 1e12)
    x = x[abs(x / X_INFLECTION - 1) > 0.03]
    B_phi = rng.uniform(0.3, 3, x.size).astype(dtype)
    B = (B_phi / x).astype(dtype)
    with mp.workdps(60):
        return B, B_phi, [exact(b, p) for b, p in zip(B, B_phi, strict=True)]


def largest_error(result: object, reference: list[mp.mpf]) -> float:
    with mp.workdps(60):
        pairs = zip(np.asarray(result, dtype=float), reference, strict=True)
        return max(float(abs(mp.mpf(float(r)) / e - 1)) for r, e in pairs)


def test_table_of_exact_results_agrees_with_numerical_differentiation() -> None:
    with mp.workdps(50):
        for result, orders in zip(exact(0.75, 1.25), ORDERS, strict=True):
            assert mp.almosteq(result, mp.diff(K, (0.75, 1.25), orders), rel_eps=1e-20)


def test_definition_is_the_sum_over_landau_levels() -> None:
    n = np.arange(200_000)
    x = 0.7
    terms = 2 * (np.sqrt(n + 1 + x) - np.sqrt(n + x)) - 1 / np.sqrt(n + 0.5 + x)
    # the terms fall as n^(-5/2)/32 and the rest as N^(-3/2)/48
    total = np.sum(terms[::-1]) + (n.size + x) ** -1.5 / 48
    assert float(kawabata(1.0, x)) == pytest.approx(total, rel=1e-9)


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_value_and_both_orders_of_derivatives_agree_with_mpmath(dtype: str) -> None:
    B, B_phi, references = problems(dtype)
    for index, result in enumerate(every_order(B, B_phi)):
        assert result.dtype == dtype
        assert largest_error(result, [r[index] for r in references]) < TOLERANCE[dtype]


def test_automatic_derivatives_are_those_of_the_tables() -> None:
    B, B_phi, _ = problems("float64")
    slopes = jax.jit(jax.vmap(jax.grad(kawabata, (0, 1))))(B, B_phi)
    (BB, BP), (PB, PP) = jax.jit(jax.vmap(jax.hessian(kawabata, (0, 1))))(B, B_phi)
    _, *tables = every_order(B, B_phi)
    for result, expected in zip([*slopes, BB, BP, PP, PB], [*tables, tables[3]], strict=True):
        np.testing.assert_allclose(result, expected, rtol=1e-15)


@pytest.mark.parametrize(("dtype", "closest", "bound"), [("float64", -15, 1e-14),
                                                         ("float32", -6, 3e-6)])  # fmt: skip
def test_difference_of_close_fields_and_its_gradient_keep_all_digits(
    dtype: str, closest: int, bound: float
) -> None:
    slopes = jax.grad(kawabata_difference, (0, 1, 2))
    rng = np.random.default_rng(628)
    x, apart = 10 ** rng.uniform(-6, 10, 50), 10 ** rng.uniform(closest, 0.3, 50)
    P = rng.uniform(0.3, 3, 50).astype(dtype)
    B, Q = (P / x).astype(dtype), (P * (1 + apart)).astype(dtype)
    B, P, Q = (a[P != Q] for a in (B, P, Q))
    with mp.workdps(60):
        at_P, at_Q = ([exact(b, p) for b, p in zip(B, f, strict=True)] for f in (P, Q))
        results = [kawabata_difference(B, P, Q),
                   *jax.jit(jax.vmap(slopes))(B, P, Q)]  # fmt: skip
        pairs = list(zip(at_P, at_Q, strict=True))
        references = [
            [p[0] - q[0] for p, q in pairs],
            [p[1] - q[1] for p, q in pairs],
            [p[2] for p in at_P],
            [-q[2] for q in at_Q],
        ]
    for result, reference in zip(results, references, strict=True):
        assert largest_error(result, reference) < bound


def test_difference_is_odd_and_vanishes_for_equal_fields() -> None:
    B, P = jnp.asarray([0.0, 0.1, 1.0, INF]), jnp.asarray([0.0, 0.3, 5.0])[:, None]
    assert jnp.all(kawabata_difference(B, P, P) == 0)
    assert kawabata_difference(0.5, 1.0, 0.0) == pytest.approx(
        -float(kawabata_difference(0.5, 0.0, 1.0)), rel=1e-15
    )
    np.testing.assert_allclose(kawabata_difference(INF, 4.0, 1.0), -2.0, rtol=1e-15)
    assert jnp.isnan(kawabata_difference(1.0, -1.0, 2.0))


def test_zero_field_is_a_smooth_minimum() -> None:
    B_phi = jnp.asarray([0.25, 1.0, 3.0])
    value, by_B, by_P, curvature, mixed, by_PP = every_order(jnp.zeros(3), B_phi)
    for vanishes in (value, by_B, by_P, mixed, by_PP):
        np.testing.assert_array_equal(vanishes, 0)
    np.testing.assert_allclose(curvature, 1 / (24 * B_phi**1.5), rtol=1e-15)
    B = np.arange(-5.0, 6.0) / 5
    data = kawabata(B, 0.2)
    loss = lambda P: jnp.sum((kawabata(B, P) - data) ** 2)  # noqa: E731
    slope_and_curvature = jax.jit(lambda P: (jax.grad(loss)(P), jax.hessian(loss)(P)))
    assert np.all(np.isfinite(slope_and_curvature(0.3)))


def test_infinities_and_zeros_have_their_limits() -> None:
    strong = -float(mp.zeta(0.5, 0.5))
    B, B_phi, limit = np.transpose([(0, 0, 0), (4, 0, 2 * strong), (-4, 0, 2 * strong),
                                    (INF, 1, INF), (1, INF, 0), (INF, INF, 0)])  # fmt: skip
    np.testing.assert_allclose(kawabata(B, B_phi), limit, rtol=1e-15)
    by_B, by_P = gradient(4.0, 0.0)
    assert float(by_B) == pytest.approx(strong / 4, rel=1e-15)
    assert by_P == -INF


@pytest.mark.parametrize("dtype", TOLERANCE)
def test_nan_comes_from_nan_or_negative_dephasing_field_only(dtype: str) -> None:
    tiny = np.finfo(dtype).tiny
    valid = np.array([0, tiny, 1e-9, 0.1689, 1, 1e9, np.finfo(dtype).max, INF], dtype)
    fields = np.concatenate([valid, -valid, [np.nan]]).astype(dtype)
    B_phi = np.concatenate([valid, [np.nan, -1, -INF]]).astype(dtype)
    for result in every_order(fields[:, None], B_phi):
        is_nan = np.isnan(result)
        assert not np.any(is_nan[:-1, : valid.size])
        assert np.all(is_nan[:-1, valid.size :])
        assert np.all(is_nan[-1])


fields = st.floats(1e-6, 1e6)


@settings(max_examples=30, deadline=None)
@given(fields, fields)
def test_parity_in_the_field(B: float, B_phi: float) -> None:
    for orders, result, mirrored in zip(
        ORDERS, every_order(B, B_phi), every_order(-B, B_phi), strict=True
    ):
        assert mirrored == (-1) ** orders[0] * result


@settings(max_examples=30, deadline=None)
@given(fields, fields)
def test_euler_relation_of_a_function_of_degree_one_half(B: float, B_phi: float) -> None:
    K_B, K_P = gradient(B, B_phi)
    terms = abs(B * K_B) + abs(B_phi * K_P)
    assert abs(B * K_B + B_phi * K_P - kawabata(B, B_phi) / 2) < 4e-15 * terms


@pytest.mark.parametrize("orders", [(3, 0), (1, 2), (-1, 0)])
def test_orders_without_tables_are_refused(orders: tuple[int, int]) -> None:
    with pytest.raises(NotImplementedError, match=r"apply jax\.grad"):
        kawabata_derivative(1.0, 1.0, *orders)
