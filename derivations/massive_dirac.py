r"""Derive the crossover of a massive Dirac surface, and see where its two-mode form holds.

H.-Z. Lu, J. Shi, S.-Q. Shen, Phys. Rev. Lett. 107, 076801 (2011), for potential disorder, with
a = cos(Theta/2), b = sin(Theta/2), cos(Theta) = Delta/(2 E_F) = m/E_F and l = v_F tau:

.. math:: \Delta\sigma(B) = \frac{e^2}{\pi h} \sum_{i=0,1} \alpha_i
          \Psi\left(\frac{B_\phi + B_i}{B}\right), \quad B_i = \frac{\hbar}{4 e L_i^2},

.. math:: \alpha_1 = -\frac{a^4 b^4}{(a^4+b^4)(a^4+b^4-a^2b^2)}, \quad
   \frac{l^2}{L_1^2} = \frac{2 a^2 b^2 (a^2-b^2)^2}{(a^4+b^4)^2},

.. math:: \alpha_0 = \frac{(a^4+b^4)(a^2-b^2)^2}{2 (a^4+b^4-a^2b^2)^2}, \quad
   \frac{l^2}{L_0^2} = \frac{2 b^4 (a^2-b^2)^2}{a^4 (a^4+b^4-a^2b^2)}.

The paper expands the Cooperon around q = 0 mode by mode and gives every mode the same sum of
Hikami boxes, up to a sign, 1/eta_v with eta_v = (a^4+b^4)/(a^4+b^4-a^2b^2).  Derived here: that
sum is right for the modes 0 and 2, while that of mode 1 is 1/2 for any mass; and the Cooperon
exact in q has one pole, whose weight goes from -1/2 to 1/2.  The printed form agrees with that
pole near both ends, to the orders compared below, and not in between.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

import mpmath as mp
import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Conductor, Derivation, Step, potential
from cooperon.band import Band
from cooperon.derivation import equation
from cooperon.directions import n_x, n_y
from cooperon.exact_poles import ExactPole, exact_poles
from cooperon.expanded_modes import ExpandedMode, expanded_modes
from cooperon.internal import PSEUDOSPIN, Matrix
from cooperon.massive_surface import massive_surface

SOURCE = "Lu, Shi, Shen, Phys. Rev. Lett. 107, 076801 (2011)"
t, a, b, c = sp.symbols("t a b c", positive=True)
HALF_ANGLE = {a: 1 / sp.sqrt(1 + t**2), b: t / sp.sqrt(1 + t**2)}
COSINE = {a: sp.sqrt((1 + c) / 2), b: sp.sqrt((1 - c) / 2)}
_NORM = a**4 + b**4
_REDUCED = a**4 + b**4 - a**2 * b**2
MASSES = ("0", "0.05", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1")


def printed_weights() -> tuple[sp.Expr, sp.Expr]:
    """Return alpha_0 and alpha_1."""
    weight_0 = _NORM * (a**2 - b**2) ** 2 / (2 * _REDUCED**2)
    return weight_0, -(a**4) * b**4 / (_NORM * _REDUCED)


def printed_gaps() -> tuple[sp.Expr, sp.Expr]:
    """Return l^2/L_0^2 and l^2/L_1^2."""
    gap_0 = 2 * b**4 * (a**2 - b**2) ** 2 / (a**4 * _REDUCED)
    return gap_0, 2 * a**2 * b**2 * (a**2 - b**2) ** 2 / _NORM**2


def printed_dressing() -> sp.Expr:
    """Return eta_v."""
    return _NORM / _REDUCED


def symbolic_surface() -> Conductor:
    """Return the surface with t = tan(Theta/2), in which its projector is rational."""
    ring = n_x + sp.I * n_y
    projector = sp.Matrix([[1, t * sp.conjugate(ring)], [t * ring, t**2]]) / (1 + t**2)
    band = Band("massive cone", Matrix(projector.subs(sp.conjugate(ring), n_x - sp.I * n_y)))
    return Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=band)


def with_uniform_box(mode: ExpandedMode) -> sp.Expr:
    """Return the weight of a mode with the box of the paper, +-1/eta_v."""
    box = mode.parity / printed_dressing().subs(HALF_ANGLE)
    return mode.weight / mode.box * box


def mode_comparisons(modes: Sequence[ExpandedMode]) -> Iterable[Comparison]:
    """Yield the statements on the expanded Cooperon, as identities in the mass."""
    named = {0: modes[2], 1: modes[1]}
    for i, mode in named.items():
        gap, weight = printed_gaps()[i], printed_weights()[i]
        yield Comparison(f"l^2/L_{i}^2 of {SOURCE}", mode.gap, gap.subs(HALF_ANGLE))
        yield Comparison(
            f"alpha_{i} of {SOURCE}, with its boxes",
            with_uniform_box(mode),
            weight.subs(HALF_ANGLE),
        )
    inverse = (1 / printed_dressing()).subs(HALF_ANGLE)
    yield Comparison("1/eta_v, the exact boxes of mode 0", modes[0].box, inverse)
    yield Comparison("1/eta_v, the exact boxes of mode 2", modes[2].box, inverse)
    yield Comparison("-1/2, the exact boxes of mode 1", modes[1].box, -sp.Rational(1, 2))


def pole(mass: sp.Rational, digits: int = 15) -> ExactPole:
    """Return the only pole of the exact Cooperon."""
    (found,) = exact_poles(massive_surface(mass), digits=digits)
    return found


def leading_coefficient(
    values: Sequence[mp.mpf], steps: Sequence[mp.mpf], power: int
) -> sp.Rational:
    """Return the limit of value/step^power at small steps h and h/10, corrected to order h."""
    ratios = [value / step**power for value, step in zip(values, steps, strict=True)]
    limit = (10 * ratios[1] - ratios[0]) / 9
    return sp.nsimplify(sp.Float(limit, 15), rational=True, tolerance=1e-5)


def limit_comparisons() -> Iterable[Comparison]:
    """Yield the statements on the exact pole near cos(Theta) = 0 and 1.

    The coefficients of the exact pole are those rational numbers that its values at
    distances 10^-4 and 10^-5 from the end approach.
    """
    distance = [sp.Rational(1, 10**4), sp.Rational(1, 10**5)]
    steps = [mp.mpf(h.p) / h.q for h in distance]
    (gap_0, gap_1), (alpha_0, alpha_1) = (
        [printed.subs(COSINE) for printed in both()] for both in (printed_gaps, printed_weights)
    )
    total = alpha_0 + alpha_1
    light = [pole(h, 30) for h in distance]
    heavy = [pole(1 - h, 30) for h in distance]
    half = mp.mpf(1) / 2
    yield Comparison(f"alpha_1 of {SOURCE} at m = 0", _rational(pole(sp.S.Zero)), total.subs(c, 0))
    yield Comparison(f"alpha_0 of {SOURCE} at m = E_F", _rational(pole(sp.S.One)), total.subs(c, 1))
    yield Comparison(
        "l^2/L_1^2 to order m^2 near m = 0",
        leading_coefficient([p.gap for p in light], steps, 2),
        sp.series(gap_1, c, 0, 3).removeO().coeff(c, 2),
    )
    yield Comparison(
        "alpha_0 + alpha_1 to order m^2 near m = 0",
        leading_coefficient([p.weight + half for p in light], steps, 2),
        sp.series(total, c, 0, 3).removeO().coeff(c, 2),
    )
    near_one = {c: 1 - t}
    yield Comparison(
        "l^2/L_0^2 to order (E_F - m)^2 near m = E_F",
        leading_coefficient([p.gap for p in heavy], steps, 2),
        sp.series(gap_0.subs(near_one), t, 0, 3).removeO().coeff(t, 2),
    )
    yield Comparison(
        "alpha_0 + alpha_1 to order E_F - m near m = E_F",
        leading_coefficient([p.weight - half for p in heavy], steps, 1),
        sp.series(total.subs(near_one), t, 0, 2).removeO().coeff(t, 1),
    )


def _rational(found: ExactPole) -> sp.Rational:
    return sp.nsimplify(sp.Float(found.weight, 15), rational=True, tolerance=1e-12)


def printed_at(mass: str) -> list[sp.Float]:
    """Return l^2/L_1^2, l^2/L_0^2 and alpha_1, alpha_0 at cos(Theta) = `mass`."""
    values = (*reversed(printed_gaps()), *reversed(printed_weights()))
    return [sp.N(value.subs(COSINE).subs(c, sp.Rational(mass))) for value in values]


def table() -> list[str]:
    """Return the exact pole beside the printed modes, one line for each mass."""
    lines = ["m/E_F   exact: l^2/L_p^2   alpha_p   printed: l^2/L_1^2  l^2/L_0^2  sum of alpha"]
    for mass in MASSES:
        exact, (gap_1, gap_0, weight_1, weight_0) = pole(sp.Rational(mass)), printed_at(mass)
        lines.append(
            f"{mass:<6} {float(exact.gap):>17.6f} {float(exact.weight):>10.6f} "
            f"{float(gap_1):>19.6f} {float(gap_0):>10.6f} {float(weight_0 + weight_1):>11.6f}"
        )
    return lines


def vanishing_mass(digits: int = 12) -> mp.mpf:
    """Return cos(Theta) at which the weight of the exact pole vanishes."""
    with mp.workdps(digits + 6):
        return mp.findroot(
            lambda mass: pole(sp.Rational(str(mass)), digits + 3).weight,
            (mp.mpf("0.318"), mp.mpf("0.32")),
            tol=mp.mpf(10) ** (-2 * digits),
        )


def derivation(modes: Sequence[ExpandedMode], vanishing: mp.mpf) -> Derivation:
    """Return the steps."""
    band = symbolic_surface().band
    return Derivation(
        "Massive Dirac surface",
        (
            Step(
                "Band",
                (equation(sp.Symbol("P(n)"), band.projector),),
                "Only the upper band is at the Fermi level, with $t = \\tan(\\Theta/2)$ and "
                "$\\cos\\Theta = m/E_F$; the disorder is a potential.",
            ),
            Step(
                "Eigenvalues of the in-rate",
                _listed("z", [mode.strength for mode in modes]),
                "In units of the out-rate, one for each of the harmonics 0, 1, 2 of the pair; a "
                "mode is soft where $z_m = 1$.",
                SOURCE,
            ),
            Step(
                "Modes to second order in the wave vector",
                _listed("u", [mode.gap for mode in modes]),
                "$u_m = l^2/L_m^2$: each mode is kept in turn and the others are eliminated. Mode "
                "2 is $L_0$ of the paper and mode 1 is $L_1$; mode 0 is dropped there.",
                SOURCE,
            ),
            Step(
                "Hikami boxes",
                _listed("H", [mode.box for mode in modes]),
                "Bare and dressed boxes in units of the classical one. The paper takes the factor "
                "of modes 0 and 2 for mode 1 as well, which holds at $m = 0$.",
            ),
            Step(
                "Weights with these boxes",
                _listed("alpha", [mode.weight for mode in modes]),
                "In units of $e^2/(\\pi h)$.",
            ),
            Step(
                "The exact pole",
                (equation(sp.Symbol("c_0"), sp.Float(vanishing, 6)),),
                "The Cooperon exact in $q$ has one pole; its weight runs from $-1/2$ at "
                "$\\cos\\Theta = 0$ to $1/2$ at 1 and vanishes at $\\cos\\Theta = c_0$.",
            ),
        ),
    )


def _listed(letter: str, values: Sequence[sp.Expr]) -> tuple[sp.Eq, ...]:
    return tuple(equation(sp.Symbol(f"{letter}_{m}"), value) for m, value in enumerate(values))


def draw(path: Path) -> None:
    """Draw the weight of the exact pole and the printed sum of weights over the mass."""
    from matplotlib.figure import Figure

    masses = [sp.Rational(k, 40) for k in range(41)]
    exact = [float(pole(mass).weight) for mass in masses]
    printed = [float(sum(printed_at(str(mass))[2:])) for mass in masses]
    figure = Figure(figsize=(5, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([float(mass) for mass in masses], exact, label="exact pole")
    axes.plot([float(mass) for mass in masses], printed, "--", label=r"printed $\alpha_0+\alpha_1$")
    axes.axhline(0, color="0.7", linewidth=0.8)
    axes.set_xlabel(r"$\cos\Theta = m/E_F$")
    axes.set_ylabel(r"weight $\alpha$")
    axes.legend()
    figure.savefig(path)


def figure_path(arguments: Sequence[str] | None) -> tuple[Path | None, list[str]]:
    """Return the file named by `--figure` and the other arguments."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--figure", type=Path, metavar="FILE")
    known, others = parser.parse_known_args(arguments)
    if known.figure is not None and known.figure.exists():
        parser.error(f"{known.figure} exists and is left as it is; name another file or remove it.")
    return known.figure, others


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    figure, others = figure_path(arguments)
    tex = tex_path(
        "Derive the crossover of a massive Dirac surface; --figure FILE draws the weights.", others
    )
    modes = expanded_modes(symbolic_surface())
    print("\n".join(table()))
    vanishing = vanishing_mass()
    print(f"the weight of the exact pole vanishes at m/E_F = {mp.nstr(vanishing, 11)}")
    gaps = _listed("u", [mode.gap for mode in modes])
    comparisons = [*mode_comparisons(modes), *limit_comparisons()]
    status = conclude(gaps, comparisons, derivation(modes, vanishing), tex)
    if figure is not None:
        draw(figure)
        print(f"wrote {figure}")
    return status


if __name__ == "__main__":
    raise SystemExit(main())
