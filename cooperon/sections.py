r"""Thin cross-sections: what a magnetic field does to modes that are uniform across them.

In a wire or film thinner than L_phi and l_B only the transverse mode without nodes counts.  A
field whose vector potential A varies across the section dephases it at the rate

.. math:: \frac{1}{\tau_B} = \frac{4 e^2 D}{\hbar^2}
    \left(\langle A^2 \rangle - \langle A \rangle^2\right),

the first order of perturbation theory for a charge 2e, averaged over the section.  The mean is a
choice of gauge; walls ask that A has no component across them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from cooperon.ballistic_wire import field_rate, weak_field_rate
from cooperon.derivation import Step, equation
from cooperon.lengths import Condition, positive_length, squared_dephasing_length
from diagrams.symbols import B, D, e, hbar, symbol

B_parallel = symbol("B_parallel")
_y, _r, _angle = sp.symbols("y r varphi", real=True)
_size = sp.Symbol("a", positive=True)
_Average = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True)
class Section:
    """A cross-section, thin in the sense of its conditions.

    Attributes
    ----------
    name : str
    rate : expression
        1/tau_B by which the fields B and B_parallel dephase the uniform mode, 1/s.
    conditions : tuple of Condition
        What makes the rate hold.
    reference, assumption : str
        Whom to cite, and where the rate comes from, one sentence.
    """

    name: str
    rate: sp.Expr
    conditions: tuple[Condition, ...]
    reference: str
    assumption: str = (
        "First order in the square of the vector potential, "
        r"$4 e^2 D (\langle A^2\rangle - \langle A\rangle^2)/\hbar^2$, averaged over the "
        "cross-section with $A$ along its walls."
    )

    def steps(self) -> tuple[Step, ...]:
        """Return the step that states the rate."""
        return (
            Step(
                f"Uniform mode of a {self.name}",
                (equation(1 / symbol("tau_B"), self.rate),),
                self.assumption,
                self.reference,
            ),
        )


_AA = "B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499 (1981)"


def slab(thickness: sp.Expr | float, field: sp.Expr = B_parallel) -> Section:
    """Return the section of a film of thickness t in a `field` along it.

    1/tau_B = D (e B t/hbar)^2/3.  It is also that of a strip of width t in a field B across it.

    Raises
    ------
    ValueError
        If the thickness is not positive.
    """
    size = positive_length("thickness", thickness)
    return Section("slab", _of(_across_slab(), size, field), _thin("thickness", size, field), _AA)


def rectangle(
    width: sp.Expr | float, thickness: sp.Expr | float, field: sp.Expr = B_parallel
) -> Section:
    """Return the section of a wire: B across its width, `field` across its thickness.

    Both are perpendicular to the wire, B to the width and `field` to the thickness.
    """
    wide, thick = slab(width, B), slab(thickness, field)
    conditions = (*_thin("width", sp.sympify(width), B), *thick.conditions)
    return Section("rectangle", wide.rate + thick.rate, conditions, _AA)


def disc(radius: sp.Expr | float, along: bool = False) -> Section:
    """Return the section of a round wire in a field B across it, or `along` it.

    1/tau_B = D (e B R/hbar)^2 across and half as much along.

    Raises
    ------
    ValueError
        If the radius is not positive.
    """
    size = positive_length("radius", radius)
    rate = _along_disc() if along else _across_disc()
    return Section("disc", _of(rate, size, B), _thin("radius", size, B), _AA)


def strip(width: sp.Expr | float) -> Section:
    """Return the section of a strip of width W in a field B across it.

    Raises
    ------
    ValueError
        If the width is not positive.
    """
    size = positive_length("width", width)
    return Section("strip", _of(_across_slab(), size, B), _thin("width", size, B), _AA)


@dataclass(frozen=True)
class Shell:
    """The wall of a cylinder: its section, and the way around it that its modes see."""

    section: Section
    circumference: sp.Expr


def shell(radius: sp.Expr, thickness: sp.Expr) -> Shell:
    """Return the wall of a cylinder of mean radius R in a field B along its axis.

    A mode n has the energy D <(n/r - e B r/hbar)^2> averaged over the wall, which is
    D <r^-2> (n - n_B)^2 and a rest that damps all modes alike: 1/tau_B =
    D (e B/hbar)^2 (<r^2> - 1/<r^-2>), n_B = e B/(hbar <r^-2>).
    """
    limits = (_r, radius - thickness / 2, radius + thickness / 2)
    area = sp.expand(sp.integrate(_r, limits))
    outer = sp.cancel(sp.expand(sp.integrate(_r**3, limits)) / area)
    inner = sp.log((2 * radius + thickness) / (2 * radius - thickness)) / area
    rate = D * (e * B / hbar) ** 2 * (outer - 1 / inner)
    section = Section("wall", rate, _thin("thickness", thickness, B), _AAS)
    return Shell(section, 2 * sp.pi / sp.sqrt(inner))


_AAS = "B. L. Altshuler, A. G. Aronov, B. Z. Spivak, JETP Lett. 33, 94 (1981)"


def channel(
    width: sp.Expr | float, mean_free_path: sp.Expr | float, walls: str, exact: bool
) -> Section:
    """Return the section of a channel narrower than the mean free path, in a field B across it.

    `exact` is for weak fields and specular walls, at any ratio of the two lengths; else the
    interpolation of Beenakker and van Houten, see `cooperon.ballistic_wire`.

    Raises
    ------
    ValueError
        If a length is not positive, or the walls are not "specular" or "diffuse" (only specular
        ones are exact).
    """
    size, path = positive_length("width", width), positive_length("mean free path", mean_free_path)
    near_l_B = Condition("width", "l_B = sqrt(hbar/(e B))", _over_l_B(size, B), _OF_L_B)
    if exact:
        if walls != "specular":
            raise ValueError(f"the rate of {walls!r} walls is not known exactly; use exact=False.")
        weak = Condition(
            "area width*l", "l_B^2 = hbar/(e B)", e * sp.Abs(B) * size * path / hbar, _OF_L_B
        )
        rate = weak_field_rate(size, path)
        return Section("channel", rate, (near_l_B, weak), _BVH, _EXACT)
    narrow = Condition("width", "l (mean free path)", size / path, sp.S.One)
    rate = field_rate(size, path, walls)
    return Section("channel", rate, (narrow, near_l_B), _BVH, _INTERPOLATED.format(walls))


_EXACT = (
    "Correlation of the phase over flights between specular walls, in a weak field; the area of "
    "a flight across the channel cancels."
)
_INTERPOLATED = (
    "The area of a flight across the channel cancels; the times of weak and strong fields, both "
    "of grazing flights between {} walls, are added."
)
_BVH = "C. W. J. Beenakker, H. van Houten, Phys. Rev. B 38, 3232 (1988)"


def _over_l_B(size: sp.Expr, field: sp.Expr) -> sp.Expr:
    return sp.sqrt(e * sp.Abs(field) * size**2 / hbar)


def _of(rate: sp.Expr, size: sp.Expr, field: sp.Expr) -> sp.Expr:
    return rate.subs({_size: size, B: field}, simultaneous=True)


def _rate(potential: sp.Expr, average: _Average) -> sp.Expr:
    """Return 4 e^2 D/hbar^2 times the variance of the potential."""
    variance = average(potential**2) - average(potential) ** 2
    return sp.simplify(4 * e**2 * D / hbar**2 * variance)


@cache
def _across_slab() -> sp.Expr:
    def average(f: sp.Expr) -> sp.Expr:
        return sp.integrate(f, (_y, -_size / 2, _size / 2)) / _size

    return _rate(B * _y, average)


@cache
def _across_disc() -> sp.Expr:
    return _rate(B * _r * sp.sin(_angle), _average_over_disc)


@cache
def _along_disc() -> sp.Expr:
    """A = B r/2 runs along the wall; its direction turns, so that its mean vanishes."""
    return sp.simplify(4 * e**2 * D / hbar**2 * _average_over_disc((B * _r / 2) ** 2))


def _average_over_disc(f: sp.Expr) -> sp.Expr:
    return sp.integrate(f * _r, (_r, 0, _size), (_angle, 0, 2 * sp.pi)) / (sp.pi * _size**2)


# Where the leading order is 5 % off the exact strip, see `strip_validity`.
_OF_L_PHI, _OF_L_B = sp.Rational(3, 10), sp.Integer(1)


def _thin(name: str, size: sp.Expr, field: sp.Expr) -> tuple[Condition, ...]:
    """Return that a length is below L_phi and l_B, as first-order perturbation theory needs."""
    return (
        Condition(name, "L_phi", size / sp.sqrt(squared_dephasing_length()), _OF_L_PHI),
        Condition(name, "l_B = sqrt(hbar/(e B))", _over_l_B(size, field), _OF_L_B),
    )
