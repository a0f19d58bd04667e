"""A correction as a figure: its dependence on the field, or on any other of its parameters.

The figure is made without pyplot, so nothing global changes and no window opens:
``plot_correction(correction, {"B_phi": 1e-3}, start=-0.1, stop=0.1).savefig("figure.png")``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cooperon import Correction
from numerics.axis_label import (
    ResultUnit,
    Scale,
    described,
    letter,
    result_name,
    scale,
    typical,
    with_unit,
)
from numerics.codegen import compile
from numerics.curve_family import (
    CurveFamily,
    Function,
    argument_names,
    check_parameters,
    curve_family,
    grid,
    require_values,
)
from numerics.curve_look import GREY, CurveLook, curve_look
from numerics.module_docstring import unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Plotted = Correction | Function
POINTS = 501
_PARTS: tuple[tuple[str, Callable[[Any], Any]], ...] = (("Re ", np.real), ("Im ", np.imag))
_HELD_IN_A_LINE = 4


def plot_correction(
    corrections: Plotted | Mapping[str, Plotted],
    parameters: Mapping[str, ArrayLike] | None = None,
    *,
    against: str = "B",
    start: float | None = None,
    stop: float | None = None,
    points: int = POINTS,
    values: ArrayLike | None = None,
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
    log: bool = False,
    axes: Axes | Sequence[Axes] | None = None,
) -> Figure:
    """Return a figure of corrections as functions of one of their parameters.

    Parameters
    ----------
    corrections : Correction, compiled function, or mapping of names to them
        What to draw.  A correction is compiled, once; the arguments of a function have to
        broadcast against each other.
    parameters : mapping
        A number, or a list of numbers for a family of curves, for every other parameter, in SI
        units.  Several corrections take those that they have.
    against : str
        The parameter along the horizontal axis.
    start, stop, points : float, float, int
        Its range in SI units and the number of points; there are some more near zero, where the
        range reaches across it.
    values : array, optional
        The points one by one, instead of a range.
    unit : str, optional
        Unit of the corrections as for `numerics.compile`, their own by default.  Of functions it
        is the unit in which they compute, for the label.
    units : mapping, optional
        Units of parameters that the symbol table does not have.
    log : bool
        Whether the horizontal axis is logarithmic.
    axes : Axes, or two of them for a complex result
        Where to draw; in a new figure by default.

    Returns
    -------
    Figure
        One panel, or real above imaginary part of a complex result.

    Raises
    ------
    ValueError
        If parameters are missing (all are named), are none, or make no sense; if more than two
        things are varied; if the corrections have different units.
    TypeError
        If something to draw is neither a `Correction` nor a function.
    """
    x = _points(start, stop, points, values, log)
    subjects = dict(corrections) if isinstance(corrections, Mapping) else {"": corrections}
    if not subjects:
        raise ValueError("there is no correction to draw; give one or more.")
    given, known = parameters or {}, units or {}
    names = {label: parameter_names(subject) for label, subject in subjects.items()}
    check_parameters(list(dict.fromkeys(sum(names.values(), ()))), against, given)
    result_unit = _shared_unit(subjects, unit)
    families = {
        label: curve_family(
            compiled(subject, unit, known),
            against,
            x,
            {name: value for name, value in given.items() if name in names[label]},
        )
        for label, subject in subjects.items()
    }
    name = result_name(next(iter(subjects.values())))
    return draw_families(families, name, result_unit, units=known, log=log, axes=axes)


def parameter_names(subject: Plotted) -> tuple[str, ...]:
    """Return the names of the parameters of a correction or function.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(subject, Correction):
        return tuple(symbol.name for symbol in subject.parameters)
    if not callable(subject):
        raise TypeError(f"a {type(subject).__name__} cannot be drawn; give a Correction.")
    return argument_names(subject)


def compiled(subject: Plotted, unit: str | None, units: Mapping[str, str]) -> Function:
    """Return the compiled function of a correction, or the function that was given."""
    if not isinstance(subject, Correction):
        return subject
    own = {name: text for name, text in units.items() if name in parameter_names(subject)}
    return compile(subject, unit=unit, units=own)


def result_unit(subject: Plotted, unit: str | None) -> ResultUnit | None:
    """Return the unit of a result, None if nobody has said."""
    if isinstance(subject, Correction):
        return ResultUnit.of(subject, unit)
    return None if unit is None else ResultUnit("S" if unit == "SI" else unit)


