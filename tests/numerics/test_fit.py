"""The fit: recovery, bounds, shared and fixed values, weights, honesty about what is unknown."""

import json
import shutil
import subprocess

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from jax.scipy.special import digamma

from numerics.curve import Curve
from numerics.fit import fit
from numerics.parameters import Parameter, starting_points
from numerics.precision import double_precision
from numerics.problem import make_layout

B = np.linspace(1e-3, 0.1, 60)
ALPHA = Parameter("alpha", -5.0, 5.0)
B_PHI = Parameter("B_phi", 1e-6, 1.0, unit="T")


def one_channel(B, alpha, B_phi):
    return alpha * (digamma(0.5 + B_phi / B) - jnp.log(B_phi / B))


@double_precision()
def simulate(noise, seed=0, B=B, label="data", alpha=-0.5, B_phi=4e-3):
    exact = np.asarray(one_channel(B, alpha, B_phi))
    scatter = noise * np.random.default_rng(seed).standard_normal(len(B))
    return Curve(B, exact + scatter, standard_error=np.full(len(B), noise or 1.0), label=label)


def test_parameters_of_an_exact_curve_are_recovered():
    result = fit(one_channel, simulate(0.0), [ALPHA, B_PHI])
    assert result.best.values["alpha"] == pytest.approx(-0.5, rel=1e-9)
    assert result.best.values["B_phi"] == pytest.approx(4e-3, rel=1e-9)
    assert len(result.minima) == 1


def test_standard_errors_cover_the_truth_as_often_as_they_should():
    truth = {"alpha": -0.5, "B_phi": 4e-3}
    pulls = []
    for seed in range(40):
        best = fit(one_channel, simulate(0.01, seed), [ALPHA, B_PHI], starts=8).best
        pulls += [(best.values[n] - v) / best.standard_errors[n] for n, v in truth.items()]
    # 80 pulls, of which pairs are correlated: 0.68 +- 0.05 to 0.07.
    assert 0.5 < np.mean(np.abs(pulls) < 1) < 0.86
    assert np.max(np.abs(pulls)) < 4


def test_the_covariance_is_the_inverse_fisher_information():
    best = fit(one_channel, simulate(0.01), [ALPHA, B_PHI]).best
    at = tuple(best.values.values())

    def exact(alpha, B_phi, field):
        x = B_phi / mpmath.mpf(field)
        return alpha * (mpmath.digamma(mpmath.mpf(1) / 2 + x) - mpmath.log(x))

    with mpmath.workdps(40):
        J = [
            [mpmath.diff(lambda a, b, f=f: exact(a, b, f), at, n) for n in ((1, 0), (0, 1))]
            for f in B
        ]
        J = mpmath.matrix(J)
        expected = mpmath.mpf(best.variance) * mpmath.inverse(J.T * J)
    expected = np.array(expected.tolist(), dtype=float)
    np.testing.assert_allclose(best.covariance, expected, rtol=1e-6)


@double_precision()
def test_the_covariance_is_the_inverse_hessian_of_half_chi_square():
    # Without noise the residuals vanish, and Hessian and Fisher information are the same.
    curve = simulate(0.0)
    best = fit(one_channel, curve, [ALPHA, B_PHI], weights="standard_error").best

    def half_chi_square(p):
        return jnp.sum((curve.delta_sigma - one_channel(B, *p)) ** 2) / 2

    hessian = jax.jit(jax.hessian(half_chi_square))(jnp.array(list(best.values.values())))
    np.testing.assert_allclose(best.covariance, np.linalg.inv(hessian), rtol=1e-6)


def test_weights_are_absolute_and_move_the_fit_to_the_precise_points():
    curve = Curve([1.0, 2.0, 3.0], [1.0, 1.0, 4.0], standard_error=[0.1, 0.1, 1.0])
    constant = Parameter("c", -10.0, 10.0)
    best = fit(lambda B, c: c + 0 * B, curve, [constant], weights="standard_error").best
    w = np.array([100.0, 100.0, 1.0])
    assert best.values["c"] == pytest.approx(np.sum(w * curve.delta_sigma) / w.sum(), rel=1e-9)
    assert best.standard_errors["c"] == pytest.approx(w.sum() ** -0.5, rel=1e-9)
    np.testing.assert_allclose(best.residuals["data"], curve.delta_sigma - best.values["c"])


