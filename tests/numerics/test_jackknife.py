"""Errors by leaving out rows: those of a mean, and of rows that repeat each other."""

import numpy as np
import pytest

from numerics.jackknife import row_jackknife
from numerics.pipeline import Pipeline
from numerics.steps import AverageRows
from numerics.sweep_array import SweepArray

B = np.array([1e-3, 2e-3])
AVERAGE = Pipeline((AverageRows(covariance=False),))


def sweep(rows, label="a", first=0):
    gate = 0.02 * np.arange(first, first + len(rows))
    return SweepArray(
        {"V_g": gate, "B": B}, {"delta_sigma": np.stack([rows, 2 * rows], axis=1)},
        units={"delta_sigma": "e^2/h"}, label=label,
    )  # fmt: skip


def first_point(curves):
    return {c.label: c.delta_sigma[0] for c in curves}


def test_of_a_mean_it_is_the_standard_error_of_the_mean():
    rows = np.random.default_rng(0).standard_normal(20)
    found = row_jackknife([sweep(rows)], AVERAGE, first_point, groups=20)
    assert found.standard_error("a") == pytest.approx(rows.std(ddof=1) / np.sqrt(20), rel=1e-12)
    assert found.ends("a") == (found.values["a"].min(), found.values["a"].max())


def test_neighbours_that_repeat_each_other_are_left_out_together():
    rows = np.repeat(np.random.default_rng(1).standard_normal(6), 5)
    found = row_jackknife([sweep(rows)], AVERAGE, first_point, groups=6)
    assert found.standard_error("a") == pytest.approx(rows[::5].std(ddof=1) / np.sqrt(6), rel=1e-12)
    alone = row_jackknife([sweep(rows)], AVERAGE, first_point, groups=30)
    assert alone.standard_error("a") < 0.5 * found.standard_error("a")


def test_a_coordinate_is_left_out_of_all_sweeps_that_have_it():
    rows = np.arange(6.0)
    both = [sweep(rows), sweep(rows, "b", first=2)]
    found = row_jackknife(both, AVERAGE, first_point, groups=4)
    np.testing.assert_allclose(np.concatenate(found.groups), 0.02 * np.arange(8))
    # the first group, 0 and 0.02 V, is in the first sweep alone
    np.testing.assert_allclose(found.values["a"][0], np.mean(rows[2:]))
    np.testing.assert_allclose(found.values["b"][0], np.mean(rows))
    np.testing.assert_allclose(found.values["b"][1], np.mean(rows[2:]))


def test_more_groups_than_rows_are_refused():
    with pytest.raises(ValueError, match="6 rows cannot be left out in 7 groups"):
        row_jackknife([sweep(np.arange(6.0))], AVERAGE, first_point, groups=7)
