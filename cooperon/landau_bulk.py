"""The trace of a soft mode over Landau levels and the momentum along the field, in d = 3."""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.kawabata import KawabataFunction
from cooperon.landau import landau_levels, x
from diagrams.symbols import B, D

_HALF = sp.Rational(1, 2)
_y = sp.Symbol("y", positive=True)


@cache
def axial_integral() -> sp.Expr:
    """Return int dq/(2 pi) 1/(D q^2 + y), q along the field, in s/m."""
    q = sp.Symbol("q", positive=True)
    return sp.integrate(1 / (D * q**2 + _y), (q, 0, sp.oo)) / sp.pi


@cache
def axial_trace() -> sp.Expr:
    """Return lim_N [ sum_{n<N} (n + 1/2 + x)^(-1/2) - int_0^N dy (y + x)^(-1/2) ].

    The Hurwitz zeta function telescopes, zeta(1/2, a) - zeta(1/2, a + 1) = a^(-1/2), and
    zeta(1/2, a) -> -2 sqrt(a) for large a, which the integral cancels.

    Examples
    --------
    >>> axial_trace()
    2*sqrt(x) + zeta(1/2, x + 1/2)
    """
    N = sp.Symbol("N", positive=True)
    total = sp.zeta(_HALF, _HALF + x) + 2 * sp.sqrt(N + _HALF + x)
    integral = sp.integrate(1 / sp.sqrt(_y + x), (_y, 0, N))
    difference = sp.limit(2 * sp.sqrt(N + _HALF + x) - 2 * sp.sqrt(N + x), N, sp.oo)
    return (
        sp.expand(total - integral - 2 * sp.sqrt(N + _HALF + x) + 2 * sp.sqrt(N + x)) + difference
    )


@cache
def bulk_levels() -> sp.Expr:
    """Return what multiplies KawabataFunction(B, B_j) in C(z; B) - C(z; 0), s/m^3/sqrt(T).

    Raises
    ------
    ArithmeticError
        If the trace is not a multiple of it.
    """
    levels = landau_levels()
    field = sp.Symbol("B_j", positive=True)
    one_level = axial_integral().subs(_y, levels.spacing * _y)
    trace = levels.degeneracy * sp.simplify(one_level * sp.sqrt(_y)) * axial_trace()
    kernel = KawabataFunction(B, field).doit()
    multiple = sp.simplify(trace.subs(x, field / sp.Abs(B)) / kernel)
    if multiple.has(field):
        raise ArithmeticError(f"the trace {trace} is not a multiple of Kawabata's function.")
    return multiple
