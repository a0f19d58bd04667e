r"""The density response, its diffusion pole and the conservation of particles.

A potential energy U(q, omega) changes the density by delta n = -chi U. Electrons at the Fermi
level contribute

    chi = 2 [ (i/(2 pi)) sum_k (G^R - G^A)  +  (i omega/(2 pi)) sum_n <n rungs> ],

where the first term is static: it comes from Green functions of one branch, whose ladders
vanish because all their poles lie on one side. The second is the bubble of a retarded and an
advanced Green function with two density vertices and all ladders between them. Both spins are
counted, interactions between the electrons are not. Source: after Vollhardt and Wölfle,
Phys. Rev. B 22, 4666 (1980); Akkermans and Montambaux, Mesoscopic Physics of Electrons and
Photons (2007).
"""

from __future__ import annotations

import sympy as sp

from diagrams.blocks import bubble, bubble_expansion
from diagrams.conductivity import SPIN_DEGENERACY
from diagrams.diagram import Branch, Diagram, String
from diagrams.rules import Rules, evaluate, impurity_line
from diagrams.symbols import e, omega, q


def static_response() -> sp.Expr:
    """Return (i/(2 pi)) sum_k (G^R - G^A), the density of states per spin.

    Each sum is the Green function that returns to its starting point.

    Examples
    --------
    >>> static_response()
    nu
    """
    retarded, advanced = (
        # There is no direction to average over: the dimension is immaterial.
        evaluate(Diagram((String(branch, 0, "r", "r"),)), Rules(dimension=1), order=0)
        for branch in Branch
    )
    return sp.simplify(sp.I / (2 * sp.pi) * (retarded - advanced))


def exact_density_response(dimension: int) -> sp.Expr:
    """Return chi(q, omega) for any q l and omega tau, in 1/(J m^d).

    Valid for isotropic scatterers, q << k_F and hbar omega << E_F. With Pi the `bubble`, the
    ladders with n = 0, 1, ... rungs add up to 2 pi nu tau Pi/(1 - Pi).

    Examples
    --------
    >>> sp.factor(exact_density_response(1))
    2*nu*q**2*tau*v_F**2/(-omega**2*tau - I*omega + q**2*tau*v_F**2)
    """
    Pi = bubble(dimension)
    return _response(Pi / (impurity_line() * (1 - Pi)))


def density_response(dimension: int) -> sp.Expr:
    """Return chi = 2 nu D q^2/(D q^2 - i omega), in 1/(J m^d), for q l, omega tau << 1.

    It vanishes at q = 0, where the number of particles does not change, and is 2 nu for
    omega = 0, where the density follows the potential. The numerator of the ladder sum is
    taken at q = omega = 0, its denominator to first order in D q^2 and omega.

    Examples
    --------
    >>> density_response(2)
    2*D*nu*q**2/(D*q**2 - I*omega)
    """
    ladders = 1 / (impurity_line() * (1 - bubble_expansion(dimension)))
    return sp.factor(_response(ladders))


def conductivity_from_density(dimension: int) -> sp.Expr:
    """Return sigma(q, omega) = -i omega e^2 chi/q^2, in S m^(2-d).

    The continuity equation links the two: the charge that the potential moves away is carried
    by the longitudinal current. Its limit q -> 0 is the Drude conductivity 2 e^2 nu D.

    Examples
    --------
    >>> sp.limit(conductivity_from_density(2), q, 0)
    2*D*e**2*nu
    """
    return sp.factor(-sp.I * omega * e**2 * density_response(dimension) / q**2)


def _response(ladders: sp.Expr) -> sp.Expr:
    dynamic = sp.I * omega / (2 * sp.pi) * ladders
    return SPIN_DEGENERACY * (static_response() + dynamic)
