r"""Rational functions of the Landau level: partial fractions, their sums and their integrals.

With f(u) = sum_p r_p/(u - p) and the level variable u = b n,

.. math:: \sum_{n<N} b f(b n) \to \sum_p r_p \Big[\ln N - \psi\Big(-\frac pb\Big)\Big],
          \qquad \int_0^{b N} g\,du \to \sum_q r_q [\ln b N - \ln(-q)],

so what is left of the difference for N -> oo are digammas at the poles of f and logarithms at
those of g.  Multiple poles bring polygammas and powers.  Irreducible factors of degree above
two have no useful radicals; their poles stay a `RootSum`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import factorial

import sympy as sp

# One bound symbol for all: functions that differ in its name only are then equal.
LEVEL = sp.Dummy("u", dummy_index=1894607112, real=True)
_polygamma = sp.Function("polygamma")
_x = sp.Dummy("x")


@dataclass(frozen=True)
class LevelRatio:
    """A ratio of polynomials in the level variable; the denominator starts with 1."""

    over: sp.Poly
    under: sp.Poly

    @property
    def weight(self) -> sp.Expr:
        """W of the behaviour W/u at large u."""
        return sp.factor_terms(self.over.coeff_monomial(LEVEL ** (self.degree - 1)))

    @property
    def degree(self) -> int:
        """Degree of the denominator."""
        return int(self.under.degree())

    def shifted(self, distance: sp.Expr) -> LevelRatio:
        """The ratio at u + distance."""
        to = sp.Poly(LEVEL + distance, LEVEL)
        return LevelRatio(self.over.compose(to), self.under.compose(to))

    def times(self, factor: sp.Poly) -> LevelRatio:
        """The same function, numerator and denominator multiplied by a factor."""
        return LevelRatio(self.over * factor, self.under * factor)

    def rows(self) -> tuple[list[sp.Expr], list[sp.Expr]]:
        """Coefficients of u^(k-1), ..., u^0 of numerator and denominator of degree k."""
        powers = [LEVEL**i for i in reversed(range(self.degree))]
        over, under = ([p.coeff_monomial(u) for u in powers] for p in (self.over, self.under))
        return over, under


@cache
def level_ratio(f: sp.Expr) -> LevelRatio:
    """Return f as a ratio of polynomials in `LEVEL`.

    Raises
    ------
    ValueError : if it is not rational in the level variable, or does not fall off as 1/u.
    """
    over, under = sp.fraction(sp.together(f))
    if not (over.is_polynomial(LEVEL) and under.is_polynomial(LEVEL)):
        raise ValueError(f"{f} is not a rational function of the level variable {LEVEL}.")
    numerator, denominator = sp.Poly(over, LEVEL), sp.Poly(under, LEVEL)
    if numerator.is_zero:
        return LevelRatio(numerator, sp.Poly(LEVEL + 1, LEVEL))
    if numerator.degree() >= denominator.degree():
        raise ValueError(
            f"{f} does not fall off at high levels {LEVEL}, so its sum has no limit; subtract "
            "what stays constant."
        )
    leading = denominator.LC()
    return LevelRatio(_divided(numerator, leading), _divided(denominator, leading))


def _divided(polynomial: sp.Poly, number: sp.Expr) -> sp.Poly:
    return sp.Poly([sp.cancel(c / number) for c in polynomial.all_coeffs()], LEVEL)


def summed(f: LevelRatio, b: sp.Expr) -> sp.Expr:
    """Sum of b f(b n) over 0 <= n < N minus W ln(b N), for N -> oo; the integral at b = 0."""
    if b.is_zero:
        return integrated(f)

    def term(pole: sp.Expr, order: int) -> sp.Expr:
        value = (-1) ** order * _polygamma(order - 1, -pole / b) / factorial(order - 1)
        return value * b ** (1 - order)

    # polygamma of an exact number would expand to a sum of as many terms
    total = _over_poles(f, term) - f.weight * sp.log(b)
    return total.replace(_polygamma, lambda k, x: sp.polygamma(k, x, evaluate=not x.is_number))


def integrated(g: LevelRatio) -> sp.Expr:
    """Integral of g over 0 <= u < U minus W ln U, for U -> oo."""

    def term(pole: sp.Expr, order: int) -> sp.Expr:
        if order == 1:
            return -sp.log(-pole)
        return (-pole) ** (1 - order) / (order - 1)

    return _over_poles(g, term)


def _over_poles(f: LevelRatio, term: Callable[[sp.Expr, int], sp.Expr]) -> sp.Expr:
    """Sum of r term(pole, order) over all partial fractions r/(u - pole)^order."""
    if f.over.is_zero:
        return sp.S.Zero
    ratio = sp.cancel(f.over.as_expr() / f.under.as_expr(), LEVEL)
    over, under = sp.fraction(ratio)
    constant, factors = sp.factor_list(under, LEVEL)
    total = sp.S.Zero
    for factor, power in factors:
        others = sp.Mul(*(p.as_expr() ** m for p, m in factors if p != factor))
        polynomial = sp.Poly(factor, LEVEL)
        at_pole = _residues(over / (constant * others), polynomial, power)
        summand = sp.Add(*(r * term(_x, i + 1) for i, r in enumerate(at_pole)))
        total += _over_roots(polynomial, summand)
    return total


def _residues(rest: sp.Expr, factor: sp.Poly, power: int) -> list[sp.Expr]:
    """Coefficients of 1/(u - x), ..., 1/(u - x)^power of rest/factor^power at a root x."""
    quotient, _ = sp.div(factor - factor.eval(_x), sp.Poly(LEVEL - _x, LEVEL))
    regular = rest / quotient.as_expr() ** power
    derivatives = [sp.diff(regular, LEVEL, i).subs(LEVEL, _x) / factorial(i) for i in range(power)]
    return [sp.cancel(c, _x) for c in reversed(derivatives)]


def _over_roots(factor: sp.Poly, summand: sp.Expr) -> sp.Expr:
    if factor.degree() > 2:
        polynomial = factor.as_expr().xreplace({LEVEL: _x})
        return sp.RootSum(polynomial, sp.Lambda(_x, summand), x=_x, auto=False)
    roots = sp.roots(factor)
    return sp.Add(*(summand.xreplace({_x: root}) * power for root, power in roots.items()))
