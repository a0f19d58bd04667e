r"""Derive the dephasing by a field in a channel narrower than the mean free path.

C. W. J. Beenakker, H. van Houten, Phys. Rev. B 38, 3232 (1988), with both spins counted:

.. math:: \delta\sigma_1 = -\frac{e^2}{\pi\hbar} \left\{
    \left[\frac{1}{D\tau_\phi} + \frac{1}{D\tau_B}\right]^{-1/2} -
    \left[\frac{1}{D\tau_\phi} + \frac{1}{D\tau_B} + \frac{1}{D\tau}\right]^{-1/2} \right\},

    \tau_B = C_1 \frac{l_B^4}{W^3 v_F} + C_2 \frac{l\, l_B^2}{W^2 v_F},

for W << l, with C_1 = 9.5 and C_2 = 24/5 for specular, C_1 = 4 pi and C_2 = 3 for diffuse walls.
9.5 is pi^5/(31 zeta(5)); in a film in a parallel field it becomes 4 pi^4/(31 zeta(5)) and 4 pi
becomes 16, the limits of V. K. Dugaev, D. E. Khmelnitsky, Sov. Phys. JETP 59, 1038 (1984).

In a weak field the bouncing between specular walls is summed for any l/W; the limits are W << l
above and tau_B = 3 l_B^4/(W^2 D) for l << W, B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499
(1981).

Deviations: SI units; equations as commonly quoted, without their numbers; conductance times length.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import Derivation
from cooperon.ballistic_wire import Channel, field_rate, weak_field_rate
from cooperon.flux_cancellation import FluxCancellation
from diagrams.conductivity import interference_correction
from diagrams.symbols import B, D, e, hbar, symbol, tau, tau_phi, v_F

W, path = symbol("width"), symbol("l")
b, l_B, x = sp.symbols("b l_B x", positive=True)


def printed_constants() -> dict[tuple[str, int], tuple[sp.Expr, sp.Expr]]:
    """Return (C_1, C_2) of the walls and the dimension of the Fermi surface."""
    zeta = 31 * sp.zeta(5)
    return {
        ("specular", 2): (sp.pi**5 / zeta, sp.Rational(24, 5)),
        ("diffuse", 2): (4 * sp.pi, sp.S(3)),
        ("specular", 3): (4 * sp.pi**4 / zeta, sp.Rational(24, 5)),
        ("diffuse", 3): (sp.S(16), sp.S(3)),
    }


def printed_time(walls: str) -> sp.Expr:
    """Return tau_B of a wire."""
    C_1, C_2 = printed_constants()[walls, 2]
    return C_1 * l_B**4 / (W**3 * v_F) + C_2 * path * l_B**2 / (W**2 * v_F)


def printed_correction() -> sp.Expr:
    """Return delta sigma_1 with 1/tau_B by specular walls."""
    rate = 1 / (D * tau_phi) + 1 / (D * printed_time("specular"))
    return -(e**2) / (sp.pi * hbar) * (1 / sp.sqrt(rate) - 1 / sp.sqrt(rate + 1 / (D * tau)))


def printed_diffusive_time() -> sp.Expr:
    """Return tau_B of Altshuler and Aronov."""
    return 3 * l_B**4 / (W**2 * D)


def in_lengths(rate: sp.Expr) -> sp.Expr:
    """Write the field by l_B and D by v_F = 2 D/l."""
    return rate.subs(B, hbar / (e * l_B**2)).subs(D, v_F * path / 2)


def derive_correction() -> sp.Expr:
    """Derive delta sigma_1: the factor 1 - exp(-t/tau) on paths of duration t, and the rate."""
    k, z = sp.symbols("k z", positive=True)
    trace = sp.integrate(1 / (D * k**2 + z), (k, 0, sp.oo)) / sp.pi
    rate = 1 / tau_phi + field_rate()
    return interference_correction(1) * (trace.subs(z, rate) - trace.subs(z, rate + 1 / tau))


def comparisons() -> list[Comparison]:
    """Return the statements of the docstring."""
    found = []
    for (walls, dimension), printed in printed_constants().items():
        shape = f"{walls} walls of a {'wire' if dimension == 2 else 'film'}"
        channel = Channel(walls, dimension)
        found += [
            Comparison(f"C_1 of {shape}", channel.C_1, printed[0]),
            Comparison(f"C_2 of {shape}", channel.C_2, printed[1]),
        ]
    found += [
        Comparison(
            f"tau_B of {walls} walls", 1 / in_lengths(field_rate(walls=walls)), printed_time(walls)
        )
        for walls in ("specular", "diffuse")
    ]
    weak = in_lengths(weak_field_rate())
    clean = sp.limit(weak.subs(FluxCancellation(path / W), tail().subs(x, path / W)), path, sp.oo)
    dirty = weak_field_rate().subs(B, hbar / (e * l_B**2)).subs(path, 0)
    return [
        *found,
        Comparison(
            "Beenakker, van Houten, Phys. Rev. B 38, 3232 (1988)",
            in_lengths(derive_correction()),
            printed_correction().subs(D, v_F * path / 2),
        ),
        Comparison(
            "the weak field and W << l of the sum over harmonics",
            clean,
            sp.limit(1 / printed_time("specular") / l_B**-4, l_B, sp.oo) * l_B**-4,
        ),
        Comparison("its limit l << W", dirty, 1 / printed_diffusive_time()),
        NumericalComparison("9.5, to the digits printed", Channel().C_1, sp.Float("9.5", 30), 1),
    ]


def tail() -> sp.Expr:
    """Return the leading term of S(x) for large x, from its harmonics."""
    m = sp.Symbol("m", integer=True, nonnegative=True)
    term = FluxCancellation(x).doit().function
    leading = sp.limit(term * x, x, sp.oo) / x
    return sp.summation(leading, (m, 0, sp.oo)).rewrite(sp.zeta)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Beenakker, van Houten, Phys. Rev. B 38, 3232 (1988).", arguments)
    result = sp.Eq(1 / symbol("tau_B"), field_rate(), evaluate=False)
    steps = Channel("specular").steps() + Channel("diffuse").steps()
    derivation = Derivation("Dephasing by a field in a ballistic channel", steps)
    return conclude([result], comparisons(), derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
