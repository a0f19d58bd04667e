r"""Derive the weak localization of a narrow diffusive wire in a perpendicular field.

B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499 (1981), for a wire of width W, with spin-orbit
and magnetic scattering of the isotropic total times tau_so = L_so^2/D and tau_s = L_s^2/D:

.. math:: \delta\sigma_1 = -\frac{2 e^2}{h} \left\{\tfrac32 L_T - \tfrac12 L_S\right\}, \qquad
    L_T^{-2} = L_\phi^{-2} + \frac{4}{3 L_{so}^2} + \frac{2}{3 L_s^2} + L_B^{-2}, \quad
    L_S^{-2} = L_\phi^{-2} + \frac{2}{L_s^2} + L_B^{-2}, \quad
    L_B^2 = \frac{3 \hbar^2}{e^2 B^2 W^2}.

The soft modes and their gaps are those of a layer; uniform across the wire, they have no Landau
levels but the rate 1/tau_B = D <(2 e B y/hbar)^2>.  `main` prints how far this leading order is
from the exact strip, `StripFunction`.

Deviations: SI units; sigma_1, conductance times length, instead of the resistance; the
equation as commonly quoted, without its number.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Conductor, Correction, magnetic, potential, spin_orbit, weak_localization
from cooperon.geometry import wire
from cooperon.strip_function import narrow_strip
from cooperon.strip_validity import narrow_strip_deviation
from diagrams.symbols import symbol

e, hbar, D, B, W = map(symbol, ("e", "hbar", "D", "B", "width"))
tau_phi, tau_so, tau_s = map(symbol, ("tau_phi", "tau_so", "tau_s"))
y = sp.Symbol("y", real=True)
L_phi, L_so, L_s = sp.symbols("L_phi L_so L_s", positive=True)
# widths over L_phi, and (W/l_B)^2 = e B W^2/hbar, of the table
WIDTHS = (sp.Rational(1, 100), sp.Rational(1, 10), sp.Rational(1, 2), 2)
FLUXES = (sp.Rational(1, 100), 1, 4)


def printed_equation() -> sp.Expr:
    """Return delta sigma_1 in units of e^2/(pi hbar) = 2 e^2/h."""
    L_B = sp.sqrt(3) * hbar / (e * B * W)
    L_T = 1 / sp.sqrt(L_phi**-2 + 4 / (3 * L_so**2) + 2 / (3 * L_s**2) + L_B**-2)
    L_S = 1 / sp.sqrt(L_phi**-2 + 2 / L_s**2 + L_B**-2)
    return -(3 * L_T - L_S) / 2


def printed_rate() -> sp.Expr:
    """Return 1/tau_B = D/L_B^2."""
    return D * e**2 * B**2 * W**2 / (3 * hbar**2)


def derive() -> Correction:
    """Derive delta sigma_1 with isotropic spin-orbit and magnetic scattering."""
    wire_of_gold = Conductor(
        2, [potential(), spin_orbit(*(3 * tau_so,) * 3), magnetic(*(3 * tau_s,) * 3)]
    )
    return weak_localization(wire_of_gold, "none", geometry=wire())


def average_rate() -> sp.Expr:
    """Return D <(2 e B y/hbar)^2> over |y| < W/2."""
    return D * sp.integrate((2 * e * B * y / hbar) ** 2, (y, -W / 2, W / 2)) / W


def in_lengths(expression: sp.Expr) -> sp.Expr:
    """Write the times as lengths, L^2 = D tau."""
    return expression.subs({tau_phi: L_phi**2 / D, tau_so: L_so**2 / D, tau_s: L_s**2 / D})


def narrow_in_lengths() -> sp.Expr:
    """Return the narrow strip of `strip_function` as delta sigma_1(B) - delta sigma_1(0)."""
    B_phi, B_W = hbar / (4 * e * L_phi**2), hbar / (4 * e * W**2)
    return sp.radsimp(W / (2 * sp.pi) * narrow_strip(B, B_phi, B_W))


def printed_change() -> sp.Expr:
    """Return delta sigma_1(B) - delta sigma_1(0) without spin-orbit."""
    return L_phi - 1 / sp.sqrt(L_phi**-2 + (e * B * W / hbar) ** 2 / 3)


def deviations() -> str:
    """Return the table of (narrow - exact)/exact, rows W/L_phi, columns (W/l_B)^2."""
    lines = ["(narrow - exact)/exact of sigma_1(B) - sigma_1(0) for (W/l_B)^2 = "]
    lines[0] += ", ".join(str(flux) for flux in FLUXES)
    for width in WIDTHS:
        # B/B_W = 4 (W/l_B)^2 and B_phi/B_W = (W/L_phi)^2
        row = (narrow_strip_deviation(4 * float(f), float(width) ** 2, 1.0) for f in FLUXES)
        lines.append(f"W/L_phi = {width!s:5} " + "".join(f"{100 * v:10.3f} %" for v in row))
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Altshuler and Aronov, JETP Lett. 33, 499 (1981).", arguments)
    correction = derive()
    comparisons = [
        Comparison("the average of 1/tau_B over the wire", average_rate(), printed_rate()),
        Comparison(
            "Altshuler, Aronov, JETP Lett. 33, 499 (1981), with spin-orbit",
            in_lengths(correction.expression),
            printed_equation(),
        ),
        Comparison(
            "its field dependence without spin-orbit, as the narrow strip",
            narrow_in_lengths(),
            printed_change(),
        ),
    ]
    print(deviations())
    return conclude([correction], comparisons, correction.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
