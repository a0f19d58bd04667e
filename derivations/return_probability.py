r"""Derive the return probability and, as its integral over time, the correction.

S. Chakravarty, A. Schmid, Phys. Rep. 140, 193 (1986); E. Akkermans, G. Montambaux, Mesoscopic
Physics of Electrons and Photons (2007).  The density of return after the time t is

.. math:: Z(t) = (4\pi D t)^{-d/2}, \quad
    \frac{1 + \vartheta_3}{2 L}, \quad \frac{\vartheta_3 - 1}{2 L}

in infinite space, in a wire with two walls and between two leads, with the sum theta_3 over all
integers of exp(-pi^2 D t n^2/L^2).  Interference adds Z(t) exp(-t/tau_phi) (3 exp(-Gamma_T t) -
exp(-Gamma_S t))/2, a factor 2 in total where nothing dephases; and

.. math:: \delta\sigma = -\frac{2 e^2 D}{\pi\hbar} \int_0^\infty dt\, P_\mathrm{int}(t).

The integral has the factor 1 - exp(-t/tau) and is compared with the momentum integrals of
`weak_localization` by the slope in the rate 1/tau_phi, which converges in all dimensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import model, weak_localization
from cooperon.geometry import finite_wire
from cooperon.return_probability import ReturnProbability, return_probability
from diagrams.symbols import symbol

D, L, t, tau, tau_phi, tau_so, tau_s = map(
    symbol, ("D", "length", "time", "tau", "tau_phi", "tau_so", "tau_s")
)
THIRD = sp.Rational(1, 3)
DIGITS = 20
EXAMPLE = {D: sp.Rational(1, 100), L: sp.Rational(1, 10**6), tau_phi: sp.Rational(3, 10**11)}


def printed_spin_factor() -> sp.Expr:
    """Return the interference part over Z(t) with spin-orbit and magnetic scattering."""
    triplet = 4 * THIRD / tau_so + 2 * THIRD / tau_s
    decays = 3 * sp.exp(-triplet * t) - sp.exp(-2 * t / tau_s)
    return decays * sp.exp(-t / tau_phi) / 2


def printed_mode_sum(ends: str, count: int = 40) -> sp.Expr:
    """Return Z(t) at a number D t/L^2 = 1/20 as an explicit sum over modes."""
    first = {"leads": 1, "closed": 0}[ends]
    terms = (sp.exp(-(sp.pi**2) * m**2 / sp.Integer(20)) for m in range(first, count))
    return sp.N(sp.Add(*terms), DIGITS + 5) / EXAMPLE[L]


def late_enhancement(probability: ReturnProbability) -> sp.Expr:
    """Return P/Z long after the spins have relaxed, for tau_phi, tau_s -> oo."""
    ratio = sp.expand(probability.interference / probability.classical)
    coherent = sp.powsimp(ratio).subs(tau_s, sp.oo).subs(tau_phi, sp.oo)
    return 1 + sp.limit(coherent, t, sp.oo)


def slope(expression: sp.Expr) -> sp.Expr:
    """Return the derivative by the dephasing rate 1/tau_phi."""
    return -(tau_phi**2) * sp.diff(expression, tau_phi)


def integrated_slope(probability: ReturnProbability) -> sp.Expr:
    """Return the slope of the integral over time, with the factor 1 - exp(-t/tau)."""
    integrand = sp.expand(slope(probability.integrand.subs(symbol("B"), 0)))
    smooth = sp.expand(integrand * (1 - sp.exp(-t / tau)))
    return sp.simplify(sp.Add(*(_over_time(term) for term in sp.Add.make_args(smooth))))


def _over_time(term: sp.Expr) -> sp.Expr:
    return sp.integrate(sp.powsimp(term), (t, 0, sp.oo))


def bulk_comparisons() -> Iterator[Comparison]:
    """Yield the integral over time against the momentum integral in d = 1, 2, 3."""
    for dimension in (1, 2, 3):
        conductor = model("orthogonal").conductor(dimension)
        yield Comparison(
            f"the momentum integral in d = {dimension}, by its slope in 1/tau_phi",
            integrated_slope(return_probability(conductor)),
            slope(weak_localization(conductor).si),
        )


def finite_comparisons() -> Iterator[Comparison]:
    """Yield finite wires: Z(t) as a sum over modes, and its integral against the closed form."""
    for ends in ("leads", "closed"):
        probability = return_probability(model("orthogonal").conductor(1), finite_wire(ends=ends))
        at = EXAMPLE | {t: EXAMPLE[L] ** 2 / EXAMPLE[D] / 20}
        yield NumericalComparison(
            f"the sum over modes with {ends} ends, times L",
            probability.classical.subs(at) * EXAMPLE[L],
            printed_mode_sum(ends) * EXAMPLE[L],
            DIGITS,
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the return probability.", arguments)
    spins = return_probability(model("hln-isotropic").conductor(1))
    plain = return_probability(model("orthogonal").conductor(1))
    comparisons = [
        Comparison(
            "the spin factor of the interference part",
            spins.interference / spins.classical,
            printed_spin_factor(),
        ),
        Comparison(
            "the factor 2 of coherent electrons",
            sp.limit(plain.enhancement, tau_phi, sp.oo),
            sp.Integer(2),
        ),
        Comparison(
            "the factor 1/2 of coherent electrons with strong spin-orbit scattering",
            late_enhancement(spins),
            sp.Rational(1, 2),
        ),
        *bulk_comparisons(),
        *finite_comparisons(),
    ]
    equations = [
        sp.Eq(sp.Symbol("Z"), spins.classical, evaluate=False),
        sp.Eq(sp.Symbol("P_int"), spins.interference, evaluate=False),
    ]
    return conclude(equations, comparisons, spins.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
