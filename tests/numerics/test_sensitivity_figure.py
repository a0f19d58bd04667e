"""The figures of planned measurements show what the numbers say."""

import numpy as np
import pytest

from numerics.design import design_fields
from numerics.identifiability import identifiability
from numerics.planned_sweep import PlannedSweep
from numerics.sensitivity_figure import errors_by_range, plot_design, plot_identifiability

B = np.linspace(-0.1, 0.1, 21)


def parabola(B, a, b):
    return a * B + b * B**2


@pytest.fixture(scope="module")
def result():
    sweeps = [PlannedSweep(B, 1e-3, "1 K"), PlannedSweep(B, 1e-3, "4 K")]
    return identifiability(parabola, {"a": {"1 K": 1.0, "4 K": 2.0}, "b": 3.0}, sweeps)


def test_sensitivities_are_drawn_per_sweep_where_it_reacts(result):
    upper = plot_identifiability(result, unit="e^2/h").axes[0]
    labels = [text.get_text() for text in upper.get_legend().get_texts()]
    assert labels == [
        "$a$ (1 K)", "$b$, 1 K", "$a$ (4 K)", "$b$, 4 K", "noise of a point",
    ]  # fmt: skip
    x, y = upper.lines[1].get_data()
    np.testing.assert_allclose(y, 3.0 * (1e-3 * np.asarray(x)) ** 2, rtol=1e-12)
    assert "e^2/h" in upper.get_ylabel()
    assert "(mT)" in plot_identifiability(result).axes[1].get_xlabel()


def test_errors_are_drawn_against_the_largest_field(result):
    lower = plot_identifiability(result).axes[1]
    largest, errors = errors_by_range(result)
    np.testing.assert_allclose(lower.lines[0].get_xdata(), 1e3 * largest)
    np.testing.assert_allclose(errors[-1], [result.relative_error(n) for n in result.values])


def test_cut_sweeps_with_fewer_points_than_parameters_determine_nothing():
    one_sided = identifiability(
        parabola, {"a": 1.0, "b": 3.0}, PlannedSweep([0.0, 0.1, 0.2, 0.3], 1.0)
    )
    largest, errors = errors_by_range(one_sided)
    assert largest.tolist() == [0.1, 0.2, 0.3]
    assert np.isinf(errors).all(axis=1).tolist() == [True, False, False]


def test_long_sweeps_are_cut_at_some_fields_and_at_the_last():
    sweep = PlannedSweep(np.linspace(0.0, 1.0, 2001), 1.0)
    largest, errors = errors_by_range(identifiability(parabola, {"a": 1.0, "b": 1.0}, sweep))
    assert len(largest) == len(errors) <= 120
    assert largest[-1] == 1.0


def test_a_design_is_drawn_with_its_readings_and_its_proof():
    design = design_fields(
        parabola, {"a": 1.0, "b": 1.0}, noise=0.1, bounds=(0.1, 1.0), points=4, starts=0
    )
    upper, lower = plot_design(design).axes
    assert np.max(upper.lines[0].get_ydata()) == pytest.approx(1.0, abs=1e-6)
    assert upper.get_title() in ("at least 100.00 % efficient", "at least 99.99 % efficient")
    heights = [path.vertices[1, 1] for path in lower.collections[0].get_paths()]
    assert heights == [2.0, 2.0]


def test_a_sweep_at_zero_field_has_no_figure():
    flat = identifiability(lambda B, a: a + B, {"a": 1.0}, PlannedSweep([0.0], 1.0))
    with pytest.raises(ValueError, match="All fields are zero"):
        plot_identifiability(flat)
