"""The shipped measurement and its published analysis, with the minimum that analysis missed."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import digamma
from scipy.optimize import least_squares
from scipy.special import digamma as scipy_digamma

from numerics.fit import fit
from numerics.noise_model import GivenNoise
from numerics.parameters import Parameter
from numerics.pipeline import Pipeline
from numerics.steps import SubtractReference
from numerics.tbg import load_tbg
from numerics.tbg_raw import load_tbg_raw, tbg_pipeline

# what all of them look at takes several seconds to make
pytestmark = pytest.mark.slow

# B_j = C / tau_j with D = v_F^2 tau / 2 and tau = mobility hbar sqrt(pi n) / (e v_F): e and hbar
# cancel. v_F = 4.5e5 m/s, mobility 1.5982 m^2/(V s), n = 0.69021e16 m^-2.
C = 1 / (2 * 4.5e5 * 1.5982 * np.sqrt(np.pi * 0.69021e16))
BASE = {"tau_phi": {"base": 40.5e-12}}
PARAMETERS = (
    Parameter("tau_phi", 1e-13, 1e-9, unit="s", shared=False),
    Parameter("tau_asy", 1e-13, 1e-9, unit="s"),
    Parameter("tau_sym", 1e-13, 1e-9, unit="s"),
)
PUBLISHED = {
    "tau_phi[300 mK]": (19.776, 0.587),
    "tau_phi[500 mK]": (8.8056, 0.294),
    "tau_phi[700 mK]": (4.1351, 0.188),
    "tau_asy": (3.2269, 0.833),
    "tau_sym": (1.0192, 0.371),
}


def mccann_falko(B, tau_phi, tau_asy, tau_sym, psi=digamma, ln=jnp.log):
    """McCann and Fal'ko, Phys. Rev. Lett. 108, 166606 (2012), in e^2/h."""

    def F(B_j):
        return psi(0.5 + B_j / B) - ln(B_j / B)

    B_phi, B_asy, B_sym = C / tau_phi, C / tau_asy, C / tau_sym
    return -(F(B_phi) - F(B_phi + 2 * B_asy) - 2 * F(B_phi + B_asy + B_sym)) / (2 * np.pi)


@pytest.fixture(scope="module")
def curves():
    return load_tbg()


@pytest.fixture(scope="module")
def result(curves):
    return fit(mccann_falko, curves, PARAMETERS, fixed=BASE)


def test_raw_voltages_give_the_authors_processed_data(curves):
    from importlib.resources import files

    with (files("numerics") / "example_data/tbg_wse2/Data_array.txt").open() as lines:
        B, delta_sigma = np.loadtxt(lines)
    np.testing.assert_allclose(np.concatenate([c.B for c in curves]), 1e-3 * B, rtol=1e-12)
    rebuilt = np.concatenate([c.delta_sigma for c in curves])
    np.testing.assert_allclose(rebuilt, delta_sigma, rtol=0, atol=1e-8)


def test_curves_carry_their_temperatures_and_errors(curves):
    assert [c.label for c in curves] == ["base", "300 mK", "500 mK", "700 mK"]
    assert [c.temperature for c in curves] == [0.025, 0.3, 0.5, 0.7]
    assert all(np.all(c.standard_error > 0) for c in curves)


def test_standard_errors_over_gate_rows_without_the_subtraction():
    curves = load_tbg(subtract_reference=False)
    assert curves[-1].label == "900 mK"
    # The source states a median of 0.126 e^2/h for the base temperature.
    assert np.median(curves[0].standard_error) == pytest.approx(0.126, abs=1e-3)


def test_standard_errors_are_those_of_differences_at_one_gate_voltage(curves):
    steps = tbg_pipeline(subtract_reference=False).steps[:-1]
    *sweeps, reference = Pipeline(steps).run(load_tbg_raw()).sweeps
    # By hand, row by row; the last row at base temperature has no partner, nor has that at -1.96 V.
    gates = [round(1e3 * x) for x in reference.axes["V_g"]]
    warm = dict(zip(gates, reference.values["delta_sigma"], strict=True))
    for curve, sweep in zip(curves, sweeps, strict=True):
        rows = zip(sweep.axes["V_g"], sweep.values["delta_sigma"], strict=True)
        differences = [
            row - warm[-1960 if round(1e3 * x) == -2340 else round(1e3 * x)] for x, row in rows
        ]
        error = np.sqrt(np.var(differences, axis=0, ddof=1) / 30)
        np.testing.assert_allclose(curve.standard_error, error, rtol=1e-10)


