"""hikami(B, P) - hikami(B, Q) against mpmath for close and distant fields, limits, symmetries."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from numerics.kernels.hikami import hikami
from numerics.kernels.hikami_difference import hikami_difference

INF = np.inf
value_and_gradient = jax.jit(jax.vmap(jax.value_and_grad(hikami_difference, (0, 1, 2))))


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def exact(B: float, B_phi: float) -> tuple[mp.mpf, mp.mpf, mp.mpf]:
    """psi(1/2 + x) - ln x and its derivatives in B and in B_phi."""
    B, B_phi = mp.mpf(float(B)), mp.mpf(float(B_phi))
    x = B_phi / B
    by_x = mp.psi(1, x + 0.5) - 1 / x
    return mp.psi(0, x + 0.5) - mp.log(x), -by_x * x / B, by_x / B


@pytest.mark.parametrize(("dtype", "closest", "bound"), [("float64", -15, 1e-14),
                                                         ("float32", -6, 5e-6)])  # fmt: skip
def test_difference_of_close_fields_and_its_gradient_keep_all_digits(
    dtype: str, closest: int, bound: float
) -> None:
    rng = np.random.default_rng(1518)
    # the seam of the regimes is at x = 2: some points on either side of it and across
    x = np.concatenate([10 ** rng.uniform(-6, 10, 60), rng.uniform(1, 2.1, 30)])
    apart = 10 ** rng.uniform(closest, np.log10(2), x.size)
    apart[::15] = 2
    P = rng.uniform(0.3, 3, x.size).astype(dtype)
    B, Q = (P / x).astype(dtype), (P * (1 + apart)).astype(dtype)
    differ = P != Q
    swap = rng.uniform(size=x.size) < 0.3
    B, P, Q = (a[differ] for a in (B, np.where(swap, Q, P), np.where(swap, P, Q)))
    value, by_field = value_and_gradient(B, P, Q)
    with mp.workdps(60):
        for *results, b, p, q in zip(value, *by_field, B, P, Q, strict=True):
            at_p, at_q = exact(b, p), exact(b, q)
            references = [at_p[0] - at_q[0], at_p[1] - at_q[1], at_p[2], -at_q[2]]
            for result, reference in zip(results, references, strict=True):
                assert abs(mp.mpf(float(result)) / reference - 1) < bound


def test_distant_fields_have_the_difference_of_their_values() -> None:
    B, P, Q = (a.ravel() for a in np.meshgrid([0.01, -1, 30], [1e-3, 0.7], [20.0, 1e6]))
    expected = hikami(B, P) - hikami(B, Q)
    np.testing.assert_allclose(hikami_difference(B, P, Q), expected, rtol=1e-14)


def test_second_derivatives_are_differences_of_those_of_the_kernel() -> None:
    at = (0.7, 1.1, 1.3)
    hessian = jax.jit(jax.hessian(hikami_difference, (0, 1, 2)))(*at)
    with mp.workdps(40):
        for i in range(3):
            for j in range(3):
                order = [int(i == k) + int(j == k) for k in range(3)]
                expected = mp.diff(
                    lambda b, p, q: exact_value(b, p) - exact_value(b, q),
                    tuple(map(mp.mpf, at)), tuple(order),
                )  # fmt: skip
                assert float(hessian[i][j]) == pytest.approx(float(expected), rel=1e-13)


def exact_value(B: mp.mpf, B_phi: mp.mpf) -> mp.mpf:
    return mp.psi(0, B_phi / B + 0.5) - mp.log(B_phi / B)


def test_difference_is_odd_in_the_exchange_and_even_in_the_field() -> None:
    B, P, Q = (a.ravel() for a in np.meshgrid([0.01, 0.4, 3], [0, 0.7, 5], [0.7, 0.7000001, 90]))
    result = hikami_difference(B, P, Q)
    np.testing.assert_array_equal(hikami_difference(-B, P, Q), result)
    np.testing.assert_allclose(hikami_difference(B, Q, P), -result, rtol=1e-14)


def test_ends_have_their_limits() -> None:
    B, P, Q, limit = np.transpose([
        (0, 1, 2, 0), (0, 0, 0, 0), (0, 0, 1, 0), (1, 2, 2, 0), (1, 0, 0, 0), (INF, 3, 3, 0),
        (INF, 1, 4, np.log(4)), (-INF, 4, 1, -np.log(4)), (1, 0, 2, INF), (1, 2, 0, -INF),
        (1, INF, INF, 0), (1, -1, 2, np.nan), (1, 1, -2, np.nan), (np.nan, 1, 2, np.nan),
        (1, np.nan, 2, np.nan), (1, 1, np.nan, np.nan),
    ])  # fmt: skip
    np.testing.assert_allclose(hikami_difference(B, P, Q), limit, rtol=2e-15)
    assert hikami_difference(1.0, 0.5, INF) == pytest.approx(float(hikami(1.0, 0.5)), rel=1e-14)


def test_gradient_at_zero_field_is_zero() -> None:
    _, gradient = value_and_gradient(np.zeros(2), np.array([1.0, 0.3]), np.array([2.0, 0.3]))
    np.testing.assert_array_equal(gradient, 0)


def test_complex_fields_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match="hikami_difference takes real arguments"):
        hikami_difference(1.0, jnp.ones(2, complex), 1.0)
