r"""Gauss quadrature for sums over integers, as tables of the kernel of a film.

A sum of f(m) over m >= M, where f falls off as m^-4 and is smooth in z = 1/m^2, is an
integral of m^4 f over the discrete measure with the weight m^-4 at each z = 1/m^2.  Its Gauss
rule of q nodes,

.. math:: \sum_{m=M}^\infty f(m) \approx \sum_{i=1}^{q} w_i\, f(m_i),

is exact for m^4 f polynomial in z up to the degree 2 q - 1.  The nodes m_i are no integers, the
weights are positive, and a dozen of them give sixteen digits where the sum itself needs 10^5
terms.

Nodes and weights follow from the moments zeta(4 + 2 j, M) by Golub and Welsch, Math. Comp. 23,
221 (1969), Section 4; that loses about three digits for each node, which mpmath has.

Usage::

    python -m numerics.gauss_sums --write   rewrite the table of the kernel
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import mpmath as mp

from numerics.table_file import END, committed_tables, replace_tables

FIRST = 8
"""M of the film: eight terms are summed as they are."""

NODES = 12

_PATH = Path(__file__).parent / "kernels" / "film.py"
_BEGIN = "# begin tables: written by `python -m numerics.gauss_sums --write`"
_DIGITS = 30


@dataclass(frozen=True)
class SumRule:
    """Squares m_i^2 of the nodes in ascending order, and the weights w_i."""

    squares: tuple[mp.mpf, ...]
    weights: tuple[mp.mpf, ...]


def sum_rule(first: int, nodes: int) -> SumRule:
    """Return the Gauss rule for sums over m >= `first`, to 20 digits or more."""
    with mp.workdps(_DIGITS + 3 * nodes):
        # in the variable (first/m)^2, whose moments neither grow nor vanish
        moments = [mp.zeta(4 + 2 * j, first) * mp.mpf(first) ** (2 * j) for j in range(2 * nodes)]
        variables, vectors = mp.eigsy(_jacobi_matrix(moments, nodes))
        squares = [first**2 / variables[i] for i in range(nodes)]
        weights = [moments[0] * vectors[0, i] ** 2 * squares[i] ** 2 for i in range(nodes)]
    order = sorted(range(nodes), key=lambda i: squares[i])
    return SumRule(tuple(squares[i] for i in order), tuple(weights[i] for i in order))


def _jacobi_matrix(moments: list[mp.mpf], nodes: int) -> mp.matrix:
    """Matrix of the recurrence of the orthogonal polynomials, from the Hankel matrix."""
    hankel = mp.matrix([[moments[i + j] for j in range(nodes)] for i in range(nodes)])
    lower = mp.cholesky(hankel)
    last = mp.lu_solve(lower, mp.matrix(moments[nodes:]))
    ratios = [(lower[j + 1, j] if j + 1 < nodes else last[j]) / lower[j, j] for j in range(nodes)]
    jacobi = mp.diag([b - a for a, b in zip([mp.mpf(0), *ratios], ratios, strict=False)])
    for j in range(nodes - 1):
        jacobi[j, j + 1] = jacobi[j + 1, j] = lower[j + 1, j + 1] / lower[j, j]
    return jacobi


def emit() -> str:
    """Python source of the table: the terms 0 to FIRST - 1 themselves, then the rule."""
    rule = sum_rule(FIRST, NODES)
    squares = [float(m**2) for m in range(FIRST)] + [float(s) for s in rule.squares]
    weights = [1.0] * FIRST + [float(w) for w in rule.weights]
    lines = [_BEGIN, "# fmt: off"]
    for name, numbers in (("_FILM_SQUARES", squares), ("_FILM_WEIGHTS", weights)):
        literals = [f"{number!r}," for number in numbers]
        rows = [" ".join(literals[i : i + 4]) for i in range(0, len(literals), 4)]
        lines += [f"{name} = (", *(f"    {row}" for row in rows), ")"]
    return "\n".join([*lines, "# fmt: on", END])


def committed() -> str:
    """The table that the kernel holds now, markers included."""
    return committed_tables(_PATH, _BEGIN)


if __name__ == "__main__":
    if "--write" in sys.argv:
        replace_tables(_PATH, _BEGIN, emit())
    print(emit())
