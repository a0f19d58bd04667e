"""The steps that scalar diagrams contribute to a derivation: self-energy, ladder, Hikami boxes.

Each function computes what it records, so a step can not say anything else than the
derivation did.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.derivation import Step, equation
from diagrams.blocks import born_self_energy, bubble_expansion, cooperon_sum, diffusion_constant
from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.corrections import interference_corrections
from diagrams.families import maximally_crossed
from diagrams.hikami import conductivity_boxes
from diagrams.notation import parse
from diagrams.skeletons import skeleton
from diagrams.symbols import D


@cache
def diagram_steps(dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> tuple[Step, ...]:
    """Return the steps from the self-energy to the prefactor.

    Parameters
    ----------
    dimension : {1, 2, 3}
    anisotropy : expression, optional
        Mean cosine g of the scattering angle; tau_tr = tau/(1 - g).
    """
    return (
        _self_energy(),
        _rung(dimension, anisotropy),
        _cooperon(dimension),
        _boxes(dimension, anisotropy),
        _prefactor(dimension),
    )


def _self_energy() -> Step:
    return Step(
        "Born self-energy",
        (equation(sp.Symbol("Sigma^R"), born_self_energy()),),
        "Gaussian impurities with $\\langle V V \\rangle = \\delta(r - r')/(2\\pi\\nu\\tau)$ and "
        "$k_F l \\gg 1$ ($\\hbar = 1$ up to the Kubo formula); the real part shifts the chemical "
        "potential.",
        "S. F. Edwards, Phil. Mag. 3, 1020 (1958)",
        (parse("R[r 1 1 r]"),),
    )


def _rung(d: int, g: sp.Expr) -> Step:
    return Step(
        "One rung of the ladder",
        (
            equation(sp.Symbol("Pi"), bubble_expansion(d)),
            equation(D, sp.simplify(diffusion_constant(d, g))),
        ),
        "Integral of $G^R G^A$ over momenta to second order in $q$ and first in $\\omega$, for "
        "$q l \\ll 1$ and $\\omega\\tau \\ll 1$"
        + ("." if g == 0 else "; scattering of a finite range enters through the transport time."),
    )


def _cooperon(d: int) -> Step:
    return Step(
        "Cooperon without spin",
        (equation(sp.Symbol("C"), cooperon_sum(d)),),
        "The maximally crossed diagrams are a ladder once the advanced string is reversed; the "
        "geometric series is summed.",
        "J. S. Langer, T. Neal, Phys. Rev. Lett. 16, 984 (1966)",
        (maximally_crossed(3), skeleton(maximally_crossed(3))),
    )


def _boxes(d: int, g: sp.Expr) -> Step:
    boxes = conductivity_boxes(d, g)
    return Step(
        "Hikami boxes",
        (
            equation(sp.Symbol("H_0"), boxes.bare),
            equation(sp.Symbol("H_R"), boxes.dressed_retarded),
            equation(sp.Symbol("H_A"), boxes.dressed_advanced),
        ),
        "Bare box and the two boxes dressed by an impurity line, with current vertices; "
        + (
            "isotropic scatterers leave nothing of the dressed ones."
            if g == 0
            else "with the vertices dressed by ladders, their sum is that of isotropic scatterers."
        ),
        "S. Hikami, Phys. Rev. B 24, 2671 (1981)",
        tuple(interference_corrections(order=1)),
    )


def _prefactor(d: int) -> Step:
    return Step(
        "Prefactor",
        (
            equation(sp.Symbol("sigma_D"), drude_conductivity(d)),
            equation(sp.Symbol("c_0"), interference_correction(d)),
        ),
        "Kubo formula with both spins: Drude conductivity, and the prefactor $c_0$ of "
        "$\\int d^d q/(2\\pi)^d\\,(D q^2 - i \\omega + 1/\\tau_\\phi)^{-1}$ in the correction; "
        "$\\nu$ is per energy from here on.",
        "L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979)",
    )
