"""The steps of a derivation that a perpendicular field adds: levels, couplings, the closing sum."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from cooperon.band_trace import BandTrace
from cooperon.derivation import Step, equation
from cooperon.film_function import FilmFunction
from cooperon.geometry import Geometry
from cooperon.kawabata_pair import KawabataMean, KawabataPair
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.landau import field_trace, landau_levels, x
from cooperon.landau_bulk import axial_integral, axial_trace
from cooperon.level_sum import LevelSum
from cooperon.level_trace import coupled_modes
from cooperon.root_changes import RootChange
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.symbols import B, D, e, hbar, q


def level_steps(geometry: Geometry) -> tuple[Step, ...]:
    """Return the levels of the Cooperon and the trace of one mode over them, if it has any."""
    if not geometry.has_levels:
        return ()
    levels = landau_levels()
    level = sp.Symbol("n", integer=True)
    return (
        Step(
            "Landau levels of the Cooperon",
            (
                equation(D * q**2, levels.spacing * (level + levels.offset)),
                equation(sp.Symbol("n_L"), levels.degeneracy),
            ),
            "The Cooperon has charge 2e, so that $[\\pi_x, \\pi_y] = 2 i e B/\\hbar$; $n_L$ "
            "counts the states per area in a level.",
        ),
        Step(
            "Trace over Landau levels",
            (equation(sp.Function("S")(x), field_trace()),),
            "Sum over levels minus the integral at $B = 0$, with the same number of states; "
            "$x = B_j/|B|$ is the gap in units of the level spacing.",
        ),
        *(_axial_steps() if geometry.infinite == 3 else ()),
    )


def _axial_steps() -> tuple[Step, ...]:
    y = sp.Symbol("y", positive=True)
    return (
        Step(
            "Momentum along the field",
            (
                equation(sp.Function("I")(y), axial_integral()),
                equation(sp.Function("S_3")(x), axial_trace()),
            ),
            "$I$ is the integral of $1/(D q_z^2 + y)$ over $q_z/2\\pi$; with it the sum over "
            "levels, minus the integral at $B = 0$, is a Hurwitz zeta function.",
            "A. Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980)",
        ),
    )


def coupling_steps(
    propagator: SoftPropagator, reference: Mapping[sp.Symbol, sp.Expr]
) -> tuple[Step, ...]:
    """Return the step of modes that couple to q, if there are any: what is conserved."""
    coupled = [block for block in propagator.blocks if block.couples_to_momentum]
    if not coupled:
        return ()
    root = sp.sqrt(e * sp.Abs(B) / hbar)
    operators = (
        equation(sp.Symbol("q_x"), root * sp.Symbol("(a+a^{\\dagger})")),
        equation(sp.Symbol("q_y"), sp.I * root * sp.Symbol("(a^{\\dagger}-a)")),
    )
    charges = (row for block in coupled for row in _charge_rows(block, propagator, reference))
    return (
        Step(
            "Coupled modes on Landau levels",
            (*operators, *charges),
            "With $[a, a^\\dagger] = 1$ the matrix $S$ connects neighbouring levels. Where "
            "$J = n + m$ is conserved, with a matrix $m$ on the pair states, the blocks of given "
            "$J$ have determinants that are polynomials in $n$, and the trace of the inverse is "
            "rational in $u = |B| n$; where nothing is conserved, it stays a trace over all "
            "levels.",
        ),
    )


def _charge_rows(
    block: ModeBlock, propagator: SoftPropagator, reference: Mapping[sp.Symbol, sp.Expr]
) -> tuple[sp.Eq, ...]:
    charge = coupled_modes(block, propagator, reference).charge()
    names = ", ".join(block.names)
    return () if charge is None else (equation(sp.Symbol(f"m_{{{names}}}"), charge.matrix),)


def sum_step(lhs: sp.Expr, expression: sp.Expr, reference: str) -> Step:
    """Return the closing step: the correction, its fields, its traces on lines apart."""
    calls = sorted(expression.atoms(HikamiFunction), key=sp.default_sort_key)
    names = {call: sp.Symbol(f"B_{number}") for number, call in enumerate(calls, 1)}
    traces = sorted(expression.atoms(HikamiTrace, LevelSum, BandTrace), key=sp.default_sort_key)
    mixed = {trace: sp.Symbol(f"T_{number}") for number, trace in enumerate(traces, 1)}
    pairs = _of_pairs(expression)
    short = {call: HikamiFunction(B, name) for call, name in names.items()} | mixed | pairs
    fields = (equation(name, call.args[1]) for call, name in names.items())
    edges = {
        term: sp.Symbol(f"E_{number}")
        for number, term in enumerate(_fractions(expression.xreplace(short)), 1)
    }
    return Step(
        "Magnetoconductivity",
        (
            equation(lhs, expression.xreplace(short).xreplace(edges)),
            *fields,
            *(row for trace, name in mixed.items() for row in _trace_rows(name, trace)),
            *(row for node, name in pairs.items() for row in _pair_rows(name, node, pairs)),
            *(row for term, name in edges.items() for row in _edge_rows(name, term)),
        ),
        "Sum over the soft modes with their weights; the gaps are written as fields, "
        "$B_j = \\hbar/(4 e D \\tau_j)$"
        + (_PSI if expression.has(HikamiFunction, HikamiTrace, FilmFunction) else ".")
        + (_OVER_LEVELS if any(isinstance(trace, BandTrace) for trace in traces) else ""),
        reference,
    )


def _of_pairs(expression: sp.Expr) -> dict[sp.Expr, sp.Symbol]:
    """Return names for what stands for two modes that mix, where a formula contains pairs.

    Roots of sums come last, so that those in other functions keep their place there.
    """
    if not expression.has(KawabataPair, KawabataMean) and not _has_nested_change(expression):
        return {}
    heads = sorted(expression.atoms(KawabataPair, KawabataMean), key=sp.default_sort_key)
    changes = sorted(expression.atoms(RootChange), key=lambda node: (node.count_ops(), str(node)))
    roots = {p for p in expression.atoms(sp.Pow) if p.exp in (_HALF, -_HALF) and p.base.is_Add}
    long = sorted((sp.sqrt(b) for b in {p.base for p in roots}), key=lambda r: r.count_ops())
    nodes = [*heads, *changes, *long]
    return {node: sp.Symbol(f"R_{number}") for number, node in enumerate(nodes, 1)}


_HALF = sp.Rational(1, 2)


def _has_nested_change(expression: sp.Expr) -> bool:
    return any(node.args[0].has(RootChange) for node in expression.atoms(RootChange))


def _pair_rows(
    name: sp.Symbol, node: sp.Expr, pairs: Mapping[sp.Expr, sp.Symbol]
) -> tuple[sp.Eq, ...]:
    """Return the equation of a node, its arguments in terms of the names of others."""
    others = {key: value for key, value in pairs.items() if key != node}
    shown = node.func(*(argument.xreplace(others) for argument in node.args))
    if isinstance(shown, RootChange):
        shown = shown.doit(deep=False).xreplace(others)
    return (equation(name, shown),)


def _fractions(expression: sp.Expr) -> list[sp.Expr]:
    """Return the terms that are ratios of polynomials: blocks that the lowest level cuts off."""
    terms = sp.Add.make_args(expression)
    return [term for term in terms if not term.atoms(sp.Function) - {sp.Abs(B)} and term.has(B)]


def _edge_rows(name: sp.Symbol, term: sp.Expr) -> tuple[sp.Eq, ...]:
    numerator, denominator = sp.fraction(term)
    number = str(name)[2:]
    top, bottom = sp.symbols(f"N_{number}^E D_{number}^E")
    if not denominator.is_Add or len(denominator.args) < _LONG:
        return (equation(name, term),)
    return (
        equation(name, top / bottom),
        equation(top, sp.expand(numerator)),
        equation(bottom, sp.expand(denominator)),
    )


# A denominator of more terms than this is printed on lines of its own.
_LONG = 6

_PSI = ", and $\\Psi(x) = \\psi(1/2 + x) - \\ln x$."
_OVER_LEVELS = (
    " $\\mathrm{Tr}_B$ is the trace over all levels and pair states, minus the same at zero field."
)


def _trace_rows(name: sp.Symbol, trace: sp.Expr) -> tuple[sp.Eq, ...]:
    """Return the equation of a trace; a sum over levels with its polynomials on lines apart."""
    if isinstance(trace, BandTrace):
        return _band_rows(name, trace)
    if not isinstance(trace, LevelSum):
        return (equation(name, trace),)
    n, u = sp.Symbol("n"), sp.Symbol("u")
    number = str(name)[2:]
    with_field, without = (sp.fraction(sp.together(ratio(u))) for ratio in trace.args[1:])
    N, P = (sp.Function(f"{letter}_{number}") for letter in "NP")
    N_0, P_0 = (sp.Function(f"{letter}_{number}^0") for letter in "NP")
    level = sp.Abs(B) * n
    total = sp.Sum(sp.Abs(B) * N(level) / P(level), (n, 0, sp.oo))
    integral = sp.Integral(N_0(u) / P_0(u), (u, 0, sp.oo))
    return (
        equation(name, total - integral),
        *(equation(f(u), sp.expand(p)) for f, p in zip((N, P), with_field, strict=True)),
        *(equation(f(u), sp.expand(p)) for f, p in zip((N_0, P_0), without, strict=True)),
    )


def _band_rows(name: sp.Symbol, trace: BandTrace) -> tuple[sp.Eq, ...]:
    """Return the equation of a trace over all levels, with its matrices on lines apart."""
    symbols = {key: sp.Symbol(key, commutative=False) for key in ("C_x", "C_y", "G", "w")}
    a, raised, matrix = sp.symbols("a a^{\\dagger} S_B", commutative=False)
    root, sign = sp.sqrt(sp.Abs(B)), sp.sign(B)
    total = sp.Abs(B) * (raised * a + sp.Rational(1, 2)) + symbols["G"]
    total += root * symbols["C_x"] * (a + raised)
    total += sp.I * sign * root * symbols["C_y"] * (raised - a)
    return (
        equation(name, sp.Function("Tr_B")(sp.Abs(B) * symbols["w"] * matrix**-1)),
        equation(matrix, total),
        *(equation(symbols[key], trace.matrices[key]) for key in symbols),
    )
