"""The figure shows data, fit and residuals, and leaves no global state behind."""

import subprocess
import sys

import numpy as np
import pytest

from numerics.curve import Curve
from numerics.figure import plot_fit
from numerics.fit import fit
from numerics.parameters import Parameter

B = np.linspace(0.0, 1e-2, 11)


def parabola(B, a):
    return a * 1e4 * B**2


@pytest.fixture(scope="module")
def curves():
    wiggle = 0.01 * np.cos(np.arange(11))
    return (
        Curve(B, B**2 * 2e4 + wiggle, standard_error=np.full(11, 0.02), label="1 K"),
        Curve(B[:7], B[:7] ** 2 * 1e4 - wiggle[:7], label="2 K"),
    )


@pytest.fixture(scope="module")
def result(curves):
    return fit(parabola, curves, [Parameter("a", -10, 10, shared=False)], starts=4)


def test_axes_name_quantity_unit_and_curves(result, curves):
    upper, lower = plot_fit(result, curves, parabola).axes
    assert "e^2/h" in upper.get_ylabel()
    assert "sigma(B) - \\sigma(0)" in upper.get_ylabel()
    assert "(mT)" in lower.get_xlabel()
    assert [t.get_text() for t in upper.get_legend().get_texts()] == ["1 K", "2 K"]


def test_the_line_is_the_model_with_and_without_the_function(result, curves):
    for function in (parabola, None):
        lines = plot_fit(result, curves, function).axes[0].lines
        smooth = [line for line in lines if line.get_linewidth() == 1.6]
        a = result.best.values["a[1 K]"]
        x, y = smooth[0].get_data()
        np.testing.assert_allclose(y, a * 1e4 * (1e-3 * np.asarray(x)) ** 2, atol=1e-12)


def test_the_figure_can_be_written(result, curves, tmp_path):
    path = tmp_path / "fit.png"
    plot_fit(result, curves).savefig(path)
    assert path.read_bytes()[1:4] == b"PNG"


def test_a_curve_that_was_not_fitted_is_refused(result):
    with pytest.raises(ValueError, match="'3 K' with 2 points was not fitted"):
        plot_fit(result, Curve([0.0, 1.0], [0.0, 1.0], label="3 K"))


def test_pyplot_is_not_imported():
    code = "import sys, numerics.figure; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
