"""Internal spaces: what an electron carries besides its momentum.

An `InternalSpace` knows its dimension, how time reversal T = U K acts on it (K is complex
conjugation), and a basis of *pair* states, the two-particle states that a Cooperon or a
diffuson can carry.  Pair states are named: for spin 1/2 they are the singlet S and the
triplets T_x, T_y, T_z with polarisation along x, y, z (T_z is the m = 0 triplet, T_x and
T_y combine into m = +1 and m = -1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

Matrix = sp.ImmutableDenseMatrix

ONE = Matrix([[1, 0], [0, 1]])
SIGMA_X = Matrix([[0, 1], [1, 0]])
SIGMA_Y = Matrix([[0, -sp.I], [sp.I, 0]])
SIGMA_Z = Matrix([[1, 0], [0, -1]])
PAULI = (SIGMA_X, SIGMA_Y, SIGMA_Z)


@dataclass(frozen=True)
class PairState:
    """A named, normalised state of two particles; `vector` has length dimension**2."""

    name: str
    vector: sp.ImmutableDenseMatrix


@dataclass(frozen=True)
class InternalSpace:
    """Internal degrees of freedom of one electron.

    Parameters
    ----------
    name : str
        What the space is, in words ("spin").
    time_reversal : Matrix
        The unitary U of T = U K; its size is the dimension of the space.
    pair_basis : tuple of PairState
        An orthonormal basis of the dimension**2 pair states, each even or odd under
        exchange of the two particles.
    """

    name: str
    time_reversal: sp.ImmutableDenseMatrix
    pair_basis: tuple[PairState, ...]

    def __post_init__(self) -> None:
        """Check what `pair_basis` promises."""
        pairs = self.particle_pairs()
        size = self.dimension**2
        if pairs.shape != (size, size) or sp.simplify(pairs.H * pairs) != sp.eye(size):
            raise ValueError(
                f"the pair basis of the internal space {self.name!r} is not orthonormal; give "
                f"{size} orthonormal pair states."
            )
        exchange = pairs.H * self.swap * pairs
        if not exchange.is_diagonal():
            raise ValueError(
                f"a pair state of the internal space {self.name!r} is neither even nor odd under "
                "exchange; give states of definite parity."
            )

    @property
    def dimension(self) -> int:
        """Number of internal states of one electron."""
        return int(self.time_reversal.rows)

    @property
    def identity(self) -> sp.ImmutableDenseMatrix:
        """The unit matrix on one electron."""
        return Matrix(sp.eye(self.dimension))

    @property
    def swap(self) -> sp.ImmutableDenseMatrix:
        """Exchange of the two particles of a pair, (1 + sigma.sigma)/2 for spin 1/2."""
        size = self.dimension
        return Matrix(
            size**2,
            size**2,
            lambda row, column: int(divmod(row, size) == divmod(column, size)[::-1]),
        )

    def particle_pairs(self) -> sp.ImmutableDenseMatrix:
        """Return the unitary whose columns are the states of `pair_basis`."""
        return Matrix(sp.Matrix.hstack(*(state.vector for state in self.pair_basis)))

    def particle_hole_pairs(self) -> sp.ImmutableDenseMatrix:
        """Return the same states with the second particle turned into a hole by T.

        The singlet of spin 1/2 becomes the density, the triplets the spin densities.
        """
        one_leg = sp.kronecker_product(self.identity, self.time_reversal.H)
        return Matrix(one_leg.T * self.particle_pairs())


def _triplet(name: str, sigma: sp.Matrix) -> PairState:
    """Return the pair state (d . sigma) i sigma_y / sqrt(2), read row by row."""
    return PairState(name, Matrix((sigma * sp.I * SIGMA_Y / sp.sqrt(2)).reshape(4, 1)))


def _spin_pairs(names: Sequence[str]) -> tuple[PairState, ...]:
    return tuple(_triplet(name, sigma) for name, sigma in zip(names, (*PAULI, ONE), strict=True))


SPIN = InternalSpace("spin", Matrix(sp.I * SIGMA_Y), _spin_pairs(["T_x", "T_y", "T_z", "S"]))
# One species of electron: corrections are half of those of spin-degenerate electrons.
SPINLESS = InternalSpace("spinless", Matrix([[1]]), (PairState("C", Matrix([[1]])),))
