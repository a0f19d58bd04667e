"""A disordered Hamiltonian as a list of terms, for questions that depend on symmetry alone.

    H = xi(p) K(n) + h(n) + sum_a V_a(r) M_a(n, n')

with the kinetic energy xi(p) = xi(-p) around the Fermi level (K = 1 for a normal metal, tau_z in
Nambu space, the projector of a chiral band), an internal Hamiltonian h at the Fermi level, and
independent real random fields V_a.  The terms of h are not random: h is their sum, at generic
values of the parameters in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sympy as sp

from cooperon.directions import n_in, n_out
from cooperon.internal import Matrix

_EXCHANGE = dict(zip((*n_out, *n_in), (*n_in, *n_out), strict=True))
_ROUNDING = 1e-12


class Kind(StrEnum):
    """What multiplies the matrix of a term."""

    KINETIC = "kinetic"
    HAMILTONIAN = "hamiltonian"
    DISORDER = "disorder"


@dataclass(frozen=True)
class Term:
    """One term of a Hamiltonian.

    Parameters
    ----------
    name : str
        What it is, in words; sentences about symmetry use it.
    matrix : Matrix or expression
        K(n) or h(n) in `n_x, n_y, n_z`, or M(n, n') with `m_x, m_y, m_z` for n'; polynomial in
        them, other symbols are real parameters.
    kind : {"kinetic", "hamiltonian", "disorder"}

    Raises
    ------
    ValueError
        If the matrix is not square, not Hermitian (in the sense M(n', n)^dagger = M(n, n') for
        disorder), or depends on n' without being disorder.
    """

    name: str
    matrix: sp.ImmutableDenseMatrix
    kind: Kind = Kind.DISORDER

    def __post_init__(self) -> None:
        value = sp.sympify(self.matrix)
        matrix = Matrix(value if isinstance(value, sp.MatrixBase) else [[value]])
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "kind", Kind(self.kind))
        _check(self)


@dataclass(frozen=True)
class Terms:
    """The terms of a Hamiltonian in d dimensions.

    Parameters
    ----------
    dimension : {1, 2, 3}
        Dimension d of the Fermi surface S^(d-1); components of n beyond it are zero.
    terms : iterable of Term
        At least one, all of the same size, with different names.
    time_reversal : Matrix, optional
        U of the time reversal U K that the sentences refer to, i sigma_y for spin 1/2.  It has
        no influence on the class.
    """

    dimension: int
    terms: tuple[Term, ...]
    time_reversal: sp.ImmutableDenseMatrix | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "terms", tuple(self.terms))
        _check_together(self)

    @property
    def size(self) -> int:
        """Number of internal states."""
        return int(self.terms[0].matrix.rows)


def terms_of(model: Any) -> Terms:
    """Return the terms of a model.

    Parameters
    ----------
    model : Terms, or an object with `dimension`, `internal` and `disorder`
        Of the latter, `hamiltonian` is h(n) (zero if there is none) and `kinetic` is K (the
        identity if there is none; None for a point where only h is left).  The projector of a
        `band` is a kinetic term of its own.  A profile of a field multiplies its vertex, and a
        field of rate 0 is left out.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if isinstance(model, Terms):
        return model
    missing = [name for name in ("dimension", "internal", "disorder") if not hasattr(model, name)]
    if missing:
        raise TypeError(
            f"{model!r} has no attribute {missing[0]!r}; give a Conductor or Terms(d, [Term(...)])."
        )
    terms = _kinetic_terms(model)
    terms += _hamiltonian_terms(getattr(model, "hamiltonian", None))
    terms += [
        Term(field.name, field.vertex * field.profile) for field in model.disorder if field.rate
    ]
    return Terms(model.dimension, tuple(terms), model.internal.time_reversal)


def vanishes(entry: sp.Expr) -> bool:
    """Return whether an expression is zero, up to rounding where it contains Floats."""
    expanded = sp.expand(entry)
    rounding = {x: sp.S.Zero for x in expanded.atoms(sp.Float) if abs(x) < _ROUNDING}
    return bool(sp.simplify(expanded.xreplace(rounding)) == 0)


def _kinetic_terms(model: Any) -> list[Term]:
    kinetic = getattr(model, "kinetic", model.internal.identity)
    terms = [] if kinetic is None else [Term("kinetic energy", kinetic, Kind.KINETIC)]
    band = getattr(model, "band", None)
    if band is not None:
        terms.append(Term(f"the band {band.name}", band.projector, Kind.KINETIC))
    return terms


def _hamiltonian_terms(hamiltonian: sp.MatrixBase | None) -> list[Term]:
    """Split h(n) by its parameters, so that a sentence can name them."""
    if hamiltonian is None:
        return []
    pieces: dict[sp.Expr, sp.Matrix] = {}
    for (i, j), entry in sp.Matrix(hamiltonian).todok().items():
        for summand in sp.Add.make_args(sp.expand(entry)):
            piece = pieces.setdefault(_parameter(summand), sp.zeros(*hamiltonian.shape))
            piece[i, j] += summand
    ordered = sorted(pieces.items(), key=lambda item: str(item[0]))
    return [Term(_name(parameter), Matrix(M), Kind.HAMILTONIAN) for parameter, M in ordered]


def _parameter(summand: sp.Expr) -> sp.Expr:
    factors = sp.Mul.make_args(summand)
    directions = {*n_out, *n_in}
    return sp.Mul(*(f for f in factors if f.free_symbols and not f.free_symbols & directions))


def _name(parameter: sp.Expr) -> str:
    return "internal Hamiltonian" if parameter == 1 else f"the term in {parameter}"


def _check(term: Term) -> None:
    matrix = term.matrix
    if matrix.rows != matrix.cols:
        raise ValueError(
            f"the matrix of {term.name!r} has shape {matrix.shape}; give a square one."
        )
    found = sorted(matrix.free_symbols.intersection(n_in), key=str)
    if found and term.kind is not Kind.DISORDER:
        raise ValueError(
            f"the {term.kind} term {term.name!r} depends on {found[0]}, a direction before "
            "scattering; write it in n_x, n_y, n_z or make it a disorder term."
        )
    other = matrix.xreplace(_EXCHANGE) if term.kind is Kind.DISORDER else matrix
    if not all(vanishes(entry) for entry in other.H - matrix):
        raise ValueError(
            f"the matrix {matrix.tolist()} of {term.name!r} is not Hermitian; add its Hermitian "
            "conjugate, or declare its symbols real."
        )


def _check_together(terms: Terms) -> None:
    if terms.dimension not in (1, 2, 3):
        raise ValueError(f"the dimension is {terms.dimension!r}; choose 1, 2 or 3.")
    if not terms.terms:
        raise ValueError("a Hamiltonian without terms has no class; give at least one Term.")
    names = [term.name for term in terms.terms]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"two terms are called {repeated[0]!r}; give each its own name.")
    for term in terms.terms:
        if term.matrix.shape != terms.terms[0].matrix.shape:
            raise ValueError(
                f"the matrix of {term.name!r} is {term.matrix.rows} x {term.matrix.rows} but that "
                f"of {names[0]!r} is {terms.size} x {terms.size}; write both in the same space."
            )
