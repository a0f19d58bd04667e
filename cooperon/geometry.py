"""The shape of a sample: which axes are infinite, which are finite, and what a field does.

A geometry says over which modes a Cooperon is traced; it contains no formula and knows
nothing of spin.  Diffusion along different axes is independent, so a shape is a product of
axes: infinite ones, finite ones with reflecting walls, leads, or closed to a ring, and a
thin `Section` in which only the uniform mode counts.

    bulk(3)                      infinite in three directions
    film(thickness)              between two and three dimensions
    strip(width)                 between one and two dimensions, exact in a field
    wire(width), round_wire()    thinner than L_phi and l_B: Altshuler and Aronov
    ballistic_wire(width, l)     thinner than l as well: Beenakker and van Houten
    finite_wire(length)          between leads, closed, or one end of each kind
    ring(), cylinder()           with flux: h/2e oscillations
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import sympy as sp

from cooperon import sections
from cooperon.lengths import Condition, positive_length
from cooperon.sections import Section
from diagrams.symbols import B, e, hbar, symbol

_HLN = "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)"
_KAWABATA = "A. Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980)"
_AA = "B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499 (1981)"
_AAK = "B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982)"
_AAS = "B. L. Altshuler, A. G. Aronov, B. Z. Spivak, JETP Lett. 33, 94 (1981)"
_MELLO = "P. A. Mello, A. D. Stone, Phys. Rev. B 44, 3559 (1991)"
_LENGTH, _WIDTH, _THICKNESS = symbol("length"), symbol("width"), symbol("thickness")
_PATH = symbol("l")
_CIRCUMFERENCE, _RADIUS = symbol("circumference"), symbol("radius")


class Ends(Enum):
    """How a finite axis ends."""

    CLOSED = "closed"
    """Two walls that reflect: modes pi m/L, m >= 0."""
    LEADS = "leads"
    """Two leads that absorb the Cooperon: modes pi m/L, m >= 1."""
    MIXED = "mixed"
    """A wall and a lead: modes pi (m + 1/2)/L, m >= 0."""
    RING = "ring"
    """Closed upon itself: modes (2 pi m + theta)/L of either sign."""


@dataclass(frozen=True)
class Axis:
    """A finite axis.

    Attributes
    ----------
    length : expression
        m.
    ends : Ends
    transverse : bool
        Whether the current flows across it, as across the thickness of a film: the correction
        is integrated over the axis then, and averaged over it otherwise.
    phase : expression
        What the Cooperon gains around a ring, theta = 4 pi Phi/(h/e) = 2 e Phi/hbar.
    way : expression, optional
        Circumference that the modes of a ring see, if it is not its length.
    """

    length: sp.Expr
    ends: Ends
    transverse: bool = False
    phase: sp.Expr = sp.S.Zero
    way: sp.Expr | None = None


@dataclass(frozen=True)
class Geometry:
    """A sample.

    Attributes
    ----------
    name : str
    infinite : int
        Number of axes that are longer than anything else.  A field B is perpendicular to the
        first two.
    axes : tuple of Axis
        The finite axes.
    section : Section, optional
        A thin cross-section, and what fields do in it.
    nyquist : bool
        Whether electrons dephase each other by their Nyquist noise, exactly, in d = 1.
    reference : str
        Whom to cite for this shape.

    Notes
    -----
    Made by the functions of this module.
    """

    name: str
    infinite: int
    axes: tuple[Axis, ...] = ()
    section: Section | None = None
    nyquist: bool = False
    reference: str = ""

    @property
    def extended(self) -> int:
        """Dimension of the conductivity: axes that the current can flow along."""
        return self.infinite + sum(not axis.transverse for axis in self.axes)

    @property
    def dimension(self) -> int:
        """Number of axes with modes of their own, a thin section left out."""
        return self.infinite + len(self.axes)

    @property
    def has_levels(self) -> bool:
        """Whether a perpendicular field brings Landau levels."""
        return self.infinite >= 2

    @property
    def feels_field(self) -> bool:
        """Whether anything depends on a field: levels, a section, a flux, transverse modes."""
        flux = any(axis.phase != 0 or axis.transverse for axis in self.axes)
        return self.has_levels or flux or self.section is not None

    @property
    def is_conductance(self) -> bool:
        """Whether the result is a conductance, between leads, not a conductivity."""
        return self.infinite == 0 and any(axis.ends is Ends.LEADS for axis in self.axes)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What has to be small."""
        return () if self.section is None else self.section.conditions


