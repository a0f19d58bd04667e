"""Profiles of one value as a figure: where each crosses the level of its interval."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from numerics.fit_table import symbol_latex
from numerics.inline_svg import CURVES, FAINT, INK, inline_svg, page_style
from numerics.profile import Profile
from numerics.report_text import parameter_scale

# In units of the excess at the level.
_HIGHEST = 4.0


def interval_figure(profiles: Mapping[str, Profile]) -> str:
    """Return profiles of one parameter as SVG.

    Parameters
    ----------
    profiles : mapping
        {label: profile}, as with and without correlated noise. Drawn is the excess of the sum of
        squares over the lowest, divided by that at the level: the interval is where it is below 1.
        The axis is logarithmic if the values span more than a factor of three.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullFormatter

    name = next(iter(profiles.values())).name
    factor, unit = parameter_scale(next(iter(profiles.values())).unit, _typical(profiles))
    with page_style():
        figure = Figure(figsize=(3.1, 2.3), layout="constrained")
        axes = figure.subplots()
        axes.tick_params(top=True, right=True)
        axes.axhline(1.0, color=FAINT, linewidth=0.8)
        for k, (label, one) in enumerate(profiles.items()):
            x, y = _line(one)
            color = CURVES[k % len(CURVES)]
            axes.plot(factor * x, y, color=color, linewidth=1.3, label=label)
            inside = [factor * (end or x[side]) for end, side in ((one.lower, 0), (one.upper, -1))]
            axes.axvspan(*inside, color=color, alpha=0.13, linewidth=0)
        low, high = _ends(profiles)
        if low > 0 and high > 3 * low:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 30 * low else (1,)))
            axes.xaxis.set_major_formatter("{x:g}")
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(factor * low, factor * high)
        axes.set_ylim(0.0, _HIGHEST)
        symbol, _, label = symbol_latex(name).partition(" (")
        words = f", {label.removesuffix(')')}" if label else ""
        axes.set_xlabel(f"{symbol}{words} ({unit})" if unit else f"{symbol}{words}")
        axes.set_ylabel("excess / that at the level")
        if len(profiles) > 1:
            axes.legend(labelcolor=INK, fontsize=6.5)
        word = "".join(c if c.isalnum() else "-" for c in name)
        return inline_svg(
            figure,
            f"profile-{word}",
            f"Excess of the sum of squares over its minimum against {name}, everything else "
            f"refitted; {', '.join(profiles)}.",
        )


def _line(profile: Profile) -> tuple[np.ndarray, np.ndarray]:
    """Return values and excess over that at the level, the minimum itself among them."""
    lowest = profile.minima[0].sum_of_squares
    at = int(np.searchsorted(profile.grid, profile.best))
    x = np.insert(profile.grid, at, profile.best)
    y = np.insert(profile.sum_of_squares, at, lowest)
    for end in (profile.lower, profile.upper):
        if end is not None:
            at = int(np.searchsorted(x, end))
            x, y = np.insert(x, at, end), np.insert(y, at, profile.level)
    return x, (y - lowest) / (profile.level - lowest)


def _ends(profiles: Mapping[str, Profile]) -> tuple[float, float]:
    """Return the ends of what is worth drawing: where some profile is below the top."""
    shown = [x[y <= _HIGHEST] for x, y in map(_line, profiles.values())]
    low, high = min(x[0] for x in shown), max(x[-1] for x in shown)
    span = 0.06 * (np.log(high / low) if low > 0 else high - low)
    return (low * np.exp(-span), high * np.exp(span)) if low > 0 else (low - span, high + span)


def _typical(profiles: Mapping[str, Profile]) -> float:
    return abs(next(iter(profiles.values())).best)
