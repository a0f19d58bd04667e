"""A figure of a correction shows the numbers of the correction, and says what it shows."""

import dataclasses

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from typer.testing import CliRunner

from cooperon import magnetoconductivity, model
from diagrams.symbols import QUANTITIES
from numerics import cli, cli_plot, plot
from numerics.axis_label import ResultUnit, described, number, scale, with_unit
from numerics.curve_family import grid
from numerics.plot import plot_correction

RANGE = {"start": -0.1, "stop": 0.1, "points": 11}


@pytest.fixture(scope="module")
def orthogonal():
    return magnetoconductivity(model("orthogonal").conductor())


def parabola(B, a, b):
    return a * B + b * B**2


def resonance(omega, tau_phi):
    return 1 / (1 - 1j * omega * tau_phi)


def hikami(B, B_phi):
    """Return Psi(B_phi/B)/pi by mpmath: Delta sigma in e^2/h."""
    if B == 0:
        return 0.0
    x = mp.mpf(B_phi) / abs(mp.mpf(B))
    return float((mp.digamma(x + 0.5) - mp.log(x)) / mp.pi)


def legends(figure):
    from matplotlib.legend import Legend

    return [child for child in figure.axes[0].get_children() if isinstance(child, Legend)]


def entries(legend):
    return [text.get_text() for text in legend.get_texts()]


def test_curves_are_those_of_the_formula_in_the_unit_of_the_label(orthogonal):
    fields = [1e-3, 4e-3]
    figure = plot_correction(orthogonal, {"B_phi": fields}, unit="e^2/h", **RANGE)
    axes = figure.axes[0]
    for line, B_phi in zip(axes.lines, fields, strict=False):
        x, y = line.get_data()
        assert 0.0 in x
        assert (x[0], x[-1]) == pytest.approx((-100, 100))
        np.testing.assert_allclose(y, [hikami(1e-3 * B, B_phi) for B in x], rtol=1e-12, atol=1e-14)
    assert axes.get_xlabel() == "perpendicular magnetic field $B$ (mT)"
    assert axes.get_ylabel() == r"$\Delta\sigma(B)$ ($e^2/h$)"
    assert legends(figure)[0].get_title().get_text() == r"$B_\phi$ (mT)"
    assert entries(legends(figure)[0]) == ["1", "4"]


def test_a_correction_is_compiled_once_and_called_once(orthogonal, monkeypatch):
    calls = []

    def compile_parabola(*args, **options):
        calls.append(options["unit"])

        def function(B, B_phi):
            calls.append(np.shape(B))
            return B_phi * B**2

        return function

    monkeypatch.setattr(plot, "compile", compile_parabola)
    figure = plot_correction(orthogonal, {"B_phi": [1, 2, 3]}, unit="SI", values=[0.0, 1.0, 2.0])
    assert calls == ["SI", (1, 3)]
    assert figure.axes[0].lines[2].get_ydata().tolist() == [0.0, 3.0, 12.0]


def test_two_lists_make_a_family_with_a_legend_for_each():
    figure = plot_correction(parabola, {"a": [1.0, 2.0, 3.0], "b": [0.0, 10.0]}, **RANGE)
    axes = figure.axes[0]
    curves = [line for line in axes.lines if len(line.get_xdata()) > 2]
    for curve, (a, b) in zip(curves, [(a, b) for a in (1, 2, 3) for b in (0, 10)], strict=True):
        x, y = curve.get_data()
        np.testing.assert_allclose(y, parabola(1e-3 * x, a, b), rtol=1e-12)
    assert [entries(legend) for legend in legends(figure)] == [["1", "2", "3"], ["0", "10"]]
    assert len({curve.get_color() for curve in curves}) == 3
    assert len({curve.get_linestyle() for curve in curves}) == 2


