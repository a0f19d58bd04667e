"""Bulk traces as functions of a field p = hbar z/(4 e D), in units of the conductivity.

Each has its form for two modes that mix (`PairFunction`) and for the change between two
states, without the cancellation of two nearly equal terms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from cooperon.mode_pairs import PairFunction
from cooperon.root_changes import InverseRootChange, RootChange

Change = Callable[[sp.Expr, sp.Expr], sp.Expr]


@dataclass(frozen=True)
class BulkFunction:
    """p^power, or -ln p for d = 2, up to a factor.

    Attributes
    ----------
    of : PairFunction
    change : (rise, p) -> f(p + rise) - f(p)
    """

    of: PairFunction
    change: Change


def _product(m: sp.Expr, s: sp.Expr) -> sp.Expr:
    """The root of the product of the two poles."""
    return sp.sqrt(sp.expand(m**2 - s))


def _roots(m: sp.Expr, s: sp.Expr) -> sp.Expr:
    """The sum of the roots of the two poles."""
    return sp.sqrt(2 * m + 2 * _product(m, s))


@dataclass(frozen=True)
class _Rise:
    """By how much the roots of two pairs of poles differ, from sums and products."""

    product: sp.Expr
    roots: sp.Expr

    @classmethod
    def of(cls, m: sp.Expr, s: sp.Expr, m_0: sp.Expr, s_0: sp.Expr) -> _Rise:
        before = sp.expand(m_0**2 - s_0)
        product = RootChange(sp.expand(m**2 - s - before), before)
        squares = 2 * sp.expand(m - m_0) + 2 * product
        return cls(product, RootChange(squares, _roots(m_0, s_0) ** 2))


def _line_change(m: sp.Expr, s: sp.Expr, m_0: sp.Expr, s_0: sp.Expr) -> sp.Expr:
    """Of -1/(product of roots times their sum)."""
    rise = _Rise.of(m, s, m_0, s_0)
    change = _product(m, s) * rise.roots + _roots(m_0, s_0) * rise.product
    return change / (_product(m, s) * _roots(m, s) * _product(m_0, s_0) * _roots(m_0, s_0))


def _space_change(m: sp.Expr, s: sp.Expr, m_0: sp.Expr, s_0: sp.Expr) -> sp.Expr:
    """Of -1/(sum of roots)."""
    return _Rise.of(m, s, m_0, s_0).roots / (_roots(m, s) * _roots(m_0, s_0))


_line = BulkFunction(
    PairFunction(
        one=lambda p: 1 / sp.sqrt(p),
        even=lambda m, s: _roots(m, s) / (2 * _product(m, s)),
        odd=lambda m, s: -1 / (_product(m, s) * _roots(m, s)),
        odd_change=_line_change,
    ),
    change=InverseRootChange,
)
_plane = BulkFunction(
    PairFunction(one=lambda p: -sp.log(p)), change=lambda rise, p: -sp.log(1 + rise / p)
)
_space = BulkFunction(
    PairFunction(
        one=lambda p: -sp.sqrt(p),
        even=lambda m, s: -_roots(m, s) / 2,
        odd=lambda m, s: -1 / _roots(m, s),
        odd_change=_space_change,
    ),
    change=lambda rise, p: -RootChange(rise, p),
)
BULK_FUNCTIONS = {1: _line, 2: _plane, 3: _space}
