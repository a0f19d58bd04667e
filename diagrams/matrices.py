r"""Impurity lines with matrices: what disorder does to spin, valley or pseudospin.

Independent Gaussian fields a scatter from direction n' to n with a matrix M_a(n, n') that acts
on the internal states. The impurity line between two sites is a sum over the fields,

    <V V> = 1/(2 pi nu tau) w(n, n') sum_a g_a M_a x M_a / Gamma,

with one matrix at each end. Both strings carry the potential itself, in operator order along
their own arrows: the site met first acts first and stands rightmost. The conjugation that the
hole of a bubble needs is in its arrow, which runs backwards. Each closed loop of strings
contributes the trace of its product; electron loops get no sign, as the rules have none.

The strengths g_a are relative. Only their ratios matter, since the lifetime tau belongs to all
fields together: Gamma is the out-rate of the Born self-energy,

    sum_a g_a <w(n, n') M_a(n, n') M_a(n', n)>_n' = Gamma 1,

and dividing by it makes particle conservation an identity rather than an input. Strengths that
are rates, g_a = 1/tau_a with M_a^2 = 1, give Gamma = 1/tau by Matthiessen's rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

import sympy as sp

from diagrams.angular import angular_average
from diagrams.diagram import Diagram, Site
from diagrams.momenta import Segment

Matrix = sp.ImmutableDenseMatrix
Field = tuple[sp.MatrixBase, sp.Expr]
Arrows = Mapping[Segment, tuple[sp.Expr, ...]]

n_out = sp.symbols("n_x n_y n_z", real=True)
n_in = sp.symbols("n'_x n'_y n'_z", real=True)
_EXCHANGE = dict(zip((*n_out, *n_in), (*n_in, *n_out), strict=True))


@dataclass(frozen=True)
class InternalStructure:
    """The matrices at the ends of impurity lines and at vertices.

    Attributes
    ----------
    fields
        Pairs (M_a, g_a): the matrix of a Gaussian field, Hermitian in the sense
        M(n', n)^dagger = M(n, n'), and its relative strength g_a >= 0. A matrix may depend on
        the directions `n_out` and `n_in`, as i (n x n')_z sigma_z does.
    vertices
        Matrices at external vertices, by label; all others are unit matrices. They need not be
        Hermitian (sigma_+ is a vertex) and do not depend on directions.

    Raises
    ------
    ValueError
        There are no fields, a matrix is not square, not Hermitian or not of the size of the
        first, or a strength is negative, complex or NaN.
    TypeError
        A field is not a pair of a matrix and a strength.
    NotImplementedError
        The matrix of a vertex depends on directions.

    Examples
    --------
    >>> from diagrams.families import ladder, maximally_crossed
    >>> from sympy.physics.matrices import msigma
    >>> magnetic = InternalStructure(tuple((msigma(i), 1) for i in (1, 2, 3)))
    >>> magnetic.trace(ladder(1)), magnetic.trace(maximally_crossed(1))
    (6, 6)
    >>> magnetic.trace(ladder(2)), magnetic.trace(maximally_crossed(2))
    (18, -6)
    """

    fields: tuple[Field, ...]
    vertices: Mapping[str, sp.MatrixBase] = field(default_factory=dict)

    def __post_init__(self) -> None:
        fields = tuple(_as_field(entry) for entry in self.fields)
        vertices = {vertex: Matrix(M) for vertex, M in self.vertices.items()}
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "vertices", vertices)
        _check_fields(self)
        _check_vertices(self)

    @property
    def size(self) -> int:
        """Number of internal states."""
        return int(self.fields[0][0].rows)

    @property
    def directional(self) -> bool:
        """Whether the matrix of a field depends on directions."""
        return any(_is_directional(M) for M, _ in self.fields)

    def out_rate(self, dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> sp.Expr:
        """Return Gamma, by which the Born self-energy is -i Gamma/(2 tau) before normalisation.

        Parameters
        ----------
        dimension
            1, 2 or 3.
        anisotropy
            g, the mean cosine of the scalar factor w = 1 + d g n.n'.

        Raises
        ------
        NotImplementedError
            The self-energy is a matrix or depends on the direction n: internal states or
            directions would have lifetimes of their own.
        ValueError
            All strengths are zero, or the matrices vanish on this Fermi surface.

        Examples
        --------
        >>> from sympy.physics.matrices import msigma
        >>> InternalStructure(tuple((msigma(i), 1) for i in (1, 2, 3))).out_rate(2)
        3
        """
        squares = sum((g * _square(M) for M, g in self.fields), sp.zeros(self.size))
        rates = squares.applyfunc(lambda entry: _average_in(entry, dimension, anisotropy))
        if not _is_zero(rates - rates[0, 0] * sp.eye(self.size)):
            raise NotImplementedError(
                f"The Born self-energy of these fields is a matrix like {rates.tolist()}, but the "
                "rules have one lifetime tau for all internal states."
            )
        return _single_rate(rates[0, 0])

    def trace(self, diagram: Diagram, arrows: Arrows | None = None) -> sp.Expr:
        """Return the sum over the fields on all lines of prod(g) times the traces of the loops.

        It is not divided by the out-rate, and takes a time of (number of fields)^(lines).

        Parameters
        ----------
        arrows
            The direction of the momentum along the arrow of each Green function. The result is
            a polynomial in their components; only matrices without directions do without.

        Raises
        ------
        ValueError
            A vertex does not have one string in and one out, as on a reversed string or at the
            end of a cut Cooperon.
        NotImplementedError
            A line joins more than two sites, or the directions are missing.

        Examples
        --------
        >>> from diagrams.notation import parse
        >>> from sympy.physics.matrices import msigma
        >>> spins = {"x": msigma(1), "y": msigma(2), "z": msigma(3)}
        >>> InternalStructure(((sp.eye(2), 1),), spins).trace(parse("R[z y] A[y x] R[x z]"))
        2*I
        """
        _check_pairs(diagram)
        loops = closed_loops(diagram)
        placed = {site: self._placed(site, arrows) for site in diagram.sites}
        total = sp.S.Zero
        for choice in product(range(len(self.fields)), repeat=len(diagram.lines)):
            at = {
                site: placed[site][a]
                for line, a in zip(diagram.lines, choice, strict=True)
                for site in line
            }
            traces = (self._loop_product(diagram, loop, at).trace() for loop in loops)
            total += sp.Mul(*(self.fields[a][1] for a in choice), *traces)
        return sp.expand(total)

    def _placed(self, site: Site, arrows: Arrows | None) -> list[sp.ImmutableDenseMatrix]:
        """Return the matrices of the fields between the directions before and after a site."""
        matrices = [M for M, _ in self.fields]
        if not self.directional:
            return matrices
        if arrows is None:
            raise NotImplementedError(
                "These fields depend on directions, which the trace alone does not average over; "
                "evaluate the diagram with Rules(internal=...)."
            )
        s, i = site
        at = _components(n_in, arrows[Segment(s, i)])
        at |= _components(n_out, arrows[Segment(s, i + 1)])
        return [M.xreplace(at) for M in matrices]

    def _loop_product(
        self, diagram: Diagram, loop: tuple[int, ...], at: Mapping[Site, sp.MatrixBase]
    ) -> sp.MatrixBase:
        result = sp.eye(self.size)
        for s in loop:
            string = diagram.strings[s]
            for i in range(string.sites):
                result = at[Site(s, i)] * result
            result = self.vertices.get(string.end, sp.eye(self.size)) * result
        return result


def closed_loops(diagram: Diagram) -> tuple[tuple[int, ...], ...]:
    """Return the strings of each closed loop, in the order in which the arrows run.

    Raises
    ------
    ValueError
        A vertex does not have one string in and one out.

    Examples
    --------
    >>> from diagrams.notation import parse
    >>> closed_loops(parse("R[x y] R[a b] A[y x] A[b a]"))
    ((0, 2), (1, 3))
    """
    leaving = {string.start: s for s, string in enumerate(diagram.strings)}
    for vertex in diagram.vertices:
        if vertex not in leaving or vertex not in {string.end for string in diagram.strings}:
            raise ValueError(
                "The trace over internal states needs one string in and one out at the vertex "
                f"{vertex!r} of {diagram}; where two arrows meet, as on a reversed string or at "
                "the end of a cut Cooperon, the internal states of a pair stay open."
            )
    left = list(range(len(diagram.strings)))
    loops = []
    while left:
        loop = tuple(_loop_from(left[0], diagram, leaving))
        loops.append(loop)
        left = [s for s in left if s not in loop]
    return tuple(loops)


def _loop_from(first: int, diagram: Diagram, leaving: Mapping[str, int]) -> Iterator[int]:
    yield first
    s = leaving[diagram.strings[first].end]
    while s != first:
        yield s
        s = leaving[diagram.strings[s].end]


def _components(
    symbols: tuple[sp.Symbol, ...], direction: tuple[sp.Expr, ...]
) -> dict[sp.Symbol, sp.Expr]:
    missing = (sp.S.Zero,) * (3 - len(direction))
    return dict(zip(symbols, (*direction, *missing), strict=True))


def _square(M: sp.MatrixBase) -> sp.MatrixBase:
    """Return M(n, n') M(n', n)."""
    return M * M.xreplace(_EXCHANGE)


def _average_in(entry: sp.Expr, dimension: int, anisotropy: sp.Expr) -> sp.Expr:
    """Return <w(n, n') entry>_n' on the Fermi surface."""
    n, m = n_out[:dimension], n_in[:dimension]
    cosine = sp.Add(*(a * b for a, b in zip(n, m, strict=True)))
    flat = entry.subs(dict.fromkeys((*n_out[dimension:], *n_in[dimension:]), 0))
    mean = angular_average(sp.expand(flat * (1 + dimension * anisotropy * cosine)), m)
    on_sphere = sp.Add(*(component**2 for component in n)) - 1
    return sp.expand(sp.rem(mean, on_sphere, n[-1]))


def _single_rate(rate: sp.Expr) -> sp.Expr:
    if rate.free_symbols.intersection(n_out):
        raise NotImplementedError(
            f"The out-rate of these fields, {rate}, depends on the direction, but the rules have "
            "one lifetime tau for the whole Fermi surface."
        )
    if rate == 0:
        raise ValueError("The fields do not scatter: their out-rate is zero on this Fermi surface.")
    return rate


def _is_zero(M: sp.MatrixBase) -> bool:
    return all(sp.simplify(entry) == 0 for entry in M)


def _is_directional(M: sp.MatrixBase) -> bool:
    return bool(M.free_symbols.intersection(_EXCHANGE))


def _as_field(entry: Field) -> Field:
    if not (isinstance(entry, tuple | list) and len(entry) == 2):
        raise TypeError(f"A field is a pair (matrix, strength), not {entry!r}.")
    M, g = entry
    return Matrix(M), sp.sympify(g)


def _check_fields(structure: InternalStructure) -> None:
    if not structure.fields:
        raise ValueError("An internal structure needs at least one field (matrix, strength).")
    for M, g in structure.fields:
        _check_size(M, structure.size, "a field")
        if not _is_zero(M.xreplace(_EXCHANGE).H - M):
            raise ValueError(
                f"The matrix {M.tolist()} of a field is not Hermitian in the sense "
                "M(n', n)^dagger = M(n, n'); add its conjugate or declare its symbols real."
            )
        if g is sp.nan or g.is_negative or g.is_real is False:
            raise ValueError(f"The strength of a field is real and not negative, not {g}.")


def _check_vertices(structure: InternalStructure) -> None:
    for vertex, M in structure.vertices.items():
        _check_size(M, structure.size, f"the vertex {vertex!r}")
        if _is_directional(M):
            raise NotImplementedError(
                f"The matrix {M.tolist()} of the vertex {vertex!r} depends on directions; only "
                "the matrices of fields may."
            )


def _check_size(M: sp.MatrixBase, size: int, place: str) -> None:
    if M.shape != (size, size):
        raise ValueError(
            f"The matrix of {place} is {M.rows} x {M.cols}, but the first field acts on "
            f"{size} internal states."
        )


def _check_pairs(diagram: Diagram) -> None:
    longer = [len(line) for line in diagram.lines if len(line) != 2]
    if longer:
        raise NotImplementedError(
            f"A line of {diagram} joins {longer[0]} sites, but fields with matrices are Gaussian."
        )
