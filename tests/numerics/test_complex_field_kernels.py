"""The kernels of a complex dephasing field against mpmath: values, derivatives, transformations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.kernels.hikami import hikami_derivative
from numerics.kernels.hikami_complex import hikami_complex, hikami_complex_derivative
from numerics.kernels.kawabata import kawabata_derivative
from numerics.kernels.kawabata_complex import kawabata_complex, kawabata_complex_derivative

ORDERS = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
KERNELS = {
    "hikami": (hikami_complex, hikami_complex_derivative, hikami_derivative),
    "kawabata": (kawabata_complex, kawabata_complex_derivative, kawabata_derivative),
}
TOLERANCE = {"complex128": 1e-14, "complex64": 5e-6}
# the ratio B_phi/B where d2/dB2 vanishes
INFLECTION = {"hikami": 0.33270254627107, "kawabata": 0.168912}
# decades of |B_phi/B|; beyond, d2/dB_phi2 is too small for single precision
FAR = {"complex128": 16, "complex64": 10}


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def of_ratio(name: str, z: mp.mpc) -> tuple[mp.mpc, mp.mpc, mp.mpc]:
    """The function f of z = B_phi/B, f' and f''."""
    h = mp.mpf(1) / 2
    if name == "hikami":
        return (mp.psi(0, z + h) - mp.log(z), mp.psi(1, z + h) - 1 / z, mp.psi(2, z + h) + z**-2)
    return (
        -2 * mp.sqrt(z) - mp.zeta(h, z + h),
        -1 / mp.sqrt(z) + mp.zeta(3 * h, z + h) / 2,
        z ** (-3 * h) / 2 - 3 * mp.zeta(5 * h, z + h) / 4,
    )


def exact(name: str, B: mp.mpf, B_phi: mp.mpc) -> list[mp.mpc]:
    """Value and derivatives of B^a f(B_phi/B) in the order of `ORDERS`, for B > 0."""
    B, B_phi = mp.mpf(B), mp.mpmathify(B_phi)
    a = mp.mpf(0) if name == "hikami" else mp.mpf(1) / 2
    z = B_phi / B
    f, f1, f2 = of_ratio(name, z)
    results = [f, a * f - z * f1, f1, a * (a - 1) * f + 2 * (1 - a) * z * f1 + z * z * f2,
               (a - 1) * f1 - z * f2, f2]  # fmt: skip
    return [r * B ** (a - sum(order)) for r, order in zip(results, ORDERS, strict=True)]


@cache
def problems(name: str, dtype: str) -> tuple[np.ndarray, np.ndarray, list[list[mp.mpc]]]:
    """A log-polar grid of B_phi/B, both axes and the seam |B_phi/B| = 2 included, and results."""
    rng = np.random.default_rng(1980)
    size = np.concatenate([np.logspace(-8, FAR[dtype], 42), np.logspace(-1, 1, 24), [2] * 8])
    size[:66] *= rng.uniform(0.9, 1.1, 66)
    size[66:] *= 1 + np.arange(-4, 4) * 1e-7
    angle = rng.permutation(np.resize([0, 0.02, 0.3, 0.7, 0.95, 0.999, 1], size.size))
    z = size * np.exp(0.5j * np.pi * angle * rng.choice([-1, 1], size.size))
    z = np.where(angle == 1, 1j * np.sign(z.imag) * size, z)
    z = z[abs(z / INFLECTION[name] - 1) > 0.05]
    real = np.finfo(dtype).dtype
    B_phi = (rng.uniform(0.3, 3, z.size) * z / abs(z)).astype(dtype)
    B = (abs(B_phi) / abs(z)).astype(real)
    with mp.workdps(60):
        points = zip(B.tolist(), B_phi.tolist(), strict=True)
        return B, B_phi, [exact(name, b, p) for b, p in points]


def largest_error(result: jax.Array, reference: list[mp.mpc]) -> float:
    with mp.workdps(60):
        pairs = zip(np.asarray(result).tolist(), reference, strict=True)
        return max(float(abs(mp.mpc(r) - e) / abs(e)) for r, e in pairs)


