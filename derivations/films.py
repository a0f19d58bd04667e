r"""Derive weak localization in films: thickness, parallel and tilted fields.

B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499 (1981).  A film of thickness t between
reflecting faces, in units of e^2/(pi h), both spins counted, L_phi^2 = D tau_phi:

.. math::
    \Delta\sigma(B_\parallel) &= \ln\left[1 + \frac{L_\phi^2}{3}
        \left(\frac{e B_\parallel t}{\hbar}\right)^2\right], \\
    \sigma(L_\phi) &= \ln\left[\frac{1}{L_\phi} \sinh\frac{t}{L_\phi}\right] + \mathrm{const}, \\
    \Delta\sigma(B) &= \sum_{m\ge0} \Psi\left(\frac{B_\phi + B_t m^2}{B}\right),
        \qquad B_t = \frac{\hbar\pi^2}{4 e t^2}.

With spin-orbit scattering the first is (3/2) of the triplet's minus (1/2) of the singlet's.  In a
tilted field the rate of the parallel component adds to B_phi.  The first and the last hold for
t << l_B of the parallel field, to first order in its square.

Deviations: SI instead of Gaussian units; both spins counted; equations as commonly quoted,
without their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Correction, magnetoconductivity, model, weak_localization
from cooperon.film_function import FilmFunction
from cooperon.geometry import film
from diagrams.symbols import symbol

e, hbar, B, B_parallel, B_phi, B_so, tau_phi, D, tau, t = map(
    symbol,
    ("e", "hbar", "B", "B_parallel", "B_phi", "B_so", "tau_phi", "D", "tau", "thickness"),
)
b = sp.Symbol("b", positive=True)


def printed_parallel(L_squared: sp.Expr) -> sp.Expr:
    """Return ln(1 + (L^2/3) (e B t/hbar)^2)."""
    return sp.log(1 + L_squared / 3 * (e * B_parallel * t / hbar) ** 2)


def printed_with_spins() -> sp.Expr:
    """Return (3/2) of the triplet's term minus (1/2) of the singlet's."""
    triplet, singlet = B_phi + sp.Rational(4, 3) * B_so, B_phi
    terms = (printed_parallel(hbar / (4 * e * field)) for field in (triplet, singlet))
    return sp.Rational(3, 2) * next(terms) - sp.Rational(1, 2) * next(terms)


def printed_thickness() -> sp.Expr:
    """Return d/d tau_phi of ln((1/L_phi) sinh(t/L_phi))."""
    L_phi = sp.sqrt(D * tau_phi)
    return sp.diff(sp.log(sp.sinh(t / L_phi) / L_phi), tau_phi)


def printed_term(m: int) -> sp.Expr:
    """Return the m-th term of the sum in a perpendicular field B = b > 0."""
    x = (B_phi + hbar * sp.pi**2 / (4 * e * t**2) * m**2) / b
    return sp.digamma(sp.Rational(1, 2) + x) - sp.log(x)


def printed_tilted() -> sp.Expr:
    """Return the thin film in a tilted field with B = b > 0 across it."""
    rise = e * B_parallel**2 * t**2 / (12 * hbar)
    x = (B_phi + rise) / b
    psi = sp.digamma(sp.Rational(1, 2) + x) - sp.log(x)
    return psi + sp.log(1 + rise / B_phi)


def film_term(correction: Correction, m: int) -> sp.Expr:
    """Return the m-th transverse mode of the derived FilmFunction."""
    (function,) = correction.expression.atoms(FilmFunction)
    summand = function.doit().function
    (index,) = function.doit().variables
    return summand.subs(index, m).subs(sp.Abs(B), b).doit()


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Altshuler and Aronov, JETP Lett. 33, 499 (1981).", arguments)
    conductor = model("orthogonal").conductor(3)
    spins = model("hln-isotropic").conductor(3)
    thin = film(thin=True)
    tilted = magnetoconductivity(conductor, geometry=thin)
    with_spins = magnetoconductivity(spins, geometry=thin).subs({"B_s": 0})
    thick = weak_localization(conductor, geometry=film())
    across = magnetoconductivity(conductor, geometry=film())
    slope = sp.limit(sp.diff(thick.expression.doit(), tau_phi) * sp.sqrt(D), tau, 0) / sp.sqrt(D)
    printed = "Altshuler, Aronov, JETP Lett. 33, 499 (1981)"
    comparisons = [
        Comparison(
            f"{printed}, parallel field",
            tilted.expression.subs(B, 0),
            printed_parallel(hbar / (4 * e * B_phi)),
        ),
        Comparison(
            "the same with spin-orbit scattering",
            with_spins.expression.subs(B, 0),
            printed_with_spins(),
        ),
        Comparison("a tilted field", tilted.expression.subs(B, b).doit(), printed_tilted()),
        Comparison(
            "the slope of the crossover in thickness",
            sp.simplify(slope.rewrite(sp.exp)),
            sp.simplify(printed_thickness().rewrite(sp.exp)),
        ),
        *(
            Comparison(
                f"transverse mode {m} of a film in a perpendicular field",
                film_term(across, m),
                printed_term(m),
            )
            for m in (0, 1, 5)
        ),
    ]
    return conclude([tilted, thick, across], comparisons, across.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
