r"""Derive the h/2e oscillations of rings and cylinders.

B. L. Altshuler, A. G. Aronov, B. Z. Spivak, JETP Lett. 33, 94 (1981); for walls of thickness a
B. L. Altshuler, A. G. Aronov, B. Z. Spivak, D. Yu. Sharvin, Yu. V. Sharvin, JETP Lett. 35, 588
(1982).  A cylinder of circumference L_c with the flux Phi, Phi_0 = h/e, both spins counted:

.. math:: \delta\sigma = -\frac{e^2}{\pi^2\hbar} \left[\ln\frac{L(B)}{l}
    + 2 \sum_{n\ge1} K_0\left(\frac{n L_c}{L(B)}\right) \cos\frac{4\pi n\Phi}{\Phi_0}\right],
    \qquad \frac{1}{L(B)^2} = \frac{1}{L_\phi^2} + \frac13 \left(\frac{e B a}{\hbar}\right)^2,

and a thin ring

.. math:: \delta\sigma_1 = -\frac{2 e^2}{h} L_\phi
    \frac{\sinh(L_c/L_\phi)}{\cosh(L_c/L_\phi) - \cos(4\pi\Phi/\Phi_0)}.

With spin-orbit scattering both are (3/2) of the triplet minus (1/2) of the singlet, which turns
the phase of the oscillations around.  The period is h/2e.  For walls that are not thin beside the
radius R, averages over the wall take the place of R; to leading order in a/R they are the above.

Deviations: SI; both spins counted; the logarithm is compared by its slope, since the constant
depends on the cutoff; equations as commonly quoted, without their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Correction, model, weak_localization
from cooperon.geometry import Geometry, cylinder, ring, thick_cylinder
from cooperon.windings import WindingSum
from diagrams.symbols import symbol

e, hbar, B, D, tau, tau_phi, tau_so, tau_s, Phi = map(
    symbol, ("e", "hbar", "B", "D", "tau", "tau_phi", "tau_so", "tau_s", "Phi")
)
L_c, a, R = symbol("circumference"), symbol("thickness"), symbol("radius")
HALF, THIRD = sp.Rational(1, 2), sp.Rational(1, 3)
PHASE = 4 * sp.pi * Phi / (2 * sp.pi * hbar / e)


def printed_ring(L: sp.Expr) -> sp.Expr:
    """Return delta sigma_1 in (2 e^2/h) m of a mode with the length L."""
    return -L * sp.sinh(L_c / L) / (sp.cosh(L_c / L) - sp.cos(PHASE))


def printed_ring_with_spins() -> sp.Expr:
    """Return (3/2) of the triplet minus (1/2) of the singlet."""
    triplet = 1 / sp.sqrt((1 / tau_phi + 4 * THIRD / tau_so + 2 * THIRD / tau_s) / D)
    singlet = 1 / sp.sqrt((1 / tau_phi + 2 / tau_s) / D)
    return 3 * HALF * printed_ring(triplet) - HALF * printed_ring(singlet)


def printed_length() -> sp.Expr:
    """Return L(B)."""
    return 1 / sp.sqrt(1 / (D * tau_phi) + THIRD * (e * B * a / hbar) ** 2)


def printed_harmonic(number: int, L: sp.Expr, phase: sp.Expr) -> sp.Expr:
    """Return the n-th oscillation of a cylinder in units of e^2/(pi h) = e^2/(2 pi^2 hbar)."""
    return -2 * 2 * sp.besselk(0, number * L_c / L) * sp.cos(number * phase)


def derive(name: str, dimension: int, shape: Geometry, cutoff: str) -> Correction:
    """Derive the whole correction of a named model."""
    return weak_localization(model(name).conductor(dimension), cutoff, geometry=shape)


def harmonic(correction: Correction, number: int) -> sp.Expr:
    """Return the n-th term of the derived sum over windings."""
    (term,) = (t for t in correction.expression.args if t.has(WindingSum))
    series = term.doit()
    (total,) = series.atoms(sp.Sum)
    return series / total * total.function.subs(total.variables[0], number)


def slope_of_logarithm(correction: Correction) -> sp.Expr:
    """Return d/d tau_phi of what does not oscillate, for tau -> 0."""
    smooth = sp.Add(*(t for t in correction.expression.args if not t.has(WindingSum)))
    return sp.limit(sp.diff(smooth, tau_phi), tau, 0)


def thin_limit(expression: sp.Expr) -> sp.Expr:
    """Return the leading order in a/R of an expression of a thick wall."""
    scale = sp.Symbol("s", positive=True)
    return sp.series(expression.subs(a, scale * a), scale, 0, 3).removeO().subs(scale, 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Altshuler, Aronov and Spivak, JETP Lett. 33, 94 (1981).", arguments)
    around = derive("orthogonal", 1, ring(flux=Phi), "none")
    spins = derive("hln-isotropic", 1, ring(flux=Phi), "none")
    tube = derive("orthogonal", 2, cylinder(thickness=a), "smooth")
    printed = "Altshuler, Aronov, Spivak, JETP Lett. 33, 94 (1981)"
    circle = 2 * e * B * L_c**2 / (4 * sp.pi) / hbar
    wall = thick_cylinder(R, a)
    assert wall.section is not None
    comparisons = [
        Comparison(
            f"{printed}, a ring", around.expression.doit(), printed_ring(sp.sqrt(D * tau_phi))
        ),
        Comparison("the same with spins", spins.expression.doit(), printed_ring_with_spins()),
        *(
            Comparison(
                f"{printed}, oscillation {number} of a cylinder",
                harmonic(tube, number),
                printed_harmonic(number, printed_length(), circle),
            )
            for number in (1, 2, 7)
        ),
        Comparison(
            "its logarithm",
            slope_of_logarithm(tube),
            -2 * sp.diff(sp.log(printed_length()), tau_phi),
        ),
        Comparison(
            "the damping of a thick wall, to leading order in its thickness",
            thin_limit(wall.section.rate),
            D * THIRD * (e * B * a / hbar) ** 2,
        ),
    ]
    return conclude([around, tube], comparisons, tube.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
