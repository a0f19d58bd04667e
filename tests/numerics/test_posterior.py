"""Posteriors: exact ones of linear models, priors, noise of all kinds, and honest sentences."""

import importlib.util
from dataclasses import replace

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from numerics.curve import Curve
from numerics.fit import fit
from numerics.noise_model import GivenNoise
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.prior import half_normal, log_normal, log_uniform, normal, uniform
from numerics.priors import assign_priors, cumulatives, log_prior, prior_table, quantiles

# what all of them look at takes several seconds to make
pytestmark = pytest.mark.slow

HAVE = all(importlib.util.find_spec(name) for name in ("numpyro", "arviz"))
needs_packages = pytest.mark.skipif(not HAVE, reason="numpyro or arviz is not installed")

B = np.linspace(0.0, 1.0, 24)
A = Parameter("a", -50.0, 50.0)
SLOPE = Parameter("b", -50.0, 50.0)
SIGMA = 0.3


def line(B, a, b):
    return a + b * B


def _curve(covariance, seed=1):
    noise = np.linalg.cholesky(covariance) @ np.random.default_rng(seed).standard_normal(len(B))
    return Curve(B, 1.0 + 2.0 * B + noise, standard_error=np.full(len(B), SIGMA))


def _exact(curve, covariance, prior_precision):
    """Return mean and covariance of the posterior of (a, b) with normal priors around 0."""
    X = np.column_stack([np.ones_like(B), B])
    W = np.linalg.inv(covariance)
    spread = np.linalg.inv(X.T @ W @ X + prior_precision)
    return spread @ X.T @ W @ curve.delta_sigma, spread


def _sampled(posterior):
    draws = np.stack([posterior.draws(name).ravel() for name in ("a", "b")])
    return draws.mean(axis=1), np.cov(draws)


def _agree(posterior, mean, spread):
    found, covariance = _sampled(posterior)
    size = np.sqrt(np.diag(spread))
    # About 800 effective draws: 4 % of a deviation for the mean, 3 % for the deviation.
    np.testing.assert_allclose((found - mean) / size, 0.0, atol=0.16)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)) / size, 1.0, rtol=0.12)
    assert covariance[0, 1] / np.prod(np.sqrt(np.diag(covariance))) == pytest.approx(
        spread[0, 1] / np.prod(size), abs=0.06
    )


@pytest.fixture(scope="module")
def unknown_noise():
    from numerics.posterior import sample

    curve = _curve(SIGMA**2 * np.eye(len(B)))
    return sample(line, curve, [A, SLOPE], draws=1000, warmup=400, acceptance=0.8)


@needs_packages
def test_with_unknown_noise_the_posterior_is_students(unknown_noise):
    curve = unknown_noise.problem.curves[0]
    X = np.column_stack([np.ones_like(B), B])
    mean, square = np.linalg.lstsq(X, curve.delta_sigma)[:2]
    dof = len(B) - 2
    # Flat priors in (a, b) and ds/s: a t distribution of N - 2 degrees of freedom.
    spread = np.linalg.inv(X.T @ X) * float(square[0]) / dof * dof / (dof - 2)
    _agree(unknown_noise, mean, spread)
    noise = unknown_noise.draws("noise")
    exact = float(square[0]) / (dof - 2)
    assert np.mean(noise**2) == pytest.approx(exact, rel=0.05)


@needs_packages
def test_convergence_is_said_and_holds(unknown_noise):
    assert unknown_noise.status[0].startswith("The chains converged: 4 times 1000 draws")
    assert all(abs(e.r_hat - 1) < 0.01 for e in unknown_noise.summary.values())
    assert "a " in unknown_noise.table()


