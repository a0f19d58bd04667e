"""What the fields that make the motion diffusive do alone: their kernel and transport time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Vector, inner
from cooperon.harmonics import CONSTANT, Harmonics
from cooperon.ladder import Channel, Ladder, ladder
from cooperon.null_space import StrongKernel, simplified
from cooperon.pair_functions import along, density

if TYPE_CHECKING:
    from cooperon.conductor import Conductor


def strong_kernel(conductor: Conductor, channel: Channel) -> StrongKernel:
    """Return 1/tau - W of the fields that make the motion diffusive.

    Raises
    ------
    NotImplementedError
        If their out-rate depends on direction or internal state.
    """
    strong = ladder(conductor, channel, conductor.strong)
    rate = sp.Add(*(field.rate for field in conductor.strong))
    return StrongKernel(_require_common_rate(conductor, strong, rate), strong.in_rate)


def transport_time(conductor: Conductor) -> sp.Expr:
    """Return tau_tr: the current vertex v_F n_i of the density, dressed by a ladder, over v_F n_i.

    Raises
    ------
    NotImplementedError
        If the dressed vertex is not parallel to the bare one.
    ValueError
        If tau_tr is not positive.
    """
    kernel = strong_kernel(conductor, Channel.DIFFUSON)
    harmonics = Harmonics(conductor.dimension)
    times = []
    for axis in range(conductor.dimension):
        bare = along(harmonics, axis, density(conductor))
        image = kernel.solve(bare, kernel.null_vectors())
        time = simplified(inner(bare, image) / inner(bare, bare))
        times.append(time)
        rest = (image.get(k, 0) - times[0] * bare.get(k, 0) for k in {*image, *bare})
        if any(simplified(component) != 0 for component in rest):
            raise NotImplementedError(
                f"the fields {[field.name for field in conductor.strong]} make the current depend "
                "on direction or internal state; give them isotropic profiles, and declare those "
                "that act on the internal space with weak=True."
            )
    if times[0].is_nonpositive:
        raise ValueError(
            f"the transport time comes out as {times[0]}; the profile of a field is negative "
            "somewhere or too strongly peaked."
        )
    return sp.factor(times[0])


def _require_common_rate(conductor: Conductor, strong: Ladder, rate: sp.Expr) -> sp.Expr:
    """Return the out-rate of the strong fields if it is `rate` on all states of the band."""
    for pair in range(strong.size):
        state = _in_band(conductor, strong.channel, pair)
        image = strong.out_rate.multiply(state)
        for index in {*image, *state}:
            if simplified(image.get(index, 0) - rate * state.get(index, 0)) != 0:
                names = [field.name for field in conductor.strong]
                raise NotImplementedError(
                    f"the fields {names} make the lifetime depend on direction or internal "
                    "state; declare those that act on the internal space with weak=True."
                )
    return rate


def _in_band(conductor: Conductor, channel: Channel, pair: int) -> Vector:
    """Return the part of a pair state that both legs have in the band."""
    state: Vector = {(CONSTANT, pair): sp.S.One}
    if conductor.band is None:
        return state
    leg = AngularMatrix.of(conductor.band.projector, Harmonics(conductor.dimension))
    other = leg.reversed() if channel is Channel.COOPERON else leg.conjugate()
    return leg.kronecker(other).multiply(state)
