r"""The poles of a Cooperon exact in q, with their weights in the conductivity.

Between q = 0 and the ballistic cut at q l = i, the kernel on functions of direction is the
pencil A - k U with A = 1 - W tau >= 0, U = e.n and q l = i k.  A function with
<f|A - k U|f> < 0 keeps that property for larger k, so that eigenvalues of the pencil cross
zero in one direction only: the number of poles below any k is the number of negative
eigenvalues there, which is that of eigenvalues of Pi w above 1 (Birman and Schwinger).  The
j-th largest eigenvalue of Pi w passes 1 once or never, and no pole is missed.

At the cut g diverges at the direction e, and in d = 1, 2 one eigenvalue of Pi w diverges for
each state of the pair there: a Cooperon with one pair state has at least one pole, whatever
the disorder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import mpmath as mp
import sympy as sp

from cooperon.ballistic import BallisticLadder
from cooperon.ballistic_model import ballistic_ladder
from cooperon.conductor import Conductor
from cooperon.ladder import Channel

_GUARD_DIGITS = 20
_RADIUS = mp.mpf(10) ** -4
_TILTED = {2: (3, 4), 3: (0, 3, 4)}


@dataclass(frozen=True)
class ExactPole:
    """One pole of a Cooperon or diffuson, D (q^2 + 1/L_p^2), or several at the same place.

    Attributes
    ----------
    gap : mpf
        (v_F tau/L_p)^2 between 0 and 1, with the out-rate 1/tau of all fields; 0 for a mode
        protected by a symmetry.
    weight : mpf
        alpha in delta sigma = alpha c_0 int d^d q/(2 pi)^d 1/(D_tr (q^2 + 1/L_p^2)), with
        c_0 = -2 e^2 D_tr/(pi hbar) of spin-degenerate electrons and D_tr = v_F^2 tau_tr/d; so
        Delta sigma(B) = alpha e^2/(pi h) Psi in d = 2.  Summed over the multiplicity.  Zero for
        a diffuson, which does not enter.
    diffusion : mpf
        D_p/(v_F^2 tau), the change of 1/tau_phi over that of -q^2 at the pole: a small
        dephasing rate adds 1/(D_p tau_phi) to 1/L_p^2.
    multiplicity : int
    """

    gap: mp.mpf
    weight: mp.mpf
    diffusion: mp.mpf
    multiplicity: int


def exact_poles(
    conductor: Conductor,
    channel: Channel = Channel.COOPERON,
    *,
    values: Mapping[sp.Symbol, Any] | None = None,
    digits: int = 15,
) -> tuple[ExactPole, ...]:
    """Return the poles of the ladder of all fields of `conductor` at imaginary q, exact in q l.

    Unlike `conductor.cooperon()`, which expands in q and treats fields with `weak=True` to
    first order, this holds for any ratio of rates: a Cooperon whose modes all have gaps of
    the order of 1/tau, such as that of a massive Dirac band, has its poles here.

    Parameters
    ----------
    conductor : Conductor
        With numeric ratios of rates, no internal Hamiltonian, and a ladder that is the same
        for all directions of q.
    channel : Channel, optional
        The Cooperon by default.
    values : mapping, optional
        Numbers for symbols of the model, exact ones for more than 15 digits.
    digits : int, optional
        Number of correct digits of every attribute; gaps below 10^-digits are given as 0.

    Returns
    -------
    tuple of ExactPole
        In ascending order of the gap; empty if no pole lies between 0 and the cut at
        (v_F tau/L_p)^2 = 1, where the response is ballistic rather than diffusive.

    Raises
    ------
    NotImplementedError
        If there is an internal Hamiltonian or an anisotropic mass, the lifetime or the
        current depends on direction or internal state, or the poles on the direction of q.
    ValueError
        If a ratio of rates is not a number, or `digits` is not positive.
    """
    if digits < 1:
        raise ValueError(f"the number of digits is {digits}; ask for at least 1.")
    with mp.workdps(digits + _GUARD_DIGITS):
        exact = ballistic_ladder(conductor, channel, values=values)
        _require_isotropy(exact)
        gaps = _gaps(exact, digits)
        found = [_pole(exact, gap, gaps) for gap in _distinct(gaps, digits)]
    with mp.workdps(digits):
        return tuple(
            ExactPole(+pole.gap, +pole.weight, +pole.diffusion, pole.multiplicity) for pole in found
        )


def _gaps(exact: BallisticLadder, digits: int) -> list[mp.mpf]:
    """Return all u_p with an eigenvalue 1 of Pi w at u = -u_p, ascending."""
    nearest_to_cut = 1 - mp.mpf(10) ** -digits
    above = [value for value in exact.eigenvalues(-nearest_to_cut) if value > 1]
    at_rest = exact.eigenvalues(mp.mpf(0))
    return [_crossing(exact, j, at_rest[j], nearest_to_cut, digits) for j in range(len(above))]


def _crossing(
    exact: BallisticLadder, j: int, at_rest: mp.mpf, largest: mp.mpf, digits: int
) -> mp.mpf:
    """Return where the j-th eigenvalue passes 1."""
    if 1 - at_rest < mp.mpf(10) ** -digits:
        return mp.mpf(0)
    # finite at the cut, where the eigenvalue itself diverges
    return mp.findroot(
        lambda u: 1 - 1 / exact.eigenvalues(-u)[j],
        (mp.mpf(0), largest),
        solver="anderson",
        verify=False,
        maxsteps=400,
    )


def _distinct(gaps: list[mp.mpf], digits: int) -> list[mp.mpf]:
    """Return gaps that differ by more than rounding errors."""
    kept: list[mp.mpf] = []
    for gap in gaps:
        if not kept or gap - kept[-1] > mp.mpf(10) ** -digits:
            kept.append(gap)
    return kept


def _pole(exact: BallisticLadder, gap: mp.mpf, gaps: list[mp.mpf]) -> ExactPole:
    others = [abs(gap - other) for other in _distinct(gaps, mp.mp.dps - _GUARD_DIGITS)]
    radius = _RADIUS * min([1 - gap, *(distance for distance in others if distance > 0)])
    slope = _residue(lambda u: _trace_of_inverse(exact, u), -gap, radius)
    multiplicity = sum(1 for other in gaps if abs(gap - other) < radius)
    weight = mp.mpf(0)
    if exact.channel is Channel.COOPERON:
        residue = _residue(exact.conductivity_kernel, -gap, radius)
        weight = -exact.degeneracy * exact.dressing**2 * residue / 4
    return ExactPole(gap, weight, 1 / (2 * gap + slope / multiplicity), multiplicity)


def _trace_of_inverse(exact: BallisticLadder, u: mp.mpc) -> mp.mpc:
    inverse = mp.inverse(exact.closure(u))
    return mp.fsum(inverse[i, i] for i in range(inverse.rows))


def _residue(function: Callable[[mp.mpc], mp.mpc], pole: mp.mpf, radius: mp.mpf) -> mp.mpf:
    """Return the residue as a mean over a circle: free of derivatives, and of any at u = 0.

    The mean over N points keeps powers N, 2N, ... of the Laurent series, each smaller by
    (radius/distance of the next singularity)^N.
    """
    count = 3 + int(mp.mp.dps / -mp.log10(_RADIUS))
    offsets = [radius * mp.expjpi(mp.mpf(2 * k + 1) / count) for k in range(count)]
    return mp.re(mp.fsum(offset * function(pole + offset) for offset in offsets) / count)


def _require_isotropy(exact: BallisticLadder) -> None:
    """Compare the determinants for two directions of q that no symmetry of a cube relates."""
    if exact.dimension == 1:
        return
    tilted = replace(exact, direction=tuple(mp.mpf(n) / 5 for n in _TILTED[exact.dimension]))
    here, there = (mp.det(kernel.closure(-mp.mpf(1) / 3)) for kernel in (exact, tilted))
    if abs(here - there) > mp.mpf(10) ** (-mp.mp.dps // 2) * (1 + abs(here)):
        raise NotImplementedError(
            f"the Cooperon depends on the direction of q (determinants {mp.nstr(here, 8)} along x "
            f"and {mp.nstr(there, 8)} along {_TILTED[exact.dimension]}), so that its poles are "
            "lines; use ballistic_ladder for a given direction."
        )
