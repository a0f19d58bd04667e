"""Colours, line styles and legends of families of curves.

What is varied first has colours, what is varied second line styles; each has a legend of its own
beside the axes, where no curve can run through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from numerics.axis_label import letter, number, scale, typical
from numerics.curve_family import CurveFamily
from numerics.figure import COLORS
from numerics.module_docstring import unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY = "0.35"
_WIDTH = 1.6
_STYLES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (5, 1.4, 1.2, 1.4)))
_CORRECTION = "the correction"
_LEGEND: Mapping[str, Any] = MappingProxyType(
    {
        "borderaxespad": 0.0,
        "frameon": False,
        "fontsize": "small",
        "title_fontsize": "small",
        "alignment": "left",
    }
)


@dataclass(frozen=True)
class Key:
    """One thing that is varied: its name, what the legend calls it, and its entries."""

    name: str
    title: str
    entries: tuple[str, ...]


@dataclass(frozen=True)
class CurveLook:
    """How curves are told apart: by colours of the first key, by styles of the second."""

    keys: tuple[Key, ...]
    colors: tuple[Any, ...]

    def of(self, positions: Mapping[str, int]) -> dict[str, Any]:
        """Return the look of the curve at these positions in the keys, {name: index}."""
        look: dict[str, Any] = {"color": COLORS[0], "linestyle": "-", "linewidth": _WIDTH}
        if self.keys:
            first = positions.get(self.keys[0].name)
            look["color"] = GREY if first is None else self.colors[first]
        if len(self.keys) > 1:
            look["linestyle"] = _STYLES[positions.get(self.keys[1].name, 0)]
        return look

    def of_curve(self, label: str, indices: Mapping[str, int]) -> dict[str, Any]:
        """Return the look of a curve of the correction called `label`."""
        own = {k.name: k.entries.index(label) for k in self.keys if k.name == _CORRECTION}
        return self.of({**indices, **own})

    def add_legends(self, axes: Axes) -> None:
        """Put a legend for each key to the right of the axes."""
        corners = (("upper left", 1.0), ("lower left", 0.0))
        for key, (corner, height) in zip(self.keys, corners, strict=False):
            # Axes keep one legend, the last: the one before stays as an artist.
            if axes.legend_ is not None:
                kept = axes.add_artist(axes.legend_)
                kept.set_clip_path(None)
            place: dict[str, Any] = {
                "loc": corner,
                "bbox_to_anchor": (1.02, height),
                "title": key.title,
            }
            axes.legend(self._samples(key), key.entries, **place, **_LEGEND)

    def _samples(self, key: Key) -> list[Any]:
        from matplotlib.lines import Line2D

        looks = (self.of({key.name: k}) for k in range(len(key.entries)))
        return [Line2D([], [], **look) for look in looks]


def curve_look(families: Mapping[str, CurveFamily], units: Mapping[str, str]) -> CurveLook:
    """Return the look of the families of one or several corrections, by their labels.

    Raises
    ------
    ValueError
        If more than two things are varied, or the second has more entries than there are styles.
    """
    varied = {name: v for family in families.values() for name, v in family.varied.items()}
    keys = [_key(name, numbers, units) for name, numbers in varied.items()]
    if len(families) > 1:
        keys.append(Key(_CORRECTION, "", tuple(families)))
    if len(keys) > 2:
        raise ValueError(
            f"{' and '.join(key.name for key in keys)} are varied; vary two at most in a figure."
        )
    if len(keys) == 2 and len(keys[1].entries) > len(_STYLES):
        raise ValueError(
            f"{keys[1].name} has {len(keys[1].entries)} entries, and there are {len(_STYLES)} "
            "line styles; give the longer list first, or fewer entries."
        )
    return CurveLook(tuple(keys), _colors(len(keys[0].entries), bool(varied)) if keys else ())


def _key(name: str, numbers: NDArray[np.float64], units: Mapping[str, str]) -> Key:
    chosen = scale(units.get(name) or unit_of(name), typical(numbers, log=True))
    entries = tuple(number(chosen.factor * value) for value in numbers)
    return Key(name, chosen.labelled(letter(name)), entries)


def _colors(count: int, ordered: bool) -> tuple[Any, ...]:
    """Return colours that grow lighter with a number, or that tell names apart."""
    if not ordered or count == 1:
        return tuple(COLORS[k % len(COLORS)] for k in range(count))
    from matplotlib import colormaps

    lightest = 0.82 if count > 3 else 0.65
    return tuple(colormaps["viridis"](t) for t in np.linspace(0.08, lightest, count))
