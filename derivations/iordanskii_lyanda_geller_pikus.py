r"""Derive the magnetoconductivity of a quantum well with spin splitting linear in momentum.

S. V. Iordanskii, Yu. B. Lyanda-Geller, G. E. Pikus, JETP Lett. 60, 206 (1994), and W. Knap et
al., Phys. Rev. B 53, 3912 (1996), Eqs. (37) and (38), for Rashba or for linear and cubic
Dresselhaus coupling, with a_n = n + 1/2 + (H_phi + H)/B:

.. math:: \sigma(B) = -\frac{e^2}{4\pi^2\hbar} \Big\{ \frac{1}{a_0}
    + \frac{2 a_0 + 1 + H/B}{a_1 (a_0 + H/B) - 2 H'/B}
    - \sum_{n=1}^\infty \Big[ \frac3n - \frac{3 a_n^2 + 2 a_n H/B - 1 - 2(2n+1) H'/B}
        {(a_n + H/B) a_{n-1} a_{n+1} - 2 (H'/B) [(2n+1) a_n - 1]} \Big]
    + 2 \ln\frac{H_{tr}}{B} + \psi\Big(\frac12 + \frac{H_\phi}{B}\Big) + 3\gamma \Big\}.

H = (hbar/4eD) (2 Omega_1^2 tau_1 + 2 Omega_3^2 tau_3)/hbar^2 counts both harmonics of the
splitting 2 Omega, H' the first alone.  In what is derived H' = B_D and H = B_D + B_3 (B_R
without cubic coupling).

Deviations: SI units; H_tr cancels in sigma(B) - sigma(0), so that the printed sigma(0) is
compared by its dependence on tau_phi, with the integral that stands for S left undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import mpmath as mp
import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    Conductor,
    Correction,
    HikamiFunction,
    LevelSum,
    dot,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
    weak_localization,
)
from diagrams.symbols import B, B_phi, hbar, symbol, tau, tau_phi

B_R, B_D, B_3 = (symbol(f"B_{name}") for name in "RD3")
n, b = sp.Symbol("n", integer=True, positive=True), sp.Symbol("b", positive=True)
Omega_1, Omega_3, H, H_1 = sp.symbols("Omega_1 Omega_3 H H'", positive=True)
tau_1, tau_3 = sp.symbols("tau_1 tau_3", positive=True)

DIGITS = 25
# (B, H_phi, H', H - H') in tesla: couplings weak and strong against the field.
POINTS = (
    ("1e-3", "5e-4", "1e-4", "0"),
    ("4e-3", "2e-4", "6e-3", "0"),
    ("2e-2", "2e-4", "2e-3", "5e-3"),
    ("7e-3", "1e-3", "3e-2", "1e-3"),
)


def printed_rates() -> sp.Matrix:
    """Return the spin relaxation of Dyakonov and Perel: in the plane twice, along the growth."""
    in_plane = (2 * Omega_1**2 * tau_1 + 2 * Omega_3**2 * tau_3) / hbar**2
    return sp.diag(in_plane, in_plane, 2 * in_plane)


def printed_block() -> sp.Expr:
    """Return the summand of Eq. (37), in units of 1/b."""
    a = n + sp.Rational(1, 2) + (B_phi + H) / b
    h, h_1 = H / b, H_1 / b
    over = 3 * a**2 + 2 * a * h - 1 - 2 * (2 * n + 1) * h_1
    return over / ((a + h) * (a - 1) * (a + 1) - 2 * h_1 * ((2 * n + 1) * a - 1))


def printed_edge() -> sp.Expr:
    """Return the two blocks that the lowest level cuts short, in the same units."""
    a_0 = sp.Rational(1, 2) + (B_phi + H) / b
    h, h_1 = H / b, H_1 / b
    return 1 / a_0 + (2 * a_0 + 1 + h) / ((a_0 + 1) * (a_0 + h) - 2 * h_1)


def printed_reduced_form() -> sp.Expr:
    """Return Hikami, Larkin and Nagaoka with B_so^x = H/2, B_so^z = 0."""
    triplets = HikamiFunction(B, B_phi + B_3) + HikamiFunction(B, B_phi + 2 * B_3) / 2
    return triplets - HikamiFunction(B, B_phi) / 2


@cache
def printed_conductivity(point: tuple[str, ...], levels: int | None = None) -> mp.mpf:
    """Return Eq. (38) without H_tr at numbers, cut after `levels` terms if asked to."""
    field, dephasing, linear, cubic = map(mp.mpf, point)
    block, edge = (
        sp.lambdify((n, b, B_phi, H, H_1), f, "mpmath") for f in (printed_block(), printed_edge())
    )
    fields = field, dephasing, linear + cubic, linear

    def term(k: mp.mpf) -> mp.mpf:
        return 3 / mp.mpf(k) - block(k, *fields)

    first = levels or 400
    series = mp.fsum(term(k) for k in range(1, first + 1))
    if levels is None:
        series += mp.nsum(term, [first + 1, mp.inf], method="r+e")
    constant = -2 * mp.log(field) + mp.digamma(mp.mpf(1) / 2 + dephasing / field) + 3 * mp.euler
    return -(edge(0, *fields) - series + constant) / 2


@cache
def printed_zero_field(point: tuple[str, ...]) -> mp.mpf:
    """Return sigma(0) without H_tr, with the integral S done numerically."""
    _, dephasing, linear, cubic = map(mp.mpf, point)
    total = linear + cubic
    start = dephasing + total

    def integrand(A: mp.mpf) -> mp.mpf:
        return 4 * linear / (A**2 + (total - 4 * linear) * A + 4 * linear * start)

    S = mp.quad(integrand, [start, 2 * start, 8 * start, 64 * start, mp.inf])
    return -(-2 * mp.log(start) - mp.log(start + total) + mp.log(dephasing) + S) / 2


def gas(harmonics: str) -> Conductor:
    """Return a well with the harmonics 1 and 3 of the splitting, and a potential of finite range.

    The mean of cos(l theta) over scattering angles is 1 - tau/tau_l for l = 1 and 3.
    """
    c = dot(2)
    profile = 1 + 2 * (1 - tau / tau_1) * c + 2 * (1 - tau / tau_3) * (4 * c**3 - 3 * c)
    cos_3, sin_3 = 4 * n_x**3 - 3 * n_x, 3 * n_y - 4 * n_y**3
    parts = {
        "1": Omega_1 * (n_x * SIGMA_X - n_y * SIGMA_Y),
        "3": Omega_3 * (cos_3 * SIGMA_X + sin_3 * SIGMA_Y),
    }
    hamiltonian = sum((parts[harmonic] for harmonic in harmonics), sp.zeros(2))
    return Conductor(2, [potential(profile=profile)], hamiltonian=hamiltonian)


def rate_comparison() -> Comparison:
    """Compare the relaxation of all pair states, x^T Gamma y for arbitrary x and y."""
    relaxation = gas("13").cooperon().relaxation
    x, y = (sp.Matrix(sp.symbols(f"{name}_1:5")) for name in "xy")
    printed = sp.diag(printed_rates(), 0)
    return Comparison(
        "the rates of Dyakonov and Perel with tau_1 and tau_3",
        (x.T * relaxation * y)[0],
        (x.T * printed * y)[0],
    )


def parts(correction: Correction) -> tuple[sp.Expr, sp.Expr]:
    """Return -2 times the blocks above the edge at level n and the edge blocks, with H and H'."""
    names = {B_R: H_1, B_D: H_1, B_3: H - H_1, sp.Abs(B): b, B: b}
    (level_sum,) = correction.expression.atoms(LevelSum)
    others = correction.expression.atoms(LevelSum, HikamiFunction)
    edge = correction.expression.xreplace(dict.fromkeys(others, sp.S.Zero))
    # a block of the engine starts at the level u/b = n - 1 of the printed one
    block = 2 * b * level_sum.args[1](b * (n - 1))
    return block.subs(names, simultaneous=True), (-2 * edge).subs(names, simultaneous=True)


