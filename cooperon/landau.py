"""The trace of a soft mode over the Landau levels of a perpendicular field in d = 2.

A Cooperon has charge 2e, so its kinetic momentum obeys [pi_x, pi_y] = 2 i e B/hbar (up to
the sign of the charge) and D q^2 becomes an oscillator.  The trace per area minus its value
at B = 0 needs no cutoff: both are summed over the same N states per flux cell and N -> oo.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from diagrams.symbols import B, D, e, hbar

x = sp.Symbol("x", positive=True)


@dataclass(frozen=True)
class LandauLevels:
    """Spectrum of D q^2 and degeneracy of a particle of charge 2e in a field B > 0.

    Attributes
    ----------
    spacing : expression
        omega_c in D q^2 = omega_c (n + offset), 1/s.
    offset : Rational
    degeneracy : expression
        States per area in each level, 1/m^2.
    """

    spacing: sp.Expr
    offset: sp.Rational
    degeneracy: sp.Expr


@cache
def landau_levels() -> LandauLevels:
    """Derive the levels of D (pi_x^2 + pi_y^2) from [pi_x, pi_y] = i c, c = 2 e |B|/hbar.

    With pi_x = sqrt(c/2) (a + a^+), pi_y = i sqrt(c/2) (a^+ - a) and [a, a^+] = 1, normal
    ordering gives c (2 a^+ a + 1).  Each level takes the area of q space between two
    circles, pi omega_c/D, of which there are (2 pi)^-2 states per area.
    """
    c = 2 * e * sp.Abs(B) / hbar
    a, a_dagger = sp.symbols("a a^\\dagger", commutative=False)
    pi_x = sp.sqrt(c / 2) * (a + a_dagger)
    pi_y = sp.I * sp.sqrt(c / 2) * (a_dagger - a)
    squared = sp.expand(pi_x**2 + pi_y**2).subs(a * a_dagger, a_dagger * a + 1)
    number = sp.expand(squared).coeff(a_dagger * a)
    constant = sp.expand(squared).subs({a: 0, a_dagger: 0})
    spacing = D * number
    return LandauLevels(spacing, constant / number, spacing / D / (4 * sp.pi))


def level_sum(offset: sp.Expr, count: sp.Symbol) -> sp.Expr:
    """Return sum_{n=0}^{count-1} 1/(n + offset), by telescoping the digamma function.

    Raises
    ------
    ArithmeticError
        If psi(a + 1) - psi(a) does not reproduce the summand 1/a.
    """
    a = sp.Symbol("a", positive=True)
    step = sp.expand_func(sp.digamma(a + 1)) - sp.digamma(a)
    if sp.simplify(step - 1 / a) != 0:
        raise ArithmeticError(f"the sum over 1/(n + {offset}) did not telescope; got {step}.")
    return sp.digamma(count + offset) - sp.digamma(offset)


def level_integral(count: sp.Symbol) -> sp.Expr:
    """Return int_0^count dy/(y + x): the same states at B = 0, where y = D q^2/omega_c."""
    y = sp.Symbol("y", positive=True)
    return sp.integrate(1 / (y + x), (y, 0, count))


@cache
def field_trace() -> sp.Expr:
    """Return lim_N [ sum_{n<N} 1/(n + 1/2 + x) - int_0^N dy/(y + x) ] = ln x - psi(1/2 + x).

    Here x is the gap of the mode, dephasing included, in units of the level spacing.
    """
    count = sp.Symbol("N", positive=True)
    offset = landau_levels().offset + x
    total, bulk = level_sum(offset, count), level_integral(count)
    at_cutoff = sp.limit(sp.digamma(count + offset) - sp.log(count + x), count, sp.oo)
    at_zero = total - bulk - sp.digamma(count + offset) + sp.log(count + x)
    return sp.expand(at_zero + at_cutoff)
