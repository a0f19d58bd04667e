"""Correlated noise: its estimate, generalized least squares, and what the status says of it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import least_squares

from numerics.curve import Curve
from numerics.fit import fit
from numerics.intervals import f_test, laplace_interval, quantile
from numerics.noise_estimate import Spread, kernel_matrix, reml
from numerics.noise_freedom import error_freedom
from numerics.noise_model import CorrelatedNoise, GivenNoise, KernelNoise, covariance_of_mean
from numerics.noise_status import effective_points
from numerics.parameters import Parameter
from numerics.residual_correlation import correlation_sentences, lag_one, runs

B = np.linspace(1e-3, 0.06, 60)
STEP = B[1] - B[0]
SPREAD = Spread(independent=0.01, correlated=0.04, length=5 * STEP)
NOISE = KernelNoise("exponential", {"data": SPREAD})
PARAMETERS = [Parameter("a", -9.0, 9.0), Parameter("b", 1e-3, 1.0)]


def bend(B, a, b):
    return a * B**2 / (B**2 + b**2)


def covariance(spread=SPREAD, kernel="exponential", fields=B):
    C = spread.correlated**2 * kernel_matrix(kernel, fields, spread.length)
    return C + spread.independent**2 * np.eye(len(fields))


def simulate(seed=0, C=None, label="data"):
    scatter = np.linalg.cholesky(covariance() if C is None else C)
    scatter = scatter @ np.random.default_rng(seed).standard_normal(len(B))
    return Curve(B, bend(B, 1.0, 0.02) + scatter, standard_error=np.full(60, 0.01), label=label)


def independent_search(curve, C):
    """GLS with SciPy: values and their covariance in (a, ln b)."""
    L = np.linalg.cholesky(C)

    def whitened(p):
        return np.linalg.solve(L, curve.delta_sigma - bend(curve.B, p[0], np.exp(p[1])))

    found = least_squares(whitened, [1.0, np.log(0.02)], xtol=1e-15, ftol=1e-15, gtol=1e-15)
    return found, np.linalg.inv(found.jac.T @ found.jac)


@pytest.fixture(scope="module")
def known():
    return fit(bend, simulate(), PARAMETERS, noise=NOISE, starts=8)


@pytest.fixture(scope="module")
def estimated():
    return fit(bend, simulate(), PARAMETERS, noise=CorrelatedNoise(), starts=8)


@pytest.fixture(scope="module")
def plain():
    return fit(bend, simulate(), PARAMETERS, starts=8)


def test_a_fit_with_known_noise_is_generalized_least_squares(known):
    found, spread = independent_search(simulate(), covariance())
    best = known.best
    assert best.sum_of_squares == pytest.approx(2 * found.cost, rel=1e-10)
    assert best.values["a"] == pytest.approx(found.x[0], rel=1e-6)
    assert best.values["b"] == pytest.approx(np.exp(found.x[1]), rel=1e-6)
    errors = np.sqrt(np.diag(spread)) * [1, best.values["b"]]
    np.testing.assert_allclose(list(best.standard_errors.values()), errors, rtol=1e-5)
    assert known.weights == "noise"


def test_residuals_are_in_the_unit_of_the_curve(known):
    model = bend(B, *known.best.values.values())
    residuals = simulate().delta_sigma - model
    np.testing.assert_allclose(known.best.residuals["data"], residuals, atol=1e-13)


def test_a_given_matrix_is_the_same_as_the_kernel_that_makes_it(known):
    again = fit(bend, simulate(), PARAMETERS, noise=GivenNoise({"data": covariance()}), starts=8)
    assert again.best.values == pytest.approx(known.best.values, rel=1e-10)
    assert "The residuals have the given covariance: 60 points count as" in " ".join(again.status)
    json.loads(again.to_json())


def test_the_covariance_that_a_curve_carries_is_noise_for_its_fit():
    curve = Curve(B, B, covariance=covariance())
    noise = GivenNoise.of([curve])
    np.testing.assert_array_equal(noise.covariance(curve), covariance())
    with pytest.raises(ValueError, match="no covariance with the curve 'data'"):
        GivenNoise.of([simulate()])


def test_a_covariance_that_a_fit_does_not_use_is_mentioned(plain):
    curve = replace(simulate(), standard_error=None, covariance=covariance())
    said = fit(bend, curve, PARAMETERS, starts=8, weights="standard_error").status
    assert any("The covariance that data carries was not used" in s for s in said)
    used = fit(bend, curve, PARAMETERS, starts=8, noise=GivenNoise.of([curve])).status
    assert not any("was not used" in s for s in [*used, *plain.status])


@pytest.mark.slow
def test_curves_of_different_length_are_whitened_each_by_its_own():
    long, short = simulate(1, label="long"), simulate(2, label="short").window(0, 0.03)
    C = {"long": covariance(), "short": covariance(fields=short.B)}
    alone = [independent_search(c, C[c.label])[0] for c in (long, short)]
    parameters = [Parameter(p.name, p.lower, p.upper, shared=False) for p in PARAMETERS]
    best = fit(bend, [long, short], parameters, noise=GivenNoise(C), starts=16).best
    squares = sum(2 * found.cost for found in alone)
    assert best.sum_of_squares == pytest.approx(squares, rel=1e-9)
    assert best.values["a[short]"] == pytest.approx(alone[1].x[0], rel=1e-5)
    model = bend(short.B, best.values["a[short]"], best.values["b[short]"])
    np.testing.assert_allclose(best.residuals["short"], short.delta_sigma - model, atol=1e-12)


def test_estimated_noise_is_reported_and_can_be_given_to_another_fit(estimated):
    spread = estimated.noise.spreads["data"]
    assert 0.02 < spread.correlated < 0.08
    assert 1.5 * STEP < spread.length < 15 * STEP
    # REML makes chi-square its expectation
    assert estimated.best.sum_of_squares == pytest.approx(estimated.best.dof, rel=0.05)
    said = next(s for s in estimated.status if s.startswith("The residuals are correlated over"))
    count = effective_points(estimated.noise.covariance(simulate()))
    assert f"60 points count as {count:.3g}; standard errors are" in said
    again = fit(bend, simulate(), PARAMETERS, noise=estimated.noise, starts=8)
    assert again.best.values == pytest.approx(estimated.best.values, rel=1e-9)
    assert json.loads(estimated.to_json())["noise"]["spreads"]["data"]["length"] == spread.length


def test_the_ratio_of_errors_in_the_status_is_that_to_independent_noise(known):
    C = covariance()
    x = known.best.values
    J = np.stack(
        [B**2 / (B**2 + x["b"] ** 2), -2 * x["a"] * B**2 * x["b"] ** 2 / (B**2 + x["b"] ** 2) ** 2]
    ).T
    whole = np.linalg.inv(J.T @ np.linalg.solve(C, J))
    alone = np.linalg.inv(J.T @ J / C[0, 0])
    ratios = sorted(np.sqrt(np.diag(whole) / np.diag(alone)))
    said = f"standard errors are {ratios[0]:.2g} to {ratios[1]:.2g} times those of independent"
    assert said in " ".join(known.status)


def test_an_unweighted_fit_to_correlated_points_says_so(plain, known):
    said = next(s for s in plain.status if s.startswith("Neighbouring residuals are correlated"))
    assert f"lag-1 autocorrelation {lag_one(plain.best.residuals['data']):.2f}" in said
    assert "noise=CorrelatedNoise()" in said
    assert not any("Neighbouring residuals" in s for s in known.status)


def test_independent_noise_is_left_alone():
    for seed in range(3):
        curve = simulate(seed, 0.02**2 * np.eye(60))
        result = fit(bend, curve, PARAMETERS, starts=8)
        assert not any("Neighbouring" in sentence for sentence in result.status)
    result = fit(bend, curve, PARAMETERS, noise=CorrelatedNoise(), starts=8)
    assert "No correlation of the residuals along the field was found." in result.status


@pytest.mark.parametrize("kernel", ["exponential", "squared_exponential"])
def test_restricted_likelihood_recovers_the_noise_on_average(kernel):
    C = covariance(kernel=kernel)
    L, generator = np.linalg.cholesky(C), np.random.default_rng(1)
    tangent = np.stack([B**2 / (B**2 + 4e-4), B**2 / (B**2 + 4e-4) ** 2, 0 * B]).T
    draws = [L @ generator.standard_normal(60) for _ in range(30)]
    spreads = [reml(kernel, B, r, tangent, None, None) for r in draws]
    variances = [s.independent**2 + s.correlated**2 for s in spreads]
    error = np.std(variances) / np.sqrt(30)
    assert np.mean(variances) == pytest.approx(C[0, 0], abs=3 * error)
    assert 0.6 < np.median([s.length for s in spreads]) / SPREAD.length < 1.6
    known = [reml(kernel, B, r, tangent, np.full(60, 0.01), SPREAD.length) for r in draws]
    sizes = [s.correlated**2 for s in known]
    assert np.mean(sizes) == pytest.approx(1.6e-3, abs=3 * np.std(sizes) / np.sqrt(30))
    assert {s.independent for s in known} == {None}
    assert {s.length for s in known} == {SPREAD.length}


def test_the_restricted_likelihood_does_not_feel_the_parameters():
    r = np.linalg.cholesky(covariance()) @ np.random.default_rng(3).standard_normal(60)
    tangent = np.stack([B, np.sqrt(B)]).T
    first, moved = (reml("exponential", B, y, tangent, None, None) for y in (r, r + 5 * B))
    assert moved.length == pytest.approx(first.length, rel=1e-3)
    assert moved.correlated == pytest.approx(first.correlated, rel=1e-3)


def test_rows_over_the_gate_give_the_covariance_of_their_mean():
    rows = np.random.default_rng(4).multivariate_normal(np.sin(50 * B), covariance(), size=25)
    C = covariance_of_mean(B, rows)
    np.testing.assert_allclose(np.diag(C), covariance()[0, 0] / 25, rtol=0.3)
    assert C[0, 5] / C[0, 0] == pytest.approx(covariance()[0, 5] / covariance()[0, 0], abs=0.15)
    half = covariance_of_mean(B, rows, independent_rows=12.5)
    np.testing.assert_allclose(half, 2 * C)
    with pytest.raises(ValueError, match=r"rows have shape \(1, 60\) for 60 fields"):
        covariance_of_mean(B, rows[:1])


def test_effective_points_count_independent_stretches():
    assert effective_points(np.eye(7)) == pytest.approx(7)
    assert effective_points(np.ones((7, 7))) == pytest.approx(1)
    blocks = np.kron(np.eye(3), np.ones((4, 4)))
    assert effective_points(2.5 * blocks) == pytest.approx(3)


def test_runs_and_lag_one_by_hand():
    r = np.array([1.0, 2.0, -1.0, -1.0, 3.0, -2.0])
    # + + - - + -: four runs; n+ = n- = 3: 1 + 2 3 3/6 expected
    assert runs(r)[:2] == (4, 4.0)
    assert runs(r)[2] == pytest.approx(np.sqrt(18 * 12 / (36 * 5)))
    assert lag_one(r) == pytest.approx((2 - 2 + 1 - 3 - 6) / 20)
    assert lag_one(np.zeros(4)) == 0


def test_independent_residuals_are_rarely_accused():
    generator = np.random.default_rng(5)
    rows = generator.standard_normal((400, 3, 40))
    accused = [bool(correlation_sentences(list(r), list(r), whitened=False)) for r in rows]
    assert sum(accused) <= 3


def without_b(result, excess):
    """The result of a fit with b known, worse by `excess`."""
    best = result.best
    values = {"a": best.values["a"]}
    square = best.sum_of_squares + excess
    minimum = replace(best, values=values, sum_of_squares=square, dof=best.dof + 1)
    return replace(result, minima=(minimum,))


def test_an_f_test_follows_its_distribution(plain):
    from scipy.stats import f

    simple = without_b(plain, 3.5 * plain.best.variance)
    test = f_test(simple, plain)
    assert test.statistic == pytest.approx(3.5)
    assert test.p_value == pytest.approx(f.sf(3.5, 1, 58))
    assert test.sentence == (
        f"F(1, 58) = 3.5, p = {test.p_value:.2g}: the data do not ask for 1 more parameter."
    )
    with pytest.raises(ValueError, match="exchange them"):
        f_test(plain, simple)


def test_a_known_noise_makes_the_test_one_of_chi_square(known):
    from scipy.stats import chi2

    test = f_test(without_b(known, 9.0), known)
    assert test.p_value == pytest.approx(chi2.sf(9.0, 1))
    assert test.sentence == "Chi-square decreases by 9, p = 0.0027: 1 more parameter pays."


def test_fits_with_different_weights_are_not_compared(plain, known, estimated):
    with pytest.raises(ValueError, match="weigh the points differently"):
        f_test(plain, known)
    with pytest.raises(ValueError, match=r"noise=larger\.noise"):
        f_test(known, estimated)


def test_laplace_intervals_are_symmetric_in_natural_coordinates(plain, known):
    best = known.best
    low, high = laplace_interval(known, "b", 0.95)
    assert np.sqrt(low * high) == pytest.approx(best.values["b"])
    reach = 1.959963985 * best.standard_errors["b"] / best.values["b"]
    assert np.log(high / low) == pytest.approx(2 * reach)
    low, high = laplace_interval(plain, "a", 0.95)
    assert (low + high) / 2 == pytest.approx(plain.best.values["a"])
    assert (high - low) / 2 == pytest.approx(quantile(0.95, 58) * plain.best.standard_errors["a"])
    assert quantile(0.95, 58) == pytest.approx(2.0017, abs=1e-4)
    with pytest.raises(ValueError, match="'c' was not fitted"):
        laplace_interval(plain, "c")
    with pytest.raises(ValueError, match=r"level is 95"):
        laplace_interval(plain, "a", 95)


def test_the_interval_of_an_undetermined_parameter_is_its_bounds(plain):
    errors = plain.best.standard_errors | {"b": np.inf}
    lost = replace(plain, minima=(replace(plain.best, standard_errors=errors),))
    assert laplace_interval(lost, "b") == (1e-3, 1.0)


BAD = [
    ({"weights": "standard_error", "noise": NOISE}, "weights and noise are both given"),
    ({"noise": GivenNoise({"other": covariance()})}, "no covariance for the curve 'data'"),
    ({"noise": GivenNoise({"data": np.eye(3)})}, r"shape \(3, 3\) for 60 fields"),
    ({"noise": GivenNoise({"data": -np.eye(60)})}, "not positive definite"),
    ({"noise": KernelNoise("exponential", {})}, "no noise for the curve 'data'"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_noise_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        fit(bend, simulate(), PARAMETERS, **change)


def test_bad_descriptions_of_noise_are_refused():
    with pytest.raises(ValueError, match="The kernel is 'matern'; choose one of exponential"):
        CorrelatedNoise("matern")
    with pytest.raises(ValueError, match="independent is 'none'"):
        CorrelatedNoise(independent="none")
    with pytest.raises(ValueError, match="correlation length is -1"):
        CorrelatedNoise(length=-1.0)
    bare = Curve(B, B)
    with pytest.raises(ValueError, match="no standard errors; use CorrelatedNoise"):
        CorrelatedNoise(independent="standard_error").estimate([bare], [B], [B[:, None]])


def test_independent_noise_of_unknown_size_rests_on_points_minus_parameters():
    alone = KernelNoise("exponential", {"data": Spread(0.02, 0.0, STEP)})
    tangent = np.stack([B, B**2, np.ones(60)]).T
    found = error_freedom(CorrelatedNoise(), alone, [simulate()], [tangent])
    np.testing.assert_allclose(found, 57, rtol=1e-10)


def test_fewer_stretches_leave_fewer_degrees_of_freedom():
    tangent = np.stack([B, np.ones(60)]).T
    counts = []
    for length in (1, 3, 10):
        noise = KernelNoise("exponential", {"data": replace(SPREAD, length=length * STEP)})
        counts.append(error_freedom(CorrelatedNoise(), noise, [simulate()], [tangent])[0])
    assert 57 > counts[0] > counts[1] > counts[2] > 0.5
    known = CorrelatedNoise(length=10 * STEP)
    assert error_freedom(known, noise, [simulate()], [tangent])[0] > 1.2 * counts[2]


def test_the_error_of_a_curve_does_not_rest_on_other_curves():
    tangents = [np.stack([B, np.ones(60), 0 * B]).T, np.stack([0 * B, 0 * B, B]).T]
    noise = KernelNoise("exponential", {"data": SPREAD, "other": replace(SPREAD, correlated=0.1)})
    curves = [simulate(), simulate(label="other")]
    together = error_freedom(CorrelatedNoise(), noise, curves, tangents)
    alone = error_freedom(CorrelatedNoise(), noise, curves[:1], [tangents[0][:, :2]])
    np.testing.assert_allclose(together[:2], alone, rtol=1e-9)


def test_intervals_take_the_degrees_of_freedom_of_estimated_noise(estimated, known):
    best = estimated.best
    freedom = best.error_dof["b"]
    assert 1 < freedom < 30
    low, high = laplace_interval(estimated, "b", 0.95)
    reach = stats.t.ppf(0.975, freedom) * best.standard_errors["b"] / best.values["b"]
    expected = np.log(best.values["b"]) + np.array([-reach, reach])
    np.testing.assert_allclose(np.log([low, high]), expected)
    assert f"up to {stats.t.ppf(0.975, min(best.error_dof.values())):.2f} standard errors" in (
        " ".join(estimated.status)
    )
    assert not known.best.error_dof
    assert not any("degrees of freedom, so that" in s for s in known.status)


@pytest.mark.slow
def test_intervals_with_estimated_noise_cover_as_often_as_they_claim():
    """200 sweeps of 12 independent stretches; normal quantiles would cover too rarely."""
    inside, normal = np.zeros((200, 2)), np.zeros((200, 2))
    for seed in range(200):
        result = fit(bend, simulate(seed), PARAMETERS, noise=CorrelatedNoise(), starts=4)
        for k, (name, truth) in enumerate({"a": 1.0, "b": 0.02}.items()):
            low, high = laplace_interval(result, name, 0.95)
            inside[seed, k] = low < truth < high
            certain = replace(result, minima=(replace(result.best, error_dof={}),))
            low, high = laplace_interval(certain, name, 0.95)
            normal[seed, k] = low < truth < high
    binomial = np.sqrt(0.95 * 0.05 / 200)
    assert np.all(np.abs(inside.mean(axis=0) - 0.95) < 3 * binomial)
    assert np.all(normal.mean(axis=0) < 0.95 - 2 * binomial)
