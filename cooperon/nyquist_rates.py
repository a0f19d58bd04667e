r"""Rates of dephasing by the Nyquist noise of other electrons, by the golden rule.

An electron in a diffusive conductor absorbs and emits the quanta hbar omega of the electric
potential.  The potential fluctuates with the dissipative part of the screened interaction U, the
electron spreads with the diffusion propagator, and together they give a rate per interval
omega d(omega) at zero temperature,

.. math:: K(\omega) = \frac{1}{\pi\hbar\nu} \int\frac{d^dq}{(2\pi)^d} \frac{1}{D^2q^4 + \omega^2}
          \propto \omega^{d/2 - 2}.

Two things go wrong easily.  The first are factors of 2: the *out-rate*, at which an electron leaves
its state, is half of the *decay rate* at the Fermi level, since in the Green function, and so in
the Cooperon, the rate at which the empty state is filled adds.  Authors call both 1/tau_ee; names
here say which one it is.  The second is that slow quanta are many: K k_B T/omega diverges at omega
-> 0 in d = 1, 2.  Fields slower than 1/tau_phi do not dephase, which in d = 2 makes the rate a
logarithm of itself, and in d = 1 no rate at all (see `cooperon.nyquist`).

Frequencies are in rad/s; temperature enters as theta = k_B T/hbar, and the density of states
by the Drude conductivity sigma = 2 e^2 nu D.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.nyquist import nyquist_length, nyquist_trace
from diagrams.conductivity import drude_conductivity
from diagrams.symbols import D, hbar, k_B, nu, symbol

T = symbol("T")
theta = sp.Symbol("theta", positive=True)
omega = sp.Symbol("omega", positive=True)
epsilon = sp.Symbol("epsilon", positive=True)
_k, _y, _rate = sp.symbols("k y Gamma", positive=True)


@cache
def screened_interaction() -> sp.Expr:
    """Return U(k, omega), J m^d: the Coulomb interaction screened by diffusing electrons.

    RPA with the polarisation 2 nu D k^2/(D k^2 - i omega) of both spins; the bare interaction
    is so strong at small k that it drops out.
    """
    bare = sp.Symbol("U_0", positive=True)
    polarisation = 2 * nu * D * _k**2 / (D * _k**2 - sp.I * omega)
    return sp.limit(1 / (1 / bare + polarisation), bare, sp.oo)


@cache
def noise_kernel(dimension: int) -> sp.Expr:
    """Return K(omega), s: K omega d(omega) is the rate at which omega is lost at T = 0.

    The golden rule (1/hbar) int d^dq/(2 pi)^d S_U S_rho/(2 pi) with the noise S_U = -2 Im U of an
    environment at T = 0 and the motion S_rho = 2 Re 1/(D q^2 - i omega) of the electron.

    Raises
    ------
    ValueError
        If the dimension is not 1, 2 or 3.
    """
    if dimension not in (1, 2, 3):
        raise ValueError(
            f"the dimension of the noise is {dimension}; choose 1, 2 or 3. A dot, d = 0, has no "
            "diffusion; state its rate by power_law."
        )
    motion = 2 * sp.re(1 / (D * _k**2 - sp.I * omega))
    noise = -2 * sp.im(screened_interaction())
    sphere = 2 * sp.pi ** sp.Rational(dimension, 2) / sp.gamma(sp.Rational(dimension, 2))
    shell = sphere * _k ** (dimension - 1) / (2 * sp.pi) ** dimension
    integrand = sp.factor(sp.simplify(noise * motion)) * shell / (2 * sp.pi * hbar)
    return sp.simplify(sp.integrate(sp.simplify(integrand / omega), (_k, 0, sp.oo)))


@cache
def occupation_factors() -> tuple[sp.Expr, sp.Expr]:
    """Return what temperature makes of K at the Fermi level, in y = omega/theta: out and in.

    Out: emission to an empty state, (1 + n)(1 - f(-y)), and absorption, n (1 - f(y)).  In: the
    empty state is filled from above, f(y) (1 + n), and from below, f(-y) n.
    """
    bosons = 1 / (sp.exp(_y) - 1)
    above, below = 1 / (sp.exp(_y) + 1), 1 / (sp.exp(-_y) + 1)
    out_rate = (1 + bosons) * (1 - below) + bosons * (1 - above)
    in_rate = above * (1 + bosons) + below * bosons
    return sp.simplify(out_rate), sp.simplify(in_rate)


@cache
def out_rate_at_zero_temperature(dimension: int) -> sp.Expr:
    """Return the out-rate, 1/s, of an electron at the frequency epsilon above the Fermi level.

    It is the decay rate as well, for at T = 0 nothing fills the state.
    """
    return sp.integrate(omega * noise_kernel(dimension), (omega, 0, epsilon))


@cache
def out_rate() -> sp.Expr:
    """Return the out-rate in d = 3 at the Fermi level and at temperature theta, 1/s."""
    return _thermal(occupation_factors()[0])


@cache
def decay_rate() -> sp.Expr:
    """Return the decay rate of the Cooperon in d = 3, out-rate plus in-rate, 1/s."""
    return _thermal(sp.simplify(sp.Add(*occupation_factors())))


def _thermal(factor: sp.Expr) -> sp.Expr:
    """Return int d(omega) omega K times a multiple of 1/sinh(omega/theta), in d = 3."""
    multiple = sp.simplify(factor * sp.sinh(_y).rewrite(sp.exp))
    quanta = (omega * noise_kernel(3)).subs(omega, theta)  # as sqrt(omega)
    return multiple * theta * quanta * inverse_sinh_moment(sp.Rational(3, 2))


@cache
def inverse_sinh_moment(s: sp.Expr) -> sp.Expr:
    """Return int_0^oo y^(s - 1)/sinh(y) dy for s > 1.

    1/sinh(y) = 2 sum of exp(-m y) over odd m, each of which gives Gamma(s) m^-s; odd numbers are
    all but the even ones.
    """
    one_term = sp.integrate(_y ** (s - 1) * sp.exp(-_y), (_y, 0, sp.oo))
    return 2 * one_term * (1 - 2**-s) * sp.zeta(s)


@cache
def slow_noise_rate() -> sp.Expr:
    """Return the rate per logarithm of frequency in d = 2, 1/s: decay by quanta below theta.

    The decay rate is its integral d(omega)/omega from 1/tau_phi to theta.
    """
    factor = sp.simplify(sp.Add(*occupation_factors())).subs(_y, omega / theta)
    return sp.limit(sp.simplify(omega**2 * noise_kernel(2) * factor), omega, 0)


@cache
def self_consistent_rate() -> sp.Expr:
    r"""Return 1/tau_phi in d = 2, 1/s, in theta: the solution of

    .. math:: \frac{1}{\tau_\phi} = a\,\theta\,\ln(\theta\tau_\phi), \qquad
              \theta\tau_\phi = \frac{1}{a\,W(1/a)},

    with Lambert's function W, where a theta is `slow_noise_rate`.
    """
    a = sp.Symbol("a", positive=True)
    cycles = sp.Symbol("x", positive=True)  # theta tau_phi
    logarithm = sp.integrate(1 / omega, (omega, 1 / cycles, 1))
    (solution,) = sp.solve(sp.Eq(1 / cycles, a * sp.expand_log(logarithm)), cycles)
    w = sp.Symbol("w", positive=True)
    folded = solution.subs(sp.exp(sp.LambertW(1 / a)), 1 / (a * w))  # exp(W(x)) = x/W(x)
    rate = (theta / folded).subs(w, sp.LambertW(1 / a))
    return rate.subs(a, slow_noise_rate() / theta)


def iterated_rate(start: sp.Expr) -> sp.Expr:
    """Return the next rate in d = 2, 1/s: with the logarithm at the rate `start`, 1/s."""
    return slow_noise_rate() * sp.log(theta / start)


@cache
def exponential_rate() -> sp.Expr:
    """Return the rate in d = 1, 1/s, with which exponential decay has the correction of the noise.

    Nothing decays exponentially there.  The rate is that of 1/(2 sqrt(D rate)), the trace of a
    mode without a field, equal to the exact one of `cooperon.nyquist` without other dephasing.
    """
    exact = nyquist_trace(sp.S.Zero)
    (rate,) = sp.solve(1 / (2 * sp.sqrt(D * _rate)) - exact, _rate)
    return sp.simplify(rate.subs(symbol("L_N"), nyquist_length()))


def in_conductivity(rate: sp.Expr, conductivity: sp.Expr) -> sp.Expr:
    """Return a rate with theta = k_B T/hbar, and nu by sigma = 2 e^2 nu D, S m^(2-d)."""
    (density,) = sp.solve(drude_conductivity(2) - conductivity, nu)
    return rate.subs(nu, density).subs(theta, k_B * T / hbar)
