r"""The magnetoconductivity of modes that are not soft: the poles of a Cooperon exact in q.

A pole of the exact Cooperon at q^2 = -1/L_p^2 enters the conductivity as a soft mode does,
with its own weight,

.. math:: \Delta\sigma(B) = \frac{e^2}{\pi h} \sum_p \alpha_p
          \Psi\left(\frac{B_p + \rho_p B_\phi}{B}\right),
   \quad B_p = \frac{\hbar}{4 e L_p^2}.

Gap, weight and the ratio rho_p of diffusion constants are exact.  The step from q^2 to Landau
levels is not: the components of q do not commute in a field, and what does not come from the
pole varies on the scale of B_tr.  Both are corrections of relative order B/B_tr.  The part of
the correction from q l of order 1 is as large as the term of a pole itself unless B_p << B_tr,
so that the result is a leading term in both B/B_tr and B_p/B_tr.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from cooperon.angular_transform import transform_in_closed_form, x
from cooperon.ballistic_model import ballistic_ladder
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.exact_poles import ExactPole, exact_poles
from cooperon.kernels import HikamiFunction
from cooperon.mode_steps import model_steps
from cooperon.soft_modes import SoftMode
from diagrams.symbols import B, e, hbar, symbol

_REFERENCES = ("H.-Z. Lu, J. Shi, S.-Q. Shen, Phys. Rev. Lett. 107, 076801 (2011)",)
_UNIT = e**2 / (2 * sp.pi**2 * hbar)
_B_phi, _B_tr = symbol("B_phi"), symbol("B_tr")


def pole_magnetoconductivity(
    conductor: Conductor, *, values: Mapping[sp.Symbol, Any] | None = None, digits: int = 15
) -> Correction:
    """Return Delta sigma(B) from the poles of the exact Cooperon of a two-dimensional conductor.

    Parameters
    ----------
    conductor : Conductor
        As in `exact_poles`, in d = 2.
    values, digits : optional
        As in `exact_poles`.

    Returns
    -------
    Correction
        In units of e^2/(pi h), as a function of B, B_phi = hbar/(4 e D tau_phi) with
        D = v_F^2 tau_tr/2, and B_tr = hbar/(2 e l^2) with l = v_F tau_tr.  It holds for
        B << B_tr and tau << tau_phi, and for modes with B_p << B_tr: for a massive Dirac cone near
        both ends of 0 <= cos(Theta) <= 1.  `validity` has the fields B_p.

    Raises
    ------
    NotImplementedError
        If the conductor is not two-dimensional, or as in `exact_poles`.
    ValueError
        As in `exact_poles`.

    Examples
    --------
    >>> from cooperon.massive_surface import massive_surface
    >>> pole_magnetoconductivity(massive_surface(0), digits=4).expression
    -0.5*HikamiFunction(B, 1.0*B_phi)
    """
    if conductor.dimension != 2:
        raise NotImplementedError(
            f"a perpendicular field needs a two-dimensional conductor, not d = "
            f"{conductor.dimension}; use exact_poles for the poles."
        )
    poles = exact_poles(conductor, values=values, digits=digits)
    dressing = ballistic_ladder(conductor, values=values).dressing
    fields = [_field(pole, dressing, digits) for pole in poles]
    terms = [
        _real(pole.weight, digits) * HikamiFunction(B, field)
        for pole, field in zip(poles, fields, strict=True)
    ]
    expression = sp.Add(*terms)
    return Correction(
        "magnetoconductivity",
        symbol("Delta_sigma"),
        expression,
        _UNIT,
        "e^2/(pi h)",
        tuple(_modes(conductor, poles, dressing, digits)),
        _validity(fields),
        _REFERENCES,
        Derivation(
            "Magnetoconductivity from the poles of the exact Cooperon",
            (*model_steps(conductor), *_pole_steps(poles, digits), _sum_step(terms)),
        ),
    )


def _real(value: mp.mpf, digits: int) -> sp.Float:
    return sp.Float(value, digits)


def _field(pole: ExactPole, dressing: mp.mpf, digits: int) -> sp.Expr:
    """Return B_p + rho_p B_phi, with v_F tau = l/eta and D = eta v_F^2 tau/2."""
    ratio = dressing / 2 / pole.diffusion
    gap = pole.gap * dressing**2 / 2
    return _real(ratio, digits) * _B_phi + (_real(gap, digits) * _B_tr if gap else 0)


def _modes(
    conductor: Conductor, poles: Sequence[ExactPole], dressing: mp.mpf, digits: int
) -> list[SoftMode]:
    """Return the poles as modes with the rates D/L_p^2."""
    rate = sp.Add(*(field.rate for field in conductor.disorder))
    return [
        SoftMode(
            f"p_{number}",
            _real(pole.gap * dressing / 2, digits) * rate if pole.gap else sp.S.Zero,
            _real(pole.weight, digits),
        )
        for number, pole in enumerate(poles, 1)
    ]


def _validity(fields: Sequence[sp.Expr]) -> str:
    gaps = ", ".join(str(sp.N(field.coeff(_B_tr), 4)) for field in fields)
    return (
        "k_F l >> 1; B << B_tr = hbar/(2 e l^2) and tau << tau_phi; B_p << B_tr for every mode "
        f"(here B_p/B_tr = {gaps or 'none, no mode'}); classical magnetoresistance and Zeeman "
        "splitting left out"
    )


def _pole_steps(poles: Sequence[ExactPole], digits: int) -> tuple[Step, ...]:
    shown = min(digits, 6)
    numbered = list(enumerate(poles, 1))
    return (
        Step(
            "Flights between impurities",
            tuple(
                equation(sp.Symbol(f"lambda_{degree}"), transform_in_closed_form(2, degree))
                for degree in range(3)
            ),
            "Average of a harmonic times $1/(1 + i x n_x)$ over directions, $x = q v_F \\tau$; the "
            "in-rate has finite rank, which leaves a finite matrix at any $x$.",
        ),
        Step(
            "Poles of the Cooperon",
            tuple(
                equation(x**2, -_real(pole.gap, shown)) if pole.gap else equation(x, sp.S.Zero)
                for _, pole in numbered
            ),
            "Zeros of the determinant of the matrix.",
            _REFERENCES[0],
        ),
        Step(
            "Hikami boxes at the poles",
            tuple(
                equation(sp.Symbol(f"alpha_{number}"), _real(pole.weight, shown))
                for number, pole in numbered
            ),
            "Residues of the bare and the two dressed boxes with dressed current vertices, exact "
            "in $x$.",
        ),
    )


def _sum_step(terms: Sequence[sp.Expr]) -> Step:
    return Step(
        "Magnetoconductivity",
        (equation(symbol("Delta_sigma") / _UNIT, sp.Add(*(sp.N(term, 6) for term in terms))),),
        "Each pole on Landau levels as a soft mode, for $B \\ll B_{tr}$.",
        _REFERENCES[0],
    )
