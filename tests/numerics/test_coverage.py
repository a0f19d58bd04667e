"""Intervals cover the truth as often as they claim, and the count itself is right."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import digamma

from cooperon import magnetoconductivity, model
from numerics.codegen import compile
from numerics.coverage import Coverage, coverage
from numerics.parameters import Parameter
from numerics.planned_sweep import PlannedSweep

FIELDS = np.linspace(1.0, 4.0, 12)
LINE = [Parameter("a", -50.0, 50.0), Parameter("c", -50.0, 50.0)]
TRUTH = {"a": 2.0, "c": -1.0}


def line(B, a, c):
    return a * B + c


def fluctuations(fields, size, length):
    distance = np.abs(fields[:, None] - fields)
    return size**2 * (0.3 * np.eye(len(fields)) + 0.7 * np.exp(-distance / length))


def generalized_least_squares(C, weights, simulations, seed):
    """Pulls of a and c of a straight line, by linear algebra; weights: the assumed covariance."""
    X = np.stack([FIELDS, np.ones(12)]).T
    noise = np.random.default_rng(seed).standard_normal((simulations, 12)) @ np.linalg.cholesky(C).T
    spread = np.linalg.inv(X.T @ np.linalg.solve(weights, X))
    moved = noise @ np.linalg.solve(weights, X) @ spread
    return np.abs(moved) / np.sqrt(np.diag(spread))


@pytest.mark.parametrize("known", [True, False])
def test_the_count_is_that_of_linear_algebra(known):
    C = fluctuations(FIELDS, 0.3, 3.0)
    assumed = C if known else np.diag(np.diag(C))
    pulls = generalized_least_squares(C, assumed, 240, seed=7)
    result = coverage(
        line, TRUTH, PlannedSweep(FIELDS, C), LINE,
        correlation_known=known, simulations=240, seed=7,
    )  # fmt: skip
    inside = [np.mean(pulls < z, axis=0) for z in (0.9944578832, 1.959963985)]
    np.testing.assert_allclose(result.fractions, np.array(inside).T, atol=1e-12)
    assert result.failed == 0
    if not known:
        assert np.all(result.fractions < np.array(result.levels) - result.errors)


def test_profile_and_laplace_agree_where_the_model_is_linear():
    sweeps = PlannedSweep(FIELDS, 0.3)
    one, other = (
        coverage(line, TRUTH, sweeps, LINE, method=method, simulations=60, noise_known=False)
        for method in ("laplace", "profile")
    )
    np.testing.assert_array_equal(one.fractions, other.fractions)


def test_sentences_say_what_was_claimed_and_found():
    fractions = np.array([[0.67, 0.90]])
    result = Coverage(("a",), (0.68, 0.95), fractions, 1000, 2, {"a": 3}, "laplace")
    assert result.sentences == (
        "The 68 % laplace interval of a covers the truth in 67.0 % of 1000 simulations (binomial "
        "error 1.5 %).",
        "The 95 % laplace interval of a covers the truth in 90.0 % of 1000 simulations (binomial "
        "error 0.7 %): too rarely.",
        "a was undetermined in 3 of them.",
        "2 of 1000 refits reached no minimum.",
    )
    np.testing.assert_allclose(result.errors, [0.01475, 0.00689], rtol=1e-3)


BAD = [
    ({"method": "bootstrap"}, "The method is 'bootstrap'; choose one of laplace, profile"),
    ({"simulations": 0}, "use at least 1"),
    ({"truth": {"a": 2.0}}, "The true value of c is None"),
    ({"truth": TRUTH | {"a": 99.0}}, "The true value of a is 99"),
    ({"sweeps": PlannedSweep(FIELDS[:2], 0.1)}, "too few points for 2 free values"),
    ({"sweeps": PlannedSweep(FIELDS, -1.0)}, "standard errors must be positive"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_simulations_are_refused(change, message):
    arguments = {"truth": TRUTH, "sweeps": PlannedSweep(FIELDS, 0.3)} | change
    with pytest.raises(ValueError, match=message):
        coverage(line, parameters=LINE, **arguments)


def within(result, sigmas=3.5):
    assert result.failed == 0
    assert np.all(np.abs(result.deviations) < sigmas), result.sentences


@pytest.mark.slow
def test_intervals_of_a_scaled_orthogonal_curve_cover():
    def scaled(B, alpha, B_phi):
        return alpha * (digamma(0.5 + B_phi / B) - jnp.log(B_phi / B)) / jnp.pi

    sweeps = [
        PlannedSweep(np.linspace(1e-3, 0.1, 50), 0.01, label="1 K"),
        PlannedSweep(np.linspace(2e-3, 0.1, 30), fluctuations(np.arange(30.0), 0.01, 4), "4 K"),
    ]
    parameters = [
        Parameter("alpha", 1e-2, 10.0),
        Parameter("B_phi", 1e-5, 1.0, unit="T", shared=False),
    ]
    truth = {"alpha": 1.0, "B_phi": {"1 K": 3e-3, "4 K": 1e-2}}
    result = coverage(scaled, truth, sweeps, parameters, simulations=200)
    assert result.names == ("alpha", "B_phi[1 K]", "B_phi[4 K]")
    within(result)


@pytest.mark.slow
def test_intervals_of_a_spin_orbit_curve_cover():
    hikami = compile(
        magnetoconductivity(model("hln-isotropic").conductor()), unit="e^2/h", probe=False
    )
    sweep = PlannedSweep(np.geomspace(1e-4, 0.2, 60), 0.005)
    parameters = [Parameter(name, 1e-5, 1.0, unit="T") for name in ("B_phi", "B_so")]
    truth = {"B_phi": 1e-3, "B_so": 8e-3}
    known = {"fixed": {"B_s": 0.0}, "simulations": 200}
    within(coverage(hikami, truth, sweep, parameters, **known))
    within(coverage(hikami, truth, sweep, parameters, noise_known=False, **known))
