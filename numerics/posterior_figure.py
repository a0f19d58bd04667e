"""Posteriors as figures: the corner plot of the draws, and replicated data against the measured.

Made without pyplot, as in `numerics.figure`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.figure import COLORS, UNITS
from numerics.fit_table import symbol_latex
from numerics.inference_problem import split
from numerics.posterior import Posterior
from numerics.rounding import engineering_exponent, rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Array = NDArray[np.float64]

_BINS = 40
_MASS = (0.95, 0.68)


def plot_corner(posterior: Posterior, names: tuple[str, ...] | None = None) -> Figure:
    """Return the densities of values and of pairs of them, with the minima that were started from.

    Shaded are the regions of highest density that hold 68 and 95 % of the draws; below one
    parameter is its histogram with the median and the 68 % interval.

    Parameters
    ----------
    posterior : Posterior
    names : tuple of str, optional
        Which values; all free ones by default.

    Raises
    ------
    ValueError
        If a name is not one of the free values.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs

    names = names or posterior.problem.names
    for name in names:
        if name not in posterior.problem.names:
            raise ValueError(
                f"{name!r} is not a free value; choose from {', '.join(posterior.problem.names)}."
            )
    size = len(names)
    figure = Figure(figsize=(1.0 + 1.6 * size, 0.8 + 1.5 * size), layout="constrained")
    grid = figure.subplots(size, size, squeeze=False)
    scales = [_Scale(posterior, name) for name in names]
    for i in range(size):
        for j in range(size):
            if j > i:
                grid[i, j].set_axis_off()
            elif i == j:
                _draw_one(grid[i, i], scales[i])
            else:
                _draw_two(grid[i, j], scales[j], scales[i])
            _tidy(grid[i, j], scales[j], scales[i], bottom=i == size - 1, left=j == 0 < i)
    figure.align_labels()
    return figure


def plot_predictive(posterior: Posterior) -> Figure:
    """Return the measured curves over the bands that hold 68 and 95 % of replicated data."""
    from matplotlib.figure import Figure

    curves = posterior.problem.curves
    replicated = np.asarray(posterior.inference_data.posterior_predictive["delta_sigma"])
    rows = split(posterior.problem, replicated.reshape(-1, replicated.shape[-1]))
    figure = Figure(figsize=(5.2, 4.2), layout="constrained")
    axes = figure.subplots()
    for i, (curve, own) in enumerate(zip(curves, rows, strict=True)):
        color = COLORS[i % len(COLORS)]
        for mass, alpha in zip(_MASS, (0.2, 0.35), strict=True):
            low, high = np.quantile(own, [(1 - mass) / 2, (1 + mass) / 2], axis=0)
            axes.fill_between(1e3 * curve.B, low, high, color=color, alpha=alpha, linewidth=0)
        axes.plot(1e3 * curve.B, curve.delta_sigma, ".", color=color, ms=3, label=curve.label)
    axes.set_xlabel(r"perpendicular field $B$ (mT)")
    axes.set_ylabel(rf"$\Delta\sigma(B)$  $({UNITS[curves[0].unit]})$")
    axes.set_title("bands: 68 and 95 % of replicated data", fontsize="small")
    axes.tick_params(direction="in", top=True, right=True)
    axes.legend(frameon=False, fontsize="small", ncols=2)
    return figure


class _Scale:
    """Draws of a value in a unit that suits it, and the label of its axis."""

    def __init__(self, posterior: Posterior, name: str) -> None:
        k = posterior.problem.names.index(name)
        self.parameter = posterior.problem.layout.parameters[k]
        estimate = posterior.summary[name]
        number = rounded(estimate.median, 0.0, posterior.units[name])
        self.factor = 10.0 ** -engineering_exponent(estimate.median)
        power = rf"10^{{{number.exponent}}}\," if number.exponent else ""
        unit = rf"  $({power}\mathrm{{{number.unit}}})$" if power or number.unit else ""
        self.label = symbol_latex(name) + unit
        self.draws = self.factor * posterior.draws(name).ravel()
        self.interval = [self.factor * v for v in estimate.interval_68]
        self.median = self.factor * estimate.median
        self.minima = [self.factor * m.values[name] for m in posterior.fit.minima]
        low, high = np.quantile(self.draws, [0.001, 0.999])
        # A posterior over decades would be a spike on a linear axis.
        self.logarithmic = self.parameter.logarithmic and high > 5 * low
        space = np.geomspace if self.logarithmic else np.linspace
        self.edges = space(low, high, _BINS + 1)


def _draw_one(axes: Axes, scale: _Scale) -> None:
    counts, _ = np.histogram(scale.draws, scale.edges)
    axes.stairs(counts, scale.edges, fill=True, color=COLORS[0], alpha=0.35)
    axes.stairs(counts, scale.edges, color=COLORS[0], linewidth=0.8)
    axes.axvline(scale.median, color="0.2", linewidth=0.9)
    for edge in scale.interval:
        axes.axvline(edge, color="0.2", linewidth=0.7, linestyle="--")
    axes.set_title(f"{100 * 0.68:.0f} %: {_span(scale)}", fontsize=6.5)


def _span(scale: _Scale) -> str:
    low, high = scale.interval
    return f"{low:.3g} to {high:.3g}"


def _draw_two(axes: Axes, x: _Scale, y: _Scale) -> None:
    from scipy.ndimage import gaussian_filter

    counts = np.histogram2d(x.draws, y.draws, [x.edges, y.edges])[0]
    smooth = gaussian_filter(counts, 1.0)
    levels = [_level(smooth, mass) for mass in _MASS]
    middle = [_centres(s) for s in (x, y)]
    axes.plot(x.draws[::4], y.draws[::4], ".", color="0.75", ms=0.8, zorder=0, rasterized=True)
    axes.contourf(
        *middle, smooth.T, [*levels, smooth.max() * 1.01], colors=[COLORS[5], COLORS[0]], alpha=0.7
    )
    for k, point in enumerate(zip(x.minima, y.minima, strict=True)):
        axes.plot(*point, "x+*"[min(k, 2)], color=COLORS[1], ms=5, mew=1.2)


def _level(density: _Array, mass: float) -> float:
    """Return the density above which the bins hold the given share of the draws."""
    ordered = np.sort(density.ravel())[::-1]
    k = int(np.searchsorted(np.cumsum(ordered), mass * ordered.sum()))
    return float(ordered[min(k, len(ordered) - 1)])


def _centres(scale: _Scale) -> _Array:
    low, high = scale.edges[:-1], scale.edges[1:]
    return np.sqrt(low * high) if scale.logarithmic else (low + high) / 2


def _tidy(axes: Axes, x: _Scale, y: _Scale, *, bottom: bool, left: bool) -> None:
    axes.tick_params(labelsize=6.5, direction="in", labelbottom=bottom, labelleft=left)
    if not axes.axison:
        return
    diagonal = x is y
    axes.set_xlim(x.edges[0], x.edges[-1])
    axes.set_xscale("log" if x.logarithmic else "linear")
    if diagonal:
        axes.set_yticks([])
    else:
        axes.set_ylim(y.edges[0], y.edges[-1])
        axes.set_yscale("log" if y.logarithmic else "linear")
    if bottom:
        axes.set_xlabel(x.label, fontsize=8)
    if left:
        axes.set_ylabel(y.label, fontsize=8)
