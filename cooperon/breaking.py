"""Which term breaks which symmetry, in words.

Where a time reversal is declared, as i sigma_y K for electrons with spin, a term breaks it if
it is not even under it.  Otherwise nothing says which of two terms that exclude a symmetry
together is to blame, and the answer is the smallest number of terms without which the symmetry
would exist; if there are several such sets, each of their terms is named.  Disorder is left out
before the Hamiltonian, the kinetic energy never.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, count
from types import MappingProxyType

from cooperon.antiunitary import antiunitary_name, keeps
from cooperon.coefficients import Expanded, coefficients, expanded
from cooperon.commutant import (
    CHIRAL,
    PARTICLE_HOLE,
    TIME_REVERSAL,
    Operation,
    intertwiners,
    is_invertible,
)
from cooperon.terms import Kind, Terms


def broken_by(terms: Terms) -> Mapping[str, str]:
    """Return {name of a term: sentence} for each term that breaks a symmetry."""
    search = _Search(terms, expanded(terms))
    broken: dict[str, list[str]] = {}
    for operation in (TIME_REVERSAL, PARTICLE_HOLE, CHIRAL):
        for name in search.breakers(operation):
            broken.setdefault(name, []).append(search.words(operation))
    order = [term.name for term in terms.terms if term.name in broken]
    return MappingProxyType({name: f"{name} breaks {_joined(broken[name])}" for name in order})


@dataclass(frozen=True, eq=False)
class _Search:
    terms: Terms
    expanded: tuple[Expanded, ...]

    def breakers(self, operation: Operation) -> set[str]:
        """Return the names of the terms that break a symmetry."""
        declared = self.terms.time_reversal
        if operation is TIME_REVERSAL and declared is not None:
            dimension = self.terms.dimension
            kept = [t for t in self.terms.terms if keeps(t, declared, operation, dimension)]
            return {term.name for term in self.terms.terms} - {term.name for term in kept}
        if self.symmetric_without((), operation):
            return set()
        disorder = [term.name for term in self.expanded if term.kind is Kind.DISORDER]
        fixed = [term.name for term in self.expanded if term.kind is Kind.HAMILTONIAN]
        return self.smallest(operation, disorder) or self.smallest(operation, disorder + fixed)

    def symmetric_without(self, names: Sequence[str], operation: Operation) -> bool:
        """Return whether the whole space has the symmetry when some terms are left out."""
        kept = coefficients(term for term in self.expanded if term.name not in names)
        return is_invertible(intertwiners(kept, operation, self.terms.size))

    def smallest(self, operation: Operation, names: Sequence[str]) -> set[str]:
        """Return all terms of the smallest sets without which the symmetry exists.

        A symmetry survives when more terms are left out: if it does not exist without all of
        them, it does not without fewer.
        """
        if not self.symmetric_without(names, operation):
            return set()
        return next(filter(None, (self._of(n, operation, names) for n in count(1))))

    def _of(self, number: int, operation: Operation, names: Sequence[str]) -> set[str]:
        chosen = combinations(names, number)
        return set().union(*(c for c in chosen if self.symmetric_without(c, operation)))

    def words(self, operation: Operation) -> str:
        """Return what is broken, with the declared time reversal by its matrix."""
        declared = self.terms.time_reversal
        if operation is not TIME_REVERSAL or declared is None:
            return operation.name
        remains = self.symmetric_without((), operation)
        name = f"{operation.name} {antiunitary_name(declared)}"
        return name + ", though another antiunitary remains" * remains


def _joined(phrases: Sequence[str]) -> str:
    return phrases[0] if len(phrases) == 1 else ", ".join(phrases[:-1]) + " and " + phrases[-1]
