"""A correction under sliders: an interactive figure for notebooks.

Every move of a slider calls one compiled function on one array and shows the figure as a picture,
so that no backend of matplotlib has to be chosen.  A thin grey curve stays where the sliders
started: the axis follows the curve, and would hide how far it has moved.
"""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.axis_label import ResultUnit, letter, result_name, with_unit
from numerics.curve_family import (
    CurveFamily,
    Function,
    check_parameters,
    curve_family,
    explained,
    grid,
)
from numerics.plot import Plotted, compiled, draw_families, parameter_names, result_unit
from numerics.slider_ranges import Ranges, axis_range, middle, slider_range

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 100
_STEPS = 200


def sliders(
    correction: Plotted,
    ranges: Ranges | None = None,
    *,
    values: Mapping[str, float] | None = None,
    fixed: Mapping[str, float] | None = None,
    against: str = "B",
    points: int = 301,
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
    log: bool = False,
) -> SliderPanel:
    """Return an interactive figure with a slider for each parameter, which a notebook displays.

    Parameters
    ----------
    correction : Correction or compiled function
        What to draw; it is compiled once.
    ranges : mapping
        {name: (low, high)} in SI units, of sliders and of the parameter along the axis.  By
        default fields go from 1e-5 to 10 T, times from 1e-13 to 1e-9 s, lengths from 1e-9 to
        1e-4 m, and a field along the axis from -0.1 to 0.1 T.  A slider is logarithmic where
        its low end is above zero.
    values : mapping
        Where sliders start; in the middle of the range by default.
    fixed : mapping
        Parameters without a slider, such as a rate that is zero.
    against, points, unit, units, log
        As for `numerics.plot_correction`.  Fewer points keep a model fluent whose trace over
        Landau levels stays a matrix, at some milliseconds for a point.

    Returns
    -------
    SliderPanel
        With the `values` under the sliders, for a fit to start from.

    Raises
    ------
    ImportError
        If ipywidgets is not installed.
    ValueError
        If a name is no parameter, a range is empty or unknown, or a slider starts outside its
        range.
    """
    widgets = _ipywidgets()
    given, start, held, known = ranges or {}, values or {}, fixed or {}, units or {}
    names = parameter_names(correction)
    free = [name for name in names if name not in (against, *held)]
    check_parameters(names, against, dict.fromkeys([*free, *start, *held, *_other(given, against)]))
    _require_free(free, [*start, *_other(given, against)])
    bounds = {name: slider_range(name, given, known) for name in free}
    picture = CurvePicture(
        function=compiled(correction, unit, known),
        name=result_name(correction),
        unit=result_unit(correction, unit),
        against=against,
        x=grid(*axis_range(against, given, known, log=log), points, log=log),
        fixed=held,
        units=known,
        log=log,
    )
    return SliderPanel(
        widgets, picture, bounds, {name: _start(name, bounds, start) for name in free}
    )


@dataclass(frozen=True)
class CurvePicture:
    """A curve of one function at any values of its parameters.

    Attributes
    ----------
    function : callable
        The function, called `name` and computing in `unit`.
    against, x : str, array
        The parameter along the axis, and its values.
    fixed : mapping
        Parameters that stay.
    units, log
        As for `numerics.plot_correction`.
    """

    function: Function
    name: str
    unit: ResultUnit | None
    against: str
    x: NDArray[np.float64]
    fixed: Mapping[str, float]
    units: Mapping[str, str]
    log: bool

    def curve(self, values: Mapping[str, float]) -> CurveFamily:
        """Return the curve at these values."""
        return curve_family(self.function, self.against, self.x, {**values, **self.fixed})

    def figure(self, curve: CurveFamily, reference: CurveFamily) -> Figure:
        """Return the figure of a curve with another one behind it."""
        return draw_families(
            {"": curve},
            self.name,
            self.unit,
            units=self.units,
            log=self.log,
            axes=None,
            reference=reference,
        )


