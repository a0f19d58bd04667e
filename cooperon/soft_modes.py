"""Soft modes: the near-null space of a ladder, after the massive harmonics are eliminated.

The vector harmonics relax within the transport time, so they follow the isotropic one:
a Schur complement, to second order in q, first order in omega and in the weak rates, leaves

    S(q, omega) = D q^2 - i omega + Gamma,

with the diffusion constant D and a matrix Gamma of relaxation rates on the pair states.
Its eigenvectors are the soft modes, its eigenvalues their gaps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp

from cooperon.eigen import blocks, eigenvalues
from cooperon.internal import InternalSpace, Matrix
from cooperon.ladder import Channel, Ladder, isotropic_block, ladder
from diagrams.conductivity import SPIN_DEGENERACY
from diagrams.symbols import v_F

if TYPE_CHECKING:
    from cooperon.conductor import Conductor


@dataclass(frozen=True)
class SoftMode:
    """One soft mode: the pole D q^2 - i omega + gap.

    Attributes
    ----------
    name : str
        Name of the pair state (S, T_x, ...), or of the states it mixes ("T_x+T_y, 1").
    gap : expression
        Relaxation rate, 1/s; zero for a mode protected by a symmetry.
    weight : Rational
        Weight in the conductivity correction, in units of that of spin-degenerate electrons:
        half its parity under exchange of the two legs, so +1/2 for a spin triplet, -1/2 for
        the singlet, and 1 in total for spin 1/2 where spin plays no role.  Zero for a
        diffuson, which does not enter.
    """

    name: str
    gap: sp.Expr
    weight: sp.Rational


@dataclass(frozen=True)
class ModeBlock:
    """Pair states that disorder mixes with each other and with no others.

    Attributes
    ----------
    names : tuple of str
        Names of the pair states.
    relaxation : Matrix
        The block of Gamma, 1/s.
    weight : Rational
        Weight of each of its modes, see `SoftMode`.
    """

    names: tuple[str, ...]
    relaxation: sp.ImmutableDenseMatrix
    weight: sp.Rational

    def modes(self) -> tuple[SoftMode, ...]:
        """Return the modes, with the eigenvalues of the block as gaps."""
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
        Mean cosine g of their scattering angle; tau_tr = tau/(1 - g).
    basis : tuple of str
        Names of the pair states, in the order of `relaxation`.
    relaxation : Matrix
        Gamma in that basis, 1/s.
    blocks : tuple of ModeBlock
        The blocks that it splits into.
    kernel : Ladder
        What the modes were derived from.
    """

    channel: Channel
    dimension: int
    diffusion_constant: sp.Expr
    anisotropy: sp.Expr
    basis: tuple[str, ...]
    relaxation: sp.ImmutableDenseMatrix
    blocks: tuple[ModeBlock, ...]
    kernel: Ladder

    @property
    def modes(self) -> tuple[SoftMode, ...]:
        """All soft modes.

        Raises
        ------
        NotImplementedError
            If the gaps have no closed form.
        """
        return tuple(mode for block in self.blocks for mode in block.modes())

    def gap(self, name: str) -> sp.Expr:
        """Return the gap of the mode called `name`."""
        gaps = {mode.name: mode.gap for mode in self.modes}
        if name not in gaps:
            raise ValueError(f"no soft mode is called {name!r}; the modes are {sorted(gaps)}.")
        return gaps[name]


def soft_propagator(conductor: Conductor, channel: Channel) -> SoftPropagator:
    """Derive the soft modes of `conductor` in `channel`.

    Raises
    ------
    NotImplementedError
        If a field with `weak=False` acts on the internal space.
    ArithmeticError
        If no diffuson is gapless: particles would not be conserved.
    """
    kernel = ladder(conductor, channel)
    basis = _pair_states(conductor.internal, channel)
    relaxation = Matrix((basis.H * kernel.isotropic * basis).applyfunc(_canonical))
    _require_spin_independent_motion(conductor, kernel)
    if channel is Channel.DIFFUSON:
        _require_particle_conservation(conductor, kernel)
    return SoftPropagator(
        channel,
        conductor.dimension,
        _diffusion_constant(conductor, kernel),
        _anisotropy(conductor, kernel),
        tuple(state.name for state in conductor.internal.pair_basis),
        relaxation,
        _blocks(conductor.internal, channel, relaxation),
        kernel,
    )


