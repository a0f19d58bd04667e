"""The steps of a derivation that a geometry adds: modes, images, the Cooperon at equal points."""

from __future__ import annotations

import sympy as sp

from cooperon.cutoffs import z
from cooperon.derivation import Step, equation
from cooperon.geometry import Axis, Ends, Geometry
from cooperon.geometry_trace import ModeTrace, mode_trace
from cooperon.images import images
from cooperon.nyquist import nyquist_steps

_m = sp.Symbol("m", integer=True)
_MODES = {
    Ends.CLOSED: "Between two reflecting walls, $m \\ge 0$.",
    Ends.LEADS: "Between two leads, which absorb the Cooperon, $m \\ge 1$.",
    Ends.MIXED: "Between a wall and a lead, $m \\ge 0$.",
    Ends.RING: "Around the ring, with the phase of the flux, for all integers $m$.",
}


def geometry_steps(geometry: Geometry) -> tuple[Step, ...]:
    """Return the steps from the shape of a sample to the Cooperon at equal points.

    An infinite sample has none: its integral is that of the textbooks.
    """
    steps = shape_steps(geometry)
    return (*steps, _trace_step(geometry)) if steps else ()


def shape_steps(geometry: Geometry) -> tuple[Step, ...]:
    """Return the steps that state the modes, what fields do in a section, and the noise."""
    steps = [_axis_step(axis) for axis in geometry.axes]
    if geometry.section is not None:
        steps += geometry.section.steps()
    if geometry.nyquist:
        steps += nyquist_steps()
    return tuple(steps)


def mode_numbers(axis: Axis) -> sp.Expr:
    """Return the wave vectors of an axis, in the integer m."""
    length = axis.length
    return {
        Ends.CLOSED: sp.pi * _m / length,
        Ends.LEADS: sp.pi * _m / length,
        Ends.MIXED: sp.pi * (_m + sp.Rational(1, 2)) / length,
        Ends.RING: (2 * sp.pi * _m + sp.Symbol("theta")) / length,
    }[axis.ends]


def _axis_step(axis: Axis) -> Step:
    rows = [equation(sp.Symbol("q_m"), mode_numbers(axis))]
    if axis.phase != 0:
        rows.append(equation(sp.Symbol("theta"), axis.phase))
    around = images(axis)
    rows.append(equation(sp.Symbol("P"), around.period))
    return Step(
        "Modes of the finite axis",
        tuple(rows),
        f"{_MODES[axis.ends]} They are summed as turns around a ring of circumference $P$ "
        "(Poisson's formula); the path without a turn is that of an infinite axis.",
    )


def _trace_step(geometry: Geometry) -> Step:
    trace: ModeTrace = mode_trace(geometry)
    return Step(
        "Cooperon at equal points",
        (equation(sp.Function("C")(z), trace.finite_part()),),
        "$C(z) = \\int_0^\\infty dt\\, Z(t) e^{-z t}$ with the rate $z$ of a mode"
        + (
            ""
            if trace.converges
            else ", up to a constant of short times, where diffusion is cut off"
        )
        + ".",
    )
