"""The quantum number that a perpendicular field leaves conserved, if there is one.

In a field q_+ and q_- raise and lower the Landau level n.  If a Hermitian matrix m on the
soft states lowers its eigenvalue by one wherever the coupling raises n, and commutes with
everything else,

    [m, C_+] = -C_+,   [m, G] = [m, G^dagger] = [m, w] = 0,

then J = n + m is conserved (Rashba coupling: m = S_z; linear Dresselhaus coupling:
m = -S_z).  These equations are linear in m: they are solved numerically at a generic point of
the parameters, and the solution, turned into exact numbers, is verified in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import sympy as sp

from cooperon.internal import Matrix

_TOLERANCE = 1e-9
Array = npt.NDArray[np.complex128]


@dataclass(frozen=True)
class Charge:
    """A conserved quantum number.

    Attributes
    ----------
    values : tuple of int
        How many levels above the lowest each state is in a block of given J: integers >= 0
        that grow by one where the coupling raises n.
    basis : Matrix
        The unitary whose columns are the states with these values.
    """

    values: tuple[int, ...]
    basis: sp.ImmutableDenseMatrix

    @property
    def matrix(self) -> sp.ImmutableDenseMatrix:
        """The matrix m, with -values as eigenvalues: J = n + m."""
        product = self.basis * sp.diag(*(-k for k in self.values)) * self.basis.H
        return Matrix(product.applyfunc(sp.simplify))


def conserved_charge(raising: sp.MatrixBase, neutral: Sequence[sp.MatrixBase]) -> Charge | None:
    """Return the charge, or None if nothing is conserved (or its states are not exact numbers).

    Parameters
    ----------
    raising : Matrix
        C_+, the coefficient of the operator that raises n.
    neutral : sequence of Matrix
        What has to commute with it: G, G^dagger, w.
    """
    size = raising.rows
    if raising.is_zero_matrix:
        return Charge((0,) * size, Matrix(sp.eye(size)))
    guess = _numerical(raising, neutral)
    if guess is None:
        return None
    exact = sp.Matrix(size, size, lambda i, j: _exact(complex(guess[i, j])))
    if not _is_conserved(exact, raising, neutral):
        return None
    return _diagonalised(exact)


def _numerical(raising: sp.MatrixBase, neutral: Sequence[sp.MatrixBase]) -> Array | None:
    """Return the solution of least norm at a generic point, or None."""
    parameters = set(raising.free_symbols).union(*(matrix.free_symbols for matrix in neutral))
    ordered = sorted(parameters, key=str)
    point = {s: sp.sqrt(sp.prime(k + 3)).n(20) for k, s in enumerate(ordered)}
    up, *others = (np.array(sp.Matrix(m).subs(point), dtype=complex) for m in (raising, *neutral))
    # a larger relative weight of one equation would hide a small violation of another
    others = [m / max(1, np.abs(m).max()) for m in others]
    up = up / np.abs(up).max()
    equations = np.vstack([_commutator(up), *map(_commutator, others)])
    right = np.concatenate([-up.ravel(), np.zeros(up.size * len(others))])
    solution, *_ = np.linalg.lstsq(equations, right, rcond=None)
    if np.abs(equations @ solution - right).max() > _TOLERANCE:
        return None
    found = solution.reshape(up.shape)
    return (found + found.conj().T) / 2


def _commutator(matrix: Array) -> Array:
    """Return the linear map m -> [m, matrix], on m read row by row."""
    one = np.eye(len(matrix))
    return np.kron(one, matrix.T) - np.kron(matrix, one)


def _exact(number: complex) -> sp.Expr:
    parts = (float(number.real), float(number.imag))
    real, imaginary = (
        sp.nsimplify(round(part, 12), [sp.sqrt(2), sp.sqrt(3)], tolerance=1e-9) for part in parts
    )
    return real + sp.I * imaginary


def _is_conserved(
    charge: sp.Matrix, raising: sp.MatrixBase, neutral: Sequence[sp.MatrixBase]
) -> bool:
    conditions = [charge * raising - raising * charge + raising]
    conditions += [charge * matrix - matrix * charge for matrix in neutral]
    return all(sp.simplify(entry) == 0 for condition in conditions for entry in condition)


def _diagonalised(charge: sp.Matrix) -> Charge | None:
    levels, columns = [], []
    for value, _, vectors in charge.eigenvects():
        for vector in sp.GramSchmidt([sp.Matrix(v) for v in vectors], orthonormal=True):
            levels.append(value)
            columns.append(vector)
    lowest = max(levels, key=lambda value: sp.re(sp.N(value)))
    steps = [sp.nsimplify(sp.simplify(lowest - value)) for value in levels]
    if not all(step.is_Integer for step in steps):
        return None
    order = sorted(range(len(steps)), key=lambda i: steps[i])
    basis = sp.Matrix.hstack(*(columns[i] for i in order)).applyfunc(sp.simplify)
    return Charge(tuple(int(steps[i]) for i in order), Matrix(basis))
