"""Sums over levels in JAX: values and derivatives against digammas of the roots, at 50 digits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon.kernels import HikamiFunction
from cooperon.level_sum import LevelSum
from diagrams.symbols import B, B_phi, symbol
from numerics.codegen import compile, write_module
from numerics.kernels import level_sum as module
from numerics.kernels.hikami import hikami
from numerics.kernels.level_sum import level_sum
from numerics.precision import double_precision

ILP = json.loads((Path(__file__).parents[1] / "data" / "ilp.json").read_text())["entries"]


def one(field, gap):
    """-Psi(gap/B) as a sum over levels."""
    return level_sum(field, 1, 1.0, jnp.abs(field) / 2 + gap, 1.0, gap, 0.0, 0.0)


def pair(x):
    """Two poles at v = -c +- sqrt(d - B^2/3), for x = (B, c, d)."""
    field, c, d = x
    e, square = c + jnp.abs(field) / 2, d - field**2 / 3
    f, g = (2.0, 2 * e, 2 * e, e**2 - square), (2.0, 2 * c, 2 * c, c**2 - d)
    return level_sum(field, 2, *f, *g, 0.0, 0.0, 0.0, field**2 / 3)


def pair_by_mpmath(field, c, d):
    field = abs(field)

    def digammas(square):
        root = mp.sqrt(mp.mpc(square))
        return sum(mp.digamma(mp.mpf(1) / 2 + (c + s * root) / field) for s in (1, -1))

    logarithms = sum(mp.log((c + s * mp.sqrt(mp.mpc(d))) / field) for s in (1, -1))
    return mp.re(logarithms - digammas(d - field**2 / 3))


# (B, c, d): d < 0 makes the poles complex, c < 0 takes them to the right of the origin.
POINTS = {
    "strong field": (0.3, 0.01, 0.00005),
    "weak field": (1e-4, 0.3, 0.02),
    "negative field": (-0.05, 0.02, 0.0003),
    "poles that meet without a field": (0.07, 0.05, 0.0),
    "poles that meet in the field": (0.3, 0.2, 0.03),
    "complex poles": (0.02, 0.05, -0.02),
    "complex poles at positive levels": (0.02, -0.3, -0.04),
    "complex poles at the last explicit level": (0.01, -0.46, -0.02),
}


@jax.jit
def derivatives(x):
    """Value, gradient and Hessian, compiled once for all points."""
    return pair(x), jax.grad(pair)(x), jax.hessian(pair)(x)


@double_precision()
@pytest.mark.slow
@pytest.mark.parametrize("name", POINTS)
def test_value_and_derivatives_are_those_of_the_digammas(name):
    x = POINTS[name]
    value, gradient, hessian = derivatives(jnp.array(x))
    units = np.array([abs(x[0]) + abs(x[1]), abs(x[1]), abs(x[1]) ** 2 + abs(x[2])])
    with mp.workdps(60):
        at = tuple(map(mp.mpf, x))
        assert float(value) == pytest.approx(float(pair_by_mpmath(*at)), abs=2e-14)
        for i in range(3):
            order = [int(i == k) for k in range(3)]
            expected = float(mp.diff(pair_by_mpmath, at, tuple(order), h=mp.mpf(10) ** -18))
            assert float(gradient[i]) == pytest.approx(expected, abs=1e-12 / units[i])
            for j in range(i + 1):
                twice = tuple(o + int(j == k) for k, o in enumerate(order))
                expected = float(mp.diff(pair_by_mpmath, at, twice, h=mp.mpf(10) ** -14))
                tolerance = 3e-10 / (units[i] * units[j])
                assert float(hessian[i, j]) == pytest.approx(expected, abs=tolerance)


@double_precision()
def test_one_pole_is_the_hikami_kernel_over_sixteen_decades():
    ratios = jnp.logspace(-8, 8, 161)
    expected = hikami(ratios * 1e-3, 1e-3)
    np.testing.assert_allclose(-one(ratios * 1e-3, 1e-3), expected, rtol=5e-11, atol=0)
    np.testing.assert_allclose(-one(ratios * 1e-3, 1e-3), expected, rtol=1e-15, atol=1e-14)


@double_precision()
@pytest.mark.slow
def test_value_gradient_and_hessian_at_zero_field():
    def value(x):
        return one(x[0], x[1])

    x = jnp.array([0.0, 0.02])
    assert float(value(x)) == 0
    gradient, hessian = jax.jit(lambda x: (jax.grad(value)(x), jax.hessian(value)(x)))(x)
    np.testing.assert_array_equal(gradient, 0)
    expected = [[-1 / (12 * 0.02**2), 0], [0, 0]]
    np.testing.assert_allclose(hessian, expected, rtol=1e-14)


@double_precision()
def test_undamped_mode_diverges_and_does_not_give_nan():
    assert float(one(0.1, 0.0)) == np.inf or float(one(0.1, 0.0)) == -np.inf
    assert float(one(0.0, 0.0)) == 0


@double_precision()
def test_function_is_even():
    x = jnp.array([0.05, 0.02, 0.0003])
    (value, gradient, _), (other, opposite, _) = map(derivatives, (x, x.at[0].multiply(-1)))
    assert float(value) == float(other)
    assert float(gradient[0]) == -float(opposite[0])


@double_precision()
def test_complex_gaps_give_complex_sums():
    gap = 0.02 - 0.05j
    with mp.workdps(30):
        x = mp.mpc(gap) / mp.mpf(0.03)
        expected = complex(mp.log(x) - mp.digamma(mp.mpf(1) / 2 + x))
    assert complex(one(0.03, gap)) == pytest.approx(expected, rel=1e-14)


@double_precision()
def test_batches_broadcast_and_vmap_agrees():
    fields = jnp.linspace(-0.1, 0.1, 5)[:, None]
    gaps = jnp.array([0.01, 0.3])
    batched = one(fields, gaps)
    assert batched.shape == (5, 2)
    single = jax.jit(jax.vmap(one, (0, None)))(fields[:, 0], 0.3)
    np.testing.assert_allclose(batched[:, 1], single, rtol=1e-14)


@pytest.mark.slow
def test_single_precision_keeps_six_digits():
    fields = jnp.logspace(-6, 0, 25, dtype=jnp.float32)
    value = one(fields, jnp.float32(1e-3))
    assert value.dtype == jnp.float32
    with double_precision():
        expected = one(fields.astype(jnp.float64), jnp.float64(jnp.float32(1e-3)))
    np.testing.assert_allclose(value, expected, rtol=1e-5, atol=2e-6)


@double_precision()
@pytest.mark.parametrize("angle", [0.3, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("levels", [5, 40, 48, 60, 3000])
def test_poles_at_an_angle_from_the_positive_axis(angle, levels):
    radius = 0.01 * levels
    c, d = -radius * np.cos(angle), -((radius * np.sin(angle)) ** 2)
    with mp.workdps(40):
        expected = float(pair_by_mpmath(mp.mpf("0.01"), mp.mpf(c), mp.mpf(d)))
    assert float(pair((0.01, c, d))) == pytest.approx(expected, abs=3e-14)


def test_the_midpoint_weights_are_bernoulli_numbers():
    weights = [-sp.bernoulli(2 * j, sp.Rational(1, 2)) / (2 * j) for j in range(1, 13)]
    np.testing.assert_allclose(module._LEVEL_MIDPOINT, [float(w) for w in weights], rtol=1e-15)


def test_wrong_arguments_are_refused():
    with pytest.raises(TypeError, match="takes 12 coefficients, but got 3"):
        level_sum(0.1, 2, 1.0, 2.0, 3.0)
    with pytest.raises(TypeError, match="B is complex"):
        level_sum(0.1j, 1, *range(6))


def ilp():
    """Rashba and cubic coupling; without H >= H1 there would be poles at positive levels."""
    H1 = symbol("B_so_y")
    H = H1 + symbol("B_so_x")
    u, b = sp.Symbol("u"), sp.Abs(B)
    a, level = u + 3 * b / 2 + B_phi + H, 2 * u + 3 * b
    over = 3 * a**2 + 2 * a * H - B**2 - 2 * level * H1
    under = (a + H) * (a**2 - B**2) - 2 * H1 * (level * a - B**2)
    a0 = sp.Rational(1, 2) + (B_phi + H) / b
    edge = 1 / a0 + (2 * a0 + 1 + H / b) / ((a0 + 1) * (a0 + H / b) - 2 * H1 / b)
    triplet = LevelSum(B, sp.Lambda(u, over / under))
    return -(edge + triplet + HikamiFunction(B, B_phi)) / 2


@double_precision()
@pytest.mark.slow
def test_generated_module_has_the_reference_values(tmp_path):
    path = write_module(ilp(), tmp_path / "rashba.py", name="rashba")
    function = compile(ilp(), name="rashba")
    calls = []
    for entry in ILP:
        field, gap, H, H1 = (float(x) for x in entry["parameters"].values())
        values = {"B_phi": gap, "B_so_x": H - H1, "B_so_y": H1}
        value = float(function(field, **values))
        assert value == pytest.approx(float(entry["value"]), abs=1e-14)
        calls.append((f"rashba({field}, **{values})", value))
    script = "import jax; jax.config.update('jax_enable_x64', True); from rashba import rashba\n"
    script += f"print(*(float(x) for x in ({', '.join(call for call, _ in calls)},)))"
    environment = dict(os.environ, PYTHONPATH=str(path.parent))
    printed = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
    )
    assert [float(x) for x in printed.stdout.split()] == [value for _, value in calls]