def test_a_complex_result_is_drawn_as_two_parts_in_one_unit():
    figure = plot_correction(
        resonance, {"tau_phi": 1e-11}, against="omega", start=0.0, stop=1e12, unit="S"
    )
    upper, lower = figure.axes
    x = 1e12 * upper.lines[0].get_xdata()
    np.testing.assert_allclose(upper.lines[0].get_ydata(), resonance(x, 1e-11).real, rtol=1e-12)
    np.testing.assert_allclose(lower.lines[0].get_ydata(), resonance(x, 1e-11).imag, rtol=1e-12)
    assert [axes.get_ylabel() for axes in figure.axes] == ["Re resonance (S)", "Im resonance (S)"]
    assert lower.get_xlabel() == r"angular frequency $\omega$ ($10^{12}$ rad/s)"


def test_several_corrections_take_the_parameters_that_they_have():
    def line(B, a):
        return a * B

    both = {"line": line, "parabola": parabola}
    figure = plot_correction(both, {"a": 2.0, "b": [1.0, 3.0]}, values=[0.0, 1.0])
    axes = figure.axes[0]
    assert [curve.get_ydata()[-1] for curve in axes.lines[:3]] == [2.0, 3.0, 5.0]
    assert [entries(legend) for legend in legends(figure)] == [["1", "3"], ["line", "parabola"]]
    assert axes.get_title(loc="left") == "$a$ = 2"


def test_curves_can_be_drawn_into_axes_that_exist():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    left.plot([0.0, 1.0], [0.0, 1.0])
    given = {"a": 1.0, "b": 2.0}
    assert plot_correction(parabola, given, axes=right, **RANGE) is figure
    assert len(left.lines) == 1
    assert right.lines[0].get_ydata()[-1] == pytest.approx(0.12)


@pytest.mark.parametrize("parameters", [{"a": [1.0, 2.0], "b": [3e-9, 5e5]}, {"a": 1.0, "b": 2.0}])
def test_nothing_is_cut_off(parameters):
    figure = plot_correction(parabola, parameters, unit="e^2/h", **RANGE)
    figure.draw_without_rendering()
    tight = figure.get_tightbbox().padded(-1e-3)
    width, height = figure.get_size_inches()
    assert tight.x0 >= 0
    assert tight.y0 >= 0
    assert tight.x1 <= width
    assert tight.y1 <= height


@given(st.one_of(st.just(0.0), st.floats(-1e3, 1e3)), st.floats(1e-6, 1e3), st.integers(2, 60))
def test_a_grid_has_its_ends_and_zero_if_that_is_between(start, length, points):
    x = grid(start, start + length, points)
    assert np.all(np.diff(x) > 0)
    assert (x[0], x[-1]) == (start, start + length)
    assert (0.0 in x) == (start <= 0 <= start + length)
    assert len(x) >= points


@given(st.floats(1e-9, 1e3), st.integers(2, 60))
def test_a_grid_to_both_sides_is_symmetric(stop, points):
    x = grid(-stop, stop, points)
    np.testing.assert_allclose(x, -x[::-1], rtol=1e-9, atol=0.0)
    assert len(np.unique(np.round(x / stop, 9))) == len(x)


def test_a_narrow_peak_at_zero_field_reaches_its_height():
    def peak(B):
        return -np.exp(-np.abs(B) / 1e-5)

    y = plot_correction(peak, start=-1.0, stop=0.7).axes[0].lines[0].get_ydata()
    assert min(y) == -1.0
    assert np.max(np.abs(np.diff(y))) < 0.5


def test_matplotlib_prints_every_symbol_of_the_table():
    parser = MathTextParser("path")
    for name in QUANTITIES:
        parser.parse(described(name))


