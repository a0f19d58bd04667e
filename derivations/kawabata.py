r"""Derive Kawabata's magnetoconductivity in three dimensions from the Cooperon on Landau levels.

A. Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980); Solid State Commun. 34, 431 (1980):

.. math:: \Delta\sigma = \frac{e^2}{2\pi^2\hbar\, l_B} f_3(\delta), \qquad
    f_3(\delta) = \sum_{n=0}^\infty \left[2\left(\sqrt{n+1+\delta} - \sqrt{n+\delta}\right)
    - \frac{1}{\sqrt{n+\tfrac12+\delta}}\right], \quad
    \delta = \frac{l_B^2}{4 D \tau_\phi},

with l_B^2 = hbar/(e B), both spins counted.  It is 0.605 e^2/(2 pi^2 hbar l_B) in strong fields,
delta << 1, and delta^(-3/2)/48 stands for f_3 in weak ones.

The derivation has f_3(delta) = -2 sqrt(delta) - zeta(1/2, 1/2 + delta) instead.  That it is the
series follows from its first terms: f_3(delta) vanishes for large delta, and the sum of the terms
n < N has to be f_3(delta) - f_3(delta + N), which `main` compares to 25 decimals.

Deviations: SI instead of Gaussian units; the paper's epsilon/tau is the rate 1/tau_phi; the
equations as commonly quoted, without their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import magnetoconductivity, model
from cooperon.kawabata import KawabataFunction
from diagrams.symbols import B, B_phi, D, e, hbar, tau_phi

delta = sp.Symbol("delta", positive=True)
b = sp.Symbol("b", positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
HALF = sp.Rational(1, 2)
TERMS = 40
POINTS = (sp.Rational(1, 100), sp.Rational(3, 2), sp.Integer(50))


def printed_delta() -> sp.Expr:
    """Return delta."""
    return hbar / (e * b) / (4 * D * tau_phi)


def printed_prefactor() -> sp.Expr:
    """Return e^2/(2 pi^2 hbar l_B)."""
    return e**2 / (2 * sp.pi**2 * hbar) * sp.sqrt(e * b / hbar)


def printed_summand() -> sp.Expr:
    """Return the n-th term of f_3."""
    roots = 2 * (sp.sqrt(n + 1 + delta) - sp.sqrt(n + delta))
    return roots - 1 / sp.sqrt(n + HALF + delta)


def printed_strong_field() -> sp.Expr:
    """Return f_3(0), of which three decimals are printed."""
    return sp.Rational(605, 1000)


def printed_weak_field() -> sp.Expr:
    """Return the leading term of f_3 for large delta."""
    return delta ** sp.Rational(-3, 2) / 48


def derived_f3() -> sp.Expr:
    """Return f_3 as the derivation has it: the correction over the prefactor."""
    result = magnetoconductivity(model("orthogonal").conductor(3))
    in_delta = result.expression.subs({B: b}).subs({B_phi: delta * b})
    return sp.expand(sp.simplify(result.unit * in_delta.doit() / printed_prefactor()))


def remainder(count: sp.Expr) -> sp.Expr:
    """Return the sum of the terms n >= N: the derived function at delta + N."""
    return derived_f3().subs(delta, delta + count)


def series_comparisons() -> list[Comparison]:
    """Compare the sum over levels with the function, and both with their limits."""
    f3, series = derived_f3(), sp.Add(*(printed_summand().subs(n, k) for k in range(TERMS)))
    sums = [
        NumericalComparison(
            f"the sum over Landau levels at delta = {point}",
            (f3 - remainder(sp.Integer(TERMS))).subs(delta, sp.Float(point, 40)),
            series.subs(delta, sp.Float(point, 40)),
            digits=25,
        )
        for point in POINTS
    ]
    weak = KawabataFunction(b, B_phi).series(b, 0, 4).removeO()
    in_delta = sp.powsimp(weak.subs(B_phi, delta * b) / sp.sqrt(b), force=True)
    return [
        *sums,
        Comparison("the weak-field limit", in_delta, printed_weak_field()),
        NumericalComparison(
            "the strong-field limit", f3.subs(delta, 0), printed_strong_field(), digits=3
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980).", arguments)
    result = magnetoconductivity(model("orthogonal").conductor(3))
    in_times = result.in_times()
    derived = (in_times.unit * in_times.expression).subs(B, b).doit()
    zeta = -2 * sp.sqrt(delta) - sp.zeta(HALF, HALF + delta)
    equation = Comparison(
        "Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980)",
        derived,
        printed_prefactor() * zeta.subs(delta, printed_delta()),
    )
    return conclude([result], [equation, *series_comparisons()], result.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
