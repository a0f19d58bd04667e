r"""The Cooperon exact in q: a ladder of finite rank between ballistic flights.

With the same out-rate 1/tau for all directions and states, the ladder kernel
L = 1/tau + i v_F n.q - W is a diagonal part, 1/g, minus an in-rate of finite rank,
W = sum_r w_r |Y_r><Y_r|.  What remains between impurities is the matrix
Pi(q) = <Y_r| g |Y_s>, and the sum over all rungs is

.. math:: \Gamma = W + W g W + \dots = \sum_{rs} |Y_r\rangle \gamma_{rs} \langle Y_s|, \qquad
          \gamma = w (1 - \Pi w)^{-1},

so that the poles of the Cooperon are the zeros of a finite determinant, at any q l.

The conductivity needs the Hikami boxes at the same q.  In the bare box the Green functions
of both branches meet at either current vertex, and G^R G^A = i tau (G^R - G^A) turns the
integral over xi of all four into one of pairs, tau^2 (g(n) + g(-n)).  With an impurity line
between the two retarded (or the two advanced) lines, each half is an integral of three Green
functions, -i tau g (or i tau g), and the line itself is W once more.  Closing the pair exchanges
its legs (X), and the current of the second vertex has the opposite direction.  Together

.. math:: K(q) = -\tau^2 \left\{ \mathrm{Tr}\,[X J (g + \bar g) J (\Gamma - W)]
          + 2\, \mathrm{Tr}\,[X J g\, \Gamma\, g J W] \right\},

with J the dressed current; Cooperons have two rungs in the bare box and one in the dressed
ones.  With density vertices, where the sign of the bare box changes, the same sum is zero at
every q, because Gamma - W = W g Gamma: the Ward identity.  For q -> 0 the soft modes F have
g = tau and W F = F/tau, which leaves the weights <X F|J (1/tau - W) J|F> of `soft_modes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import mpmath as mp

from cooperon.angular_transform import transform
from cooperon.ballistic_functions import Numbers, exchanged, harmonic_at, overlap, times_component
from cooperon.harmonics import Harmonics
from cooperon.ladder import Channel


@dataclass(frozen=True)
class BallisticLadder:
    """A ladder exact in q, in units of the out-rate 1/tau and of v_F tau.

    Numbers have the precision of `mpmath.mp` when the object is made.

    Attributes
    ----------
    channel : Channel
    harmonics : Harmonics
    size : int
        Number N of internal states of one leg.
    strengths : tuple
        The eigenvalues w_r of W tau that are not zero.
    functions : tuple of dict
        The orthonormal eigenfunctions Y_r, {(harmonic, pair): component}.
    dressing : mpf
        eta = tau_tr/tau, by which a ladder dresses the current vertex.
    degeneracy : int
        Degeneracy of the conductor.
    direction : tuple
        Unit vector e along q.
    """

    channel: Channel
    harmonics: Harmonics
    size: int
    strengths: tuple[mp.mpf, ...]
    functions: tuple[Numbers, ...]
    dressing: mp.mpf
    degeneracy: int
    direction: tuple[mp.mpf, ...]

    @property
    def dimension(self) -> int:
        """Dimension d of the Fermi surface."""
        return self.harmonics.dimension

    def bubble(self, u: mp.mpc) -> mp.matrix:
        """Return Pi_rs = <Y_r| 1/(1 + i q l e.n) |Y_s> at u = (q l)^2."""
        return self._between.at(u)

    def closure(self, u: mp.mpc) -> mp.matrix:
        """Return 1 - Pi w, singular at a pole of the ladder."""
        rank = len(self.strengths)
        return mp.eye(rank) - self.bubble(u) * self._w

    def sum(self, u: mp.mpc) -> mp.matrix:
        """Return gamma = w (1 - Pi w)^-1, the sum over one and more rungs."""
        return self._w * mp.inverse(self.closure(u))

    def eigenvalues(self, u: mp.mpf) -> list[mp.mpf]:
        """Return the eigenvalues of Pi w in descending order, for -1 < u <= 0.

        There g = 1/(1 - |u|^(1/2) e.n) is positive, and the eigenvalues are real.
        """
        half = mp.cholesky(_hermitian(self.bubble(u)))
        values = mp.eigh(_hermitian(half.H * self._w * half), eigvals_only=True)
        return sorted((mp.re(value) for value in values), reverse=True)

    def conductivity_kernel(self, u: mp.mpc) -> mp.mpc:
        r"""Return K with delta sigma = (e^2/(2 pi hbar)) g_s l^2 eta^2 int d^d q/(2 pi)^d K(q).

        l = v_F tau, g_s the degeneracy; averaged over the axes, with bare current vertices
        v_F n_i: the dressing is in eta^2.  The sum over rungs begins with two in the bare box
        and with one in each dressed box.
        """
        gamma, w = self.sum(u), self._w
        total = mp.mpf(0)
        for bare, left, right in self._boxes:
            total += _trace((gamma - w) * bare.at(u, parity=1))
            total += 2 * _trace(gamma * right.at(u) * w * left.at(u))
        return -total / self.dimension

    def density_kernel(self, u: mp.mpc) -> mp.mpc:
        """Return the same sum of boxes with density vertices, zero by the Ward identity."""
        gamma, w = self.sum(u), self._w
        closing = self._table(self._exchanged, self.functions)
        bare = _trace((gamma - w) * closing.at(u, parity=1))
        return bare - 2 * _trace(gamma * self.bubble(u) * w * closing.at(u))

    @cached_property
    def _w(self) -> mp.matrix:
        return mp.diag(list(self.strengths))

    @cached_property
    def _exchanged(self) -> list[Numbers]:
        return [exchanged(self.harmonics, self.size, f) for f in self.functions]

    @cached_property
    def _between(self) -> _Table:
        return self._table(self.functions, self.functions)

    @cached_property
    def _boxes(self) -> tuple[tuple[_Table, _Table, _Table], ...]:
        """<X Y n_i| and |n_i Y> in the three boxes, for each axis i."""
        tables = []
        for axis in range(self.dimension):
            left = [times_component(self.harmonics, axis, f) for f in self._exchanged]
            right = [times_component(self.harmonics, axis, f) for f in self.functions]
            tables.append(
                (
                    self._table(left, right),
                    self._table(left, self.functions),
                    self._table(self.functions, right),
                )
            )
        return tuple(tables)

    def _table(self, left: Sequence[Numbers], right: Sequence[Numbers]) -> _Table:
        degrees: dict[int, mp.matrix] = {}
        for i, bra in enumerate(left):
            for j, ket in enumerate(right):
                for label, value in overlap(self.harmonics, bra, ket).items():
                    part = degrees.setdefault(label[0], mp.zeros(len(left), len(right)))
                    part[i, j] += value * harmonic_at(self.harmonics, label, self.direction)
        return _Table(self.dimension, degrees)


@dataclass(frozen=True)
class _Table:
    """Matrix elements of g between functions, as coefficients of lambda_l."""

    dimension: int
    degrees: Mapping[int, mp.matrix]

    def at(self, u: mp.mpc, parity: int = 0) -> mp.matrix:
        """Return the elements of g, or of g(n) + g(-n) if `parity` is 1."""
        rows = next(iter(self.degrees.values()))
        total = mp.zeros(rows.rows, rows.cols)
        for degree, matrix in self.degrees.items():
            if not parity or degree % 2 == 0:
                total += (1 + parity) * transform(self.dimension, degree, u) * matrix
        return total


def _hermitian(matrix: mp.matrix) -> mp.matrix:
    """Return the Hermitian part: rounding errors would spoil a Cholesky factor."""
    return (matrix + matrix.H) / 2


def _trace(matrix: mp.matrix) -> mp.mpc:
    return mp.fsum(matrix[i, i] for i in range(matrix.rows))
