r"""The probability to return, classical and by interference, and what it says about conductance.

A particle that diffuses is back where it started after the time t with the density Z(t), the
product of one factor for each axis: (4 pi D t)^(-1/2) for an infinite one, a theta function for
one that is finite.  Each path and its reverse interfere,

.. math:: P(t) = Z(t) + Z_\theta(t) \sum_j w_j e^{-(1/\tau_\phi + \Gamma_j) t},

with the weights of the soft modes, whose sum is one at short times: the probability to return
is doubled.  The second term is the interference part; its integral over time is the correction,

.. math:: \delta\sigma = -\frac{2 e^2 D}{\pi\hbar} \int_0^\infty dt\, P_\mathrm{int}(t).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.derivation import Derivation, Step, equation
from cooperon.geometry import Axis, Geometry, bulk
from cooperon.hyperbolic import XCosech
from cooperon.images import images
from cooperon.magnetoconductivity import require_fit
from cooperon.mode_pairs import PairFunction, weighted_trace
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.pair_decay import PairDecay, PairDecayMean
from cooperon.sample_steps import shape_steps
from cooperon.soft_modes import ModeBlock
from cooperon.theta import Theta3
from diagrams.symbols import B, D, e, hbar, symbol, tau_phi

time = symbol("time")


@dataclass(frozen=True)
class ReturnProbability:
    """Densities of the return probability after the `time`, in 1/m^d.

    Attributes
    ----------
    classical : expression
        Z(t): that of the diffuson.
    interference : expression
        That of the Cooperon, of both signs; with a field, flux and dephasing.
    derivation : Derivation
    """

    classical: sp.Expr
    interference: sp.Expr
    derivation: Derivation

    @property
    def total(self) -> sp.Expr:
        """P(t), the sum of both."""
        return self.classical + self.interference

    @property
    def enhancement(self) -> sp.Expr:
        """P(t)/Z(t): 2 where all paths interfere and no spin is involved, 1 where none does."""
        return 1 + sp.simplify(self.interference / self.classical)

    @property
    def integrand(self) -> sp.Expr:
        """What the correction is the integral of over the `time`, in S m^(2-d)/s."""
        return -2 * e**2 * D / (sp.pi * hbar) * self.interference


def return_probability(conductor: Conductor, geometry: Geometry | None = None) -> ReturnProbability:
    """Derive the return probability of a `conductor` in a geometry, averaged over the sample.

    Parameters
    ----------
    conductor : Conductor
    geometry : Geometry, optional
        Any number of finite axes; infinite in the dimensions of the conductor by default.

    Returns
    -------
    ReturnProbability
        In the `time`, D, tau_phi, the times of the model, lengths and fields.  It holds for
        times longer than tau; per volume of the axes along which current flows, integrated over
        the others.

    Raises
    ------
    ValueError
        If the geometry has more dimensions than the conductor.
    NotImplementedError
        If modes couple to q, or for a strip in a field or Nyquist noise, where no product of
        factors is left.
    """
    sample = bulk(conductor.dimension) if geometry is None else geometry
    require_fit(conductor, sample)
    if sample.nyquist:
        raise NotImplementedError(
            "the Nyquist noise of a wire dephases by more than a factor; see "
            "cooperon.nyquist_decay, and weak_localization for the correction."
        )
    if sample.infinite == 1 and any(axis.transverse for axis in sample.axes):
        raise NotImplementedError(
            f"a field across the {sample.name} mixes its transverse modes, so that no factor of "
            "time is its own; use wire(width), or magnetoconductivity."
        )
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    without = replace(sample, axes=tuple(replace(a, phase=sp.S.Zero) for a in sample.axes))
    classical, turned = (_density(shape) for shape in (without, sample))
    decay = sp.Add(*(_decay(block) for block in propagator.blocks))
    interference = turned * _field_factor(sample) * decay
    return ReturnProbability(
        classical,
        interference,
        Derivation(
            "Return probability",
            (
                *model_steps(conductor),
                *mode_steps(propagator, sp.S.Zero),
                *shape_steps(sample),
                Step(
                    "Return probability",
                    (
                        equation(sp.Symbol("Z"), classical),
                        equation(sp.Symbol("P_int"), interference),
                    ),
                    "Diffusion along different axes is independent, so that densities multiply; "
                    "the soft modes decay with their gaps and enter with their weights.",
                    "S. Chakravarty, A. Schmid, Phys. Rep. 140, 193 (1986)",
                ),
            ),
        ),
    )


def _density(geometry: Geometry) -> sp.Expr:
    """Return Z(t), with the phases of rings."""
    free = (4 * sp.pi * D * time) ** -sp.Rational(geometry.infinite, 2)
    return free * sp.Mul(*(_axis_density(axis) for axis in geometry.axes))


def _axis_density(axis: Axis) -> sp.Expr:
    around = images(axis)
    spread = 4 * sp.pi * D * time
    turns = Theta3(around.phase / 2, around.period**2 / spread) / sp.sqrt(spread)
    return (turns + around.uniform) * (axis.length if axis.transverse else around.share)


def _field_factor(geometry: Geometry) -> sp.Expr:
    """Return what levels and a thin section make of the interference."""
    factor = sp.S.One
    if geometry.section is not None:
        factor *= sp.exp(-geometry.section.rate * time)
    if geometry.has_levels:
        factor *= XCosech(2 * e * D * sp.Abs(B) * time / hbar)
    return factor


def _decay(block: ModeBlock) -> sp.Expr:
    """Return tr(w exp(-(1/tau_phi + Gamma) t)) of a block."""
    if block.couples_to_momentum:
        raise NotImplementedError(
            f"the modes {', '.join(block.names)} couple to the wave vector, so that no factor of "
            "time is theirs; use magnetoconductivity."
        )
    exponential = PairFunction(
        one=lambda rate: sp.exp(-rate * time),
        even=lambda m, s: PairDecayMean(m * time, s * time**2),
        odd=lambda m, s: -time * PairDecay(m * time, s * time**2),
    )
    return sp.exp(-time / tau_phi) * weighted_trace(block, block.relaxation, exponential)