@needs_packages
def test_the_inference_data_reproduce_draws_and_data_after_a_round_trip(unknown_noise, tmp_path):
    import arviz

    path = tmp_path / "posterior.nc"
    unknown_noise.to_netcdf(path)
    with pytest.raises(FileExistsError):
        unknown_noise.to_netcdf(path)
    read = arviz.from_netcdf(path)
    assert set(read.groups()) == {
        "posterior",
        "sample_stats",
        "log_likelihood",
        "posterior_predictive",
        "observed_data",
        "constant_data",
    }
    np.testing.assert_array_equal(read.posterior["b"], unknown_noise.draws("b"))
    np.testing.assert_array_equal(read.constant_data["B"], B)
    curve = unknown_noise.problem.curves[0]
    np.testing.assert_array_equal(read.observed_data["delta_sigma"], curve.delta_sigma)


@needs_packages
def test_the_log_likelihood_of_points_is_the_normal_density(unknown_noise):
    data = unknown_noise.inference_data
    a, b, s = (float(data.posterior[n][1, 7]) for n in ("a", "b", "noise"))
    z = (unknown_noise.problem.curves[0].delta_sigma - a - b * B) / s
    expected = -(z**2) / 2 - np.log(s * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(data.log_likelihood["delta_sigma"][1, 7], expected, rtol=1e-10)


@needs_packages
@pytest.mark.slow
def test_correlated_noise_and_normal_priors_give_the_exact_posterior():
    from numerics.posterior import sample

    covariance = SIGMA**2 * (0.2 * np.eye(len(B)) + np.exp(-np.abs(B[:, None] - B[None, :]) / 0.15))
    curve = _curve(covariance)
    priors = {"a": normal(0.0, 0.4), "b": normal(0.0, 2.0)}
    posterior = sample(
        line,
        curve,
        [A, SLOPE],
        noise=GivenNoise({"data": covariance}),
        priors=priors,
        draws=500,
        warmup=200,
        acceptance=0.8,
    )
    _agree(posterior, *_exact(curve, covariance, np.diag([0.4**-2, 2.0**-2])))
    # The density of a point given all others, from the inverse of the matrix without it.
    theta = [float(posterior.inference_data.posterior[n][0, 3]) for n in ("a", "b")]
    r = curve.delta_sigma - line(B, *theta)
    others = np.arange(1, len(B))
    weight = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, 0])
    variance = covariance[0, 0] - weight @ covariance[others, 0]
    expected = -((r[0] - weight @ r[1:]) ** 2) / variance / 2 - np.log(2 * np.pi * variance) / 2
    found = float(posterior.inference_data.log_likelihood["delta_sigma"][0, 3, 0])
    assert found == pytest.approx(expected, rel=1e-9)


@needs_packages
@pytest.mark.slow
def test_a_parameter_the_data_do_not_feel_keeps_its_prior_and_it_is_said():
    from numerics.posterior import sample
    from numerics.posterior_figure import plot_corner, plot_predictive

    def idle(B, a, tau):
        return a + 0 * tau * B

    curve = _curve(SIGMA**2 * np.eye(len(B)))
    before = dict(jax.config.values)
    posterior = sample(
        idle,
        curve,
        [A, Parameter("tau", 1e-13, 1e-9, unit="s")],
        weights="standard_error",
        draws=500,
        warmup=200,
        acceptance=0.8,
    )
    assert dict(jax.config.values) == before
    place = np.log10(posterior.draws("tau") / 1e-13) / 4
    assert np.mean(place) == pytest.approx(0.5, abs=0.05)
    assert np.var(place) == pytest.approx(1 / 12, rel=0.15)
    assert any(s.startswith("tau is undetermined") for s in posterior.status)
    assert not any(s.startswith("a is undetermined") for s in posterior.status)
    assert len(plot_corner(posterior).axes) == 4
    assert len(plot_predictive(posterior).axes) == 1
    with pytest.raises(ValueError, match="'c' is not a free value"):
        plot_corner(posterior, ("c",))


POSITIVE = Parameter("p", 1e-3, 10.0)
CASES = [log_uniform(), uniform(), normal(0.5, 2.0), log_normal(0.2, 0.7), half_normal(1.0)]


