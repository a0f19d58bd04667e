r"""Derive the Cooperon of Rashba and Dresselhaus coupling together, and its persistent spin helix.

F. G. Pikus, G. E. Pikus, Phys. Rev. B 51, 16928 (1995): the triplets of a [001] quantum well
with both couplings, with matrices (S_a)_bc = -i epsilon_abc of total spin 1, obey

.. math:: \mathcal H = D (Q_x + q_\beta S_x - q_\alpha S_y)^2
    + D (Q_y + q_\alpha S_x - q_\beta S_y)^2
    + \frac{S_x^2 + S_y^2}{\tau_3} + \frac{1}{\tau_\phi}, \qquad
    q_{\alpha, \beta} = \frac{2 m (\alpha, \beta)}{\hbar^2}.

B. A. Bernevig, J. Orenstein, S.-C. Zhang, Phys. Rev. Lett. 97, 236601 (2006): for alpha = +-beta
both components of the vector potential are multiples of one spin component, a position-dependent
rotation of the spin removes them, and no spin relaxes: the persistent spin helix.  Weak
localization then is that of the orthogonal class, whatever the strength of the coupling.  The cubic
coupling is not removed; it gives all triplets a gap and restores antilocalization.

Deviations: rates and wave vectors are written as fields, D q_alpha^2 = 4 e D B_R/hbar,
D q_beta^2 = 4 e D B_D/hbar; h = alpha (k_y sigma_x - k_x sigma_y) + beta (k_x sigma_x - k_y
sigma_y) fixes the relative sign of alpha and beta; as in the paper the third harmonic of the
splitting enters by its rate alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    BandTrace,
    Conductor,
    Correction,
    HikamiFunction,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
)
from diagrams.symbols import B, B_phi, hbar, symbol, tau
from numerics import compile, double_precision

B_R, B_D, B_3 = (symbol(f"B_{name}") for name in "RD3")
ONE = sp.eye(3)
S_x, S_y, S_z = (
    sp.Matrix(3, 3, lambda b, c, a=a: -sp.I * sp.LeviCivita(a, b, c)) for a in range(3)
)
IN_PLANE = S_x**2 + S_y**2

# Rashba and Dresselhaus, with and without cubic coupling: the full block-tridiagonal matrix of
# 6800 Landau levels inverted, minus the integral over Q, extrapolated; good to eleven digits.
INVERTED = (
    ({"B": "1e-3", "B_phi": "1e-4", "B_R": "2e-3", "B_D": "1.5e-3", "B_3": "0"}, "0.565013912265"),
    ({"B": "5e-3", "B_phi": "1e-4", "B_R": "2e-3", "B_D": "1e-3", "B_3": "5e-4"}, "-0.34379799049"),
    (
        {"B": "1e-2", "B_phi": "2e-4", "B_R": "1e-3", "B_D": "4e-3", "B_3": "1e-3"},
        "-0.478758560197",
    ),
)
HELIX = {"B": "1e-3", "B_phi": "1e-4", "B_R": "2e-3", "B_D": "2e-3", "B_3": "0"}


def printed_couplings(alpha: sp.Expr, beta: sp.Expr) -> tuple[sp.Matrix, sp.Matrix]:
    """Return the vector potential (q_beta S_x - q_alpha S_y, q_alpha S_x - q_beta S_y)."""
    return beta * S_x - alpha * S_y, alpha * S_x - beta * S_y


def printed_relaxation(alpha: sp.Expr, beta: sp.Expr) -> sp.Matrix:
    """Return the operator at Q = 0 as fields."""
    a_x, a_y = printed_couplings(alpha, beta)
    return a_x**2 + a_y**2 + B_3 * IN_PLANE + B_phi * ONE


def printed_helix() -> sp.Expr:
    """Return the correction without spin-orbit coupling."""
    return HikamiFunction(B, B_phi)


def printed_helix_gaps() -> tuple[sp.Expr, ...]:
    """Return what cubic coupling does to the helix, spiralling about an axis in the plane.

    Spin along the axis relaxes as an in-plane spin, at B_3; the two helices are half in the plane
    and half along the growth direction, so that they relax at (1 + 2)/2 B_3.
    """
    return sp.Rational(3, 2) * B_3, B_3, sp.Rational(3, 2) * B_3


def well(sign: int) -> Conductor:
    """Return the well with alpha = sign * beta and no cubic coupling."""
    dresselhaus = n_x * SIGMA_X - n_y * SIGMA_Y
    rashba = n_y * SIGMA_X - n_x * SIGMA_Y
    strength = hbar / sp.sqrt(2 * tau * symbol("tau_D"))
    return Conductor(2, [potential()], hamiltonian=strength * (dresselhaus + sign * rashba))


def triplet(correction: Correction) -> Mapping[str, sp.ImmutableDenseMatrix]:
    """Return the derived matrices C_x, C_y, G of the triplets."""
    (trace,) = correction.expression.atoms(BandTrace)
    return trace.matrices


def equal(source: str, derived: sp.MatrixBase, printed: sp.MatrixBase) -> Comparison:
    """Compare two matrices in x^T M y with arbitrary x and y."""
    x, y = (sp.Matrix(sp.symbols(f"{name}_1:4")) for name in "xy")
    return Comparison(source, (x.T * derived * y)[0], (x.T * printed * y)[0])


def matrix_comparisons(correction: Correction) -> list[Comparison]:
    """Compare the operator of the triplets with that of Pikus and Pikus."""
    alpha, beta = sp.sqrt(B_R), sp.sqrt(B_D)
    derived = triplet(correction)
    a_x, a_y = printed_couplings(alpha, beta)
    paper = "Pikus, Pikus, Phys. Rev. B 51, 16928 (1995)"
    return [
        equal(f"the coupling to Q_x of {paper}", derived["C_x"], a_x),
        equal(f"the coupling to Q_y of {paper}", derived["C_y"], a_y),
        equal(f"the relaxation at Q = 0 of {paper}", derived["G"], printed_relaxation(alpha, beta)),
    ]


def helix_comparisons(sign: int) -> list[Comparison]:
    """Show that the vector potential of alpha = sign * beta is a pure gauge.

    Its components commute, so that (Q + A)^2 = U^+ Q^2 U with a spin rotation U that depends on
    position, and U commutes with what remains.
    """
    m = triplet(magnetoconductivity(well(sign)))
    c_x, c_y = m["C_x"], m["C_y"]
    at = f"of the helix alpha = {'+' if sign > 0 else '-'}beta"
    return [
        equal(f"a vanishing commutator [A_x, A_y] {at}", c_x * c_y - c_y * c_x, 0 * ONE),
        equal(f"G = A^2 + B_phi {at}: no triplet relaxes", m["G"] - c_x**2 - c_y**2, B_phi * ONE),
    ]


def gap_comparisons(correction: Correction) -> list[Comparison]:
    """Project what is left of G beyond A^2 on the helix, by states of S_x - S_y."""
    m = triplet(correction)
    left = m["G"] - m["C_x"] ** 2 - m["C_y"] ** 2 - B_phi * ONE
    axis = (S_x - S_y) / sp.sqrt(2)
    states = [((axis - m * ONE).nullspace()[0]).normalized() for m in (-1, 0, 1)]
    return [
        Comparison(f"the gap of the helix m = {m} by cubic coupling", (v.H * left * v)[0], printed)
        for m, v, printed in zip((-1, 0, 1), states, printed_helix_gaps(), strict=True)
    ]


def value_comparisons(correction: Correction) -> list[Comparison]:
    """Compare numbers: matrices inverted, and the helix at any strength of the coupling."""
    with double_precision():
        value = compile(correction, probe=False)
        found: list[Comparison] = [
            NumericalComparison(
                f"the matrix inverted numerically at {_at(p)}", _call(value, p), sp.Float(number), 9
            )
            for p, number in INVERTED
        ]
        strengths = [HELIX | {"B_R": h, "B_D": h} for h in ("1e-4", "2e-3", "1e-2")]
        found += [
            NumericalComparison(
                f"the orthogonal class at {_at(p)}",
                _call(value, p),
                printed_helix().subs({B: sp.Rational(p["B"]), B_phi: sp.Rational(p["B_phi"])}),
                9,
            )
            for p in strengths
        ]
        for cubic in ("0", "2e-5", "2e-4", "2e-3"):
            point = HELIX | {"B_3": cubic}
            print(f"Delta sigma = {float(_call(value, point)):+.6f} e^2/(pi h) at {_at(point)}")
    print()
    return found


def _call(value: Callable[..., object], point: Mapping[str, str]) -> sp.Expr:
    return sp.Float(float(value(**{name: float(x) for name, x in point.items()})))  # type: ignore[arg-type]


def _at(point: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {x}" for name, x in point.items())


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Pikus, Pikus (1995) and the persistent spin helix.", arguments)
    correction = magnetoconductivity(model("rashba-dresselhaus").conductor())
    comparisons = [
        *matrix_comparisons(correction),
        *helix_comparisons(1),
        *helix_comparisons(-1),
        *gap_comparisons(correction),
        *value_comparisons(correction),
    ]
    return conclude([correction], comparisons, correction.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