def trace_comparisons(name: str, correction: Correction) -> list[Comparison]:
    """Compare the rational functions of the level, residual zero."""
    block, edge = parts(correction)
    cubic = {} if name == "Dresselhaus" else {H: H_1}
    printed = [f.subs(cubic) for f in (printed_block(), printed_edge())]
    if cubic:
        block, edge = block.subs(cubic), edge.subs(cubic)
    return [
        Comparison(f"the summand of Knap et al., Eq. (37), {name}", block, printed[0]),
        Comparison(f"the edge blocks of Knap et al., Eq. (37), {name}", edge, printed[1]),
    ]


def value(correction: Correction, point: tuple[str, ...]) -> sp.Expr:
    """Return the derived sigma(B) - sigma(0) at a point."""
    fields = dict(zip((B, B_phi, B_D, B_3), map(sp.Rational, point), strict=True))
    return correction.expression.subs(fields).evalf(DIGITS + 10)


def as_sympy(number: mp.mpf) -> sp.Expr:
    """Return the number as a Float with the digits it has."""
    return sp.Float(number, mp.mp.dps)


def value_comparisons(correction: Correction) -> list[Comparison]:
    """Compare sigma(B) - sigma(0) with the series, summed to its limit."""
    found: list[Comparison] = []
    for point in POINTS:
        printed = printed_conductivity(point) - printed_zero_field(point)
        source = "Knap et al., Eq. (38), at B, H_phi, H', H - H' = " + ", ".join(point)
        derived = value(correction, point)
        found.append(NumericalComparison(source, derived, as_sympy(printed), DIGITS))
    return found


