"""What planned sweeps determine, against linear algebra, differences and simulated fits."""

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.scipy.special import digamma
from scipy.optimize import least_squares

from numerics.curve import Curve
from numerics.identifiability import identifiability
from numerics.planned_sweep import PlannedSweep
from numerics.precision import double_precision
from numerics.sensitivity_figure import errors_by_range

B = np.geomspace(1e-3, 1e-1, 25)
UNIAXIAL = {"B_phi": 1e-3, "B_so_x": 5e-3, "B_so_z": 2e-2}
MAGNETIC = {"B_s_x": 1e-4, "B_s_z": 3e-4}


def one_channel(B, alpha, B_phi):
    return alpha * (digamma(0.5 + B_phi / B) - jnp.log(B_phi / B))


def hikami(B, B_phi, B_so_x, B_so_z, B_s_x=0.0, B_s_z=0.0):
    """The uniaxial formula of Hikami, Larkin and Nagaoka, in e^2/(pi h)."""
    one = one_channel(B, 1.0, B_phi + 2 * B_so_x + 2 * B_so_z + 2 * B_s_x)
    zero = one_channel(B, 0.5, B_phi + 4 * B_so_x + 2 * B_s_z)
    return one + zero - one_channel(B, 0.5, B_phi + 4 * B_s_x + 2 * B_s_z)


def hikami_log_jacobian(fields, B_phi, B_so_x, B_so_z):
    """p d sigma / d p at 30 digits, by hand: psi'(1/2 + x) - 1/x is the slope of each channel."""

    def slope(b, field):
        x = mpmath.mpf(b) / mpmath.mpf(field)
        return (mpmath.psi(1, mpmath.mpf(1) / 2 + x) - 1 / x) / mpmath.mpf(field)

    rows = []
    with mpmath.workdps(30):
        for field in fields:
            one = slope(B_phi + 2 * B_so_x + 2 * B_so_z, field)
            zero, singlet = slope(B_phi + 4 * B_so_x, field) / 2, slope(B_phi, field) / 2
            rows.append(
                [B_phi * (one + zero - singlet), B_so_x * (2 * one + 4 * zero), B_so_z * 2 * one]
            )
    return np.array(rows, dtype=float)


def test_errors_and_correlations_are_those_of_the_inverse_information():
    A = hikami_log_jacobian(B, *UNIAXIAL.values()) / 1e-3
    covariance = np.linalg.inv(A.T @ A)
    found = identifiability(hikami, UNIAXIAL, PlannedSweep(B, 1e-3))
    np.testing.assert_allclose(found.information, A.T @ A, rtol=1e-10)
    relative = np.array([found.relative_error(name) for name in UNIAXIAL])
    np.testing.assert_allclose(relative, np.sqrt(np.diag(covariance)), rtol=1e-6)
    r = covariance[1, 2] / np.sqrt(covariance[1, 1] * covariance[2, 2])
    assert found.correlation_of("B_so_x", "B_so_z") == pytest.approx(r, rel=1e-8)
    values = np.array(list(UNIAXIAL.values()))
    np.testing.assert_allclose(found.covariance, covariance * np.outer(values, values), rtol=1e-6)


def test_directions_are_the_eigenvectors_of_the_information():
    found = identifiability(hikami, UNIAXIAL, PlannedSweep(B, 1e-3))
    eigenvalues, vectors = np.linalg.eigh(found.information)
    for direction, value, vector in zip(
        found.directions, eigenvalues[::-1], vectors.T[::-1], strict=True
    ):
        assert direction.relative_error == pytest.approx(value**-0.5, rel=1e-6)
        overlap = np.dot(list(direction.exponents.values()), vector)
        assert abs(overlap) == pytest.approx(1.0, abs=1e-9)


def test_least_squares_reaches_the_bound():
    """A thousand simulated sweeps, fitted by code that shares nothing with the bound."""
    truth, noise, count = {"alpha": -0.5, "B_phi": 4e-3}, 2e-3, 1000
    bound = identifiability(one_channel, truth, PlannedSweep(B, noise)).covariance

    def model(p):
        x = p[1] / B
        return p[0] * (scipy.special.digamma(0.5 + x) - np.log(x))

    def fitted(scatter):
        start = list(truth.values())
        measured = model(start) + noise * scatter
        return least_squares(lambda p: (model(p) - measured) / noise, start, x_scale=[0.1, 1e-3]).x

    scatter = np.random.default_rng(1).standard_normal((count, len(B)))
    found = [fitted(row) for row in scatter]
    # The standard error of a variance from N samples is sqrt(2/N) of it.
    np.testing.assert_allclose(
        np.cov(np.transpose(found)) / bound, 1.0, atol=4 * (2 / count) ** 0.5
    )


