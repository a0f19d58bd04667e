r"""Derive the weak localization of a wire whose electrons dephase each other by Nyquist noise.

B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982), with both spins
counted:

.. math:: \delta\sigma_1 = \frac{e^2 L_N}{\pi\hbar} \frac{\mathrm{Ai}(x)}{\mathrm{Ai}'(x)},
    \qquad x = L_N^2 \left(\frac{1}{L_\phi^2} + \frac{1}{L_B^2}\right), \quad
    L_N = \left(\frac{\hbar^2 D \sigma_1}{e^2 k_B T}\right)^{1/3},

L_phi from all other dephasing and L_B^2 = 3 l_B^4/W^2 for a strip.  Limits: -(e^2/(pi hbar)) L_phi
[1 - L_phi^3/(4 L_N^3)] for large x and -1.3717 (e^2/(pi hbar)) L_N for x = 0.

Closed paths of duration t have the mean phase factor
sqrt(pi t/tau_N) sum_n exp(-|a'_n| t/tau_N)/|a'_n|, G. Montambaux, E. Akkermans, Phys. Rev. Lett.
95, 016403 (2005), of which Ai(x)/Ai'(x) is the Laplace transform.

Deviations: SI units; equations as commonly quoted, without their numbers; other authors have L_N
larger by 2^(1/3) or sqrt(2).
"""

from __future__ import annotations

from collections.abc import Sequence

import mpmath as mp
import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, tex_path

from cooperon import Derivation
from cooperon.airy_ratio import AiryRatio
from cooperon.nyquist import nyquist_length, nyquist_steps, nyquist_trace
from cooperon.nyquist_decay import NyquistDecay
from diagrams.conductivity import interference_correction
from diagrams.symbols import D, e, hbar, symbol, tau_phi

L_phi, L_B, y = sp.symbols("L_phi L_B y", positive=True)
L_N, sigma_1, T, k_B = (symbol(name) for name in ("L_N", "sigma_1", "T", "k_B"))


def printed_length() -> sp.Expr:
    """Return L_N."""
    return sp.cbrt(hbar**2 * D * sigma_1 / (e**2 * k_B * T))


def printed_equation() -> sp.Expr:
    """Return delta sigma_1."""
    x = L_N**2 * (1 / L_phi**2 + 1 / L_B**2)
    return e**2 * L_N / (sp.pi * hbar) * sp.airyai(x) / sp.airyaiprime(x)


def printed_weak_noise() -> sp.Expr:
    """Return delta sigma_1 for large x."""
    return -(e**2) / (sp.pi * hbar) * L_phi * (1 - L_phi**3 / (4 * L_N**3))


def printed_noise_alone() -> sp.Expr:
    """Return delta sigma_1 for x = 0: -1.3717 L_N, in gamma functions."""
    third = sp.Rational(1, 3)
    return -(e**2) / (sp.pi * hbar) * L_N * sp.gamma(third) / (sp.cbrt(3) * sp.gamma(2 * third))


def printed_phase_factor(x: mp.mpf) -> mp.mpf:
    """Return the sum over 200 zeros of Ai' at the duration x tau_N."""
    zeros = (mp.airyaizero(n, derivative=1) for n in range(1, 201))
    return mp.sqrt(mp.pi * x) * mp.fsum(-mp.exp(u * x) / u for u in zeros)


def derive(rate: sp.Expr) -> sp.Expr:
    """Derive delta sigma_1 with further dephasing at a rate."""
    return sp.expand(interference_correction(1) * nyquist_trace(rate))


def weak_noise() -> sp.Expr:
    """Return two terms of the derived correction for L_N >> L_phi."""
    correction = derive(D / L_phi**2)
    tail = AiryRatio(y).series(y, sp.oo, 3).removeO()
    return correction.replace(AiryRatio, lambda x: tail.subs(y, x))


def comparisons() -> list[Comparison]:
    """Return the statements of the docstring."""
    derived = derive(D / L_phi**2 + D / L_B**2)
    with mp.workdps(30):
        printed = sp.Float(printed_phase_factor(mp.mpf(1)), 30)
    transform = laplace_transform(mp.mpf("0.7"))
    return [
        Comparison("the Nyquist length", nyquist_length(), printed_length()),
        Comparison(
            "Altshuler, Aronov, Khmelnitsky, J. Phys. C 15, 7367 (1982)",
            derived.doit(),
            printed_equation(),
        ),
        Comparison("its limit of weak noise", weak_noise(), printed_weak_noise()),
        Comparison(
            "its limit of Nyquist noise alone",
            sp.expand_func(derive(sp.S.Zero)),
            printed_noise_alone(),
        ),
        NumericalComparison(
            "Montambaux, Akkermans, Phys. Rev. Lett. 95, 016403 (2005), at t = tau_N",
            NyquistDecay(1).evalf(25),
            printed,
        ),
        NumericalComparison(
            "the Laplace transform of the phase factor, at x = 0.7",
            AiryRatio(sp.Rational(7, 10)).evalf(25),
            transform,
            digits=12,
        ),
    ]


def laplace_transform(x: mp.mpf) -> sp.Expr:
    """Return -int_0^oo dt exp(-x t) f(t)/sqrt(pi t) numerically, with s^2 = t."""

    def integrand(s: mp.mpf) -> mp.mpf:
        f = NyquistDecay(sp.Float(s**2, 20)).evalf(18)
        return 2 * mp.exp(-x * s**2) * mp.mpf(str(f)) / mp.sqrt(mp.pi)

    with mp.workdps(18):
        value = mp.quad(integrand, [0, mp.sqrt(2), 3, 5], maxdegree=5)
    return -sp.Float(value, 18)


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive Altshuler, Aronov, Khmelnitsky, J. Phys. C 15, 7367 (1982).", arguments)
    result = sp.Eq(symbol("delta_sigma"), derive(1 / tau_phi), evaluate=False)
    derivation = Derivation("Weak localization with Nyquist noise", nyquist_steps())
    return conclude([result], comparisons(), derivation, tex)


if __name__ == "__main__":
    raise SystemExit(main())
