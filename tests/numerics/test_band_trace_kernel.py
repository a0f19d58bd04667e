"""The trace over mixed Landau levels in JAX: against big matrices, closed forms and symmetries."""

import importlib.util
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import digamma

from cooperon import magnetoconductivity, model
from numerics.codegen import write_module
from numerics.kernels import band_trace as band_trace_module
from numerics.kernels.band_trace import (
    band_trace,
    band_trace_check,
    band_trace_error,
)
from numerics.precision import double_precision

S_X = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / np.sqrt(2)
S_Y = np.array([[0, -1j, 0], [1j, 0, -1j], [0, 1j, 0]]) / np.sqrt(2)
UNIT = np.eye(3)
LEVELS = 128


def spin_orbit(B_phi, H_a, H_b, H_3=0.0):
    """C_x, C_y, G of D(Q_x + q_a S_y + q_b S_x)^2 + D(Q_y - q_a S_x - q_b S_y)^2 + ..."""
    q_a, q_b = np.sqrt(H_a), np.sqrt(H_b)
    C_x, C_y = q_a * S_Y + q_b * S_X, -q_a * S_X - q_b * S_Y
    return C_x, C_y, C_x @ C_x + C_y @ C_y + H_3 * (S_X @ S_X + S_Y @ S_Y) + B_phi * UNIT


def random_model(seed, size=3):
    """A model whose S_0 has positive definite Hermitian part: G = C_x^2 + C_y^2 + positive."""
    rng = np.random.default_rng(seed)

    def hermitian():
        root = rng.standard_normal((size, size)) + 1j * rng.standard_normal((size, size))
        return (root + root.conj().T) / 2

    C_x, C_y, w, root = 0.6 * hermitian(), 0.6 * hermitian(), hermitian(), hermitian()
    return C_x, C_y, C_x @ C_x + C_y @ C_y + root @ root / 4 + 0.5 * np.eye(size), w


def entries(C_x, C_y, G, G_0=None, w=None):
    matrices = C_x, C_y, G, G if G_0 is None else G_0, np.eye(len(G)) if w is None else w
    return np.concatenate([np.ravel(matrix) for matrix in matrices])


@cache
def jitted(levels):
    return jax.jit(lambda B, e: band_trace_module._band_evaluate(B, levels, tuple(e)))


def evaluate(B, *matrices, levels=LEVELS):
    """Value and error, padded to eight fields so that the tests share their compilations."""
    B = np.asarray(B, float)
    padded = np.resize(B.ravel(), 8)
    value, error, _ = jitted(levels)(padded, entries(*matrices))
    return (np.asarray(r)[: B.size].reshape(B.shape) for r in (value, error))


def trace(B, *matrices, levels=LEVELS):
    return next(evaluate(B, *matrices, levels=levels)).real


def psi(x):
    return digamma(0.5 + x) - np.log(x)


def matrix_sums(b, s, C_x, C_y, G, w, count, margin=40):
    """b sum_{n<N} tr[w (S^-1)_nn] for N = 1..count, from one dense inverse."""
    levels, size = count + margin, len(G)
    n = np.arange(levels)
    a = np.diag(np.sqrt(n[1:]), 1)
    S = np.kron(np.diag(b * (n + 0.5)), np.eye(size)) + np.kron(np.eye(levels), G)
    S = S + np.sqrt(b) * (np.kron(a + a.T, C_x) + 1j * s * np.kron(a.T - a, C_y))
    inverse = np.linalg.inv(S).reshape(levels, size, levels, size)
    return b * np.cumsum(np.einsum("nanb,ba->n", inverse, w))[:count]


