r"""Derive weak localization of graphene with spin-orbit coupling from valley, pseudospin and spin.

E. McCann, V. I. Fal'ko, Phys. Rev. Lett. 108, 166606 (2012), for intervalley scattering that is
faster than decoherence and spin relaxation:

.. math:: \Delta\sigma = -\frac{e^2}{2\pi h} \left[ F\left(\tfrac{B}{B_\varphi}\right)
    - F\left(\tfrac{B}{B_\varphi + 2 B_{asy}}\right)
    - 2 F\left(\tfrac{B}{B_\varphi + B_{asy} + B_{sym}}\right) \right],
    \quad F(z) = \ln z + \psi\left(\tfrac12 + \tfrac1z\right).

The model is a Dirac cone in the space valley x pseudospin x spin, with disorder that keeps time
reversal: T changes the sign of each Sigma_s, Lambda_l and s_j, so that spin enters as
Sigma_s s_j or Lambda_l s_j.  Fields with s_x and s_y are odd under z -> -z, those with s_z are
even.  The times are those of spin relaxation: 1/tau_asy is twice the out-rate of all fields with
s_x, and the same of s_y; 1/tau_sym is twice the out-rate of all fields with s_z.  Which Sigma_s
or Lambda_l stands beside s_j does not matter: all of them are odd under T, and so change the sign
of the one valley state that intervalley scattering leaves.  Here Sigma_z and Lambda_x accompany
s_x and s_y, and Sigma_z (the random Kane-Mele term) and Lambda_y accompany s_z.

Derived are the modes of the full model with finite tau_i; then tau_i -> 0 removes those whose gap
contains 1/tau_i, and what is left has to be the printed equation, with the spins of the recipe
"graphene-so" beside it.

Deviations: SI instead of Gaussian units; the equation as commonly quoted, without its number;
the normalisation of both times by out-rates is chosen so that the gaps are those of the
equation, not taken from the microscopic expressions of the paper; uniform spin-orbit coupling
(Bychkov-Rashba) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPIN,
    Band,
    Conductor,
    Correction,
    Field,
    HikamiFunction,
    chiral_band,
    magnetoconductivity,
    model,
    potential,
    product,
)
from cooperon.recipes_chiral import LAMBDA, SIGMA, valley_and_pseudospin

e, hbar, D, tau_phi = sp.symbols("e hbar D tau_phi", positive=True)
tau_asy, tau_sym, tau_i = sp.symbols("tau_asy tau_sym tau_i", positive=True)
B = sp.Symbol("B", real=True)
SPACE = product(valley_and_pseudospin(), SPIN)
NO_SPIN = sp.eye(2)


def printed_equation() -> sp.Expr:
    """Return Delta sigma in siemens."""
    bracket = _F(0) - _F(2 / tau_asy) - 2 * _F(1 / tau_asy + 1 / tau_sym)
    return -(e**2) / (4 * sp.pi**2 * hbar) * bracket


def _F(rate: sp.Expr) -> sp.Expr:
    """Return F(B/(B_phi + B_j)), B_j = hbar/(4 e D tau_j)."""
    z = 4 * e * D * sp.Abs(B) / (hbar * (1 / tau_phi + rate))
    return sp.log(z) + sp.digamma(sp.Rational(1, 2) + 1 / z)


def spin_orbit_disorder() -> list[Field]:
    """Return the fields with spin: four odd under z -> -z, two even."""
    odd = [(SIGMA[2], "Sigma_z"), (LAMBDA[0], "Lambda_x")]
    even = [(SIGMA[2], "Sigma_z"), (LAMBDA[1], "Lambda_y")]
    terms = [
        (orbital, f"{name} s_{axis}", spin, rate)
        for pairs, spins, rate in (
            (odd, ((SIGMA_X, "x"), (SIGMA_Y, "y")), 1 / (4 * tau_asy)),
            (even, ((SIGMA_Z, "z"),), 1 / (4 * tau_sym)),
        )
        for orbital, name in pairs
        for spin, axis in spins
    ]
    return [Field(name, _product(orbital, spin), rate) for orbital, name, spin, rate in terms]


def derive() -> Correction:
    """Derive Delta sigma(B) of the full model, in times."""
    intervalley = [
        Field(f"intervalley {k}", _product(SIGMA[2] * LAMBDA[k], NO_SPIN), 1 / (2 * tau_i))
        for k in (0, 1)
    ]
    cone = chiral_band(1, valley=SIGMA_Z)
    conductor = Conductor(
        2,
        [potential(space=SPACE), *intervalley, *spin_orbit_disorder()],
        SPACE,
        band=Band("Dirac cone, two valleys, two spins", _product(cone.projector, NO_SPIN)),
    )
    return magnetoconductivity(conductor).in_times()


def _product(orbital: sp.MatrixBase, spin: sp.MatrixBase) -> sp.MatrixBase:
    return sp.ImmutableDenseMatrix(sp.kronecker_product(orbital, spin))


def with_fast_intervalley_scattering(correction: sp.Expr) -> sp.Expr:
    """Return the correction for tau_i -> 0: Psi of an infinite field vanishes."""
    lost = {f: sp.S.Zero for f in correction.atoms(HikamiFunction) if f.has(tau_i)}
    return correction.xreplace(lost)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive McCann and Fal'ko, Phys. Rev. Lett. 108, 166606 (2012).", arguments)
    full = derive()
    recipe = magnetoconductivity(model("graphene-so").conductor()).in_times()
    comparisons = [
        Comparison(
            "McCann, Fal'ko, Phys. Rev. Lett. 108, 166606 (2012), from valley x pseudospin x spin",
            with_fast_intervalley_scattering(full.si).doit(),
            printed_equation(),
        ),
        Comparison("the same, from the spins alone", recipe.si.doit(), printed_equation()),
    ]
    # a row of the 16 x 16 relaxation matrix of the full model is wider than a page
    return conclude([full, recipe], comparisons, recipe.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
