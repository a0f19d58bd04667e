"""Sliders move the curve of the function that they control, and say what they cannot do."""

import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cooperon import magnetoconductivity, model
from diagrams.symbols import QUANTITIES
from numerics.slider_ranges import axis_range, slider_range
from numerics.sliders import sliders


@pytest.fixture
def widgets():
    return pytest.importorskip("ipywidgets")


def wave(B, B_phi, g):
    wave.calls += 1
    return np.cos(g * np.asarray(B) / B_phi)


wave.calls = 0


def drawn(panel):
    """Return the curve that moves and the one that stays, in basic units."""
    lines = panel.figure.axes[0].lines
    x, y = lines[0].get_data()
    return 1e-3 * np.asarray(x), np.asarray(y), np.asarray(lines[1].get_ydata())


def test_a_correction_moves_with_its_sliders(widgets):
    correction = magnetoconductivity(model("orthogonal").conductor())
    panel = sliders(correction, {"B": (-0.05, 0.05)}, values={"B_phi": 1e-3}, unit="e^2/h")
    before = panel.figure.axes[0].lines[0].get_ydata()
    panel.controls["B_phi"].value = 1e-2
    y = panel.figure.axes[0].lines[0].get_ydata()
    assert panel.values == {"B_phi": 1e-2}
    assert np.all(y[1:12] < before[1:12])  # more dephasing, less to suppress
    assert panel.figure.axes[0].get_ylabel() == r"$\Delta\sigma(B)$ ($e^2/h$)"


def test_a_move_draws_the_function_at_the_new_value_beside_the_start(widgets):
    panel = sliders(wave, {"g": (0.0, 4.0)}, values={"B_phi": 0.02, "g": 1.0})
    image, calls = panel.widget.children[0].value, wave.calls
    panel.controls["g"].value = 3.0
    assert wave.calls == calls + 1
    x, moved, start = drawn(panel)
    assert_allclose(moved, wave(x, 0.02, 3.0), rtol=1e-9)
    assert_allclose(start, wave(x, 0.02, 1.0), rtol=1e-9)
    assert panel.widget.children[0].value != image
    assert bytes(image[:4]) == b"\x89PNG"


def test_reset_goes_back_to_the_start_and_sliders_move_again_after_it(widgets):
    panel = sliders(wave, values={"B_phi": 0.02, "g": 1.0})
    start = panel.values
    panel.controls["g"].value = 3.0
    panel.controls["B_phi"].value = 0.1
    calls = wave.calls
    panel.widget.children[-1].children[0].click()
    assert panel.values == start == {"B_phi": 0.02, "g": 1.0}
    assert wave.calls == calls + 1
    panel.controls["g"].value = 2.0
    x, moved, _ = drawn(panel)
    assert_allclose(moved, wave(x, 0.02, 2.0), rtol=1e-9)


def test_rates_have_logarithmic_sliders_and_signed_numbers_even_ones(widgets):
    panel = sliders(wave)
    assert isinstance(panel.controls["B_phi"], widgets.FloatLogSlider)
    assert isinstance(panel.controls["g"], widgets.FloatSlider)
    assert not isinstance(panel.controls["g"], widgets.FloatLogSlider)
    assert panel.values == {"B_phi": pytest.approx(1e-2), "g": 0.0}
    assert 10 ** panel.controls["B_phi"].min == pytest.approx(1e-5)


def test_values_are_read_beside_the_sliders_and_fixed_parameters_have_none(widgets):
    panel = sliders(wave, values={"B_phi": 2e-3}, fixed={"g": 1.0})
    row = panel.widget.children[1]
    assert list(panel.controls) == ["B_phi"]
    assert row.children[0].description == r"$B_\phi$"
    assert row.children[1].value == "2 mT"
    panel.controls["B_phi"].value = 4e-5
    assert row.children[1].value == "40 µT"


def test_a_notebook_shows_the_panel(widgets):
    panel = sliders(wave)
    assert "application/vnd.jupyter.widget-view+json" in panel._repr_mimebundle_()


def test_a_value_without_a_curve_is_said_and_the_last_curve_stays(widgets):
    def root(B, a):
        return np.full_like(B, a if a > 0 else np.nan)

    panel = sliders(root, {"a": (-1.0, 1.0)}, values={"a": 0.5})
    message = panel.widget.children[-1].children[1]
    panel.controls["a"].value = -0.5
    assert "not finite" in message.value
    assert np.all(panel.curve.values == 0.5)
    panel.controls["a"].value = 0.25
    assert message.value == ""


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"ranges": {"a": (0.1, 1.0)}}, "'a' is not a parameter"),
        ({"values": {"gg": 1.0}}, "'gg' is not a parameter"),
        ({"values": {"B_phi": 100.0}}, "starts at 100, outside of 1e-05 to 10"),
        ({"ranges": {"g": (1.0, 1.0)}}, "range of g is 1 to 1"),
        ({"ranges": {"B": (0.1, -0.1)}}, "range of B is 0.1 to -0.1"),
        ({"fixed": {"g": 1.0}, "values": {"g": 2.0}}, "g is fixed and has no slider"),
        ({"against": "D"}, "'D' is not a parameter"),
    ],
)
def test_what_cannot_be_turned_is_said_in_a_sentence(widgets, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        sliders(wave, **options)


def test_a_parameter_without_a_unit_needs_a_range(widgets):
    with pytest.raises(ValueError, match=r"a has no range of its own.*ranges=\{'a': "):
        sliders(lambda B, a: a * B)
    assert sliders(lambda B, a: a * B, units={"a": "s"}).values == {"a": 1e-11}


def test_without_ipywidgets_the_remedy_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        sliders(wave)


def test_every_field_time_and_length_of_the_table_has_a_range():
    names = [name for name, row in QUANTITIES.items() if row.unit in ("T", "s", "m", "K")]
    assert {"B", "B_phi", "tau_so_x", "length", "T"} <= set(names)
    for name in names:
        low, high = slider_range(name, {}, {})
        assert 0 < low < high
        assert axis_range(name, {}, {}, log=True) == (low, high)


@pytest.mark.parametrize(("name", "ends"), [("B", (-0.1, 0.1)), ("tau_phi", (1e-13, 1e-9))])
def test_an_axis_has_a_range_of_its_own(name, ends):
    assert axis_range(name, {}, {}, log=False) == ends
    assert axis_range(name, {name: (0.0, 1.0)}, {}, log=False) == (0.0, 1.0)
