"""A fit as a figure: data with error bars, fitted curves, residuals below.

The figure is made without pyplot, so nothing global changes, no window opens, and it can be made
in a thread: ``plot_fit(result, curves, function).savefig("fit.png", dpi=200)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.precision import double_precision
from numerics.problem import Model
from numerics.result import FitResult

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito: told apart by colour-blind readers; the yellow, too light for lines, left out.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "p", "h")
UNITS = {
    "e^2/h": "e^2/h",
    "e^2/(pi h)": r"e^2/\pi h",
    "S": r"\mathrm{S}",
    "mS": r"\mathrm{mS}",
    "uS": r"\mu\mathrm{S}",
}
_BARS = 16  # error bars per curve; more of them would hide the points
_DENSE = 400


def plot_fit(
    result: FitResult,
    curves: Curve | Sequence[Curve],
    function: Model | None = None,
    *,
    minimum: int = 0,
) -> Figure:
    """Return a figure of the data, the fit and its residuals.

    Parameters
    ----------
    result : FitResult
        The fit.
    curves : Curve or sequence of Curve
        The fitted curves, as they were given to `numerics.fit.fit`.
    function : callable, optional
        The fitted function, to draw smooth lines; without it they join the fitted points.
    minimum : int
        Which minimum to draw, the best by default.

    Raises
    ------
    ValueError
        If a curve was not part of the fit.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs

    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    _check_labels(result, curves)
    figure = Figure(figsize=(5.2, 5.0), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    residuals = result.minima[minimum].residuals
    for i, curve in enumerate(curves):
        color, marker = COLORS[i % len(COLORS)], _MARKERS[i % len(_MARKERS)]
        _draw_data(upper, curve, color, marker)
        _draw_errors(upper, curve, color, i / len(curves))
        B, sigma = _line(result, curve, function, minimum)
        upper.plot(1e3 * B, sigma, color=color, linewidth=1.6, zorder=3)
        lower.plot(1e3 * curve.B, residuals[curve.label], marker, color=color, markersize=2)
    _label(figure, upper, lower, result, minimum)
    return figure


def _check_labels(result: FitResult, curves: Sequence[Curve]) -> None:
    known = result.best.residuals
    for curve in curves:
        if curve.label not in known or len(known[curve.label]) != len(curve):
            raise ValueError(
                f"The curve {curve.label!r} with {len(curve)} points was not fitted; plot the "
                f"fitted ones, {', '.join(known)}."
            )


def _draw_data(axes: Axes, curve: Curve, color: str, marker: str) -> None:
    axes.plot(
        1e3 * curve.B,
        curve.delta_sigma,
        marker,
        color=color,
        markersize=3.5,
        markerfacecolor="white",
        markeredgewidth=0.7,
        label=curve.label,
        zorder=2,
    )


def _draw_errors(axes: Axes, curve: Curve, color: str, shift: float) -> None:
    if curve.standard_error is None:
        return
    step = max(1, len(curve) // _BARS)
    # Bars of curves on one grid start at different points, or they would lie on each other.
    some = slice(int(shift * step), None, step)
    axes.errorbar(
        1e3 * curve.B[some],
        curve.delta_sigma[some],
        curve.standard_error[some],
        fmt="none",
        ecolor=color,
        elinewidth=0.7,
        capsize=1.5,
        alpha=0.45,
        zorder=1,
    )


@double_precision()
def _line(
    result: FitResult, curve: Curve, function: Model | None, minimum: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if function is None:
        return curve.B, curve.delta_sigma - result.minima[minimum].residuals[curve.label]
    B = np.linspace(curve.B[0], curve.B[-1], _DENSE)
    return B, np.asarray(function(B, **result.arguments(curve.label, minimum)))


def _label(figure: Figure, upper: Axes, lower: Axes, result: FitResult, minimum: int) -> None:
    unit = UNITS[result.unit]
    upper.set_ylabel(rf"$\Delta\sigma(B) = \sigma(B) - \sigma(0)$  $({unit})$")
    lower.set_ylabel(rf"data $-$ fit  $({unit})$")
    lower.set_xlabel(r"perpendicular field $B$ (mT)")
    for axes in (upper, lower):
        axes.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
        axes.tick_params(direction="in", top=True, right=True)
    upper.legend(frameon=False, fontsize="small", ncols=2)
    figure.align_ylabels((upper, lower))
    found = result.minima[minimum]
    kind = r"$\chi^2$" if result.weights else "sum of squares"
    upper.set_title(
        f"{kind} {found.sum_of_squares:.4g}, {found.dof} degrees of freedom", fontsize="small"
    )
