r"""Matrices that commute with a Hamiltonian, or turn it into its conjugate or its negative.

All of them solve linear equations: X with

    A X = X A          (commutant: unitary symmetries),
    A X = eta X A^*    (time reversal eta = parity of A, particle-hole eta = -parity),
    A X = -X A         (chiral symmetry)

for every coefficient matrix A.  What is hard is that the solutions are a space, not one matrix:
a degeneracy that a unitary symmetry causes has nothing to do with the class, which belongs to
the irreducible blocks.  A random Hermitian element of the commutant splits the internal space
into them, one eigenspace each (Schur's lemma), and two blocks Q, Q' are related by a solution X
if Q^dagger X Q' (Q'^* for an antiunitary) is not zero.  By Schur's lemma it then is a unitary
times a number, so that every decision is between zero and order one.

The equations are solved in double precision by a singular-value decomposition.  Singular values
that are neither zero nor of order one are an error, not a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cooperon.coefficients import Array, Coefficient

# Rounding leaves 1e-15; what is above 1e-7 was meant.
_ZERO, _MEANT = 1e-11, 1e-7
_ATTEMPTS = 5


@dataclass(frozen=True)
class Operation:
    """A map of Hamiltonians: H -> +-U H U^dagger or, with K, +-U H^* U^dagger.

    Complex conjugation reverses momenta, n -> -n, in the second case.
    """

    name: str
    conjugates: bool
    negates: bool

    def image(self, coefficient: Coefficient) -> Array:
        """Return what U has to turn back into the matrix of `coefficient`."""
        matrix = coefficient.matrix
        image = coefficient.parity * matrix.conj() if self.conjugates else matrix
        return -image if self.negates else image


UNITARY = Operation("unitary symmetry", conjugates=False, negates=False)
TIME_REVERSAL = Operation("time reversal", conjugates=True, negates=False)
PARTICLE_HOLE = Operation("particle-hole symmetry", conjugates=True, negates=True)
CHIRAL = Operation("chiral symmetry", conjugates=False, negates=True)


def intertwiners(coefficients: Sequence[Coefficient], operation: Operation, size: int) -> Array:
    """Return an orthonormal basis, shape (k, size, size), of all X with A X = X image(A).

    Raises
    ------
    ValueError
        If entries of very different magnitude make it undecidable in double precision.
    """
    if not coefficients:
        return np.eye(size**2, dtype=complex).reshape(-1, size, size)
    one = np.eye(size)
    rows = [np.kron(c.matrix, one) - np.kron(one, operation.image(c).T) for c in coefficients]
    # The triangular factor has the singular values of all rows and no more rows than columns.
    triangle = np.linalg.qr(np.concatenate(rows), mode="r")
    _, values, vectors = np.linalg.svd(triangle)
    _require_decidable(values, operation)
    return vectors[values < _ZERO].conj().reshape(-1, size, size)


def _require_decidable(values: NDArray[np.float64], operation: Operation) -> None:
    doubtful = values[(values >= _ZERO) & (values < _MEANT)]
    if doubtful.size:
        raise ValueError(
            f"the {operation.name} is broken by a relative amount of {doubtful[0]:.1e} only, which "
            "is neither rounding nor a term; write numbers exactly (sqrt(2)/2 instead of "
            "0.7071068) and terms of very different size with symbols."
        )


def random_element(space: Array, seed: int = 0) -> Array:
    """Return a random combination of the matrices of a space, of norm about 1."""
    numbers = np.random.default_rng(seed).normal(size=(2, len(space)))
    return np.tensordot((numbers[0] + 1j * numbers[1]) / np.sqrt(2 * len(space)), space, 1)


def is_invertible(solutions: Array) -> bool:
    """Return whether a space of intertwiners contains a unitary: a generic one is invertible."""
    if not len(solutions):
        return False
    values = np.linalg.svd(random_element(solutions), compute_uv=False)
    return bool(values[-1] > _MEANT * values[0])


@dataclass(frozen=True, eq=False)
class Sector:
    """All equivalent irreducible blocks: `blocks` are isometries, shape (size, dimension)."""

    blocks: tuple[Array, ...]

    @property
    def dimension(self) -> int:
        """Number of states in one block."""
        return int(self.blocks[0].shape[1])

    @property
    def copies(self) -> int:
        """Number of equivalent blocks."""
        return len(self.blocks)


def sectors(commutant: Array) -> tuple[Sector, ...]:
    """Return the irreducible blocks, equivalent ones together, larger blocks first.

    A random element has equal eigenvalues in different blocks with probability zero; the count
    dim(commutant) = sum of copies^2 tells if rounding made two of them too close.
    """
    for seed in range(_ATTEMPTS):
        found = _grouped(_eigenspaces(random_element(commutant, seed)), commutant, seed)
        if sum(sector.copies**2 for sector in found) == len(commutant):
            return tuple(sorted(found, key=lambda s: (-s.dimension, -s.copies)))
    raise ArithmeticError(
        f"a commutant of dimension {len(commutant)} could not be split into blocks in double "
        "precision; write the terms in a basis where their numbers are of order 1."
    )


def _eigenspaces(element: Array) -> list[Array]:
    values, vectors = np.linalg.eigh(element + element.conj().T)
    edges = np.flatnonzero(np.diff(values) > _MEANT) + 1
    return np.split(vectors, edges, axis=1)


def _grouped(blocks: list[Array], commutant: Array, seed: int) -> list[Sector]:
    element = random_element(commutant, seed + _ATTEMPTS)
    groups: list[list[Array]] = []
    for block in blocks:
        for group in groups:
            if connects(element, group[0], block):
                group.append(block)
                break
        else:
            groups.append([block])
    return [Sector(tuple(group)) for group in groups]


def connects(element: Array, left: Array, right: Array) -> bool:
    """Return whether an element of a space of intertwiners maps one block to another."""
    return bool(np.linalg.norm(left.conj().T @ element @ right) > _MEANT)