def bulk(dimension: int) -> Geometry:
    """Return the infinite sample in d = 1, 2 or 3, the field perpendicular to two axes.

    Raises
    ------
    ValueError
        If the dimension is not 1, 2 or 3.
    """
    if dimension not in (1, 2, 3):
        raise ValueError(f"the dimension is {dimension}; choose 1, 2 or 3.")
    cited = {1: "", 2: _HLN, 3: _KAWABATA}[dimension]
    return Geometry(f"bulk, d = {dimension}", dimension, reference=cited)


def film(thickness: sp.Expr | float = _THICKNESS, thin: bool = False) -> Geometry:
    """Return a film of thickness t between reflecting faces.

    Parameters
    ----------
    thickness : expression or number
        m.
    thin : bool
        Whether only the mode that is uniform across it counts, t << L_phi and l_B.  A field
        B_parallel along the film dephases that mode; tilted fields are B and B_parallel.
        Otherwise all transverse modes are summed, between d = 2 and d = 3.

    Raises
    ------
    ValueError
        If the thickness is not positive.
    """
    if thin:
        return Geometry("thin film", 2, section=sections.slab(thickness), reference=_AA)
    size = positive_length("thickness", thickness)
    return Geometry("film", 2, (Axis(size, Ends.CLOSED, transverse=True),), reference=_AA)


def strip(width: sp.Expr | float = _WIDTH) -> Geometry:
    """Return a strip of width W between reflecting walls, all transverse modes included.

    It is between d = 1 and d = 2, in a perpendicular field as well.  `wire` is its limit for
    W << L_phi and l_B.

    Raises
    ------
    ValueError
        If the width is not positive.
    """
    size = positive_length("width", width)
    return Geometry("strip", 1, (Axis(size, Ends.CLOSED, transverse=True),), reference=_AA)


def wire(
    width: sp.Expr | float = _WIDTH,
    thickness: sp.Expr | float | None = None,
    nyquist: bool = False,
) -> Geometry:
    """Return a long wire, thinner than L_phi and l_B.

    Parameters
    ----------
    width : expression or number
        W, perpendicular to the field B, m.
    thickness : expression or number, optional
        t, perpendicular to a second field B_parallel across the wire.
    nyquist : bool
        Whether to add the dephasing by Nyquist noise, of length L_N, beside 1/tau_phi.

    Raises
    ------
    ValueError
        If a length is not positive.
    """
    section = sections.strip(width) if thickness is None else sections.rectangle(width, thickness)
    return Geometry("wire", 1, (), section, nyquist, _AAK if nyquist else _AA)


def round_wire(
    radius: sp.Expr | float = _RADIUS, along: bool = False, nyquist: bool = False
) -> Geometry:
    """Return a long round wire of radius R in a field across, or `along`, it.

    Raises
    ------
    ValueError
        If the radius is not positive.
    """
    section = sections.disc(radius, along)
    return Geometry("round wire", 1, (), section, nyquist, _AAK if nyquist else _AA)


def ballistic_wire(
    width: sp.Expr | float = _WIDTH,
    mean_free_path: sp.Expr | float = _PATH,
    walls: str = "specular",
    exact: bool = False,
) -> Geometry:
    """Return a long wire narrower than the mean free path l, in a field B across it.

    Parameters
    ----------
    width, mean_free_path : expression or number
        W and l, m.
    walls : {"specular", "diffuse"}
    exact : bool
        Whether to take the rate that is exact in a weak field, for specular walls and any l/W,
        instead of the published interpolation between weak and strong fields.

    Raises
    ------
    ValueError
        If a length is not positive, or the walls are not one of the two.
    """
    section = sections.channel(width, mean_free_path, walls, exact)
    return Geometry("ballistic wire", 1, (), section, reference=section.reference)


