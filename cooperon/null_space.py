"""The null space of the strong part of a ladder: functions that scattering leaves alone.

With the fields that make the motion diffusive, L = 1/tau - W.  W has finite rank and couples
few harmonics at a time, so its eigenfunctions with eigenvalue 1/tau are found block by block,
exactly, in the parameters of the model; and 1/tau - W is inverted on all other functions in
the same blocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from cooperon.angular_matrix import AngularMatrix, Index, Vector, inner, nonzero


@dataclass(frozen=True)
class StrongKernel:
    """The operator rate - W on functions of direction with values in the pair space.

    Attributes
    ----------
    rate : expression
        Out-rate 1/tau, the same for all directions and states, 1/s.
    in_rate : AngularMatrix
        W(n, n'), 1/s.
    """

    rate: sp.Expr
    in_rate: AngularMatrix
    _blocks: dict[Index, tuple[Index, ...]] = field(init=False, repr=False, compare=False)
    _matrices: dict[tuple[Index, ...], sp.Matrix] = field(init=False, repr=False, compare=False)
    _inverses: dict[tuple[Index, ...], sp.Matrix] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        entries = self._entries()
        blocks = _components(entries)
        matrices = {block: self._matrix(block, entries) for block in set(blocks.values())}
        object.__setattr__(self, "_blocks", blocks)
        object.__setattr__(self, "_matrices", matrices)
        object.__setattr__(self, "_inverses", {})

    def _entries(self) -> dict[tuple[Index, Index], sp.Expr]:
        return {
            ((a, i), (b, j)): value
            for (a, b), entries in self.in_rate.terms.items()
            for (i, j), value in entries.items()
        }

    def _matrix(
        self, block: tuple[Index, ...], entries: dict[tuple[Index, Index], sp.Expr]
    ) -> sp.Matrix:
        """Return 1 - W/rate in a block: plain numbers where there is one strong field."""
        size = len(block)
        return sp.Matrix(
            size,
            size,
            lambda i, j: simplified(
                int(i == j) - entries.get((block[i], block[j]), sp.S.Zero) / self.rate
            ),
        )

    def apply(self, vector: Vector) -> Vector:
        """Return (rate - W) F."""
        total: Vector = defaultdict(lambda: sp.S.Zero)
        for index, value in vector.items():
            total[index] += self.rate * value
        for index, value in self.in_rate.integrate(vector).items():
            total[index] -= value
        return nonzero(total)

    def null_vectors(self) -> list[Vector]:
        """Return an orthonormal basis of the null space."""
        vectors: list[Vector] = []
        for block in sorted(self._matrices, key=str):
            for vector in _orthonormal(null_space(self._matrices[block])):
                vectors.append(_as_vector(block, vector))
        return vectors

    def solve(self, vector: Vector, null: Iterable[Vector]) -> Vector:
        """Return the solution F of (rate - W) F = `vector`, both orthogonal to `null`."""
        parts: dict[tuple[Index, ...], Vector] = defaultdict(dict)
        for index, value in vector.items():
            parts[self._blocks.get(index, (index,))][index] = value
        solution: Vector = {}
        for block, part in parts.items():
            solution |= self._solve_block(block, part, list(null))
        return {index: simplified(value) for index, value in nonzero(solution).items()}

    def _solve_block(self, block: tuple[Index, ...], part: Vector, null: list[Vector]) -> Vector:
        if block not in self._matrices:
            return {index: value / self.rate for index, value in part.items()}
        right = sp.Matrix([part.get(index, sp.S.Zero) for index in block])
        return _as_vector(block, self._inverse(block, null) * right / self.rate)

    def _inverse(self, block: tuple[Index, ...], null: list[Vector]) -> sp.Matrix:
        """Return the inverse of 1 - W/rate in a block, where it has one."""
        known = self._inverses.get(block)
        if known is not None:
            return known
        matrix = self._matrices[block]
        for vector in null:
            column = sp.Matrix([vector.get(index, sp.S.Zero) for index in block])
            # any positive rate makes the null space invertible and changes nothing else
            if not column.is_zero_matrix:
                matrix = matrix + column * column.H
        self._inverses[block] = inverse(matrix.applyfunc(simplified))
        return self._inverses[block]


def null_space(matrix: sp.Matrix) -> list[sp.Matrix]:
    """Return vectors that span the null space, by the same arithmetic as `inverse`."""
    rows = DomainMatrix.from_Matrix(matrix, extension=True).to_field().nullspace()
    return [row.T for row in map(rows.to_Matrix().row, range(rows.shape[0]))]


def inverse(matrix: sp.Matrix) -> sp.Matrix:
    """Return the inverse, by exact arithmetic in the field of the entries.

    Elimination on expressions leaves sums that are never simplified, and grows without bound
    for complex rationals and roots.
    """
    return DomainMatrix.from_Matrix(matrix, extension=True).to_field().inv().to_Matrix()


def project_out(vector: Vector, null: Iterable[Vector]) -> Vector:
    """Return the part of a vector that is orthogonal to the orthonormal vectors `null`."""
    total: Vector = defaultdict(lambda: sp.S.Zero, vector)
    for state in null:
        overlap = inner(state, vector)
        if overlap != 0:
            for index, value in state.items():
                total[index] -= overlap * value
    return nonzero(total)


def simplified(expression: sp.Expr) -> sp.Expr:
    """Return a canonical form of a rational function with roots of numbers."""
    expanded = sp.expand(expression)
    if expanded.is_Rational:
        return expanded
    if expanded.is_Add or expanded.has(sp.Pow):
        expanded = sp.radsimp(sp.cancel(sp.together(expanded)))
    return sp.expand(expanded)


def _components(
    entries: dict[tuple[Index, Index], sp.Expr],
) -> dict[Index, tuple[Index, ...]]:
    """Return the connected component of each index that occurs in `entries`."""
    neighbours: dict[Index, set[Index]] = defaultdict(set)
    for row, column in entries:
        neighbours[row].add(column)
        neighbours[column].add(row)
    found: dict[Index, tuple[Index, ...]] = {}
    for start in neighbours:
        if start not in found:
            block = tuple(sorted(_reachable(start, neighbours)))
            found |= dict.fromkeys(block, block)
    return found


def _reachable(start: Index, neighbours: dict[Index, set[Index]]) -> set[Index]:
    reached, frontier = {start}, [start]
    while frontier:
        for other in neighbours[frontier.pop()] - reached:
            reached.add(other)
            frontier.append(other)
    return reached


def _orthonormal(vectors: list[sp.Matrix]) -> list[sp.Matrix]:
    basis: list[sp.Matrix] = []
    for vector in vectors:
        for other in basis:
            vector = vector - other * (other.H * vector)[0, 0]
        vector = vector.applyfunc(simplified)
        norm = simplified((vector.H * vector)[0, 0])
        basis.append((vector / sp.sqrt(norm)).applyfunc(sp.simplify))
    return basis


def _as_vector(block: tuple[Index, ...], column: sp.MatrixBase) -> Vector:
    return {index: value for index, value in zip(block, column, strict=True) if value != 0}
