r"""Derive the Drude conductivity and compare with Einstein's relation and with n e^2 tau/m.

S. F. Edwards, Phil. Mag. 3, 1020 (1958). For impurities that scatter by an angle theta,

.. math:: \sigma = 2 e^2 \nu D = \frac{n e^2 \tau_{tr}}{m},
    \qquad D = \frac{v_F^2 \tau_{tr}}{d}, \quad
    \frac{1}{\tau_{tr}} = \frac{1 - \langle\cos\theta\rangle}{\tau},

in d = 1, 2, 3 for a parabolic band with both spins counted; nu is per spin. The lifetime is
that of the Born self-energy, Sigma^R = -i/(2 tau).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation, Step
from cooperon.derivation import equation
from diagrams import born_self_energy, drude_conductivity
from diagrams.blocks import diffusion_constant

e, hbar, nu, v_F, tau, D, m, k_F = sp.symbols("e hbar nu v_F tau D m k_F", positive=True)
g = sp.Symbol("g", real=True)
sigma, Sigma = sp.symbols("sigma Sigma^R")
DIMENSIONS = (1, 2, 3)


def printed_einstein_relation() -> sp.Expr:
    """Return 2 e^2 nu D."""
    return 2 * e**2 * nu * D


def printed_drude_formula(dimension: int) -> sp.Expr:
    """Return n e^2 tau_tr/m with the density n of a Fermi sphere of radius k_F."""
    density = {1: 2 * k_F / sp.pi, 2: k_F**2 / (2 * sp.pi), 3: k_F**3 / (3 * sp.pi**2)}
    return density[dimension] * e**2 * tau / (1 - g) / m


def parabolic_band(expression: sp.Expr, dimension: int) -> sp.Expr:
    """Insert D, v_F = hbar k_F/m and the states k^(d-1) dk per hbar v_F dk of one spin."""
    sphere = {1: 2, 2: 2 * sp.pi, 3: 4 * sp.pi}[dimension]
    states = sphere * k_F ** (dimension - 1) / (2 * sp.pi) ** dimension / (hbar * v_F)
    in_band = expression.subs({D: diffusion_constant(dimension, g), nu: states})
    return in_band.subs(v_F, hbar * k_F / m)


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    yield Comparison("the Born self-energy -i/(2 tau)", born_self_energy(), -sp.I / (2 * tau))
    for d in DIMENSIONS:
        derived = drude_conductivity(d, g)
        yield Comparison(f"Einstein's relation in d = {d}", derived, printed_einstein_relation())
        yield Comparison(
            f"n e^2 tau_tr/m in d = {d}", parabolic_band(derived, d), printed_drude_formula(d)
        )


def derivation() -> Derivation:
    """Return the steps, in d = 2."""
    return Derivation(
        "Drude conductivity",
        (
            Step(
                "Born self-energy",
                (equation(Sigma, born_self_energy()),),
                "One impurity line over the Green function that returns to its starting point, "
                "for $k_F l \\gg 1$; the real part shifts the chemical potential.",
                "S. F. Edwards, Phil. Mag. 3, 1020 (1958)",
            ),
            Step(
                "Bubble with current vertices and ladders",
                (equation(sigma, drude_conductivity(2, g)), equation(D, diffusion_constant(2, g))),
                "Kubo formula with both spins; the ladders multiply one vertex by "
                "$\\tau_{\\mathrm{tr}}/\\tau = 1/(1 - g)$ with $g = \\langle\\cos\\theta\\rangle$.",
            ),
            Step(
                "Parabolic band",
                (equation(sigma, sp.factor(parabolic_band(drude_conductivity(2, g), 2))),),
                "$v_F = \\hbar k_F/m$, and $k_F^2 = 2\\pi n$ in two dimensions.",
            ),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the Drude conductivity.", arguments)
    results = [equation(sigma, drude_conductivity(2, g))]
    return conclude(results, list(comparisons()), derivation(), tex)


if __name__ == "__main__":
    raise SystemExit(main())
