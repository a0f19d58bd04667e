r"""Derive the magnetoconductivity of Hikami, Larkin and Nagaoka and compare with Eq. (18).

S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980), Eq. (18), for a
two-dimensional metal with spin-orbit and magnetic impurities, uniaxial about the field:

.. math:: \Delta\sigma = -\frac{e^2}{2\pi^2\hbar} \left[
    \psi\left(\tfrac12 + \tfrac{1}{\tau a}\right) - \psi\left(\tfrac12 + \tfrac{1}{\tau_1 a}\right)
    + \tfrac12 \psi\left(\tfrac12 + \tfrac{1}{\tau_2 a}\right)
    - \tfrac12 \psi\left(\tfrac12 + \tfrac{1}{\tau_3 a}\right) \right],
    \quad a = \frac{4 e B D}{\hbar}.

Deviations: SI instead of Gaussian units (H/c is B); the inelastic time tau_epsilon is
tau_phi; the value at B = 0 is subtracted and the elastic time tau_0 sent to zero, which is
the diffusive limit B << B_tr that the derivation assumes.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Conductor, Correction, magnetic, magnetoconductivity, potential, spin_orbit

e, hbar, D, tau_phi, tau_0 = sp.symbols("e hbar D tau_phi tau", positive=True)
so_x, so_z, s_x, s_z = sp.symbols("tau_so_x tau_so_z tau_s_x tau_s_z", positive=True)
tau_so, tau_s = sp.symbols("tau_so tau_s", positive=True)
B = sp.Symbol("B", real=True)
a = 4 * e * sp.Abs(B) * D / hbar


def printed_equation() -> sp.Expr:
    """Return Eq. (18) with the relaxation times of the paper, in siemens."""
    tau = 1 / (1 / tau_0 + 2 / so_x + 1 / so_z + 2 / s_x + 1 / s_z)
    tau_1 = 1 / (2 / so_x + 2 / so_z + 2 / s_x + 1 / tau_phi)
    tau_2 = 1 / (4 / s_x + 2 / s_z + 1 / tau_phi)
    tau_3 = 1 / (4 / so_x + 2 / s_z + 1 / tau_phi)
    bracket = _psi(tau) - _psi(tau_1) + _psi(tau_2) / 2 - _psi(tau_3) / 2
    return -(e**2) / (2 * sp.pi**2 * hbar) * bracket


def printed_isotropic_form() -> sp.Expr:
    """Return (e^2/(2 pi^2 hbar)) (3/2 Psi_T - 1/2 Psi_S) for 1/tau^x = 1/tau^z = 1/(3 tau)."""
    triplet = 1 / tau_phi + sp.Rational(4, 3) / tau_so + sp.Rational(2, 3) / tau_s
    singlet = 1 / tau_phi + 2 / tau_s
    return e**2 / (2 * sp.pi**2 * hbar) * (3 * _Psi(triplet / a) - _Psi(singlet / a)) / 2


def printed_in_plane_form() -> sp.Expr:
    """Return (e^2/(2 pi^2 hbar)) Psi(1/tau_phi + 2/tau_so^z): no antilocalization is left."""
    return e**2 / (2 * sp.pi**2 * hbar) * _Psi((1 / tau_phi + 2 / so_z) / a)


def _psi(time: sp.Expr) -> sp.Expr:
    return sp.digamma(sp.Rational(1, 2) + 1 / (time * a))


def _Psi(x: sp.Expr) -> sp.Expr:
    return sp.digamma(sp.Rational(1, 2) + x) - sp.log(x)


def diffusive(printed: sp.Expr) -> sp.Expr:
    """Return sigma(B) - sigma(0) for tau_0 -> 0.

    For B -> 0 each psi(1/2 + x) becomes ln x.  For tau_0 -> 0 so does the elastic one, at
    any B, and drops out of the difference.
    """
    x = sp.Symbol("x", positive=True)
    if sp.limit(_Psi(x), x, sp.oo) != 0:
        raise ArithmeticError("psi(1/2 + x) - ln x does not vanish for large x.")
    lost = {psi: sp.S.Zero for psi in printed.atoms(sp.polygamma) if psi.has(tau_0)}
    inelastic = printed.xreplace(lost)
    logarithms = {f: sp.log(f.args[1] - sp.Rational(1, 2)) for f in inelastic.atoms(sp.polygamma)}
    return inelastic - inelastic.xreplace(logarithms)


def derive(spin: tuple[sp.Expr, ...], flip: tuple[sp.Expr, ...]) -> Correction:
    """Derive Delta sigma(B) for the given spin-orbit and magnetic times per component."""
    gas = Conductor(2, [potential(), spin_orbit(*spin), magnetic(*flip)])
    return magnetoconductivity(gas).in_times()


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Hikami, Larkin, Nagaoka (1980), Eq. (18).", arguments)
    none = (sp.oo,) * 3
    full = derive((so_x, so_x, so_z), (s_x, s_x, s_z))
    isotropic = derive((3 * tau_so,) * 3, (3 * tau_s,) * 3)
    in_plane = derive((sp.oo, sp.oo, so_z), none)
    comparisons = [
        Comparison(
            "Hikami, Larkin, Nagaoka, Prog. Theor. Phys. 63, 707 (1980), Eq. (18)",
            full.si.doit(),
            diffusive(printed_equation()),
        ),
        Comparison(
            "its isotropic form, 3/2 Psi_T - 1/2 Psi_S",
            isotropic.si.doit(),
            printed_isotropic_form(),
        ),
        Comparison(
            "the in-plane limit tau_so^x = oo: S and T_0 cancel, no antilocalization is left",
            in_plane.si.doit(),
            printed_in_plane_form(),
        ),
    ]
    return conclude([full, isotropic, in_plane], comparisons, full.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
