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

from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.diagram_steps import diagram_steps
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import SoftPropagator
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
    conductor: Conductor, cutoff: str = "smooth", omega: sp.Expr = sp.S.Zero
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

    Returns
    -------
    Correction
        delta sigma, negative for weak localization: conductance times length (S m) in
        d = 1, conductance (S) in d = 2, conductivity (S/m) in d = 3; `unit_name` says in
        which unit the expression is.

    Raises
    ------
    ValueError
        If the cutoff is not one of the three.
    """
    if cutoff not in CUTOFFS:
        raise ValueError(f"the cutoff is {cutoff!r}; choose one of {sorted(CUTOFFS)}.")
    propagator = conductor.cooperon()
    unit, unit_name = _UNITS[conductor.dimension]
    lifetime = 1 / sp.Add(*(field.rate for field in conductor.strong))
    integral = CUTOFFS[cutoff](conductor.dimension).subs(tau, lifetime)
    result = _trace(propagator, integral, sp.sympify(omega), unit)
    return Correction(
        "weak_localization",
        symbol("delta_sigma"),
        result,
        unit,
        unit_name,
        propagator.modes,
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
