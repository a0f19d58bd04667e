"""Time reversal, particle-hole and chiral symmetry as explicit matrices, simple ones first.

The equations determine U up to a factor in an irreducible block, and much less in a space with
unitary symmetries: T may be followed by any spin rotation that the Hamiltonian allows.  Of all
of them the one is given that the field would write down: the time reversal that the internal
space declares, then products of Pauli matrices with the fewest factors, made real; each is
verified exactly, for all values of the parameters.  Only where these fail, in a rotated basis,
U is the unitary factor of a random solution, a matrix of Floats.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
import sympy as sp

from cooperon.coefficients import Array, monomials
from cooperon.commutant import CHIRAL, Operation, random_element
from cooperon.directions import n_in, n_out
from cooperon.internal import ONE, SIGMA_X, SIGMA_Y, SIGMA_Z, Matrix
from cooperon.terms import Term, Terms, vanishes

_INVERSION = {component: -component for component in (*n_out, *n_in)}
_FACTORS = (("1", ONE), ("sigma_x", SIGMA_X), ("sigma_y", SIGMA_Y), ("sigma_z", SIGMA_Z))
_ROUNDING = 1e-9


def symmetry_matrix(
    terms: Terms, operation: Operation, solutions: Array, square: int | None
) -> sp.ImmutableDenseMatrix | None:
    """Return a unitary U, as simple as can be found, out of all solutions of A U = U image(A).

    Parameters
    ----------
    terms : Terms
        The Hamiltonian; `terms.time_reversal` is tried first.
    operation : Operation
        Time reversal, particle-hole or chiral.
    solutions : array, shape (k, size, size)
        Orthonormal basis from `intertwiners`.
    square : {1, -1, None}
        Required value of U U^* (of U^2 for a chiral symmetry), None for any.

    Returns
    -------
    Matrix or None
        None if there is none, or if U changes with the parameters of the Hamiltonian.
    """
    for candidate in _candidates(terms):
        if _is_solution(candidate, solutions, operation, square) and all(
            keeps(term, candidate, operation, terms.dimension) for term in terms.terms
        ):
            return candidate
    if any(term.matrix.free_symbols.difference(n_out, n_in) for term in terms.terms):
        return None
    return _unitary_factor(solutions, operation, square)


def keeps(term: Term, unitary: sp.MatrixBase, operation: Operation, dimension: int) -> bool:
    """Return whether U maps one term as the symmetry demands, exactly and for all parameters."""
    image = term.matrix
    if operation.conjugates:
        image = image.xreplace(_INVERSION).conjugate()
    sign = -1 if operation.negates else 1
    difference = Matrix(unitary * image * unitary.H - sign * term.matrix)
    if all(sp.expand(entry) == 0 for entry in difference):
        return True
    rest = monomials(difference, dimension).values()
    return all(vanishes(entry) for matrix in rest for entry in matrix)


def antiunitary_name(matrix: sp.MatrixBase) -> str:
    """Return "i sigma_y K" and the like, "K" for the unit matrix."""
    return "K" if matrix == sp.eye(matrix.rows) else f"{matrix_name(matrix)} K"


def matrix_name(matrix: sp.MatrixBase) -> str:
    """Return "i sigma_y" and the like for a product of Pauli matrices, else the matrix."""
    for name, candidate in _pauli_products(matrix.rows):
        if candidate == matrix:
            return name
    rounded = matrix.applyfunc(lambda entry: entry.round(4) if entry.has(sp.Float) else entry)
    return str(rounded.tolist())


def _candidates(terms: Terms) -> Iterator[sp.ImmutableDenseMatrix]:
    if terms.time_reversal is not None:
        yield terms.time_reversal
    for _, matrix in _pauli_products(terms.size):
        yield matrix


def _pauli_products(size: int) -> Iterator[tuple[str, sp.ImmutableDenseMatrix]]:
    """Yield all products of Pauli matrices, Hermitian and then real, simplest first."""
    count = size.bit_length() - 1
    if size != 2**count:
        return
    choices = sorted(product(range(4), repeat=count), key=lambda c: sum(k > 0 for k in c))
    for choice in choices:
        name = " (x) ".join(_FACTORS[k][0] for k in choice) or "1"
        matrix = Matrix(sp.kronecker_product(*(_FACTORS[k][1] for k in choice), sp.eye(1)))
        if choice.count(2) % 2:
            yield f"i {name}", Matrix(sp.I * matrix)
        yield name, matrix


def _is_solution(
    candidate: sp.MatrixBase, solutions: Array, operation: Operation, square: int | None
) -> bool:
    value = np.array(candidate.evalf().tolist(), dtype=complex)
    outside = value - np.tensordot(np.tensordot(solutions.conj(), value, 2), solutions, 1)
    return bool(np.linalg.norm(outside) < _ROUNDING) and _has_square(value, operation, square)


def _has_square(value: Array, operation: Operation, square: int | None) -> bool:
    if square is None:
        return True
    squared = value @ (value if operation is CHIRAL else value.conj())
    return bool(np.linalg.norm(squared - square * np.eye(len(value))) < _ROUNDING)


def _unitary_factor(
    solutions: Array, operation: Operation, square: int | None
) -> sp.ImmutableDenseMatrix | None:
    """Return the unitary factor of a random solution, which is a solution too.

    For X = U P the positive factor P^2 = X^dagger X commutes with all images, hence so does P.
    """
    element = random_element(solutions)
    if operation is CHIRAL:
        element = element + element.conj().T
    elif square is not None:
        element = element + square * element.T
    left, values, right = np.linalg.svd(element)
    if values[-1] < _ROUNDING:
        return None
    unitary = left @ right
    if operation is not CHIRAL:
        largest = unitary.flat[np.argmax(np.abs(unitary))]
        unitary = unitary * abs(largest) / largest
    return Matrix(unitary.tolist()).applyfunc(_without_rounding)


def _without_rounding(entry: sp.Expr) -> sp.Expr:
    """Return a rational entry exactly, others as Floats of 15 digits."""
    parts = (sp.Float(part, 15) for part in entry.as_real_imag())
    real, imaginary = (_rational(part) for part in parts)
    return real + sp.I * imaginary


def _rational(value: sp.Float) -> sp.Expr:
    near = sp.Rational(float(value)).limit_denominator(12)
    return near if abs(float(value - near)) < _ROUNDING else value
