r"""Derive the ladder correction of the current vertex and compare with the transport time.

S. F. Edwards, Phil. Mag. 3, 1020 (1958); A. A. Abrikosov, L. P. Gor'kov,
I. E. Dzyaloshinski, Methods of Quantum Field Theory in Statistical Physics (1963). The vertex
obeys an integral equation over the Fermi surface, with scattering probability w(n, n'),

.. math:: \Lambda(n) = v_F n_x + \langle w(n, n') \Lambda(n') \rangle_{n'},
    \qquad \Lambda = \frac{\tau_{tr}}{\tau} v_F n_x, \quad
    \frac{1}{\tau_{tr}} = \frac{1 - \langle\cos\theta\rangle}{\tau}.

The derivation sums ladders; the comparison inserts the sum into the integral equation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation, Step
from cooperon.derivation import equation
from diagrams import Rules, evaluate, ladder, vertex_correction

v_F, tau, tau_tr = sp.symbols("v_F tau tau_tr", positive=True)
g = sp.Symbol("g", real=True)
theta = sp.Symbol("theta", real=True)
Lambda, ratio = sp.symbols("Lambda lambda_1")
DIMENSIONS = (1, 2, 3)


def printed_factor() -> sp.Expr:
    """Return tau_tr/tau."""
    rate = (1 - g) / tau
    return 1 / rate / tau


def printed_integral(vertex: sp.Expr, dimension: int) -> sp.Expr:
    """Return v_F + <w(n, n') Lambda(n')> for n along x and Lambda(n') = vertex n'_x.

    w = 1 + d g cos(theta), where theta is the angle between n' and the x axis.
    """
    if dimension == 1:
        average = sum((1 + g * c) * c for c in (1, -1)) / sp.Integer(2)
    elif dimension == 2:
        weighted = (1 + 2 * g * sp.cos(theta)) * sp.cos(theta)
        average = sp.integrate(weighted, (theta, 0, 2 * sp.pi)) / (2 * sp.pi)
    else:
        weighted = (1 + 3 * g * sp.cos(theta)) * sp.cos(theta) * sp.sin(theta)
        average = sp.integrate(weighted, (theta, 0, sp.pi)) / 2
    return v_F + vertex * average


def rung_ratio(dimension: int) -> sp.Expr:
    """Return the factor by which one rung multiplies the bubble with current vertices."""
    rules = Rules(dimension, currents=("x", "y"), anisotropy=g)
    one, none = (evaluate(ladder(rungs), rules, order=0) for rungs in (1, 0))
    return sp.simplify(one / none)


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    for d in DIMENSIONS:
        factor = vertex_correction(d, g)
        yield Comparison(f"tau_tr/tau in d = {d}", factor, printed_factor())
        yield Comparison(
            f"the integral equation in d = {d}", factor * v_F, printed_integral(factor * v_F, d)
        )


def derivation() -> Derivation:
    """Return the steps, in d = 2."""
    return Derivation(
        "Vertex correction",
        (
            Step(
                "One rung",
                (equation(ratio, rung_ratio(2)),),
                "The rung scatters from $n$ to $n'$ with the probability $1 + d g\\, n \\cdot n'$, "
                "$g = \\langle\\cos\\theta\\rangle$: of a current it leaves the fraction $g$.",
            ),
            Step(
                "All ladders",
                (equation(Lambda, vertex_correction(2, g) * v_F), equation(tau_tr, tau / (1 - g))),
                "Geometric series; the lifetime in the current becomes the transport time.",
                "S. F. Edwards, Phil. Mag. 3, 1020 (1958)",
            ),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the ladder correction of the current vertex.", arguments)
    results = [equation(Lambda, vertex_correction(2, g) * v_F)]
    return conclude(results, list(comparisons()), derivation(), tex)


if __name__ == "__main__":
    raise SystemExit(main())
