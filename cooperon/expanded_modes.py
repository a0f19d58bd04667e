r"""The massive modes of a Cooperon, one for each eigenfunction of the in-rate, to order q^2.

Where no function of direction is soft, the poles of the Cooperon lie at q l of order 1 and
have no closed form.  What is in print for them is an expansion: with the eigenfunctions F_m
and eigenvalues z_m of W tau, the inverse of the ladder is w^-1 - Pi(q), and each mode in turn
is kept while the others are eliminated to second order in q,

.. math:: \frac1{z_m} - 1 + c_m (q l)^2, \qquad
   c_m = \langle F_m | n_x^2 | F_m \rangle
         + \sum_{n \ne m} \frac{|\langle F_m | n_x | F_n \rangle|^2}{1/z_n - 1}.

This is exact where one z_m is 1, and a guess in between: several such modes stand for what
the exact Cooperon has as one pole.  The boxes are those of `soft_modes`, with W in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Index, Vector, inner
from cooperon.conductor import Conductor
from cooperon.eigen import blocks
from cooperon.harmonics import Harmonics
from cooperon.ladder import Channel, ladder
from cooperon.pair_functions import along, density, exchange


@dataclass(frozen=True)
class ExpandedMode:
    """One eigenfunction of the in-rate, as if it were a mode of its own.

    Attributes
    ----------
    strength : expression
        z_m, the in-rate over the out-rate: 1 for a soft mode.
    stiffness : expression
        c_m, the coefficient of (q l)^2 with l = v_F tau.
    parity : expression
        <X F|F>, the sign under exchange of the legs.
    box : expression
        <X F| sum_i n_i (1 - W tau) n_i |F>, the sum of the three Hikami boxes at q = 0; of a
        soft mode it is the parity over eta = tau_tr/tau.
    gap : expression
        (l/L_m)^2 = (1/z_m - 1)/c_m.
    weight : expression
        alpha_m in Delta sigma(B) = alpha_m e^2/(pi h) Psi, with this box.
    """

    strength: sp.Expr
    stiffness: sp.Expr
    parity: sp.Expr
    box: sp.Expr
    gap: sp.Expr
    weight: sp.Expr


def expanded_modes(conductor: Conductor) -> tuple[ExpandedMode, ...]:
    """Return the modes of the Cooperon to second order in q, one at a time.

    After H.-Z. Lu, J. Shi, S.-Q. Shen, Phys. Rev. Lett. 107, 076801 (2011), who give the
    massive Dirac band the box parity/eta for every mode; here each has its own.

    Parameters
    ----------
    conductor : Conductor
        Of potential disorder with symbolic or numeric parameters, isotropic, with one out-rate.

    Returns
    -------
    tuple of ExpandedMode
        In the order of the harmonics.

    Raises
    ------
    NotImplementedError
        If several eigenfunctions of W share the same harmonics and pair states, or are
        degenerate and coupled, or there is an internal Hamiltonian or an anisotropic mass.
    """
    if not conductor.hamiltonian.is_zero_matrix or conductor.masses:
        raise NotImplementedError(
            "modes are expanded one by one without internal Hamiltonian and anisotropic masses "
            "only; use conductor.cooperon()."
        )
    return _Expansion(conductor).modes()


class _Expansion:
    """In-rate, eigenfunctions and boxes of one conductor, in units of the out-rate."""

    def __init__(self, conductor: Conductor) -> None:
        self.conductor = conductor
        self.harmonics = Harmonics(conductor.dimension)
        rate = sp.Add(*(field.rate for field in conductor.disorder))
        self.in_rate = _over(ladder(conductor, Channel.COOPERON).in_rate, rate)
        self.diffuson = _over(ladder(conductor, Channel.DIFFUSON).in_rate, rate)
        found = sorted(_rank_one_blocks(self.in_rate), key=lambda pair: _order(pair[1]))
        self.strengths = [strength for strength, _ in found]
        self.functions = [function for _, function in found]
        self.norms = [sp.cancel(inner(f, f)) for f in self.functions]

    def modes(self) -> tuple[ExpandedMode, ...]:
        return tuple(self.mode(m) for m in range(len(self.functions)))

    def mode(self, m: int) -> ExpandedMode:
        eta, dimension = self.dressing(), self.conductor.dimension
        stiffness = self.stiffness(m)
        box = self.box(m)
        swapped = exchange(self.conductor.internal, self.harmonics, self.functions[m])
        weight = self.conductor.degeneracy * eta**2 * box / (2 * dimension * stiffness)
        return ExpandedMode(
            self.strengths[m],
            stiffness,
            sp.cancel(inner(swapped, self.functions[m]) / self.norms[m]),
            box,
            sp.factor((1 / self.strengths[m] - 1) / stiffness),
            sp.factor(weight),
        )

    def stiffness(self, m: int) -> sp.Expr:
        moved = along(self.harmonics, 0, self.functions[m])
        total = inner(moved, moved) / self.norms[m]
        for n, other in enumerate(self.functions):
            element = sp.cancel(inner(other, moved))
            if n != m and element != 0:
                square = element * sp.conjugate(element) / (self.norms[m] * self.norms[n])
                total += square / self._mass(n)
        return sp.factor(total)

    def _mass(self, n: int) -> sp.Expr:
        mass = sp.cancel(1 / self.strengths[n] - 1)
        if mass == 0:
            raise NotImplementedError(
                "a soft mode couples to the mode that is expanded; conductor.cooperon() has the "
                "soft modes, without expanding the others."
            )
        return mass

    def box(self, m: int) -> sp.Expr:
        total = sp.S.Zero
        swapped = exchange(self.conductor.internal, self.harmonics, self.functions[m])
        for axis in range(self.conductor.dimension):
            left = along(self.harmonics, axis, swapped)
            right = along(self.harmonics, axis, self.functions[m])
            total += inner(left, right) - inner(left, self.in_rate.integrate(right))
        return sp.factor(total / self.norms[m])

    def dressing(self) -> sp.Expr:
        """Return eta = tau_tr/tau."""
        current = along(self.harmonics, 0, density(self.conductor))
        image = self.diffuson.integrate(current)
        kept = sp.cancel(inner(current, image) / inner(current, current))
        return sp.factor(1 / (1 - kept))


def _over(matrix: AngularMatrix, rate: sp.Expr) -> AngularMatrix:
    terms = {
        labels: {key: sp.cancel(sp.together(value / rate)) for key, value in entries.items()}
        for labels, entries in matrix.terms.items()
    }
    return AngularMatrix(matrix.harmonics, matrix.size, terms)


def _rank_one_blocks(in_rate: AngularMatrix) -> list[tuple[sp.Expr, Vector]]:
    """Return eigenvalue and eigenfunction of each block of W."""
    entries = {
        ((a, i), (b, j)): value
        for (a, b), block in in_rate.terms.items()
        for (i, j), value in block.items()
        if value != 0
    }
    indices = sorted({index for pair in entries for index in pair})
    matrix = sp.Matrix(
        len(indices), len(indices), lambda i, j: entries.get((indices[i], indices[j]), sp.S.Zero)
    )
    parts = [list(block) for block in blocks(matrix)]
    return [_rank_one(matrix.extract(part, part), [indices[i] for i in part]) for part in parts]


def _rank_one(block: sp.Matrix, indices: Sequence[Index]) -> tuple[sp.Expr, Vector]:
    strength = sp.factor(block.trace())
    if (block * block - strength * block).applyfunc(sp.cancel) != sp.zeros(block.rows):
        raise NotImplementedError(
            f"{len(indices)} states {list(indices)} of the pair share more than one mode; use "
            "exact_poles, which needs numbers."
        )
    return strength, dict(zip(indices, block.col(0), strict=True))


def _order(function: Vector) -> tuple[sp.Expr, ...]:
    """Sort by the largest m of the function, then by its indices."""
    return (max(label[1] for label, _ in function), sorted(function))