def plane_integral(U, C_x, C_y, G, w, angles=128, nodes=200):
    """int_0^U du <tr[w S_0^-1]>, Gauss-Legendre in sqrt(u) and equal angles."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    rho, weight = np.sqrt(U) * (x + 1) / 2, np.sqrt(U) * weight / 2
    theta = 2 * np.pi * np.arange(angles) / angles
    C = np.cos(theta)[:, None, None] * C_x + np.sin(theta)[:, None, None] * C_y
    S = 2 * rho[:, None, None, None] * C + G + rho[:, None, None, None] ** 2 * np.eye(len(G))
    averages = np.einsum("utab,ba->ut", np.linalg.inv(S), w).mean(1)
    return np.sum(2 * rho * weight * averages)


def brute_force(B, C_x, C_y, G, w, largest=400):
    """Matrix minus plane for N levels, a series that starts with N^-2, extrapolated."""
    b, counts = abs(B), np.linspace(largest // 4, largest, 9).astype(int)
    sums = matrix_sums(b, np.sign(B), C_x, C_y, G, w, largest)[counts - 1]
    values = sums - [plane_integral(b * N, C_x, C_y, G, w) for N in counts]
    powers = (counts[:, None] / largest) ** -np.array([0.0, 2, 3, 4, 5, 6])
    return np.linalg.lstsq(powers, values, rcond=None)[0][0].real


@double_precision()
def test_without_coupling_it_is_the_digamma_kernel_of_all_fields():
    B = np.array([-2.0, 1e-3, 0.03, 0.1, 0.2, 1.0, 30.0, 1e3])
    expected = np.where(np.abs(B) < 0.02, -(B**2) / 24 + 7 * B**4 / 960, -psi(1 / np.abs(B)))
    zero = np.zeros((1, 1))
    np.testing.assert_allclose(trace(B, zero, zero, np.eye(1)), expected, atol=1e-11)


@double_precision()
@pytest.mark.slow
@pytest.mark.parametrize(("seed", "size", "B"), [(1, 2, 2.0), (2, 3, -2.5), (3, 3, 4.0)])
def test_random_models_agree_with_big_matrices(seed, size, B):
    C_x, C_y, G, w = random_model(seed, size)
    expected = brute_force(B, C_x, C_y, G, w)
    value = trace(B, C_x, C_y, G, None, w)
    assert value == pytest.approx(expected, abs=1e-9)


@double_precision()
def test_spin_helix_of_equal_splittings_is_weak_localization_of_three_triplets():
    B = np.array([0.3, 1.0, 5.0, 300.0])
    value = trace(B, *spin_orbit(1.0, 2.5, 2.5), levels=512)
    np.testing.assert_allclose(value, -3 * psi(1 / B), atol=1e-9)


# Entries of the reference values for both splittings: B, B_phi, H_a, H_b, H_3 in mT.
SPLITTINGS = {
    (1.0, 0.1, 2.0, 1.5, 0.0): 0.565013912265,
    (5.0, 0.1, 2.0, 1.0, 0.5): -0.34379799049,
    (10.0, 0.2, 1.0, 4.0, 1.0): -0.478758560197,
    (20.0, 1.0, 5.0, 5.0, 0.0): 1.259773022911817,
}


@double_precision()
@pytest.mark.parametrize("fields", SPLITTINGS)
@pytest.mark.slow
def test_rashba_and_dresselhaus_give_the_reference_magnetoconductivity(fields):
    B, B_phi, *H = fields
    correction = -0.5 * (trace(B, *spin_orbit(B_phi, *H)) + psi(B_phi / B))
    assert correction == pytest.approx(SPLITTINGS[fields], abs=2e-11)


@double_precision()
def test_rashba_alone_is_the_sum_over_levels_of_its_conserved_blocks():
    expression = magnetoconductivity(model("rashba").conductor()).expression
    values = {"B_phi": 0.2, "B_R": 1.0}
    fields = np.array([0.01, 0.5, 2.0, 10.0])
    closed = [
        float(expression.subs({s: (values | {"B": B})[s.name] for s in expression.free_symbols}))
        for B in fields
    ]
    correction = -0.5 * (trace(fields, *spin_orbit(0.2, 1.0, 0.0)) + psi(0.2 / fields))
    np.testing.assert_allclose(correction, closed, rtol=1e-9, atol=1e-11)


@double_precision()
def test_exchange_of_the_two_splittings_changes_nothing():
    B = np.array([0.02, 0.4, 3.0])
    one, other = spin_orbit(0.3, 1.0, 0.4, 0.2), spin_orbit(0.3, 0.4, 1.0, 0.2)
    np.testing.assert_allclose(trace(B, *one), trace(B, *other), rtol=1e-9, atol=1e-13)


@double_precision()
def test_rotations_of_the_internal_basis_and_of_the_plane_change_nothing():
    C_x, C_y, G, w = random_model(5)
    B = np.array([-0.7, 0.01, 2.0])
    expected = trace(B, C_x, C_y, G, None, w)
    turned = np.cos(0.4) * C_x + np.sin(0.4) * C_y, np.cos(0.4) * C_y - np.sin(0.4) * C_x
    np.testing.assert_allclose(trace(B, *turned, G, None, w), expected, rtol=1e-9, atol=1e-12)
    U = np.linalg.qr(w + 1j * G)[0]
    rotated = [U @ m @ U.conj().T for m in (C_x, C_y, G, G, w)]
    np.testing.assert_allclose(trace(B, *rotated), expected, rtol=1e-9, atol=1e-12)


@double_precision()
def test_opposite_field_is_the_mirrored_coupling():
    C_x, C_y, G, w = random_model(6)
    B = np.array([0.01, 0.5, 3.0])
    mirrored = trace(B, C_x, -C_y, G, None, w)
    np.testing.assert_allclose(trace(-B, C_x, C_y, G, None, w), mirrored, rtol=1e-10)


@double_precision()
def test_it_is_smooth_through_zero_field_and_vanishes_there():
    C_x, C_y, G, w = random_model(7)
    h = 1e-3
    zero, near, far, *mirrored = trace([0, h, 2 * h, -h, -2 * h], C_x, C_y, G, None, w)
    assert zero == 0
    assert far - mirrored[1] == pytest.approx(2 * (near - mirrored[0]), rel=1e-4)
    assert far + mirrored[1] == pytest.approx(4 * (near + mirrored[0]), rel=1e-4)


@double_precision()
def test_reference_matrix_other_than_G_leaves_its_logarithm_at_zero_field():
    zero, gap, reference = np.zeros((1, 1)), 2 * np.eye(1), 3 * np.eye(1)
    assert trace(0.0, zero, zero, gap, reference) == pytest.approx(np.log(3 / 2), abs=1e-13)


def of_parameters(x):
    """The trace at fields 0, x_0 and -50 x_0, with splittings in x."""
    q_a, q_b = jnp.sqrt(x[2]), jnp.sqrt(x[3])
    C_x, C_y = q_a * S_Y + q_b * S_X, -q_a * S_X - q_b * S_Y
    G = C_x @ C_x + C_y @ C_y + x[4] * (S_X @ S_X + S_Y @ S_Y) + x[1] * UNIT
    e = jnp.concatenate([jnp.ravel(m) for m in (C_x, C_y, G, G, UNIT)])
    return band_trace(x[0] * jnp.array([0.0, 1.0, -50.0]), 512, *e)


PARAMETERS = np.array([0.02, 0.3, 1.0, 0.4, 0.2])


@cache
def forward_derivatives():
    return jax.jit(jax.jacfwd(of_parameters))(PARAMETERS)


@double_precision()
@pytest.mark.slow
def test_forward_derivatives_are_those_of_finite_differences():
    gradient = forward_derivatives()
    f = jax.jit(of_parameters)
    h = 1e-3 * np.diag(PARAMETERS)
    for k in range(5):
        first, second = (
            (f(PARAMETERS + m * h[k]) - f(PARAMETERS - m * h[k])) / (2 * m * h[k, k])
            for m in (1, 2)
        )
        np.testing.assert_allclose(gradient[:, k], (4 * first - second) / 3, rtol=1e-6, atol=1e-9)
    assert np.all(gradient[0] == 0)


@double_precision()
@pytest.mark.slow
def test_reverse_derivatives_are_the_forward_ones():
    reverse = jax.jit(jax.grad(lambda x: jnp.sum(of_parameters(x))))(PARAMETERS)
    np.testing.assert_allclose(reverse, forward_derivatives().sum(0), rtol=1e-9)


@double_precision()
def test_error_estimate_never_understates_by_more_than_three():
    rng = np.random.default_rng(4)
    for _ in range(12):
        model = spin_orbit(1.0, *10 ** rng.uniform(-1, 1.3, 2), 10 ** rng.uniform(-2, 1))
        B = 10 ** rng.uniform(-2.5, 2, 8)
        accurate, fine = evaluate(B, *model, levels=1024)
        value, coarse = evaluate(B, *model)
        assert np.all(np.abs(value - accurate) <= 3 * (coarse + fine))


@double_precision()
def test_too_few_levels_are_refused_with_the_number_to_ask_for():
    B, e = np.resize([0.5, 40.0], 8), entries(*spin_orbit(1.0, 30.0, 30.0))
    with pytest.raises(ValueError, match=r"B = 0.5 with levels=128 .* ask for levels="):
        band_trace(B, LEVELS, *e)
    with pytest.raises(ValueError, match="ask for levels="):
        band_trace_check(B, LEVELS, *e)
    assert np.max(band_trace_error(B, LEVELS, *e)) > 1e-6


def test_entries_that_make_no_five_squares_are_refused():
    with pytest.raises(ValueError, match="7 entries are not five square matrices"):
        band_trace(1.0, 64, *range(7))


@double_precision()
@pytest.mark.slow
def test_fields_and_matrices_broadcast():
    models = [spin_orbit(1.0, 1.0, H) for H in (0.5, 2.0)]
    B = np.array([[0.5], [3.0], [20.0]])
    e = np.stack([entries(*m) for m in models], -1)
    together = band_trace(B, LEVELS, *e)
    assert together.shape == (3, 2)
    one_by_one = np.stack([trace(B[:, 0], *m) for m in models], -1)
    np.testing.assert_allclose(together, one_by_one, rtol=1e-11)


@double_precision()
def test_gap_with_an_imaginary_part_makes_the_trace_complex_and_analytic_in_it():
    zero = np.zeros((1, 1))
    value, _ = evaluate(1.0, zero, zero, (1 + 0.5j) * np.eye(1))
    assert complex(value) == pytest.approx(-complex(psi(1 + 0.5j)), abs=1e-12)


@double_precision()
@pytest.mark.slow
def test_generated_module_has_the_reference_values_and_asks_for_levels(tmp_path):
    derived = magnetoconductivity(model("rashba-dresselhaus").conductor())
    path = write_module(derived, tmp_path / "mixed.py", name="mixed")
    spec = importlib.util.spec_from_file_location("mixed", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    fields = np.linspace(0.5, 20, 200)
    fields[[3, 7]] = 5.0, -5.0
    values = {"B_phi": 0.1, "B_R": 2.0, "B_D": 1.0, "B_3": 0.5}
    result = module.mixed(fields, **values)
    reference = SPLITTINGS[5.0, 0.1, 2.0, 1.0, 0.5]
    np.testing.assert_allclose(result[np.array([3, 7])], reference, atol=2e-11)
    with pytest.raises(ValueError, match="ask for levels="):
        module.mixed(fields / 10, B_phi=0.1, B_R=40.0, B_D=30.0, B_3=0.5)
