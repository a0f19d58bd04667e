"""The Altland-Zirnbauer class of a disordered Hamiltonian.

A class says which of three symmetries an *irreducible block* of the Hamiltonian has, once all
unitary symmetries (conserved spin, separate valleys) are used up:

    time reversal   T = U_T K,  T H T^-1 = H,     T^2 = +-1,
    particle-hole   C = U_C K,  C H C^-1 = -H,    C^2 = +-1,
    chiral          S,          S H S^-1 = -H.

Electrons with spin and no spin-dependent term are two copies of class AI although their T^2 is
-1: the T of one block is T times a spin rotation.  Spin-orbit disorder along z alone gives two
blocks of class A, which T exchanges.

The same equations count soft modes.  A Cooperon without a gap is a pair state X, read as a
matrix, with A X = X A^*(-n) for every coefficient matrix A: a solution of the equations for
U_T.  It enters the conductivity with its parity under exchange, X^T = +-X.  A gapless diffuson
is an element of the commutant.

Symmetries act on the internal space only.  A spin-orbit term that a position-dependent rotation
removes (one dimension, or Rashba equal to Dresselhaus) counts as present.  For a chiral band U
acts on all internal states and does not depend on n; a degeneracy beside the internal space
is not counted.

Sources: A. Altland, M. R. Zirnbauer, Phys. Rev. B 55, 1142 (1997); D. Bernard, A. LeClair,
J. Phys. A 35, 2555 (2002) for Dirac points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from cooperon.altland_zirnbauer import CLASSES
from cooperon.antiunitary import antiunitary_name, matrix_name, symmetry_matrix
from cooperon.breaking import broken_by
from cooperon.coefficients import Array, coefficients, expanded
from cooperon.commutant import (
    CHIRAL,
    PARTICLE_HOLE,
    TIME_REVERSAL,
    UNITARY,
    Operation,
    Sector,
    connects,
    intertwiners,
    is_invertible,
    random_element,
    sectors,
)
from cooperon.terms import Terms, terms_of


@dataclass(frozen=True)
class Symmetry:
    """T, C or S of a whole internal space.

    Attributes
    ----------
    name : str
        "time reversal", "particle-hole symmetry" or "chiral symmetry".
    matrix : Matrix or None
        U in the basis of the model; None if there is no such symmetry of the whole space, or
        if U changes with the parameters of the Hamiltonian.  A matrix without Floats is exact.
    exists : bool
        Whether the whole space has the symmetry.
    square : {1, -1, 0}
        T^2, C^2 or S^2 within an irreducible block; 0 if it has none or the blocks differ.
    exchanges : bool
        Whether it maps some block to another one that is not equivalent.
    """

    name: str
    matrix: sp.ImmutableDenseMatrix | None
    exists: bool
    square: int
    exchanges: bool

    def __str__(self) -> str:
        if not self.exists:
            return "none"
        letter = _LETTERS[self.name]
        text = f"{letter} = " + self._matrix_text()
        text += f", {letter}^2 = {self.square:+d} in a block" if self.square else ""
        return text + (", exchanges blocks" if self.exchanges else "")

    def _matrix_text(self) -> str:
        if self.matrix is None:
            return "a matrix that changes with the parameters"
        name = matrix_name if self.name == CHIRAL.name else antiunitary_name
        return name(self.matrix)


@dataclass(frozen=True)
class BlockClass:
    """Equivalent irreducible blocks: their class, size and number.

    `time_reversal`, `particle_hole` are T^2 and C^2 in the block, 0 without the symmetry.
    """

    label: str
    dimension: int
    copies: int
    time_reversal: int
    particle_hole: int
    chiral: bool

    def __str__(self) -> str:
        number = "one block" if self.copies == 1 else f"{self.copies} equal blocks"
        return f"{number} of {self.dimension} x {self.dimension} in class {self.label}"


@dataclass(frozen=True)
class SymmetryClass:
    """The class of a disordered Hamiltonian and what follows from it.

    Attributes
    ----------
    label : str
        One of the ten classes; "A + AI" if irreducible blocks differ.
    blocks : tuple of BlockClass
        The irreducible blocks.
    time_reversal, particle_hole, chiral : Symmetry
        The symmetries of the whole internal space.
    breaks : mapping
        {name of a term: sentence} for the terms that break a symmetry, see `broken_by`.
    gapless_cooperons, gapless_diffusons : int
        Number of soft modes of the ladders without a gap, of retarded with advanced lines.
    cooperon_weight : Rational
        Sum of the weights of the gapless Cooperons, each 1/2 or -1/2 as in `SoftMode`: 1 for
        electrons with spin and no spin-dependent term, -1/2 in class AII.
    """

    label: str
    blocks: tuple[BlockClass, ...]
    time_reversal: Symmetry
    particle_hole: Symmetry
    chiral: Symmetry
    breaks: Mapping[str, str]
    gapless_cooperons: int
    gapless_diffusons: int
    cooperon_weight: sp.Rational

    def __str__(self) -> str:
        rows = [f"class {self.label}", *(f"  {block}" for block in self.blocks)]
        for symmetry in (self.time_reversal, self.particle_hole, self.chiral):
            rows.append(f"  {symmetry.name:<23} {symmetry}")
        return "\n".join([*rows, *(f"  {sentence}" for sentence in self.breaks.values())])


def symmetry_class(model: Any) -> SymmetryClass:
    """Return the Altland-Zirnbauer class of a `Conductor` or of `Terms`.

    Symbols in the Hamiltonian are real parameters at generic values.  A chemical potential
    counts: K = 1 (a normal metal) leaves the classes A, AI and AII, and a Dirac point at zero
    energy is stated without a kinetic term.

    Raises
    ------
    TypeError
        If `model` is neither.
    ValueError
        If a matrix is not polynomial in the directions, or so close to symmetric that double
        precision cannot decide.

    Examples
    --------
    >>> from cooperon import Conductor, potential, spin_orbit
    >>> print(symmetry_class(Conductor(2, [potential(), spin_orbit()])))
    class AII
      one block of 2 x 2 in class AII
      time reversal           T = i sigma_y K, T^2 = -1 in a block
      particle-hole symmetry  none
      chiral symmetry         none
    """
    terms = terms_of(model)
    matrices = coefficients(expanded(terms))
    commutant = intertwiners(matrices, UNITARY, terms.size)
    found = sectors(commutant)
    solutions = {op: intertwiners(matrices, op, terms.size) for op in _OPERATIONS}
    squares = {op: [_square(op, solutions[op], s) for s in found] for op in _OPERATIONS}
    blocks = tuple(
        _block_class(sector, *(squares[op][i] for op in _OPERATIONS))
        for i, sector in enumerate(found)
    )
    symmetries = {op: _symmetry(op, terms, solutions[op], squares[op]) for op in _OPERATIONS}
    cooperons = solutions[TIME_REVERSAL]
    return SymmetryClass(
        label=" + ".join(sorted({block.label for block in blocks})),
        blocks=blocks,
        time_reversal=symmetries[TIME_REVERSAL],
        particle_hole=symmetries[PARTICLE_HOLE],
        chiral=symmetries[CHIRAL],
        breaks=broken_by(terms),
        gapless_cooperons=len(cooperons),
        gapless_diffusons=len(commutant),
        cooperon_weight=sp.Rational(_exchange_trace(cooperons), 2),
    )


_OPERATIONS = (TIME_REVERSAL, PARTICLE_HOLE, CHIRAL)
_LETTERS = MappingProxyType({TIME_REVERSAL.name: "T", PARTICLE_HOLE.name: "C", CHIRAL.name: "S"})


def _symmetry(operation: Operation, terms: Terms, solutions: Array, squares: list[int]) -> Symmetry:
    if not is_invertible(solutions):
        return Symmetry(operation.name, None, False, 0, False)
    common = squares[0] if len(set(squares)) == 1 else 0
    matrix = symmetry_matrix(terms, operation, solutions, common or None)
    return Symmetry(operation.name, matrix, True, common, 0 in squares)


def _block_class(sector: Sector, T: int, C: int, S: int) -> BlockClass:
    return BlockClass(CLASSES[T, C, bool(S)], sector.dimension, sector.copies, T, C, bool(S))


def _square(operation: Operation, solutions: Array, sector: Sector) -> int:
    """Return U U^* = +-1 of an antiunitary within a block, 1 of a chiral one, 0 if none."""
    block = sector.blocks[0]
    if not len(solutions):
        return 0
    element = random_element(solutions)
    right = block.conj() if operation.conjugates else block
    if not connects(element, block, right):
        return 0
    if not operation.conjugates:
        return 1
    inside = block.conj().T @ element @ right
    return 1 if np.linalg.norm(inside - inside.T) < np.linalg.norm(inside) else -1


def _exchange_trace(solutions: Array) -> int:
    """Return the number of symmetric minus that of antisymmetric solutions."""
    return round(float(np.einsum("kij,kji->", solutions.conj(), solutions).real))
