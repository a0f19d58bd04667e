"""The steps from the screened interaction to the dephasing rate in d = 2, 3, for a derivation."""

from __future__ import annotations

import sympy as sp

from cooperon.derivation import Step, equation
from cooperon.nyquist_rates import (
    decay_rate,
    noise_kernel,
    occupation_factors,
    screened_interaction,
    self_consistent_rate,
    slow_noise_rate,
    theta,
)
from diagrams.symbols import tau_phi


def golden_rule_steps(dimension: int) -> tuple[Step, ...]:
    """Return the steps to 1/tau_phi, in theta = k_B T/hbar; none in d = 1, see `nyquist_steps`."""
    if dimension == 1:
        return ()
    last = _logarithm() if dimension == 2 else (_thermal_quanta(),)
    return (_interaction(), _kernel(dimension), _occupation(), *last)


def _interaction() -> Step:
    return Step(
        "Screened interaction",
        (equation(sp.Symbol("U(k,omega)"), screened_interaction()),),
        "RPA with the polarisation of both spins; the bare Coulomb interaction drops out at small "
        "$k$.",
        "B. L. Altshuler, A. G. Aronov, in Electron-Electron Interactions in Disordered Systems "
        "(1985)",
    )


def _kernel(dimension: int) -> Step:
    return Step(
        "Golden rule",
        (equation(sp.Symbol("K(omega)"), noise_kernel(dimension)),),
        "The noise $-2\\,\\mathrm{Im}\\,U$ acts on an electron that spreads with "
        "$2\\,\\mathrm{Re}\\,(D k^2 - i\\omega)^{-1}$; at zero temperature quanta are lost at the "
        "rate $\\omega K d\\omega$.",
        "A. Schmid, Z. Phys. 271, 251 (1974)",
    )


def _occupation() -> Step:
    leave, fill = occupation_factors()
    return Step(
        "Occupation of quanta and states",
        (equation(sp.Symbol("f_out"), leave), equation(sp.Symbol("f_in"), fill)),
        "At the Fermi level, with $y = \\hbar\\omega/k_B T$: emission and absorption empty a state "
        "and fill it; the Cooperon decays with the sum of both.",
    )


def _thermal_quanta() -> Step:
    return Step(
        "Thermal quanta",
        (equation(1 / tau_phi, decay_rate()),),
        "In $d = 3$ the integral over $\\omega$ converges; $\\theta = k_B T/\\hbar$, $\\nu$ per "
        "spin.",
    )


def _logarithm() -> tuple[Step, ...]:
    gamma = slow_noise_rate()
    return (
        Step(
            "Slow quanta",
            (equation(1 / tau_phi, gamma * sp.log(theta * tau_phi)),),
            "In $d = 2$ quanta between $1/\\tau_\\phi$ and $\\theta = k_B T/\\hbar$ dephase, to "
            "logarithmic accuracy: slower ones are static during $\\tau_\\phi$.",
            "B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982)",
        ),
        Step(
            "Self-consistency",
            (equation(1 / tau_phi, self_consistent_rate()),),
            "Solved by Lambert's function, $W e^W = x$.",
        ),
    )
