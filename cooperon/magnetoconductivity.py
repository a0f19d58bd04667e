"""The correction in a perpendicular field in d = 2: the soft modes on Landau levels.

    Delta sigma(B) = sigma(B) - sigma(0) = (e^2/(2 pi^2 hbar)) sum_j w_j Psi(B_j/B),
    B_j = (hbar/(4 e D)) (1/tau_phi + Gamma_j),

positive for weak localization.  Weights, gaps, prefactor and Psi are all derived: nothing
in this file knows the formula of Hikami, Larkin and Nagaoka.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.diagram_steps import diagram_steps
from cooperon.internal import Matrix
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.landau import field_trace, landau_levels, x
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import B, B_phi, D, e, hbar, q, symbol

_REFERENCES = (
    "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)",
    "B. L. Altshuler, D. Khmel'nitzkii, A. I. Larkin, P. A. Lee, Phys. Rev. B 22, 5142 (1980)",
)


def magnetoconductivity(conductor: Conductor) -> Correction:
    """Derive Delta sigma(B) of a two-dimensional `conductor` in a perpendicular field.

    Rates that enter as times `tau_j` come out as fields B_j = hbar/(4 e D tau_j) (and
    `in_times` writes them back); any other symbol of a rate stays as it is, with D.

    Returns
    -------
    Correction
        In units of e^2/(pi h) = e^2/(2 pi^2 hbar), both spins counted; zero at B = 0.

    Raises
    ------
    NotImplementedError
        If the conductor is not two-dimensional.
    """
    if conductor.dimension != 2:
        raise NotImplementedError(
            f"a perpendicular field needs a two-dimensional conductor, not d = "
            f"{conductor.dimension}; use weak_localization for the correction without a field."
        )
    propagator = conductor.cooperon()
    scale = sp.simplify(_prefactor(propagator) / _UNIT)
    traces = (block.weight * _block_trace(block) for block in propagator.blocks)
    expression = sp.expand(scale * sp.Add(*traces))
    return Correction(
        "magnetoconductivity",
        symbol("Delta_sigma"),
        expression,
        _UNIT,
        "e^2/(pi h)",
        propagator.modes,
        _VALIDITY,
        _REFERENCES,
        Derivation(
            "Magnetoconductivity from the Cooperon",
            (
                *diagram_steps(conductor.dimension, propagator.anisotropy),
                *model_steps(conductor),
                *mode_steps(propagator, sp.S.Zero),
                *_field_steps(),
                _sum_step(symbol("Delta_sigma") / _UNIT, expression),
            ),
        ),
    )


_UNIT = e**2 / (2 * sp.pi**2 * hbar)
_VALIDITY = (
    "k_F l >> 1; B << B_tr = hbar/(2 e l^2) and all B_j << B_tr (diffusive motion); "
    "classical magnetoresistance and Zeeman splitting left out"
)


def _sum_step(lhs: sp.Expr, expression: sp.Expr) -> Step:
    calls = sorted(expression.atoms(HikamiFunction), key=sp.default_sort_key)
    names = {call: sp.Symbol(f"B_{number}") for number, call in enumerate(calls, 1)}
    traces = sorted(expression.atoms(HikamiTrace), key=sp.default_sort_key)
    mixed = {trace: sp.Symbol(f"T_{number}") for number, trace in enumerate(traces, 1)}
    short = {call: HikamiFunction(B, name) for call, name in names.items()} | mixed
    fields = (equation(name, call.args[1]) for call, name in names.items())
    return Step(
        "Magnetoconductivity",
        (
            equation(lhs, expression.xreplace(short)),
            *fields,
            *(equation(name, trace) for trace, name in mixed.items()),
        ),
        "Sum over the soft modes with their weights; the gaps are written as fields, "
        "$B_j = \\hbar/(4 e D \\tau_j)$, and "
        "$\\Psi(x) = \\psi(1/2 + x) - \\ln x$.",
        _REFERENCES[0],
    )


def _prefactor(propagator: SoftPropagator) -> sp.Expr:
    """Return the prefactor of one mode: diagrams times states per area over level spacing."""
    levels = landau_levels()
    return interference_correction(propagator.dimension) * levels.degeneracy / levels.spacing


def _block_trace(block: ModeBlock) -> sp.Expr:
    """Return the derived trace over Landau levels and over the modes of a block, folded.

    Roots of polynomials stay inside a matrix, whose trace is smooth where the roots meet.
    """
    multiple = fold(field_trace())
    gaps = [mode.gap for mode in block.modes()] if len(block.names) < 3 else []
    if gaps and all(gap.is_rational_function(*gap.free_symbols) for gap in gaps):
        return multiple * sp.Add(*(HikamiFunction(B, characteristic_field(gap)) for gap in gaps))
    return multiple * HikamiTrace.of(B, characteristic_fields(block.relaxation))


_DIGITS = 40


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


def characteristic_field(gap: sp.Expr) -> sp.Expr:
    """Return (hbar/(4 e D)) (1/tau_phi + gap) with every time tau_j as a field B_j.

    A gap is a rate, homogeneous of degree -1 in the times, so that replacing tau_j by 1/B_j
    multiplies it by hbar/(4 e D) where it depends on times only.
    """
    times = {s for s in gap.free_symbols if s.name.startswith("tau_")}
    unit = hbar / (4 * e * D)
    if _scales_as_rate(gap, times):
        return B_phi + gap.subs({s: 1 / symbol("B_" + s.name[4:]) for s in times})
    return B_phi + unit * gap


def characteristic_fields(relaxation: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
    """Return the matrix (hbar/(4 e D)) (1/tau_phi + Gamma) with times as fields."""
    return Matrix(
        relaxation.rows,
        relaxation.cols,
        lambda i, j: characteristic_field(relaxation[i, j]) - (0 if i == j else B_phi),
    )


def _scales_as_rate(gap: sp.Expr, times: set[sp.Symbol]) -> bool:
    """Check gap(times/2) = 2 gap(times) at a point: roots of cubics are slow to simplify."""
    symbols = sorted(gap.free_symbols, key=str)
    point = {s: sp.sqrt(sp.prime(k)) for k, s in enumerate(symbols, 1)}
    scaled = {s: value / 2 if s in times else value for s, value in point.items()}
    difference = sp.N(gap.subs(scaled) - 2 * gap.subs(point), _DIGITS)
    return bool(abs(difference) < sp.Float(10) ** (5 - _DIGITS))


def _field_steps() -> tuple[Step, ...]:
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
    )