def two_temperatures():
    parameters = {"B_phi": {"1 K": 1e-3, "4 K": 4e-3}, "B_so_x": 5e-3, "B_so_z": 2e-2}
    sweeps = [PlannedSweep(B, 1e-3, "1 K"), PlannedSweep(B[::-2], 2e-3, "4 K")]
    cold = hikami_log_jacobian(B, 1e-3, 5e-3, 2e-2)
    warm = hikami_log_jacobian(B[::-2], 4e-3, 5e-3, 2e-2)
    J = np.zeros((len(cold) + len(warm), 4))
    J[: len(cold), [0, 2, 3]], J[len(cold) :, [1, 2, 3]] = cold, warm
    return parameters, sweeps, J


def test_sweeps_share_some_parameters_and_not_others():
    parameters, sweeps, J = two_temperatures()
    noise = np.repeat([1e-3, 2e-3], [len(s.B) for s in sweeps])
    found = identifiability(hikami, parameters, sweeps)
    assert list(found.values) == ["B_phi[1 K]", "B_phi[4 K]", "B_so_x", "B_so_z"]
    expected = (J / noise[:, None]).T @ (J / noise[:, None])
    np.testing.assert_allclose(found.information, expected, rtol=1e-10)


def test_a_reference_curve_shared_by_sweeps_correlates_their_noise():
    parameters, sweeps, J = two_temperatures()
    points = np.concatenate([sweep.B for sweep in sweeps])
    C = 1e-6 * np.eye(len(points)) + 1e-6 * (points[:, None] == points)
    found = identifiability(hikami, parameters, sweeps, covariance=C)
    np.testing.assert_allclose(found.information, J.T @ np.linalg.inv(C) @ J, rtol=1e-8)


def test_a_temperature_can_be_known_for_each_sweep():
    def heated(B, T, a):
        return a * T * B

    sweeps = [PlannedSweep([1.0], 1.0, "cold"), PlannedSweep([1.0], 1.0, "warm")]
    found = identifiability(heated, {"a": 2.0}, sweeps, fixed={"T": {"cold": 1.0, "warm": 3.0}})
    assert found.standard_errors["a"] == pytest.approx((1 + 9) ** -0.5)


def test_five_rates_of_three_channels_leave_two_combinations_open():
    found = identifiability(hikami, UNIAXIAL | MAGNETIC, PlannedSweep(B, 1e-3))
    assert [d.relative_error for d in found.directions[3:]] == [np.inf, np.inf]
    assert all(np.isinf(error) for error in found.standard_errors.values())
    assert sum(sentence.startswith("Undetermined: ") for sentence in found.status) == 2
    assert found.status[0].startswith("This sweep of 25 points determines none of B_phi")


@double_precision()
def test_open_directions_do_not_change_the_function():
    values = UNIAXIAL | MAGNETIC
    found = identifiability(hikami, values, PlannedSweep(B, 1e-3))
    for direction in found.directions[3:]:
        moved = {n: v * (1 + 1e-5 * direction.exponents[n]) for n, v in values.items()}
        np.testing.assert_allclose(hikami(B, **moved), hikami(B, **values), rtol=1e-8, atol=1e-10)


def test_a_sweep_that_is_too_short_says_what_it_cannot_tell_apart():
    short = identifiability(hikami, UNIAXIAL, PlannedSweep(np.linspace(1e-3, 2e-2, 40), 1e-3))
    text = " ".join(short.status)
    assert "cannot tell B_so_x from B_so_z: correlation -0.99" in text
    assert "B_so_z is undetermined" in text
    assert "B_phi to " in short.status[0]