def test_chi_square_that_contradicts_the_errors_is_said():
    curve = simulate(0.01)
    wide = Curve(curve.B, curve.delta_sigma, standard_error=np.full(60, 0.1))
    result = fit(one_channel, wide, [ALPHA, B_PHI], weights="standard_error")
    assert any("too large or correlated" in sentence for sentence in result.status)


@pytest.mark.slow
def test_shared_and_per_curve_values_over_curves_of_different_length():
    curves = [
        simulate(0.0, label="1 K", B_phi=2e-3),
        simulate(0.0, label="2 K", B_phi=8e-3, B=B[:23]),
    ]
    best = fit(one_channel, curves, [ALPHA, Parameter("B_phi", 1e-6, 1, "T", shared=False)]).best
    assert list(best.values) == ["alpha", "B_phi[1 K]", "B_phi[2 K]"]
    np.testing.assert_allclose(list(best.values.values()), [-0.5, 2e-3, 8e-3], rtol=1e-8)
    assert best.dof == 60 + 23 - 3
    assert len(best.residuals["2 K"]) == 23


@pytest.mark.slow
def test_a_value_fixed_for_one_curve_is_free_for_the_others():
    curves = [simulate(0.0, label="1 K", B_phi=2e-3), simulate(0.0, label="2 K", B_phi=8e-3)]
    parameters = [ALPHA, Parameter("B_phi", 1e-6, 1, "T", shared=False)]
    result = fit(one_channel, curves, parameters, fixed={"B_phi": {"1 K": 2e-3}})
    assert list(result.best.values) == ["alpha", "B_phi[2 K]"]
    assert result.fixed == {"B_phi[1 K]": 2e-3}
    assert result.arguments("1 K")["B_phi"] == 2e-3


@pytest.mark.slow
def test_a_temperature_passed_as_a_fixed_value_makes_a_temperature_law():
    def law(B, alpha, rate, T):
        return one_channel(B, alpha, rate * T)

    curves = [simulate(0.0, label=f"{T} K", B_phi=3e-3 * T) for T in (1, 2, 4)]
    rate = Parameter("rate", 1e-6, 1.0, unit="T/K")
    fixed = {"T": {"1 K": 1.0, "2 K": 2.0, "4 K": 4.0}}
    assert fit(law, curves, [ALPHA, rate], fixed=fixed).best.values["rate"] == pytest.approx(3e-3)


def test_bounds_are_honoured_and_a_value_on_its_bound_is_said():
    result = fit(one_channel, simulate(0.001), [Parameter("alpha", -0.4, 5.0), B_PHI])
    best = result.best
    assert best.values["alpha"] == pytest.approx(-0.4)
    assert best.values["alpha"] >= -0.4
    assert best.standard_errors["alpha"] == np.inf
    assert "alpha is undetermined: the fit ends on its bound -0.4000." in result.status
    assert np.isfinite(best.standard_errors["B_phi"])


def test_a_parameter_without_influence_is_said_to_be_undetermined():
    def idle(B, alpha, B_phi, tau_s):
        return one_channel(B, alpha, B_phi) + 0 * tau_s

    result = fit(idle, simulate(0.01), [ALPHA, B_PHI, Parameter("tau_s", 1e-12, 1e-9, unit="s")])
    assert len(result.minima) == 1
    assert result.best.standard_errors["tau_s"] == np.inf
    assert "tau_s is undetermined: the model does not depend on it" in " ".join(result.status)
    assert result.best.standard_errors["alpha"] < 0.1


@pytest.mark.slow
def test_two_parameters_of_which_only_the_product_counts_are_both_undetermined():
    def product(B, a, b, alpha):
        return one_channel(B, alpha, a * b)

    parameters = [Parameter("a", 1e-3, 1.0), Parameter("b", 1e-3, 1.0), ALPHA]
    result = fit(product, simulate(0.01), parameters)
    best = result.best
    assert len(result.minima) == 1
    assert best.standard_errors["a"] == best.standard_errors["b"] == np.inf
    assert best.correlation_of("a", "b") == pytest.approx(-1.0, abs=1e-6)
    assert "the data fix only a combination" in best.undetermined["a"]
    assert best.standard_errors["alpha"] < 0.1


