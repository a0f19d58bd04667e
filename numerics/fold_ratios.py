r"""Ratios and differences that lose their digits at one end, folded into functions that do not.

Products: Ai(y)/Ai'(y), y coth y and y/sinh y, where the factor y cancels one of the product.
Sums: coth y - 1/y, coth(y)/y - 1/y^2 and y coth y - 1, and 2 sqrt(x) + zeta(1/2, 1/2 + x),
times anything.  tanh in a denominator and cosh over sinh count as coth.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from cooperon.airy_ratio import AiryRatio
from cooperon.hyperbolic import FiniteWire, Langevin, XCosech, XCoth
from cooperon.kawabata import KawabataFunction
from numerics.field_ratio import field_ratio, shift
from numerics.folded import Folded

_HALF = sp.Rational(1, 2)


def fold_product(node: sp.Expr) -> tuple[sp.Expr, list[Folded]]:
    """Return a product or power with its ratios folded, and what was folded."""
    pairs: list[Folded] = []
    for rule in (_airy, _coth, _cosech):
        found = rule(node) if isinstance(node, sp.Mul | sp.Pow) else None
        if found:
            node, pair = found
            pairs.append(pair)
    return node, pairs


def fold_sum(node: sp.Expr) -> tuple[sp.Expr, list[Folded]]:
    """Return a sum with its differences folded, and what was folded."""
    pairs: list[Folded] = []
    if not isinstance(node, sp.Add):
        return node, pairs
    for rule in (_langevin, _kawabata):
        for term in sorted(node.args, key=sp.default_sort_key):
            found = rule(term, node)
            if found:
                node, pair = found
                pairs.append(pair)
    return node, pairs


_Found = tuple[sp.Expr, Folded]


def _airy(node: sp.Expr) -> _Found | None:
    powers = node.as_powers_dict()
    for base, power in powers.items():
        y = base.args[0] if isinstance(base, sp.airyai) else None
        if y is None or not power.is_Integer or powers.get(sp.airyaiprime(y)) != -power:
            continue
        ratio = sp.airyai(y) / sp.airyaiprime(y)
        return node / ratio**power * AiryRatio(y) ** power, Folded(ratio, AiryRatio(y))
    return None


def _coth(node: sp.Expr) -> _Found | None:
    found = _coth_factor(node)
    if not found:
        return None
    y, power, rest = found
    return _with_factor(rest, y, power, sp.coth(y) * y, XCoth(y))


def _cosech(node: sp.Expr) -> _Found | None:
    for base, power in node.as_powers_dict().items():
        if isinstance(base, sp.sinh | sp.csch):
            y = base.args[0]
            count = power if isinstance(base, sp.csch) else -power
            if count.is_Integer and count > 0:
                return _with_factor(node / base**power, y, count, y / sp.sinh(y), XCosech(y))
    return None


def _with_factor(
    rest: sp.Expr, y: sp.Expr, power: sp.Expr, before: sp.Expr, after: sp.Expr
) -> _Found | None:
    """rest/y^power times after^power, if the rest has what vanishes with y as a factor."""
    quotient = sp.cancel(rest / y**power) if rest.is_rational_function() else rest / y**power
    below = sp.fraction(sp.together(quotient))[1]
    if not y.free_symbols - below.free_symbols:
        return None
    return quotient * after**power, Folded(before, after)


def _coth_factor(node: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr] | None:
    """y, n and the rest of a product with coth(y)^n, n > 0, in any of its spellings."""
    powers = node.as_powers_dict()
    for base, power in powers.items():
        if not power.is_Integer:
            continue
        if isinstance(base, sp.coth) and power > 0:
            return base.args[0], power, node / base**power
        if isinstance(base, sp.tanh) and power < 0:
            return base.args[0], -power, node / base**power
        if isinstance(base, sp.cosh) and power > 0 and powers.get(sp.sinh(*base.args)) == -power:
            return base.args[0], power, node / (base / sp.sinh(*base.args)) ** power
    return None


def _langevin(term: sp.Expr, node: sp.Add) -> _Found | None:
    """c coth(y) - c/y."""
    found = _coth_factor(term)
    if not found or found[1] != 1:
        return None
    y, _, c = found
    partner = _other(node, term, lambda other: sp.simplify(other + c / y) == 0)
    if partner is None:
        return None
    folded: sp.Expr = c * Langevin(y)
    pair = Folded(sp.coth(y) - 1 / y, Langevin(y))
    if y.free_symbols & sp.fraction(sp.together(c))[1].free_symbols:
        folded = sp.simplify(c * y) * FiniteWire(y)
        pair = Folded(sp.coth(y) / y - 1 / y**2, FiniteWire(y))
    return node - term - partner + folded, pair


def _kawabata(term: sp.Expr, node: sp.Add) -> _Found | None:
    """c zeta(1/2, 1/2 + x) + 2 c sqrt(x)."""
    zetas = [f for f in sp.Mul.make_args(term) if isinstance(f, sp.zeta)]
    if len(zetas) != 1 or len(zetas[0].args) != 2 or zetas[0].args[0] != _HALF:
        return None
    x = shift(zetas[0].args[1])
    if x is None:
        return None
    c = term / zetas[0]
    partner = _other(node, term, lambda other: _is_one(other / (2 * c * sp.sqrt(x))))
    if partner is None:
        return None
    B, B_phi = field_ratio(x)
    kernel = KawabataFunction(B, B_phi)
    left = sp.powsimp(c / sp.sqrt(B), force=True)
    before = zetas[0] + 2 * sp.sqrt(x)
    return node - term - partner - left * kernel, Folded(before, -kernel / sp.sqrt(B))


def _is_one(ratio: sp.Expr) -> bool:
    """Whether a ratio of roots is 1 where its symbols are positive."""
    positive = {s: sp.Dummy(s.name, positive=True) for s in ratio.free_symbols}
    return bool(sp.simplify(ratio.xreplace(positive)) == 1)


def _other(node: sp.Add, term: sp.Expr, condition: Callable[[sp.Expr], bool]) -> sp.Expr | None:
    others = sorted((t for t in node.args if t != term), key=sp.default_sort_key)
    plain = (t for t in others if not t.has(sp.Function))
    return next((t for t in plain if condition(t)), None)