def test_a_parameter_without_effect_is_undetermined_and_spares_the_others():
    found = identifiability(
        lambda B, a, b: a * B + 0 * b, {"a": 2.0, "b": 1.0}, PlannedSweep([1.0, 2.0], 0.1)
    )
    assert found.standard_errors["b"] == np.inf
    assert found.standard_errors["a"] == pytest.approx(0.1 / 5**0.5)
    assert "Undetermined: b; the function does not depend on it here." in found.status


def test_negative_values_have_relative_errors_of_their_size():
    for alpha in (-0.5, 0.5):
        found = identifiability(one_channel, {"alpha": alpha, "B_phi": 4e-3}, PlannedSweep(B, 1e-3))
        errors = list(found.standard_errors.values())
        if alpha < 0:
            reference = errors
    np.testing.assert_allclose(errors, reference, rtol=1e-12)


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.booleans())
@pytest.mark.slow
def test_errors_of_cut_sweeps_are_those_of_shorter_sweeps(seed, correlated):
    random = np.random.default_rng(seed)
    fields = random.permutation(np.concatenate([random.uniform(-1, 1, 9), [0.0, 0.5, 0.5]]))
    root = random.standard_normal((12, 12)) + 4 * np.eye(12)
    noise = root @ root.T if correlated else random.uniform(0.5, 2, 12)

    def parabola(B, a, b):
        return a * B + b * B**2

    whole = identifiability(parabola, {"a": 1.0, "b": -2.0}, PlannedSweep(fields, noise))
    largest, errors = errors_by_range(whole)
    cut = int(random.integers(2, len(largest)))
    kept = np.abs(fields) <= largest[cut]
    part = noise[np.ix_(kept, kept)] if correlated else noise[kept]
    short = identifiability(parabola, {"a": 1.0, "b": -2.0}, PlannedSweep(fields[kept], part))
    expected = [short.relative_error("a"), short.relative_error("b")]
    np.testing.assert_allclose(errors[cut], expected, rtol=1e-6)
    assert np.all(np.diff(errors[1:], axis=0) <= 1e-9 * errors[1:-1])


def test_a_measured_curve_is_planned_again_with_its_errors():
    curve = Curve([0.0, 1e-3], [0.0, 0.1], standard_error=[0.1, 0.2], label="1 K")
    sweep = PlannedSweep.like(curve)
    assert (sweep.label, sweep.noise.tolist()) == ("1 K", [0.1, 0.2])
    with pytest.raises(ValueError, match="'data' has no standard errors"):
        PlannedSweep.like(Curve([0.0, 1e-3], [0.0, 0.1]))


SWEEP = PlannedSweep(B, 1e-3)


@pytest.mark.parametrize(
    ("parameters", "sweeps", "message"),
    [
        ({"alpha": 1.0, "B_phi": 0.0}, SWEEP, "B_phi is 0, so a relative change"),
        ({"alpha": 1.0, "B_phi": {"1 K": 1e-3}}, SWEEP, "values for 1 K, but the sweeps are sweep"),
        ({"alpha": 1.0, "B_phi": 1e-3}, [SWEEP, SWEEP], "Two sweeps have the label 'sweep'"),
        ({"alpha": 1.0, "B_phi": 1e-3}, [], "no sweep"),
        ({}, SWEEP, "no parameter"),
        ({"alpha": 1.0, "B_phi": 1e-3}, PlannedSweep(B, np.nan), "standard error is nan"),
        ({"alpha": 1.0, "B_phi": 1e-3}, PlannedSweep(B, -np.eye(25)), "not positive definite"),
        ({"alpha": 1.0, "B_phi": 1e-3}, PlannedSweep([0.0], 1.0), "not finite at B = 0 T"),
    ],
)
def test_what_cannot_be_planned_is_refused(parameters, sweeps, message):
    with pytest.raises(ValueError, match=message):
        identifiability(one_channel, parameters, sweeps)


def test_fields_that_are_none_are_refused():
    with pytest.raises(ValueError, match="at least one field"):
        PlannedSweep([], 1.0)
    with pytest.raises(ValueError, match="a field of nan T"):
        PlannedSweep([1.0, np.nan], 1.0)


def test_a_covariance_that_is_not_symmetric_is_refused():
    C = np.eye(25)
    C[0, 1] = 0.5
    with pytest.raises(ValueError, match="not symmetric"):
        identifiability(one_channel, {"alpha": 1.0, "B_phi": 1e-3}, PlannedSweep(B, C))
