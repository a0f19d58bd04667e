"""The correction without a field: momentum and time integrals of the soft modes in d = 1, 2, 3.

    delta sigma = -(2 e^2 D/(pi hbar)) sum_j w_j int d^d q/(2 pi)^d  1/(D q^2 + z_j),
    z_j = 1/tau_phi + Gamma_j - i omega.

The integral is cut off where diffusion ends, at times of the order tau.  How it is cut
changes the result by a constant, never its dependence on tau_phi, omega or temperature:
compare absolute values only between results with the same cutoff.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import MappingProxyType

import sympy as sp

from cooperon.characteristic import without_velocity
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.diagram_steps import diagram_steps
from cooperon.internal import Matrix
from cooperon.level_ratio import LEVEL, integrated, level_ratio
from cooperon.level_trace import CoupledModes
from cooperon.mode_steps import is_separable, mode_steps, model_steps
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import D, e, hbar, symbol, tau, tau_phi

z = sp.Symbol("z", positive=True)
Q_c = sp.Symbol("Q_c", positive=True)

_REFERENCES = (
    "L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979)",
    "B. L. Altshuler, A. G. Aronov, A. I. Larkin, D. E. Khmel'nitskii, JETP 54, 411 (1981)",
)


@cache
def momentum_integral(dimension: int) -> sp.Expr:
    """Return int_{|q| < Q_c} d^d q/(2 pi)^d  1/(D q^2 + z), in s/m^d."""
    k = sp.Symbol("k", positive=True)
    sphere = 2 * sp.pi ** sp.Rational(dimension, 2) / sp.gamma(sp.Rational(dimension, 2))
    shell = sphere * k ** (dimension - 1) / (2 * sp.pi) ** dimension
    return sp.simplify(sp.integrate(shell / (D * k**2 + z), (k, 0, Q_c)))


@cache
def smooth_integral(dimension: int) -> sp.Expr:
    """Return the integral with 1/(D q^2 + z + 1/tau) subtracted, taken to Q_c -> oo.

    In time this is the factor 1 - exp(-t/tau) on the return probability.
    """
    cut = momentum_integral(dimension)
    difference = sp.expand(cut - cut.subs(z, z + 1 / tau))
    return sp.expand_log(sp.simplify(sp.limit(difference, Q_c, sp.oo)))


@cache
def sharp_integral(dimension: int) -> sp.Expr:
    """Return int_tau^oo dt exp(-z t)/(4 pi D t)^(d/2): the return probability after tau."""
    t = sp.Symbol("t", positive=True)
    density = (4 * sp.pi * D * t) ** -sp.Rational(dimension, 2)
    integral = sp.integrate(sp.exp(-z * t) * density, (t, tau, sp.oo))
    return sp.simplify(integral.rewrite(sp.erfc).rewrite(sp.expint))


CUTOFFS: MappingProxyType[str, Callable[[int], sp.Expr]] = MappingProxyType(
    {"smooth": smooth_integral, "sharp": sharp_integral, "momentum": momentum_integral}
)


def weak_localization(
    conductor: Conductor, cutoff: str = "smooth", omega: sp.Expr = sp.S.Zero, axis: str = "x"
) -> Correction:
    """Derive delta sigma of `conductor` without a magnetic field.

    Parameters
    ----------
    conductor : Conductor
        The model; its dimension d is that of the integral.
    cutoff : {"smooth", "sharp", "momentum"}
        "smooth" takes 1 - exp(-t/tau) on the return probability, "sharp" starts it at
        t = tau, "momentum" stops at |q| = Q_c (a free parameter, about 1/l).
    omega : expression, optional
        Angular frequency, rad/s, time dependence exp(-i omega t); the result is complex.

    axis : {"x", "y", "z"}
        Direction of the current; it matters for a conductor with anisotropic masses only.

    Returns
    -------
    Correction
        delta sigma, negative for weak localization: conductance times length (S m) in
        d = 1, conductance (S) in d = 2, conductivity (S/m) in d = 3; `unit_name` says in
        which unit the expression is.

    Raises
    ------
    ValueError
        If the cutoff is not one of the three, or the axis does not exist in this dimension.
    NotImplementedError
        If modes couple to q, unless d = 2, the cutoff is smooth and rotations conserve a
        quantum number.
    """
    if cutoff not in CUTOFFS:
        raise ValueError(f"the cutoff is {cutoff!r}; choose one of {sorted(CUTOFFS)}.")
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    unit, unit_name = _UNITS[conductor.dimension]
    lifetime = 1 / sp.Add(*(field.rate for field in conductor.strong))
    if is_separable(propagator):
        integral = CUTOFFS[cutoff](conductor.dimension).subs(tau, lifetime)
        result = _trace(propagator, integral, sp.sympify(omega), unit)
    else:
        _require_isotropic(conductor, cutoff)
        result = _coupled_trace(propagator, lifetime, sp.sympify(omega), unit)
    if conductor.masses:
        result = conductor.axis_ratio(axis) * result
    return Correction(
        "weak_localization",
        symbol("delta_sigma"),
        result,
        unit,
        unit_name,
        propagator.closed_modes,
        _VALIDITY,
        _REFERENCES,
        Derivation(
            "Weak-localization correction without a field",
            (
                *diagram_steps(conductor.dimension, propagator.anisotropy),
                *model_steps(conductor),
                *mode_steps(propagator, omega),
                _closing_step(unit * result, cutoff),
            ),
        ),
    )


def _closing_step(correction: sp.Expr, cutoff: str) -> Step:
    return Step(
        "Correction",
        (equation(symbol("delta_sigma"), correction),),
        f"The momentum integral is done with the {cutoff} cutoff.",
        _REFERENCES[0],
    )


_VALIDITY = "k_F l >> 1, tau_phi >> tau, rates of all weak fields << 1/tau, |omega| tau << 1"
_UNITS = MappingProxyType(
    {
        1: (e**2 / (sp.pi * hbar), "e^2/(pi hbar) m"),
        2: (e**2 / (2 * sp.pi**2 * hbar), "e^2/(pi h)"),
        3: (e**2 / (2 * sp.pi**2 * hbar), "e^2/(pi h) / m"),
    }
)


def _trace(propagator: SoftPropagator, integral: sp.Expr, omega: sp.Expr, unit: sp.Expr) -> sp.Expr:
    one_mode = sp.expand_mul(interference_correction(propagator.dimension) / unit * integral)
    terms = (
        mode.weight * one_mode.subs(z, 1 / tau_phi + mode.gap - sp.I * omega)
        for mode in propagator.modes
    )
    return sp.expand_mul(sp.Add(*terms), deep=False)


def _require_isotropic(conductor: Conductor, cutoff: str) -> None:
    if conductor.dimension != 2 or cutoff != "smooth":
        raise NotImplementedError(
            f"modes that couple to q are traced without a field in d = 2 with the smooth cutoff, "
            f"not in d = {conductor.dimension} with the {cutoff} one; use magnetoconductivity for "
            "its field dependence."
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
