r"""Derive the weak localization of a quantum dot and compare with random-matrix theory.

H. U. Baranger, P. A. Mello, Phys. Rev. Lett. 73, 142 (1994), and R. A. Jalabert, J.-L. Pichard,
C. W. J. Beenakker, Europhys. Lett. 27, 255 (1994), have for a chaotic dot with ideal contacts

.. math:: \langle G \rangle = \frac{N_1 N_2}{N - 1 + 2/\beta}
          \approx \frac{N_1 N_2}{N} + \left(1 - \frac2\beta\right)\frac{N_1 N_2}{N^2},

in units of 2e^2/h, N = N_1 + N_2 (Kramers pairs for beta = 4); P. W. Brouwer, C. W. J. Beenakker,
Phys. Rev. B 51, 7739 (1995), with N_phi channels of a voltage probe, for beta = 1

.. math:: \delta G = -\frac{N_1 N_2}{N}\,\frac{1}{N + N_\phi}.

The first equation is exact.  It is checked at small numbers of channels, where SymPy integrates
over the transmission eigenvalues of the circular ensembles, with the weight

.. math:: \prod_{i<j} |T_i - T_j|^\beta \prod_i T_i^{\beta(|N_2 - N_1| + 1 - 2/\beta)/2}.

The second is what the trace over the soft modes gives for each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import factorial

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Conductor, Correction, magnetic, potential, spin_orbit
from cooperon.quantum_dot import dot_conductance

N_1, N_2, N_phi, tau_H, tau_phi = sp.symbols("N_1 N_2 N_phi tau_H tau_phi", positive=True)
N = N_1 + N_2
CLASSES = {1: "orthogonal", 2: "unitary", 4: "symplectic"}
SMALL = ((1, 1), (1, 3), (2, 2), (2, 3))


def printed_average(beta: int) -> sp.Expr:
    """Return <G> for any numbers of channels."""
    return N_1 * N_2 / (N - 1 + sp.Rational(2, beta))


def printed_correction(beta: int) -> sp.Expr:
    """Return delta G to leading order."""
    return (1 - sp.Rational(2, beta)) * N_1 * N_2 / N**2


def printed_dephasing() -> sp.Expr:
    """Return delta G for beta = 1 with a voltage probe."""
    return -N_1 * N_2 / N / (N + N_phi)


def average(beta: int, left: int, right: int) -> sp.Expr:
    """Return <G> by integration over the transmission eigenvalues in the order T_1 > T_2 > ..."""
    count = min(left, right)
    T = sp.symbols(f"T_1:{count + 1}", positive=True)
    power = sp.Rational(beta, 2) * (abs(right - left) + 1 - sp.Rational(2, beta))
    gaps = sp.Mul(*((T[i] - T[j]) ** beta for i in range(count) for j in range(i + 1, count)))
    weight = gaps * sp.Mul(*(t**power for t in T))
    norm, mean = (_ordered(weight * observable, T) for observable in (sp.S.One, sp.Add(*T)))
    return sp.nsimplify(sp.simplify(mean / norm))


def _ordered(integrand: sp.Expr, T: Sequence[sp.Symbol]) -> sp.Expr:
    bounds = [sp.S.One, *T]
    for t, upper in reversed(list(zip(T, bounds, strict=False))):
        integrand = sp.integrate(sp.powsimp(sp.expand(integrand)), (t, 0, upper))
    return factorial(len(T)) * integrand


def leading(beta: int) -> sp.Expr:
    """Return what is left of <G> beside N_1 N_2/N if both numbers grow alike."""
    s = sp.Symbol("s", positive=True)
    many = {N_1: s * N_1, N_2: s * N_2}
    rest = printed_average(beta) - N_1 * N_2 / N
    return sp.limit(sp.simplify(rest.subs(many, simultaneous=True)), s, sp.oo)


def derive(beta: int) -> sp.Expr:
    """Derive delta G of a class, without dephasing: a mechanism as strong as can be."""
    strong = {1: (), 2: magnetic(), 4: spin_orbit()}[beta]
    correction = dot_conductance(Conductor(2, [potential(), strong]), field=0).expression
    rate = sp.Symbol("rate", positive=True)
    times = {s: 1 / rate for s in correction.free_symbols if s.name.startswith(("tau_s", "tau_so"))}
    return sp.limit(sp.limit(correction.subs(times), rate, sp.oo), tau_phi, sp.oo)


def comparisons(dot: Correction) -> list[Comparison]:
    """Return every statement of the docstring as a comparison."""
    exact = [
        Comparison(
            f"<G> of the {CLASSES[beta]} class with {left} and {right} channels",
            average(beta, left, right),
            printed_average(beta).subs({N_1: left, N_2: right}),
        )
        for beta in CLASSES
        for left, right in SMALL
    ]
    soft = [
        Comparison(f"{source}, the {name} class", derived, printed_correction(beta))
        for beta, name in CLASSES.items()
        for source, derived in (
            ("the leading order of <G>", leading(beta)),
            ("Baranger, Mello and Jalabert, Pichard, Beenakker (1994)", derive(beta)),
        )
    ]
    dephased = dot.expression.subs(tau_phi, tau_H / N_phi)
    probe = Comparison("Brouwer, Beenakker (1995)", dephased, printed_dephasing())
    return [*exact, *soft, probe]


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the weak localization of a quantum dot.", arguments)
    dot = dot_conductance(Conductor(2, [potential()]), field=0)
    return conclude([dot], comparisons(dot), dot.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