def _pair_states(space: InternalSpace, channel: Channel) -> sp.ImmutableDenseMatrix:
    cooperon = channel is Channel.COOPERON
    return space.particle_pairs() if cooperon else space.particle_hole_pairs()


def _canonical(rate: sp.Expr) -> sp.Expr:
    return sp.expand(sp.trigsimp(sp.expand(rate)))


def _blocks(
    space: InternalSpace, channel: Channel, relaxation: sp.ImmutableDenseMatrix
) -> tuple[ModeBlock, ...]:
    return tuple(
        ModeBlock(
            tuple(space.pair_basis[i].name for i in block),
            Matrix(relaxation.extract(list(block), list(block))),
            _weight(space, block[0]) if channel is Channel.COOPERON else sp.S.Zero,
        )
        for block in blocks(relaxation)
    )


def _weight(space: InternalSpace, index: int) -> sp.Rational:
    """Return <pair| exchange |pair>/2; states that mix have the same parity.

    The trace over internal states takes the place of the factor 2 of spin degeneracy in the
    prefactor of spin-independent diagrams.
    """
    pair = space.pair_basis[index].vector
    return sp.Rational((pair.H * space.swap * pair)[0, 0], SPIN_DEGENERACY)


def _diffusion_constant(conductor: Conductor, kernel: Ladder) -> sp.Expr:
    """Return v_F^2 <n_x, 0| L_vector^-1 |n_x, 0>/d: the Schur complement's q^2 term."""
    rate = kernel.vector[0, 0]
    if rate.is_nonpositive:
        raise ValueError(
            f"the transport rate 1/tau_tr comes out as {rate}; the profile of a field is "
            "negative somewhere or too strongly peaked."
        )
    return sp.simplify(v_F**2 / (conductor.dimension * rate))


def _anisotropy(conductor: Conductor, kernel: Ladder) -> sp.Expr:
    """Return g = 1 - tau/tau_tr from the transport rate of the vector harmonics."""
    lifetime = 1 / sp.Add(*(field.rate for field in conductor.strong))
    return sp.simplify(1 - kernel.vector[0, 0] * lifetime)


def _require_spin_independent_motion(conductor: Conductor, kernel: Ladder) -> None:
    scalar = kernel.vector[0, 0] * sp.eye(kernel.vector.rows)
    names = [field.name for field in conductor.strong]
    if sp.expand(kernel.vector - scalar) != sp.zeros(kernel.vector.rows):
        raise NotImplementedError(
            f"the fields {names} make the diffusion depend on direction or internal state; "
            "declare those that act on the internal space with weak=True."
        )
    relaxation = isotropic_block(conductor, conductor.strong, kernel.channel)
    if sp.expand(relaxation) != sp.zeros(relaxation.rows):
        raise NotImplementedError(
            f"the fields {names} relax the internal state as fast as momentum; declare those "
            "that act on the internal space with weak=True."
        )


def _require_particle_conservation(conductor: Conductor, kernel: Ladder) -> None:
    """Check the Ward identity: the density, delta_ss', does not relax."""
    size = conductor.internal.dimension
    density = sp.Matrix(sp.eye(size)).reshape(size**2, 1)
    leak = (kernel.isotropic * density).applyfunc(sp.simplify)
    if any(entry != 0 for entry in leak):
        raise ArithmeticError(
            f"particle number decays at the rates {leak.tolist()}; the out-rate of the "
            "self-energy and the in-rate of the ladder disagree."
        )
