"""The trace over mixed Landau levels in JAX: against big matrices, closed forms and symmetries."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
from scipy.special import digamma

from numerics.kernels.band_trace import (
    band_trace,
    band_trace_check,
    band_trace_complex,
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
def jitted(levels, function=band_trace):
    return jax.jit(lambda B, e: function(B, levels, *e))


def trace(B, *matrices, levels=LEVELS):
    return np.asarray(jitted(levels)(jnp.asarray(B, float), entries(*matrices)))


def psi(x):
    return digamma(0.5 + x) - np.log(x)


def matrix_sum(b, s, C_x, C_y, G, w, count, margin=60):
    """b sum_{n<count} tr[w (S^-1)_nn] by a sparse LU of count + margin levels."""
    levels, size = count + margin, len(G)
    n = np.arange(levels)
    a = scipy.sparse.diags(np.sqrt(n[1:]), 1)
    S = scipy.sparse.kron(scipy.sparse.diags(b * (n + 0.5)), np.eye(size))
    S = S + scipy.sparse.kron(scipy.sparse.eye(levels), G)
    S = S + np.sqrt(b) * scipy.sparse.kron(a + a.T, C_x)
    S = S + np.sqrt(b) * 1j * s * scipy.sparse.kron(a.T - a, C_y)
    lu = scipy.sparse.linalg.splu(scipy.sparse.csc_matrix(S), permc_spec="NATURAL")
    total = 0
    for block in np.array_split(np.arange(count), max(1, count // 100)):
        columns = np.arange(block[0] * size, (block[-1] + 1) * size)
        right = np.zeros((levels * size, len(columns)), complex)
        right[columns, np.arange(len(columns))] = 1
        inverse = lu.solve(right)[columns].reshape(len(block), size, len(block), size)
        total += np.einsum("nanb,ba->", inverse, w)
    return b * total


def plane_integral(U, C_x, C_y, G, w, angles=128, nodes=200):
    """int_0^U du <tr[w S_0^-1]>, Gauss-Legendre in sqrt(u) and equal angles."""
    x, weight = np.polynomial.legendre.leggauss(nodes)
    rho, weight = np.sqrt(U) * (x + 1) / 2, np.sqrt(U) * weight / 2
    theta = 2 * np.pi * np.arange(angles) / angles
    C = np.cos(theta)[:, None, None] * C_x + np.sin(theta)[:, None, None] * C_y
    S = 2 * rho[:, None, None, None] * C + G + rho[:, None, None, None] ** 2 * np.eye(len(G))
    averages = np.einsum("utab,ba->ut", np.linalg.inv(S), w).mean(1)
    return np.sum(2 * rho * weight * averages)


def brute_force(B, C_x, C_y, G, w, largest=800):
    """Matrix minus plane at N = largest/4, /2 and largest levels, whose error is a/N^2 + c/N^3."""
    counts = np.array([largest // 4, largest // 2, largest])
    b = abs(B)
    values = [
        matrix_sum(b, np.sign(B), C_x, C_y, G, w, N) - plane_integral(b * N, C_x, C_y, G, w)
        for N in counts
    ]
    powers = np.stack([np.ones(3), (counts / largest) ** -2.0, (counts / largest) ** -3.0], 1)
    return np.linalg.solve(powers, values)[0].real


@double_precision()
def test_without_coupling_it_is_the_digamma_kernel_of_all_fields():
    B = np.array([-2.0, 1e-3, 0.03, 0.1, 0.2, 1.0, 30.0, 1e3])
    expected = np.where(np.abs(B) < 0.02, -(B**2) / 24 + 7 * B**4 / 960, -psi(1 / np.abs(B)))
    zero = np.zeros((1, 1))
    np.testing.assert_allclose(trace(B, zero, zero, np.eye(1)), expected, atol=1e-11)


@double_precision()
@pytest.mark.slow
@pytest.mark.parametrize(("seed", "size", "B"), [(1, 2, 0.6), (2, 3, -1.5), (3, 3, 4.0)])
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
def test_rashba_and_dresselhaus_give_the_reference_magnetoconductivity(fields):
    B, B_phi, *H = fields
    correction = -0.5 * (trace(B, *spin_orbit(B_phi, *H)) + psi(B_phi / B))
    assert correction == pytest.approx(SPLITTINGS[fields], abs=2e-11)


def rashba_sum(B, B_phi, H, count=200_000):
    """The J-conserving trace of 3 x 3 blocks (Knap et al., Eq. 37), minus logarithms, by sum."""
    n = np.arange(1, count)
    h, base = H / B, 0.5 + (B_phi + H) / B
    a, below, above = n + base, n - 1 + base, n + 1 + base
    top = 3 * a**2 + 2 * a * h - 1 - 2 * (2 * n + 1) * h
    terms = top / ((a + h) * below * above - 2 * h * ((2 * n + 1) * a - 1))
    first = 1 / base + (2 * base + 1 + h) / ((base + 1) * (base + h) - 2 * h)
    tail = 3 * np.log(B * count)  # the sum over n < count of three modes
    return first + np.sum(terms) - tail


@double_precision()
def test_rashba_alone_is_the_closed_rational_trace():
    B_phi, H = 0.2, 1.0
    fields = np.array([0.5, 2.0, 10.0])
    value = trace(fields, *spin_orbit(B_phi, H, 0.0))
    # the limit of zero field is common to all fields
    closed = np.array([rashba_sum(B, B_phi, H) for B in fields])
    np.testing.assert_allclose(np.diff(value), np.diff(closed), atol=1e-4)


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
    e = entries(C_x, C_y, G, None, w)
    f = jitted(LEVELS)
    assert float(f(0.0, e)) == 0
    slope, curvature = jax.grad(f)(0.0, e), jax.grad(jax.grad(f))(0.0, e)
    h = 1e-3
    assert float(f(h, e)) == pytest.approx(float(slope * h + curvature * h**2 / 2), rel=1e-4)
    assert float(f(-h, e)) == pytest.approx(float(-slope * h + curvature * h**2 / 2), rel=1e-4)


@double_precision()
def test_reference_matrix_other_than_G_leaves_its_logarithm_at_zero_field():
    zero, gap, reference = np.zeros((1, 1)), 2 * np.eye(1), 3 * np.eye(1)
    assert trace(0.0, zero, zero, gap, reference) == pytest.approx(np.log(3 / 2), abs=1e-13)


@double_precision()
@pytest.mark.parametrize("B", [0.02, 0.9])
def test_gradients_are_those_of_finite_differences(B):
    model = jnp.array([0.3, 1.0, 0.4, 0.2])

    def f(B, x):
        q_a, q_b = jnp.sqrt(x[1]), jnp.sqrt(x[2])
        C_x, C_y = q_a * S_Y + q_b * S_X, -q_a * S_X - q_b * S_Y
        G = C_x @ C_x + C_y @ C_y + x[3] * (S_X @ S_X + S_Y @ S_Y) + x[0] * UNIT
        e = jnp.concatenate([jnp.ravel(m) for m in (C_x, C_y, G, G, UNIT)])
        return jitted(LEVELS)(B, e)

    reverse = jax.grad(f, argnums=(0, 1))(B, model)
    forward = jax.jacfwd(f, argnums=1)(B, model)
    np.testing.assert_allclose(forward, reverse[1], rtol=1e-9, atol=1e-14)
    h = 1e-4
    for k in range(4):
        step = h * jnp.eye(4)[k]
        difference = (f(B, model + step) - f(B, model - step)) / (2 * h)
        assert float(reverse[1][k]) == pytest.approx(float(difference), rel=1e-5, abs=1e-9)
    difference = (f(B + h, model) - f(B - h, model)) / (2 * h)
    assert float(reverse[0]) == pytest.approx(float(difference), rel=1e-4)


@double_precision()
def test_error_estimate_never_understates_by_more_than_three():
    rng = np.random.default_rng(4)
    for _ in range(12):
        model = spin_orbit(1.0, *10 ** rng.uniform(-1, 1.3, 2), 10 ** rng.uniform(-2, 1))
        B = 10 ** rng.uniform(-2.5, 2, 8)
        accurate = trace(B, *model, levels=2048)
        error = np.abs(trace(B, *model, levels=48) - accurate)
        coarse = np.asarray(jitted(48, band_trace_error)(B, entries(*model)))
        fine = np.asarray(jitted(2048, band_trace_error)(B, entries(*model)))
        assert np.all(error <= 3 * (coarse + fine))


@double_precision()
def test_too_few_levels_are_refused_with_the_number_to_ask_for():
    e = entries(*spin_orbit(1.0, 10.0, 10.0))
    with pytest.raises(ValueError, match=r"B = 0.5 with levels=16 .* ask for levels="):
        band_trace(jnp.array([0.5, 40.0]), 16, *e)
    with pytest.raises(ValueError, match="ask for levels="):
        band_trace_check(0.5, 16, *e)


def test_entries_that_make_no_five_squares_are_refused():
    with pytest.raises(ValueError, match="7 entries are not five square matrices"):
        band_trace(1.0, 64, *range(7))


@double_precision()
def test_fields_and_matrices_broadcast_and_map():
    models = np.stack([entries(*spin_orbit(1.0, 1.0, H)) for H in (0.5, 2.0)], -1)
    B = np.array([[0.5], [3.0], [20.0]])
    together = jitted(LEVELS)(B, models)
    mapped = jax.vmap(jitted(LEVELS), (None, 1), 1)(B[:, 0], models)
    assert together.shape == (3, 2)
    np.testing.assert_allclose(mapped, together, rtol=1e-11)


@double_precision()
def test_zeeman_term_makes_the_trace_complex_and_analytic_in_it():
    zero = np.zeros((1, 1))
    value = jitted(64, band_trace_complex)(1.0, entries(zero, zero, (1 + 0.5j) * np.eye(1)))
    assert complex(value) == pytest.approx(-complex(psi(1 + 0.5j)), abs=1e-12)
