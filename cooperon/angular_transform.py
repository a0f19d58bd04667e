r"""Averages of a ballistic propagator over directions, harmonic by harmonic.

A pair that moves in the direction n without scattering in has the propagator
1/(1 + i x e.n), with x = q l, e the direction of q and rates in units of the out-rate.  It
depends on n through e.n only, so that each harmonic is an eigenfunction (Funk and Hecke):

.. math:: \left\langle \frac{Y_a(n)}{1 + i x\, e\cdot n} \right\rangle = \lambda_l(x)\, Y_a(e),
   \quad
   \lambda_l = \frac{l!\,\Gamma(d/2)}{\Gamma(l + d/2)} \left(\frac{-ix}{2}\right)^l
   {}_2F_1\!\left(\tfrac{l+1}2, \tfrac{l+2}2; l + \tfrac d2; -x^2\right),

with l the degree of Y_a.  The hypergeometric function holds in every dimension and loses no
digits for small x, where the elementary forms, ((s - 1)/(ix))^l/s with s = (1 + x^2)^(1/2)
in d = 2 and Legendre functions in d = 3, are differences of nearly equal numbers.
"""

from __future__ import annotations

from functools import cache

import mpmath as mp
import sympy as sp

from diagrams.angular import check_dimension

x = sp.Symbol("x", positive=True)


def transform(dimension: int, degree: int, square: mp.mpc) -> mp.mpc:
    """Return lambda_l at x^2 = `square`: for x > 0, and for -i x > 0 if x^2 is negative.

    The value is real for -1 < x^2 < 0, where poles of a Cooperon lie.  At complex x^2 the sign
    of x is that of continuation from there; what has a physical meaning is even in x.
    """
    check_dimension(dimension)
    half = mp.mpf(dimension) / 2
    scale = mp.factorial(degree) * mp.gamma(half) / mp.gamma(degree + half)
    forward = mp.im(square) == 0 and mp.re(square) > 0
    root = -1j * mp.sqrt(square) if forward else mp.sqrt(-square)
    upper = mp.mpf(degree + 1) / 2
    series = mp.hyp2f1(upper, upper + mp.mpf(1) / 2, degree + half, -square)
    return scale * (root / 2) ** degree * series


@cache
def transform_in_closed_form(dimension: int, degree: int) -> sp.Expr:
    """Return lambda_l as an elementary function of x = q l > 0.

    Examples
    --------
    >>> transform_in_closed_form(2, 0)
    1/sqrt(x**2 + 1)
    >>> transform_in_closed_form(3, 0)
    atan(x)/x
    """
    check_dimension(dimension)
    if dimension == 1:
        return (-sp.I * x) ** degree / (1 + x**2)
    if dimension == 2:
        s = sp.sqrt(1 + x**2)
        return ((s - 1) / (sp.I * x)) ** degree / s
    return sp.expand(_on_the_sphere(degree))


def _on_the_sphere(degree: int) -> sp.Expr:
    """Legendre's recursion for <P_l(u)/(1 + i x u)>, with i x u = (1 + i x u) - 1."""
    if degree == 0:
        return sp.atan(x) / x
    if degree == 1:
        return (1 - sp.atan(x) / x) / (sp.I * x)
    last, before = _on_the_sphere(degree - 1), _on_the_sphere(degree - 2)
    moment = -last / (sp.I * x)
    return ((2 * degree - 1) * moment - (degree - 1) * before) / degree
