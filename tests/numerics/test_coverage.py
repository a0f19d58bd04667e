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


# True values in tesla, and what is known, for 60 points with 1 % of the largest change as noise.
MODELS = {
    "orthogonal": ({"B_phi": 3e-3}, {}),
    "hln-isotropic": ({"B_phi": 1e-3, "B_so": 8e-3}, {"B_s": 0.0}),
    "hln-uniaxial": (
        {"B_phi": 1e-3, "B_so_x": 3e-3, "B_so_z": 2e-2},
        {"B_s_x": 0.0, "B_s_z": 0.0},
    ),
    "graphene-so": ({"B_phi": 1e-3, "B_asy": 4e-3, "B_sym": 1.5e-2}, {}),
    "graphene": ({"B_phi": 1e-3, "B_i": 5e-3, "B_z": 4e-2}, {"B_w": 0.0}),
    "bilayer": ({"B_phi": 1e-3, "B_i": 5e-3, "B_z": 4e-2}, {"B_w": 0.0}),
    "heavy-holes": ({"B_phi": 1e-3, "B_R": 8e-3}, {}),
    "surface": ({"B_phi": 3e-3}, {}),
    "weyl": ({"B_phi": 3e-3}, {}),
}


def covers(result, sigmas=3.0):
    assert result.failed == 0
    assert np.all(np.abs(result.deviations) < sigmas), result.sentences


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_intervals_of_a_model_cover_in_1000_simulations(name):
    truth, known = MODELS[name]
    function = compile(magnetoconductivity(model(name).conductor()), probe=False)
    B = np.geomspace(1e-4, 0.2, 60)
    size = 0.01 * float(jnp.max(jnp.abs(function(B, **truth, **known))))
    parameters = [Parameter(free, 1e-5, 1.0, unit="T") for free in truth]
    result = coverage(function, truth, PlannedSweep(B, size), parameters, fixed=known)
    assert result.simulations == 1000
    covers(result)


def alpha_psi(B, alpha, B_phi):
    return alpha * (digamma(0.5 + B_phi / B) - jnp.log(B_phi / B)) / jnp.pi


@pytest.mark.slow
def test_intervals_of_curves_with_correlated_noise_cover_in_1000_simulations():
    sweeps = [
        PlannedSweep(np.linspace(1e-3, 0.1, 50), 0.01, label="1 K"),
        PlannedSweep(np.linspace(2e-3, 0.1, 30), fluctuations(np.arange(30.0), 0.01, 4), "4 K"),
    ]
    parameters = [
        Parameter("alpha", 1e-2, 10.0),
        Parameter("B_phi", 1e-5, 1.0, unit="T", shared=False),
    ]
    truth = {"alpha": 1.0, "B_phi": {"1 K": 3e-3, "4 K": 1e-2}}
    result = coverage(alpha_psi, truth, sweeps, parameters)
    assert result.names == ("alpha", "B_phi[1 K]", "B_phi[4 K]")
    covers(result)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["laplace", "profile"])
def test_intervals_with_noise_from_the_residuals_cover_in_1000_simulations(method):
    parameters = [Parameter("alpha", 1e-2, 10.0), Parameter("B_phi", 1e-5, 1.0, unit="T")]
    sweep = PlannedSweep(np.linspace(1e-3, 0.1, 20), 0.01)
    truth = {"alpha": 1.0, "B_phi": 3e-3}
    covers(coverage(alpha_psi, truth, sweep, parameters, noise_known=False, method=method))
