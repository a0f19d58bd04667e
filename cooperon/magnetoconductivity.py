"""The correction in a perpendicular field in d = 2: the soft modes on Landau levels.

    Delta sigma(B) = sigma(B) - sigma(0) = (e^2/(2 pi^2 hbar)) sum_j w_j Psi(B_j/B),
    B_j = (hbar/(4 e D)) (1/tau_phi + Gamma_j),

positive for weak localization.  Weights, gaps, prefactor and Psi are all derived: nothing
in this file knows the formula of Hikami, Larkin and Nagaoka.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sympy as sp

from cooperon.band_trace import BandTrace
from cooperon.characteristic import (
    characteristic_field,
    characteristic_fields,
    coupling_fields,
    without_velocity,
)
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.diagram_steps import diagram_steps
from cooperon.internal import Matrix
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.landau import field_trace, landau_levels, x
from cooperon.level_sum import LevelSum
from cooperon.level_trace import CoupledModes
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import B, D, e, hbar, q, symbol

_REFERENCES = (
    "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)",
    "B. L. Altshuler, D. Khmel'nitzkii, A. I. Larkin, P. A. Lee, Phys. Rev. B 22, 5142 (1980)",
)


_AT_ZERO_FIELD = MappingProxyType({B: sp.S.Zero, symbol("B_parallel"): sp.S.Zero})


def magnetoconductivity(
    conductor: Conductor, axis: str = "x", reference: Mapping[sp.Symbol, sp.Expr] = _AT_ZERO_FIELD
) -> Correction:
    """Derive Delta sigma(B) of a two-dimensional `conductor` in a perpendicular field.

    Rates that enter as times `tau_j` come out as fields B_j = hbar/(4 e D tau_j) (and
    `in_times` writes them back); any other symbol of a rate stays as it is, with D.

    Parameters
    ----------
    conductor : Conductor
        The model.  Its Hamiltonian may contain B, and `B_parallel`, as in a Zeeman energy.
    axis : {"x", "y"}
        Direction of the current; it matters for a conductor with anisotropic masses only.
    reference : mapping, optional
        Values of symbols in the state that the correction is referred to: zero perpendicular
        and zero parallel field by default, so that it is sigma(B) - sigma(0) in full.

    Returns
    -------
    Correction
        In units of e^2/(pi h) = e^2/(2 pi^2 hbar), all internal states counted.

    Raises
    ------
    NotImplementedError
        If the conductor is not two-dimensional.
    ValueError
        If the axis is not one of its axes.
    """
    if conductor.dimension != 2:
        raise NotImplementedError(
            f"a perpendicular field needs a two-dimensional conductor, not d = "
            f"{conductor.dimension}; use weak_localization for the correction without a field."
        )
    if axis not in ("x", "y"):
        raise ValueError(f"the axis is {axis!r}; choose 'x' or 'y'.")
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    ratio = conductor.axis_ratios["xy".index(axis)]
    scale = ratio * sp.simplify(_prefactor(propagator) / _UNIT)
    traces = [_block_trace(block, propagator, reference) for block in propagator.blocks]
    expression = sp.Add(*(_distributed(scale, trace) for trace in traces))
    return Correction(
        "magnetoconductivity",
        symbol("Delta_sigma"),
        expression,
        _UNIT,
        "e^2/(pi h)",
        propagator.closed_modes,
        validity(conductor),
        _REFERENCES,
        Derivation(
            "Magnetoconductivity from the Cooperon",
            (
                *diagram_steps(conductor.dimension, propagator.anisotropy),
                *model_steps(conductor),
                *mode_steps(propagator, sp.S.Zero),
                *_field_steps(propagator),
                _sum_step(symbol("Delta_sigma") / _UNIT, expression),
            ),
        ),
    )


_UNIT = e**2 / (2 * sp.pi**2 * hbar)


def validity(conductor: Conductor) -> str:
    """Return where the result holds, one sentence."""
    conditions = ["k_F l >> 1", "B << B_tr = hbar/(2 e l^2) and all B_j << B_tr (diffusive motion)"]
    if not conductor.hamiltonian.is_zero_matrix:
        conditions.append("|h| tau/hbar << 1 for the internal Hamiltonian h")
    left_out = "classical magnetoresistance"
    if not conductor.hamiltonian.has(B):
        left_out += " and Zeeman splitting by B"
    return "; ".join([*conditions, f"{left_out} left out"])


def _sum_step(lhs: sp.Expr, expression: sp.Expr) -> Step:
    calls = sorted(expression.atoms(HikamiFunction), key=sp.default_sort_key)
    names = {call: sp.Symbol(f"B_{number}") for number, call in enumerate(calls, 1)}
    traces = sorted(expression.atoms(HikamiTrace, LevelSum, BandTrace), key=sp.default_sort_key)
    mixed = {trace: sp.Symbol(f"T_{number}") for number, trace in enumerate(traces, 1)}
    short = {call: HikamiFunction(B, name) for call, name in names.items()} | mixed
    fields = (equation(name, call.args[1]) for call, name in names.items())
    return Step(
        "Magnetoconductivity",
        (
            equation(lhs, expression.xreplace(short)),
            *fields,
            *(row for trace, name in mixed.items() for row in _trace_rows(name, trace)),
        ),
        "Sum over the soft modes with their weights; the gaps are written as fields, "
        "$B_j = \\hbar/(4 e D \\tau_j)$, and "
        "$\\Psi(x) = \\psi(1/2 + x) - \\ln x$.",
        _REFERENCES[0],
    )


def _trace_rows(name: sp.Symbol, trace: sp.Expr) -> tuple[sp.Eq, ...]:
    """Return the equation of a trace; a sum over levels with its polynomials on lines apart."""
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


def _prefactor(propagator: SoftPropagator) -> sp.Expr:
    """Return the prefactor of one mode: diagrams times states per area over level spacing."""
    levels = landau_levels()
    return interference_correction(propagator.dimension) * levels.degeneracy / levels.spacing


def _block_trace(
    block: ModeBlock, propagator: SoftPropagator, reference: Mapping[sp.Symbol, sp.Expr]
) -> sp.Expr:
    """Return the derived trace over Landau levels and over the modes of a block, folded.

    Roots of polynomials stay inside a matrix or a rational function, whose traces are smooth
    where the roots meet.
    """
    relaxation = without_velocity(block.relaxation, propagator.diffusion_constant)
    plain = block.weight is not None and relaxation.is_hermitian
    if block.couples_to_momentum or not plain or relaxation.has(*reference):
        return _coupled(block, propagator, relaxation, reference).trace()
    multiple = fold(field_trace()) * block.weight
    gaps = [mode.gap for mode in block.modes()] if len(block.names) < 3 else []
    if gaps and all(gap.is_rational_function(*gap.free_symbols) for gap in gaps):
        return multiple * sp.Add(*(HikamiFunction(B, characteristic_field(gap)) for gap in gaps))
    return multiple * HikamiTrace.of(B, characteristic_fields(relaxation))


def _distributed(scale: sp.Expr, trace: sp.Expr) -> sp.Expr:
    return sp.Add(*(scale * term for term in sp.Add.make_args(trace)))


def _coupled(
    block: ModeBlock,
    propagator: SoftPropagator,
    relaxation: sp.Matrix,
    reference: Mapping[sp.Symbol, sp.Expr],
) -> CoupledModes:
    couplings = (
        coupling_fields(without_velocity(matrix, propagator.diffusion_constant))
        for matrix in block.coupling
    )
    fields = characteristic_fields(relaxation)
    at_reference = Matrix(fields.subs(dict(reference)))
    c_x, c_y = couplings
    return CoupledModes((c_x, c_y), fields, at_reference, block.weights)


@cache
def fold(trace: sp.Expr) -> sp.Expr:
    """Return how many times Psi(x) the derived trace is, with x = B_j/|B|.

    Raises
    ------
    ArithmeticError
        If the trace is not a multiple of Psi.
    """
    field = sp.Symbol("B_j", positive=True)
    psi = HikamiFunction(B, field).doit()
    multiple = sp.simplify(trace.subs(x, field / sp.Abs(B)) / psi)
    if not multiple.is_number:
        raise ArithmeticError(f"the trace {trace} over Landau levels is not a multiple of Psi.")
    return multiple


def _field_steps(propagator: SoftPropagator) -> tuple[Step, ...]:
    levels = landau_levels()
    level = sp.Symbol("n", integer=True)
    coupled = any(block.couples_to_momentum for block in propagator.blocks)
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
        *((_LADDER_OPERATORS,) if coupled else ()),
    )


_LADDER_OPERATORS = Step(
    "Coupled modes on Landau levels",
    (
        equation(sp.Symbol("q_x"), sp.sqrt(e * sp.Abs(B) / hbar) * sp.Symbol("(a+a^{\\dagger})")),
        equation(
            sp.Symbol("q_y"), sp.I * sp.sqrt(e * sp.Abs(B) / hbar) * sp.Symbol("(a^{\\dagger}-a)")
        ),
    ),
    "With $[a, a^\\dagger] = 1$ the matrix $S$ connects neighbouring levels. Where $J = n + m$ is "
    "conserved, with $m$ a quantum number of the pair, its blocks have determinants that are "
    "polynomials in $n$, and the trace of the inverse is rational in $u = |B| n$.",
)
