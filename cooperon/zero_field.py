"""The correction without a field: momentum and time integrals of the soft modes in d = 1, 2, 3.

    delta sigma = -(2 e^2 D/(pi hbar)) sum_j w_j int d^d q/(2 pi)^d  1/(D q^2 + z_j),
    z_j = 1/tau_phi + Gamma_j - i omega.

The integral is cut off where diffusion ends, at times of the order tau.  How it is cut
changes the result by a constant, never its dependence on tau_phi, omega or temperature:
compare absolute values only between results with the same cutoff.
"""

from __future__ import annotations

import sympy as sp

from cooperon.characteristic import without_velocity
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.cutoffs import CUTOFFS, finite_bulk, z
from cooperon.derivation import Derivation, Step, equation
from cooperon.diagram_steps import diagram_steps
from cooperon.geometry import Geometry, bulk
from cooperon.geometry_trace import mode_trace
from cooperon.internal import Matrix
from cooperon.lengths import Condition
from cooperon.level_ratio import LEVEL, integrated, level_ratio
from cooperon.level_trace import CoupledModes
from cooperon.magnetoconductivity import references, require_fit
from cooperon.mode_steps import is_separable, mode_steps, model_steps
from cooperon.sample_functions import prefactor
from cooperon.sample_steps import geometry_steps
from cooperon.sample_units import letter, unit_of
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import D, symbol, tau, tau_phi

_REFERENCES = (
    "L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979)",
    "B. L. Altshuler, A. G. Aronov, A. I. Larkin, D. E. Khmel'nitskii, JETP 54, 411 (1981)",
)


def weak_localization(
    conductor: Conductor,
    cutoff: str = "smooth",
    omega: sp.Expr = sp.S.Zero,
    axis: str = "x",
    *,
    geometry: Geometry | None = None,
) -> Correction:
    """Derive delta sigma of `conductor`, without a magnetic field or with one.

    Infinite samples and films are without a field; `magnetoconductivity` adds it.  In wires and
    rings, where a field is a rate and a flux, the result contains it.

    Parameters
    ----------
    conductor : Conductor
        The model; its dimension d is that of the integral.
    cutoff : {"smooth", "sharp", "momentum", "none"}
        "smooth" takes 1 - exp(-t/tau) on the return probability, "sharp" starts it at
        t = tau, "momentum" stops at |q| = Q_c (a free parameter, about 1/l), "none" leaves it
        as it is, where the result converges (wires and rings).
    omega : expression, optional
        Angular frequency, rad/s, time dependence exp(-i omega t); the result is complex.
    axis : {"x", "y", "z"}
        Direction of the current; it matters for a conductor with anisotropic masses only.
    geometry : Geometry, optional
        The shape of the sample, see `cooperon.geometry`; infinite in the dimensions of the
        conductor by default.

    Returns
    -------
    Correction
        delta sigma, negative for weak localization: conductance times length (S m) in
        d = 1, conductance (S) in d = 2 and between leads, conductivity (S/m) in d = 3;
        `unit_name` says in which unit the expression is.

    Raises
    ------
    ValueError
        If the cutoff is not one of them, the result diverges without one, the axis does not exist
        in this dimension, or the geometry has more dimensions than the conductor.
    NotImplementedError
        If modes couple to q, unless the sample is infinite, d = 2, the cutoff is smooth and
        rotations conserve a quantum number.
    """
    sample = bulk(conductor.dimension) if geometry is None else geometry
    require_fit(conductor, sample)
    _require_cutoff(cutoff, sample)
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    unit, unit_name = unit_of(sample).value, unit_of(sample).name
    lifetime = 1 / sp.Add(*(field.rate for field in conductor.strong))
    if is_separable(propagator):
        integral = mode_trace(sample).cut(lambda d: _cut(cutoff, d)).subs(tau, lifetime)
        result = _trace(propagator, integral, sp.sympify(omega), sample)
    else:
        _require_isotropic(conductor, cutoff, sample)
        result = _coupled_trace(propagator, lifetime, sp.sympify(omega), unit)
    if conductor.masses:
        result = conductor.axis_ratio(axis) * result
    lhs = symbol(f"delta_{letter(sample)}")
    return Correction(
        "weak_localization",
        lhs,
        result,
        unit,
        unit_name,
        propagator.closed_modes,
        _VALIDITY,
        (*_REFERENCES, *(references(sample) if geometry else ())),
        Derivation(
            "Weak-localization correction without a field",
            (
                *diagram_steps(conductor.dimension, propagator.anisotropy),
                *model_steps(conductor),
                *mode_steps(propagator, omega),
                *geometry_steps(sample),
                _closing_step(lhs, unit * result, cutoff),
            ),
        ),
        (*sample.conditions, Condition("lifetime tau", "tau_phi", lifetime / tau_phi, sp.S.One)),
    )