@pytest.mark.slow
def test_a_parameter_lost_in_the_noise_gets_no_error_bar():
    def with_trace(B, alpha, B_phi, trace):
        return one_channel(B, alpha, B_phi) + trace * (B / 0.1) ** 2

    parameters = [ALPHA, B_PHI, Parameter("trace", 1e-9, 1.0)]
    best = fit(with_trace, simulate(0.01), parameters).best
    assert best.standard_errors["trace"] == np.inf
    assert best.undetermined["trace"].startswith("trace is undetermined")


def test_both_of_two_equal_minima_are_found():
    curve = Curve([1.0, 2.0, 3.0], [4.0, 8.0, 12.1])
    result = fit(lambda B, a: a**2 * B, curve, [Parameter("a", -5.0, 5.0)], starts=16)
    np.testing.assert_allclose(sorted(m.values["a"] for m in result.minima), [-2, 2], rtol=0.01)
    assert "the data do not tell the two apart" in " ".join(result.status)


def test_a_maximum_in_the_middle_is_not_a_minimum():
    curve = Curve([1.0, 2.0], [4.0, 4.0])
    centre = Parameter("a", -5.0, 5.0, search=(-1e-9, 1e-9))
    result = fit(lambda B, a: a**2 + 0 * B, curve, [centre], starts=4)
    assert all(abs(abs(m.values["a"]) - 2) < 1e-6 for m in result.minima)


def test_the_same_seed_gives_the_same_fit():
    first, again = (fit(one_channel, simulate(0.01), [ALPHA, B_PHI], seed=3) for _ in range(2))
    assert first.to_json() == again.to_json()


def test_starting_points_fill_the_search_interval_evenly_in_the_logarithm():
    u = starting_points([Parameter("tau", 1e-12, 1e-6, search=(1e-11, 1e-9))], 8, seed=0)
    decades = np.log10(np.exp(np.log(1e-9) + np.log(1e3) * np.sin(u[:, 0])))
    counts, _ = np.histogram(decades, bins=8, range=(-11, -9))
    assert counts.tolist() == [1] * 8


def test_the_callers_precision_is_left_alone():
    before = jnp.zeros(1).dtype
    fit(one_channel, simulate(0.01), [ALPHA, B_PHI], starts=8)
    assert jnp.zeros(1).dtype == before


def test_progress_runs_from_nothing_to_everything():
    calls = []
    report = lambda *call: calls.append(call)  # noqa: E731
    fit(one_channel, simulate(0.01), [ALPHA, B_PHI], starts=8, progress=report)
    assert calls[0][:2] == (0, 3)
    assert calls[-1][:2] == (3, 3)


def test_json_is_strict_and_says_why_an_error_is_missing():
    result = fit(one_channel, simulate(0.001), [Parameter("alpha", -0.4, 5.0), B_PHI])
    content = json.loads(result.to_json(), parse_constant=pytest.fail)
    minimum = content["minima"][0]
    assert minimum["standard_errors"]["alpha"] is None
    assert "bound" in minimum["undetermined"]["alpha"]
    assert content["status"] == list(result.status)


def test_the_latex_table_is_this():
    curve = Curve([1.0, 2.0, 3.0], [4.0, 8.0, 12.1], label="300 mK_a")
    tau = Parameter("tau_phi", 1e-3, 5.0, unit="s", shared=False)
    result = fit(lambda B, tau_phi, g: tau_phi * g * B, curve, [tau], fixed={"g": 2.0})
    assert result.latex_table() == (
        "\\begin{tabular}{lr}\n"
        " & value \\\\\n"
        "\\hline\n"
        "$\\tau_\\phi$ (300 mK\\_a) & $2.0107 \\pm 0.0056\\,\\mathrm{s}$ \\\\\n"
        "$g$ & $2.000$ (fixed) \\\\\n"
        "\\hline\n"
        "sum of squares & $0.00357143$ \\\\\n"
        "degrees of freedom & $2$ \\\\\n"
        "\\end{tabular}\n"
    )


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_the_latex_table_compiles_without_packages(tmp_path):
    table = fit(one_channel, simulate(0.01), [ALPHA, B_PHI]).latex_table()
    source = "\\documentclass{article}\\begin{document}" + table + "\\end{document}"
    (tmp_path / "table.tex").write_text(source)
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)


