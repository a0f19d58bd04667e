"""The ladder kernel of a Cooperon or a diffuson, in (internal x internal) x harmonics.

A retarded and an advanced electron that scatter off the same impurities obey

    L P = 1,   L(q, omega) = 1/tau - i omega + i v_F n.q - W,

with the out-rate 1/tau of the self-energy and the in-rate

    W(n, n') = sum_a  w_a(n, n')/tau_a  M_a(n, n') x M_a(-n, -n')     (Cooperon)
    W(n, n') = sum_a  w_a(n, n')/tau_a  M_a(n, n') x M_a(n, n')^*     (diffuson)

where x is the tensor product of the two legs and each field is normalised by its out-rate.
In the Cooperon both legs carry the potential itself, because the advanced electron visits
the impurities in the same order, with reversed direction; in the diffuson the advanced leg
carries its conjugate.

The harmonics are 1 and sqrt(d) n_i.  To second order in q no others are needed, since n.q
connects the isotropic harmonic to the vector harmonics only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import sympy as sp

from cooperon.directions import average, n_in, n_out
from cooperon.internal import Matrix

if TYPE_CHECKING:
    from cooperon.conductor import Conductor
    from cooperon.field import Field


class Channel(Enum):
    """Which ladder: particle-particle (time-reversed legs) or particle-hole."""

    COOPERON = "Cooperon"
    DIFFUSON = "diffuson"


@dataclass(frozen=True)
class Ladder:
    """The kernel L at q = omega = 0, projected on harmonics.

    Attributes
    ----------
    channel : Channel
    isotropic : Matrix
        L between the isotropic harmonics, from all fields: a matrix of rates (1/s) on the
        N**2 pair states, N the internal dimension.
    vector : Matrix
        L between the vector harmonics sqrt(d) n_i (index d*pair + i), from the fields that
        make the motion diffusive: size N**2 d.
    """

    channel: Channel
    isotropic: sp.ImmutableDenseMatrix
    vector: sp.ImmutableDenseMatrix


def ladder(conductor: Conductor, channel: Channel) -> Ladder:
    """Return the projected ladder kernel of `conductor`.

    The out-rate is the self-energy of each leg, computed from the same vertices as the
    in-rate, so that particle conservation is a property of the result (see `soft_modes`)
    rather than an input.
    """
    isotropic = isotropic_block(conductor, conductor.disorder, channel)
    return Ladder(channel, isotropic, _vector_block(conductor, channel))


def isotropic_block(
    conductor: Conductor, fields: Iterable[Field], channel: Channel
) -> sp.ImmutableDenseMatrix:
    """Return the kernel of `fields` between the isotropic harmonics."""
    block = sp.zeros(conductor.internal.dimension**2)
    for field in fields:
        block += _projection(conductor, field, channel, sp.S.One, sp.S.One)
    return Matrix(block)


def _vector_block(conductor: Conductor, channel: Channel) -> sp.ImmutableDenseMatrix:
    d, size = conductor.dimension, conductor.internal.dimension**2
    block = sp.zeros(size * d)
    for field in conductor.strong:
        for i, out in enumerate(n_out[:d]):
            for j, into in enumerate(n_in[:d]):
                part = _projection(conductor, field, channel, sp.sqrt(d) * out, sp.sqrt(d) * into)
                block += sp.kronecker_product(part, _unit(d, i, j))
    return Matrix(block)


def _unit(size: int, row: int, column: int) -> sp.Matrix:
    unit = sp.zeros(size)
    unit[row, column] = 1
    return unit


def _projection(
    conductor: Conductor,
    field: Field,
    channel: Channel,
    out_harmonic: sp.Expr,
    in_harmonic: sp.Expr,
) -> sp.Matrix:
    """Return <Y(n) [out-rate - in-rate] Y'(n')> of one field."""
    d = conductor.dimension
    strength = field.rate / mean_out_rate(field, d)
    in_rate = _average_pair(out_harmonic * in_harmonic * pair_vertex(field, channel), d)
    out = out_harmonic * in_harmonic.xreplace(dict(zip(n_in, n_out, strict=True)))
    out_rate = _average_pair(out * _pair_out_rate(field, channel), d)
    return strength * (out_rate - in_rate)


def pair_vertex(field: Field, channel: Channel) -> sp.ImmutableDenseMatrix:
    """Return w(n, n') M x M' for the two legs of `channel`, before normalisation."""
    other = field.reversed_vertex() if channel is Channel.COOPERON else field.vertex.conjugate()
    return Matrix(field.profile * sp.kronecker_product(field.vertex, other))


def _pair_out_rate(field: Field, channel: Channel) -> sp.Matrix:
    """Return half the out-rate of each leg, added: w [Gamma x 1 + 1 x Gamma'] / 2."""
    gamma = field.profile * field.vertex * field.vertex.H
    reversed_gamma = field.profile * field.reversed_vertex() * field.reversed_vertex().H
    other = reversed_gamma if channel is Channel.COOPERON else gamma.conjugate()
    one = sp.eye(gamma.rows)
    return (sp.kronecker_product(gamma, one) + sp.kronecker_product(one, other)) / 2


def mean_out_rate(field: Field, dimension: int) -> sp.Expr:
    """Return <w tr(M M^dagger)>/N, which the rate of the field normalises.

    Raises
    ------
    ValueError
        If the vertex vanishes on the Fermi surface of this dimension.
    """
    size = field.vertex.rows
    norm = (field.vertex * field.vertex.H).trace() / size
    mean = average(field.profile * norm, dimension)
    if mean == 0:
        raise ValueError(
            f"the vertex of field {field.name!r} vanishes on the Fermi surface of a "
            f"{dimension}-dimensional conductor; leave the field out or change its vertex."
        )
    return mean


def _average_pair(matrix: sp.MatrixBase, dimension: int) -> sp.Matrix:
    return sp.Matrix(matrix).applyfunc(lambda entry: average(entry, dimension))
