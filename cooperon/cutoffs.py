"""The integral of one mode over the momenta of an infinite sample, and how it is cut off.

    int d^d q/(2 pi)^d  1/(D q^2 + z),    z = 1/tau_phi + Gamma - i omega.

Diffusion ends at times of the order tau.  How the integral is cut there changes it by a
constant, never its dependence on z.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

import sympy as sp

from diagrams.symbols import D, symbol, tau

z = sp.Symbol("z", positive=True)
Q_c = symbol("Q_c")


@cache
def momentum_integral(dimension: int) -> sp.Expr:
    """Return int_{|q| < Q_c} d^d q/(2 pi)^d  1/(D q^2 + z), in s/m^d."""
    k = sp.Symbol("k", positive=True)
    sphere = 2 * sp.pi ** sp.Rational(dimension, 2) / sp.gamma(sp.Rational(dimension, 2))
    shell = sphere * k ** (dimension - 1) / (2 * sp.pi) ** dimension
    return sp.simplify(sp.integrate(shell / (D * k**2 + z), (k, 0, Q_c)))


@cache
def smooth_integral(dimension: int) -> sp.Expr:
    """Return the integral with 1/(D q^2 + z + 1/tau) subtracted, taken to Q_c -> oo.

    In time this is the factor 1 - exp(-t/tau) on the return probability.
    """
    cut = momentum_integral(dimension)
    difference = sp.expand(cut - cut.subs(z, z + 1 / tau))
    return sp.expand_log(sp.simplify(sp.limit(difference, Q_c, sp.oo)))


@cache
def sharp_integral(dimension: int) -> sp.Expr:
    """Return int_tau^oo dt exp(-z t)/(4 pi D t)^(d/2): the return probability after tau."""
    t = sp.Symbol("t", positive=True)
    density = (4 * sp.pi * D * t) ** -sp.Rational(dimension, 2)
    integral = sp.integrate(sp.exp(-z * t) * density, (t, tau, sp.oo))
    return sp.simplify(integral.rewrite(sp.erfc).rewrite(sp.expint))


CUTOFFS: MappingProxyType[str, Callable[[int], sp.Expr]] = MappingProxyType(
    {"smooth": smooth_integral, "sharp": sharp_integral, "momentum": momentum_integral}
)


@cache
def finite_bulk(dimension: int) -> sp.Expr:
    """Return the integral without the constant that diverges: its slope in z, integrated.

    Examples
    --------
    >>> finite_bulk(2)
    -log(z)/(4*pi*D)
    """
    slope = sp.limit(sp.diff(momentum_integral(dimension), z), Q_c, sp.oo)
    return sp.integrate(sp.simplify(slope), z)
