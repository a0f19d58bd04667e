"""The compiled search: its derivatives against others' and its descent on known landscapes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from numerics.curve import Curve
from numerics.curve_expansion import expand, slot_gradient, slot_jacobian, slot_matrices
from numerics.descent import Quadratic, descend
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.problem import make_arrays, make_layout, residuals, with_covariances

PARAMETERS = (
    Parameter("a", -3.0, 3.0),
    Parameter("b", 1e-2, 1e2, shared=False),
    Parameter("c", 1e-1, 1e1),
)


def bend(B, a, b, c, d):
    return a * jnp.log1p(b * B**2) / c + d * B * b


@pytest.fixture(autouse=True)
def float64():
    with double_precision():
        yield


def problem(correlated):
    """Two curves of different lengths; one b is fixed, and so is d."""
    B = np.linspace(0.1, 2.0, 9)
    curves = [Curve(B, np.sin(3 * B), label="x"), Curve(B[:6], np.cos(B[:6]), label="y")]
    layout = make_layout(PARAMETERS, ["x", "y"], {"b": {"y": 0.7}, "d": 0.4})
    arrays = make_arrays(layout, curves, None)
    if correlated:
        rows = [0.5 ** np.abs(np.subtract.outer(c.B, c.B)) + np.eye(len(c)) for c in curves]
        arrays = with_covariances(arrays, rows)
    return layout, arrays


@pytest.mark.parametrize("correlated", [False, True])
def test_one_expansion_has_the_derivatives_of_reverse_mode(correlated):
    layout, arrays = problem(correlated)
    t = jnp.array([0.8, 0.3, -0.4])

    def weighted(t):
        return residuals(bend, layout.arguments, t, arrays)

    def expanded(t):
        at = expand(bend, layout.arguments, t, arrays)
        matrices = slot_matrices(at, arrays)
        rows = slot_jacobian(at.jacobian, arrays)
        return at.residuals.ravel(), rows, slot_gradient(at, arrays), *matrices

    def reverse(t):
        hessian = jax.jacrev(jax.grad(lambda t: jnp.sum(weighted(t) ** 2) / 2))
        return weighted(t), jax.jacrev(weighted)(t), hessian(t)

    r, J, gradient, information, curvature = jax.jit(expanded)(t)
    r_reverse, J_reverse, hessian = map(np.asarray, jax.jit(reverse)(t))
    close = {"rtol": 1e-11, "atol": 1e-12}
    np.testing.assert_allclose(r, r_reverse, **close)
    np.testing.assert_allclose(J, J_reverse, **close)
    np.testing.assert_allclose(gradient, J_reverse.T @ r_reverse, **close)
    np.testing.assert_allclose(information, J_reverse.T @ J_reverse, **close)
    np.testing.assert_allclose(information + curvature, hessian, **close)


def quadratic(square):
    """Return what evaluates a scalar function as a search does, with a plain positive part."""

    def evaluate(u):
        half = lambda u: square(u) / 2  # noqa: E731
        H = jax.hessian(half)(u)
        value = Quadratic(square(u), jax.grad(half)(u), jnp.eye(len(u)) * 10.0, H)
        return value, u

    return evaluate


def test_descent_leaves_a_saddle_and_ends_where_it_last_evaluated():
    def square(u):  # a saddle at (0, 0), minima at (0, +-1) of height 1
        return 1.0 + u[0] ** 2 + (u[1] ** 2 - 1) ** 2

    starts = jnp.array([[0.5, 1e-6], [-0.3, -0.2], [2.0, 1.5]])
    u, at, last = descend(quadratic(square), starts)
    np.testing.assert_allclose(u, [[0, 1], [0, -1], [0, 1]], atol=1e-9)
    np.testing.assert_array_equal(last, u)
    np.testing.assert_allclose(at.square, 1.0, rtol=1e-15)
    np.testing.assert_allclose(at.gradient, 0.0, atol=1e-9)


def test_a_start_without_a_value_stays_and_does_not_hold_up_the_others():
    def square(u):
        return jnp.where(u[0] < 0, jnp.nan, 1.0 + (u[0] - 1.0) ** 2)

    u, at, _ = descend(quadratic(square), jnp.array([[-1.0], [0.3]]))
    assert u[0, 0] == -1.0
    assert np.isnan(at.square[0])
    np.testing.assert_allclose(u[1, 0], 1.0, atol=1e-9)
