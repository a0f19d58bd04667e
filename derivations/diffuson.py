r"""Derive the bubble, the diffuson and the density response, and compare with the textbook.

E. Akkermans, G. Montambaux, Mesoscopic Physics of Electrons and Photons (2007), for isotropic
scatterers in d = 1, 2, 3 with l = v_F tau:

.. math::
    \Pi_1 &= \frac{1 - i\omega\tau}{(1 - i\omega\tau)^2 + q^2 l^2}, \quad
    \Pi_2 = \frac{1}{\sqrt{(1 - i\omega\tau)^2 + q^2 l^2}}, \quad
    \Pi_3 = \frac{1}{q l} \arctan\frac{q l}{1 - i\omega\tau}, \\
    \Pi &\simeq 1 + i\omega\tau - D q^2 \tau, \qquad
    \Gamma = \frac{1}{2\pi\nu\tau^2} \frac{1}{D q^2 - i\omega}, \qquad
    \chi = 2\nu \frac{D q^2}{D q^2 - i\omega}.

Units: hbar = 1 in the first two, where nu is per angular frequency; chi counts both spins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation, Step
from cooperon.derivation import equation
from diagrams import bubble, bubble_expansion, cooperon_sum, ladder_sum
from diagrams.response import density_response

nu, v_F, tau, D = sp.symbols("nu v_F tau D", positive=True)
q, omega = sp.symbols("q omega", real=True)
Pi, Gamma, chi = sp.symbols("Pi Gamma chi")
DIMENSIONS = (1, 2, 3)


def printed_bubble(dimension: int) -> sp.Expr:
    """Return Pi_d for any q l and omega tau."""
    s, ql = 1 - sp.I * omega * tau, q * v_F * tau
    return {
        1: s / (s**2 + ql**2),
        2: 1 / sp.sqrt(s**2 + ql**2),
        3: sp.atan(ql / s) / ql,
    }[dimension]


def printed_expansion() -> sp.Expr:
    """Return Pi for q l << 1 and omega tau << 1."""
    return 1 + sp.I * omega * tau - D * q**2 * tau


def printed_diffuson() -> sp.Expr:
    """Return the sum of all ladders, starting with one rung."""
    return 1 / (2 * sp.pi * nu * tau**2) / (D * q**2 - sp.I * omega)


def printed_response() -> sp.Expr:
    """Return chi, which vanishes at q = 0 and is 2 nu at omega = 0."""
    return 2 * nu * D * q**2 / (D * q**2 - sp.I * omega)


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    for d in DIMENSIONS:
        yield Comparison(f"the exact bubble in d = {d}", bubble(d), printed_bubble(d))
        yield Comparison(f"its expansion in d = {d}", bubble_expansion(d), printed_expansion())
        yield Comparison(f"the diffuson in d = {d}", ladder_sum(d), printed_diffuson())
        yield Comparison(
            f"the Cooperon without a field in d = {d}", cooperon_sum(d), printed_diffuson()
        )
        yield Comparison(
            f"the density response in d = {d}", density_response(d), printed_response()
        )


def derivation() -> Derivation:
    """Return the steps, in d = 2."""
    return Derivation(
        "Diffuson",
        (
            Step(
                "Bubble",
                (equation(Pi, bubble(2)),),
                "One impurity line and a pair of Green functions whose momenta differ by $q$; "
                "isotropic scatterers, $q \\ll k_F$.",
            ),
            Step(
                "Diffusive limit",
                (equation(Pi, bubble_expansion(2)),),
                "$q l \\ll 1$ and $\\omega\\tau \\ll 1$; $D = v_F^2\\tau/d$.",
            ),
            Step(
                "Ladder",
                (equation(Gamma, ladder_sum(2)),),
                "Geometric series; that it has no gap at $q = \\omega = 0$ is the conservation "
                "of particles.",
            ),
            Step(
                "Density response",
                (equation(chi, density_response(2)),),
                "Bubble and ladders between two density vertices, and the static response $\\nu$ "
                "of one branch; both spins.",
                "D. Vollhardt, P. Wölfle, Phys. Rev. B 22, 4666 (1980)",
            ),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the diffuson and the density response.", arguments)
    results = [equation(Gamma, ladder_sum(2)), equation(chi, density_response(2))]
    return conclude(results, list(comparisons()), derivation(), tex)


if __name__ == "__main__":
    raise SystemExit(main())
