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
    """

    one: Function
    even: Callable[[sp.Expr, sp.Expr], sp.Expr] | None = None
    odd: Callable[[sp.Expr, sp.Expr], sp.Expr] | None = None

    def times(self, factor: sp.Expr) -> PairFunction:
        """Return the function times a number."""
        even, odd = self.even, self.odd
        return PairFunction(
            lambda p: factor * self.one(p),
            None if even is None else lambda m, s: factor * even(m, s),
            None if odd is None else lambda m, s: factor * odd(m, s),
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


def _pair(fields: sp.Matrix, weights: sp.Matrix, function: PairFunction) -> sp.Expr:
    assert function.even is not None
    assert function.odd is not None
    mean = sp.expand(fields.trace() / 2)
    rest = fields - mean * sp.eye(2)
    square = sp.expand(-rest.det())
    total, slope = weights.trace(), sp.expand((weights * rest).trace())
    even = total * function.even(mean, square) if total != 0 else sp.S.Zero
    return even + slope * function.odd(mean, square)
