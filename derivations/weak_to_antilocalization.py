r"""Derive how weak localization turns into antilocalization and vanishes, class by class.

S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980): without a field the
correction of a two-dimensional metal grows with the dephasing time as

.. math:: \delta\sigma = -\alpha \frac{e^2}{2\pi^2\hbar} \ln\frac{\tau_\phi}{\tau}, \qquad
    \alpha = 1, \; -\tfrac12, \; 0

in the orthogonal, symplectic and unitary class: one half for each gapless triplet, minus one half
for a gapless singlet.  What is gapless is counted twice, by the symmetry of the Hamiltonian and
by the spectrum of the ladder; the slope is taken from the derived correction.

Two traps are in the table.  Spin-orbit scattering that conserves s_z is not symplectic: its
two spins are unitary each, and singlet and T_z cancel.  A field or magnetic impurities that
conserve s_z are not unitary: either spin is localized by itself.

Deviations: the sign of alpha is that of weak localization; both spins are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, output_paths

from cooperon import (
    SIGMA_Z,
    Conductor,
    Correction,
    magnetic,
    magnetoconductivity,
    model,
    potential,
    spin_orbit,
    symmetry_class,
    weak_localization,
)
from cooperon.symmetry import SymmetryClass
from diagrams.symbols import symbol, tau, tau_phi

HALF = sp.Rational(1, 2)
E_Z = symbol("E_Z")
NEVER = (sp.oo, sp.oo)


@dataclass(frozen=True)
class Row:
    """A metal, and what the literature says about it: its class and alpha."""

    terms: str
    conductor: Conductor
    label: str
    alpha: sp.Expr

    @cached_property
    def symmetry(self) -> SymmetryClass:
        return symmetry_class(self.conductor)

    @cached_property
    def gapless(self) -> tuple[sp.Expr, ...]:
        """Weights of the modes of the ladder that have no gap."""
        blocks = self.conductor.cooperon().blocks
        return tuple(weight for block in blocks for weight in _null_weights(block))

    @cached_property
    def slope(self) -> sp.Expr:
        """d sigma/d ln tau_phi in e^2/(pi h) for tau_phi -> oo, at tau_phi = 10^40 tau."""
        sigma = weak_localization(self.conductor).expression
        rate = sp.Symbol("rate", positive=True)
        slope = -rate * sp.diff(sigma.subs(tau_phi, 1 / rate), rate)
        others = {s: sp.Integer(10) ** 10 for s in slope.free_symbols - {rate, tau, E_Z}}
        numbers = {**others, tau: 1, E_Z: symbol("hbar") / 10**5, rate: sp.Rational(1, 10**40)}
        return sp.re(slope.subs(numbers).subs(symbol("hbar"), 1).evalf(60))


def _null_weights(block: Any) -> list[sp.Expr]:
    """Return the weights of the pair states of a block that neither relax nor precess."""
    null = block.relaxation.nullspace()
    return [sp.simplify((v.H * block.weights * v)[0] / (v.H * v)[0]) for v in null]


def rows() -> tuple[Row, ...]:
    """Return the metals of the table."""
    so, s = spin_orbit(), magnetic()
    along_z = spin_orbit(*NEVER, None), magnetic(*NEVER, None)
    rashba = model("rashba").conductor()
    both = Conductor(2, [potential()], hamiltonian=rashba.hamiltonian + E_Z * SIGMA_Z)
    zeeman = Conductor(2, [potential()], hamiltonian=E_Z * SIGMA_Z)
    return (
        Row("no spin-dependent term", Conductor(2, [potential()]), "AI", sp.S.One),
        Row("Zeeman field along z", zeeman, "AI", sp.S.One),
        Row("magnetic impurities, z", Conductor(2, [potential(), along_z[1]]), "AI", sp.S.One),
        Row("spin-orbit impurities, z", Conductor(2, [potential(), along_z[0]]), "A", sp.S.Zero),
        Row("spin-orbit impurities, xyz", Conductor(2, [potential(), so]), "AII", -HALF),
        Row("Rashba coupling", rashba, "AII", -HALF),
        Row("Rashba coupling, field along z", both, "A", sp.S.Zero),
        Row("magnetic impurities, xyz", Conductor(2, [potential(), s]), "A", sp.S.Zero),
        Row("spin-orbit and magnetic, xyz", Conductor(2, [potential(), so, s]), "A", sp.S.Zero),
    )


def printed_alpha(row: Row) -> sp.Expr:
    """Return alpha of the class of Hikami, Larkin and Nagaoka."""
    return row.alpha


def comparisons_of(row: Row) -> list[Comparison]:
    """Compare class, number and weight of gapless modes, and slope."""
    alpha = printed_alpha(row)
    return [
        Comparison(
            f"class {row.label} of {row.terms}",
            sp.Symbol(row.symmetry.label),
            sp.Symbol(row.label),
        ),
        Comparison(
            f"the number of gapless modes that the class allows, {row.terms}",
            sp.Integer(len(row.gapless)),
            sp.Integer(row.symmetry.gapless_cooperons),
        ),
        Comparison(f"alpha = {row.alpha}, {row.terms}", sp.Add(*row.gapless), alpha),
        NumericalComparison(f"the slope {-row.alpha}, {row.terms}", row.slope, -alpha, 12),
    ]


def table(metals: Sequence[Row]) -> str:
    """Return the table as text; the slope is that of the correction at tau_phi = 10^40 tau."""
    lines = [f"{'':32}class  T^2  gapless  weight  d sigma/d ln tau_phi"]
    for row in metals:
        square = f"{row.symmetry.time_reversal.square:+d}" if row.symmetry.label != "A" else "-"
        lines.append(
            f"{row.terms:32}{row.symmetry.label:5}{square:>5}{len(row.gapless):9}"
            f"{sp.Add(*row.gapless)!s:>8}{float(row.slope):+22.6f}"
        )
    return "\n".join(lines) + "\n"


def crossover(correction: Correction) -> Callable[..., Any]:
    """Return Delta sigma(B, B_phi, B_so, B_s) of numbers and arrays."""
    names = [symbol(name) for name in ("B", "B_phi", "B_so", "B_s")]
    function = sp.lambdify(names, correction.doit(), ["scipy", "numpy"])
    return lambda *values: function(*values)


def slope_without_field(so: Any, s: Any) -> Any:
    """Return d sigma/d ln tau_phi at zero field, from the derived correction, B_phi = 1."""
    sigma = weak_localization(model("hln-isotropic").conductor()).expression
    slope = tau_phi * sp.diff(sigma, tau_phi)
    times = {tau_phi: 1, tau: sp.Rational(1, 10**9)}
    names = [symbol("tau_so"), symbol("tau_s")]
    return sp.lambdify(names, slope.subs(times), "numpy")(1 / so, 1 / s)


def draw(correction: Correction, path: Path) -> None:
    """Draw the crossover from the orthogonal over the symplectic to the unitary class.

    All fields are in units of B_phi.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    _draw_curves(axes[0], correction, "B_so", {"B_s": 1e-12}, (0.03, 0.1, 0.3, 1, 3, 10, 30, 100))
    _draw_curves(axes[1], correction, "B_s", {"B_so": 1e4}, (0.03, 0.1, 0.3, 1, 3, 10, 30))
    _draw_slopes(axes[2])
    figure.savefig(path, dpi=160)
    plt.close(figure)


