r"""Magnetoconductivity in d = 2 at any B/B_tr: the Cooperon exact in q on Landau levels.

In fields of the order of B_tr = hbar/(2 e l^2) the flux quantum passes through loops of three or
four impurities.  Diffusion does not describe these; the diagrams still do.  With the boxes and
the rung of `flight_boxes` a soft mode contributes

.. math:: \sigma_a = -\int dv\, \frac{P^3}{1 - P}, \qquad
          \sigma_b = \int dv\, \frac{Q^2 P}{1 - P}, \qquad v = (q l)^2/2,

in units of e^2/(pi h): the Cooperon between the bare box (backscattering) and between the dressed
ones (all other directions).  Loops of two impurities, P^2 and Q^2, run forth and back along one
line, enclose no flux and drop out of sigma(B) - sigma(0).  In a field q l n_x is the matrix
(b/2)^(1/2) (a + a^+) between Landau levels, and both are sums over these, see
`NondiffusiveFunction`.

A mode with the gap Gamma_j decays with s_j = 1 + tau (1/tau_phi + Gamma_j).
"""

from __future__ import annotations

import sympy as sp

from cooperon.characteristic import characteristic_field, without_velocity
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation
from cooperon.field import Field
from cooperon.flight_steps import flight_steps
from cooperon.internal import Matrix
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.nondiffusive_function import NondiffusiveFunction
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.symbols import B, e, hbar, symbol

_UNIT = e**2 / (2 * sp.pi**2 * hbar)
_REFERENCES = (
    "A. Kawabata, J. Phys. Soc. Jpn. 53, 3540 (1984)",
    "M. I. Dyakonov, Solid State Commun. 92, 711 (1994)",
    "A. Zduniak, M. I. Dyakonov, W. Knap, Phys. Rev. B 56, 1996 (1997)",
)


def nondiffusive_magnetoconductivity(conductor: Conductor, axis: str = "x") -> Correction:
    """Derive Delta sigma(B) of a two-dimensional `conductor` for any B/B_tr.

    Parameters
    ----------
    conductor : Conductor
        Isotropic scalar disorder makes its motion diffusive; all other fields are weak.  Their
        rates enter through the gaps of the soft modes, to first order in tau.
    axis : {"x", "y"}
        Direction of the current; it matters for a conductor with anisotropic masses only.

    Returns
    -------
    Correction
        In units of e^2/(pi h), all internal states counted, in the fields B_j and B_tr;
        `magnetoconductivity` is its limit B_tr -> oo.

    Raises
    ------
    NotImplementedError
        If the conductor is not two-dimensional, has a band, anisotropic or internal strong
        scattering, or modes that couple to q, mix with different weights or precess.
    ValueError
        If there is no soft mode, or the axis is not one of its axes.
    """
    _require_isotropy(conductor)
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    _require_plain(propagator)
    scale = conductor.axis_ratio(axis)
    expression = scale * sp.Add(*(_block(block, propagator) for block in propagator.blocks))
    return Correction(
        "nondiffusive_magnetoconductivity",
        symbol("Delta_sigma"),
        sp.expand(expression),
        _UNIT,
        "e^2/(pi h)",
        propagator.closed_modes,
        "k_F l >> 1; omega_c tau << 1 (paths are not bent by the field); gaps of the soft modes "
        "small compared with 1/tau; B/B_tr and tau/tau_phi arbitrary; classical magnetoresistance "
        "and Zeeman splitting by B left out",
        _REFERENCES,
        Derivation(
            "Magnetoconductivity beyond the diffusive range",
            (
                *model_steps(conductor),
                *mode_steps(propagator, sp.S.Zero),
                *flight_steps(sp.expand(expression)),
            ),
        ),
    )


def _block(block: ModeBlock, propagator: SoftPropagator) -> sp.Expr:
    """Return the sum over the modes of a block, each with its weight."""
    gaps = without_velocity(block.relaxation, propagator.diffusion_constant)
    reduced = ModeBlock(block.names, Matrix(gaps), block.coupling, block.weights)
    fields = ((mode.weight, characteristic_field(mode.gap)) for mode in reduced.modes())
    return sp.Add(*(w * NondiffusiveFunction(B, field, symbol("B_tr")) for w, field in fields))


def _require_isotropy(conductor: Conductor) -> None:
    if conductor.dimension != 2:
        raise NotImplementedError(
            f"the theory beyond diffusion covers d = 2, not d = {conductor.dimension}; use "
            "weak_localization."
        )
    if conductor.band is not None:
        raise NotImplementedError(
            f"the band {conductor.band.name!r} makes scattering anisotropic; use "
            "magnetoconductivity for B << B_tr, or exact_poles for a Cooperon exact in q."
        )
    for field in conductor.strong:
        _require_isotropic_scatterers(field)


def _require_isotropic_scatterers(field: Field) -> None:
    if sp.simplify(field.profile - 1) != 0:
        raise NotImplementedError(
            f"the field {field.name!r} scatters anisotropically, with the profile "
            f"{field.profile}; the theory beyond diffusion covers isotropic scatterers, use "
            "magnetoconductivity for B << B_tr."
        )
    vertex = sp.Matrix(field.vertex)
    if vertex != vertex[0, 0] * sp.eye(vertex.rows) or not vertex[0, 0].is_number:
        raise NotImplementedError(
            f"the field {field.name!r} is strong and acts on internal states or depends on "
            "direction; declare it with weak=True, or use magnetoconductivity for B << B_tr."
        )


def _require_plain(propagator: SoftPropagator) -> None:
    for block in propagator.blocks:
        names = ", ".join(block.names)
        if block.couples_to_momentum:
            raise NotImplementedError(
                f"the modes {names} couple to q (spin precession during a flight); use "
                "magnetoconductivity, for B << B_tr."
            )
        if block.weight is None or not block.relaxation.is_hermitian:
            raise NotImplementedError(
                f"the modes {names} precess or mix with different weights; use "
                "magnetoconductivity, for B << B_tr."
            )
