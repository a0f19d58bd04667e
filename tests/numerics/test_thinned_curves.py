"""Fits that begin on a part of the points end where those on all points do."""

import numpy as np
import pytest

from numerics.batch_fit import fit_many
from numerics.curve import Curve
from numerics.kernels.hikami import hikami
from numerics.many_curves import CurveData, curve_data
from numerics.parameters import Parameter
from numerics.precision import double_precision
from numerics.thinned_curves import thinned

BOTH = (Parameter("alpha", -5.0, 5.0), Parameter("B_phi", 1e-6, 1.0, unit="T"))


def one_channel(B, alpha, B_phi):
    return alpha * hikami(B, B_phi)


@double_precision()
def simulate(lengths, noise=1e-3):
    rng = np.random.default_rng(4)
    curves = []
    for k, length in enumerate(lengths):
        B = np.linspace(-0.2, 0.3, length)
        exact = np.asarray(one_channel(B, -0.5, 4e-3 * (1 + k % 3)))
        error = np.full(length, noise or 1.0)
        y = exact + noise * rng.standard_normal(length)
        curves.append(Curve(B, y, standard_error=error, label=str(k)))
    return curves


def kept(length, unknowns=2):
    curve = simulate([length])[0]
    data = thinned(curve_data([curve], {}, None), np.array([length]), unknowns)
    return curve, data


@pytest.mark.parametrize("length", [96, 200, 1001])
def test_all_points_of_the_weakest_fields_are_kept_in_order(length):
    curve, few = kept(length)
    assert few.B.shape == few.delta_sigma.shape == (1, 48)
    assert np.all(np.diff(few.B[0]) > 0)
    weakest = np.sort(np.abs(curve.B))[:2]
    assert np.all(np.isin(weakest, np.abs(few.B)))
    assert np.max(np.abs(few.B)) == np.max(np.abs(curve.B))
    pairs = dict(zip(curve.B, curve.delta_sigma, strict=True))
    np.testing.assert_array_equal([pairs[B] for B in few.B[0]], few.delta_sigma[0])


def test_short_curves_and_many_unknowns_are_not_thinned():
    assert kept(95)[1] is None
    assert kept(120, unknowns=6)[1] is None


def test_what_pads_a_curve_is_not_kept():
    curves = simulate([100, 300])
    few = thinned(curve_data(curves, {}, "standard_error"), np.array([100, 300]), 2)
    assert isinstance(few, CurveData)
    assert np.all(few.weight > 0)
    assert np.all(np.diff(few.B, axis=1) > 0)


@pytest.mark.slow
def test_a_search_that_begins_on_few_points_ends_where_one_on_all_does():
    curves = simulate([140] * 9)
    fits = fit_many(one_channel, curves, BOTH, starts=4, threads=1)
    exact = fit_many(one_channel, curves, BOTH, starts=4, threads=1, precision="float64")
    assert fits.single
    assert np.all(fits.converged)
    np.testing.assert_allclose(fits.values, exact.values, rtol=1e-8)
    np.testing.assert_allclose(fits.covariance, exact.covariance, rtol=1e-5)
    np.testing.assert_allclose(fits.sum_of_squares, exact.sum_of_squares, rtol=1e-10)
    np.testing.assert_array_equal(fits.reached, exact.reached)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_exact_data_and_large_residuals_are_searched_on(noise):
    known = {"threads": 1, "starts": {"alpha": -1.0, "B_phi": 1e-2}}
    curves = simulate([140] * 9, noise)
    fits = fit_many(one_channel, curves, BOTH, **known)
    exact = fit_many(one_channel, curves, BOTH, precision="float64", **known)
    assert np.all(fits.converged)
    difference = np.abs(fits.values - exact.values)
    assert np.all(difference <= 1e-5 * exact.standard_errors + 1e-9 * np.abs(exact.values))


def test_a_function_of_all_fields_is_fitted_on_all_of_them():
    offset = np.linspace(0.0, 1.0, 140)

    def with_offset(B, alpha, B_phi):
        return one_channel(B, alpha, B_phi) + offset.astype(B.dtype)

    curves = [Curve(c.B, c.delta_sigma + offset, label=c.label) for c in simulate([140] * 3)]
    starts = {"alpha": -1.0, "B_phi": 1e-2}
    fits = fit_many(with_offset, curves, BOTH, starts=starts, threads=1)
    assert fits.single
    assert np.all(fits.converged)
    np.testing.assert_allclose(fits.values[:, 0], -0.5, rtol=0.05)
