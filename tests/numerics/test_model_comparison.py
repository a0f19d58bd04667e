"""Criteria and evidences against closed forms of linear models; checks by replicated data."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from numerics.comparison import compare_models
from numerics.curve import Curve
from numerics.fit import fit
from numerics.inference_problem import inference_problem
from numerics.noise_model import GivenNoise
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.prior import normal

# what all of them look at takes several seconds to make
pytestmark = pytest.mark.slow

HAVE = all(importlib.util.find_spec(name) for name in ("numpyro", "arviz", "dynesty"))
needs_packages = pytest.mark.skipif(not HAVE, reason="numpyro, arviz or dynesty is not installed")

B = np.linspace(0.0, 1.0, 30)
A, SLOPE = Parameter("a", -50.0, 50.0), Parameter("b", -50.0, 50.0)
SIGMA = 0.3
PRIORS = {"a": normal(0.0, 1.5), "b": normal(0.0, 1.0)}


def constant(B, a):
    return a + 0 * B


def line(B, a, b):
    return a + b * B


def curve(slope=0.0, seed=0, correlated=False):
    noise = np.random.default_rng(seed).standard_normal(len(B))
    if correlated:
        noise = np.linalg.cholesky(covariance()) @ noise / SIGMA
    sigma = 1.0 + slope * B + SIGMA * noise
    return Curve(B, sigma, standard_error=np.full(len(B), SIGMA))


def covariance():
    return SIGMA**2 * (0.05 * np.eye(len(B)) + np.exp(-np.abs(B[:, None] - B) / 0.2))


@pytest.fixture(scope="module")
def fits():
    data = curve()
    return {"constant": fit(constant, data, [A]), "line": fit(line, data, [A, SLOPE])}


def test_criteria_are_those_of_the_textbook(fits):
    found = compare_models(fits)
    for name, k in (("constant", 2), ("line", 3)):
        square, points = fits[name].best.sum_of_squares, len(B)
        s2 = square / points
        log_likelihood = -points / 2 * np.log(2 * np.pi * s2) - square / (2 * s2)
        score = found.scores[name]
        assert score.count == k
        assert score.aic == pytest.approx(2 * k - 2 * log_likelihood)
        assert score.aicc == pytest.approx(score.aic + 2 * k * (k + 1) / (points - k - 1))
        assert score.bic == pytest.approx(k * np.log(points) - 2 * log_likelihood)
    assert "The data do not need b of 'line'" in found.status[0]
    assert "line" in found.table()


def test_a_slope_that_is_there_is_asked_for():
    data = curve(slope=3.0)
    found = compare_models({"0": fit(constant, data, [A]), "1": fit(line, data, [A, SLOPE])})
    assert found.status[0].startswith("The data ask for b, which '0' lacks")
    assert "very strong" in found.status[0]
    # The constant leaves residuals that repeat each other.
    assert any("neighbouring residuals of '0' are correlated" in s for s in found.status)


def test_models_of_other_data_or_noise_are_refused(fits):
    one = fits["line"]
    best = replace(one.best, residuals={"2 K": one.best.residuals["data"]})
    with pytest.raises(ValueError, match="differ in their curves"):
        compare_models({"line": one, "other": replace(one, minima=(best,))})
    with pytest.raises(ValueError, match="differ in their weights"):
        compare_models({"line": one, "weighted": replace(one, weights="standard_error")})
    noises = [GivenNoise({"data": covariance()}) for _ in range(2)]
    with pytest.raises(ValueError, match="different covariances of the noise"):
        compare_models({str(k): replace(one, noise=noise) for k, noise in enumerate(noises)})
    with pytest.raises(ValueError, match="at least two"):
        compare_models({"line": fits["line"]})


def test_bic_with_correlated_noise_is_said_to_count_all_points():
    data, noise = curve(correlated=True), GivenNoise({"data": covariance()})
    found = compare_models(
        {"0": fit(constant, data, [A], noise=noise), "1": fit(line, data, [A, SLOPE], noise=noise)}
    )
    assert any(s.startswith("BIC counts all 30 points") for s in found.status)


def _exact_log_evidence(data, C, X, deviations):
    """Return ln N(data; 0, C + X S X^T): the evidence of a linear model with normal priors."""
    total = C + (X * np.square(deviations)) @ X.T
    y = data.delta_sigma
    return (
        -(y @ np.linalg.solve(total, y) + np.linalg.slogdet(total)[1] + len(y) * np.log(2 * np.pi))
        / 2
    )


@needs_packages
@pytest.mark.slow
@pytest.mark.parametrize("correlated", [False, True], ids=["independent", "correlated"])
def test_the_evidence_is_that_of_the_linear_model(correlated):
    from numerics.evidence import evidence

    data = curve(correlated=correlated)
    C = covariance() if correlated else SIGMA**2 * np.eye(len(B))
    how = {"noise": GivenNoise({"data": C})} if correlated else {"weights": "standard_error"}
    with double_precision():
        problem = inference_problem(line, data, [A, SLOPE], priors=PRIORS, **how)
    found = evidence(problem, live_points=60)
    X = np.column_stack([np.ones_like(B), B])
    exact = _exact_log_evidence(data, C, X, [1.5, 1.0])
    assert found.log_evidence == pytest.approx(exact, abs=4 * found.standard_error)
    assert found.standard_error < 0.4


def saturating(B, height, rate):
    return height * B / (B + rate)


@needs_packages
@pytest.mark.slow
def test_the_evidence_of_a_curved_valley_is_that_of_a_grid():
    """Few points before the saturation: height and rate are known together only."""
    from numerics.evidence import evidence

    fields = np.linspace(0.05, 0.4, 12)
    noise = 0.05 * np.random.default_rng(3).standard_normal(12)
    data = Curve(fields, saturating(fields, 1.0, 0.5) + noise, standard_error=np.full(12, 0.05))
    free = [Parameter("height", 0.1, 10.0), Parameter("rate", 0.05, 5.0)]
    with double_precision():
        problem = inference_problem(saturating, data, free, weights="standard_error")
    found = evidence(problem, live_points=100)
    h, r = np.exp(np.linspace(np.log(0.1), np.log(10), 801)), np.geomspace(0.05, 5.0, 801)
    model = saturating(fields, h[:, None, None], r[:, None])
    square = np.sum(((data.delta_sigma - model) / 0.05) ** 2, axis=-1)
    likelihood = np.exp(-square / 2) * (2 * np.pi * 0.05**2) ** -6
    inside = np.trapezoid(np.trapezoid(likelihood, dx=1 / 800), dx=1 / 800)
    assert found.log_evidence == pytest.approx(np.log(inside), abs=4 * found.standard_error)
    assert found.standard_error < 0.4


@pytest.fixture(scope="module")
def posterior():
    from numerics.posterior import sample

    data = curve(slope=3.0)
    return sample(
        line,
        data,
        [A, SLOPE],
        weights="standard_error",
        priors=PRIORS,
        draws=400,
        warmup=200,
        acceptance=0.8,
    )


@needs_packages
@pytest.mark.slow
def test_loo_is_the_density_of_points_left_out(posterior):
    found = compare_models({"one": posterior, "same": posterior}).scores["one"]
    X, y = np.column_stack([np.ones_like(B), B]), posterior.problem.curves[0].delta_sigma
    total = SIGMA**2 * np.eye(len(B)) + (X * np.square([1.5, 1.0])) @ X.T
    precision = np.linalg.inv(total)
    variance = 1 / np.diag(precision)
    left = precision @ y * variance  # y_i minus its mean given all others
    exact = np.sum(-(left**2) / variance / 2 - np.log(2 * np.pi * variance) / 2)
    assert found.elpd == pytest.approx(exact, abs=0.1)
    assert found.bad_pareto == 0


@needs_packages
@pytest.mark.slow
def test_replicated_data_look_like_data_that_the_model_made(posterior):
    from numerics.predictive import predictive_check

    found = predictive_check(posterior)
    assert found.status[0].startswith("Replicated data look like the measured ones")
    chi = found.checks["chi-square"]
    # Replicated chi-square is a chi-square variate of N degrees of freedom.
    assert np.mean(chi.replicated) == pytest.approx(len(B), rel=0.03)
    assert np.var(chi.replicated) == pytest.approx(2 * len(B), rel=0.15)


@needs_packages
@pytest.mark.slow
def test_correlated_residuals_and_outliers_fail_the_check():
    from numerics.posterior import sample
    from numerics.predictive import predictive_check

    smooth = curve(slope=3.0).delta_sigma + 2 * np.sin(6 * B)
    smooth[7] += 2.5
    data = Curve(B, smooth, standard_error=np.full(len(B), SIGMA))
    settings = {"weights": "standard_error", "priors": PRIORS, "acceptance": 0.8}
    found = predictive_check(sample(line, data, [A, SLOPE], draws=200, warmup=200, **settings))
    text = " ".join(found.status)
    assert "neighbouring residuals repeat each other" in text
    assert "there are outliers" in text
