"""Directions on the Fermi surface: the arguments of vertices, and averages over them.

An impurity scatters an electron from direction n' (`n_in`) to direction n (`n_out`); both
are unit vectors on the sphere S^(d-1) of a d-dimensional conductor, so for d = 2 only the
x and y components exist and for d = 1 only n_x = +-1.
"""

from __future__ import annotations

import sympy as sp

from diagrams.angular import angular_average
from diagrams.matrices import n_in, n_out

n_x, n_y, n_z = n_out
m_x, m_y, m_z = n_in


def cross(left: tuple[sp.Expr, ...], right: tuple[sp.Expr, ...]) -> tuple[sp.Expr, ...]:
    """Return the three components of left x right."""
    return tuple(sp.Matrix(left).cross(sp.Matrix(right)))


def dot(dimension: int) -> sp.Expr:
    """Return n . n' for directions on S^(dimension-1)."""
    pairs = zip(n_out[:dimension], n_in[:dimension], strict=True)
    return sp.Add(*(a * b for a, b in pairs))


def average(expression: sp.Expr, dimension: int) -> sp.Expr:
    """Return the average over both directions of a polynomial in their components."""
    for direction in (n_out, n_in):
        flat = expression.subs(dict.fromkeys(direction[dimension:], 0))
        expression = angular_average(sp.expand(flat), direction[:dimension])
    return expression
