"""Recipes of electron gases: which fields there are, which spin-orbit Hamiltonian, which times.

A recipe contains no formula.  Spin-orbit Hamiltonians are scaled so that each alone relaxes
an in-plane spin with the rate 1/tau_j (of Dyakonov and Perel, 2 Omega^2 tau/hbar^2 for
h = Omega.sigma): the parameters then are times, as those of disorder are.
"""

from __future__ import annotations

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.directions import n_x, n_y
from cooperon.field import magnetic, potential, spin_orbit
from cooperon.internal import SIGMA_X, SIGMA_Y, SIGMA_Z
from diagrams.symbols import B, hbar, symbol, tau

# cos and sin of three times the angle of n, on the circle
_COS_3 = 4 * n_x**3 - 3 * n_x
_SIN_3 = 3 * n_y - 4 * n_y**3


def orthogonal(dimension: int) -> Conductor:
    """Potential disorder only."""
    return Conductor(dimension, [potential()])


def hikami_larkin_nagaoka(dimension: int) -> Conductor:
    """Spin-orbit and magnetic disorder, a time per spin component."""
    return Conductor(dimension, [potential(), spin_orbit(dimension=dimension), magnetic()])


def isotropic(dimension: int) -> Conductor:
    """The same with 1/tau^i = 1/(3 tau)."""
    so, s = (3 * symbol("tau_so"),) * 3, (3 * symbol("tau_s"),) * 3
    return Conductor(dimension, [potential(), spin_orbit(*so, dimension=dimension), magnetic(*s)])


def uniaxial(dimension: int) -> Conductor:
    """The same with equal times for the spin components x and y."""
    so = symbol("tau_so_x"), symbol("tau_so_x"), symbol("tau_so_z")
    s = symbol("tau_s_x"), symbol("tau_s_x"), symbol("tau_s_z")
    return Conductor(dimension, [potential(), spin_orbit(*so, dimension=dimension), magnetic(*s)])


def graphene_spin_orbit(dimension: int) -> Conductor:
    """Spins of graphene whose valleys are mixed: tau_asy and tau_sym."""
    tau_asy, tau_sym = symbol("tau_asy"), symbol("tau_sym")
    times = 2 * tau_asy, 2 * tau_asy, 2 * tau_sym
    return Conductor(dimension, [potential(), spin_orbit(*times, dimension=dimension)])


def zeeman(dimension: int) -> Conductor:
    """Spin-orbit disorder about the axis z of a field, whose magnitude splits the spins."""
    so = symbol("tau_so_x"), symbol("tau_so_x"), symbol("tau_so_z")
    field = sp.sqrt(B**2 + symbol("B_parallel") ** 2)
    energy = symbol("g") * symbol("mu_B") * field / 2
    return Conductor(
        dimension, [potential(), spin_orbit(*so, dimension=dimension)], hamiltonian=energy * SIGMA_Z
    )


def rashba(dimension: int) -> Conductor:
    """Linear Rashba coupling, h = alpha (k x z).sigma."""
    return _gas(dimension, _rashba())


def dresselhaus(dimension: int) -> Conductor:
    """Linear and cubic Dresselhaus coupling of a [001] quantum well."""
    return _gas(dimension, _dresselhaus() + _cubic())


def rashba_dresselhaus(dimension: int) -> Conductor:
    """Both linear couplings, and the cubic one."""
    return _gas(dimension, _rashba() + _dresselhaus() + _cubic())


def heavy_holes(dimension: int) -> Conductor:
    """Cubic Rashba coupling of a heavy-hole doublet."""
    return _gas(dimension, _size("tau_R") * (_SIN_3 * SIGMA_X - _COS_3 * SIGMA_Y))


def _gas(dimension: int, hamiltonian: sp.MatrixBase) -> Conductor:
    if dimension != 2:
        raise ValueError(
            f"the spin-orbit coupling of a quantum well is stated for d = 2, not d = {dimension}; "
            "write its Hamiltonian in that dimension as a Conductor."
        )
    return Conductor(2, [potential()], hamiltonian=hamiltonian)


def _size(time: str) -> sp.Expr:
    return hbar / sp.sqrt(2 * tau * symbol(time))


def _rashba() -> sp.MatrixBase:
    return _size("tau_R") * (n_y * SIGMA_X - n_x * SIGMA_Y)


def _dresselhaus() -> sp.MatrixBase:
    return _size("tau_D") * (n_x * SIGMA_X - n_y * SIGMA_Y)


def _cubic() -> sp.MatrixBase:
    return _size("tau_3") * (_COS_3 * SIGMA_X + _SIN_3 * SIGMA_Y)
