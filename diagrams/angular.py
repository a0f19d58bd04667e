"""Averages over the direction n of the momentum on S^0, S^1 and S^2.

The Fermi surface of a free electron in d dimensions is the sphere S^(d-1): two points in
d = 1, a circle in d = 2, a sphere in d = 3.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp


def check_dimension(dimension: int) -> None:
    """Raise `ValueError` unless the dimension is 1, 2 or 3."""
    if dimension not in (1, 2, 3):
        raise ValueError(f"The dimension of the conductor is 1, 2 or 3, not {dimension!r}.")


def angular_average(polynomial: sp.Expr, direction: Sequence[sp.Symbol]) -> sp.Expr:
    """Return the average of a polynomial in the components of the unit vector `direction`.

    Raises
    ------
    ValueError
        The expression is not a polynomial in the components, or their number is not 1 to 3.

    Examples
    --------
    >>> n = sp.symbols("n_x n_y n_z", real=True)
    >>> angular_average(n[0] ** 2, n), angular_average(n[0] ** 2 * n[1] ** 2, n)
    (1/3, 1/15)
    """
    check_dimension(len(direction))
    if not polynomial.is_polynomial(*direction):
        raise ValueError(
            f"The angular average of {polynomial} needs a polynomial in "
            f"{', '.join(map(str, direction))}; use axial_average for a function of one component."
        )
    terms = sp.Poly(polynomial, *direction).terms()
    return sp.Add(*(factor * _moment(powers) for powers, factor in terms))


def _moment(powers: Sequence[int]) -> sp.Expr:
    """Average of a monomial, from the moments of a Gaussian vector x = |x| n.

    The Gaussian average of the monomial factorises both into its components and into length
    and direction: prod (p - 1)!! = <|x|^p> <n^p>, with <|x|^p> = d (d + 2) ... (d + p - 2).
    """
    if any(power % 2 for power in powers):
        return sp.S.Zero
    components = sp.Mul(*(sp.factorial2(power - 1) for power in powers))
    return components / sp.Mul(*(len(powers) + k for k in range(0, sum(powers), 2)))


def axial_average(function: sp.Expr, component: sp.Symbol, dimension: int) -> sp.Expr:
    """Return the average of a rational function of one component u = n_x of the direction.

    The function must be finite for -1 <= u <= 1, and its symbols should be positive so that
    SymPy can integrate over u in d = 3.

    Examples
    --------
    >>> s, x, u = sp.symbols("s x u", positive=True)
    >>> for dimension in (1, 2, 3):
    ...     print(axial_average(1 / (s + sp.I * x * u), u, dimension))
    s/(s**2 + x**2)
    1/sqrt(s**2 + x**2)
    atan(x/s)/x
    """
    check_dimension(dimension)
    even = sp.cancel((function + function.subs(component, -component)) / 2)
    if dimension == 1:
        return even.subs(component, 1)
    if dimension == 2:
        return sp.simplify(_circle_average(even, component))
    u = sp.Dummy("u", positive=True)
    return sp.simplify(sp.integrate(even.subs(component, u), (u, 0, 1)))


def _circle_average(even: sp.Expr, component: sp.Symbol) -> sp.Expr:
    """Average over phi with u = cos(phi) = (1 + t^2)^(-1/2), by residues in t.

    With T = t^2 and dphi = dt/(1 + t^2) the integrand is rational in T. Its poles in the
    upper half plane of t lie at t = i sqrt(-T_k), where T_k are the roots of the denominator.
    """
    square, t = sp.Dummy("T"), sp.Dummy("t")
    integrand = even.subs(component, 1 / sp.sqrt(1 + square)) / (1 + square)
    numerator, denominator = sp.fraction(sp.cancel(integrand))
    roots = sp.roots(denominator, square)
    leading = sp.LC(denominator, square)
    residues = []
    for root, order in roots.items():
        pole = sp.I * sp.sqrt(sp.factor(-root))
        others = sp.Mul(*((t**2 - r) ** k for r, k in roots.items() if r != root))
        regular = numerator.subs(square, t**2) / (leading * others * (t + pole) ** order)
        derivative = sp.diff(regular, t, order - 1) / sp.factorial(order - 1)
        residues.append(derivative.subs(t, pole))
    return 2 * sp.I * sp.Add(*residues)
