r"""Derive the magnetoconductivity of two-dimensional heavy holes with cubic Rashba coupling.

R. Winkler, Phys. Rev. B 62, 4245 (2000): structural asymmetry splits a heavy-hole doublet with
the third harmonic of the direction of k,

.. math:: h = i \alpha_3 (k_-^3 \sigma_+ - k_+^3 \sigma_-)
    = \Omega_3 (\sin 3\varphi\, \sigma_x - \cos 3\varphi\, \sigma_y).

Motion is the first harmonic, and no term linear in q couples the triplets: they relax at the
Dyakonov-Perel rates of tau_3, in the plane 2 Omega_3^2 tau_3/hbar^2 and twice that along the
growth direction, and the correction is that of S. Hikami, A. I. Larkin and Y. Nagaoka, Prog.
Theor. Phys. 63, 707 (1980), with 1/tau_so^x = Omega_3^2 tau_3/hbar^2 and 1/tau_so^z = 0.

Deviations: SI units; the doublet counts as both spins; any finite range of the potential is
contained in tau_3, the relaxation time of the third harmonic.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    Conductor,
    HikamiFunction,
    dot,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
)
from diagrams.symbols import B, B_phi, D, e, hbar, symbol, tau

B_R = symbol("B_R")
Omega_3, tau_3 = sp.symbols("Omega_3 tau_3", positive=True)


def printed_equation() -> sp.Expr:
    """Return Psi(B_phi + B_R) + Psi(B_phi + 2 B_R)/2 - Psi(B_phi)/2 in e^2/(pi h)."""
    return _hikami_larkin_nagaoka(B_R / 2)


def printed_finite_range() -> sp.Expr:
    """Return the same with the rate of Dyakonov and Perel for any range of the potential."""
    return _hikami_larkin_nagaoka(hbar / (4 * e * D) * Omega_3**2 * tau_3 / hbar**2)


def printed_limits() -> tuple[sp.Expr, sp.Expr]:
    """Return weak localization without coupling and antilocalization with a strong one."""
    return HikamiFunction(B, B_phi), -HikamiFunction(B, B_phi) / 2


def _hikami_larkin_nagaoka(B_so_x: sp.Expr) -> sp.Expr:
    """Return their Eq. (18) for B -> 0 subtracted, with B_so^z = B_s = 0."""
    triplets = _Psi(B_phi + 2 * B_so_x) + _Psi(B_phi + 4 * B_so_x) / 2
    return triplets - _Psi(B_phi) / 2


def _Psi(field: sp.Expr) -> sp.Expr:
    return sp.digamma(sp.Rational(1, 2) + field / sp.Abs(B)) - sp.log(field / sp.Abs(B))


def holes() -> Conductor:
    """Return heavy holes whose potential scatters with the mean 1 - tau/tau_3 of cos(3 theta)."""
    c = dot(2)
    profile = 1 + 2 * (1 - tau / tau_3) * (4 * c**3 - 3 * c)
    splitting = (3 * n_y - 4 * n_y**3) * SIGMA_X - (4 * n_x**3 - 3 * n_x) * SIGMA_Y
    return Conductor(2, [potential(profile=profile)], hamiltonian=Omega_3 * splitting)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the magnetoconductivity of two-dimensional heavy holes.", arguments)
    conductor = model("heavy-holes").conductor()
    couplings = conductor.cooperon().coupling
    derived = magnetoconductivity(conductor)
    weak, strong = (derived.subs({B_R: value}).expression for value in (0, sp.oo))
    comparisons = [
        Comparison(
            "no coupling to q (Winkler, Phys. Rev. B 62, 4245 (2000): a third harmonic)",
            sp.Add(*(sp.Abs(entry) for matrix in couplings for entry in matrix)),
            sp.S.Zero,
        ),
        Comparison(
            "Hikami, Larkin, Nagaoka (1980), Eq. (18) with in-plane relaxation",
            derived.doit(),
            printed_equation(),
        ),
        Comparison(
            "the same with 2 Omega_3^2 tau_3/hbar^2 for a potential of finite range",
            magnetoconductivity(holes()).doit(),
            printed_finite_range(),
        ),
        Comparison("weak localization without coupling", weak, printed_limits()[0]),
        Comparison("antilocalization with strong coupling", strong, printed_limits()[1]),
    ]
    return conclude([derived], comparisons, derived.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
