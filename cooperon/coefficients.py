"""The matrices in front of independent functions of direction.

A symmetry has to hold for each energy, each direction and each realisation of the disorder,
hence for every matrix in front of an independent function of them.  Monomials of a direction
are independent on the sphere only, where n_x^2 + n_y^2 + n_z^2 = 1, and are reduced to it first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from cooperon.directions import n_in, n_out
from cooperon.terms import Kind, Terms

Array = NDArray[np.complex128]

# Any numbers in general position: a class may change at isolated values of a parameter only.
_SEED = 20


@dataclass(frozen=True, eq=False)
class Expanded:
    """A term as {powers of n and n': matrix}, with a generic number for each parameter."""

    name: str
    kind: Kind
    matrices: Mapping[tuple[int, ...], Array]


@dataclass(frozen=True, eq=False)
class Coefficient:
    """The matrix before one monomial of directions, of parity +1 or -1 under n, n' -> -n, -n'."""

    matrix: Array
    parity: int


def expanded(terms: Terms) -> tuple[Expanded, ...]:
    """Return each term by monomials of directions, numerically."""
    parameters = generic_parameters(terms)
    return tuple(
        Expanded(
            term.name,
            term.kind,
            {
                powers: np.array(matrix.xreplace(parameters).evalf().tolist(), dtype=complex)
                for powers, matrix in monomials(term.matrix, terms.dimension).items()
            },
        )
        for term in terms.terms
    )


def coefficients(terms: Iterable[Expanded]) -> tuple[Coefficient, ...]:
    """Return the matrices that a symmetry has to map to themselves, each scaled to norm 1."""
    found: list[tuple[tuple[int, ...], Array]] = []
    fixed: dict[tuple[int, ...], Array] = {}
    for term in terms:
        if term.kind is not Kind.HAMILTONIAN:
            found += term.matrices.items()
            continue
        for powers, matrix in term.matrices.items():
            fixed[powers] = fixed.get(powers, 0) + matrix
    norms = [(powers, M, np.linalg.norm(M)) for powers, M in (*found, *fixed.items())]
    return tuple(Coefficient(M / norm, (-1) ** sum(powers)) for powers, M, norm in norms if norm)


def generic_parameters(terms: Terms) -> dict[sp.Symbol, sp.Float]:
    """Return a value of order 1, in general position, for each parameter."""
    free = set().union(*(term.matrix.free_symbols for term in terms.terms))
    parameters = sorted(free.difference(n_out, n_in), key=str)
    values = np.random.default_rng(_SEED).uniform(0.5, 1.5, len(parameters))
    return {s: sp.Float(float(v)) for s, v in zip(parameters, values, strict=True)}


def monomials(matrix: sp.MatrixBase, dimension: int) -> dict[tuple[int, ...], sp.Matrix]:
    """Return {powers of n and n': matrix} on the Fermi surface S^(d-1).

    Raises
    ------
    ValueError
        If an entry is not a polynomial in the directions.
    """
    generators = (*n_out[:dimension], *n_in[:dimension])
    flat = dict.fromkeys((*n_out[dimension:], *n_in[dimension:]), sp.S.Zero)
    found: dict[tuple[int, ...], sp.Matrix] = {}
    for (i, j), entry in matrix.todok().items():
        on_sphere = _reduced(sp.expand(entry.xreplace(flat)), dimension)
        for powers, coefficient in _polynomial(on_sphere, generators).terms():
            found.setdefault(powers, sp.zeros(*matrix.shape))[i, j] = coefficient
    return found


def _polynomial(entry: sp.Expr, generators: tuple[sp.Symbol, ...]) -> sp.Poly:
    try:
        return sp.Poly(entry, *generators)
    except sp.PolynomialError:
        raise ValueError(
            f"{entry} is not a polynomial in the directions {generators}; expand it in n and n'."
        ) from None


def _reduced(entry: sp.Expr, dimension: int) -> sp.Expr:
    """Return a polynomial that is of degree one at most in the last component of n and n'."""
    for direction in (n_out[:dimension], n_in[:dimension]):
        last = direction[-1]
        if entry.has(last) and sp.degree(entry, last) > 1:
            sphere = sp.Add(*(component**2 for component in direction)) - 1
            entry = sp.expand(sp.rem(entry, sphere, last))
    return entry
