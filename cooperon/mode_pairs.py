r"""tr(w f(M)) for soft modes on which a function f acts, without the roots of M where they meet.

Modes of one weight need eigenvalues only.  Two modes of different weights that mix, as the
singlet and a triplet do by a Zeeman energy, have the poles m +- sqrt(s), which meet and become
complex; the sum over them is smooth in s,

.. math:: f(M) = f_+ + f_- (M - m), \quad
    f_+ = \tfrac12 [f(m + \sqrt s) + f(m - \sqrt s)], \quad
    f_- = \frac{f(m + \sqrt s) - f(m - \sqrt s)}{2 \sqrt s}.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from cooperon.eigen import eigenvalues
from cooperon.soft_modes import ModeBlock

Function = Callable[[sp.Expr], sp.Expr]


@dataclass(frozen=True)
class PairFunction:
    """A function of a rate or field, and what it is for two of them.

    Attributes
    ----------
    one : p -> f(p)
    even, odd : (m, s) -> f_+ and f_-, None where they are not known
    odd_change : (m, s, m_0, s_0) -> what f_- changes by from (m_0, s_0), without cancelling
    """

    one: Function
    even: Callable[[sp.Expr, sp.Expr], sp.Expr] | None = None
    odd: Callable[[sp.Expr, sp.Expr], sp.Expr] | None = None
    odd_change: Callable[[sp.Expr, sp.Expr, sp.Expr, sp.Expr], sp.Expr] | None = None

    def times(self, factor: sp.Expr) -> PairFunction:
        """Return the function times a number."""
        even, odd, change = self.even, self.odd, self.odd_change
        return PairFunction(
            lambda p: factor * self.one(p),
            None if even is None else lambda m, s: factor * even(m, s),
            None if odd is None else lambda m, s: factor * odd(m, s),
            None if change is None else lambda *pairs: factor * change(*pairs),
        )


def weighted_trace(block: ModeBlock, fields: sp.MatrixBase, function: PairFunction) -> sp.Expr:
    """Return tr(w f(M)) for a block whose fields (or rates) are M.

    Raises
    ------
    NotImplementedError
        If modes of different weights mix and the function of two is not known, or there are
        more than two of them.
    """
    if block.weight is not None and sp.Matrix(fields).is_hermitian:
        return block.weight * sp.Add(*(function.one(root) for root in eigenvalues(fields)))
    if fields.rows != 2 or function.odd is None:
        raise NotImplementedError(
            f"the modes {', '.join(block.names)} have different weights and mix, and their trace "
            "in this geometry is not known; choose spin axes along the field, or a bulk, a thin "
            "film or a wire."
        )
    return _pair(sp.Matrix(fields), sp.Matrix(block.weights), function)


def weighted_change(
    block: ModeBlock, after: sp.MatrixBase, before: sp.MatrixBase, function: PairFunction
) -> sp.Expr:
    """Return tr(w f(after)) - tr(w f(before)), without cancelling where that is known.

    Raises
    ------
    NotImplementedError
        As for `weighted_trace`.
    """
    mixed = block.weight is None and after.rows == 2
    if mixed and function.odd_change and sp.Matrix(block.weights).trace() == 0:
        pairs = [_Pair.of(sp.Matrix(fields)) for fields in (after, before)]
        slopes = [pair.slope(block.weights) for pair in pairs]
        if slopes[0] == slopes[1]:
            change = function.odd_change(*(x for p in pairs for x in (p.mean, p.square)))
            return slopes[0] * change
    return weighted_trace(block, after, function) - weighted_trace(block, before, function)


@dataclass(frozen=True)
class _Pair:
    """Two modes: the mean m of their poles, s, and M - m."""

    mean: sp.Expr
    square: sp.Expr
    rest: sp.ImmutableDenseMatrix

    @classmethod
    def of(cls, fields: sp.Matrix) -> _Pair:
        mean = sp.expand(fields.trace() / 2)
        rest = fields - mean * sp.eye(2)
        return cls(mean, sp.expand(-rest.det()), sp.ImmutableDenseMatrix(rest))

    def slope(self, weights: sp.MatrixBase) -> sp.Expr:
        """What f_- is multiplied by."""
        return sp.expand((sp.Matrix(weights) * sp.Matrix(self.rest)).trace())


def _pair(fields: sp.Matrix, weights: sp.Matrix, function: PairFunction) -> sp.Expr:
    assert function.even is not None
    assert function.odd is not None
    pair, total = _Pair.of(fields), weights.trace()
    even = total * function.even(pair.mean, pair.square) if total != 0 else sp.S.Zero
    return even + pair.slope(weights) * function.odd(pair.mean, pair.square)