_LABELS: Mapping[str, str] = {"B_so": r"B_\mathrm{so}", "B_s": r"B_\mathrm{s}"}


def _draw_curves(
    axis: Any,
    correction: Correction,
    swept: str,
    fixed: Mapping[str, float],
    values: Sequence[float],
) -> None:
    """Draw Delta sigma(B) for several strengths of one mechanism, from none (black) on."""
    import matplotlib as mpl

    value, field = crossover(correction), np.geomspace(0.3, 300, 400)
    zero = 1e-12
    colours = mpl.colormaps["viridis"](np.linspace(0.05, 0.9, len(values)))

    def curve(strength: float) -> Any:
        fields = {**fixed, swept: strength}
        return value(field, 1.0, fields["B_so"], fields["B_s"])

    axis.plot(field, curve(zero), color="black", lw=2, label="0")
    for colour, strength in zip(colours, values, strict=True):
        axis.plot(field, curve(strength), color=colour, label=f"{strength:g}")
    limit = value(field, 1.0, zero, zero) * (-0.5 if swept == "B_so" else 0)
    axis.plot(field, limit, "k--", lw=1.2, label=r"$\infty$")
    axis.set(xscale="log", xlim=(field[0], field[-1]), xlabel=r"$B/B_\varphi$")
    axis.set_ylabel(r"$\Delta\sigma\ /\ (e^2/\pi h)$")
    titles = {
        "B_so": "orthogonal to symplectic: spin-orbit impurities",
        "B_s": "symplectic to unitary: magnetic impurities",
    }
    axis.set_title(titles[swept], fontsize=10.5)
    axis.legend(title=rf"${_LABELS[swept]}/B_\varphi$", frameon=False, fontsize=8.5)
    if swept == "B_s":
        axis.text(0.35, -0.62, r"$B_\mathrm{so} = 10^4 B_\varphi$", fontsize=9)


def _draw_slopes(axis: Any) -> None:
    """Draw d sigma/d ln tau_phi against spin-orbit strength, for several magnetic strengths."""
    import matplotlib as mpl

    strengths = np.geomspace(1e-3, 1e3, 300)
    magnetic_fields = (0, 0.03, 0.1, 0.3, 1, 10)
    colours = ["black", *mpl.colormaps["plasma"](np.linspace(0.1, 0.85, 5))]
    for colour, s in zip(colours, magnetic_fields, strict=True):
        slope = slope_without_field(strengths, max(s, 1e-12))
        axis.plot(strengths, slope, color=colour, lw=2 if s == 0 else 1.5, label=f"{s:g}")
    for level, name, x in (
        (-1, "orthogonal", 40),
        (0, "unitary", 1.2e-3),
        (0.5, "symplectic", 1.2e-3),
    ):
        axis.axhline(level, color="0.6", lw=0.8, ls=":")
        axis.text(x, level + 0.02, name, fontsize=8.5, color="0.35")
    axis.set(xscale="log", xlim=(1e-3, 1e3), ylim=(-1.1, 0.62))
    axis.set_xlabel(r"$B_\mathrm{so}/B_\varphi = \tau_\varphi/\tau_\mathrm{so}$")
    axis.set_ylabel(r"$d\sigma/d\ln\tau_\varphi\ /\ (e^2/\pi h)$")
    axis.set_title("slope without a field", fontsize=10.5)
    axis.legend(title=r"$B_\mathrm{s}/B_\varphi$", frameon=False, fontsize=8.5, loc=(0.72, 0.2))


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex, figure = output_paths(
        "Derive the weights of the soft modes in each symmetry class.",
        arguments,
        tex="write the derivation here",
        figure="draw the crossover between the classes here (PNG, PDF, SVG)",
    )
    metals = rows()
    print(table(metals))
    correction = magnetoconductivity(model("hln-isotropic").conductor())
    comparisons = [comparison for row in metals for comparison in comparisons_of(row)]
    if figure is not None:
        draw(correction, figure)
        print(f"drew {figure}\n")
    return conclude([correction], comparisons, correction.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
