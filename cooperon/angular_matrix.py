"""Matrices that depend on directions, as sparse sums of harmonics.

An `AngularMatrix` is M(n, n') = sum_ab Y_a(n) Y_b(n')^* M_ab.  It acts on functions of
direction with values in the same space, held as vectors {(a, i): component}, in two ways: by
multiplication, if it depends on n only, and as an integral kernel, the average over n'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from cooperon.directions import n_in, n_out
from cooperon.harmonics import CONSTANT, Coefficients, Harmonics, Label

Index = tuple[Label, int]
Vector = dict[Index, sp.Expr]
Entries = dict[tuple[int, int], sp.Expr]
Terms = dict[tuple[Label, Label], Entries]

_AS_OUT = dict(zip(n_in, n_out, strict=True))


@dataclass(frozen=True)
class AngularMatrix:
    """A square matrix that depends on two directions.

    Attributes
    ----------
    harmonics : Harmonics
    size : int
    terms : mapping
        {(a, b): {(i, j): entry of M_ab}}, without zeros.
    """

    harmonics: Harmonics
    size: int
    terms: Mapping[tuple[Label, Label], Entries]

    @classmethod
    def of(cls, matrix: sp.MatrixBase, harmonics: Harmonics) -> AngularMatrix:
        """Expand a matrix polynomial in the components of n and n'."""
        terms: Terms = defaultdict(dict)
        for i, row in enumerate(matrix.tolist()):
            for j, entry in enumerate(row):
                for labels, value in _expand_pair(sp.expand(entry), harmonics).items():
                    terms[labels][i, j] = value
        return cls(harmonics, matrix.rows, dict(terms))

    @property
    def degree(self) -> int:
        """The largest degree of a harmonic of n or n'."""
        return max((label[0] for labels in self.terms for label in labels), default=0)

    def reversed(self) -> AngularMatrix:
        """Return M(-n, -n')."""
        parity = self.harmonics.parity
        terms = {
            (a, b): {key: parity(a) * parity(b) * value for key, value in entries.items()}
            for (a, b), entries in self.terms.items()
        }
        return AngularMatrix(self.harmonics, self.size, terms)

    def conjugate(self) -> AngularMatrix:
        """Return the complex conjugate, entry by entry."""
        bar = self.harmonics.conjugate
        terms = {
            (bar(a), bar(b)): {key: sp.conjugate(value) for key, value in entries.items()}
            for (a, b), entries in self.terms.items()
        }
        return AngularMatrix(self.harmonics, self.size, terms)

    def scaled(self, factor: sp.Expr) -> AngularMatrix:
        """Return factor * M."""
        terms = {
            labels: {key: factor * value for key, value in entries.items()}
            for labels, entries in self.terms.items()
        }
        return AngularMatrix(self.harmonics, self.size, terms)

    def kronecker(self, other: AngularMatrix) -> AngularMatrix:
        """Return the tensor product of two matrices at the same directions."""
        terms: Terms = defaultdict(lambda: defaultdict(lambda: sp.S.Zero))
        for (a, b), left in self.terms.items():
            for (c, d), right in other.terms.items():
                product = _kronecker(left, right, other.size)
                for labels, factor in self._products((a, c), (b, d)):
                    for key, value in product.items():
                        terms[labels][key] += factor * value
        return AngularMatrix(self.harmonics, self.size * other.size, _without_zeros(terms))

    def squared_average(self, weight: AngularMatrix) -> AngularMatrix:
        """Return < w(n, n') M(n, n') M(n, n')^dagger > over n', a function of n."""
        terms: Terms = defaultdict(lambda: defaultdict(lambda: sp.S.Zero))
        for (a, b), left in weight.kronecker(self).terms.items():
            for (c, d), right in self.terms.items():
                if b == d:
                    labels = ((a, self.harmonics.conjugate(c)), (CONSTANT, CONSTANT))
                    for key, factor in self._products(*labels):
                        _add_product(terms[key], left, right, factor)
        return AngularMatrix(self.harmonics, self.size, _without_zeros(terms))

    def multiply(self, vector: Vector) -> Vector:
        """Return M(n) F(n), for a matrix that depends on n only."""
        total: Vector = defaultdict(lambda: sp.S.Zero)
        for (a, _), entries in self.terms.items():
            for (label, column), component in vector.items():
                for (i, j), value in entries.items():
                    if j == column:
                        for c, factor in self.harmonics.product(a, label).items():
                            total[c, i] += factor * value * component
        return nonzero(total)

    def integrate(self, vector: Vector) -> Vector:
        """Return < M(n, n') F(n') > over n'."""
        total: Vector = defaultdict(lambda: sp.S.Zero)
        for (a, b), entries in self.terms.items():
            for (i, j), value in entries.items():
                if (b, j) in vector:
                    total[a, i] += value * vector[b, j]
        return nonzero(total)

    def _products(
        self, out: tuple[Label, Label], into: tuple[Label, Label]
    ) -> Iterable[tuple[tuple[Label, Label], sp.Expr]]:
        """Expand Y_a Y_c (n) and the conjugate of Y_b Y_d (n')."""
        for a, left in self.harmonics.product(*out).items():
            for b, right in self.harmonics.product(*into).items():
                yield (a, b), left * right


def nonzero(vector: Mapping[Index, sp.Expr]) -> Vector:
    """Return the vector with expanded components, without zeros."""
    expanded = ((index, sp.expand(value)) for index, value in vector.items())
    return {index: value for index, value in expanded if value != 0}


def inner(left: Vector, right: Vector) -> sp.Expr:
    """Return < F(n)^dagger G(n) >."""
    return sp.Add(*(sp.conjugate(v) * right[i] for i, v in left.items() if i in right))


def _expand_pair(entry: sp.Expr, harmonics: Harmonics) -> dict[tuple[Label, Label], sp.Expr]:
    terms: dict[tuple[Label, Label], sp.Expr] = {}
    for b, into in _expand_in(entry, harmonics).items():
        for a, value in harmonics.expand(into).items():
            terms[a, b] = value
    return terms


def _expand_in(entry: sp.Expr, harmonics: Harmonics) -> Coefficients:
    """Expand in Y_b(n')^*, with coefficients that depend on n."""
    if not entry.has(*n_in):
        return {} if entry == 0 else {CONSTANT: entry}
    # n is renamed while n' takes its place as the variable of the expansion
    renamed = {n: sp.Dummy(n.name, real=True) for n in n_out}
    swapped = entry.xreplace(renamed | _AS_OUT)
    back = {dummy: n for n, dummy in renamed.items()}
    expanded = harmonics.expand(swapped).items()
    return {harmonics.conjugate(b): value.xreplace(back) for b, value in expanded}


def _kronecker(left: Entries, right: Entries, size: int) -> Entries:
    return {
        (i * size + k, j * size + m): x * y
        for (i, j), x in left.items()
        for (k, m), y in right.items()
    }


def _add_product(total: Entries, left: Entries, right: Entries, factor: sp.Expr) -> None:
    """Add factor * left * right^dagger to `total`."""
    for (i, j), x in left.items():
        for (k, m), y in right.items():
            if j == m:
                total[i, k] += factor * x * sp.conjugate(y)


def _without_zeros(terms: Mapping[tuple[Label, Label], Entries]) -> Terms:
    kept: Terms = {}
    for labels, entries in terms.items():
        expanded = {key: sp.expand(value) for key, value in entries.items()}
        entries = {key: value for key, value in expanded.items() if value != 0}
        if entries:
            kept[labels] = entries
    return kept