BAD_PARAMETERS = [
    ({"upper": np.inf}, "both must be finite"),
    ({"lower": 2.0}, "the lower must be the smaller"),
    ({"search": (0.1, 3.0)}, "not an interval within its bounds"),
    ({"name": "tau phi"}, "cannot be an argument"),
]


@pytest.mark.parametrize(("change", "message"), BAD_PARAMETERS)
def test_bad_parameters_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        Parameter(**{"name": "tau_phi", "lower": 0.0, "upper": 1.0} | change)


BAD_FITS = [
    ({"fixed": {"B_phi": {"9 K": 1.0}}}, "fixed for the curve '9 K', which is not among data"),
    ({"fixed": {"B_phi": np.nan}}, "'B_phi' is fixed to nan"),
    ({"fixed": {"alpha": 1.0, "B_phi": 1.0}}, "Every value is fixed"),
    ({"weights": "errors"}, "use None or 'standard_error'"),
    ({"starts": 0}, "use at least 1"),
    ({"parameters": [ALPHA, ALPHA, B_PHI]}, "'alpha' is declared twice"),
    ({"curves": []}, "no curve to fit"),
    ({"curves": [simulate(0.0), simulate(0.0)]}, "Two curves have the label 'data'"),
    ({"curves": simulate(0.0).window(0.0, 3e-3)}, "2 points cannot determine 2 free values"),
    (
        {"curves": [simulate(0.0), simulate(0.0, label="b").to("S")]},
        r"different units, S and e\^2/h; convert",
    ),
    (
        {"curves": Curve(B, B), "weights": "standard_error"},
        "no standard errors, so it cannot be weighted",
    ),
    ({"curves": Curve(B - B[0], B)}, "not finite at B = 0 T with all parameters in the middle"),
    ({"function": lambda B, alpha, B_phi: alpha * B_phi}, "must return one value per field"),
]


@pytest.mark.parametrize(("change", "message"), BAD_FITS)
def test_bad_problems_are_refused_with_the_value_and_the_remedy(change, message):
    arguments = {"function": one_channel, "curves": simulate(0.0), "parameters": [ALPHA, B_PHI]}
    arguments |= change
    positional = [arguments.pop(name) for name in ("function", "curves", "parameters")]
    with pytest.raises(ValueError, match=message):
        fit(*positional, **arguments)


def test_a_function_of_other_arguments_or_of_lower_precision_is_a_type_error():
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'tau'.*; declare each"):
        fit(one_channel, simulate(0.0), [ALPHA, B_PHI, Parameter("tau", 1.0, 2.0)])
    with pytest.raises(TypeError, match=r"missing a required argument: 'B_phi'"):
        fit(one_channel, simulate(0.0), [ALPHA])
    with pytest.raises(TypeError, match="returns float32 for float64 arguments"):
        fit(lambda B, a: (a * B).astype("float32"), simulate(0.0), [Parameter("a", 0.0, 1.0)])


def test_a_fit_that_reaches_no_minimum_fails_with_a_sentence():
    def nowhere(B, alpha, B_phi):
        return jnp.where(alpha == 0.0, 1.0, jnp.nan) * B_phi * B

    with pytest.raises(RuntimeError, match="None of 4 starts reached a minimum"):
        fit(nowhere, simulate(0.0), [ALPHA, B_PHI], starts=4)


def test_an_argument_fixed_for_some_curves_only_must_be_a_parameter():
    with pytest.raises(ValueError, match="'T' is fixed for some curves and not for 'b'"):
        make_layout([ALPHA], ["a", "b"], {"T": {"a": 1.0}})
