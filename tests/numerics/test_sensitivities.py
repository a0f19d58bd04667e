"""Sensitivities and Fisher information against exact derivatives."""

import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax.scipy.special import digamma

from numerics.sensitivities import fisher_information, hessian, sensitivities

B = np.geomspace(1e-4, 1e-1, 9)
VALUES = {"alpha": -0.5, "B_phi": 2e-3}


def one_channel(B, alpha, B_phi):
    return alpha * (digamma(0.5 + B_phi / B) - jnp.log(B_phi / B))


def exact(field, alpha, B_phi):
    x = mpmath.mpf(B_phi) / mpmath.mpf(field)
    return mpmath.mpf(alpha) * (mpmath.digamma(mpmath.mpf(1) / 2 + x) - mpmath.log(x))


def exact_jacobian():
    with mpmath.workdps(40):
        rows = [
            [mpmath.diff(lambda a, b, f=f: exact(f, a, b), tuple(VALUES.values()), order)
             for order in ((1, 0), (0, 1))]
            for f in B
        ]  # fmt: skip
    return np.array(rows, dtype=float)


def test_jacobian_agrees_with_high_precision_differences():
    s = sensitivities(one_channel, VALUES, B)
    assert s.names == ("alpha", "B_phi")
    np.testing.assert_allclose(s.jacobian, exact_jacobian(), rtol=1e-11)


def test_the_logarithmic_sensitivity_to_a_prefactor_is_one():
    s = sensitivities(one_channel, VALUES, B)
    np.testing.assert_allclose(s.logarithmic[:, 0], 1.0, rtol=1e-14)
    np.testing.assert_allclose(s.logarithmic[:, 1], VALUES["B_phi"] * s.jacobian[:, 1] / s.value)


def test_the_change_per_relative_change_is_defined_at_zero():
    s = sensitivities(lambda B, a: a**2 * B, {"a": 3.0}, [0.0, 2.0])
    assert s.per_logarithm.tolist() == [[0.0], [36.0]]


def test_the_hessian_agrees_with_high_precision_differences():
    with mpmath.workdps(40):
        at = tuple(VALUES.values())
        expected = [
            [[mpmath.diff(lambda a, b, f=f: exact(f, a, b), at, (2 - i - j, i + j))
              for j in (0, 1)] for i in (0, 1)]
            for f in B
        ]  # fmt: skip
    second = hessian(one_channel, VALUES, B)
    assert second.shape == (9, 2, 2)
    np.testing.assert_allclose(second, np.array(expected, dtype=float), rtol=1e-9, atol=1e-12)


def test_fixed_arguments_are_not_differentiated():
    free = {"B_phi": VALUES["B_phi"]}
    known = {"alpha": VALUES["alpha"]}
    s = sensitivities(one_channel, free, B, fixed=known)
    np.testing.assert_allclose(s.jacobian[:, 0], exact_jacobian()[:, 1], rtol=1e-11)
    assert hessian(one_channel, free, B, fixed=known).shape == (9, 1, 1)
    assert fisher_information(one_channel, free, B, 0.1, fixed=known).shape == (1, 1)
    with pytest.raises(ValueError, match="'alpha' is both a parameter and fixed"):
        sensitivities(one_channel, VALUES, B, fixed=known)


def test_the_logarithmic_sensitivity_is_masked_where_the_function_vanishes():
    s = sensitivities(lambda B, a: a * B**2, {"a": 3.0}, [0.0, 1.0])
    assert s.logarithmic.mask[:, 0].tolist() == [True, False]
    assert np.all(np.isfinite(s.logarithmic.compressed()))


def test_a_function_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="not finite at B = 0 T"):
        sensitivities(one_channel, VALUES, [0.0, 1.0])
    with pytest.raises(ValueError, match="derivative with respect to 'a' is not finite at B = 0 T"):
        sensitivities(lambda B, a: jnp.sqrt(a * B), {"a": 1.0}, [0.0, 1.0])


def test_fisher_information_for_all_forms_of_the_noise():
    expected = exact_jacobian().T @ exact_jacobian() / 0.1**2
    for noise in (0.1, np.full(len(B), 0.1), 0.01 * np.eye(len(B))):
        np.testing.assert_allclose(fisher_information(one_channel, VALUES, B, noise), expected)


def test_correlated_noise_changes_the_information():
    distance = np.abs(np.subtract.outer(np.arange(len(B)), np.arange(len(B))))
    C = 0.01 * np.exp(-distance / 3)
    J = exact_jacobian()
    information = fisher_information(one_channel, VALUES, B, C)
    np.testing.assert_allclose(information, J.T @ np.linalg.inv(C) @ J, rtol=1e-9)


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        (0.0, "must be positive"),
        (np.nan, "must be positive"),
        (np.inf, "must be positive"),
        (np.ones(3), r"shape \(3,\) for 9 fields"),
        (np.ones((9, 9)) - 2 * np.eye(9), "not positive definite"),
    ],
)
def test_noise_that_is_none_is_refused(noise, message):
    with pytest.raises(ValueError, match=message):
        fisher_information(one_channel, VALUES, B, noise)
