"""The trace of modes that couple linearly in q over the Landau levels of a field.

With C_x, C_y in sqrt(T) and G in T, from `characteristic`, and b = |B|,

    (hbar/(4 e D)) S = b (n + 1/2) + sqrt(b) [C_x (a + a^+) + i C_y (a^+ - a)] + G.

Where J = n + m is conserved (`conserved`), a state of charge k is in the level n = J + k, and
a similarity transformation turns the roots of n in a block into its powers: a^+ becomes 1 and
a becomes b n.  The block is linear in u = b J, its determinant a polynomial, and

    tr(w S^-1) = d/dt ln det(S + t w) at t = 0

a rational function f(u).  Levels n >= 0 cut off the blocks J < 0, which stay apart as finite
sums; the others add up to `LevelSum`.  Without a conserved J the trace is left as `BandTrace`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from cooperon.band_trace import BandTrace
from cooperon.characteristic import characteristic_fields, coupling_fields, without_velocity
from cooperon.conserved import Charge, conserved_charge
from cooperon.internal import Matrix
from cooperon.level_sum import LevelSum
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.symbols import B

_u = sp.Symbol("u", positive=True)
_b = sp.Symbol("b", positive=True)
_t = sp.Symbol("t", real=True)


@dataclass(frozen=True)
class CoupledModes:
    """Soft modes on Landau levels, in units of a field.

    Attributes
    ----------
    coupling : pair of Matrix
        C_x and C_y, Hermitian, sqrt(T).
    fields : Matrix
        G: gaps, dephasing and precession as fields, T; it may depend on B.
    reference : Matrix
        G in the state that the trace is referred to, usually at zero field.
    weights : Matrix
        w.
    """

    coupling: tuple[sp.ImmutableDenseMatrix, sp.ImmutableDenseMatrix]
    fields: sp.ImmutableDenseMatrix
    reference: sp.ImmutableDenseMatrix
    weights: sp.ImmutableDenseMatrix

    def raising(self, orientation: int) -> sp.ImmutableDenseMatrix:
        """Return the coefficient of sqrt(b) a^+, for a field along +z or -z."""
        return Matrix(self.coupling[0] + sp.I * orientation * self.coupling[1])

    def charge(self, orientation: int = 1) -> Charge | None:
        """Return the m of a conserved J = n + m, or None."""
        fields = Matrix(self.fields.subs(B, orientation * _b))
        neutral = (fields, fields.H, self.weights, self.reference, self.reference.H)
        return conserved_charge(self.raising(orientation), neutral)

    def trace(self, levels: int = 512) -> sp.Expr:
        """Return b sum tr(w S^-1) over levels, minus the same at zero field.

        For one mode without coupling this is -w Psi(G/b).  `levels` is for `BandTrace`.
        """
        up, down = (self._closed(orientation) for orientation in (1, -1))
        if up is None or down is None or not _equal(up, down):
            return self._folded(levels)
        return up.subs(_b, sp.Abs(B))

    def without_field(self) -> sp.Lambda | None:
        """Return u -> tr(w S^-1) averaged over directions of q, u = hbar q^2/(4 e) without a field.

        It is rational in u where a charge is conserved, and None where none is.
        """
        raising = self.raising(1)
        charge = conserved_charge(raising, (self.reference, self.reference.H, self.weights))
        if charge is None:
            return None
        block = _Block.of(charge, raising, self.reference, self.weights)
        return sp.Lambda(_u, block.at(_b, sp.S.Zero).ratio())

    def _folded(self, levels: int) -> sp.Expr:
        matrices = (*self.coupling, self.fields, self.reference, self.weights)
        return BandTrace.of(B, *matrices, levels=levels)

    def _closed(self, orientation: int) -> sp.Expr | None:
        """Return the trace as a sum over blocks, for the field orientation * b."""
        fields = Matrix(self.fields.subs(B, orientation * _b))
        raising, charge = self.raising(orientation), self.charge(orientation)
        if charge is None:
            return None
        block = _Block.of(charge, raising, fields, self.weights)
        zero = _Block.of(charge, raising, self.reference, self.weights).at(_b, sp.S.Zero)
        edges = (block.missing(count) for count in range(1, max(charge.values) + 1))
        sums = LevelSum(_b, sp.Lambda(_u, block.ratio()), sp.Lambda(_u, zero.ratio()))
        return sums + sp.Add(*edges)


def coupled_modes(
    block: ModeBlock,
    propagator: SoftPropagator,
    reference: Mapping[sp.Symbol, sp.Expr],
) -> CoupledModes:
    """Return the modes of a block in units of a field.

    `reference` has the values of symbols in the state that the trace is referred to.
    """
    relaxation = without_velocity(block.relaxation, propagator.diffusion_constant)
    in_plane, across = block.coupling[:2], block.coupling[2:]
    if any(not sp.Matrix(matrix).is_zero_matrix for matrix in across):
        raise NotImplementedError(
            f"the modes {', '.join(block.names)} couple to the wave vector across the film, which "
            "its faces fix; state the conductor in two dimensions."
        )
    couplings = (
        coupling_fields(without_velocity(matrix, propagator.diffusion_constant))
        for matrix in in_plane
    )
    fields = characteristic_fields(relaxation)
    # by name, as symbols that differ in their assumptions mean the same field
    values = {symbol.name: value for symbol, value in reference.items()}
    zeros = {s: values[s.name] for s in fields.free_symbols if s.name in values}
    at_reference = Matrix(fields.subs(zeros))
    c_x, c_y = couplings
    return CoupledModes((c_x, c_y), fields, at_reference, block.weights)


@dataclass(frozen=True)
class _Block:
    """S and w in a block of given J, after the similarity transformation."""

    levels: tuple[int, ...]
    matrix: sp.ImmutableDenseMatrix
    weights: sp.ImmutableDenseMatrix

    @classmethod
    def of(
        cls, charge: Charge, raising: sp.MatrixBase, fields: sp.MatrixBase, weights: sp.MatrixBase
    ) -> _Block:
        k, basis = charge.values, charge.basis
        rotated = basis.H * sp.Matrix(fields) * basis
        up = basis.H * sp.Matrix(raising) * basis

        def entry(i: int, j: int) -> sp.Expr:
            level = _u + _b * k[j]
            diagonal = level + _b / 2 if i == j else 0
            return sp.expand(diagonal + rotated[i, j] + up[i, j] + level * sp.conjugate(up[j, i]))

        return cls(
            k,
            Matrix(len(k), len(k), entry),
            Matrix((basis.H * sp.Matrix(weights) * basis).applyfunc(sp.simplify)),
        )

    def at(self, symbol: sp.Symbol, value: sp.Expr) -> _Block:
        return _Block(self.levels, Matrix(self.matrix.subs(symbol, value)), self.weights)

    def ratio(self) -> sp.Expr:
        """Return tr(w M^-1) as one fraction in u."""
        determinant = (self.matrix + _t * self.weights).det(method="berkowitz")
        numerator = sp.diff(determinant, _t).subs(_t, 0)
        denominator = determinant.subs(_t, 0)
        return _fraction(numerator, denominator)

    def missing(self, count: int) -> sp.Expr:
        """Return b tr(w M^-1) for J = -count, on the states whose level is not negative."""
        kept = [i for i, level in enumerate(self.levels) if level >= count]
        part = _Block(
            tuple(self.levels[i] for i in kept),
            Matrix(self.matrix.extract(kept, kept)),
            Matrix(self.weights.extract(kept, kept)),
        )
        return _b * part.at(_u, -count * _b).ratio()


def _fraction(numerator: sp.Expr, denominator: sp.Expr) -> sp.Expr:
    """Return the reduced fraction of two polynomials in u, coefficients collected."""
    top, bottom = sp.fraction(sp.cancel(sp.expand(numerator) / sp.expand(denominator)))
    return _collected(top) / _collected(bottom)


def _collected(polynomial: sp.Expr) -> sp.Expr:
    return sp.collect(sp.expand(polynomial), _u, sp.factor_terms)


def _equal(left: sp.Expr, right: sp.Expr) -> bool:
    """Check that two traces agree, at a generic point where they are not the same at sight."""
    if left == right:
        return True
    ordered = sorted(left.free_symbols | right.free_symbols, key=str)
    point = {s: sp.sqrt(sp.prime(k + 2)) for k, s in enumerate(ordered)}
    difference = sp.N((left - right).subs(point), 20)
    return bool(abs(difference) < sp.Float("1e-15"))