class SliderPanel:
    """Sliders, a reset button and the figure; a notebook displays it.

    Attributes
    ----------
    controls : dict
        {name: slider of ipywidgets}, each with the parameter in SI units as its `value`.
    figure : Figure
        What is shown, to be saved as it is.
    curve : CurveFamily
        Its numbers.
    widget : ipywidgets.VBox
        The whole, to be put into a larger interface.
    """

    def __init__(
        self,
        widgets: Any,
        picture: CurvePicture,
        bounds: Mapping[str, tuple[float, float]],
        start: Mapping[str, float],
    ) -> None:
        self._picture, self._start = picture, dict(start)
        self.curve = self._reference = picture.curve(start)
        self._image, self._message = widgets.Image(format="png"), widgets.Label()
        self._readouts = {name: widgets.Label() for name in start}
        self.controls = {name: _slider(widgets, name, *bounds[name], start[name]) for name in start}
        button = widgets.Button(description="reset", tooltip="back to where the sliders started")
        button.on_click(lambda _: self.reset())
        rows = [widgets.HBox([self.controls[name], self._readouts[name]]) for name in start]
        self.widget = widgets.VBox([self._image, *rows, widgets.HBox([button, self._message])])
        self._observe()
        self._show()

    @property
    def values(self) -> dict[str, float]:
        """Values of all sliders, {name: value} in SI units."""
        return {name: float(control.value) for name, control in self.controls.items()}

    def reset(self) -> None:
        """Put all sliders back to where they started."""
        for control in self.controls.values():
            control.unobserve(self._redraw, names="value")
        for name, control in self.controls.items():
            control.value = self._start[name]
        self._observe()
        self._show()

    def _observe(self) -> None:
        for control in self.controls.values():
            control.observe(self._redraw, names="value")

    def _redraw(self, _: object) -> None:
        self._show()

    def _show(self) -> None:
        """Draw the curve at the values of the sliders, or say why there is none."""
        values, units = self.values, self._picture.units
        for name, readout in self._readouts.items():
            readout.value = with_unit(name, values[name], units.get(name))
        try:
            with warnings.catch_warnings(record=True) as noted:
                warnings.simplefilter("always")
                self.curve = self._picture.curve(values)
        except (ValueError, TypeError) as error:  # a traceback would vanish in a notebook's log
            self._message.value = str(error)
            return
        self._message.value = "; ".join(dict.fromkeys(str(w.message) for w in noted))
        self.figure = self._picture.figure(self.curve, self._reference)
        self._image.value = _png(self.figure)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)


def _ipywidgets() -> Any:
    try:
        return importlib.import_module("ipywidgets")
    except ImportError as error:
        raise ImportError(
            "sliders need the package ipywidgets, which is not installed; run "
            "`pip install ipywidgets` and restart the notebook."
        ) from error


def _other(ranges: Ranges, against: str) -> list[str]:
    return [name for name in ranges if name != against]


def _require_free(free: list[str], named: list[str]) -> None:
    for name in named:
        if name not in free:
            raise ValueError(f"{name} is fixed and has no slider; leave it out of one of the two.")


def _start(name: str, bounds: Ranges, values: Mapping[str, float]) -> float:
    low, high = bounds[name]
    value = values.get(name, middle(low, high))
    if not low <= value <= high:
        raise ValueError(
            f"{name} starts at {value:g}, outside of {low:g} to {high:g}; give "
            f"ranges={{{name!r}: (low, high)}} around it."
        )
    return float(value)


def _slider(widgets: Any, name: str, low: float, high: float, value: float) -> Any:
    look = {"description": letter(name), "tooltip": explained(name), "readout": False}
    if low > 0:
        ends = {"min": math.log10(low), "max": math.log10(high)}
        step = (ends["max"] - ends["min"]) / _STEPS
        return widgets.FloatLogSlider(value=value, base=10.0, step=step, **ends, **look)
    step = (high - low) / _STEPS
    return widgets.FloatSlider(value=value, min=low, max=high, step=step, **look)


def _png(figure: Figure) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI)
    return buffer.getvalue()
