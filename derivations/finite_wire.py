r"""Derive weak localization in a wire of finite length: between leads, closed, and half open.

P. A. Mello, A. D. Stone, Phys. Rev. B 44, 3559 (1991); C. W. J. Beenakker, Rev. Mod. Phys. 69, 731
(1997).  Between leads, in units of 2 e^2/h, with y_j = L/L_j,

.. math:: \delta G = -\tfrac32 f(y_T) + \tfrac12 f(y_S), \qquad
          f(y) = \frac{\coth y}{y} - \frac{1}{y^2},

.. math:: L_T^{-2} = L_\phi^{-2} + \tfrac43 L_{so}^{-2} + \tfrac23 L_s^{-2}, \qquad
          L_S^{-2} = L_\phi^{-2} + 2 L_s^{-2}.

For L << L_phi these are -1/3, 0 and +1/6 = (1 - 2/beta)/3 for beta = 1, 2, 4, also what random
matrix theory (DMPK) has for L >> l.  The other ends follow from the mode sums

.. math:: \sum_{m\ge0}{}' \frac{1}{y^2 + \pi^2 m^2} = \frac{\coth y}{2 y}, \qquad
          \sum_{m\ge0} \frac{1}{y^2 + \pi^2 (m + 1/2)^2} = \frac{\tanh y}{2 y},

with half the term m = 0 in the first.

Deviations: both spins counted; total isotropic spin-orbit and magnetic rates.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Correction, model, weak_localization
from cooperon.geometry import finite_wire
from diagrams.symbols import symbol

D, L, tau_phi, tau_so, tau_s = map(symbol, ("D", "length", "tau_phi", "tau_so", "tau_s"))
y = sp.Symbol("y", positive=True)
THIRD = sp.Rational(1, 3)


def printed_f(argument: sp.Expr) -> sp.Expr:
    """Return f(y)."""
    return sp.coth(argument) / argument - 1 / argument**2


def printed_between_leads() -> sp.Expr:
    """Return delta G in 2 e^2/h."""
    triplet = 1 / tau_phi + 4 * THIRD / tau_so + 2 * THIRD / tau_s
    singlet = 1 / tau_phi + 2 / tau_s
    parts = (printed_f(L * sp.sqrt(rate / D)) for rate in (triplet, singlet))
    return -sp.Rational(3, 2) * next(parts) + sp.Rational(1, 2) * next(parts)


def printed_with_walls(ends: str) -> sp.Expr:
    """Return delta sigma in (e^2/pi hbar) m for no spin: -2 L times the sum over modes."""
    sums = {
        "closed": sp.coth(y) / (2 * y) + 1 / (2 * y**2),
        "mixed": sp.tanh(y) / (2 * y),
    }
    return -2 * L * sums[ends]


def derive(name: str, ends: str = "leads") -> Correction:
    """Derive the correction of a named model without a cutoff."""
    return weak_localization(model(name).conductor(1), "none", geometry=finite_wire(ends=ends))


def short_wire(correction: Correction, limits: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Return the limit of a short wire, tau_phi -> oo, for strong or absent spin relaxation."""
    expression = correction.expression.doit()
    for time, limit in limits.items():
        expression = sp.limit(expression, time, limit, "+" if limit == 0 else "-")
    return sp.limit(expression, tau_phi, sp.oo)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the correction of finite wires.", arguments)
    spins = derive("hln-isotropic")
    walls = {ends: derive("orthogonal", ends) for ends in ("closed", "mixed")}
    symplectic = {tau_s: sp.oo, tau_so: sp.S.Zero}
    comparisons = [
        Comparison(
            "Mello, Stone, Phys. Rev. B 44, 3559 (1991), at finite L/L_phi",
            spins.expression.doit(),
            printed_between_leads(),
        ),
        *(
            Comparison(
                f"the universal value (1 - 2/beta)/3 for beta = {beta}",
                short_wire(spins, limits),
                value,
            )
            for beta, limits, value in (
                (1, {tau_s: sp.oo, tau_so: sp.oo}, -THIRD),
                (2, {tau_s: sp.S.Zero}, sp.S.Zero),
                (4, symplectic, THIRD / 2),
            )
        ),
        *(
            Comparison(
                f"the mode sum with {ends} ends",
                walls[ends].expression.doit().subs(tau_phi, L**2 / (D * y**2)),
                printed_with_walls(ends),
            )
            for ends in walls
        ),
    ]
    return conclude([spins, *walls.values()], comparisons, spins.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