@pytest.mark.parametrize(
    ("unit", "size", "factor", "text"),
    [
        ("T", 0.1, 1e3, "mT"),
        ("T", 1.0, 1.0, "T"),
        ("s", 1e-12, 1e12, "ps"),
        ("m", 3e-6, 1e6, "µm"),
        ("K", 0.3, 1e3, "mK"),
        ("m^2/s", 0.03, 1.0, "m$^{2}$/s"),
        ("1/m", 2e8, 1e-6, "$10^{6}$ 1/m"),
        ("1", 50.0, 1.0, ""),
        (None, 3.0, 1.0, ""),
    ],
)
def test_a_prefix_makes_numbers_short(unit, size, factor, text):
    chosen = scale(unit, size)
    assert chosen.factor == pytest.approx(factor)
    assert chosen.unit == text


@pytest.mark.parametrize(
    ("own", "unit", "size", "shown"),
    [
        ("e^2/(pi hbar) m", None, 3e-7, (1e9, r"$e^2/\pi\hbar$ nm")),
        ("e^2/(pi hbar) m", "e^2/h", 3e-6, (1e6, "$e^2/h$ µm")),
        ("e^2/(pi h) / m", "e^2/h", 2.5e7, (1e-6, "$e^2/h$ µm$^{-1}$")),
        ("e^2/(pi h) / m", "SI", 900.0, (1.0, "S m$^{-1}$")),
        ("e^2/(pi h)", "SI", 4e-5, (1e6, "µS")),
        ("e^2/(pi h)", "e^2/h", 0.3, (1.0, "$e^2/h$")),
        ("2e^2/h", None, 2e-4, (1e6, "$10^{-6}$ $2e^2/h$")),
    ],
)
def test_the_unit_of_a_result_has_the_power_of_length_of_its_dimension(
    orthogonal, own, unit, size, shown
):
    correction = dataclasses.replace(orthogonal, unit_name=own)
    chosen = ResultUnit.of(correction, unit).scale(size)
    assert (chosen.factor, chosen.unit) == (pytest.approx(shown[0]), shown[1])


def test_values_that_are_held_are_said_with_a_prefix():
    assert with_unit("B_phi", 1e-3) == "1 mT"
    assert with_unit("tau_phi", np.inf) == number(np.inf) == r"$\infty$"
    assert with_unit("B_s", 0.0) == "0"
    assert with_unit("my_rate", 2e7, "1/s") == "20 $10^{6}$ 1/s"


