r"""Derive weak localization with spin-orbit scattering and Zeeman splitting, in any direction.

S. Maekawa, H. Fukuyama, J. Phys. Soc. Jpn. 50, 2516 (1981), for a field B across the film and
B_tot in total, with B_tot^2 = B^2 + B_parallel^2:

.. math:: \Delta\sigma = \frac{e^2}{\pi h} \left\{ \Psi\left(\tfrac{B_1}{B}\right)
    + \frac{1}{2\sqrt{1-\gamma}} \left[ \psi\left(\tfrac12 + \tfrac{B_+}{B}\right)
    - \psi\left(\tfrac12 + \tfrac{B_-}{B}\right) \right]
    - \frac12 \ln\frac{B_0}{B_S} \right\},

    \gamma = \left[\frac{2 g \mu_B B_{tot}}{4 e D (B_0 - B_S)}\right]^2, \quad
    B_\pm = \tfrac12 (B_0 + B_S) \pm \tfrac12 \sqrt{1-\gamma}\, (B_0 - B_S),

with B_1 = B_phi + 2 B_so^x + 2 B_so^z, B_0 = B_phi + 4 B_so^x and B_S = B_phi for the triplets
m = +-1, m = 0 and the singlet.  For gamma > 1 both B_+- are complex and the sum is real.

The last logarithm is that of sigma(B) - sigma(0).  Fits often have
-ln(B_+/B_-)/(2 sqrt(1-gamma)) in its place, which refers to the film in the Zeeman field alone:
it drops the Zeeman effect at B = 0, all there is in a parallel field.  `main` prints its size.

The axis z of the spin-orbit times is that of the field, as it is in the paper.  With the
times of the film instead, and a Hamiltonian that turns with the field, the equation is compared
for isotropic times, where it holds in a perpendicular and in a tilted field alike.

Deviations: SI instead of Gaussian units; the equation as commonly quoted, without its number;
fields B_j = hbar/(4 e D tau_j) instead of times.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import (
    SIGMA_X,
    SIGMA_Z,
    Conductor,
    Correction,
    magnetoconductivity,
    model,
    potential,
    spin_orbit,
)
from diagrams.symbols import symbol

e, hbar, D, g, mu_B, B, B_parallel = map(symbol, ("e", "hbar", "D", "g", "mu_B", "B", "B_parallel"))
B_phi, so_x, so_z = map(symbol, ("B_phi", "B_so_x", "B_so_z"))
b, B_tot, r = sp.symbols("b B_tot r", positive=True)
HALF = sp.Rational(1, 2)
# a film with B_phi = 20 mT, B_so = 0.15 T per component, D = 1e-3 m^2/s and g = 2, in 3 T
EXAMPLE = {
    B_phi: sp.Float("0.02", 30),
    so_x: sp.Float("0.15", 30),
    so_z: 0,
    D: sp.Float("1e-3", 30),
    g: 2,
    mu_B: sp.Float("9.2740100783e-24", 30),
    e: sp.Float("1.602176634e-19", 30),
    B_tot: 3,
}


def channels() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return B_1, B_0 and B_S."""
    return B_phi + 2 * so_x + 2 * so_z, B_phi + 4 * so_x, B_phi


def printed_gamma() -> sp.Expr:
    """Return gamma."""
    _, B_0, B_S = channels()
    return (2 * g * mu_B * B_tot / (4 * e * D * (B_0 - B_S))) ** 2


def printed_equation(root: sp.Expr) -> sp.Expr:
    """Return sigma(B) - sigma(0) in e^2/(pi h), with `root` for sqrt(1 - gamma)."""
    B_1, B_0, B_S = channels()
    return _Psi(B_1 / b) + _mixed(root) - sp.log(B_0 / B_S) / 2


def printed_for_fits(root: sp.Expr) -> sp.Expr:
    """Return the form without the Zeeman effect at B = 0."""
    B_1, _, _ = channels()
    upper, lower = _poles(root)
    return _Psi(B_1 / b) + _mixed(root) - sp.log(upper / lower) / (2 * root)


