r"""Derive the dephasing rates by Nyquist noise in d = 1, 2, 3.

A. Schmid, Z. Phys. 271, 251 (1974): an electron at the energy epsilon above the Fermi level of a
disordered metal in three dimensions decays, at zero temperature and k_F l >> 1, with

.. math:: \frac{1}{\tau_{ee}} = \frac{\sqrt3}{2}\,
          \frac{\epsilon^{3/2}}{\hbar\sqrt{\epsilon_F}\,(k_F l)^{3/2}}

(the further term epsilon^2 of a clean metal has no diffusion in it).

B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982):

.. math:: \frac{1}{\tau_\phi} = \frac{k_B T}{\hbar}\frac{e^2 R_\square}{2\pi\hbar}
          \ln\frac{\pi\hbar}{e^2 R_\square}, \qquad
          \frac{1}{\tau_N} = \left(\frac{e^2 k_B T\sqrt D}{\hbar^2\sigma_1}\right)^{2/3}
          \qquad (d = 2, 1).

H. Fukuyama, E. Abrahams, Phys. Rev. B 27, 5976 (1983), have k_B T/(2 E_F tau) in front of a
logarithm in d = 2 whose argument depends on the screening; the prefactor is compared.  At a finite
temperature the rates are decay rates, out-rate plus in-rate; papers that give the out-rate, or
nu for both spins, have numbers that differ by 2.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation
from cooperon.dephasing import nyquist
from cooperon.derivation import equation
from cooperon.nyquist_rate_steps import golden_rule_steps
from cooperon.nyquist_rates import (
    epsilon,
    noise_kernel,
    omega,
    out_rate_at_zero_temperature,
    slow_noise_rate,
    theta,
)

e, hbar, k_B, D, nu, T = sp.symbols("e hbar k_B D nu T", positive=True)
R_square, sigma_1, E_F, k_F, m, length, tau, u = sp.symbols(
    "R_square sigma_1 E_F k_F m l tau u", positive=True
)


def printed_kernels() -> dict[int, sp.Expr]:
    """Return K(omega) of Altshuler and Aronov with their constants, nu per spin."""
    constants = {
        1: 1 / (2 * sp.sqrt(2) * sp.pi),
        2: 1 / (8 * sp.pi),
        3: 1 / (4 * sp.sqrt(2) * sp.pi**2),
    }
    return {
        d: c * omega ** (sp.Rational(d, 2) - 2) / (hbar * nu * D ** sp.Rational(d, 2))
        for d, c in constants.items()
    }


def printed_schmid() -> sp.Expr:
    """Return 1/tau_ee at the energy hbar epsilon."""
    return (
        sp.sqrt(3)
        / 2
        * (hbar * epsilon / (k_F * length)) ** sp.Rational(3, 2)
        / (hbar * sp.sqrt(E_F))
    )


def printed_two_dimensions() -> sp.Expr:
    """Return 1/tau_phi of Altshuler, Aronov and Khmelnitsky in d = 2."""
    coupling = e**2 * R_square / (2 * sp.pi * hbar)
    return k_B * T / hbar * coupling * sp.log(sp.pi * hbar / (e**2 * R_square))


def printed_nyquist_rate() -> sp.Expr:
    """Return 1/tau_N of Altshuler, Aronov and Khmelnitsky in d = 1."""
    return (e**2 * k_B * T * sp.sqrt(D) / (hbar**2 * sigma_1)) ** sp.Rational(2, 3)


def printed_prefactor() -> sp.Expr:
    """Return the prefactor of the logarithm of Fukuyama and Abrahams."""
    return k_B * T / (2 * E_F * tau)


def parabolic(rate: sp.Expr, dimension: int) -> sp.Expr:
    """Return a rate for electrons of mass m: nu of the Fermi surface, D = v_F l/d."""
    velocity = hbar * k_F / m
    density = {2: m / (2 * sp.pi * hbar**2), 3: m * k_F / (2 * sp.pi**2 * hbar**2)}[dimension]
    return rate.subs({nu: density, D: velocity * length / dimension})


def self_consistency() -> tuple[sp.Expr, sp.Expr]:
    """Return both sides of 1/tau_phi = a theta ln(theta tau_phi), R_square by u = W(1/a)."""
    rate = nyquist(2).rate
    coupling = 1 / (u * sp.exp(u))  # 1/a = W exp(W)
    in_u = {sp.LambertW(2 * sp.pi * hbar / (R_square * e**2)): u}
    solved = rate.subs(in_u).subs(R_square, 2 * sp.pi * hbar * coupling / e**2)
    logarithm = sp.log(k_B * T / (hbar * solved))
    return solved, coupling * k_B * T / hbar * sp.expand_log(sp.simplify(logarithm))


def comparisons() -> list[Comparison]:
    """Return every statement of the docstring as a comparison."""
    energy = {E_F: hbar**2 * k_F**2 / (2 * m)}
    schmid = parabolic(out_rate_at_zero_temperature(3), 3)
    prefactor = parabolic(slow_noise_rate(), 2).subs(theta, k_B * T / hbar)
    lifetime = {tau: length * m / (hbar * k_F)}
    first_step = nyquist(2, self_consistent=False).rate
    zero = sp.airyaiprime(0) / sp.airyai(0)
    return [
        *(
            Comparison(f"the noise kernel in d = {d}", noise_kernel(d), printed)
            for d, printed in printed_kernels().items()
        ),
        Comparison("Schmid, Z. Phys. 271, 251 (1974)", schmid, printed_schmid().subs(energy)),
        Comparison(
            "Altshuler, Aronov, Khmelnitsky (1982) in d = 2", first_step, printed_two_dimensions()
        ),
        Comparison("the equation that it iterates, solved by W", *self_consistency()),
        Comparison(
            "Altshuler, Aronov, Khmelnitsky (1982) in d = 1",
            sp.powdenest(nyquist(1).rate / zero**2, force=True),
            printed_nyquist_rate(),
        ),
        Comparison(
            "the prefactor of Fukuyama, Abrahams (1983)",
            prefactor,
            printed_prefactor().subs(lifetime).subs(energy),
        ),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the dephasing rates by Nyquist noise in d = 1, 2, 3.", arguments)
    results = [equation(1 / sp.Symbol(f"tau_phi^({d})"), nyquist(d).rate) for d in (1, 2, 3)]
    steps = dict.fromkeys((*golden_rule_steps(3), *golden_rule_steps(2)))
    record = Derivation("Dephasing by Nyquist noise", tuple(steps))
    return conclude(results, comparisons(), record, tex)


if __name__ == "__main__":
    raise SystemExit(main())
