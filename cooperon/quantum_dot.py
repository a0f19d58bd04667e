r"""Weak localization of a quantum dot: the trace over soft modes in zero dimensions.

In a chaotic dot electrons forget where they are before they leave, so that of the modes in space
only the uniform one, q = 0, is left, and a Cooperon is the fraction

.. math:: C = \sum_j \frac{w_j}{N + N_\phi + N_B + N_j},
          \qquad N_j = \frac{2\pi\hbar}{\Delta}\Gamma_j = \tau_H \Gamma_j,

of weights and rates, the rates counted in open channels: a channel lets electrons out at the rate
Delta/(2 pi hbar) = 1/tau_H.  Channels N = N_1 + N_2 and the mean level spacing Delta are those of
one internal state (one spin, one valley); what states there are is in the weights.  Weights and
gaps are those of the model, as in a film.

What is hard is to conserve current.  The Cooperon enhances reflection into the channel that an
electron came from; unitarity takes that probability from all other channels, and only then is
there a correction to the transmission.  Dephasing is a voltage probe (Buettiker): N_phi further
channels that return what they take, without memory.  `channel_balance` solves these conditions.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import sympy as sp

from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import ModeBlock, SoftMode, SoftPropagator
from diagrams.symbols import B, e, hbar, symbol, tau_phi

N_1, N_2 = symbol("N_1"), symbol("N_2")
tau_H, area, Phi = symbol("tau_H"), symbol("area"), symbol("Phi")
_N_phi, _C = sp.symbols("N_phi C", positive=True)
_UNIT = e**2 / (sp.pi * hbar)
_REFERENCES = (
    "H. U. Baranger, P. A. Mello, Phys. Rev. Lett. 73, 142 (1994)",
    "R. A. Jalabert, J.-L. Pichard, C. W. J. Beenakker, Europhys. Lett. 27, 255 (1994)",
    "P. W. Brouwer, C. W. J. Beenakker, Phys. Rev. B 51, 7739 (1995); 55, 4695 (1997)",
)
_VALIDITY = (
    "chaotic dot with ideal contacts, N_1 + N_2 >> 1: leading order in 1/(N_1 + N_2), where the "
    "exact average of the pure classes has N - 1 + 2/beta for one N of N^2; rates << 1/tau_erg"
)


def field_channels(channels_per_flux_squared: sp.Expr | float | None = None) -> sp.Expr:
    """Return N_B, the rate of a weak field in channels.

    Parameters
    ----------
    channels_per_flux_squared : expression or number, optional
        The factor k of the shape in N_B = k (Phi/Phi_0)^2 with the flux Phi through the dot and
        Phi_0 = h/e.  By default N_B = (B area/Phi_0)^2, with an effective area that contains it.

    Raises
    ------
    ValueError
        If the factor is not positive.
    """
    quantum = 2 * sp.pi * hbar / e
    if channels_per_flux_squared is None:
        return (B * area / quantum) ** 2
    factor = sp.sympify(channels_per_flux_squared)
    if factor.is_positive is False or factor is sp.nan:
        raise ValueError(f"the factor of (Phi/Phi_0)^2 is {factor}; give a positive one.")
    return factor * (Phi / quantum) ** 2


def dot_conductance(
    source: Conductor | Iterable[SoftMode],
    field: sp.Expr | None = None,
    channels: tuple[sp.Expr | int, sp.Expr | int] = (N_1, N_2),
) -> Correction:
    """Derive the correction to the conductance of a quantum dot between two contacts.

    Parameters
    ----------
    source : Conductor or iterable of SoftMode
        The model, whose modes are taken at q = 0, or modes with rates of your own (gap in 1/s;
        the weights of spin-degenerate electrons add up to 1).
    field : expression, optional
        Rate N_B of the orbital effect of a magnetic field, in channels; `field_channels()`, a
        Lorentzian in B, by default, and 0 for none.
    channels : pair
        N_1 and N_2, open channels of the contacts for one internal state: each is counted once
        for both spins (and both valleys).

    Returns
    -------
    Correction
        delta G = -(2 e^2/h) (N_1 N_2/N) C, N = N_1 + N_2, in units of 2e^2/h, all internal states
        counted; beside the classical N_1 N_2/N times e^2/h for each of them.  Parameters are the
        Heisenberg time tau_H = 2 pi hbar/Delta, tau_phi and those of the model.

    Raises
    ------
    NotImplementedError
        If modes couple to q: a spin-orbit field acts in a dot otherwise than in a film.
    ValueError
        If there are no modes, or a number of channels is not positive.

    Examples
    --------
    >>> from cooperon import Conductor, potential
    >>> dot_conductance(Conductor(2, [potential()]), field=0).expression
    -N_1*N_2/((N_1 + N_2)*(N_1 + N_2 + tau_H/tau_phi))
    """
    for number in map(sp.sympify, channels):
        if number.is_positive is False or number is sp.nan:
            raise ValueError(f"a contact has {number} channels; give a positive number.")
    N_B = field_channels() if field is None else sp.sympify(field)
    escape = N_1 + N_2 + N_B + tau_H / tau_phi
    blocks, modes, steps = _modes(source)
    numbers = dict(zip((N_1, N_2), map(sp.sympify, channels), strict=True))
    cooperon = sp.Add(*(_fraction(block, escape) for block in blocks)).subs(numbers)
    balance = (channel_balance() / _C).subs(numbers)
    expression = sp.Add(*(balance * term for term in sp.Add.make_args(cooperon)))
    return Correction(
        "dot_conductance",
        symbol("delta_G"),
        expression,
        _UNIT,
        "2e^2/h",
        modes,
        _VALIDITY,
        _REFERENCES,
        Derivation(
            "Weak localization of a quantum dot",
            (*steps, _cooperon_step(cooperon), _balance_step(), _closing_step(_UNIT * expression)),
        ),
    )


@cache
def channel_balance() -> sp.Expr:
    """Return delta G, in units of 2e^2/h, for the enhanced backscattering C; to first order in C.

    Classically every channel of M = N_1 + N_2 + N_phi receives 1/M.  The channel of the incident
    electron receives C/M more, with C normalised as a probability per channel times M, and each
    of the M channels x less; unitarity gives x, and the voltage probe carries no current.
    """
    numbers = (N_1, N_2, _N_phi)
    x, V = sp.symbols("x V")
    M = sp.Add(*numbers)
    (lost,) = sp.solve(M * (1 / M - x) + _C - 1, x)
    transmission = sp.Matrix(3, 3, lambda i, j: numbers[i] * numbers[j] * (1 / M - lost))
    # contact 1 is at the voltage 1, contact 2 at 0, the probe at V
    (probe,) = sp.solve(transmission[2, 0] * (1 - V) - transmission[2, 1] * V, V)
    current = transmission[1, 0] + transmission[1, 2] * probe
    return sp.factor(sp.diff(sp.simplify(current), _C) * _C)


def _modes(
    source: Conductor | Iterable[SoftMode],
) -> tuple[tuple[ModeBlock, ...], tuple[SoftMode, ...], tuple[Step, ...]]:
    if isinstance(source, Conductor):
        propagator = source.cooperon()
        propagator.require_soft_modes()
        _require_uncoupled(propagator)
        kernel = mode_steps(propagator, sp.S.Zero)[0]
        return propagator.blocks, propagator.closed_modes, (*model_steps(source), kernel)
    modes = tuple(source)
    for mode in modes:
        if not isinstance(mode, SoftMode):
            raise TypeError(f"a dot is made of a Conductor or of SoftMode objects, got {mode!r}.")
    if not modes:
        raise ValueError("there are no modes; give at least one SoftMode.")
    return tuple(map(_block, modes)), modes, ()


def _block(mode: SoftMode) -> ModeBlock:
    gap, weight = (sp.ImmutableDenseMatrix([[entry]]) for entry in (mode.gap, mode.weight))
    return ModeBlock((mode.name,), gap, (), weight)


def _require_uncoupled(propagator: SoftPropagator) -> None:
    coupled = [block for block in propagator.blocks if block.couples_to_momentum]
    if coupled:
        raise NotImplementedError(
            f"the modes {', '.join(coupled[0].names)} couple to q by a spin-orbit field, which in "
            "a dot smaller than the spin-orbit length is a rotation of the spin to leading order "
            "(Aleiner, Fal'ko 2001), so that the gaps of a film do not hold; pass SoftMode objects "
            "with the rates of the dot."
        )


def _fraction(block: ModeBlock, escape: sp.Expr) -> sp.Expr:
    """Return tr w (escape + tau_H Gamma)^-1 of a block, a fraction per mode if it is diagonal."""
    if block.relaxation.is_diagonal() and block.weights.is_diagonal():
        modes = ((block.weights[i, i], block.relaxation[i, i]) for i in range(len(block.names)))
        return sp.Add(*(weight / (escape + sp.expand(tau_H * gap)) for weight, gap in modes))
    z = sp.Dummy("z", positive=True)
    inverse = z * sp.eye(len(block.names)) + tau_H * block.relaxation
    trace = (block.weights * inverse.adjugate()).trace() / inverse.det(method="berkowitz")
    return sp.factor(sp.cancel(trace)).subs(z, escape)


def _cooperon_step(cooperon: sp.Expr) -> Step:
    return Step(
        "Cooperon of the uniform mode",
        (equation(_C, cooperon),),
        "At $q = 0$ with the rates of escape, dephasing, field and gap, each times the Heisenberg "
        "time $\\tau_H = 2\\pi\\hbar/\\Delta$; a diffuson without a gap is $1/(N_1 + N_2)$, the "
        "classical probability to leave by a channel, which fixes the normalisation.",
        _REFERENCES[2],
    )


def _balance_step() -> Step:
    return Step(
        "Conservation of current",
        (equation(symbol("delta_G") / _UNIT, channel_balance()),),
        "The Cooperon adds $C$ to the reflection into the incident channel; unitarity takes it "
        "from all channels alike, and a voltage probe returns what it takes.",
        "M. Buettiker, Phys. Rev. B 33, 3020 (1986)",
    )


def _closing_step(correction: sp.Expr) -> Step:
    return Step(
        "Correction",
        (equation(symbol("delta_G"), correction),),
        "Both spins counted, to leading order in $1/(N_1 + N_2)$.",
        _REFERENCES[0],
    )
