r"""Dephasing of a wire by the Nyquist noise of its own electrons, exactly.

Electrons of other pairs make a fluctuating electric potential V(x, t).  At energies below k_B T it
is a classical Gaussian field, white in time, with long waves stronger than short ones, so that in
one dimension the phase between a closed path and its reverse grows with the distance |X| of the
two electrons instead of with time alone.  A rate cannot describe this: the Cooperon becomes a
particle in the potential |X|, and its trace is a ratio of Airy functions instead of a square root.

Here every step is done by SymPy: the noise from the fluctuation-dissipation theorem, the phase of
a path, the equation of the Cooperon, its solution.  Any other rate, of a mode, of a field, of
other dephasing, adds to z and keeps its exponential decay in time.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.airy_ratio import AiryRatio
from cooperon.derivation import Step, equation
from diagrams.symbols import D, e, hbar, k_B, symbol

sigma_1, T, L_N = symbol("sigma_1"), symbol("T"), symbol("L_N")
_omega, _X, _k = sp.symbols("omega X k", positive=True)
_z = sp.Symbol("z", positive=True)
_y = sp.Symbol("y", real=True)
_AAK = "B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982)"


@cache
def potential_noise() -> sp.Expr:
    """Return <V V>_k of a wire, V^2 s m, white in time: 2 k_B T/(sigma_1 k^2).

    The fluctuation-dissipation theorem for the field E = -dV/dx of a conductor with sigma_1, the
    conductivity times the cross-section, in the limit of low frequencies.
    """
    energy = hbar * _omega
    field = energy / sigma_1 * sp.coth(energy / (2 * k_B * T))
    return sp.limit(field, _omega, 0) / _k**2


@cache
def phase_rate() -> sp.Expr:
    r"""Return kappa, 1/(s m): a path and its reverse dephase as exp(-kappa int \|X(t')\| dt').

    Their phase is (e/hbar) int_0^t [V(x(t'), t') - V(x(t - t'), t')] dt', and half its variance
    contains the noise with the factor 2 - 2 cos(k X), X = x(t') - x(t - t').
    """
    per_time = e**2 / (2 * hbar**2) * potential_noise() * (2 - 2 * sp.cos(_k * _X))
    both_signs = 2 * sp.integrate(sp.expand(per_time * _k**2) / _k**2, (_k, 0, sp.oo))
    return sp.simplify(both_signs / (2 * sp.pi) / _X)


@cache
def nyquist_length() -> sp.Expr:
    """Return L_N = (D/kappa)^(1/3), m, in D, sigma_1, T and constants of nature.

    Other authors have it larger by 2^(1/3) or 2^(1/2).
    """
    return sp.powdenest(sp.cbrt(D / phase_rate()), force=True)


@cache
def _propagator() -> tuple[sp.Expr, sp.Expr]:
    """Return C(X) for X > 0 and x = L_N^2 z/D, by matching at X = 0.

    In y = X/L_N + x the equation is Airy's.  The solution that does not grow is even in X, and
    its slope jumps by -1/D.
    """
    f = sp.Function("f")
    x = L_N**2 * _z / D
    kappa = D / L_N**3
    operator = -D / L_N**2 * f(_y).diff(_y, 2) + (kappa * L_N * (_y - x) + _z) * f(_y)
    reduced = sp.expand(operator * L_N**2 / D)
    general = sp.dsolve(reduced, f(_y), hint="2nd_linear_airy").rhs
    growing, amplitude = sp.symbols("C2 C1")
    decaying = general.subs(growing, 0)
    jump = 2 * D * decaying.diff(_y).subs(_y, x) / L_N
    (size,) = sp.solve(jump + 1, amplitude)
    return decaying.subs(amplitude, size).subs(_y, _X / L_N + x), x


def nyquist_trace(z: sp.Expr) -> sp.Expr:
    """Return the Cooperon at equal points of a wire with Nyquist noise, s/m.

    It takes the place of int dq/(2 pi) 1/(D q^2 + z) = 1/(2 sqrt(D z)), its limit for large L_N:

        C(0) = -(L_N/(2 D)) Ai(x)/Ai'(x),  x = L_N^2 z/D.

    Parameters
    ----------
    z : expression
        All other rates together, 1/s: 1/tau_phi, the gap of the mode, that of a field.

    Returns
    -------
    expression
        In D and L_N of the symbol table; `nyquist_length` says what L_N is made of.

    Examples
    --------
    >>> nyquist_trace(1 / symbol("tau_phi"))
    -L_N*AiryRatio(L_N**2/(D*tau_phi))/(2*D)
    """
    return _trace().subs(_z, z)


@cache
def _trace() -> sp.Expr:
    C, x = _propagator()
    multiple = sp.simplify(C.subs(_X, 0) / AiryRatio(x).doit())
    if multiple.has(_z, sp.airyai, sp.airyaiprime):
        raise ArithmeticError(f"the Cooperon {C} at X = 0 is not a multiple of an Airy ratio.")
    return multiple * AiryRatio(x)


def nyquist_steps() -> tuple[Step, ...]:
    """Return the steps from the noise to the trace."""
    C = sp.Function("C")
    X = sp.Symbol("X", real=True)
    V = sp.Symbol(r"\langle V V\rangle_{k}")
    decay = sp.Symbol(r"\langle e^{i\varphi}\rangle")
    path = sp.Integral(
        sp.Abs(sp.Function("X")(sp.Symbol("t'"))), (sp.Symbol("t'"), 0, sp.Symbol("t"))
    )
    operator = -D * C(X).diff(X, 2) + (phase_rate() * sp.Abs(X) + _z) * C(X)
    solution, _ = _propagator()
    return (
        Step(
            "Noise of the electric potential",
            (equation(V, potential_noise()),),
            "The fluctuation-dissipation theorem at frequencies below $k_B T/\\hbar$, where the "
            "potential is classical and white in time; $\\sigma_1$ is the conductivity times the "
            "cross-section.",
            _AAK,
        ),
        Step(
            "Phase of a closed path",
            (equation(decay, sp.exp(-phase_rate() * path)),),
            "The phase between a path and its reverse is Gaussian; $X(t')$ is the distance of the "
            "two electrons at the time $t'$.",
            _AAK,
        ),
        Step(
            "Cooperon with Nyquist noise",
            (equation(operator, sp.DiracDelta(X)), equation(L_N, nyquist_length())),
            "The distance of the two electrons diffuses with $2D$ during $t/2$; all other rates "
            "are in $z$.",
            _AAK,
        ),
        Step(
            "Solution in Airy functions",
            (equation(C(_X), solution), equation(C(0), nyquist_trace(_z))),
            "For $X > 0$, with the slope that the source asks for; the solution that grows is "
            "left out.",
            _AAK,
        ),
    )
