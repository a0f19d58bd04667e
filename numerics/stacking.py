r"""Sums of like terms as one term on a stacked axis, so that compile time is flat in their number.

XLA compiles every call of a kernel anew: the gradient of sixty-four of them written out takes
seconds, of one call on an array of sixty-four fields as long as of one.  `stacked` finds the
sums,

.. math:: \sum_k w_k F(B, B_\phi + c_k B_{so}) \to \sum_k f(w_k, c_k),\qquad
          f(w, c) = w F(B, B_\phi + c B_{so}),

where f is what all terms have in common and the slots w and c are what differs: numbers where
only numbers do, expressions elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count

import sympy as sp
from sympy.core.function import AppliedUndef

from numerics.printer import HEADS

# Terms written out run as fast (all in one pass over memory), so few of them stay as they are:
# compile time is the same at four terms, and half as long stacked at eight.  Elementary heads
# compile in no time each.
STACKED_FROM = 6
ELEMENTARY_STACKED_FROM = 32


@dataclass(frozen=True)
class Slot:
    """What differs between like terms: a symbol, and its value in each of them."""

    symbol: sp.Symbol
    values: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class StackedSum:
    """The sum over k of `term` with every slot at its k-th value; `total` stands for it."""

    total: sp.Symbol
    term: sp.Expr
    slots: tuple[Slot, ...]


def stacked(expression: sp.Expr) -> tuple[sp.Expr, tuple[StackedSum, ...]]:
    """Return the expression with symbols for its long sums of like terms, and these sums.

    A sum may be anywhere in the expression; a later one may contain the total of an earlier
    one.  The same expression gives the same sums in the same order.
    """
    plan = _Plan(expression)
    rest = plan.visit(expression)
    return rest, tuple(plan.sums)


class _Plan:
    """Visits an expression from its leaves up, and keeps the sums found and the names used."""

    def __init__(self, expression: sp.Expr) -> None:
        taken = {symbol.name for symbol in expression.free_symbols}
        self.totals = _fresh("sum", taken)
        self.taken = taken
        self.sums: list[StackedSum] = []
        self.known: dict[tuple[sp.Expr, ...], sp.Symbol] = {}

    def visit(self, node: sp.Expr) -> sp.Expr:
        if not node.has(sp.Function):
            return node
        node = _rebuilt(node, [self.visit(a) for a in node.args])
        return self._add(node) if isinstance(node, sp.Add) else node

    def _add(self, node: sp.Add) -> sp.Expr:
        groups = defaultdict(list)
        for term in sorted(node.args, key=sp.default_sort_key):
            groups[_skeleton(term)].append(term)
        parts = [self._group(terms) for terms in groups.values()]
        return sp.Add(*(term for part in parts for term in part))

    def _group(self, terms: list[sp.Expr]) -> list[sp.Expr]:
        """Return the terms, or the one symbol for their sum."""
        heads = terms[0].atoms(sp.Function)
        if not heads or len(terms) < _least(heads):
            return terms
        if tuple(terms) not in self.known:
            common = _Common(self.taken)
            term = common.of(terms)
            total = symbol_like(next(self.totals), [term])
            self.sums.append(StackedSum(total, term, tuple(common.slots)))
            self.known[tuple(terms)] = total
        return [self.known[tuple(terms)]]


def _least(heads: Iterable[sp.Function]) -> int:
    kernel = any(getattr(head, "_jaxcode", None) for head in heads)
    return STACKED_FROM if kernel else ELEMENTARY_STACKED_FROM


class _Common:
    """What like terms have in common; `slots` collects what differs."""

    def __init__(self, taken: set[str]) -> None:
        self.names = {stem: _fresh(stem, taken) for stem in ("c", "x")}
        self.slots: list[Slot] = []

    def of(self, terms: Sequence[sp.Expr]) -> sp.Expr:
        first = terms[0]
        if all(term == first for term in terms):
            return first
        if all(term.is_Number for term in terms):
            return self._slot("c", terms)
        numbers, rests = zip(*(term.as_coeff_Mul() for term in terms), strict=True)
        if any(number != 1 for number in numbers):
            return self.of(numbers) * self.of(rests)
        if first.has(sp.Function) and len({_skeleton(term) for term in terms}) == 1:
            columns = zip(*(_arguments(term) for term in terms), strict=True)
            return _rebuilt(first, [self.of(column) for column in columns])
        if _monomials(first) and all(_monomials(term) == _monomials(first) for term in terms):
            tables = [term.as_coefficients_dict() for term in terms]
            return sp.Add(*(self.of([t[m] for t in tables]) * m for m in _monomials(first)))
        return self._slot("x", terms)

    def _slot(self, stem: str, values: Sequence[sp.Expr]) -> sp.Symbol:
        known = {slot.values: slot.symbol for slot in self.slots}
        if tuple(values) not in known:
            self.slots.append(Slot(symbol_like(next(self.names[stem]), values), tuple(values)))
        return known.get(tuple(values), self.slots[-1].symbol)


def _skeleton(term: sp.Expr) -> object:
    """The heads of a term, without what stands where no function does."""
    if not term.has(sp.Function):
        return None
    rest = term.as_coeff_Mul()[1]
    fixed = tuple(a for a in rest.args if a.is_Number) if _keeps_numbers(rest) else ()
    kernel = getattr(rest, "_jaxcode", None)
    return rest.func, kernel, fixed, tuple(map(_skeleton, _arguments(rest)))


def _keeps_numbers(node: sp.Expr) -> bool:
    """Whether numbers among the arguments choose what is computed: a kernel, an exponent."""
    if isinstance(node, sp.Function):
        one_kernel = isinstance(getattr(type(node), "_jaxcode", None), str)
        known = one_kernel or type(node).__name__ in HEADS
        return isinstance(node, AppliedUndef) or not known
    return isinstance(node, sp.Pow)


def _arguments(term: sp.Expr) -> tuple[sp.Expr, ...]:
    """The arguments, those of sums and products in an order that pairs like ones."""
    if not isinstance(term, sp.Mul | sp.Add):
        return tuple(term.args)
    plain = [a for a in term.args if not a.has(sp.Function)]
    others = [a for a in term.args if a.has(sp.Function)]
    others.sort(key=lambda a: (repr(_skeleton(a)), sp.default_sort_key(a)))
    return (term.func(*plain), *others)


def _monomials(term: sp.Expr) -> list[sp.Expr]:
    """What the numbers of a sum without functions multiply."""
    if term.has(sp.Function):
        return []
    return sorted(term.as_coefficients_dict(), key=sp.default_sort_key)


def symbol_like(name: str, values: Sequence[sp.Expr]) -> sp.Symbol:
    """Return a symbol with what is known of all the values: kernels are chosen by it."""
    if all(value.is_positive for value in values):
        return sp.Symbol(name, positive=True)
    if all(value.is_extended_real for value in values):
        return sp.Symbol(name, real=True)
    has_i = any(value.has(sp.I) for value in values)
    return sp.Symbol(name, extended_real=False) if has_i else sp.Symbol(name)


def _rebuilt(node: sp.Expr, arguments: Sequence[sp.Expr]) -> sp.Expr:
    return node if tuple(arguments) == node.args else node.func(*arguments)


def _fresh(stem: str, taken: set[str]) -> Iterator[str]:
    """Names stem_1, stem_2, ... without those that are taken."""
    names = (f"{stem}_{number}" for number in count(1))
    return (name for name in names if name not in taken)
