"""The kernels of a complex dephasing field against mpmath: values, derivatives, transformations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

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
    size = np.concatenate([np.logspace(-8, FAR[dtype], 42), np.logspace(-1, 1, 14), [2] * 8])
    size[:56] *= rng.uniform(0.9, 1.1, 56)
    size[56:] *= 1 + np.arange(-4, 4) * 1e-7
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


Results = tuple[np.ndarray, ...]


@cache
def computed(name: str, dtype: str) -> dict[str, tuple[np.ndarray, np.ndarray, Results]]:
    """Fields and the results of all `ORDERS`, by section: all in one call, compiled once."""
    real = np.finfo(dtype).dtype
    B, B_phi, _ = problems(name, dtype)
    sizes = [0, 1e-12, 0.1, 1, 1e12, np.inf]
    turned = [s * u for s in sizes[1:-1] for u in (1, 1j, 0.6 - 0.8j)]
    log, on_axis = np.logspace(-6, 6, 13), [0.21, 1.3]
    sections = {
        "regular": (B, B_phi),
        "mirrored": (-B, B_phi),
        "conjugate": (B, B_phi.conj()),
        "scaled": (B * 4**5, B_phi * 4**5),
        "valid": np.meshgrid([0, 1e-12, -1, 3, 1e12, np.inf], [0, *turned, np.inf]),
        "invalid": np.meshgrid([-1, 3], [np.nan, -1, -1 + 1j]),
        "real": np.meshgrid(log, on_axis),
        "small frequency": np.meshgrid(log, np.array(on_axis) - 1e-20j),
        "zero field": np.meshgrid([0], [0.25, 1j, 3 - 2j]),
    }
    fields = [(np.ravel(b).astype(real), np.ravel(p).astype(dtype)) for b, p in sections.values()]
    derivative = KERNELS[name][1]
    together = jax.jit(lambda b, p: [derivative(b, p, *orders) for orders in ORDERS])
    results = [np.asarray(r) for r in together(*map(np.concatenate, zip(*fields, strict=True)))]
    ends = np.cumsum([b.size for b, _ in fields])
    return {
        section: (b, p, tuple(r[end - b.size : end] for r in results))
        for section, (b, p), end in zip(sections, fields, ends, strict=True)
    }


@cache
def automatic(name: str) -> dict[str, np.ndarray]:
    """Derivatives of the regular problems in forward and reverse mode."""
    kernel = KERNELS[name][0]

    def tangent(function: Callable[[jax.Array], jax.Array], at: jax.Array, by: complex = 1):
        return jax.jvp(function, (at,), (jnp.full_like(at, by),))[1]

    @jax.jit
    def together(B: jax.Array, P: jax.Array) -> dict[str, jax.Array]:
        def along_B(p: jax.Array) -> jax.Array:
            return tangent(lambda b: kernel(b, p), B)

        return {
            "B": along_B(P),
            "P": tangent(lambda p: kernel(B, p), P),
            "iP": tangent(lambda p: kernel(B, p), P, 1j),
            "P in reverse": jax.grad(lambda p: jnp.sum(kernel(B, p)), holomorphic=True)(P),
            "BP": tangent(along_B, P),
        }

    B, B_phi, _ = problems(name, "complex128")
    return {k: np.asarray(v) for k, v in together(B, B_phi).items()}


def largest_error(result: np.ndarray, reference: list[mp.mpc]) -> float:
    with mp.workdps(60):
        pairs = zip(result.tolist(), reference, strict=True)
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
def test_value_and_both_orders_of_derivatives_agree_with_mpmath(name: str, dtype: str) -> None:
    references = problems(name, dtype)[2]
    for index, result in enumerate(computed(name, dtype)["regular"][2]):
        assert result.dtype == dtype
        assert largest_error(result, [r[index] for r in references]) < TOLERANCE[dtype]


@pytest.mark.parametrize("name", KERNELS)
def test_automatic_derivatives_are_those_of_mpmath_in_forward_and_reverse_mode(name: str) -> None:
    references = problems(name, "complex128")[2]
    for key, index in {"B": 1, "P": 2, "P in reverse": 2, "BP": 4}.items():
        assert largest_error(automatic(name)[key], [r[index] for r in references]) < 1e-14


@pytest.mark.parametrize("name", KERNELS)
def test_tangents_along_real_and_imaginary_axis_differ_by_i(name: str) -> None:
    np.testing.assert_allclose(automatic(name)["iP"], 1j * automatic(name)["P"], rtol=1e-15)


@pytest.mark.parametrize("name", KERNELS)
def test_third_derivatives_agree_with_mpmath(name: str) -> None:
    B, B_phi, _ = (part[::5] for part in problems(name, "complex128"))
    second = KERNELS[name][1]
    third = jax.jit(lambda p: jax.jvp(lambda p: second(B, p, 0, 2), (p,), (jnp.ones_like(p),))[1])
    with mp.workdps(90):
        expected = [
            mp.diff(lambda p, b=b: exact(name, b, p)[5], mp.mpc(p), h=abs(p) * mp.mpf(10) ** -30)
            for b, p in zip(B.tolist(), B_phi.tolist(), strict=True)
        ]
    assert largest_error(np.asarray(third(B_phi)), expected) < 1e-12


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

    @jax.jit
    def derivatives(at: jax.Array) -> list[jax.Array]:
        return [jax.grad(loss)(at), jax.hessian(loss)(at), model(at), jax.jacfwd(model)(at)]

    gradient, hessian, value, forward = derivatives(at)
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
    chain = 2 * jnp.real(jnp.conj(value - (0.2 + 0.1j)) @ forward)
    np.testing.assert_allclose(gradient, chain, rtol=1e-14)


@cache
def real_kernel(name: str) -> Results:
    B, B_phi, _ = computed(name, "complex128")["real"]
    derivative = KERNELS[name][2]
    together = jax.jit(lambda b, p: [derivative(b, p, *orders) for orders in ORDERS])
    return tuple(np.asarray(r) for r in together(B, B_phi.real))


@pytest.mark.parametrize("name", KERNELS)
def test_a_real_dephasing_field_gives_the_real_kernel(name: str) -> None:
    results = computed(name, "complex128")["real"][2]
    for result, expected in zip(results, real_kernel(name), strict=True):
        assert np.all(result.imag == 0)
        np.testing.assert_allclose(result.real, expected, rtol=2e-14)


@pytest.mark.parametrize("name", KERNELS)
def test_a_small_frequency_gives_the_derivative_to_all_digits(name: str) -> None:
    value, *_ = computed(name, "complex128")["small frequency"][2]
    slope = real_kernel(name)[ORDERS.index((0, 1))]
    np.testing.assert_allclose(value.imag, -1e-20 * slope, rtol=2e-14)


def test_imaginary_part_without_dephasing_is_that_of_the_digamma_function() -> None:
    """Im psi(1/2 + i y) = (pi/2) tanh(pi y)."""
    y = np.logspace(-3, 0.7, 12)
    expected = np.pi / 2 * (np.tanh(np.pi * y) - 1)
    result = hikami_complex(1.0, 1j * y)
    np.testing.assert_allclose(result.imag, expected, atol=1e-15)


@pytest.mark.parametrize("name", KERNELS)
def test_parity_conjugation_and_scaling(name: str) -> None:
    sections = {key: results for key, (*_, results) in computed(name, "complex128").items()}
    for index, orders in enumerate(ORDERS):
        result = sections["regular"][index]
        np.testing.assert_array_equal(sections["mirrored"][index], (-1) ** orders[0] * result)
        np.testing.assert_array_equal(sections["conjugate"][index], result.conj())
        degree = 0.5 * (name == "kawabata") - sum(orders)
        scaled = result * 4.0 ** (5 * degree)
        np.testing.assert_allclose(sections["scaled"][index], scaled, rtol=1e-15)


@pytest.mark.parametrize("name", KERNELS)
def test_zero_field_is_a_smooth_minimum(name: str) -> None:
    _, B_phi, results = computed(name, "complex128")["zero field"]
    expected = dict.fromkeys(ORDERS, np.zeros(3))
    expected[2, 0] = 1 / (12 * B_phi**2) if name == "hikami" else 1 / (24 * B_phi**1.5)
    for result, limit in zip(results, expected.values(), strict=True):
        np.testing.assert_allclose(result, limit, rtol=1e-15)


def test_infinities_and_zeros_have_their_limits() -> None:
    inf, zeta = np.inf, float(mp.zeta(0.5, 0.5))
    B = np.array([0, 0, 1, inf, inf, 4, inf])
    B_phi = np.array([1j, 0, inf, inf, 1 + 1j, 0, 1j])
    hikami = [0, 0, 0, 0, complex(inf, -np.pi / 4), inf, complex(inf, -np.pi / 2)]
    np.testing.assert_allclose(hikami_complex(B, B_phi), hikami, rtol=1e-15)
    kawabata = np.asarray(kawabata_complex(B, B_phi))
    np.testing.assert_allclose(kawabata[[0, 1, 2, 5]], [0, 0, 0, -2 * zeta], rtol=1e-15)
    assert kawabata[4].real == inf
    assert hikami_complex_derivative(4.0, 0j, 1, 0) == 0.25
    assert hikami_complex_derivative(4.0, 0j, 0, 1) == -inf
    assert kawabata_complex_derivative(4.0, 0j, 0, 1) == -inf


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_nan_comes_from_nan_or_growing_modes_only(name: str, dtype: str) -> None:
    assert not np.any(np.isnan(computed(name, dtype)["valid"][2]))
    assert np.all(np.isnan(computed(name, dtype)["invalid"][2]))


def test_every_transform_gives_the_value() -> None:
    B, P = jnp.asarray([-2.0, -0.1, 0.0, 0.3, 0.5, 7.0]), 0.7 - 0.2j
    expected = hikami_complex(B, P)
    for result in (
        jax.vmap(hikami_complex, (0, None))(B, P),
        jax.lax.scan(lambda c, b: (c, hikami_complex(b, c)), P, B)[1],
        jax.jit(lambda B: jax.linearize(lambda b: hikami_complex(b, P), B)[0])(B),
    ):
        np.testing.assert_allclose(result, expected, rtol=1e-15)


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
