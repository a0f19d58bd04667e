"""Designs of fields against known optima, brute force, linear programming and the theorem."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog

from numerics.certificate import certify
from numerics.design import design_fields
from numerics.design_problem import make_problem
from numerics.precision import double_precision

VALUES = {"alpha": -0.5, "B_phi": 4e-3}
BOUNDS = (1e-4, 1e-1)


def one_channel(B, alpha, B_phi):
    """As weak localization: quadratic at small fields, logarithmic at large ones; cheap."""
    return alpha * jnp.log1p((B / B_phi) ** 2)


def parabola(B, a, b, c):
    return a + b * (B - 1) + c * (B - 1) ** 2


def rows(B):
    """p d sigma / d p of one channel, by hand."""
    y = (np.asarray(B) / VALUES["B_phi"]) ** 2
    return VALUES["alpha"] * np.stack([np.log1p(y), -2 * y / (1 + y)], axis=-1)


def elfving(c, count=4001):
    """The smallest variance c^T M^-1 c of any division, by linear programming on a grid.

    Elfving (1952): sqrt(V) = min sum |u_i| with sum u_i f(B_i) = c.
    """
    f = rows(np.geomspace(*BOUNDS, count)).T
    found = linprog(np.ones(2 * count), A_eq=np.hstack([f, -f]), b_eq=c, bounds=(0, None))
    return found.fun**2


def test_all_coefficients_of_a_parabola_are_determined_from_both_ends_and_the_middle():
    design = design_fields(
        parabola, {"a": 1.0, "b": 1.0, "c": 1.0}, noise=0.1, bounds=(0.0, 2.0), points=9
    )
    np.testing.assert_allclose(design.B, [0, 1, 2], atol=1e-5)
    assert design.readings.tolist() == [3, 3, 3]
    assert design.efficiency == pytest.approx(1.0, abs=1e-8)


def test_the_slope_of_a_parabola_needs_its_ends_only_and_the_rest_is_said_to_be_open():
    values = {"a": 1.0, "b": 1.0, "c": 1.0}
    design = design_fields(
        parabola, values, "b", noise=0.1, bounds=(0.0, 2.0), points=8, weights=True
    )
    np.testing.assert_allclose(design.B, [0, 2], atol=1e-6)
    np.testing.assert_allclose(design.readings, [4, 4], rtol=1e-3)
    assert design.result.standard_errors["b"] == pytest.approx(0.1 / 8**0.5, rel=1e-6)
    assert design.result.standard_errors["a"] == np.inf
    assert any(sentence.startswith("Undetermined: a, c") for sentence in design.status)


def test_the_height_of_a_peak_is_read_at_the_peak_whatever_its_place():
    """There the place has no influence, so one field is optimal and leaves it open."""
    design = design_fields(
        lambda B, a, k: a * jnp.exp(-(jnp.log(k * B / 0.013) ** 2)), {"a": 1.0, "k": 1.0}, "a",
        noise=0.1, bounds=BOUNDS, points=7, starts=0,
    )  # fmt: skip
    np.testing.assert_allclose(design.B, [0.013], rtol=1e-5)
    assert design.result.standard_errors["a"] == pytest.approx(0.1 / 7**0.5, rel=1e-8)
    assert design.result.standard_errors["k"] == np.inf


def test_a_decay_is_determined_at_the_start_and_one_decay_length_later():
    """G. E. P. Box and H. L. Lucas, Biometrika 46, 77 (1959)."""
    design = design_fields(
        lambda B, a, k: a * jnp.exp(-k * B), {"a": 2.0, "k": 4.0},
        noise=0.1, bounds=(0.1, 1.0), points=6,
    )  # fmt: skip
    np.testing.assert_allclose(design.B, [0.1, 0.35], rtol=1e-4)
    assert design.readings.tolist() == [3, 3]


def test_two_readings_are_where_an_exhaustive_search_puts_them():
    grid = np.geomspace(*BOUNDS, 400)
    f = rows(grid)
    determinant = np.outer(f[:, 0], f[:, 1]) - np.outer(f[:, 1], f[:, 0])
    best = np.unravel_index(np.argmax(np.abs(determinant)), determinant.shape)
    design = design_fields(one_channel, VALUES, noise=1e-2, bounds=BOUNDS, points=2, starts=4)
    np.testing.assert_allclose(design.B, np.sort(grid[list(best)]), rtol=0.02)
    found = np.linalg.det(rows(design.B))
    assert found**2 >= np.max(determinant**2) * (1 - 1e-9)


@pytest.mark.slow
def test_three_readings_for_one_parameter_match_an_exhaustive_search():
    grid = np.geomspace(*BOUNDS, 45)

    def variance(B):
        f = rows(np.array(B)) / 1e-2
        return np.linalg.inv(f.T @ f)[1, 1]

    smallest = min(variance(B) for B in itertools.combinations_with_replacement(grid, 3)
                   if B[0] < B[2])  # fmt: skip
    design = design_fields(
        one_channel, VALUES, "B_phi", noise=1e-2, bounds=BOUNDS, points=3, starts=4
    )
    found = design.result.relative_error("B_phi") ** 2
    assert smallest * 0.99 < found <= smallest * (1 + 1e-9)


@pytest.mark.parametrize("target", ["alpha", "B_phi"])
def test_the_best_division_agrees_with_linear_programming(target):
    c = np.array([float(name == target) for name in VALUES])
    design = design_fields(
        one_channel, VALUES, target, noise=1e-2, bounds=BOUNDS, points=10, weights=True
    )
    variance = 10 * design.result.relative_error(target) ** 2 / 1e-2**2
    assert variance == pytest.approx(elfving(c), rel=1e-4)
    assert design.certificate.maximum == pytest.approx(1.0, abs=1e-4)
    assert "It is optimal" in " ".join(design.status)
    assert design.gain > 1
    ratio = design.uniform.relative_error(target) / design.result.relative_error(target)
    assert design.gain == pytest.approx(ratio**2, rel=1e-5)


@double_precision()
def test_the_sensitivity_function_averages_to_one_over_the_design():
    for target in (None, "B_phi"):
        problem = make_problem(one_channel, VALUES, {}, 1e-2, BOUNDS, target)
        s, weights = jnp.array([0.2, 0.6, 0.9]), jnp.array([0.2, 0.5, 0.3])
        phi = problem.sensitivity(s, problem.information(s, weights))
        assert float(weights @ phi) == pytest.approx(1.0, abs=1e-6)


@double_precision()
def test_the_proved_efficiency_is_never_more_than_the_true_one():
    problem = make_problem(one_channel, VALUES, {}, 1.0, BOUNDS, "B_phi")
    best, random = elfving([0.0, 1.0]), np.random.default_rng(2)
    proofs = []
    for _ in range(60):
        s, weights = np.sort(random.uniform(0.05, 1.0, 3)), random.dirichlet([1.0, 1.0, 1.0])
        f = rows(np.asarray(problem.field(jnp.asarray(s))))
        true = best / np.linalg.inv((f.T * weights) @ f)[1, 1]
        proofs.append(certify(problem, s, weights).efficiency / true)
    assert max(proofs) <= 1 + 1e-4
    assert max(proofs) > 0.5


@pytest.fixture(scope="module")
def flat_noise():
    """Four readings for B_phi, with what was reported on the way."""
    calls = []
    arguments = {"noise": 1e-2, "bounds": BOUNDS, "points": 4, "starts": 2}
    report = lambda *call: calls.append(call)  # noqa: E731
    return design_fields(one_channel, VALUES, "B_phi", progress=report, **arguments), calls


def test_noise_that_grows_with_the_field_draws_the_readings_to_small_fields(flat_noise):
    flat, _ = flat_noise
    growing = design_fields(
        one_channel, VALUES, "B_phi", noise=lambda B: 1e-2 * (1 + (B / 1e-2) ** 2),
        bounds=BOUNDS, points=4, weights=True,
    )  # fmt: skip
    assert growing.B[-1] < flat.B[-1] / 2
    assert growing.result.relative_error("B_phi") > flat.result.relative_error("B_phi")


def test_progress_is_reported(flat_noise):
    _, calls = flat_noise
    assert calls[-1][0] == calls[-1][1]
    assert calls[-1][2] == "placed 4 readings"
    assert any("dividing the measuring time" in text for _, _, text in calls)


def test_whole_readings_cannot_beat_the_bound(flat_noise):
    design, _ = flat_noise
    assert design.readings.tolist() == np.round(design.readings).tolist()
    assert design.readings.sum() == 4
    variance = 4 * design.result.relative_error("B_phi") ** 2 / 1e-2**2
    assert design.efficiency == pytest.approx(elfving([0.0, 1.0]) / variance, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": "B_ph"}, "did you mean one of .*B_phi"),
        ({"points": 1}, "1 readings cannot determine 2 parameters"),
        ({"bounds": (1e-1, 1e-4)}, "0 <= lower < upper"),
        ({"bounds": (-1.0, 1.0)}, "0 <= lower < upper"),
        ({"noise": 0.0}, "standard error must be positive"),
        ({"noise": np.nan}, "standard error must be positive"),
        ({"bounds": (0.0, 1.0), "noise": lambda B: B}, "not finite at B = 0 T"),
        ({"parameters": {"alpha": 0.0, "B_phi": 1.0}}, "alpha is 0"),
        ({"starts": -1}, "number of starts is -1"),
    ],
)
def test_what_cannot_be_designed_is_refused(change, message):
    arguments = {"noise": 1e-2, "bounds": BOUNDS, "points": 4, "parameters": VALUES} | change
    with pytest.raises(ValueError, match=message):
        design_fields(one_channel, **arguments)


def test_a_target_that_no_field_determines_is_refused_with_the_reason():
    def twice(B, a, b, c):
        return a * b * B + c * B**2

    values = {"a": 1.0, "b": 2.0, "c": 1.0}
    with pytest.raises(
        ValueError, match=r"the function stays the same when a .* by 1 %, b .* by 1 %"
    ):
        design_fields(twice, values, "a", noise=0.1, bounds=(0.1, 1.0), points=5)
    found = design_fields(twice, values, "c", noise=0.1, bounds=(0.1, 1.0), points=5, starts=0)
    assert np.isfinite(found.result.standard_errors["c"])
    with pytest.raises(ValueError, match="determines all parameters"):
        design_fields(twice, values, noise=0.1, bounds=(0.1, 1.0), points=5)
