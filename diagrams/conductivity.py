"""The conductivity and its first interference correction, with their prefactors, in SI units.

The Kubo formula for the longitudinal conductivity of electrons with spin degeneracy 2 is

    sigma = 2 (e^2 hbar/(2 pi)) sum_k v_x^2 G^R(E) G^A(E)

with Green functions of energy. The rules have Green functions of angular frequency, 1/hbar
per energy, and a density of states per angular frequency, hbar times the `nu` per energy of
the symbol table: the prefactor becomes 2 e^2/(2 pi hbar), and nu becomes hbar nu in the result.
"""

from __future__ import annotations

import sympy as sp

from diagrams.blocks import cooperon_sum, in_terms_of_D
from diagrams.families import ladder
from diagrams.hikami import conductivity_boxes, vertex_correction
from diagrams.rules import Rules, evaluate
from diagrams.symbols import D, e, hbar, nu, omega, q

SPIN_DEGENERACY = 2


def kubo_prefactor() -> sp.Expr:
    """Return 2 e^2/(2 pi hbar), in siemens, which multiplies diagrams per spin."""
    return SPIN_DEGENERACY * e**2 / (2 * sp.pi * hbar)


def per_energy(expression: sp.Expr) -> sp.Expr:
    """Return the expression with nu in 1/(J m^d) instead of per angular frequency."""
    return expression.subs(nu, hbar * nu)


def drude_conductivity(dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> sp.Expr:
    """Return sigma = 2 e^2 nu D (Einstein's relation), both spins counted, in S m^(2-d).

    The bubble with two current vertices, one of them dressed by ladders, at zero frequency
    and to leading order in 1/(k_F l). Source: after Edwards, Phil. Mag. 3, 1020 (1958).

    Parameters
    ----------
    anisotropy
        g = <cos theta>; the result is the same with D = v_F^2 tau/(d (1 - g)).

    Examples
    --------
    >>> drude_conductivity(2)
    2*D*e**2*nu
    """
    rules = Rules(dimension, currents=("x", "y"), anisotropy=anisotropy)
    current = vertex_correction(dimension, anisotropy) * evaluate(ladder(0), rules, order=0)
    return per_energy(kubo_prefactor() * in_terms_of_D(current, dimension, anisotropy))


def interference_correction(dimension: int) -> sp.Expr:
    """Return c in delta sigma = c int d^d q/(2 pi)^d 1/(D q^2 - i omega + 1/tau_phi).

    Both spins are counted and no scattering depends on spin, so that c = -2 e^2 D/(pi hbar)
    in S m^2/s: negative, weak localization. It is the product of the Kubo prefactor, the
    sum of the three Hikami boxes and the Cooperon without its pole, for isotropic
    scatterers, k_F l >> 1 and q l, omega tau, tau/tau_phi << 1. The density of states
    cancels. Source: after Gorkov, Larkin, Khmelnitskii, JETP Lett. 30, 228 (1979).

    Examples
    --------
    >>> interference_correction(2)
    -2*D*e**2/(pi*hbar)
    """
    residue = cooperon_sum(dimension) * (D * q**2 - sp.I * omega)
    box = conductivity_boxes(dimension).total
    return sp.cancel(kubo_prefactor() * per_energy(box * residue))
