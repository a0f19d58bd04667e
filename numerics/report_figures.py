"""The figures of a report: data and fit, residuals, minima, windows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from numerics.curve import Curve
from numerics.figure import UNITS
from numerics.fit_record import FitRecord
from numerics.fit_table import symbol_latex
from numerics.inline_svg import CURVES, FAINT, INK, MARKERS, PAPER, inline_svg, page_style
from numerics.report_text import parameter_scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_Array = NDArray[np.float64]
_BARS = 16  # error bars per curve; more of them would hide the points
_PLAUSIBLE = 25.0  # in variances of a residual, five standard deviations


def color(k: int) -> str:
    """Return the colour of the k-th curve."""
    return CURVES[k % len(CURVES)]


def fit_figure(record: FitRecord) -> str:
    """Return data and fit, with the residuals below."""
    from matplotlib.figure import Figure

    unit = UNITS[record.result.unit]
    with page_style():
        figure = Figure(figsize=(4.4, 4.2), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.1))
        scale, field_unit = field_scale(record.curves)
        for k, curve in enumerate(record.curves):
            _draw_curve(upper, record, k, curve, scale)
            lower.plot(
                scale * curve.B,
                record.result.best.residuals[curve.label],
                MARKERS[k % len(MARKERS)],
                color=color(k),
                markersize=2.2,
            )
        for axes in (upper, lower):
            axes.axhline(0.0, color=FAINT, linewidth=0.6, zorder=0)
            axes.tick_params(top=True, right=True)
        upper.set_ylabel(rf"$\Delta\sigma(B) = \sigma(B) - \sigma(0)$  $({unit})$")
        lower.set_ylabel(rf"data $-$ fit  $({unit})$")
        lower.set_xlabel(f"perpendicular field $B$ ({field_unit})")
        upper.legend(ncols=2)
        figure.align_ylabels((upper, lower))
        labels = ", ".join(c.label for c in record.curves)
        return inline_svg(
            figure,
            "fit",
            f"Measured change of the conductivity against the field ({labels}), the fitted curves, "
            "and below their differences.",
        )


def _draw_curve(axes: Axes, record: FitRecord, k: int, curve: Curve, scale: float) -> None:
    axes.plot(
        scale * curve.B,
        curve.delta_sigma,
        MARKERS[k % len(MARKERS)],
        color=color(k),
        markersize=3.4,
        markerfacecolor=PAPER,
        markeredgewidth=0.7,
        label=curve.label,
        zorder=2,
    )
    if curve.standard_error is not None:
        step = max(1, len(curve) // _BARS)
        # Bars of curves on one grid start at different points, or they would lie on each other.
        some = slice(k * step // len(record.curves), None, step)
        axes.errorbar(
            scale * curve.B[some],
            curve.delta_sigma[some],
            curve.standard_error[some],
            fmt="none",
            ecolor=color(k),
            elinewidth=0.7,
            capsize=1.5,
            alpha=0.45,
            zorder=1,
        )
    for minimum in drawn_minima(record):
        line = record.lines[minimum][curve.label]
        axes.plot(
            scale * np.asarray(line["B"]),
            line["fit"],
            color=color(k),
            linewidth=1.4 if minimum == 0 else 0.8,
            linestyle="-" if minimum == 0 else (0, (4, 2 * minimum)),
            zorder=3,
        )


def drawn_minima(record: FitRecord) -> list[int]:
    """Return the minima worth a line: the best, and two more that fit nearly as well."""
    best = record.result.best
    variance = 1.0 if record.result.weights else best.variance
    near = [
        k
        for k, m in enumerate(record.result.minima)
        if m.sum_of_squares - best.sum_of_squares <= _PLAUSIBLE * variance
    ]
    return [k for k in near if k < len(record.lines)][:3]


def field_scale(curves: Sequence[Curve]) -> tuple[float, str]:
    """Return what brings fields to the unit of the axis, and that unit."""
    largest = max(float(np.max(np.abs(c.B))) for c in curves)
    if largest >= 1:
        return 1.0, "T"
    return (1e3, "mT") if largest >= 1e-3 else (1e6, "µT")


def normal_figure(residuals: Mapping[str, _Array]) -> str:
    """Return sorted residuals against what normal ones would be (a QQ plot)."""
    from scipy.stats import norm

    with page_style():
        figure, axes = _small()
        reach = 0.0
        for k, (label, r) in enumerate(residuals.items()):
            expected = norm.ppf((np.arange(len(r)) + 0.625) / (len(r) + 0.25))
            ordered = np.sort(r)
            axes.plot(
                expected,
                ordered,
                MARKERS[k % len(MARKERS)],
                color=color(k),
                markersize=2.2,
                label=label,
            )
            reach = max(reach, float(np.max(np.abs(ordered))), float(np.max(np.abs(expected))))
        axes.plot([-reach, reach], [-reach, reach], color=FAINT, linewidth=0.8, zorder=0)
        axes.set_xlabel("expected of normal residuals")
        axes.set_ylabel("residual / standard deviation")
        return inline_svg(
            figure,
            "normal",
            "Sorted residuals against the quantiles of a normal distribution; normal residuals lie "
            "on the diagonal.",
        )


def histogram_figure(residuals: Mapping[str, _Array]) -> str:
    """Return the distribution of all residuals beside the normal one."""
    r = np.concatenate(list(residuals.values()))
    reach = max(3.5, float(np.max(np.abs(r))) * 1.05)
    bins = np.linspace(-reach, reach, 2 * max(5, math.ceil(len(r) ** 0.5)) // 2 + 1)
    with page_style():
        figure, axes = _small()
        axes.hist(r, bins.tolist(), density=True, color=CURVES[0], alpha=0.35, edgecolor=CURVES[0])
        x = np.linspace(-reach, reach, 201)
        axes.plot(x, np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi), color=INK, linewidth=0.9)
        axes.set_xlabel("residual / standard deviation")
        axes.set_ylabel("density")
        return inline_svg(
            figure, "histogram", "Histogram of the residuals and the normal distribution."
        )


def autocorrelation(r: _Array, lags: int) -> _Array:
    """Return r_k = sum_i r_i r_(i+k) / sum_i r_i^2 for k = 1 to `lags`; 0 where all vanish."""
    square = float(r @ r)
    return np.array([float(r[k:] @ r[:-k]) / square if square else 0.0 for k in range(1, lags + 1)])


def autocorrelation_figure(residuals: Mapping[str, _Array], name: str = "autocorrelation") -> str:
    """Return the autocorrelation of the residuals with the band of independent ones.

    `name` is a word of its own in the page.
    """
    lags = max(1, min(25, *(len(r) // 2 for r in residuals.values())))
    shortest = min(len(r) for r in residuals.values())
    band = 1.96 / math.sqrt(shortest)
    with page_style():
        figure, axes = _small()
        axes.axhspan(-band, band, color=FAINT, alpha=0.2, linewidth=0)
        axes.axhline(0.0, color=INK, linewidth=0.6)
        for k, r in enumerate(residuals.values()):
            axes.plot(
                np.arange(1, lags + 1),
                autocorrelation(r, lags),
                MARKERS[k % len(MARKERS)] + "-",
                color=color(k),
                markersize=2.5,
                linewidth=0.7,
            )
        axes.set_xlabel("lag (points)")
        axes.set_ylabel("autocorrelation")
        axes.set_ylim(-1.05, 1.05)
        return inline_svg(
            figure,
            name,
            "Autocorrelation of the residuals against the lag; independent residuals stay in the "
            f"band of plus or minus {band:.2f} at 95 percent of the lags.",
        )


def window_figures(record: FitRecord) -> list[str]:
    """Return a figure for each parameter: its value against the end of the window."""
    groups: dict[str, list[str]] = {}
    for name in record.result.best.values:
        groups.setdefault(name.partition("[")[0], []).append(name)
    return [_window_figure(record, base, names) for base, names in groups.items()]


def _window_figure(record: FitRecord, base: str, names: Sequence[str]) -> str:
    best = record.result.best
    factor, unit = parameter_scale(
        record.result.units[names[0]], max(abs(best.values[name]) for name in names)
    )
    labels = [c.label for c in record.curves]
    whole = max(float(np.max(np.abs(c.B))) for c in record.curves)
    scale, field_unit = field_scale(record.curves)
    with page_style():
        figure, axes = _small()
        for name in names:
            k = labels.index(name.partition("[")[2].removesuffix("]")) if "[" in name else 0
            rows = [
                (w.B_max, w.values[name], w.standard_errors[name])
                for w in record.windows
                if w.values
            ]
            rows.append((whole, best.values[name], best.standard_errors[name]))
            known = np.array([row for row in rows if math.isfinite(row[2])]).reshape(-1, 3).T
            if math.isfinite(best.standard_errors[name]):
                low, high = (
                    best.values[name] + s * best.standard_errors[name] for s in (-1.0, 1.0)
                )
                axes.axhspan(factor * low, factor * high, color=color(k), alpha=0.14, linewidth=0)
            axes.errorbar(
                scale * known[0],
                factor * known[1],
                factor * known[2],
                fmt=MARKERS[k % len(MARKERS)] + "-",
                color=color(k),
                markersize=3,
                linewidth=0.7,
                elinewidth=0.8,
                capsize=2,
                label=name.partition("[")[2].removesuffix("]") or None,
            )
        axes.set_xlim(0.0, 1.06 * scale * whole)
        axes.set_xlabel(f"window: $B$ up to ({field_unit})")
        axes.set_ylabel(f"{symbol_latex(base)} ({unit})" if unit else symbol_latex(base))
        if any("[" in name for name in names):
            axes.legend(fontsize=6.5)
        return inline_svg(
            figure,
            f"window-{base}",
            f"{base} with its standard error against the largest field of the fit; the band is the "
            "result for all points.",
        )


def _small() -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.1, 2.3), layout="constrained")
    axes = figure.subplots()
    axes.tick_params(top=True, right=True)
    return figure, axes