def draw_families(
    families: Mapping[str, CurveFamily],
    name: str,
    unit: ResultUnit | None,
    *,
    units: Mapping[str, str],
    log: bool,
    axes: Axes | Sequence[Axes] | None,
    reference: CurveFamily | None = None,
) -> Figure:
    """Return the figure of evaluated curves of the quantity called `name`.

    A `reference`, one curve to compare with, is drawn thinly behind them.
    """
    look = curve_look(families, units)
    is_complex = any(np.iscomplexobj(family.values) for family in families.values())
    figure, panels = _panels(axes, 2 if is_complex else 1)
    first = next(iter(families.values()))
    own = units.get(first.against) or unit_of(first.against)
    horizontal = scale(own, typical(first.x, log=log))
    drawn = [*families.values(), *([] if reference is None else [reference])]
    size = max(typical(family.values, log=False) for family in drawn)
    vertical = unit.scale(size) if unit else Scale(1.0, "")
    for panel, (part, take) in zip(panels, _PARTS, strict=False):
        shown = {label: take(family.values) for label, family in families.items()}
        _draw_curves(panel, families, shown, look, horizontal, vertical)
        if reference is not None:
            x, y = horizontal.factor * reference.x, vertical.factor * take(reference.values)
            panel.plot(x, y, color="0.7", linewidth=1.0, zorder=1)
        panel.set_ylabel(vertical.labelled(f"{part if is_complex else ''}{name}"))
        _finish(panel, first.x, log)
    panels[-1].set_xlabel(horizontal.labelled(described(first.against)))
    look.add_legends(panels[0])
    _say_what_is_held(panels[0], families, units)
    figure.align_ylabels(panels)
    return figure


def _points(
    start: float | None, stop: float | None, points: int, values: ArrayLike | None, log: bool
) -> NDArray[np.float64]:
    if values is None and start is not None and stop is not None:
        return grid(start, stop, points, log=log)
    if values is None or start is not None or stop is not None:
        raise ValueError("the range is open; give start and stop, or the points as values.")
    return require_values(values)


def _shared_unit(subjects: Mapping[str, Plotted], unit: str | None) -> ResultUnit | None:
    found = {label: result_unit(subject, unit) for label, subject in subjects.items()}
    known = [one for one in found.values() if one is not None]
    if len(set(known)) > 1:
        raise ValueError(
            "the corrections have different units, "
            f"{' and '.join(str(one) for one in dict.fromkeys(known))}; give one unit, such as "
            "unit='e^2/h', for corrections of one dimension."
        )
    return known[0] if known else None


def _draw_curves(
    axes: Axes,
    families: Mapping[str, CurveFamily],
    shown: Mapping[str, NDArray[np.float64]],
    look: CurveLook,
    horizontal: Scale,
    vertical: Scale,
) -> None:
    for label, family in families.items():
        x = horizontal.factor * family.x
        for indices in product(*(range(len(v)) for v in family.varied.values())):
            positions = dict(zip(family.varied, indices, strict=True))
            y = vertical.factor * shown[label][indices]
            axes.plot(x, y, **look.of_curve(label, positions))


def _finish(axes: Axes, x: NDArray[np.float64], log: bool) -> None:
    if log:
        axes.set_xscale("log")
    axes.margins(x=0.0)
    low, high = axes.get_ylim()
    # A line at zero orients where curves come near it, and would squeeze them elsewhere.
    if low <= 0 <= high:
        axes.axhline(0.0, color="0.8", linewidth=0.6, zorder=0)
    if x[0] < 0 < x[-1]:
        axes.axvline(0.0, color="0.8", linewidth=0.6, zorder=0)
    axes.tick_params(direction="in", top=True, right=True, which="both")


def _say_what_is_held(
    axes: Axes, families: Mapping[str, CurveFamily], units: Mapping[str, str]
) -> None:
    held = {name: value for family in families.values() for name, value in family.fixed.items()}
    texts = [f"{letter(name)} = {with_unit(name, v, units.get(name))}" for name, v in held.items()]
    lines = (texts[k : k + _HELD_IN_A_LINE] for k in range(0, len(texts), _HELD_IN_A_LINE))
    title = "\n".join(",  ".join(line) for line in lines)
    axes.set_title(title, fontsize="small", color=GREY, loc="left")


def _panels(axes: Axes | Sequence[Axes] | None, count: int) -> tuple[Figure, list[Axes]]:
    """Return the figure and its panels, of which a complex result has two."""
    from matplotlib.figure import Figure  # half a second that only drawing needs

    if axes is None:
        figure = Figure(figsize=(6.2, 3.9 if count == 1 else 5.6), layout="constrained")
        return figure, list(figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0])
    panels = list(np.atleast_1d(np.asarray(axes, object)))
    if len(panels) != count:
        raise ValueError(
            f"{len(panels)} axes were given for {count}; a complex result has two, for its real "
            "and its imaginary part, any other has one."
        )
    figure = panels[0].get_figure(root=True)
    return figure, panels
