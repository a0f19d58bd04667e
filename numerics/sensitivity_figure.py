"""Which parameter a sweep determines, as a figure.

Above, d Delta_sigma / d ln p against the field: two curves of one shape are two parameters that
the sweep cannot tell apart, and a curve inside the grey band is lost in the noise of a point.
Below, the relative standard error against the largest field, other parameters being unknown too.
"""

from __future__ import annotations

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.design import FieldDesign
from numerics.directions import directions
from numerics.figure import COLORS, UNITS
from numerics.fit_table import symbol_latex
from numerics.identifiability import Identifiability

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STYLES = ("-", "--", ":", "-.")
_CUTS = 120


def plot_identifiability(result: Identifiability, *, unit: str | None = None) -> Figure:
    """Return the figure of what sweeps determine.

    Parameters
    ----------
    result : Identifiability
        Of one or several sweeps; several have one line style each.
    unit : str, optional
        Unit of the function for the label: ``"e^2/h"``, ``"e^2/(pi h)"`` or ``"S"``.

    Raises
    ------
    ValueError
        If no field differs from zero.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs

    if not np.any(result.B > 0):
        raise ValueError("All fields are zero; a magnetoconductance needs fields beside it.")
    figure = Figure(figsize=(5.2, 5.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    _draw_sensitivities(upper, result)
    _draw_errors(lower, result)
    suffix = f"  $({UNITS[unit]})$" if unit else ""
    upper.set_ylabel(r"$d\Delta\sigma / d\ln p$" + suffix)
    upper.legend(frameon=False, fontsize="small", ncols=2)
    lower.set_ylabel("relative standard error of $p$")
    lower.set_xlabel(r"field $B$ (above), largest field of the sweep (below)  (mT)")
    for axes in (upper, lower):
        axes.tick_params(direction="in", top=True, right=True, which="both")
    figure.align_ylabels((upper, lower))
    return figure


def errors_by_range(result: Identifiability) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return largest fields (k,) and the relative standard errors of sweeps cut there (k, n).

    An error is ``inf`` where the cut sweep does not determine the parameter, and where it has fewer
    points that react than there are parameters. For correlated noise the rest of the sweep is left
    out with its correlations.
    """
    last = np.flatnonzero(np.diff(result.B, append=np.inf) > 0)
    last = last[result.B[last] > 0]
    if len(last) > _CUTS:
        wanted = np.geomspace(result.B[last[0]], result.B[-1], _CUTS)
        last = last[np.unique(np.searchsorted(result.B[last], wanted * (1 - 1e-12)))]
    names = tuple(result.values)
    return result.B[last], np.array([_errors(result.rows[: k + 1], names) for k in last])


def plot_design(design: FieldDesign) -> Figure:
    """Return the figure of a design: its readings, and the sensitivity function that judges it.

    The design is optimal where the function is at most one and touches one at its fields.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs

    figure = Figure(figsize=(5.2, 4.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
    upper.plot(1e3 * design.certificate.B, design.certificate.sensitivity, color=COLORS[0])
    upper.axhline(1.0, color="0.6", linewidth=0.6)
    upper.set_ylabel("sensitivity function")
    # Rounded down: a bound from below must not grow.
    percent = np.floor(1e4 * design.efficiency) / 100
    upper.set_title(f"at least {percent:.2f} % efficient", fontsize="small")
    lower.vlines(1e3 * design.B, 0.0, design.readings, color=COLORS[1], linewidth=2.5)
    lower.set_ylim(bottom=0.0)
    lower.set_ylabel("readings")
    lower.set_xlabel(r"perpendicular field $B$ (mT)")
    for axes in (upper, lower):
        if design.certificate.B[0] > 0:
            axes.set_xscale("log")
        axes.tick_params(direction="in", top=True, right=True, which="both")
    figure.align_ylabels((upper, lower))
    return figure


def _errors(rows: NDArray[np.float64], names: tuple[str, ...]) -> list[float]:
    """Return the relative errors: sum over directions of (component times its error)^2."""
    if np.count_nonzero(np.any(rows, axis=1)) < len(names):
        return [np.inf] * len(names)
    squares = dict.fromkeys(names, 0.0)
    for axis in directions(rows, names):
        for name, component in axis.exponents.items():
            # A direction that is not seen hides a parameter only if it involves it.
            if abs(component) > 1e-5 or np.isfinite(axis.relative_error):
                squares[name] += (component * axis.relative_error) ** 2
    return [float(np.sqrt(square)) for square in squares.values()]


def _draw_sensitivities(axes: Axes, result: Identifiability) -> None:
    names = list(result.values)
    for sweep, style in zip(result.sweeps, cycle(_STYLES), strict=False):
        order = np.argsort(np.abs(sweep.B))
        B = np.abs(sweep.B)[order]
        for k, (name, color) in enumerate(zip(names, cycle(COLORS), strict=False)):
            line = result.sensitivity[sweep.label][order, k]
            if not np.any(line):
                continue
            shared = not name.endswith("]") and len(result.sweeps) > 1
            label = f"{symbol_latex(name)}, {sweep.label}" if shared else symbol_latex(name)
            axes.plot(1e3 * B[B > 0], line[B > 0], style, color=color, linewidth=1.4, label=label)
    noise = _typical_noise(result)
    axes.axhspan(-noise, noise, color="0.85", zorder=0, label="noise of a point")
    axes.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
    axes.set_xscale("log")


def _typical_noise(result: Identifiability) -> float:
    errors = []
    for sweep in result.sweeps:
        noise = np.asarray(sweep.noise)
        errors.append(np.sqrt(np.diag(noise)) if noise.ndim == 2 else np.atleast_1d(noise))
    return float(np.median(np.concatenate(errors)))


def _draw_errors(axes: Axes, result: Identifiability) -> None:
    largest, errors = errors_by_range(result)
    shown = np.where(np.isfinite(errors), errors, np.nan)
    for name, column, color in zip(result.values, shown.T, cycle(COLORS), strict=False):
        axes.plot(1e3 * largest, column, color=color, linewidth=1.4, label=symbol_latex(name))
    axes.axhline(1.0, color="0.6", linewidth=0.6)
    axes.set_yscale("log")
    # Errors of short sweeps span many decades, all of which mean "undetermined".
    low = np.nanmin(shown) if np.any(np.isfinite(shown)) else 0.1
    axes.set_ylim(min(low / 2, 0.5), 10.0)
