"""Hikami boxes: the hard parts of a diagram between its soft modes.

A box is a closed loop of four Green functions in alternation retarded and advanced. It comes
bare and with one impurity line that joins the two retarded or the two advanced sides; all
three are of the same order in 1/(k_F l). The boxes of the conductivity are cut out of the
maximally crossed diagrams, not written down.

Units are those of the rules: hbar = 1, `nu` per spin, volume and angular frequency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from diagrams.blocks import in_terms_of_D
from diagrams.diagram import Diagram
from diagrams.families import dress, ladder, maximally_crossed
from diagrams.notation import parse
from diagrams.rules import Rules, Vector, evaluate
from diagrams.skeletons import cut_modes, skeleton


@dataclass(frozen=True)
class HikamiBoxes:
    """The values of a bare box and of its two dressed partners."""

    bare: sp.Expr
    dressed_retarded: sp.Expr
    dressed_advanced: sp.Expr

    @property
    def total(self) -> sp.Expr:
        """The sum of the three."""
        return sp.factor(self.bare + self.dressed_retarded + self.dressed_advanced)


def conductivity_box_diagrams() -> tuple[Diagram, Diagram, Diagram]:
    """Return the boxes of the first-order correction to the conductivity.

    They are what is left of the maximally crossed diagrams, bare and with one line around
    the rungs of the retarded or of the advanced string, when the Cooperon is cut out.

    Examples
    --------
    >>> for diagram in conductivity_box_diagrams():
    ...     print(diagram)
    R[x C1] R[C1' y] A[y C1] A[C1' x]
    R[x 1 C1] R[C1' 1 y] A[y C1] A[C1' x]
    R[x C1] R[C1' y] A[y 1 C1] A[C1' 1 x]
    """
    crossed = maximally_crossed(2)
    family = (crossed, dress(crossed, 0), dress(crossed, 1))
    bare, retarded, advanced = (cut_modes(skeleton(diagram)) for diagram in family)
    return bare, retarded, advanced


def vertex_correction(dimension: int, anisotropy: sp.Expr) -> sp.Expr:
    """Return the factor tau_tr/tau = 1/(1 - g) by which ladders dress a current vertex.

    Each rung multiplies the current by the ratio of the bubbles with one rung and with none;
    the series is geometric. With g = <cos theta> = 0 the vertex is bare. Source: after
    Edwards, Phil. Mag. 3, 1020 (1958).

    Examples
    --------
    >>> vertex_correction(2, sp.Symbol("g"))
    -1/(g - 1)
    """
    rules = Rules(dimension, currents=("x", "y"), anisotropy=anisotropy)
    one, none = (evaluate(ladder(rungs), rules, order=0) for rungs in (1, 0))
    return sp.factor(1 / (1 - one / none))


def conductivity_boxes(dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> HikamiBoxes:
    """Return the boxes with two current vertices, per spin, at zero momenta and frequency.

    The bare one is sum_k v_x(k) v_x(-k) (G^R)^2 (G^A)^2, where -k is the momentum of the
    time-reversed electron (Q - k at small Q); isotropic scatterers make it -4 pi nu tau^2 D,
    and the dressed ones vanish with their angular averages. For g = <cos theta> != 0 the
    vertices are dressed as well, D = v_F^2 tau_tr/d, and the sum keeps this value. Source:
    after Gorkov, Larkin, Khmelnitskii, JETP Lett. 30, 228 (1979); Hikami, Phys. Rev. B 24,
    2671 (1981).

    Examples
    --------
    >>> conductivity_boxes(2)
    HikamiBoxes(bare=-4*pi*D*nu*tau**2, dressed_retarded=0, dressed_advanced=0)
    """
    rules = Rules(dimension, currents=("x", "y"), anisotropy=anisotropy)
    vertices = vertex_correction(dimension, anisotropy) ** 2
    bare, retarded, advanced = (
        in_terms_of_D(vertices * evaluate(diagram, rules, order=0), dimension, anisotropy)
        for diagram in conductivity_box_diagrams()
    )
    return HikamiBoxes(bare, retarded, advanced)


def density_box_diagrams() -> tuple[Diagram, Diagram, Diagram]:
    """Return the boxes with four corners a, b, c, d at which soft modes end.

    Examples
    --------
    >>> print(density_box_diagrams()[1])
    R[a 1 b] A[b c] R[c 1 d] A[d a]
    """
    return (
        parse("R[a b] A[b c] R[c d] A[d a]"),
        parse("R[a 1 b] A[b c] R[c 1 d] A[d a]"),
        parse("R[a b] A[b 1 c] R[c d] A[d 1 a]"),
    )


def density_boxes(dimension: int, corners: Sequence[Vector]) -> HikamiBoxes:
    """Return the boxes with four density corners, per spin, to second order in the momenta.

    At zero momentum the bare box is 4 pi nu tau^3, each dressed one -2 pi nu tau^3, and the
    sum vanishes, by conservation of particles. Source: after Hikami, Phys. Rev. B 24, 2671
    (1981); after Akkermans and Montambaux, Mesoscopic Physics of Electrons and Photons
    (2007).

    Parameters
    ----------
    corners
        The momenta that enter at the corners a, b, c, d, as tuples of components in 1/m.

    Raises
    ------
    ValueError
        There are not four momenta, or they do not add up to zero.

    Examples
    --------
    >>> q, Q = sp.symbols("q Q", real=True)
    >>> density_boxes(2, [(q, 0), (0, Q), (-q, 0), (0, -Q)]).total
    4*pi*D*nu*tau**4*(Q**2 + q**2)
    """
    if len(corners) != 4 or any(sp.expand(sum(part)) != 0 for part in zip(*corners, strict=True)):
        raise ValueError(f"The box needs four momenta that add up to zero, not {corners}.")
    momenta = dict(zip("abcd", corners, strict=True))
    rules = Rules(dimension, momenta=momenta, frequency=sp.S.Zero)
    bare, retarded, advanced = (
        in_terms_of_D(evaluate(diagram, rules, order=2), dimension)
        for diagram in density_box_diagrams()
    )
    return HikamiBoxes(bare, retarded, advanced)