def printed_parallel_limit(root: sp.Expr) -> sp.Expr:
    """Return sigma(B_parallel) - sigma(0) for B = 0."""
    upper, lower = _poles(root)
    _, B_0, B_S = channels()
    return sp.log(upper / lower) / (2 * root) - sp.log(B_0 / B_S) / 2


def _poles(root: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    _, B_0, B_S = channels()
    return (B_0 + B_S + root * (B_0 - B_S)) / 2, (B_0 + B_S - root * (B_0 - B_S)) / 2


def _mixed(root: sp.Expr) -> sp.Expr:
    upper, lower = (sp.digamma(HALF + pole / b) for pole in _poles(root))
    return (upper - lower) / (2 * root)


def _Psi(x: sp.Expr) -> sp.Expr:
    return sp.digamma(HALF + x) - sp.log(x)


def derive_tilted() -> Correction:
    """Derive sigma(B) - sigma(0): isotropic times, a Hamiltonian that turns with the field."""
    zeeman = g * mu_B / 2 * (B * SIGMA_Z + B_parallel * SIGMA_X)
    times = (symbol("tau_so_x"),) * 3
    gas = Conductor(2, [potential(), spin_orbit(*times)], hamiltonian=zeeman)
    return magnetoconductivity(gas)


def in_terms_of_root(derived: sp.Expr) -> sp.Expr:
    """Write g by r = sqrt(1 - gamma) and B_parallel by the total field, for B = b > 0."""
    splitting = sp.sqrt((1 - r**2) * (g**2 / printed_gamma()))
    total = {B: b, B_parallel: sp.sqrt(B_tot**2 - b**2), g: splitting}
    return derived.subs(total, simultaneous=True).doit()


def parallel_in_terms_of_root(derived: sp.Expr) -> sp.Expr:
    """Write g by r in a parallel field, B = 0."""
    splitting = sp.sqrt((1 - r**2) * (g**2 / printed_gamma()))
    return derived.subs({B: 0}).subs({g: splitting}).subs({B_parallel: B_tot}).doit()


def dropped_part() -> str:
    """Return a sentence on what the form used in fits leaves out, for EXAMPLE."""
    root = sp.sqrt(1 - printed_gamma())
    full, fitted = (
        sp.re(sp.N(form(root).subs({b: B_tot}).subs(EXAMPLE), 20))
        for form in (printed_equation, printed_for_fits)
    )
    return (
        f"In 3 T across the film gamma is {sp.N(printed_gamma().subs(EXAMPLE), 4)}, sigma(B) - "
        f"sigma(0) = {sp.N(full, 6)} e^2/(pi h), and the form used in fits gives {sp.N(fitted, 6)}."
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Maekawa and Fukuyama, J. Phys. Soc. Jpn. 50, 2516 (1981).", arguments)
    along = magnetoconductivity(model("zeeman").conductor())
    tilted = derive_tilted()
    isotropic = {so_z: so_x}
    comparisons = [
        Comparison(
            "Maekawa, Fukuyama, J. Phys. Soc. Jpn. 50, 2516 (1981), for gamma < 1",
            in_terms_of_root(along.expression),
            printed_equation(r),
        ),
        Comparison(
            "the same for gamma > 1, r = i sqrt(gamma - 1)",
            in_terms_of_root(along.expression).subs(r, sp.I * r),
            printed_equation(sp.I * r),
        ),
        Comparison(
            "its limit in a parallel field",
            parallel_in_terms_of_root(along.expression),
            printed_parallel_limit(r),
        ),
        Comparison(
            "the same equation, of a tilted field and isotropic times",
            in_terms_of_root(tilted.expression),
            printed_equation(r).subs(isotropic),
        ),
    ]
    print(dropped_part())
    return conclude([along, tilted], comparisons, along.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
