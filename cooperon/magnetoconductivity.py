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

from cooperon.characteristic import (
    characteristic_field,
    characteristic_fields,
    without_velocity,
)
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation
from cooperon.diagram_steps import diagram_steps
from cooperon.field_steps import coupling_steps, field_steps, sum_step
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.landau import field_trace, landau_levels, x
from cooperon.level_trace import coupled_modes
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import B, e, hbar, symbol

_REFERENCES = (
    "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)",
    "B. L. Altshuler, D. Khmel'nitzkii, A. I. Larkin, P. A. Lee, Phys. Rev. B 22, 5142 (1980)",
)


_AT_ZERO_FIELD = MappingProxyType({B: sp.S.Zero, symbol("B_parallel"): sp.S.Zero})


def magnetoconductivity(
    conductor: Conductor,
    axis: str = "x",
    reference: Mapping[sp.Symbol, sp.Expr] = _AT_ZERO_FIELD,
    levels: int = 512,
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
    levels : int, optional
        Landau levels that generated code sums where nothing is conserved, see `BandTrace`; it
        says so where they do not suffice.

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
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    ratio = conductor.axis_ratio(axis)
    scale = ratio * sp.simplify(_prefactor(propagator) / _UNIT)
    traces = [_block_trace(block, propagator, reference, levels) for block in propagator.blocks]
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
                *field_steps(),
                *coupling_steps(propagator, reference),
                sum_step(symbol("Delta_sigma") / _UNIT, expression, _REFERENCES[0]),
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


def _prefactor(propagator: SoftPropagator) -> sp.Expr:
    """Return the prefactor of one mode: diagrams times states per area over level spacing."""
    levels = landau_levels()
    return interference_correction(propagator.dimension) * levels.degeneracy / levels.spacing


def _block_trace(
    block: ModeBlock,
    propagator: SoftPropagator,
    reference: Mapping[sp.Symbol, sp.Expr],
    levels: int,
) -> sp.Expr:
    """Return the derived trace over Landau levels and over the modes of a block, folded.

    Roots of polynomials stay inside a matrix or a rational function, whose traces are smooth
    where the roots meet.
    """
    relaxation = without_velocity(block.relaxation, propagator.diffusion_constant)
    plain = block.weight is not None and relaxation.is_hermitian
    if block.couples_to_momentum or not plain or _depends_on(relaxation, reference):
        return coupled_modes(block, propagator, reference).trace(levels)
    multiple = fold(field_trace()) * block.weight
    gaps = [mode.gap for mode in block.modes()] if len(block.names) < 3 else []
    if gaps and all(gap.is_rational_function(*gap.free_symbols) for gap in gaps):
        return multiple * sp.Add(*(HikamiFunction(B, characteristic_field(gap)) for gap in gaps))
    return multiple * HikamiTrace.of(B, characteristic_fields(relaxation))


def _depends_on(matrix: sp.MatrixBase, reference: Mapping[sp.Symbol, sp.Expr]) -> bool:
    names = {symbol.name for symbol in reference}
    return any(symbol.name in names for symbol in matrix.free_symbols)


def _distributed(scale: sp.Expr, trace: sp.Expr) -> sp.Expr:
    return sp.Add(*(scale * term for term in sp.Add.make_args(trace)))


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
