"""Find, in expressions that a user wrote, what this package evaluates without losing digits.

psi(1/2 + x) - ln x is a difference of nearly equal numbers, and so are coth x - 1/x and
2 sqrt(x) + zeta(1/2, 1/2 + x); a ratio of Airy functions is 0/0 where the ratio itself is
smooth.  `fold` puts the functions that have a kernel of their own in their place and says
what it replaced.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from numerics.fold_digammas import fold_digammas
from numerics.fold_ratios import fold_product, fold_sum
from numerics.folded import Folded

__all__ = ["Folded", "fold"]

# Sums first: x coth x - 1 is found before x coth x in it is folded.
_RULES: tuple[Callable[[sp.Expr], tuple[sp.Expr, list[Folded]]], ...] = (
    fold_digammas,
    fold_sum,
    fold_product,
)


def fold(expression: sp.Expr) -> tuple[sp.Expr, tuple[Folded, ...]]:
    """Return an equal expression in functions with kernels, and what was replaced by what.

    Found are, with any coefficients, within any larger expression and in sums of several:

    * psi(1/2 + x) - ln x, also with the logarithm expanded or partly cancelled between terms;
    * 2 sqrt(x) + zeta(1/2, 1/2 + x);
    * Ai(x)/Ai'(x);
    * x coth x, x/sinh x, coth x - 1/x and coth(x)/x - 1/x^2, coth in any spelling.

    Equal where the expression is real; what is even in a field is continued to negative ones.

    Examples
    --------
    >>> B, b = sp.symbols("B b", positive=True)
    >>> fold(sp.digamma(b / B + sp.Rational(1, 2)) + sp.log(B) - sp.log(b))[0]
    HikamiFunction(B, b)
    """
    found: list[Folded] = []
    folded = _visit(sp.sympify(expression), found)
    return folded, tuple(dict.fromkeys(found))


def _visit(node: sp.Expr, found: list[Folded]) -> sp.Expr:
    if not isinstance(node, sp.Expr) or not node.has(sp.Function):
        return node
    for rule in _RULES:
        node, pairs = rule(node)
        found += pairs
    arguments = [_visit(argument, found) for argument in node.args]
    return node if tuple(arguments) == node.args else node.func(*arguments)
