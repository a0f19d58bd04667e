r"""Derive weak localization beyond diffusion and compare with Kawabata and Zduniak et al.

A. Kawabata, J. Phys. Soc. Jpn. 53, 3540 (1984), for backscattering, and A. Zduniak, M. I. Dyakonov,
W. Knap, Phys. Rev. B 56, 1996 (1997) (after M. I. Dyakonov, Solid State Commun. 92, 711 (1994)),
for all directions, in two dimensions with isotropic scatterers at any B/B_tr:

.. math:: \sigma_a = -\frac{e^2}{\pi h} \frac{2}{\lambda^2} \sum_N \frac{P_N^3}{1 - P_N}, \qquad
    \sigma_b = \frac{e^2}{\pi h} \frac{1}{\lambda^2} \sum_N
    \left[\frac{P_N}{1 - P_N} + \frac{P_{N+1}}{1 - P_{N+1}}\right] Q_N^2,

with \lambda = l_B/l, s = 1 + \tau/\tau_\phi, and integrals of Laguerre polynomials

.. math:: P_N = \lambda \int_0^\infty dx\, e^{-\lambda s x - x^2/2} L_N(x^2), \qquad
    Q_N = \frac{\lambda}{\sqrt{N + 1}} \int_0^\infty dx\, x\, e^{-\lambda s x - x^2/2} L_N^1(x^2).

Deviations: SI units; both spins counted; the field-independent terms of two impurities, P_N^2
and Q_N^2, are left out.  The derivation has neither integrals nor polynomials: P_N and Q_N are
elements of an inverse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp
import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import Conductor, Correction, potential
from cooperon.beyond_diffusion import nondiffusive_magnetoconductivity
from cooperon.flight_boxes import zero_field_parts

s, tau, tau_phi = sp.symbols("s tau tau_phi", positive=True)
DIGITS = 15
LIMIT_DIGITS = 10
LEVELS = (0, 3, 12)
POINT = (sp.sqrt(2), sp.Rational(101, 100))  # lambda and s


def printed_zero_field() -> tuple[sp.Expr, sp.Expr]:
    """Return sigma_a(0) = -ln(1 + tau_phi/tau) and sigma_b(0), which tends to ln 2."""
    back = -sp.log(1 + tau_phi / tau)
    other = 2 / (s + 1) * sp.log(2 * s) - sp.log(s) + (s - 1) / (s + 1) * sp.log(s - 1)
    return back, other.subs(s, 1 + tau / tau_phi)


def printed_element(level: int, step: int) -> sp.Expr:
    """Return P_N (step 0) or Q_N (step 1) as the integral of a Laguerre polynomial."""
    with mp.workdps(DIGITS + 15):
        length, decay = (mp.mpmathify(sp.N(value, DIGITS + 15)) for value in POINT)

        def integrand(x: mp.mpf) -> mp.mpf:
            return x**step * mp.exp(-length * decay * x - x**2 / 2) * mp.laguerre(level, step, x**2)

        value = length / mp.sqrt(level + 1) ** step * mp.quad(integrand, [0, 1, 2, 4, 6, 9, 14, 20])
        return sp.Float(str(value), DIGITS + 10)


def derived_element(level: int, step: int) -> sp.Expr:
    """Return |(H^-1)_{N, N+step}| of H = s + (i/lambda)(a + a^+), cut at 1200 levels."""
    with mp.workdps(DIGITS + 15):
        length, decay = (mp.mpmathify(sp.N(value, DIGITS + 15)) for value in POINT)
        above, below = mp.mpf(0), mp.mpf(0)
        for n in range(1200, level, -1):
            above = 1 / (decay + (n + 1) * above / length**2)
        for n in range(level):
            below = 1 / (decay + n * below / length**2)
        diagonal = 1 / (decay + (level * below + (level + 1) * above) / length**2)
        value = diagonal * (mp.sqrt(level + 1) / length * above) ** step
        return sp.Float(str(value), DIGITS + 10)


def diffusive_limit(correction: Correction) -> NumericalComparison:
    """Return the result at B, B_phi << B_tr beside that of Hikami, Larkin and Nagaoka."""
    fields = {"B": sp.Float(3, 30), "B_phi": sp.Float(1, 30)}
    far = sp.Float(10, 30) ** 12
    derived = correction.subs({**fields, "B_tr": far}).expression
    return NumericalComparison(
        "Hikami, Larkin, Nagaoka (1980) for B, B_phi << B_tr",
        derived.evalf(LIMIT_DIGITS + 2),
        sp.digamma(sp.Float(5, 30) / 6) - sp.log(sp.Float(1, 30) / 3),
        LIMIT_DIGITS,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Zduniak, Dyakonov, Knap (1997) and Kawabata (1984).", arguments)
    gas = nondiffusive_magnetoconductivity(Conductor(2, [potential()]))
    names = ("sigma_a(0) = -ln(1 + tau_phi/tau)", "sigma_b(0), which tends to ln 2")
    derived = (sp.together(part.subs(s, 1 + tau / tau_phi)) for part in zero_field_parts())
    pairs = zip(names, derived, printed_zero_field(), strict=True)
    comparisons = [Comparison(*pair) for pair in pairs]
    comparisons += [
        NumericalComparison(
            f"{'PQ'[step]}_{level} as an integral of a Laguerre polynomial",
            derived_element(level, step),
            printed_element(level, step),
            DIGITS,
        )
        for level in LEVELS
        for step in (0, 1)
    ]
    comparisons.append(diffusive_limit(gas))
    return conclude([gas], comparisons, gas.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
