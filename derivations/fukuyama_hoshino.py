r"""Derive three-dimensional weak localization with spin-orbit scattering and Zeeman splitting.

H. Fukuyama, K. Hoshino, J. Phys. Soc. Jpn. 50, 2131 (1981), with Kawabata's f_3:

.. math:: \Delta\sigma = \frac{e^2}{2\pi^2\hbar} \sqrt{\frac{eB}{\hbar}} \left\{
    f_3\left(\tfrac{B_2}{B}\right) - \frac{1}{2\sqrt{1-\gamma}} \left[
    f_3\left(\tfrac{B_-}{B}\right) - f_3\left(\tfrac{B_+}{B}\right)\right]
    + \sqrt{\frac{4 (B_{so} - B_s)}{3 B}} \left[
    \frac{\sqrt{t_+} - \sqrt{t_-}}{\sqrt{1-\gamma}} + \sqrt{t} - \sqrt{t+1} \right] \right\},

    B_2 = B_\phi + \tfrac43 B_{so} + \tfrac23 B_s, \quad
    B_\pm = B_\phi + 2 B_s + \tfrac23 (B_{so} - B_s) (1 \pm \sqrt{1-\gamma}),

    t = \frac{3 (B_\phi + 2 B_s)}{4 (B_{so} - B_s)}, \quad
    t_\pm = t + \tfrac12 (1 \pm \sqrt{1-\gamma}), \quad
    \gamma = \left[\frac{3 g \mu_B B}{8 e D (B_{so} - B_s)}\right]^2,

for isotropic spin-orbit and magnetic impurities, 1/tau^i = 1/(3 tau).  For gamma > 1 both B_+-
are complex conjugates and the sum is real.  The last bracket is the Zeeman effect without orbital
motion, and vanishes for gamma -> 0.

The derivation has no poles: singlet and triplet enter by the mean and the product of B_+-.
To compare, u = sqrt(t_+) and v = sqrt(t_-) are taken as independent, so that gamma and t become
polynomials in them, and u = v + w > v for gamma < 1, u = a + i c and v = a - i c for gamma > 1.

Deviations: SI instead of Gaussian units; the equation as commonly quoted, without its number, for
Delta sigma instead of Delta rho; fields B_j = hbar/(4 e D tau_j) instead of times; t with B_s,
which is often printed for B_s = 0 only.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import (
    SIGMA_Z,
    Conductor,
    Correction,
    magnetic,
    magnetoconductivity,
    potential,
    spin_orbit,
)
from diagrams.symbols import symbol

e, hbar, D, g, mu_B, B = map(symbol, ("e", "hbar", "D", "g", "mu_B", "B"))
B_phi, B_so, B_s = map(symbol, ("B_phi", "B_so", "B_s"))
b, v, w, a, c, gap = sp.symbols("b v w a c Delta", positive=True)
HALF = sp.Rational(1, 2)
BELOW = (v + w, v)
ABOVE = (a + sp.I * c, a - sp.I * c)


def printed_equation(u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """Return Delta sigma with u = sqrt(t_+) and v = sqrt(t_-), at B = b > 0."""
    root, t = u**2 - v**2, (u**2 + v**2 - 1) / 2
    lowest = B_phi + 2 * B_s
    plus, minus = (lowest + 2 * (B_so - B_s) * (1 + sign * root) / 3 for sign in (1, -1))
    B_2 = B_phi + 4 * B_so / 3 + 2 * B_s / 3
    levels = f3(B_2 / b) - (f3(minus / b) - f3(plus / b)) / (2 * root)
    bracket = (u - v) / root + sp.sqrt(t) - sp.sqrt(t + 1)
    total = levels + sp.sqrt(4 * (B_so - B_s) / (3 * b)) * bracket
    return e**2 / (2 * sp.pi**2 * hbar) * sp.sqrt(e * b / hbar) * total


def f3(x: sp.Expr) -> sp.Expr:
    """Return Kawabata's function as the zeta function that `kawabata` compares with his series."""
    return -2 * sp.sqrt(x) - sp.zeta(HALF, HALF + x)


def printed_gamma() -> sp.Expr:
    """Return gamma."""
    return (3 * g * mu_B * b / (8 * e * D * (B_so - B_s))) ** 2


def printed_t() -> sp.Expr:
    """Return t."""
    return 3 * (B_phi + 2 * B_s) / (4 * (B_so - B_s))


def derive() -> Correction:
    """Derive sigma(B) - sigma(0) of isotropic impurities and a Zeeman energy."""
    so, s = (3 * symbol("tau_so"),) * 3, (3 * symbol("tau_s"),) * 3
    zeeman = g * mu_B * B / 2 * SIGMA_Z
    impurities = potential(), spin_orbit(*so, dimension=3), magnetic(*s)
    return magnetoconductivity(Conductor(3, impurities, hamiltonian=zeeman))


def in_terms_of_roots(expression: sp.Expr, u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """Write g, B_phi and B_so by u, v and Delta = (4/3) (B_so - B_s), for B = b > 0."""
    fields = {B_so: B_s + 3 * gap / 4}
    (solution,) = sp.solve(printed_t().subs(fields) - (u**2 + v**2 - 1) / 2, B_phi)
    factor = sp.simplify(printed_gamma().subs(fields) / g**2)
    splitting = sp.sqrt((1 - (u**2 - v**2) ** 2) / factor)
    values = {B: b, g: splitting, B_phi: solution, **fields}
    return _with_plain_arguments(expression.subs(values, simultaneous=True).doit())


def _with_plain_arguments(expression: sp.Expr) -> sp.Expr:
    """Factor what stands under roots, and expand the arguments of zeta functions."""
    rooted = expression.replace(_is_root, lambda node: _plain_root(node.base) ** (2 * node.exp))
    plain = rooted.replace(sp.zeta, lambda s, x: sp.zeta(s, sp.expand(x)))
    return sp.expand(sp.expand_power_base(plain))


def _plain_root(base: sp.Expr) -> sp.Expr:
    """Return sqrt(base), with sqrt(x + y + 2 sqrt(x y)) as sqrt(x) + sqrt(y)."""
    terms = sp.Add.make_args(sp.expand(base))
    roots = sp.Add(*(term for term in terms if any(map(_is_root, sp.Mul.make_args(term)))))
    sum_of_both = sp.expand(base) - roots
    gap_of_both = sp.sqrt(sp.factor(sp.expand(sum_of_both**2 - roots**2)))
    if roots == 0 or _is_root(gap_of_both):
        return sp.sqrt(sp.factor(base))
    both = (sp.factor((sum_of_both + sign * gap_of_both) / 2) for sign in (1, -1))
    return sp.Add(*map(sp.sqrt, both))


def _is_root(node: sp.Basic) -> bool:
    return bool(node.is_Pow and node.exp.is_Rational and node.exp.q == 2)


def comparisons(derived: Correction) -> list[Comparison]:
    """Compare with the printed equation on both sides of gamma = 1."""
    sides = {"gamma < 1": BELOW, "gamma > 1": ABOVE}
    return [
        Comparison(
            f"Fukuyama, Hoshino, J. Phys. Soc. Jpn. 50, 2131 (1981), for {name}",
            in_terms_of_roots(derived.unit * derived.expression, *roots),
            in_terms_of_roots(printed_equation(*roots), *roots),
        )
        for name, roots in sides.items()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Fukuyama and Hoshino, J. Phys. Soc. Jpn. 50, 2131 (1981).", arguments)
    derived = derive()
    return conclude([derived], comparisons(derived), derived.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