@pytest.mark.parametrize(
    ("given", "options", "sentence"),
    [
        ({}, {}, "no value is given for a and b; state each in SI units"),
        ({"a": 1.0}, {}, "no value is given for b; state it"),
        ({"a": 1.0, "bb": 1.0}, {}, r"'bb' is not a parameter of the correction; .*'b'"),
        ({"a": 1.0, "b": 1.0, "B": 0.0}, {}, "B is along the axis"),
        ({"a": np.nan, "b": 1.0}, {}, "a = nan makes no sense"),
        ({"a": [[1.0]], "b": 1.0}, {}, r"shape \(1, 1\)"),
        ({"a": [], "b": 1.0}, {}, r"shape \(0,\)"),
        ({"a": [1.0, 2.0], "b": [0.0, 1.0, 2.0, 3.0, 4.0]}, {}, "4 line styles"),
        ({"a": 1.0, "b": 1.0}, {"start": 0.2}, "0.2 to 0.1"),
        ({"a": 1.0, "b": 1.0}, {"log": True}, "start it above 0"),
        ({"a": 1.0, "b": 1.0}, {"stop": None}, "give start and stop"),
        ({"a": 1.0, "b": 1.0}, {"values": [0.0, 1.0]}, "give start and stop"),
        ({"a": 1.0, "b": 1.0}, {"points": 1}, "two or more"),
        ({"a": 1.0, "b": 1.0}, {"against": "C"}, "'C' is not a parameter"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(given, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        plot_correction(parabola, given, **(RANGE | options))


def test_a_point_without_a_finite_value_is_named():
    def pole(B, a):
        return np.where(B > 0.05, np.inf, a)

    with pytest.raises(ValueError, match=r"not finite at B = 0.06, a = 1; leave"):
        plot_correction(pole, {"a": [1.0, 2.0]}, **RANGE)


def test_rates_are_not_negative_and_missing_ones_are_explained(orthogonal):
    with pytest.raises(ValueError, match=r"B_phi \(dephasing field .*, in T\)"):
        plot_correction(orthogonal, **RANGE)
    with pytest.raises(ValueError, match=r"tau_phi = -1 makes no sense"):
        plot_correction(resonance, {"omega": 1.0}, against="tau_phi", start=-1.0, stop=1.0)


def test_what_is_drawn_together_has_one_unit_and_two_things_that_vary(orthogonal):
    bulk = dataclasses.replace(orthogonal, unit_name="e^2/(pi h) / m")
    with pytest.raises(ValueError, match="different units"):
        plot_correction({"film": orthogonal, "bulk": bulk}, {"B_phi": 1e-3}, **RANGE)
    varied = {"a": [1.0, 2.0], "b": [1.0, 2.0]}
    with pytest.raises(ValueError, match="a and b and the correction are varied"):
        plot_correction({"one": parabola, "two": parabola}, varied, **RANGE)
    with pytest.raises(ValueError, match="no correction"):
        plot_correction({}, **RANGE)
    with pytest.raises(TypeError, match="a str cannot be drawn"):
        plot_correction("hln", **RANGE)
    axes = Figure().subplots()
    with pytest.raises(ValueError, match="1 axes were given for 2"):
        plot_correction(resonance, {"tau_phi": 1.0}, against="omega", axes=axes, **RANGE)


def run(*arguments):
    return CliRunner().invoke(cli.app, ["plot", *map(str, arguments)], catch_exceptions=False)


def test_the_command_writes_a_figure_and_replaces_none(tmp_path):
    path = tmp_path / "new" / "figure.svg"
    words = ["orthogonal", "--set", "B_phi=1e-3,4e-3", "--range", "-0.05:0.05", "--points", 5]
    result = run(*words, "--output", path)
    assert result.exit_code == 0
    assert f"wrote {path}" in result.stdout.replace("\n", "")
    assert path.read_text().startswith("<?xml")
    with pytest.raises(FileExistsError, match="--force"):
        run(*words, "--output", path)


def test_the_command_names_every_missing_parameter_before_it_compiles(tmp_path, monkeypatch):
    monkeypatch.setattr(cli_plot, "plot_correction", None)
    sentence = r"D \(diffusion constant, in m\^2/s\) and tau_phi \(dephasing time, in s\).*--set D="
    with pytest.raises(ValueError, match=sentence):
        run("orthogonal", "--times", "--output", tmp_path / "figure.png")


def test_the_command_draws_a_geometry_and_says_where_its_formula_ends(tmp_path):
    path = tmp_path / "wire.png"
    words = ["--geometry", "wire", "--lengths", "--set", "L_phi=1e-6", "--set", "width=3e-7"]
    result = run("orthogonal", *words, "--points", 5, "--unit", "e^2/h", "--output", path)
    assert "note: the width is" in result.stdout
    assert path.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--set", "B_phi"], "not of the form NAME=VALUE"),
        (["--set", "B_phi=1,"], "'' is not a number"),
        (["--set", "B_phi=1", "--set", "B_phi=2"], "gives B_phi twice"),
        (["--range", "1"], "not of the form START:STOP"),
        (["--range", "a:1"], "'a' is not a number"),
        (["--output", "figure.xyz"], "names a format of figures"),
        (["--against", "B_psi"], "'B_psi' is not a parameter"),
        (["--geometry", "wyre"], "did you mean one of .*wire"),
        (["--times", "--lengths"], "exclude each other"),
        (["--no-field", "--lengths"], "leave out --lengths"),
    ],
)
def test_the_command_refuses_what_it_cannot_read(words, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=sentence):
        run("orthogonal", *words)