@pytest.mark.parametrize("prior", CASES, ids=lambda p: p.name)
@double_precision()
def test_priors_are_normalised_in_the_natural_coordinate(prior):
    table = prior_table([prior], [POSITIVE])
    t = np.linspace(np.log(1e-3), np.log(10.0), 4001)
    density = np.exp(np.asarray(jax.vmap(lambda t: log_prior(t[None], table)[0])(jnp.asarray(t))))
    assert np.trapezoid(density, t) == pytest.approx(1.0, rel=1e-5)
    below = np.trapezoid(density[:2001], t[:2001])
    middle = np.exp(t[2000])
    assert cumulatives([prior], [POSITIVE], [middle])[0] == pytest.approx(below, rel=1e-5)


@pytest.mark.parametrize("prior", CASES, ids=lambda p: p.name)
def test_quantiles_undo_cumulatives(prior):
    p = np.geomspace(2e-3, 3.0, 7)[:, None]
    back = quantiles([prior], [POSITIVE], cumulatives([prior], [POSITIVE], p))
    np.testing.assert_allclose(back, p, rtol=1e-8)


@double_precision()
def test_a_normal_prior_far_outside_its_bounds_is_normalised():
    prior = normal(-20.0, 1.0)
    table = prior_table([prior], [POSITIVE])
    with mpmath.workdps(30):
        tails = [mpmath.erfc((s + 20) / mpmath.sqrt(2)) for s in (mpmath.mpf(1e-3), 10)]
        mass = mpmath.sqrt(mpmath.pi / 2) * (tails[0] - tails[1])
    assert float(table.log_mass[0]) == pytest.approx(float(mpmath.log(mass)), rel=1e-10)


def test_priors_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="positive lower bound"):
        assign_priors({"a": log_uniform()}, ["a"], [A])
    with pytest.raises(ValueError, match="half-normal prior"):
        assign_priors({"a": half_normal(1.0)}, ["a"], [A])
    with pytest.raises(ValueError, match="'c', which is not free"):
        assign_priors({"c": uniform()}, ["a"], [A])
    with pytest.raises(ValueError, match="scale positive"):
        normal(0.0, -1.0)


def test_a_prior_of_a_single_curve_wins_over_that_of_its_parameter():
    tau = Parameter("tau", 1e-3, 1.0, shared=False)
    one, all_curves = log_normal(0.1, 0.5), uniform()
    chosen = assign_priors(
        {"tau[1 K]": one, "tau": all_curves}, ["tau[1 K]", "tau[2 K]"], [tau] * 2
    )
    assert chosen == (one, all_curves)


def test_a_prior_is_declared_with_its_parameter_and_can_be_replaced():
    declared = replace(A, prior=normal(2.0, 0.1))
    assert assign_priors(None, ["a"], [declared]) == (normal(2.0, 0.1),)
    assert assign_priors({"a": uniform()}, ["a"], [declared]) == (uniform(),)


def test_a_least_squares_fit_says_that_it_does_not_use_a_prior():
    curve = Curve(B, 1.0 + 2.0 * B + 0.1 * np.random.default_rng(0).standard_normal(len(B)))
    declared = replace(A, prior=normal(2.0, 0.1))
    said = fit(line, curve, [declared, SLOPE], starts=4).status
    assert any(s.startswith("The prior of a is no part of this least-squares fit") for s in said)


@needs_packages
def test_data_without_noise_are_refused_where_the_noise_is_unknown():
    from numerics.posterior import sample

    with pytest.raises(ValueError, match="noise cannot be inferred"):
        sample(line, Curve(B, 1.0 + 2.0 * B), [A, SLOPE])


@needs_packages
def test_a_fit_with_other_noise_is_no_start(unknown_noise):
    from numerics.posterior import sample

    curve = unknown_noise.problem.curves[0]
    with pytest.raises(ValueError, match="fit with the same weights"):
        sample(line, curve, [A, SLOPE], weights="standard_error", start=unknown_noise.fit)
