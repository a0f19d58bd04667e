"""Write the tables of `numerics.kernels.nondiffusive`: polynomials of a flight, edges of two sums.

The polynomials are those of `cooperon.flight_series`.  A sum over the levels n >= 0 of f(n + 1/2)
differs from the integral over x > 0, and the sum of alternating signs from 0, by functionals of f
at x = 0 (Euler and Maclaurin; Boole).  They are applied to the polynomial through 14 Chebyshev
nodes of |x| < 4: the odd part counts for the first functional, the even one for the second.
f is analytic up to |x| = 28 and more, so that the polynomial errs by 14^-14; more narrow
nodes would enlarge rounding errors.

    python -m numerics.nondiffusive_tables --write
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mpmath as mp

from cooperon.flight_series import flight_series
from numerics.table_file import END, replace_tables

KERNEL = Path(__file__).parent / "kernels" / "nondiffusive.py"
BEGIN = "# begin tables: written by `python -m numerics.nondiffusive_tables --write`"
_ORDERS = 4
_PAIRS = 7
_RADIUS = 4
_LINE = 96
_DIGITS = 60
_SERIES = ("diagonal", "remainder", "squares", "lowest", "action")


def tables() -> str:
    """Return the tables as source text, markers included."""
    with mp.workdps(_DIGITS):
        nodes, edge, alternating = edge_rules()
    lines = [BEGIN, "# fmt: off", "_FLIGHT_SERIES = {"]
    for name in _SERIES:
        rows = getattr(flight_series(_ORDERS), name)[1:]
        lines += [f'    "{name}": (', *(_filled(row, 8) + "," for row in rows), "    ),"]
    lines.append("}")
    rules = (("NODES", nodes), ("WEIGHTS", edge), ("ALTERNATING_WEIGHTS", alternating))
    lines += [f"_LEVEL_{name} = {_filled(values, 0)}" for name, values in rules]
    return "\n".join([*lines, "# fmt: on", END])


def edge_rules() -> tuple[list[Any], list[Any], list[Any]]:
    """Return nodes x_k > 0 and the weights of f(x_k) - f(-x_k) and of f(x_k) + f(-x_k)."""
    angles = [mp.pi * (2 * k + 1) / (4 * _PAIRS) for k in range(_PAIRS)]
    nodes = [_RADIUS * mp.cos(angle) for angle in angles]
    weights = []
    for power, moment in ((1, _edge_moment), (0, _alternating_moment)):
        rows = [[2 * x ** (2 * j + power) for x in nodes] for j in range(_PAIRS)]
        moments = [moment(j) for j in range(_PAIRS)]
        weights.append(list(mp.lu_solve(mp.matrix(rows), mp.matrix(moments))))
    return nodes, weights[0], weights[1]


def _edge_moment(j: int) -> Any:
    """Sum minus integral of x^(2j+1): -B_2k(1/2)/(2k) with k = j + 1."""
    return -mp.bernpoly(2 * j + 2, mp.mpf(1) / 2) / (2 * j + 2)


def _alternating_moment(j: int) -> Any:
    """The sum of (-1)^n (n + 1/2)^(2j), of Abel: E_2j/2^(2j+1)."""
    return mp.eulernum(2 * j) / mp.mpf(2) ** (2 * j + 1)


def _filled(values: Sequence[Any], indent: int) -> str:
    """Return a tuple of floats as source text on lines that fit."""
    words = ", ".join(repr(float(value)) for value in values)
    start, rest = " " * indent, " " * (indent + 4)
    if len(words) + indent < _LINE - 30:
        return f"{start}({words})"
    lines = textwrap.wrap(words, _LINE, initial_indent=rest, subsequent_indent=rest)
    return "\n".join([f"{start}(", *lines, f"{start})"])


def main() -> None:
    """Print the tables, or write them into the kernel file."""
    if "--write" in sys.argv[1:]:
        replace_tables(KERNEL, BEGIN, tables())
    else:
        sys.stdout.write(tables() + "\n")


if __name__ == "__main__":
    main()