def test_errors_in_quadrature_would_be_larger(curves):
    *own, reference = (c.standard_error for c in load_tbg(subtract_reference=False))
    ratios = [
        np.median(np.hypot(error, reference)) / np.median(curve.standard_error)
        for error, curve in zip(own, curves, strict=True)
    ]
    np.testing.assert_allclose(ratios, [1.13, 1.36, 1.83, 2.06], atol=0.01)


def test_chi_square_shows_whether_the_covariance_is_that_of_the_differences(curves):
    pipeline = tbg_pipeline()
    (*steps, subtract, average) = pipeline.steps
    raw, found = load_tbg_raw(), []
    for order in (pipeline, Pipeline((*steps, average, SubtractReference(subtract.label)))):
        known = order.run(raw).curves
        result = fit(
            mccann_falko, curves, PARAMETERS, fixed=BASE, noise=GivenNoise.of(known), starts=8
        )
        r = result.best.residuals
        square = sum(r[c.label] @ np.linalg.solve(c.covariance, r[c.label]) for c in known)
        assert square == pytest.approx(result.best.sum_of_squares, rel=1e-6)
        found.append(square / result.best.dof)
    assert found == pytest.approx([0.742, 0.185], abs=2e-3)


def test_the_published_minimum_comes_out(result):
    best = result.best
    assert best.sum_of_squares == pytest.approx(0.50052712, abs=2e-8)
    assert best.dof == 475
    for name, (value, error) in PUBLISHED.items():
        assert 1e12 * best.values[name] == pytest.approx(value, rel=5e-5)
        assert 1e12 * best.standard_errors[name] == pytest.approx(error, abs=6e-4)
    assert best.correlation_of("tau_asy", "tau_sym") == pytest.approx(-0.990, abs=5e-4)


def test_the_second_minimum_comes_out_and_no_third(result):
    assert len(result.minima) == 2
    second = result.minima[1]
    assert second.sum_of_squares == pytest.approx(0.50096, abs=5e-6)
    assert 1e12 * second.values["tau_asy"] == pytest.approx(1.68, abs=0.01)
    assert 1e12 * second.values["tau_sym"] == pytest.approx(3.44, abs=0.01)
    assert second.correlation_of("tau_asy", "tau_sym") == pytest.approx(-0.9996, abs=5e-5)
    assert set(second.undetermined) == {"tau_asy", "tau_sym"}


def test_the_status_says_what_the_published_analysis_does_not(result):
    status = " ".join(result.status)
    assert "tau_asy and tau_sym correlate -0.99: the data determine only a combination" in status
    assert "sum of squares only 0.00043 higher (0.500958)" in status


@pytest.mark.parametrize("which", [0, 1])
def test_scipy_stays_at_both_minima(result, curves, which):
    names = list(PUBLISHED)

    def residual(log_tau):
        tau = dict(zip(names, np.exp(log_tau), strict=True)) | {"tau_phi[base]": 40.5e-12}
        rows = []
        for c in curves:
            times = tau[f"tau_phi[{c.label}]"], tau["tau_asy"], tau["tau_sym"]
            rows.append(c.delta_sigma - mccann_falko(c.B, *times, scipy_digamma, np.log))
        return np.concatenate(rows)

    minimum = result.minima[which]
    start = np.log([minimum.values[name] for name in names])
    # Away from the minimum along its softest direction, where the valley is flat.
    soft = np.linalg.svd(minimum.covariance / np.outer(np.exp(start), np.exp(start)))[0][:, 0]
    again = least_squares(
        residual, start + 0.02 * soft, xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac"
    )
    assert 2 * again.cost == pytest.approx(minimum.sum_of_squares, rel=1e-9)
    np.testing.assert_allclose(again.x, start, atol=2e-4)


def test_a_sum_of_squares_between_the_minima_is_higher(result, curves):
    low, high = (np.log(list(m.values.values())) for m in result.minima)
    tau = dict(zip(PUBLISHED, np.exp((low + high) / 2), strict=True)) | {"tau_phi[base]": 40.5e-12}
    square = 0.0
    for c in curves:
        times = tau[f"tau_phi[{c.label}]"], tau["tau_asy"], tau["tau_sym"]
        model = mccann_falko(c.B, *times, scipy_digamma, np.log)
        square += float(np.sum((c.delta_sigma - model) ** 2))
    assert square > result.minima[1].sum_of_squares


def test_residuals_are_measured_minus_model(result, curves):
    curve = curves[1]
    model = mccann_falko(curve.B, **result.arguments(curve.label), psi=scipy_digamma, ln=np.log)
    np.testing.assert_allclose(result.best.residuals[curve.label], curve.delta_sigma - model)
    squares = sum(float(np.sum(r**2)) for r in result.best.residuals.values())
    assert squares == pytest.approx(result.best.sum_of_squares, rel=1e-12)
