r"""Derive the weak-localization correction without a field in d = 1, 2, 3.

L. P. Gor'kov, A. I. Larkin, D. E. Khmel'nitskii, JETP Lett. 30, 228 (1979);
B. L. Altshuler, A. G. Aronov, A. I. Larkin, D. E. Khmel'nitskii, JETP 54, 411 (1981).  With
the factor 1 - exp(-t/tau) on the return probability and both spins counted,

.. math::
    \delta\sigma_1 &= -\frac{e^2}{\pi\hbar} \sqrt{D} \left[z^{-1/2} - (z + 1/\tau)^{-1/2}\right], \\
    \delta\sigma_2 &= -\frac{e^2}{2\pi^2\hbar} \ln\frac{z + 1/\tau}{z}, \\
    \delta\sigma_3 &= -\frac{e^2}{2\pi^2\hbar} \frac{\sqrt{z + 1/\tau} - \sqrt z}{\sqrt D},
    \qquad z = \frac{1}{\tau_\phi} - i\omega,

whose leading terms for tau -> 0 are -(e^2/(pi hbar)) L_phi, -(e^2/(2 pi^2 hbar)) ln(tau_phi/tau)
and, up to a constant, +e^2/(2 pi^2 hbar L_phi).  Other cutoffs change constants only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import sympy as sp
from comparison import Comparison, conclude, tex_path

from cooperon import Conductor, Correction, Derivation, potential, weak_localization

e, hbar, D, tau, tau_phi, Q_c = sp.symbols("e hbar D tau tau_phi Q_c", positive=True)
omega = sp.Symbol("omega", real=True)
DIMENSIONS = (1, 2, 3)


def printed_equations() -> dict[int, sp.Expr]:
    """Return the three corrections with the smooth cutoff, at angular frequency omega."""
    z = 1 / tau_phi - sp.I * omega
    unit = e**2 / (2 * sp.pi**2 * hbar)
    return {
        1: -(e**2) / (sp.pi * hbar) * sp.sqrt(D) * (1 / sp.sqrt(z) - 1 / sp.sqrt(z + 1 / tau)),
        2: -unit * sp.log((z + 1 / tau) / z),
        3: -unit * (sp.sqrt(z + 1 / tau) - sp.sqrt(z)) / sp.sqrt(D),
    }


def printed_leading_terms() -> dict[int, sp.Expr]:
    """Return how the corrections depend on tau_phi if tau << tau_phi."""
    L_phi = sp.sqrt(D * tau_phi)
    return {
        1: -(e**2) / (sp.pi * hbar) * L_phi,
        2: -(e**2) / (2 * sp.pi**2 * hbar) * sp.log(tau_phi / tau),
        3: e**2 / (2 * sp.pi**2 * hbar * L_phi),
    }


def derive(dimension: int, cutoff: str = "smooth", frequency: sp.Expr = sp.S.Zero) -> Correction:
    """Derive delta sigma of a conductor with potential disorder only."""
    return weak_localization(Conductor(dimension, [potential()]), cutoff, frequency)


def dephasing_slope(correction: sp.Expr) -> sp.Expr:
    """Return d/d tau_phi for a vanishing cutoff time tau = 1/(D Q_c^2); constants drop out."""
    slope = sp.diff(correction, tau_phi).subs(Q_c, 1 / sp.sqrt(D * tau))
    return sp.limit(slope, tau, 0)


def leading_term(dimension: int) -> sp.Expr:
    """Return the limit of the correction for tau -> 0, without what diverges in d = 2, 3."""
    correction = derive(dimension).si
    if dimension == 1:
        return sp.limit(correction, tau, 0)
    if dimension == 2:
        unit = e**2 / (2 * sp.pi**2 * hbar)
        return sp.limit(sp.expand_log(correction - unit * sp.log(tau)), tau, 0) + unit * sp.log(tau)
    return sp.limit(correction - sp.limit(correction, tau_phi, sp.oo), tau, 0)


def comparisons() -> Iterable[Comparison]:
    """Yield every statement of the docstring as a comparison."""
    for d, printed in printed_equations().items():
        yield Comparison(
            f"the textbook in d = {d}, smooth cutoff", derive(d, frequency=omega).si, printed
        )
    for d, printed in printed_leading_terms().items():
        yield Comparison(f"the leading term in d = {d}", leading_term(d), printed)
        for cutoff in ("smooth", "sharp", "momentum"):
            yield Comparison(
                f"its slope in tau_phi with the {cutoff} cutoff: cutoffs change constants only",
                dephasing_slope(derive(d, cutoff).si),
                sp.diff(printed, tau_phi),
            )


def derivation(corrections: Sequence[Correction]) -> Derivation:
    """Return the steps of all dimensions; what they share is stated once."""
    records = [correction.derivation for correction in corrections]
    shared = set.intersection(*(set(record.steps) for record in records))
    steps = (
        step if step in shared else replace(step, title=f"{step.title}, d = {d}")
        for d, record in zip(DIMENSIONS, records, strict=True)
        for step in record.steps
    )
    return Derivation(records[0].title, tuple(dict.fromkeys(steps)))


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive, compare, print; return 0 if everything agrees."""
    tex = tex_path("Derive weak localization without a field in d = 1, 2, 3.", arguments)
    corrections = [derive(d) for d in DIMENSIONS]
    return conclude(corrections, list(comparisons()), derivation(corrections), tex)


if __name__ == "__main__":
    raise SystemExit(main())
