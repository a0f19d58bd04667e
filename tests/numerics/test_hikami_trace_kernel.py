"""tr Psi(M/B) in JAX: values, gradients and Hessians, above all where eigenvalues coincide."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from numerics.kernels import hikami_trace as module
from numerics.kernels.hikami import hikami
from numerics.kernels.hikami_trace import hikami_trace
from numerics.precision import double_precision

# Upper triangles of 3 x 3 matrices of fields: different, two equal, three equal, nearly equal.
MATRICES = {
    "different": (0.02, 0.003, -0.001, 0.05, 0.002, 0.011),
    "two equal": (0.02, 0.003, 0.003, 0.02, 0.003, 0.02),
    "three equal": (0.02, 0.0, 0.0, 0.02, 0.0, 0.02),
    "nearly equal": (0.02, 1e-9, 0.0, 0.02, 2e-9, 0.02),
    "close": (0.02, 5e-4, 0.0, 0.021, 2e-4, 0.0205),
    "far apart": (1e-6, 1e-7, 0.0, 3.0, 1e-3, 0.01),
}


def by_mpmath(B, entries):
    """The trace at 60 digits, from the eigenvalues of the matrix."""
    m = mp.matrix(3)
    for (i, j), value in zip(zip(*np.triu_indices(3), strict=True), entries, strict=True):
        m[int(i), int(j)] = m[int(j), int(i)] = value
    fields = mp.eigsy(m, eigvals_only=True)
    return mp.fsum(mp.digamma(mp.mpf(1) / 2 + f / B) - mp.log(f / B) for f in fields)


def numerical(B, entries, *orders):
    """A mixed derivative of `by_mpmath` in (B, entries...), by central differences."""
    at = [mp.mpf(B), *map(mp.mpf, entries)]
    with mp.workdps(60):
        return float(mp.diff(lambda x, *m: by_mpmath(x, m), tuple(at), orders, h=mp.mpf(10) ** -18))


def order(*positions):
    return tuple(positions.count(k) for k in range(7))


@double_precision()
@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.slow
def test_value_and_gradient_are_those_of_the_matrix_function(name):
    entries = MATRICES[name]
    with mp.workdps(60):
        expected = float(by_mpmath(mp.mpf("0.01"), [mp.mpf(e) for e in entries]))
    assert float(hikami_trace(0.01, *entries)) == pytest.approx(expected, rel=1e-13)
    gradient = jax.grad(lambda x: hikami_trace(x[0], *x[1:]))(jnp.array([0.01, *entries]))
    for k in range(7):
        assert float(gradient[k]) == pytest.approx(
            numerical("0.01", entries, *order(k)), rel=1e-10, abs=1e-9
        )


@double_precision()
@pytest.mark.slow
@pytest.mark.parametrize("name", MATRICES)
def test_hessian_is_that_of_the_matrix_function(name):
    entries = MATRICES[name]
    hessian = jax.hessian(lambda x: hikami_trace(x[0], *x[1:]))(jnp.array([0.01, *entries]))
    scale = float(jnp.max(jnp.abs(hessian)))
    for i, j in [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2), (2, 3), (3, 6), (4, 4)]:
        expected = numerical("0.01", entries, *order(i, j))
        assert float(hessian[i, j]) == pytest.approx(expected, rel=1e-9, abs=1e-12 * scale)


@double_precision()
def test_diagonal_matrix_gives_the_sum_of_kernels():
    B = jnp.linspace(-0.1, 0.1, 7)
    expected = hikami(B, 0.02) + hikami(B, 0.5)
    np.testing.assert_allclose(hikami_trace(B, 0.02, 0.0, 0.5), expected, rtol=1e-14)


@double_precision()
def test_trace_does_not_change_under_a_rotation():
    rng = np.random.default_rng(2)
    rotation, _ = np.linalg.qr(rng.standard_normal((3, 3)) + 1j * rng.standard_normal((3, 3)))
    fields = np.array([1e-3, 2e-2, 0.3])
    matrix = rotation @ np.diag(fields) @ rotation.conj().T
    value = hikami_trace(0.05, *matrix[np.triu_indices(3)])
    assert float(value) == pytest.approx(float(jnp.sum(hikami(0.05, fields))), rel=1e-12)


@double_precision()
def test_trace_and_its_gradient_vanish_without_a_field():
    gradient = jax.grad(lambda x: hikami_trace(x[0], *x[1:]))(jnp.array([0.0, 0.02, 0.01, 0.03]))
    assert float(hikami_trace(0.0, 0.02, 0.01, 0.03)) == 0
    np.testing.assert_array_equal(gradient, 0)


@double_precision()
def test_batches_of_fields_and_matrices_broadcast():
    B = jnp.linspace(0.01, 0.1, 5)[:, None]
    entries = jnp.array([0.02, 0.03]), jnp.array([0.0, 0.01]), jnp.array([0.05, 0.05])
    batched = hikami_trace(B, *entries)
    single = jax.vmap(lambda x: hikami_trace(x, 0.03, 0.01, 0.05))(B[:, 0])
    assert batched.shape == (5, 2)
    np.testing.assert_allclose(batched[:, 1], single, rtol=1e-14)


def test_the_nodes_are_those_of_gauss_and_legendre():
    nodes, weights = np.polynomial.legendre.leggauss(4)
    np.testing.assert_allclose(module._NODES, (1 + nodes) / 2, rtol=1e-14)
    np.testing.assert_allclose(module._WEIGHTS, weights / 2, rtol=1e-14)
