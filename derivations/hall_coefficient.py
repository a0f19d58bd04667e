r"""Derive that weak localization leaves the Hall coefficient unchanged, and compare.

H. Fukuyama, J. Phys. Soc. Jpn. 49, 644 (1980); B. L. Altshuler, D. Khmel'nitzkii,
A. I. Larkin, P. A. Lee, Phys. Rev. B 22, 5142 (1980). For electrons of charge -e in two
dimensions, sigma_0 = n e^2 tau/m and omega_c = e B/m,

.. math::
    \sigma_{xx} &= \frac{\sigma_0}{1 + \omega_c^2\tau^2}, \qquad
    \sigma_{xy} = -\frac{\sigma_0 \omega_c\tau}{1 + \omega_c^2\tau^2}, \qquad
    R_H = -\frac{1}{n e}, \\
    \frac{\delta\sigma_{xy}}{\sigma_{xy}} &= 2 \frac{\delta\sigma_{xx}}{\sigma_{xx}}, \qquad
    \frac{\delta R_H}{R_H} = 0,

to first order in omega_c tau for the corrections. Isotropic scatterers in a parabolic band.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Derivation, Step
from cooperon.derivation import equation
from diagrams.hall import (
    drude_hall_conductivity,
    hall_boxes,
    interference_hall_correction,
    precession_factor,
    relative_hall_correction,
)

e, hbar, nu, tau, tau_tr, D, m, k_F = sp.symbols("e hbar nu tau tau_tr D m k_F", positive=True)
B, omega_c = sp.symbols("B omega_c", real=True)
sigma_xx, sigma_xy, H_0, H_d, H = sp.symbols("sigma_xx sigma_xy H_0 H_R+H_A H")
c_xx, c_xy, turn = sp.symbols("c_xx c_xy f_+")

n = k_F**2 / (2 * sp.pi)


def printed_drude_tensor() -> tuple[sp.Expr, sp.Expr]:
    """Return sigma_xx and sigma_xy of n electrons per area."""
    sigma_0, turned = n * e**2 * tau / m, e * B / m * tau
    return sigma_0 / (1 + turned**2), -sigma_0 * turned / (1 + turned**2)


def printed_hall_coefficient() -> sp.Expr:
    """Return R_H = -1/(n e)."""
    return -1 / (n * e)


def printed_ratio() -> sp.Expr:
    """Return (delta sigma_xy/sigma_xy)/(delta sigma_xx/sigma_xx)."""
    return sp.Integer(2)


def printed_longitudinal_correction() -> sp.Expr:
    """Return c in delta sigma_xx = c int d^2 q/(2 pi)^2 1/(D q^2 + 1/tau_phi)."""
    return -2 * e**2 * D / (sp.pi * hbar)


def parabolic_band(expression: sp.Expr) -> sp.Expr:
    """Insert nu = m/(2 pi hbar^2), D = v_F^2 tau/2, v_F = hbar k_F/m, and omega_c = e B/m."""
    values = {
        tau_tr: tau,
        nu: m / (2 * sp.pi * hbar**2),
        D: (hbar * k_F / m) ** 2 * tau / 2,
        omega_c: e * B / m,
    }
    return expression.subs(values)


def ratio() -> sp.Expr:
    """Return the ratio of the relative corrections for a vanishing field."""
    classical, correction = drude_hall_conductivity(), interference_hall_correction()
    hall = (correction.xy / classical.xy).subs(tau_tr, tau)
    longitudinal = (correction.xx / classical.xx).subs(tau_tr, tau)
    return sp.limit(hall / longitudinal, omega_c, 0)


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    tensor, correction = drude_hall_conductivity(), interference_hall_correction()
    longitudinal, hall = printed_drude_tensor()
    yield Comparison("sigma_xx of Drude", parabolic_band(tensor.xx), longitudinal)
    yield Comparison("sigma_xy of Drude", parabolic_band(tensor.xy), hall)
    yield Comparison(
        "R_H = -1/(n e)", parabolic_band(tensor.hall_resistivity) / B, printed_hall_coefficient()
    )
    yield Comparison(
        "delta sigma_xx of weak localization", correction.xx, printed_longitudinal_correction()
    )
    yield Comparison(
        "delta sigma_xy/sigma_xy = 2 delta sigma_xx/sigma_xx", ratio(), printed_ratio()
    )
    yield Comparison("delta R_H = 0", relative_hall_correction(), sp.S.Zero)


def derivation() -> Derivation:
    """Return the steps."""
    tensor, boxes = drude_hall_conductivity(), hall_boxes()
    correction = interference_hall_correction()
    return Derivation(
        "Hall coefficient",
        (
            Step(
                "Precession",
                (equation(turn, precession_factor()),),
                "$v_+ f(H) = f(H - \\omega_c) v_+$ for $H = \\pi^2/2m$: between $v_+$ and $v_-$ "
                "the field is the frequency $\\omega_c$ of the retarded strings ($\\hbar = 1$).",
            ),
            Step(
                "Drude conductivity",
                (equation(sigma_xx, tensor.xx), equation(sigma_xy, tensor.xy)),
                "Bubble and ladders with these vertices, $\\sigma_{xx} - i\\sigma_{xy} = "
                "\\sigma_0/(1 - i\\omega_c\\tau_{\\mathrm{tr}})$; no Landau quantization.",
            ),
            Step(
                "Hikami boxes in a weak field",
                (
                    equation(H_0, boxes.bare),
                    equation(H_d, boxes.dressed),
                    equation(H, boxes.total),
                ),
                "First order in $\\omega_c\\tau$, isotropic scatterers. The dressed boxes enter by "
                "the commutator $[Q_+, Q_-] = -4 m \\omega_c$ of the Cooperon's momentum "
                "(charge $-2e$) and the growth of the velocity with energy.",
            ),
            Step(
                "Weak localization",
                (equation(c_xx, correction.xx), equation(c_xy, correction.xy)),
                "Factors of the integral over the Cooperon in $\\delta\\sigma_{xx}$ and "
                "$\\delta\\sigma_{xy}$: the relative correction of $\\sigma_{xy}$ is twice that of "
                "$\\sigma_{xx}$, and $\\rho_{xy}$ is unchanged.",
                "H. Fukuyama, J. Phys. Soc. Jpn. 49, 644 (1980)",
            ),
        ),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive the interference correction of the Hall coefficient.", arguments)
    correction = interference_hall_correction()
    results = [equation(c_xx, correction.xx), equation(c_xy, correction.xy)]
    return conclude(results, list(comparisons()), derivation(), tex)


if __name__ == "__main__":
    raise SystemExit(main())
