"""Chiral bands: the part of the internal space that exists at the Fermi level.

Where the kinetic energy itself is a matrix (a Dirac cone, bilayer graphene, a Weyl node),
only the states of one band are at the Fermi level, with a spinor that follows the direction
n of the momentum.  A `Band` holds the projector P(n) on them, a polynomial in the components
of n.  Projectors need no choice of phase: the Berry phase is in the products P(n) P(n').
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from cooperon.directions import n_in, n_out, n_x, n_y, n_z
from cooperon.internal import ONE, PAULI, Matrix

_INVERSION = {component: -component for component in n_out}


@dataclass(frozen=True)
class Band:
    """A band, by its projector.

    Parameters
    ----------
    name : str
        What the band is, in words.
    projector : Matrix
        P(n) = P(n)^dagger = P(n)^2, polynomial in n_x, n_y, n_z, with the same rank for all
        n on the Fermi surface.

    Raises
    ------
    ValueError
        If P is not Hermitian; idempotence is checked where the dimension is known, by
        `Conductor`.
    """

    name: str
    projector: sp.ImmutableDenseMatrix

    def __post_init__(self) -> None:
        matrix = Matrix(self.projector)
        object.__setattr__(self, "projector", matrix)
        if matrix.rows != matrix.cols or sp.expand(matrix - matrix.H) != sp.zeros(matrix.rows):
            raise ValueError(
                f"the projector of the band {self.name!r} is not a Hermitian matrix: "
                f"{matrix.tolist()}; give sum_k |u_k(n)><u_k(n)| over its orthonormal spinors."
            )

    @property
    def reversed_projector(self) -> sp.ImmutableDenseMatrix:
        """Return P(-n)."""
        return Matrix(self.projector.xreplace(_INVERSION))

    @property
    def incoming_projector(self) -> sp.ImmutableDenseMatrix:
        """Return P(n')."""
        return Matrix(self.projector.xreplace(dict(zip(n_out, n_in, strict=True))))


def spinor_band(name: str, *spinors: sp.MatrixBase) -> Band:
    """Return the band of orthonormal spinors |u(n)>, columns polynomial in n_x, n_y, n_z."""
    columns = [sp.Matrix(spinor) for spinor in spinors]
    projector = sum((u * u.H for u in columns), sp.zeros(columns[0].rows))
    return Band(name, Matrix(projector.applyfunc(sp.expand)))


def chiral_band(
    winding: int = 1, mass: sp.Expr = sp.S.Zero, valley: sp.MatrixBase | None = None
) -> Band:
    """Return the upper band of chiral electrons, the cone (1) or N-layer graphene (N).

    Parameters
    ----------
    winding : int
        J of h = (n_x + i n_y)^J: 1 for a Dirac cone, 2 for a graphene bilayer, J for a
        rhombohedral stack of J layers.
    mass : expression, optional
        cos(Theta) = m/E_F between 0 and 1 for a gap of 2 m, which polarises the pseudospin.
    valley : Matrix, optional
        Diagonal matrix of signs by which h enters in each valley; the internal space then is
        valley x pseudospin.  In the basis (A, B, B', A') of McCann and Fal'ko it is
        diag(1, -1) for monolayer and diag(1, 1) for bilayer graphene.

    Raises
    ------
    ValueError
        If the winding is not a positive integer, or the mass is not between -1 and 1.
    """
    if not isinstance(winding, int) or winding < 1:
        raise ValueError(f"the winding number is {winding!r}; give a positive integer.")
    cosine = sp.sympify(mass)
    if cosine.is_number and not -1 <= cosine <= 1:
        raise ValueError(
            f"the mass m/E_F is {cosine}, so that the Fermi level is in the gap; give a number "
            "between -1 and 1."
        )
    power = sp.expand((n_x + sp.I * n_y) ** winding)
    sine = sp.sqrt(sp.factor(sp.together(1 - cosine**2)))
    if not sine.is_real:
        raise ValueError(
            f"sqrt(1 - m^2/E_F^2) is not known to be real for the mass {cosine}; give a number, or "
            "(1 - t**2)/(1 + t**2) with a positive symbol t = tan(Theta/2)."
        )
    in_plane = sp.re(power), sp.im(power)
    sigma = sine * (in_plane[0] * PAULI[0] + in_plane[1] * PAULI[1]) + cosine * PAULI[2]
    if valley is None:
        return Band(f"chiral {winding}", Matrix((ONE + sigma) / 2))
    signs = sp.Matrix(valley)
    size = 2 * signs.rows
    projector = (sp.eye(size) + sp.kronecker_product(signs, sigma)) / 2
    return Band(f"chiral {winding}, {signs.rows} valleys", Matrix(projector))


def weyl_band(chirality: int = 1) -> Band:
    """Return the upper band of a Weyl node, h = chirality * sigma.n, in d = 3."""
    if chirality not in (1, -1):
        raise ValueError(f"the chirality of a Weyl node is {chirality!r}; choose 1 or -1.")
    dot = sum((n * sigma for n, sigma in zip((n_x, n_y, n_z), PAULI, strict=True)), sp.zeros(2))
    return Band(f"Weyl {chirality:+d}", Matrix((ONE + chirality * dot) / 2))
