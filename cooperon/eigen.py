"""Eigenvalues of small symbolic Hermitian matrices, block by block.

A relaxation matrix splits into blocks of pair states that mix; within a block the
characteristic polynomial is factored over the rationals of its parameters, and each factor
of degree one, two or three is solved in real closed form.
"""

from __future__ import annotations

import mpmath as mp
import sympy as sp


def blocks(matrix: sp.MatrixBase) -> list[tuple[int, ...]]:
    """Return the connected components of the graph of non-zero entries, each sorted."""
    return [tuple(sorted(block)) for block in sp.Matrix(matrix).connected_components()]


def eigenvalues(matrix: sp.MatrixBase) -> list[sp.Expr]:
    """Return all eigenvalues, with multiplicity, of a Hermitian matrix.

    Raises
    ------
    NotImplementedError
        If an irreducible factor of the characteristic polynomial has degree above three.
    """
    if matrix.rows == 1:
        return [sp.expand(matrix[0, 0])]
    if matrix.has(sp.Float) and not matrix.free_symbols:
        return _numerical(matrix)
    rates = _inverse_symbols(matrix)
    x = sp.Dummy("x")
    polynomial = matrix.subs({time: 1 / rate for time, rate in rates.items()}).charpoly()
    numerator, _ = sp.fraction(sp.together(polynomial.as_expr(x)))
    _, factors = sp.factor_list(numerator)
    roots = [root for factor, power in factors for root in _roots(factor, x) * power]
    return [root.xreplace({rate: 1 / time for time, rate in rates.items()}) for root in roots]


def _numerical(matrix: sp.MatrixBase) -> list[sp.Expr]:
    """Return eigenvalues of a matrix of floats by rotations, in ascending order.

    As roots of a polynomial two equal gaps would lose half their digits and become complex.
    """
    entries = sp.matrix2numpy(matrix, dtype=complex)
    return [sp.Float(value) for value in mp.eighe(mp.matrix(entries), eigvals_only=True)]


def _inverse_symbols(matrix: sp.MatrixBase) -> dict[sp.Symbol, sp.Dummy]:
    """Return a dummy rate for each symbol that enters as its inverse only.

    Roots are polynomials and radicals of rates; written in times they would carry high
    powers of 1e-12 s, which single precision cannot hold.
    """
    times = [t for t in sorted(matrix.free_symbols, key=str) if matrix.has(1 / t)]
    return {t: sp.Dummy(f"rate_{t}", positive=True) for t in times}


def _roots(factor: sp.Expr, x: sp.Symbol) -> list[sp.Expr]:
    if not factor.has(x):
        return []
    polynomial = sp.Poly(factor, x).monic()
    solvers = {1: _linear, 2: _quadratic, 3: _cubic}
    degree = polynomial.degree()
    if degree not in solvers:
        raise NotImplementedError(
            f"the gaps are the roots of {polynomial.as_expr()} in {x}, of degree {degree}, and "
            "have no closed form; choose the spin axes along the principal axes of the disorder."
        )
    return solvers[degree](polynomial.all_coeffs())


def _linear(coefficients: list[sp.Expr]) -> list[sp.Expr]:
    return [sp.expand(-coefficients[1])]


def _quadratic(coefficients: list[sp.Expr]) -> list[sp.Expr]:
    _, b, c = coefficients
    root = sp.sqrt(sp.expand(b**2 - 4 * c))
    return [sp.expand(-b / 2) + root / 2, sp.expand(-b / 2) - root / 2]


def _cubic(coefficients: list[sp.Expr]) -> list[sp.Expr]:
    """Return the three real roots by Viete's trigonometric formula."""
    _, b, c, d = coefficients
    shift = sp.expand(-b / 3)
    p = sp.expand(b**2 / 3 - c)
    q = sp.expand(-2 * b**3 / 27 + b * c / 3 - d)
    cosine = 3 * sp.sqrt(3) * q / (2 * p ** sp.Rational(3, 2))
    # |cosine| = 1 where two roots meet, where rounding must not take it any further.
    clipped = (sp.Abs(cosine + 1) - sp.Abs(cosine - 1)) / 2
    angle = sp.acos(clipped) / 3
    amplitude = 2 * sp.sqrt(p / 3)
    return [shift + amplitude * sp.cos(angle - 2 * sp.pi * k / 3) for k in range(3)]
