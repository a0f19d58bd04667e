"""A confidence map as a figure: the sum of squares in colours, the contours, and the minima."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numerics.axis_label import letter, scale
from numerics.figure import COLORS
from numerics.profile_map import ProfileMap

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CONTOURS: tuple[tuple[float, Any, str], ...] = ((0.6827, "-", "68 %"), (0.95, (0, (5, 2)), "95 %"))
# Colours go up to this many times the 95 % excess; what is higher looks the same.
_HIGHEST = 4.0
_SHADES = 17


def plot_profile_map(profile: ProfileMap) -> Figure:
    """Return a figure of a confidence map.

    Colours show by how much the refitted sum of squares exceeds the lowest one, in units of the
    excess at the 95 % contour; the contours are those of `ProfileMap.level`, and crosses mark the
    minima. An axis whose values span more than a factor of three is logarithmic.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs
    from matplotlib.lines import Line2D
    from matplotlib.ticker import LogLocator, NullFormatter

    (first, x), (second, y) = profile.grid.items()
    along, up = (
        scale(profile.units[name], float(np.median(values)))
        for name, values in profile.grid.items()
    )
    lowest, high = profile.best.sum_of_squares, profile.level(0.95)
    excess = (profile.sum_of_squares.T - lowest) / (high - lowest)
    figure = Figure(figsize=(5.4, 4.2), layout="constrained")
    axes = figure.subplots()
    # the root makes the bottom of the valley visible
    shades = _HIGHEST * np.linspace(0, 1, _SHADES) ** 2
    filled = axes.contourf(
        along.factor * x,
        up.factor * y,
        np.clip(np.maximum(excess, 0.0), 0.0, _HIGHEST),
        levels=shades,
        cmap="Blues_r",
    )
    for probability, style, _ in _CONTOURS:
        value = (profile.level(probability) - lowest) / (high - lowest)
        axes.contour(
            along.factor * x,
            up.factor * y,
            excess,
            levels=[value],
            colors=COLORS[1],
            linestyles=[style],
            linewidths=1.4,
        )
    for k, minimum in enumerate(profile.minima):
        at = along.factor * minimum.values[first], up.factor * minimum.values[second]
        axes.plot(*at, "x" if k else "+", color=COLORS[4], markersize=9, markeredgewidth=1.6)
    for axis, set_scale, values in (
        (axes.xaxis, axes.set_xscale, x),
        (axes.yaxis, axes.set_yscale, y),
    ):
        if values[0] > 0 and values[-1] > 3 * values[0]:
            set_scale("log")
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
    axes.set_xlim(along.factor * x[0], along.factor * x[-1])
    axes.set_ylim(up.factor * y[0], up.factor * y[-1])
    axes.set_xlabel(along.labelled(letter(first.partition("[")[0])))
    axes.set_ylabel(up.labelled(letter(second.partition("[")[0])))
    lines = [Line2D([], [], color=COLORS[1], linestyle=style) for _, style, _ in _CONTOURS]
    marks = [Line2D([], [], color=COLORS[4], marker="+", linestyle="none", markersize=8)]
    axes.legend([*lines, *marks], [*(text for *_, text in _CONTOURS), "minimum"], fontsize="small")
    bar = figure.colorbar(filled, ax=axes, ticks=[0, 1, 2, 3, 4])
    bar.set_label("excess sum of squares / that of the 95 % contour")
    return figure
