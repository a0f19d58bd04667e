"""The steps common to all corrections: from the self-energy to the soft modes.

Each function computes what it records, so a step can not say anything else than the
derivation did.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.derivation import Step, equation
from cooperon.soft_modes import SoftPropagator
from diagrams.blocks import born_self_energy, bubble_expansion, cooperon_sum, diffusion_constant
from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.hikami import conductivity_boxes
from diagrams.symbols import D, q, tau_phi

_EDWARDS = "S. F. Edwards, Phil. Mag. 3, 1020 (1958)"
_LANGER_NEAL = "J. S. Langer, T. Neal, Phys. Rev. Lett. 16, 984 (1966)"
_HIKAMI = "S. Hikami, Phys. Rev. B 24, 2671 (1981)"
_GLK = "L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979)"
_HLN = "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)"


def diagram_steps(conductor: Conductor) -> tuple[Step, ...]:
    """Return the steps of the scalar diagrams, then those that state the model."""
    return (*_scalar_steps(conductor.dimension), *_model_steps(conductor))


@cache
def _scalar_steps(d: int) -> tuple[Step, ...]:
    name = sp.Symbol
    boxes = conductivity_boxes(d)
    return (
        Step(
            "Born self-energy",
            (equation(name("Sigma^R"), born_self_energy()),),
            "Gaussian impurities with $\\langle V V \\rangle = \\delta(r - r')/(2\\pi\\nu\\tau)$ "
            "and $k_F l \\gg 1$ ($\\hbar = 1$ up to the Kubo formula); the real part shifts the "
            "chemical potential.",
            _EDWARDS,
        ),
        Step(
            "One rung of the ladder",
            (
                equation(name("Pi"), bubble_expansion(d)),
                equation(D, diffusion_constant(d)),
            ),
            "Integral of $G^R G^A$ over momenta to second order in $q$ and first in $\\omega$, "
            "for $q l \\ll 1$ and $\\omega\\tau \\ll 1$.",
        ),
        Step(
            "Cooperon without spin",
            (equation(name("C"), cooperon_sum(d)),),
            "The maximally crossed diagrams are a ladder once the advanced string is reversed; "
            "the geometric series is summed.",
            _LANGER_NEAL,
        ),
        Step(
            "Hikami boxes",
            (
                equation(name("H_0"), boxes.bare),
                equation(name("H_R"), boxes.dressed_retarded),
                equation(name("H_A"), boxes.dressed_advanced),
            ),
            "Bare box and the two boxes dressed by an impurity line, with current vertices; "
            "isotropic scatterers leave nothing of the dressed ones.",
            _HIKAMI,
        ),
        Step(
            "Prefactor",
            (
                equation(name("sigma_D"), drude_conductivity(d)),
                equation(name("c_0"), interference_correction(d)),
            ),
            "Kubo formula with both spins: Drude conductivity, and the prefactor $c_0$ of "
            "$\\int d^d q/(2\\pi)^d\\,(D q^2 - i \\omega + 1/\\tau_\\phi)^{-1}$ in the correction; "
            "$\\nu$ is per energy from here on.",
            _GLK,
        ),
    )


def _model_steps(conductor: Conductor) -> tuple[Step, ...]:
    vertices = (
        equation(sp.Symbol(f"M_{number}"), field.vertex)
        for number, field in enumerate(conductor.disorder, 1)
    )
    names = ", ".join(f"{k} ({field.name})" for k, field in enumerate(conductor.disorder, 1))
    density = conductor.diffuson().gap(conductor.internal.pair_basis[-1].name)
    return (
        Step(
            "Disorder",
            tuple(vertices),
            f"Independent Gaussian fields {names}, with vertices $M_a(n, n')$ in internal space, "
            "each normalised by its out-rate.",
        ),
        Step(
            "Self-energy of the model",
            (equation(1 / sp.Symbol("tau_tot"), conductor.scattering_rate),),
            "The out-rates of independent fields add.",
        ),
        Step(
            "Particle conservation",
            (equation(sp.Symbol("Gamma_0"), density),),
            "Ward identity: the diffuson of the density has no gap, since out-rate and in-rate "
            "come from the same vertices.",
        ),
    )


def mode_steps(propagator: SoftPropagator, frequency: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from the ladder kernel of a Cooperon to its weighted soft modes."""
    gaps = [sp.Symbol(f"Gamma_{number}") for number in range(1, len(propagator.modes) + 1)]
    basis = ", ".join(_in_print(name) for name in propagator.basis)
    return (
        Step(
            "Ladder kernel in the pair space",
            (equation(sp.Symbol("Gamma"), propagator.relaxation),),
            f"Out-rate minus in-rate, $M_a(n, n') \\otimes M_a(-n, -n')$, between isotropic "
            f"harmonics, in the basis ({basis}) of pair states; the vector harmonics are "
            "eliminated by a Schur complement, to first order in the weak rates.",
            _HLN,
        ),
        Step(
            "Transport",
            (equation(D, propagator.diffusion_constant),),
            "The $q^2$ term of the Schur complement.",
        ),
        Step(
            "Soft modes",
            tuple(equation(gap, m.gap) for gap, m in zip(gaps, propagator.modes, strict=True)),
            f"Eigenvalues of $\\Gamma$: the gaps of the modes {_listed(propagator)}.",
        ),
        Step(
            "Sum over soft modes",
            (equation(sp.Symbol("P"), _weighted_poles(propagator, gaps, frequency)),),
            "Each mode enters with its parity under exchange of the two electrons over the "
            "internal dimension: $+1/2$ for spin triplets, $-1/2$ for the singlet. Inelastic "
            "processes add $1/\\tau_\\phi$. The correction is $c_0 \\int d^d q/(2\\pi)^d\\, P$.",
        ),
    )


def _weighted_poles(
    propagator: SoftPropagator, gaps: list[sp.Symbol], frequency: sp.Expr
) -> sp.Expr:
    """Return sum_j w_j / (D q^2 - i omega + 1/tau_phi + Gamma_j) with the gaps as symbols."""
    pole = D * q**2 - sp.I * frequency + 1 / tau_phi
    poles = (mode.weight / (pole + gap) for mode, gap in zip(propagator.modes, gaps, strict=True))
    return sp.Add(*poles)


def _in_print(name: str) -> str:
    states = (sp.latex(sp.Symbol(part)) for part in name.split("+"))
    return f"${' + '.join(states)}$"


def _listed(propagator: SoftPropagator) -> str:
    names = (mode.name.split(", ")[0] for mode in propagator.modes)
    return ", ".join(f"{number} ({_in_print(name)})" for number, name in enumerate(names, 1))
