r"""psi(1/2 + x) - ln x in sums, whatever became of the logarithms.

Logarithms combine and expand: a sum over modes holds ln(B_1/B_2) where ln B has cancelled
between two of them.  So each logarithm is a vector, with a component for every factor of its
argument, and digammas are folded for which

.. math:: \sum_i c_i \psi(1/2 + x_i) + L
          = \sum_i c_i [\psi(1/2 + x_i) - \ln x_i] + \Big[L + \sum_i c_i \ln x_i\Big]

leaves fewer components in the bracket than L has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import sympy as sp

from cooperon.kernels import HikamiFunction
from numerics.field_ratio import field_ratio, shift
from numerics.folded import Folded

Vector = Mapping[sp.Expr, sp.Expr]

# All subsets of so many digammas are tried; of more, all of them and those that help one by one.
_EXHAUSTIVE = 6


@dataclass(frozen=True)
class _Term:
    """coefficient times psi(1/2 + x), or times ln x; `log` is ln x as a vector."""

    coefficient: sp.Expr
    x: sp.Expr
    log: Vector

    @property
    def weighted(self) -> Vector:
        return {factor: self.coefficient * power for factor, power in self.log.items()}


def fold_digammas(node: sp.Expr) -> tuple[sp.Expr, list[Folded]]:
    """Return a sum with psi(1/2 + x) - ln x folded, and what was folded."""
    if not isinstance(node, sp.Add) or not node.has(sp.polygamma):
        return node, []
    digammas, logs, rest = _sorted_terms(node)
    total = _sum(log.weighted for log in logs)
    chosen = _chosen(digammas, total)
    if not chosen:
        return node, []
    kernels = [HikamiFunction(*field_ratio(term.x)) for term in chosen]
    kept = (t.coefficient * _digamma(t.x) for t in digammas if t not in chosen)
    left = _logarithms(_sum([total, *(term.weighted for term in chosen)]))
    new = (t.coefficient * kernel for t, kernel in zip(chosen, kernels, strict=True))
    before = (_digamma(term.x) - sp.log(term.x) for term in chosen)
    pairs = [Folded(*pair) for pair in zip(before, kernels, strict=True)]
    return sp.Add(*rest, *kept, left, *new), pairs


def _sorted_terms(node: sp.Add) -> tuple[list[_Term], list[_Term], list[sp.Expr]]:
    """The digammas, the logarithms, and what is neither."""
    digammas, logs, rest = [], [], []
    for term in sorted(node.args, key=sp.default_sort_key):
        special = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.polygamma | sp.log)]
        if len(special) != 1:
            rest.append(term)
            continue
        coefficient, function = term / special[0], special[0]
        if isinstance(function, sp.log):
            logs.append(_Term(coefficient, function.args[0], _vector(function.args[0])))
        elif function.args[0] == 0 and (x := shift(function.args[1])) is not None:
            digammas.append(_Term(coefficient, x, _vector(x)))
        else:
            rest.append(term)
    return digammas, logs, rest


def _vector(x: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    """ln x as sum of powers times logarithms of factors; those of numbers are under 1."""
    vector: dict[sp.Expr, sp.Expr] = defaultdict(lambda: sp.S.Zero)
    for base, power in sp.factor_terms(sp.together(x)).as_powers_dict().items():
        number, factor = base.as_coeff_Mul() if base.is_number else base.primitive()
        if number != 1:
            vector[sp.S.One] += power * sp.log(number)
        if factor != 1:
            vector[factor] += power
    return dict(vector)


def _sum(vectors: Iterable[Vector]) -> dict[sp.Expr, sp.Expr]:
    terms: dict[sp.Expr, list[sp.Expr]] = defaultdict(list)
    for vector in vectors:
        for factor, power in vector.items():
            terms[factor].append(power)
    return {factor: sp.expand(sp.Add(*powers)) for factor, powers in terms.items()}


def _chosen(digammas: Sequence[_Term], total: Vector) -> list[_Term]:
    """The digammas to fold: those that leave the fewest logarithms, none without gain."""
    if len(digammas) <= _EXHAUSTIVE:
        sizes = range(len(digammas) + 1)
        subsets = (list(c) for size in sizes for c in combinations(digammas, size))
        return min(subsets, key=lambda s: _left(total, s))
    everything = list(digammas)
    if _left(total, everything) == 0:
        return everything
    return [t for t in digammas if _left(_on(t, total), [t]) < _left(_on(t, total), [])]


def _left(total: Vector, terms: Sequence[_Term]) -> int:
    left = _sum([total, *(term.weighted for term in terms)])
    return sum(power != 0 for factor, power in left.items() if factor != 1)


def _on(term: _Term, total: Vector) -> Vector:
    return {factor: power for factor, power in total.items() if factor in term.log}


def _logarithms(vector: Vector) -> sp.Expr:
    """The vector as logarithms, one for all factors with the same coefficient up to a sign."""
    arguments: dict[sp.Expr, list[sp.Expr]] = defaultdict(list)
    for factor, power in vector.items():
        if factor != 1 and power != 0:
            negative = -power in arguments or power.could_extract_minus_sign()
            arguments[-power if negative else power].append(1 / factor if negative else factor)
    logs = (power * sp.log(sp.Mul(*factors)) for power, factors in arguments.items())
    return sp.Add(vector.get(sp.S.One, sp.S.Zero), *logs)


def _digamma(x: sp.Expr) -> sp.Expr:
    return sp.digamma(sp.Rational(1, 2) + x)
