"""Internal spaces: what an electron carries besides its momentum.

An `InternalSpace` knows its dimension, how time reversal T = U K acts on it (K is complex
conjugation), and a basis of *pair* states, the two-particle states that a Cooperon or a
diffuson can carry.  Pair states are named: for spin 1/2 they are the singlet S and the
triplets T_x, T_y, T_z with polarisation along x, y, z (T_z is the m = 0 triplet, T_x and
T_y combine into m = +1 and m = -1).

`two_level` makes the like for any doublet, `product` combines spaces (valley x pseudospin),
and `levels` makes a space of any dimension, such as spin 3/2.
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
        if pairs.shape != (size, size) or not _is_identity(pairs.H * pairs):
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


def _is_identity(matrix: sp.MatrixBase) -> bool:
    expanded = matrix.applyfunc(sp.expand)
    return bool(expanded.is_Identity or sp.simplify(expanded).is_Identity)


def two_level(name: str, pair_names: Sequence[str], time_reversal: sp.MatrixBase) -> InternalSpace:
    """Return a doublet whose pairs are called `pair_names`: three triplets x, y, z, the singlet."""
    return InternalSpace(name, Matrix(time_reversal), _spin_pairs(pair_names))


def product(*spaces: InternalSpace) -> InternalSpace:
    """Return the tensor product; its pair states are products of pair states, in that order."""
    combined, *others = spaces
    for space in others:
        combined = _product(combined, space)
    return combined


def levels(name: str, time_reversal: sp.MatrixBase) -> InternalSpace:
    """Return a space of any dimension, with even and odd combinations of |i>|j> as pair states."""
    size = sp.Matrix(time_reversal).rows
    states = []
    for i in range(size):
        for j in range(i, size):
            for sign, mark in ((1, "+"), (-1, "-")) if i < j else ((1, ""),):
                vector = sp.zeros(size**2, 1)
                vector[i * size + j] += 1
                vector[j * size + i] += 0 if i == j else sign
                norm = sp.sqrt(1 if i == j else 2)
                states.append(PairState(f"({i},{j}){mark}", Matrix(vector / norm)))
    return InternalSpace(name, Matrix(time_reversal), tuple(states))


def _product(left: InternalSpace, right: InternalSpace) -> InternalSpace:
    pairs = tuple(
        PairState(f"{a.name} {b.name}", _pair_product(a.vector, b.vector))
        for a in left.pair_basis
        for b in right.pair_basis
    )
    reversal = sp.kronecker_product(left.time_reversal, right.time_reversal)
    return InternalSpace(f"{left.name} x {right.name}", Matrix(reversal), pairs)


def _pair_product(left: sp.MatrixBase, right: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
    """Return the product state, with both indices of particle 1 before those of particle 2."""
    n, m = sp.sqrt(left.rows), sp.sqrt(right.rows)
    first = sp.Matrix(left).reshape(n, n)
    second = sp.Matrix(right).reshape(m, m)
    return Matrix(sp.kronecker_product(first, second).reshape((n * m) ** 2, 1))


def _triplet(name: str, sigma: sp.Matrix) -> PairState:
    """Return the pair state (d . sigma) i sigma_y / sqrt(2), read row by row."""
    return PairState(name, Matrix((sigma * sp.I * SIGMA_Y / sp.sqrt(2)).reshape(4, 1)))


def _spin_pairs(names: Sequence[str]) -> tuple[PairState, ...]:
    return tuple(_triplet(name, sigma) for name, sigma in zip(names, (*PAULI, ONE), strict=True))


SPIN = InternalSpace("spin", Matrix(sp.I * SIGMA_Y), _spin_pairs(["T_x", "T_y", "T_z", "S"]))
VALLEY = two_level("valley", ["v_x", "v_y", "v_z", "v_0"], SIGMA_X)
# within one cone; what reverses time in graphene also exchanges the valleys
PSEUDOSPIN = two_level("pseudospin", ["s_x", "s_y", "s_z", "s_0"], sp.I * SIGMA_Y)
# One species of electron: corrections are half of those of spin-degenerate electrons.
SPINLESS = InternalSpace("spinless", Matrix([[1]]), (PairState("C", Matrix([[1]])),))