def _require_cutoff(cutoff: str, geometry: Geometry) -> None:
    if cutoff not in (*CUTOFFS, "none"):
        raise ValueError(f"the cutoff is {cutoff!r}; choose one of {sorted([*CUTOFFS, 'none'])}.")
    if cutoff == "none" and not mode_trace(geometry).converges:
        raise ValueError(
            f"the correction of the geometry {geometry.name!r} diverges without a cutoff; choose "
            f"one of {sorted(CUTOFFS)}."
        )


def _cut(cutoff: str, dimension: int) -> sp.Expr:
    return finite_bulk(dimension) if cutoff == "none" else CUTOFFS[cutoff](dimension)


def _closing_step(lhs: sp.Symbol, correction: sp.Expr, cutoff: str) -> Step:
    return Step(
        "Correction",
        (equation(lhs, correction),),
        "No cutoff at short times."
        if cutoff == "none"
        else f"The momentum integral is done with the {cutoff} cutoff.",
        _REFERENCES[0],
    )


_VALIDITY = "k_F l >> 1, tau_phi >> tau, rates of all weak fields << 1/tau, |omega| tau << 1"


def _trace(
    propagator: SoftPropagator, integral: sp.Expr, omega: sp.Expr, geometry: Geometry
) -> sp.Expr:
    section = geometry.section
    rate = 1 / tau_phi - sp.I * omega + (section.rate if section else 0)
    one_mode = sp.expand_mul(prefactor(geometry) * integral)
    terms = (mode.weight * one_mode.subs(z, rate + mode.gap) for mode in propagator.modes)
    return sp.expand_mul(sp.Add(*terms), deep=False)


def _require_isotropic(conductor: Conductor, cutoff: str, geometry: Geometry) -> None:
    if geometry != bulk(2) or cutoff != "smooth":
        raise NotImplementedError(
            f"modes that couple to q are traced without a field in d = 2 with the smooth cutoff, "
            f"not in the geometry {geometry.name!r} with the {cutoff} one; use "
            "magnetoconductivity for the field dependence, or narrow_wire for a wire."
        )


def _coupled_trace(
    propagator: SoftPropagator, lifetime: sp.Expr, omega: sp.Expr, unit: sp.Expr
) -> sp.Expr:
    """Return the correction of modes that couple to q, with logarithms at the poles in q^2.

    With y = D q^2 the measure d^2 q/(2 pi)^2 is dy/(4 pi D).
    """
    scale = sp.simplify(interference_correction(2) / unit / (4 * sp.pi * D))
    rate = 1 / tau_phi - sp.I * omega
    cut = (_log_trace(block, propagator, rate) for block in propagator.blocks)
    subtracted = (_log_trace(b, propagator, rate + 1 / lifetime) for b in propagator.blocks)
    return sp.Add(*(scale * term for term in cut), *(-scale * term for term in subtracted))


def _log_trace(block: ModeBlock, propagator: SoftPropagator, rate: sp.Expr) -> sp.Expr:
    """Return int_0^Y dy tr(w S^-1) - tr(w) ln Y for Y -> oo."""
    D_0 = propagator.diffusion_constant
    relaxation = without_velocity(block.relaxation, D_0) + rate * sp.eye(len(block.names))
    c_x, c_y = (
        Matrix((without_velocity(matrix, D_0) / (2 * sp.sqrt(D))).applyfunc(sp.simplify))
        for matrix in block.coupling
    )
    modes = CoupledModes((c_x, c_y), Matrix(relaxation), Matrix(relaxation), block.weights)
    ratio = modes.without_field()
    if ratio is None:
        raise NotImplementedError(
            f"the modes {', '.join(block.names)} depend on the direction of q and conserve no "
            "quantum number, so that their integral has no closed form; use magnetoconductivity."
        )
    return integrated(level_ratio(ratio(LEVEL)))