@pytest.mark.parametrize("name", KERNELS)
def test_table_of_exact_results_agrees_with_numerical_differentiation(name: str) -> None:
    a = 0 if name == "hikami" else mp.mpf(1) / 2
    at = (mp.mpf("0.75"), mp.mpf("1.25"))
    for turn in (1, 1j, mp.expjpi(0.2)):
        with mp.workdps(50):
            for result, orders in zip(exact(name, at[0], at[1] * turn), ORDERS, strict=True):
                # along a ray p -> turn p, the derivative is turn^n times the complex one
                numerical = mp.diff(
                    lambda b, p, turn=turn: b**a * of_ratio(name, turn * p / b)[0], at, orders
                )
                assert abs(numerical / turn ** orders[1] / result - 1) < 1e-15


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("index", "orders"), [*enumerate(ORDERS)])
def test_value_and_both_orders_of_derivatives_agree_with_mpmath(
    name: str, dtype: str, index: int, orders: tuple[int, int]
) -> None:
    B, B_phi, references = problems(name, dtype)
    result = KERNELS[name][1](B, B_phi, *orders)
    assert result.dtype == dtype
    assert largest_error(result, [r[index] for r in references]) < TOLERANCE[dtype]


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
def test_automatic_derivatives_are_those_of_mpmath_in_forward_and_reverse_mode(name: str) -> None:
    B, B_phi, references = problems(name, "complex128")
    kernel = KERNELS[name][0]

    def along_B(B: jax.Array, B_phi: jax.Array) -> jax.Array:
        return jax.jvp(lambda b: kernel(b, B_phi), (B,), (jnp.ones_like(B),))[1]

    by_P = jax.vmap(lambda b, p: jax.grad(lambda q: kernel(b, q), holomorphic=True)(p))(B, B_phi)
    assert largest_error(along_B(B, B_phi), [r[1] for r in references]) < 1e-14
    assert largest_error(by_P, [r[2] for r in references]) < 1e-14
    second = jax.jvp(lambda p: along_B(B, p), (B_phi,), (jnp.ones_like(B_phi),))[1]
    assert largest_error(second, [r[4] for r in references]) < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
def test_third_derivatives_agree_with_mpmath(name: str) -> None:
    B, B_phi, _ = (part[::5] for part in problems(name, "complex128"))
    second = KERNELS[name][1]
    third = jax.jvp(lambda p: second(B, p, 0, 2), (B_phi,), (jnp.ones_like(B_phi),))[1]
    with mp.workdps(90):
        expected = [
            mp.diff(lambda p, b=b: exact(name, b, p)[5], mp.mpc(p), h=abs(p) * mp.mpf(10) ** -30)
            for b, p in zip(B.tolist(), B_phi.tolist(), strict=True)
        ]
    assert largest_error(third, expected) < 1e-12