def finite_wire(
    length: sp.Expr | float = _LENGTH,
    ends: str = "leads",
    width: sp.Expr | float | None = None,
) -> Geometry:
    """Return a wire of length L, thinner than L_phi.

    Parameters
    ----------
    length : expression or number
        L, m.
    ends : {"leads", "closed", "mixed"}
        Leads at both ends, which make the result a conductance; walls; one of each.
    width : expression or number, optional
        W of a strip, for a field B across it.

    Raises
    ------
    ValueError
        If a length is not positive, or the ends are not one of the three.
    """
    size = positive_length("length", length)
    kinds = {kind.value: kind for kind in (Ends.LEADS, Ends.CLOSED, Ends.MIXED)}
    if ends not in kinds:
        raise ValueError(f"the ends are {ends!r}; choose one of {sorted(kinds)}.")
    section = None if width is None else sections.strip(width)
    return Geometry(
        f"finite wire, {ends}", 0, (Axis(size, kinds[ends]),), section, reference=_MELLO
    )


def ring(
    circumference: sp.Expr | float = _CIRCUMFERENCE,
    width: sp.Expr | float | None = None,
    flux: sp.Expr | None = None,
) -> Geometry:
    """Return a ring of a thin wire, threaded by the flux of a field B along its axis.

    Parameters
    ----------
    circumference : expression or number
        L_c, m.
    width : expression or number, optional
        Width of the wire, through which the field passes too.
    flux : expression, optional
        Wb; B L_c^2/(4 pi), that through a circle, by default.  The symbol Phi is a flux
        without a field in the wire.

    Raises
    ------
    ValueError
        If a length is not positive.
    """
    section = None if width is None else sections.strip(width)
    return Geometry("ring", 0, (_around(circumference, flux),), section, reference=_AAS)


def cylinder(
    circumference: sp.Expr | float = _CIRCUMFERENCE,
    thickness: sp.Expr | float | None = None,
    flux: sp.Expr | None = None,
) -> Geometry:
    """Return a long thin-walled cylinder in a field B along its axis.

    `thickness` is that of the wall, which damps the oscillations; the others as in `ring`.
    The wall is thin beside the radius; see `thick_cylinder`.

    Raises
    ------
    ValueError
        If a length is not positive.
    """
    section = None if thickness is None else sections.slab(thickness, B)
    return Geometry("cylinder", 1, (_around(circumference, flux),), section, reference=_AAS)


def thick_cylinder(
    radius: sp.Expr | float = _RADIUS,
    thickness: sp.Expr | float = _THICKNESS,
) -> Geometry:
    """Return a long cylinder of mean radius R whose wall is not thin beside it.

    The wall still is thinner than L_phi and l_B.  The mode without nodes across it sees averages
    over the wall: the way around is 2 pi <r^-2>^(-1/2), the flux pi B/<r^-2>.  They are
    differences that lose about (R/t)^4 roundings; for walls below R/100 use `cylinder`.

    Raises
    ------
    ValueError
        If a length is not positive, or the wall is thicker than the diameter (for numbers).
    """
    mean = positive_length("radius", radius)
    wall = positive_length("thickness", thickness)
    if (2 * mean - wall).is_nonpositive:
        raise ValueError(
            f"the wall is {wall} m thick, the diameter {2 * mean} m; give a thinner wall."
        )
    shell = sections.shell(mean, wall)
    flux = B * shell.circumference**2 / (4 * sp.pi)
    phase = 2 * e * flux / hbar
    axis = Axis(2 * sp.pi * mean, Ends.RING, phase=phase, way=shell.circumference)
    return Geometry("thick cylinder", 1, (axis,), shell.section, reference=_AAS)


def _around(circumference: sp.Expr | float, flux: sp.Expr | None) -> Axis:
    size = positive_length("circumference", circumference)
    through = B * size**2 / (4 * sp.pi) if flux is None else sp.sympify(flux)
    return Axis(size, Ends.RING, phase=2 * e * through / hbar)
