"""Soft modes of a Cooperon or diffuson, as data: gaps, couplings to q, weights.

On the soft functions F(n) that `elimination` finds, the inverse propagator is the matrix

    S(q, omega) = D q^2 + sum_i A_i q_i - i omega + Gamma,

with the diffusion constant D, couplings A_i linear in q (the vector potential of spin-orbit
coupling) and a matrix Gamma of relaxation and precession rates.  Where no A_i couples them,
the eigenvectors of Gamma are the soft modes and its eigenvalues their gaps.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import sympy as sp

from cooperon.angular_matrix import Vector
from cooperon.eigen import blocks, eigenvalues
from cooperon.internal import Matrix
from cooperon.ladder import Channel


@dataclass(frozen=True)
class SoftMode:
    """One soft mode: the pole D q^2 - i omega + gap.

    Attributes
    ----------
    name : str
        Name of the pair state (S, T_x, ...), or of the states it mixes ("T_x+T_y, 1").
    gap : expression
        Relaxation rate at q = 0, 1/s; zero for a mode protected by a symmetry.
    weight : expression
        Weight in the conductivity correction, in units of that of spin-degenerate electrons:
        half its parity under exchange of the two legs, so +1/2 for a spin triplet, -1/2 for
        the singlet, and 1 in total for spin 1/2 where spin plays no role.  Zero for a
        diffuson, which does not enter.
    """

    name: str
    gap: sp.Expr
    weight: sp.Expr


@dataclass(frozen=True)
class ModeBlock:
    """Soft states that couple to each other and to no others.

    Attributes
    ----------
    names : tuple of str
        Names of the pair states.
    relaxation : Matrix
        The block of Gamma, 1/s.
    coupling : tuple of Matrix
        The blocks of A_i, m/s, one per axis.
    weights : Matrix
        The block of the weight matrix, see `SoftMode`.
    """

    names: tuple[str, ...]
    relaxation: sp.ImmutableDenseMatrix
    coupling: tuple[sp.ImmutableDenseMatrix, ...]
    weights: sp.ImmutableDenseMatrix

    @property
    def couples_to_momentum(self) -> bool:
        """Whether the block depends on the direction of q."""
        return any(not matrix.is_zero_matrix for matrix in self.coupling)

    @property
    def weight(self) -> sp.Expr | None:
        """The weight of each of its modes, None where they differ."""
        first = self.weights[0, 0]
        return first if self.weights == first * sp.eye(self.weights.rows) else None

    def modes(self) -> tuple[SoftMode, ...]:
        """Return the modes at q = 0, with the eigenvalues of the block as gaps.

        Raises
        ------
        NotImplementedError
            If the gaps have no closed form, or modes of different weight mix.
        """
        if self.weight is None:
            raise NotImplementedError(
                f"the states {', '.join(self.names)} have different weights and mix, so that no "
                "mode has a weight of its own; use the matrices relaxation and weights."
            )
        name = "+".join(self.names)
        single = len(self.names) == 1
        return tuple(
            SoftMode(name if single else f"{name}, {number}", gap, self.weight)
            for number, gap in enumerate(eigenvalues(self.relaxation), 1)
        )


@dataclass(frozen=True)
class SoftPropagator:
    """The soft part of a Cooperon or diffuson.

    Attributes
    ----------
    channel : Channel
    dimension : int
    diffusion_constant : expression
        D = v_F^2 tau_tr/d, m^2/s, of the fields that make the motion diffusive.
    anisotropy : expression
        g = 1 - tau/tau_tr, the mean cosine of their scattering angle.
    basis : tuple of str
        Names of the soft states, in the order of the matrices.
    relaxation : Matrix
        Gamma in that basis, 1/s.
    coupling : tuple of Matrix
        A_i in that basis, m/s, one per axis: S contains sum_i A_i q_i.
    weights : Matrix
        Weights in the conductivity in that basis, see `SoftMode`; diagonal where exchange is.
    states : tuple of dict
        The soft functions {(harmonic, pair): component}, orthonormal.
    """

    channel: Channel
    dimension: int
    diffusion_constant: sp.Expr
    anisotropy: sp.Expr
    basis: tuple[str, ...]
    relaxation: sp.ImmutableDenseMatrix
    coupling: tuple[sp.ImmutableDenseMatrix, ...]
    weights: sp.ImmutableDenseMatrix
    states: tuple[Vector, ...]

    @property
    def blocks(self) -> tuple[ModeBlock, ...]:
        """The blocks that all these matrices split into."""
        return _blocks(self.basis, self.relaxation, self.coupling, self.weights)

    @property
    def modes(self) -> tuple[SoftMode, ...]:
        """All soft modes.

        Raises
        ------
        NotImplementedError
            If the gaps have no closed form.
        """
        return tuple(mode for block in self.blocks for mode in block.modes())

    @property
    def closed_modes(self) -> tuple[SoftMode, ...]:
        """The soft modes of those blocks that have a closed form."""
        found: list[SoftMode] = []
        for block in self.blocks:
            with suppress(NotImplementedError):
                found.extend(block.modes())
        return tuple(found)

    def require_soft_modes(self) -> None:
        """Raise ValueError if there is no soft mode to derive a correction from."""
        if not self.basis:
            raise ValueError(
                f"the {self.channel.value} has no soft mode, since the fields with weak=False "
                "relax all pair states within the mean free time; there is no correction in the "
                "diffusive range. Declare the fields that break time reversal with weak=True, or "
                "see exact_poles for a Cooperon exact in q."
            )

    def gap(self, name: str) -> sp.Expr:
        """Return the gap of the mode called `name`."""
        gaps = {mode.name: mode.gap for mode in self.modes}
        if name not in gaps:
            raise ValueError(f"no soft mode is called {name!r}; the modes are {sorted(gaps)}.")
        return gaps[name]


def _blocks(
    names: tuple[str, ...],
    relaxation: sp.ImmutableDenseMatrix,
    coupling: tuple[sp.ImmutableDenseMatrix, ...],
    weights: sp.ImmutableDenseMatrix,
) -> tuple[ModeBlock, ...]:
    matrices = (relaxation, weights, *coupling)
    mixing = Matrix(
        len(names),
        len(names),
        lambda i, j: int(any(m[i, j] != 0 or m[j, i] != 0 for m in matrices)),
    )
    found = []
    for block in blocks(mixing) if names else ():
        chosen = list(block)
        parts = [Matrix(matrix.extract(chosen, chosen)) for matrix in matrices]
        labels = tuple(names[i] for i in block)
        found.append(ModeBlock(labels, parts[0], tuple(parts[2:]), parts[1]))
    return tuple(found)