@pytest.mark.parametrize("name", KERNELS)
def test_tangents_along_real_and_imaginary_axis_differ_by_i(name: str) -> None:
    B, B_phi, _ = problems(name, "complex128")

    def along(direction: complex) -> jax.Array:
        tangent = jnp.full(B_phi.shape, direction, complex)
        return jax.jvp(lambda p: KERNELS[name][0](B, p), (B_phi,), (tangent,))[1]

    np.testing.assert_allclose(along(1j), 1j * along(1), rtol=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("name", KERNELS)
def test_gradient_and_hessian_of_a_real_loss_are_those_of_its_real_parameters(name: str) -> None:
    B = jnp.asarray([-2.0, 0.0, 0.3, 5.0])

    def model(parameters: jax.Array) -> jax.Array:
        field, frequency = parameters
        return KERNELS[name][0](B, field - 1j * frequency)

    def loss(parameters: jax.Array) -> jax.Array:
        return jnp.sum(jnp.abs(model(parameters) - (0.2 + 0.1j)) ** 2)

    def by_mpmath(field: mp.mpf, frequency: mp.mpf) -> mp.mpf:
        values = [
            exact(name, abs(b), mp.mpc(field, -frequency))[0] if b else mp.mpf(0)
            for b in B.tolist()
        ]
        return mp.fsum(abs(v - mp.mpc(0.2, 0.1)) ** 2 for v in values)

    at = jnp.asarray([0.4, 0.7])
    gradient, hessian = jax.grad(loss)(at), jax.jit(jax.hessian(loss))(at)
    point = (mp.mpf(0.4), mp.mpf(0.7))
    with mp.workdps(40):
        for k in (0, 1):
            order = tuple(int(k == j) for j in (0, 1))
            assert float(gradient[k]) == pytest.approx(
                float(mp.diff(by_mpmath, point, order)), rel=1e-12
            )
            for m in (0, 1):
                both = tuple(order[j] + int(m == j) for j in (0, 1))
                assert float(hessian[k, m]) == pytest.approx(
                    float(mp.diff(by_mpmath, point, both)), rel=1e-12
                )
    forward = jax.jacfwd(model)(at)
    real = jnp.stack([jnp.real(forward), jnp.imag(forward)])
    reverse = jnp.stack([jax.jacrev(lambda p, f=f: f(model(p)))(at) for f in (jnp.real, jnp.imag)])
    np.testing.assert_allclose(real, reverse, rtol=1e-14, atol=1e-300)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("orders", ORDERS)
def test_a_real_dephasing_field_gives_the_real_kernel(name: str, orders: tuple[int, int]) -> None:
    B, B_phi = np.meshgrid(np.logspace(-6, 6, 13), [0.21, 1.3])
    result = KERNELS[name][1](B, B_phi, *orders)
    assert jnp.all(result.imag == 0)
    np.testing.assert_allclose(result.real, KERNELS[name][2](B, B_phi, *orders), rtol=2e-14)


@pytest.mark.parametrize("name", KERNELS)
def test_a_small_frequency_gives_the_derivative_to_all_digits(name: str) -> None:
    B, B_phi = np.meshgrid(np.logspace(-3, 3, 13), [0.21, 1.3])
    frequency = 1e-20
    result = KERNELS[name][0](B, B_phi - 1j * frequency)
    slope = KERNELS[name][2](B, B_phi, 0, 1)
    np.testing.assert_allclose(result.imag, -frequency * slope, rtol=2e-14)


def test_imaginary_part_without_dephasing_is_that_of_the_digamma_function() -> None:
    """Im psi(1/2 + i y) = (pi/2) tanh(pi y)."""
    y = np.logspace(-3, 0.7, 12)
    expected = np.pi / 2 * (np.tanh(np.pi * y) - 1)
    result = hikami_complex(1.0, 1j * y)
    np.testing.assert_allclose(result.imag, expected, atol=1e-15)


fields = st.floats(1e-6, 1e6)


@settings(max_examples=40)
@given(fields, fields, fields, st.sampled_from(ORDERS), st.sampled_from(sorted(KERNELS)))
def test_parity_conjugation_and_scaling(
    B: float, re: float, im: float, orders: tuple[int, int], name: str
) -> None:
    derivative = KERNELS[name][1]
    result = derivative(B, complex(re, im), *orders)
    assert derivative(-B, complex(re, im), *orders) == (-1) ** orders[0] * result
    assert derivative(B, complex(re, -im), *orders) == jnp.conj(result)
    degree = 0.5 * (name == "kawabata") - sum(orders)
    scaled = derivative(B * 4.0**5, complex(re, im) * 4.0**5, *orders)
    np.testing.assert_allclose(scaled, result * 4.0 ** (5 * degree), rtol=1e-15)


@pytest.mark.parametrize("name", KERNELS)
def test_zero_field_is_a_smooth_minimum(name: str) -> None:
    B_phi = jnp.asarray([0.25, 1j, 3 - 2j])
    derivative = KERNELS[name][1]
    for orders in [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]:
        assert jnp.all(derivative(0.0, B_phi, *orders) == 0)
    curvature = 1 / (12 * B_phi**2) if name == "hikami" else 1 / (24 * B_phi**1.5)
    np.testing.assert_allclose(derivative(0.0, B_phi, 2, 0), curvature, rtol=1e-15)


def test_infinities_and_zeros_have_their_limits() -> None:
    inf = np.inf
    for B, B_phi, limit in [(0, 1j, 0), (0, 0, 0), (1, 0, inf), (1, inf, 0), (inf, inf, 0)]:
        assert hikami_complex(float(B), complex(B_phi)) == limit
    assert hikami_complex(inf, 1 + 1j) == complex(inf, -np.pi / 4)
    assert hikami_complex_derivative(4.0, 0j, 1, 0) == 0.25
    assert hikami_complex_derivative(4.0, 0j, 0, 1) == -inf
    for B, B_phi, limit in [(0, 1j, 0), (0, 0, 0), (1, inf, 0), (inf, 1 + 1j, inf)]:
        assert kawabata_complex(float(B), complex(B_phi)) == limit
    at_zero = -2 * float(mp.zeta(0.5, 0.5))
    np.testing.assert_allclose(kawabata_complex(4.0, 0j), at_zero, rtol=1e-15)
    assert kawabata_complex_derivative(4.0, 0j, 0, 1) == -inf


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("orders", ORDERS)
def test_nan_comes_from_nan_or_growing_modes_only(
    name: str, dtype: str, orders: tuple[int, int]
) -> None:
    real = np.finfo(dtype).dtype
    sizes = [0, 1e-12, 0.1, 1, 1e12, np.inf]
    B = np.asarray([0, 1e-12, -1, 3, 1e12, np.inf], real)[:, None]
    turned = [s * u for s in sizes[1:-1] for u in (1, 1j, 0.6 - 0.8j)]
    B_phi = np.asarray([0, *turned, np.inf], dtype)
    assert not jnp.any(jnp.isnan(KERNELS[name][1](B, B_phi, *orders)))
    invalid = np.asarray([np.nan, -1, -1 + 1j], dtype)
    assert jnp.all(jnp.isnan(KERNELS[name][1](B[2:4], invalid, *orders)))


TRANSFORMS: dict[str, Callable[[jax.Array, complex], jax.Array]] = {
    "jit of vmap": lambda B, P: jax.jit(jax.vmap(hikami_complex, (0, None)))(B, P),
    "scan": lambda B, P: jax.lax.scan(lambda c, b: (c, hikami_complex(b, c)), P, B)[1],
    "linearize": lambda B, P: jax.linearize(lambda b: hikami_complex(b, P), B)[0],
}


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_every_transform_gives_the_value(transform: str) -> None:
    B = jnp.asarray([-2.0, -0.1, 0.0, 0.3, 0.5, 7.0])
    expected = hikami_complex(B, 0.7 - 0.2j)
    np.testing.assert_allclose(TRANSFORMS[transform](B, 0.7 - 0.2j), expected, rtol=1e-15)


def test_types_and_shapes_follow_the_arguments() -> None:
    assert hikami_complex(1, 2).dtype == jnp.result_type(complex)
    assert hikami_complex(jnp.float32(1), jnp.complex64(2j)).dtype == jnp.complex64
    assert hikami_complex(jnp.float64(1), jnp.complex64(2j)).dtype == jnp.complex128
    assert kawabata_complex(jnp.ones((3, 1)), 1j * jnp.arange(4.0)).shape == (3, 4)


@pytest.mark.parametrize("name", KERNELS)
def test_complex_magnetic_fields_and_half_precision_are_refused(name: str) -> None:
    kernel, derivative, _ = KERNELS[name]
    with pytest.raises(TypeError, match="pass the real part of B"):
        kernel(1j, 1.0)
    with pytest.raises(TypeError, match="but got float16"):
        kernel(jnp.float16(1), jnp.float16(1))
    with pytest.raises(NotImplementedError, match=r"apply jax\.jvp"):
        derivative(1.0, 1.0, 2, 1)
