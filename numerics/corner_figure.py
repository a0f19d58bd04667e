"""What a fit says of two parameters at once: ellipses of the Laplace approximation.

The approximation is normal in ln p for parameters that are varied on a logarithmic scale and in p
for the others. Contours hold 68 and 95 % of the probability of the two parameters together, bands
on the diagonal 68 % of that of one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.fit_table import symbol_latex
from numerics.inline_svg import CURVES, INK, inline_svg, page_style
from numerics.parameters import Parameter
from numerics.report_text import parameter_scale
from numerics.result import Minimum

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Array = NDArray[np.float64]
# Beyond it the panels are too small to read.
MOST = 6
_LEVELS = (0.95, 0.68)
_CIRCLE = np.array([np.cos(t := np.linspace(0, 2 * np.pi, 181)), np.sin(t)])


def corner_names(minimum: Minimum) -> list[str]:
    """Return the determined parameters, at most `MOST`: those that correlate most."""
    known = [
        name
        for name in minimum.values
        if name not in minimum.undetermined
        and math.isfinite(minimum.standard_errors[name])
        and minimum.standard_errors[name] > 0
    ]
    if len(known) <= MOST:
        return known
    others = {a: max(abs(minimum.correlation_of(a, b)) for b in known if b != a) for a in known}
    chosen = sorted(known, key=lambda name: -others[name])[:MOST]
    return [name for name in known if name in chosen]


def corner_figure(
    minimum: Minimum, parameters: Sequence[Parameter], units: Mapping[str, str]
) -> str:
    """Return the corner plot of the determined parameters of a minimum as SVG."""
    from matplotlib.figure import Figure

    names = corner_names(minimum)
    logarithmic = {p.name: p.logarithmic for p in parameters}
    log = [logarithmic.get(name.partition("[")[0], False) for name in names]
    size = len(names)
    with page_style():
        figure = Figure(figsize=(1.2 + 1.25 * size, 0.9 + 1.15 * size), layout="constrained")
        grid = figure.subplots(size, size, squeeze=False)
        scales = [parameter_scale(units[name], abs(minimum.values[name])) for name in names]
        for i in range(size):
            for j in range(size):
                if j > i:
                    grid[i, j].set_axis_off()
                elif i == j:
                    _draw_one(grid[i, i], minimum, names[i], log[i], scales[i][0])
                else:
                    factors = (scales[j][0], scales[i][0])
                    _draw_two(grid[i, j], minimum, (names[j], names[i]), (log[j], log[i]), factors)
        _label(grid, names, [unit for _, unit in scales])
        figure.align_labels()
        return inline_svg(
            figure,
            "corner",
            "Regions that hold 68 and 95 percent of the probability of each pair of parameters, "
            "and the distribution of each one.",
        )


def ellipse(
    minimum: Minimum, names: tuple[str, str], log: tuple[bool, bool], level: float
) -> _Array:
    """Return points, shape (2, m), on the contour that holds the probability `level`."""
    order = list(minimum.values)
    index = [order.index(name) for name in names]
    center = np.array([minimum.values[name] for name in names])
    step = np.where(log, center, 1.0)
    covariance = minimum.covariance[np.ix_(index, index)] / np.outer(step, step)
    curvature, axes = np.linalg.eigh(covariance)
    radius = math.sqrt(-2 * math.log1p(-level))
    moved = axes @ (np.sqrt(np.maximum(curvature, 0.0))[:, None] * _CIRCLE) * radius
    return np.array(
        [
            c * np.exp(d) if logarithmic else c + d
            for c, d, logarithmic in zip(center, moved, log, strict=True)
        ]
    )


def _draw_two(
    axes: Axes,
    minimum: Minimum,
    names: tuple[str, str],
    log: tuple[bool, bool],
    factors: tuple[float, float],
) -> None:
    for level in _LEVELS:
        x, y = ellipse(minimum, names, log, level)
        axes.fill(factors[0] * x, factors[1] * y, color=CURVES[0], alpha=0.22, linewidth=0)
        axes.plot(factors[0] * x, factors[1] * y, color=CURVES[0], linewidth=0.8)
    center = [f * minimum.values[name] for f, name in zip(factors, names, strict=True)]
    axes.plot(*center, "+", color=INK, markersize=5, markeredgewidth=0.8)


def _draw_one(axes: Axes, minimum: Minimum, name: str, log: bool, factor: float) -> None:
    value, error = minimum.values[name], minimum.standard_errors[name]
    t = np.linspace(-3.2, 3.2, 161)
    spread = error / value if log else error
    x = value * np.exp(spread * t) if log else value + spread * t
    density = np.exp(-(t**2) / 2) / (x if log else 1.0)
    density /= density.max()
    inside = np.abs(t) <= 1
    axes.fill_between(factor * x[inside], density[inside], color=CURVES[0], alpha=0.3, linewidth=0)
    axes.plot(factor * x, density, color=CURVES[0], linewidth=0.9)
    axes.set_ylim(0, 1.12)


def _label(grid: NDArray[np.object_], names: Sequence[str], units: Sequence[str]) -> None:
    size = len(names)
    for i in range(size):
        for j in range(i + 1):
            axes: Axes = grid[i, j]
            axes.tick_params(labelsize=6.5, top=True, right=i != j)
            axes.locator_params(nbins=3)
            if i == j:
                axes.set_yticks([])
            if i < size - 1:
                axes.tick_params(labelbottom=False)
            else:
                axes.set_xlabel(_text(names[j], units[j]), fontsize=7.5)
            if i > 0 and j == 0:
                axes.set_ylabel(_text(names[i], units[i]), fontsize=7.5)
            elif j > 0:
                axes.tick_params(labelleft=False)
    for j in range(size):
        limits = grid[j, j].get_xlim()
        for i in range(j, size):
            grid[i, j].set_xlim(limits)
        for k in range(j):
            grid[j, k].set_ylim(limits)


def _text(name: str, unit: str) -> str:
    symbol, _, label = symbol_latex(name).partition(" (")
    lines = [symbol + (f" ({unit})" if unit else "")]
    return "\n".join([*lines, label.removesuffix(")")] if label else lines)
