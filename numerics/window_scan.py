"""How much a fit depends on the field window it was given.

The largest field of a fit is a choice, and the answer often follows it: beyond the transport field
the formula fails, and a window too small holds no curvature. A parameter that drifts with the
window by more than its error has not been measured, whatever its error says.

`window_scan` is for any way of fitting, given as a function of the curves within a window (with
sampling, or a model of one's own), and needs no fit of the whole. A recorded `numerics.fit.fit`
has `numerics.window_fits`, which repeats its search on shorter ranges without compiling again and
tests the drift against the errors; that is what reports show.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.curve import Curve
from numerics.pint_edge import si_array
from numerics.sweep_array import Floats

FitFunction = Callable[[tuple[Curve, ...]], Any]


@dataclass(frozen=True, eq=False)
class WindowScan:
    """Fitted values over windows B <= B_max.

    Attributes
    ----------
    B_max : array, shape (k,)
        Largest field of each window, tesla.
    points : tuple of int
        Number of points of all curves in each window.
    values, standard_errors : dict
        Arrays, shape (k,), by parameter; errors are NaN where the fit gave none.
    status : tuple of str
        One sentence per parameter on its drift.
    """

    B_max: Floats
    points: tuple[int, ...]
    values: dict[str, Floats]
    standard_errors: dict[str, Floats]
    status: tuple[str, ...]

    def drift(self, name: str) -> float:
        """Return the largest minus the smallest value over the windows."""
        return float(np.ptp(self.values[name]))


def window_scan(
    curves: Curve | Sequence[Curve],
    fit_function: FitFunction,
    B_max: Any,
    *,
    B_min: float = 0.0,
) -> WindowScan:
    """Run a fit for several field windows and say how its parameters drift.

    Parameters
    ----------
    curves : Curve or sequence of Curve
        The data.
    fit_function : callable
        ``fit_function(curves)`` for the curves within a window; returns a `FitResult` or a mapping
        of names to values.
    B_max : sequence of float
        Largest fields in tesla (or pint), ascending, at least two.
    B_min : float
        Smallest field of every window, tesla.

    Raises
    ------
    ValueError
        If the windows do not ascend, hold fewer than 2 points of a curve, or differ in nothing.
    """
    curves = (curves,) if isinstance(curves, Curve) else tuple(curves)
    edges = np.atleast_1d(si_array(B_max, "T", "B_max"))
    if len(edges) < 2 or np.any(np.diff(edges) <= 0):
        raise ValueError(f"The windows end at {edges} T; give at least two ascending fields.")
    results, points = [], []
    for edge in edges:
        inside = tuple(_inside(curve, B_min, float(edge)) for curve in curves)
        points.append(sum(len(curve) for curve in inside))
        if len(points) > 1 and points[-1] == points[-2]:
            raise ValueError(
                f"The window up to {edge:g} T holds the same {points[-1]} points as the one "
                "before; the data end there, so leave it out."
            )
        results.append(_values(fit_function(inside)))
    names = list(results[0][0])
    values = {k: np.array([found[0][k] for found in results]) for k in names}
    errors = {k: np.array([found[1].get(k, np.nan) for found in results]) for k in names}
    status = tuple(_sentence(k, edges, values[k], errors[k]) for k in names)
    return WindowScan(edges, tuple(points), values, errors, status)


def _inside(curve: Curve, B_min: float, B_max: float) -> Curve:
    # The rounding of a printed field must not decide whether the last point is inside.
    margin = 1e-3 * float(np.min(np.diff(curve.B)))
    count = int(np.sum((np.abs(curve.B) >= B_min) & (np.abs(curve.B) <= B_max + margin)))
    if count < 2:
        raise ValueError(
            f"The window {B_min:g} T to {B_max:g} T holds {count} point(s) of {curve.label!r}; "
            f"its fields are {curve.B[0]:g} T to {curve.B[-1]:g} T."
        )
    return curve.window(B_min, B_max + margin)


def _values(result: Any) -> tuple[dict[str, float], Mapping[str, float]]:
    if isinstance(result, Mapping):
        return {k: float(v) for k, v in result.items()}, {}
    best = getattr(result, "best", None)
    if best is None:
        raise TypeError(
            f"The fit returned {type(result).__name__}; return a FitResult or a mapping of names "
            "to values."
        )
    return dict(best.values), best.standard_errors


def _sentence(name: str, edges: Floats, values: Floats, errors: Floats) -> str:
    listed = ", ".join(f"{v:.3g}" for v in values)
    upto = ", ".join(f"{1e3 * b:g}" for b in edges)
    spread = float(np.ptp(values))
    text = f"{name} = {listed} for windows up to {upto} mT"
    largest = float(np.nanmax(errors)) if np.any(np.isfinite(errors)) else np.nan
    if np.isfinite(largest) and largest > 0:
        verdict = "within" if spread <= 2 * largest else "beyond"
        return f"{text}: it drifts by {spread:.2g}, {verdict} two standard errors ({largest:.2g})."
    middle = float(np.median(np.abs(values)))
    share = f", {spread / middle:.0%} of its median" if middle else ""
    return f"{text}: it drifts by {spread:.2g}{share}."
