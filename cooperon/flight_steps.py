"""The steps of a derivation beyond diffusion: flights, boxes at any q, levels, the closing sum."""

from __future__ import annotations

import sympy as sp

from cooperon.derivation import Step, equation
from cooperon.flight_boxes import boxes, current_flight, flight, ladder_line, s, x, zero_field_parts
from cooperon.landau import landau_levels
from cooperon.nondiffusive_function import NondiffusiveFunction
from diagrams.hikami import conductivity_box_diagrams
from diagrams.symbols import B, D, hbar, q, symbol, tau

_P, _Q = sp.symbols("P Q")
_LEVEL = sp.Symbol("N", integer=True, nonnegative=True)


def flight_steps(expression: sp.Expr) -> tuple[Step, ...]:
    """Return the steps from a flight between impurities to the sum over modes."""
    return (_flight(), _boxes(), _zero_field(), _levels(), _sums(), _modes(expression))


def _flight() -> Step:
    length = q * symbol("l")
    return Step(
        "One flight at any wave vector",
        (
            equation(s, 1 + tau / symbol("tau_phi")),
            equation(_P, flight().subs(x, length)),
            equation(_Q, current_flight().subs(x, length)),
        ),
        "Mean over directions of $1/(s + i q l n_x)$, without and with the current $i n_x$; the "
        "pair decays by inelastic processes as well.",
    )


def _boxes() -> Step:
    bare, dressed = boxes()
    return Step(
        "Hikami boxes at any wave vector",
        (
            equation(sp.Symbol("H_0"), bare * _P),
            equation(sp.Symbol("H_R") + sp.Symbol("H_A"), dressed * _Q**2),
            equation(sp.Symbol("C"), ladder_line() / (1 - _P)),
        ),
        "$G^R G^A = i \\tau (G^R - G^A)$ at either vertex splits the boxes into pairs; the mean "
        "over the axes is taken, and the geometric series of rungs is summed.",
        "",
        conductivity_box_diagrams(),
    )


def _zero_field() -> Step:
    v = sp.Symbol("v", positive=True)
    loops = -(_P**3) / (1 - _P), _Q**2 * _P / (1 - _P)
    integrals = (sp.Integral(loop, (v, 0, sp.oo)) for loop in loops)
    rows = zip(sp.symbols("sigma_a(0) sigma_b(0)"), integrals, zero_field_parts(), strict=True)
    return Step(
        "Without a field",
        tuple(equation(name, row) for name, *both in rows for row in both),
        "In units of $e^2/(\\pi h)$ with $v = (q l)^2/2$: backscattering and all other directions. "
        "Loops of two impurities, $P^2$ and $Q^2$, are left out: they enclose no flux.",
    )


def _levels() -> Step:
    levels = landau_levels()
    transport, length = symbol("B_tr"), symbol("l")
    # <n_x^2> = 1/2: (q l n_x)^2 has half the mean of (q l)^2, that of kappa^2 (2 N + 1)
    charge = hbar / (2 * length**2 * transport)
    squared = (levels.spacing / D * length**2 / 4).subs(symbol("e"), charge)
    operators = sp.Symbol("(a + a^{\\dagger})")
    return Step(
        "Landau levels",
        (
            equation(transport, hbar / (2 * symbol("e") * length**2)),
            equation(sp.Symbol("q l n_x"), sp.sqrt(squared) * operators),
            equation(sp.Symbol("H"), s + sp.I * sp.sqrt(squared) * operators),
            equation(sp.Symbol("P_N"), sp.Symbol("(H^{-1})_{N,N}")),
            equation(sp.Symbol("Q_N"), sp.Symbol("|(H^{-1})_{N,N+1}|")),
        ),
        "The Cooperon has charge 2e. The mean over directions leaves $P$ diagonal in the level and "
        "$Q$ between neighbours; $v$ becomes $|B| (N + 1/2)/B_{tr}$.",
    )


def _sums() -> Step:
    P, following, Q = sp.symbols("P_N P_{N+1} Q_N")
    b = sp.Abs(B) / symbol("B_tr")
    back = sp.Sum(P**3 / (1 - P), (_LEVEL, 0, sp.oo))
    ladders = P / (1 - P) + following / (1 - following)
    other = sp.Sum(ladders * Q**2, (_LEVEL, 0, sp.oo))
    total = sp.symbols("sigma_a(B) sigma_b(B) sigma_a(0) sigma_b(0)")
    name = NondiffusiveFunction(B, symbol("B_phi"), symbol("B_tr"))
    return Step(
        "Sums over levels",
        (
            equation(total[0], -b * back),
            equation(total[1], b / 2 * other),
            equation(name, total[0] + total[1] - total[2] - total[3]),
        ),
        "The current of the dressed boxes leads from one level to the next.",
        "A. Zduniak, M. I. Dyakonov, W. Knap, Phys. Rev. B 56, 1996 (1997)",
    )


def _modes(expression: sp.Expr) -> Step:
    return Step(
        "Magnetoconductivity",
        (equation(sp.Symbol("Delta_sigma") * 2 * sp.pi**2 * hbar / symbol("e") ** 2, expression),),
        "Each soft mode decays with $s_j = 1 + B_j/B_{tr}$, $B_j = \\hbar/(4 e D \\tau_j)$ and "
        "$D = l^2/(2 \\tau)$, to first order in the weak rates.",
    )