def dephasing_comparison(correction: Correction) -> Comparison:
    """Compare sigma(0) at two dephasing times, for which any cutoff far above drops out.

    Rates are in units of 4eD/hbar tesla; 10^35 of them end the diffusion.
    """
    _, H_phi, H_1, H_3 = map(sp.Rational, POINTS[2])
    fixed = {symbol("tau_D"): 1 / H_1, symbol("tau_3"): 1 / H_3, tau: sp.Rational(1, 10**35)}
    rates = (H_phi, 7 * H_phi)
    one, two = (correction.expression.subs({**fixed, tau_phi: 1 / r}).evalf(80) for r in rates)
    others = (("0", str(r), *POINTS[2][2:]) for r in map(mp.mpf, ("2e-4", "14e-4")))
    here, there = map(printed_zero_field, others)
    return NumericalComparison(
        "sigma(0) of Iordanskii et al. (1994), its change with tau_phi",
        sp.re(one - two),
        as_sympy(here - there),
        DIGITS,
    )


def truncation_comparison(correction: Correction) -> Comparison:
    """Show what a series cut at N = 1000 loses at H_phi = 0.3 mT, H = H' = 10 mT.

    This is how published fit programs evaluate Eq. (38); its tail falls off as H/(B N).
    """
    points = [(field, "3e-4", "1e-2", "0") for field in ("1e-3", "2e-4")]
    exact = 2 * (value(correction, points[0]) - value(correction, points[1]))
    whole, cut = (
        2 * (printed_conductivity(points[0], levels) - printed_conductivity(points[1], levels))
        for levels in (None, 1000)
    )
    print(
        "sigma(1 mT) - sigma(0.2 mT) in e^2/(4 pi^2 hbar) for H_phi = 0.3 mT, H' = 10 mT: "
        f"{float(exact):.6f} derived, {float(whole):.6f} by the series to its end, "
        f"{float(cut):.6f} cut at N = 1000\n"
    )
    lost = float(whole - cut)
    return NumericalComparison(
        f"the series to its end, which cut at N = 1000 lacks {lost:.2f}",
        exact,
        as_sympy(whole),
        DIGITS,
    )


def reduction_comparisons(correction: Correction) -> list[Comparison]:
    """Without a first harmonic the modes decouple: Hikami, Larkin and Nagaoka."""
    cubic = magnetoconductivity(gas("3")).expression
    rate = 2 * Omega_3**2 * tau_3 / hbar**2
    unit = symbol("hbar") / (4 * symbol("e") * symbol("D"))
    point = ("2e-2", "2e-4", "0", "5e-3")
    fields = dict(zip((B, B_phi, B_D, B_3), map(sp.Rational, point), strict=True))
    return [
        Comparison(
            "Hikami, Larkin, Nagaoka (1980) with B_so^z = 0, cubic coupling only",
            cubic.doit(),
            printed_reduced_form().subs(B_3, unit * rate).doit(),
        ),
        NumericalComparison(
            "Hikami, Larkin, Nagaoka (1980) with B_so^z = 0, for H' -> 0",
            value(correction, point),
            printed_reduced_form().subs(fields).evalf(DIGITS + 10),
            DIGITS,
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Iordanskii, Lyanda-Geller, Pikus (1994).", arguments)
    rashba, dresselhaus = (
        magnetoconductivity(model(name).conductor()) for name in ("rashba", "dresselhaus")
    )
    with mp.workdps(DIGITS + 15):
        comparisons = [
            rate_comparison(),
            *trace_comparisons("Rashba", rashba),
            *trace_comparisons("Dresselhaus", dresselhaus),
            *value_comparisons(dresselhaus),
            dephasing_comparison(weak_localization(model("dresselhaus").conductor())),
            truncation_comparison(dresselhaus),
            *reduction_comparisons(dresselhaus),
        ]
        return conclude([rashba, dresselhaus], comparisons, dresselhaus.derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
