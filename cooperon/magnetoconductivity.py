"""The correction in a perpendicular field in d = 2: the soft modes on Landau levels.

    Delta sigma(B) = sigma(B) - sigma(0) = (e^2/(2 pi^2 hbar)) sum_j w_j Psi(B_j/B),
    B_j = (hbar/(4 e D)) (1/tau_phi + Gamma_j),

positive for weak localization.  Weights, gaps, prefactor and Psi are all derived: nothing
in this file knows the formula of Hikami, Larkin and Nagaoka.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation
from cooperon.diagram_steps import diagram_steps
from cooperon.field_steps import coupling_steps, level_steps, sum_step
from cooperon.geometry import Geometry, bulk
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.sample_steps import geometry_steps
from cooperon.sample_trace import SampleTrace
from cooperon.sample_units import letter, unit_of
from diagrams.symbols import B, B_phi, D, e, hbar, symbol

_REFERENCES = (
    "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)",
    "B. L. Altshuler, D. Khmel'nitzkii, A. I. Larkin, P. A. Lee, Phys. Rev. B 22, 5142 (1980)",
)


_AT_ZERO_FIELD = MappingProxyType(
    {B: sp.S.Zero, symbol("B_parallel"): sp.S.Zero, symbol("Phi"): sp.S.Zero}
)


def magnetoconductivity(
    conductor: Conductor,
    axis: str = "x",
    reference: Mapping[sp.Symbol, sp.Expr] = _AT_ZERO_FIELD,
    levels: int = 512,
    *,
    geometry: Geometry | None = None,
    omega: sp.Expr = sp.S.Zero,
) -> Correction:
    """Derive Delta sigma(B) of a `conductor` in a field.

    Rates that enter as times `tau_j` come out as fields B_j = hbar/(4 e D tau_j) (and
    `in_times` writes them back); any other symbol of a rate stays as it is, with D.

    Parameters
    ----------
    conductor : Conductor
        The model.  Its Hamiltonian may contain B, and `B_parallel`, as in a Zeeman energy.
    axis : {"x", "y", "z"}
        Direction of the current; it matters for a conductor with anisotropic masses only.
    reference : mapping, optional
        Values of symbols in the state that the correction is referred to: zero perpendicular
        and zero parallel field and no flux by default, so that it is sigma(B) - sigma(0) in full.
    levels : int, optional
        Landau levels that generated code sums where nothing is conserved, see `BandTrace`; it
        says so where they do not suffice.
    geometry : Geometry, optional
        The shape of the sample, see `cooperon.geometry`; infinite in the dimensions of the
        conductor by default.
    omega : expression, optional
        Angular frequency, rad/s, time dependence exp(-i omega t); the result is complex.

    Returns
    -------
    Correction
        In the unit that its `unit_name` says: e^2/(pi h) = e^2/(2 pi^2 hbar) for a conductance
        in d = 2, the same per metre for a conductivity in d = 3, e^2/(pi hbar) times metre for a
        wire, 2 e^2/h for a wire between leads.  All internal states are counted.

    Raises
    ------
    NotImplementedError
        If the trace of the modes is not known in this geometry.
    ValueError
        If the axis is not one of its axes, the geometry has more dimensions than the conductor,
        or nothing in it depends on a field.
    """
    sample = bulk(conductor.dimension) if geometry is None else geometry
    require_fit(conductor, sample)
    _require_field(conductor, sample)
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    trace = SampleTrace(sample, propagator, reference, levels).change()
    ratio = conductor.axis_ratio(axis)
    expression = sp.Add(*(ratio * term for term in sp.Add.make_args(trace)))
    if omega != 0:
        expression = expression.subs(B_phi, B_phi - sp.I * hbar * sp.sympify(omega) / (4 * e * D))
    unit = unit_of(sample)
    lhs = symbol(f"Delta_{letter(sample)}")
    return Correction(
        "magnetoconductivity",
        lhs,
        expression,
        unit.value,
        unit.name,
        propagator.closed_modes,
        validity(conductor, sample),
        tuple(dict.fromkeys((*references(sample), *_REFERENCES))),
        Derivation(
            "Magnetoconductivity from the Cooperon",
            (
                *diagram_steps(conductor.dimension, propagator.anisotropy),
                *model_steps(conductor),
                *mode_steps(propagator, sp.sympify(omega)),
                *geometry_steps(sample),
                *level_steps(sample),
                *coupling_steps(propagator, reference),
                sum_step(lhs / unit.value, expression, (*references(sample), *_REFERENCES)[0]),
            ),
        ),
        sample.conditions,
    )


def require_fit(conductor: Conductor, geometry: Geometry) -> None:
    """Check that a conductor fills a geometry.

    Raises
    ------
    ValueError
        If the geometry has more dimensions than the conductor diffuses in.
    NotImplementedError
        If the masses are anisotropic and the geometry is not infinite.
    """
    if geometry.dimension > conductor.dimension:
        raise ValueError(
            f"the geometry {geometry.name!r} has {geometry.dimension} dimensions, and the "
            f"conductor diffuses in {conductor.dimension}; state the conductor in "
            f"{geometry.dimension} dimensions, or choose a geometry that is thin."
        )
    if conductor.masses and geometry != bulk(conductor.dimension):
        raise NotImplementedError(
            f"a conductor with anisotropic masses is known as an infinite sample only, not in the "
            f"geometry {geometry.name!r}; leave out the masses."
        )


def _require_field(conductor: Conductor, geometry: Geometry) -> None:
    if not geometry.feels_field and not conductor.hamiltonian.has(B, symbol("B_parallel")):
        raise ValueError(
            f"a field has no flux through the geometry {geometry.name!r}; give it a width, as in "
            "geometry=wire(width)."
        )


def references(geometry: Geometry) -> tuple[str, ...]:
    """Return whom to cite for the geometry."""
    return (geometry.reference,) if geometry.reference else ()


def validity(conductor: Conductor, geometry: Geometry) -> str:
    """Return where the result holds, one sentence."""
    conditions = ["k_F l >> 1", "B << B_tr = hbar/(2 e l^2) and all B_j << B_tr (diffusive motion)"]
    if not conductor.hamiltonian.is_zero_matrix:
        conditions.append("|h| tau/hbar << 1 for the internal Hamiltonian h")
    conditions += [f"{c.small} << {c.large}" for c in geometry.conditions]
    left_out = "classical magnetoresistance"
    if not conductor.hamiltonian.has(B):
        left_out += " and Zeeman splitting by B"
    return "; ".join([*conditions, f"{left_out} left out"])
