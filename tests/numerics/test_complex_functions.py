"""digamma, trigamma, E_1 and erfc of complex arguments against mpmath, limits, derivatives."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from numerics.kernels.digamma_complex import digamma, trigamma
from numerics.kernels.erfc_complex import erfc_complex
from numerics.kernels.exp1_complex import exp1_complex
from numerics.precision import double_precision

Function = Callable[[jax.Array], jax.Array]


def derivative(function: Function) -> Function:
    return lambda z: jax.jvp(function, (z,), (jnp.ones_like(z),))[1]


def largest_error(
    result: jax.Array, function: Callable[[mp.mpc], mp.mpc], z: np.ndarray, floor: float = 0
) -> float:
    """Largest error relative to the value, or to `floor` where that is larger."""
    with mp.workdps(40):
        pairs = zip(np.asarray(result).tolist(), z.tolist(), strict=True)
        exact = [(mp.mpmathify(r), function(mp.mpmathify(x))) for r, x in pairs]
        return max(float(abs(r - e) / max(abs(e), floor)) for r, e in exact)


def log_polar(low: int, high: int, opening: float, count: int = 60) -> np.ndarray:
    """Numbers with |arg z| <= opening pi, both edges and the real axis included."""
    rng = np.random.default_rng(7)
    part = np.resize([0, 0.001, 0.3, 0.6, 0.9, 0.999, 1], count) * rng.choice([-1, 1], count)
    z = np.logspace(low, high, count) * np.exp(1j * np.pi * opening * part)
    edge = opening == 0.5
    return np.where(edge & (abs(part) == 1), 1j * z.imag, z)


@double_precision()
@pytest.mark.parametrize("dtype", ["complex128", "complex64", "float64", "float32"])
def test_polygamma_functions_agree_with_mpmath_in_the_whole_plane(dtype: str) -> None:
    single = dtype in ("complex64", "float32")
    z = np.concatenate([log_polar(-6, 8, 0.5), log_polar(-6, 1, 1), [1.4616, -0.504, 0.5, 8, -7.5]])
    z = (z if dtype.startswith("complex") else z.real).astype(dtype)
    if single:
        # the distance to a pole must survive the rounding to single precision, and powers too
        z = z[(abs(z) < 1e6) & (abs(z) > 1e-3)]
    z = z[(z != np.round(z.real)) & (abs(z) > 1e-9)]
    right = z.real >= 0.5
    results = jax.jit(lambda z: [digamma(z), trigamma(z), derivative(trigamma)(z)])(z)
    for order, result in enumerate(map(np.asarray, results)):
        assert result.dtype == dtype
        # psi and psi'' vanish between the poles; there the error is relative to one
        for side, floor in ((right, order == 0), (~right, 1)):
            error = largest_error(result[side], partial(mp.psi, order), z[side], floor)
            assert error < (1 + order // 2) * (5e-6 if single else 1e-14)


@double_precision()
def test_digamma_and_its_derivative_obey_recurrence_and_reflection() -> None:
    z = jnp.asarray([0.3 + 0.2j, -4.7 + 1e-3j, 0.5 + 40j, -100.2 - 800j])
    np.testing.assert_allclose(digamma(z + 1), digamma(z) + 1 / z, rtol=1e-13)
    np.testing.assert_allclose(trigamma(z + 1), trigamma(z) - 1 / z**2, rtol=1e-12)
    assert jnp.all(digamma(jnp.conj(z)) == jnp.conj(digamma(z)))


@double_precision()
def test_poles_and_infinities_of_the_polygamma_functions() -> None:
    poles = jnp.asarray([0.0, -1.0, -30.0])
    for at in (poles, poles + 0j):
        assert jnp.all(jnp.isnan(digamma(at)))
        assert jnp.all(jnp.isinf(trigamma(at)))
    assert digamma(jnp.inf) == jnp.inf
    assert trigamma(jnp.inf) == 0
    assert jnp.isnan(digamma(-jnp.inf))
    assert jax.grad(digamma)(1.0) == pytest.approx(np.pi**2 / 6, rel=1e-15)
    slope = jax.jit(jax.grad(lambda x: jnp.sum(jnp.where(poles == 0, 0.0, digamma(poles + x)))))
    assert jnp.isfinite(slope(0.25))


@double_precision()
@pytest.mark.parametrize(("dtype", "tolerance"), [("complex128", 4e-15), ("complex64", 2e-6)])
def test_exponential_integral_agrees_with_mpmath(dtype: str, tolerance: float) -> None:
    z = np.concatenate([log_polar(-8, 1, 0.5), log_polar(-1, 1, 0.5)]).astype(dtype)
    slope = derivative(exp1_complex)
    result, first, second = jax.jit(lambda z: [exp1_complex(z), slope(z), derivative(slope)(z)])(z)
    assert result.dtype == dtype
    assert largest_error(result, mp.e1, z) < tolerance
    assert largest_error(first, lambda x: -mp.exp(-x) / x, z) < tolerance
    assert largest_error(second, lambda x: mp.exp(-x) * (1 + 1 / x) / x, z) < tolerance


@double_precision()
def test_limits_of_the_exponential_integral() -> None:
    assert exp1_complex(0.0) == jnp.inf
    assert exp1_complex(jnp.inf) == 0
    assert jnp.isnan(exp1_complex(-1.0))
    assert jnp.isinf(derivative(exp1_complex)(jnp.asarray(0j)).real)
    gradient = jax.jit(jax.grad(lambda w: exp1_complex(0.1 - 1j * w).imag))(0.3)
    z = 0.1 - 0.3j
    assert gradient == pytest.approx((1j * np.exp(-z) / z).imag, rel=1e-14)


@double_precision()
@pytest.mark.parametrize(("dtype", "scale"), [("complex128", 1), ("complex64", 1e8)])
def test_complementary_error_function_agrees_with_mpmath(dtype: str, scale: float) -> None:
    z = log_polar(-6, 0, 0.25).astype(dtype) * np.finfo(dtype).dtype.type(3)
    first = derivative(erfc_complex)
    result, slope, left = jax.jit(lambda z: [erfc_complex(z), first(z), erfc_complex(-z)])(z)
    assert result.dtype == dtype
    assert largest_error(result, mp.erfc, z) < 1e-13 * scale
    by_mpmath = lambda x: -2 / mp.sqrt(mp.pi) * mp.exp(-x * x)  # noqa: E731
    assert largest_error(slope, by_mpmath, z) < 1e-14 * scale
    assert largest_error(left, mp.erfc, -z) < 1e-13 * scale


@double_precision()
def test_limits_of_the_complementary_error_function() -> None:
    assert complex(erfc_complex(0.0)) == pytest.approx(1, abs=1e-13)
    assert erfc_complex(jnp.inf) == 0
    assert erfc_complex(-jnp.inf) == 2


@pytest.mark.parametrize("function", [digamma, trigamma, exp1_complex, erfc_complex])
def test_half_precision_is_refused(function: Function) -> None:
    with pytest.raises(TypeError, match="but got float16; convert"):
        function(jnp.float16(1))
