r"""Derive the Hikami boxes and the prefactor of weak localization, and compare.

S. Hikami, Phys. Rev. B 24, 2671 (1981); L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii,
JETP Lett. 30, 228 (1979). With momenta q_1 ... q_4 that enter at the corners,

.. math::
    H_0 &= 4\pi\nu\tau^3, \quad H_R = H_A = -2\pi\nu\tau^3 \quad (q_i = 0), \\
    H &= 2\pi\nu D\tau^4 \left[\tfrac12 \sum_i q_i^2 - q_1 \cdot q_3 - q_2 \cdot q_4\right],

and with two current vertices, for scatterers with g = <cos theta>,

.. math::
    H_0 = -4\pi\nu\tau^3 \frac{v_F^2}{d} \frac{\tau_{tr}^2}{\tau^2}, \quad
    H_R = H_A = 2\pi\nu\tau^3 \frac{v_F^2}{d} g \frac{\tau_{tr}^2}{\tau^2}, \quad
    H_0 + H_R + H_A = -4\pi\nu\tau^2 D,

and the correction -(2 e^2 D/(pi hbar)) int d^d q/(2 pi)^d 1/(D q^2 - i omega + 1/tau_phi).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation, Step
from cooperon.derivation import equation
from diagrams import conductivity_boxes, density_boxes, interference_correction
from diagrams.blocks import diffusion_constant
from diagrams.corrections import interference_corrections

e, hbar, nu, v_F, tau, D = sp.symbols("e hbar nu v_F tau D", positive=True)
g = sp.Symbol("g", real=True)
H, H_0, H_R, H_A, c_0 = sp.symbols("H H_0 H_R H_A c_0")
DIMENSIONS = (1, 2, 3)

Vector = tuple[sp.Expr, ...]


def printed_density_box(corners: Sequence[Vector]) -> sp.Expr:
    """Return 2 pi nu D tau^4 [sum q_i^2/2 - q_1.q_3 - q_2.q_4]."""
    squares = sum(_dot(corner, corner) for corner in corners) / 2
    opposite = _dot(corners[0], corners[2]) + _dot(corners[1], corners[3])
    return 2 * sp.pi * nu * D * tau**4 * (squares - opposite)


def printed_parts() -> tuple[sp.Expr, sp.Expr]:
    """Return the bare density box and a dressed one at zero momenta."""
    return 4 * sp.pi * nu * tau**3, -2 * sp.pi * nu * tau**3


def printed_conductivity_parts(dimension: int) -> tuple[sp.Expr, sp.Expr]:
    """Return the bare box and a dressed one with current vertices."""
    bare = -4 * sp.pi * nu * tau**3 * v_F**2 / dimension / (1 - g) ** 2
    return bare, 2 * sp.pi * nu * tau**3 * v_F**2 / dimension * g / (1 - g) ** 2


def printed_conductivity_box() -> sp.Expr:
    """Return the universal sum -4 pi nu tau^2 D, with the D of transport."""
    return -4 * sp.pi * nu * tau**2 * D


def printed_correction() -> sp.Expr:
    """Return the factor of the integral over the Cooperon."""
    return -2 * e**2 * D / (sp.pi * hbar)


def _dot(a: Vector, b: Vector) -> sp.Expr:
    return sum(x * y for x, y in zip(a, b, strict=True))


def corner_momenta(dimension: int) -> list[Vector]:
    """Return four momenta that add up to zero: three free ones in d < 3, two in d = 3."""
    free = [sp.symbols(f"{letter}_:{dimension}", real=True) for letter in "abc"]
    if dimension == 3:
        free[2] = tuple(-component for component in free[0])
    return [*free, tuple(-sum(parts) for parts in zip(*free, strict=True))]


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    for d in DIMENSIONS:
        at_rest = density_boxes(d, [(sp.S.Zero,) * d] * 4)
        bare, dressed = printed_parts()
        yield Comparison(f"the bare box in d = {d}", at_rest.bare, bare)
        yield Comparison(f"the dressed box in d = {d}", at_rest.dressed_retarded, dressed)
        yield Comparison(f"its partner in d = {d}", at_rest.dressed_advanced, dressed)
        corners = corner_momenta(d)
        yield Comparison(
            f"the momenta of the box in d = {d}",
            density_boxes(d, corners).total,
            printed_density_box(corners),
        )
        yield from conductivity_comparisons(d)


def conductivity_comparisons(d: int) -> Iterable[Comparison]:
    """Yield the statements on the boxes with current vertices."""
    boxes, transport = conductivity_boxes(d, g), diffusion_constant(d, g)
    bare, dressed = printed_conductivity_parts(d)
    yield Comparison(f"the bare current box in d = {d}", boxes.bare.subs(D, transport), bare)
    for part in (boxes.dressed_retarded, boxes.dressed_advanced):
        yield Comparison(f"the dressed current box in d = {d}", part.subs(D, transport), dressed)
    yield Comparison(f"their sum in d = {d}", boxes.total, printed_conductivity_box())
    yield Comparison(
        f"the prefactor of weak localization in d = {d}",
        interference_correction(d),
        printed_correction(),
    )


def derivation() -> Derivation:
    """Return the steps, in d = 2."""
    q, Q = sp.symbols("q Q", real=True)
    density = density_boxes(2, [(q, 0), (0, Q), (-q, 0), (0, -Q)])
    current = conductivity_boxes(2, g)
    found = ", ".join(f"({skeleton.diagram})" for skeleton in interference_corrections(1))
    return Derivation(
        "Hikami boxes",
        (
            Step(
                "Diagrams",
                (),
                "All bubbles of first order in $1/(k_F l)$ with one Cooperon, found by "
                f"enumeration and written with one rung: {found}.",
                "S. Hikami, Phys. Rev. B 24, 2671 (1981)",
            ),
            Step(
                "Box with four soft modes",
                (equation(H, density.total),),
                "Bare and dressed boxes cancel at zero momenta, by conservation of particles; "
                "here $q$ and $Q$ enter at opposite corners.",
            ),
            Step(
                "Box with two current vertices",
                (
                    equation(H_0, current.bare),
                    equation(H_R, current.dressed_retarded),
                    equation(H_A, current.dressed_advanced),
                    equation(H, current.total),
                ),
                "Anisotropic scatterers with $g = \\langle\\cos\\theta\\rangle$; the sum contains "
                "$g$ only through the $D$ of transport.",
            ),
            Step(
                "Weak localization",
                (equation(c_0, interference_correction(2)),),
                "Factor of $\\int d^d q/(2\\pi)^d\\,(D q^2 - i\\omega + 1/\\tau_\\phi)^{-1}$, both "
                "spins counted.",
                "L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979)",
            ),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the Hikami boxes and the prefactor of weak localization.", arguments)
    results = [equation(H, conductivity_boxes(2).total), equation(c_0, interference_correction(2))]
    return conclude(results, list(comparisons()), derivation(), tex)


if __name__ == "__main__":
    raise SystemExit(main())
