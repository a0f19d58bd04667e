r"""Derive the weak localization and spin relaxation of a narrow wire with spin-orbit coupling.

S. Kettemann, Phys. Rev. Lett. 98, 176808 (2007), for Rashba and linear Dresselhaus coupling and a
wire narrower than the length L_so on which spins turn: the spin relaxation

.. math:: \frac{1}{\tau_s(W)} = \frac{1}{12} \left(\frac{W}{L_{so}}\right)^2
    \delta_{so}^2\, \frac{1}{\tau_s}, \qquad
    \delta_{so} = \frac{Q_R^2 - Q_D^2}{Q_R^2 + Q_D^2},

vanishes as W^2, and the correction, in e^2/(pi hbar) with both spins counted, is

.. math:: \delta\sigma_1 = \frac12 \left(L_0 - L_1 - 2 L_{1/2}\right), \qquad
    L_j^{-2} = \frac{1}{D} \left[\frac{1}{\tau_\phi} + \frac{1}{\tau_B}
    + \frac{j}{\tau_s(W)}\right], \quad
    \frac{1}{\tau_B} = \frac{D}{3} \left(\frac{e B W}{\hbar}\right)^2.

Here 1/tau_s = D (Q_R^2 + Q_D^2) is the relaxation of a spin in the plane of the wide gas and
L_so = (Q_R^2 + Q_D^2)^(-1/2), which all transverse modes, diagonalised, confirm (tests).

Deviations: the equations as commonly quoted, without their numbers; conductance times length and
times as above in place of his fields.  The printed correction is the leading order in W of what is
derived, for L_so << L_phi, where states that turn in opposite directions do not mix.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import model
from cooperon.narrow_wire import NarrowWire, narrow_wire
from diagrams.symbols import B, D, e, hbar, symbol, tau_phi

W, tau_R, tau_D = (symbol(name) for name in ("width", "tau_R", "tau_D"))
s = sp.Symbol("s", positive=True)


def printed_relaxation() -> sp.Expr:
    """Return 1/tau_s(W)."""
    rashba, dresselhaus = 1 / (D * tau_R), 1 / (D * tau_D)
    total = rashba + dresselhaus
    delta = (rashba - dresselhaus) / total
    return sp.Rational(1, 12) * W**2 * total * delta**2 * (D * total)


def printed_correction(relaxation: sp.Expr) -> sp.Expr:
    """Return delta sigma_1 in units of e^2/(pi hbar)."""
    field = D / 3 * (e * B * W / hbar) ** 2

    def length(j: sp.Expr) -> sp.Expr:
        return sp.sqrt(D / (1 / tau_phi + field + j * relaxation))

    return (length(sp.S.Zero) - length(sp.S.One) - 2 * length(sp.Rational(1, 2))) / 2


def derived_relaxation() -> sp.Expr:
    """Return the relaxation of the triplet that does not turn along the wire.

    It is what the square of the field strength does to the state without potential along it.
    """
    wire = NarrowWire.of(model("rashba-dresselhaus").conductor().cooperon(), W)
    (state,) = wire.potential.subs(W, 0)[:3, :3].nullspace()
    variance = D * W**2 / 12 * wire.strength[:3, :3] ** 2
    return sp.simplify((state.H * variance * state)[0] / (state.H * state)[0])


def derived_correction(field: sp.Expr = B) -> sp.Expr:
    """Return delta sigma_1 for Rashba coupling, W given by s = 1/tau_s(W), without the cutoff."""
    wire = NarrowWire.of(model("rashba").conductor().cooperon(), W, field)
    return (-2 * wire.trace(1 / tau_phi)).subs(W, sp.sqrt(12 * s * D) * tau_R)


def leading_order() -> sp.Expr:
    """Return the correction without a field for L_so -> 0 at a given s."""
    terms = sp.Add.make_args(derived_correction(sp.S.Zero).doit())
    return sp.Add(*(_at_short_length(term) for term in terms))


def _at_short_length(term: sp.Expr) -> sp.Expr:
    """Return the limit tau_R -> 0 of a term; its square is a ratio of simpler roots."""
    if not term.has(tau_R):
        return term
    return -sp.sqrt(sp.limit(sp.radsimp(sp.simplify(term**2)), tau_R, 0))


def in_a_field() -> tuple[sp.Expr, sp.Expr]:
    """Return derived and printed correction at D = tau_phi = 1, s = 2, tau_B = 1/3, L_so = 1e-7."""
    short = sp.Rational(1, 10**14)
    values = {D: 1, tau_phi: 1, s: 2, tau_R: short, hbar: 1, e: 1}
    width = (sp.sqrt(12 * s * D) * tau_R).subs(values)
    flux = 3 / width  # 1/tau_B = (e B W/hbar)^2 D/3
    derived = derived_correction().subs(values).subs(B, flux)
    printed = printed_correction(s).subs(values | {W: width}).subs(B, flux)
    return derived.evalf(30), printed.evalf(30)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Kettemann, Phys. Rev. Lett. 98, 176808 (2007).", arguments)
    correction = narrow_wire(model("rashba").conductor())
    derived, printed = in_a_field()
    comparisons = [
        Comparison(
            "the spin relaxation of a narrow wire", derived_relaxation(), printed_relaxation()
        ),
        Comparison(
            "Kettemann, Phys. Rev. Lett. 98, 176808 (2007)",
            leading_order(),
            printed_correction(s).subs(B, 0),
        ),
        NumericalComparison("the same in a field", derived, printed, digits=10),
    ]
    return conclude([correction], comparisons, correction.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
