"""The ladder kernel of a Cooperon or a diffuson, in (internal x internal) x harmonics.

A retarded and an advanced electron that scatter off the same impurities obey

    L P = 1,   L(q, omega) = 1/tau - i omega + i v n.q + (i/hbar) [h x 1 - 1 x h'] - W,

with the out-rate 1/tau of the self-energy, the internal Hamiltonian h(n) and the in-rate

    W(n, n') = sum_a  w_a(n, n')/tau_a  M_a(n, n') x M_a(-n, -n')     h' = h(-n)    (Cooperon)
    W(n, n') = sum_a  w_a(n, n')/tau_a  M_a(n, n') x M_a(n, n')^*     h' = h(n)^*   (diffuson)

where x is the tensor product of the two legs and each field is normalised by its out-rate.
In the Cooperon both legs carry the potential itself, because the advanced electron visits
the impurities in the same order, with reversed direction; in the diffuson the advanced leg
carries its conjugate.  In a chiral band every matrix stands between the projectors P(n), P(n')
of its leg.

Vertices are polynomials in the directions, so W has finite rank: it is a finite matrix in
(pair, harmonic), and everything orthogonal to its range relaxes at the out-rate.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Vector, nonzero
from cooperon.directions import average, n_in, n_out
from cooperon.harmonics import CONSTANT, Harmonics, Label
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
    """Out-rate and in-rate of a pair, from some of the fields of a conductor.

    Attributes
    ----------
    channel : Channel
    size : int
        Number N**2 of pair states.
    out_rate : AngularMatrix
        (Gamma x 1 + 1 x Gamma')/2, a function of n, 1/s; on the states of the band.
    in_rate : AngularMatrix
        W(n, n'), 1/s.
    """

    channel: Channel
    size: int
    out_rate: AngularMatrix
    in_rate: AngularMatrix

    def apply(self, vector: Vector) -> Vector:
        """Return L F at q = omega = h = 0."""
        total: Vector = defaultdict(lambda: sp.S.Zero, self.out_rate.multiply(vector))
        for index, value in self.in_rate.integrate(vector).items():
            total[index] -= value
        return nonzero(total)

    def block(self, out: Label = CONSTANT, into: Label = CONSTANT) -> sp.ImmutableDenseMatrix:
        """Return the matrix of L between two harmonics, on the N**2 pair states."""
        columns = []
        for pair in range(self.size):
            image = self.apply({(into, pair): sp.S.One})
            columns.append([image.get((out, row), sp.S.Zero) for row in range(self.size)])
        return Matrix(columns).T


def ladder(conductor: Conductor, channel: Channel, fields: Iterable[Field] | None = None) -> Ladder:
    """Return the ladder kernel of `conductor`, from `fields` (all of its fields by default).

    The out-rate is the self-energy of each leg, computed from the same vertices as the
    in-rate, so that particle conservation is a property of the result (see `soft_modes`)
    rather than an input.
    """
    harmonics = Harmonics(conductor.dimension)
    size = conductor.internal.dimension**2
    chosen = conductor.disorder if fields is None else tuple(fields)
    parts = [_field_rates(conductor, field, channel, harmonics) for field in chosen]
    return Ladder(
        channel,
        size,
        add([out for out, _ in parts], harmonics, size),
        add([into for _, into in parts], harmonics, size),
    )


def add(matrices: Iterable[AngularMatrix], harmonics: Harmonics, size: int) -> AngularMatrix:
    """Return the sum of matrices of one size."""
    terms: dict = defaultdict(lambda: defaultdict(lambda: sp.S.Zero))
    for matrix in matrices:
        for labels, entries in matrix.terms.items():
            for key, value in entries.items():
                terms[labels][key] += value
    kept = {
        labels: {key: value for key, value in entries.items() if value != 0}
        for labels, entries in terms.items()
    }
    return AngularMatrix(harmonics, size, kept)


def hamiltonian_term(conductor: Conductor, channel: Channel) -> AngularMatrix:
    """Return h x 1 - 1 x h', a function of n, in the unit of the Hamiltonian (J)."""
    harmonics = Harmonics(conductor.dimension)
    one = AngularMatrix.of(conductor.internal.identity, harmonics)
    h = AngularMatrix.of(_in_band(conductor, conductor.hamiltonian), harmonics)
    other = h.reversed() if channel is Channel.COOPERON else h.conjugate()
    terms = [h.kronecker(one), one.kronecker(other).scaled(sp.S.NegativeOne)]
    return add(terms, harmonics, one.size**2)


def _in_band(conductor: Conductor, matrix: sp.MatrixBase) -> sp.MatrixBase:
    if conductor.band is None:
        return matrix
    projector = conductor.band.projector
    return (projector * matrix * projector).applyfunc(sp.expand)


def band_vertex(conductor: Conductor, field: Field) -> sp.MatrixBase:
    """Return P(n) M(n, n') P(n'), or M itself without a band."""
    if conductor.band is None:
        return field.vertex
    product = conductor.band.projector * field.vertex * conductor.band.incoming_projector
    return product.applyfunc(sp.expand)


def _field_rates(
    conductor: Conductor, field: Field, channel: Channel, harmonics: Harmonics
) -> tuple[AngularMatrix, AngularMatrix]:
    """Return the out-rate and the in-rate of one field, on pairs."""
    on_surface = dict.fromkeys((*n_out[conductor.dimension :], *n_in[conductor.dimension :]), 0)
    vertex = AngularMatrix.of(band_vertex(conductor, field).xreplace(on_surface), harmonics)
    profile = AngularMatrix.of(sp.Matrix([[field.profile]]).xreplace(on_surface), harmonics)
    one = AngularMatrix.of(conductor.internal.identity, harmonics)
    gamma = vertex.squared_average(profile)
    cooperon = channel is Channel.COOPERON
    other_vertex = vertex.reversed() if cooperon else vertex.conjugate()
    other_gamma = gamma.reversed() if cooperon else gamma.conjugate()
    strength = field.rate / _mean(conductor, field, gamma)
    out = add([gamma.kronecker(one), one.kronecker(other_gamma)], harmonics, one.size**2).scaled(
        strength / 2
    )
    into = profile.kronecker(vertex).kronecker(other_vertex).scaled(strength)
    return out, into


def _mean(conductor: Conductor, field: Field, gamma: AngularMatrix) -> sp.Expr:
    """Return the out-rate averaged over directions and states of the band."""
    diagonal = gamma.terms.get((CONSTANT, CONSTANT), {})
    trace = sp.Add(*(value for (i, j), value in diagonal.items() if i == j))
    return _require_scattering(field, conductor.dimension, trace / conductor.band_rank)


def mean_out_rate(field: Field, dimension: int) -> sp.Expr:
    """Return <w tr(M M^dagger)>/N, which the rate of the field normalises.

    Raises
    ------
    ValueError
        If the vertex vanishes on the Fermi surface of this dimension.
    """
    norm = (field.vertex * field.vertex.H).trace() / field.vertex.rows
    return _require_scattering(field, dimension, average(field.profile * norm, dimension))


def _require_scattering(field: Field, dimension: int, mean: sp.Expr) -> sp.Expr:
    mean = sp.simplify(mean)
    if mean == 0:
        raise ValueError(
            f"the vertex of field {field.name!r} vanishes on the Fermi surface of a "
            f"{dimension}-dimensional conductor; leave the field out or change its vertex."
        )
    return mean
