"""The film in JAX against sums over modes and levels in mpmath; the rule for its sum."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon.film_function import FilmFunctionDerivative
from numerics import gauss_sums
from numerics.kernels.film import film, film_derivative
from numerics.kernels.hikami import hikami

INF = np.inf
ORDERS = ((1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 0, 0), (0, 2, 0), (0, 0, 2), (1, 1, 0), (1, 0, 1),
          (0, 1, 1))  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def _double_precision() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def one_mode(x):
    with mp.workprec(mp.mp.prec + 4 * max(0, mp.mag(x))):
        return mp.digamma(x + mp.mpf(1) / 2) - mp.log(x)


def over_modes(x, t):
    """Sum over modes; beyond the M-th by the integral and its corrections at midpoints."""
    M = int(8 * mp.sqrt(x / t) + 4 / mp.sqrt(t)) + 40

    def mode(m):
        return one_mode(x + t * m**2)

    edge = M - mp.mpf(1) / 2
    scale = mp.sqrt(x / t) + M
    tail = scale * mp.quad(lambda v: mode(edge + scale * v / (1 - v)) / (1 - v) ** 2, [0, 0.5, 1])
    corrections = (mp.mpf(1) / 24, -mp.mpf(7) / 5760, mp.mpf(31) / 967680)
    series = mp.taylor(mode, edge, 5, h=mp.mpf(10) ** -8)
    tail += sum(c * series[2 * j + 1] * mp.factorial(2 * j + 1) for j, c in enumerate(corrections))
    return mp.fsum(mode(m) for m in range(M)) + tail


def over_levels(x, t):
    """Sum over Landau levels of the sum over modes, which is elementary."""

    def integral(a):
        return mp.log(a) / 2 + mp.log(mp.sinh(mp.pi * mp.sqrt(a / t)))

    def level(a):
        y = mp.pi * mp.sqrt(a / t)
        return (1 + y * mp.coth(y)) / (2 * a)

    total = mp.fsum(
        integral(x + n + 1) - integral(x + n) - level(x + n + mp.mpf(1) / 2) for n in range(40)
    )
    a = x + 40
    for k in range(1, 13):
        power = mp.ff(mp.mpf(1) / 2, 2 * k) * a ** (mp.mpf(1) / 2 - 2 * k)
        derivative = mp.pi / mp.sqrt(t) * power - mp.factorial(2 * k - 1) / (2 * a ** (2 * k))
        total += mp.bernpoly(2 * k, mp.mpf(1) / 2) / mp.factorial(2 * k) * derivative
    return total


def exact(B, B_phi, B_t):
    x, t = B_phi / abs(B), B_t / abs(B)
    return over_levels(x, t) if t < 0.2 else over_modes(x, t)


# x = B_phi/B and t = B_t/B: thin, thick, and on either side of t = 1/100 and of x = 49 t
POINTS = [(1e-6, 1e-8), (1e5, 1e-6), (0.3, 0.00999), (0.3, 0.01001), (2e-5, 0.009), (0.4899, 0.01),
          (0.4901, 0.01), (48.9, 1.0), (49.1, 1.0), (1e-5, 3.0), (7.0, 0.5), (2.0, 1e8),
          (3e4, 1e4)]  # fmt: skip


def fields(dtype):
    x, t = np.array(POINTS).T
    B = np.where(np.arange(x.size) % 2, -1, 1) * np.linspace(0.5, 2, x.size)
    return [a.astype(dtype) for a in (B, x * abs(B), t * abs(B))]


@pytest.mark.parametrize(("dtype", "bound"), [("float64", 4e-15), ("float32", 5e-6)])
def test_values_are_sums_over_modes_and_levels(dtype, bound):
    arguments = fields(dtype)
    for value, *at in zip(film(*arguments), *arguments, strict=True):
        with mp.workdps(35):
            reference = exact(*(mp.mpf(float(a)) for a in at))
            assert abs(mp.mpf(float(value)) / reference - 1) < bound, at


@pytest.mark.parametrize("orders", ORDERS)
def test_derivatives_are_those_to_thirty_digits(orders):
    # thin, thick, thick with few windings across
    points = np.array([(0.7, 0.3, 2.0), (-0.5, 2.0, 0.001), (2.0, 1e-7, 0.01)])
    for value, at in zip(film_derivative(*points.T, *orders), points, strict=True):
        reference = FilmFunctionDerivative(*(sp.Float(a, 40) for a in at), *orders).evalf(20)
        assert abs(value.item() / float(reference) - 1) < 4e-15, at


@pytest.mark.slow
def test_gradient_and_hessian_are_the_derivative_kernel():
    both = jax.jit(lambda x: (jax.grad(lambda p: film(*p))(x), jax.hessian(lambda p: film(*p))(x)))
    for x in (jnp.array([-0.8, 0.3, 2.0]), jnp.array([2.0, 0.001, 0.01])):
        gradient, hessian = both(x)
        unit = np.eye(3, dtype=int)
        first = [film_derivative(*x, *i.tolist()) for i in unit]
        second = [[film_derivative(*x, *(i + j).tolist()) for i in unit] for j in unit]
        np.testing.assert_allclose(gradient, first, rtol=2e-15)
        np.testing.assert_allclose(hessian, second, rtol=2e-15)


def test_film_is_smooth_and_vanishes_at_zero_field():
    assert film(0.0, 0.3, 1.0) == film(0.0, 0.3, 1e-9) == film(0.0, 0.0, 1.0) == 0
    for B_t in (1.0, 1e-6):
        # B^2/24 times the sum over modes of (B_phi + m^2 B_t)^-2
        y = mp.pi / mp.sqrt(B_t)

        def modes_of(p, y=y):
            return -(1 / p + y * mp.coth(y * mp.sqrt(p)) / mp.sqrt(p)) / 2

        modes = mp.diff(modes_of, 0.3)
        curvature = film_derivative(0.0, 0.3, B_t, 2, 0, 0)
        assert curvature == pytest.approx(float(modes) / 12, rel=1e-13)
        assert film_derivative(0.0, 0.3, B_t, 1, 0, 0) == 0
        assert film(1e-4, 0.3, B_t) == pytest.approx(float(modes) / 24e8, rel=1e-6)


def test_ends_have_their_limits():
    assert film(0.7, 0.3, INF) == hikami(0.7, 0.3)
    assert film(0.7, INF, 1.0) == film(0.7, INF, 1e-9) == 0
    assert film(INF, 0.3, 1.0) == film(0.7, 0.0, 1.0) == film(0.7, 0.3, 0.0) == INF
    assert film(0.0, 0.3, 0.0) == 0
    for at in ((np.nan, 1.0, 1.0), (1.0, -0.1, 1.0), (1.0, 0.1, -1.0)):
        assert jnp.isnan(film(*at))


def test_wrong_arguments_are_refused():
    with pytest.raises(NotImplementedError, match=r"but got \(1, 1, 1\)"):
        film_derivative(1.0, 1.0, 1.0, 1, 1, 1)
    with pytest.raises(TypeError, match="film takes real arguments"):
        film(1.0, 1.0j, 1.0)


def test_the_rule_sums_inverse_even_powers_exactly():
    rule = gauss_sums.sum_rule(5, 6)
    with mp.workdps(40):
        for power in range(4, 4 + 2 * 2 * 6, 2):
            terms = zip(rule.weights, rule.squares, strict=True)
            total = mp.fsum(w / s ** (power // 2) for w, s in terms)
            expected = mp.zeta(power) - mp.fsum(mp.mpf(m) ** -power for m in range(1, 5))
            assert abs(total / expected - 1) < mp.mpf(10) ** -22
    assert min(rule.weights) > 0


def test_the_table_of_the_kernel_is_the_rule():
    assert gauss_sums.emit() == gauss_sums.committed()
