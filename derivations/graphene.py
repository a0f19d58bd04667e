r"""Derive the magnetoconductivity of monolayer and bilayer graphene from all kinds of disorder.

E. McCann et al., Phys. Rev. Lett. 97, 146805 (2006), for the monolayer (upper sign), and
K. Kechedzhi et al., Phys. Rev. Lett. 98, 176806 (2007), for the bilayer (lower sign):

.. math:: \Delta\sigma = \frac{e^2}{\pi h} \left[ F\left(\tfrac{B}{B_\varphi}\right)
    - F\left(\tfrac{B}{B_\varphi + 2 B_i}\right)
    \mp 2 F\left(\tfrac{B}{B_\varphi + B_*}\right) \right],
    \quad F(z) = \ln z + \psi\left(\tfrac12 + \tfrac1z\right),

with 1/tau_i = 4/tau_pp + 2/tau_zp, 1/tau_z = 4/tau_pz + 2/tau_zz for the scattering times of
the fields Sigma_s Lambda_l (p stands for each of x and y; first the pseudospin, then the
valley), and 1/tau_* = 1/tau_w + 1/tau_z + 1/tau_i.  Public fitting codes follow F. V. Tikhonenko
et al., Phys. Rev. Lett. 100, 056802 (2008): there 1/tau_* = 1/tau_w + 1/tau_z, and tau_i is
written beside it, B_phi + B_i + B_*.  Both are compared; to add tau_i to the tau_* of 2006 would
count it twice.

In the bilayer the comparison is made with 1/tau_z = 2/tau_zz, which is not the rate above: the
derivation finds 4/tau_pz to be absent, and disagrees with it.  Sigma_x Lambda_z and
Sigma_y Lambda_z are sigma_x and sigma_y in either valley, as is the Hamiltonian itself, and keep
the effective time reversal sigma_x K within a valley that gives the last term its sign.

Warping of the Fermi line enters as its term in the Hamiltonian, of the monolayer
-mu Sigma_x (Sigma.p) Lambda_z Sigma_x (Sigma.p) Sigma_x and of the bilayer v_3 p times
Lambda_z (n_x sigma_x - n_y sigma_y).  In the band both are +-w cos(3 phi) Lambda_z with
w = mu p_F^2 and w = v_3 p_F, and both give 1/tau_w = 2 tau (w/hbar)^2; for the monolayer that is
2 tau (epsilon^2 mu/(hbar v^2))^2, as printed.

Deviations: SI instead of Gaussian units; conductivity instead of resistivity,
Delta rho/rho^2 = -Delta sigma; formulas and the rate of warping as commonly quoted, without
equation numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import (
    ONE,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    Conductor,
    Correction,
    chiral_band,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
)
from cooperon.recipes_chiral import (
    LAMBDA,
    SIGMA,
    graphene_field,
    valley_and_pseudospin,
)

e, hbar, D, tau, tau_phi = sp.symbols("e hbar D tau tau_phi", positive=True)
tau_pp, tau_zp, tau_pz, tau_zz = sp.symbols("tau_pp tau_zp tau_pz tau_zz", positive=True)
tau_i, tau_z, tau_w, w = sp.symbols("tau_i tau_z tau_w w", positive=True)
B = sp.Symbol("B", real=True)
X, Y, Z = range(3)

MONOLAYER, BILAYER = 1, 2
VALLEY_SIGNS = {MONOLAYER: SIGMA_Z, BILAYER: ONE}
PAPERS = {
    MONOLAYER: "McCann et al., Phys. Rev. Lett. 97, 146805 (2006)",
    BILAYER: "Kechedzhi et al., Phys. Rev. Lett. 98, 176806 (2007)",
}


def printed_intervalley_rate() -> sp.Expr:
    """Return 1/tau_i."""
    return 4 / tau_pp + 2 / tau_zp


def printed_intravalley_rate() -> sp.Expr:
    """Return 1/tau_z as printed for the monolayer."""
    return 4 / tau_pz + 2 / tau_zz


def without_pz(rate: sp.Expr) -> sp.Expr:
    """Return 1/tau_z of the bilayer: not a printed rate, but what the derivation finds."""
    return rate.subs(tau_pz, sp.oo)


def printed_warping_rate() -> sp.Expr:
    """Return 1/tau_w, with w = mu (epsilon/v)^2 in the monolayer."""
    return 2 * tau * (w / hbar) ** 2


def printed_equation(layers: int, rate_i: sp.Expr, rate_star: sp.Expr) -> sp.Expr:
    """Return Delta sigma in siemens, with 1/tau_* that contains 1/tau_i."""
    last = -2 if layers == MONOLAYER else 2
    bracket = _F(0) - _F(2 * rate_i) + last * _F(rate_star)
    return e**2 / (2 * sp.pi**2 * hbar) * bracket


def printed_in_public_codes(layers: int, rate_i: sp.Expr, rate_star: sp.Expr) -> sp.Expr:
    """Return Delta sigma in siemens, with 1/tau_i beside 1/tau_*."""
    return printed_equation(layers, rate_i, rate_i + rate_star)


def _F(rate: sp.Expr) -> sp.Expr:
    """Return F(B/(B_phi + B_j)), B_j = hbar/(4 e D tau_j)."""
    z = 4 * e * D * sp.Abs(B) / (hbar * (1 / tau_phi + rate))
    return sp.log(z) + sp.digamma(sp.Rational(1, 2) + 1 / z)


def warping(layers: int) -> sp.MatrixBase:
    """Return the term of the Hamiltonian that warps the Fermi line, of strength w."""
    if layers == BILAYER:
        in_valley = n_x * SIGMA_X - n_y * SIGMA_Y
        return w * LAMBDA[Z] * sp.kronecker_product(ONE, in_valley)
    along = n_x * SIGMA[X] + n_y * SIGMA[Y]
    return -w * SIGMA[X] * along * LAMBDA[Z] * SIGMA[X] * along * SIGMA[X]


def derive(layers: int) -> Correction:
    """Derive Delta sigma(B) from a potential, all fields Sigma_s Lambda_l, and warping."""
    times = {(True, True): tau_pp, (False, True): tau_zp, (True, False): tau_pz}
    fields = [
        graphene_field(s, valley, times.get((s != Z, valley != Z), tau_zz))
        for s in (X, Y, Z)
        for valley in (X, Y, Z)
    ]
    conductor = Conductor(
        2,
        [potential(space=valley_and_pseudospin()), *fields],
        valley_and_pseudospin(),
        hamiltonian=warping(layers),
        band=chiral_band(layers, valley=VALLEY_SIGNS[layers]),
        degeneracy=2,
    )
    return magnetoconductivity(conductor).in_times()


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the magnetoconductivity of graphene and its bilayer.", arguments)
    rate_i, rate_w = printed_intervalley_rate(), printed_warping_rate()
    results, comparisons = [], []
    for layers, name in ((MONOLAYER, "graphene"), (BILAYER, "bilayer")):
        full, rate_z = derive(layers), printed_intravalley_rate()
        remark = ""
        if layers == BILAYER:
            rate_z, remark = without_pz(rate_z), ", with 1/tau_z = 2/tau_zz as found here"
        recipe = magnetoconductivity(model(name).conductor()).in_times()
        results += [full, recipe]
        comparisons += [
            Comparison(
                f"{PAPERS[layers]}, 1/tau_* = 1/tau_w + 1/tau_z + 1/tau_i{remark}",
                full.si.doit(),
                printed_equation(layers, rate_i, rate_w + rate_z + rate_i),
            ),
            Comparison(
                f"the convention of public codes, 1/tau_* = 1/tau_w + 1/tau_z, of {name}",
                recipe.si.doit(),
                printed_in_public_codes(layers, 1 / tau_i, 1 / tau_w + 1 / tau_z),
            ),
        ]
    return conclude(results, comparisons, results[0].derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
