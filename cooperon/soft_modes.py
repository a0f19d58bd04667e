"""Soft modes: the near-null space of a ladder, after the massive functions are eliminated.

The fields that make the motion diffusive leave a few functions F(n) of direction with values
in the pair space alone; all others relax within the transport time and follow those.  A Schur
complement, to second order in q and in the internal Hamiltonian h, to first order in omega
and in the weak rates, leaves a matrix on these functions,

    S(q, omega) = D q^2 + sum_i A_i q_i - i omega + Gamma,

with the diffusion constant D, couplings A_i linear in q (the vector potential of spin-orbit
coupling) and a matrix Gamma of relaxation and precession rates.  Where no A_i couples them,
the eigenvectors of Gamma are the soft modes and its eigenvalues their gaps.

The weight of a mode in the conductivity comes from the Hikami boxes.  Bare and dressed boxes
together are <X F| J (1/tau - W) J |F>/d per axis: J the current vertex dressed by a ladder,
X the exchange of both legs, F(n) -> F(-n) with the particles swapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Vector, inner
from cooperon.eigen import blocks, eigenvalues
from cooperon.harmonics import CONSTANT, Harmonics
from cooperon.internal import InternalSpace, Matrix
from cooperon.ladder import Channel, Ladder, hamiltonian_term, ladder
from cooperon.null_space import StrongKernel, project_out, simplified
from diagrams.conductivity import SPIN_DEGENERACY
from diagrams.symbols import hbar, v_F

if TYPE_CHECKING:
    from cooperon.conductor import Conductor

# 2 (|h| tau/hbar)^2 for a linear Rashba splitting of |h| = hbar/(2 tau): beyond it the next
# order of the expansion is as large as the first.
_LARGEST_SPLITTING = 0.5
_HBAR = sp.Float("1.054571817646156391262428003302e-34", 31)


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
    blocks : tuple of ModeBlock
        The blocks that all these matrices split into.
    states : tuple of dict
        The soft functions {(harmonic, pair): component}, orthonormal.
    kernel : Ladder
        What the modes were derived from.
    """

    channel: Channel
    dimension: int
    diffusion_constant: sp.Expr
    anisotropy: sp.Expr
    basis: tuple[str, ...]
    relaxation: sp.ImmutableDenseMatrix
    coupling: tuple[sp.ImmutableDenseMatrix, ...]
    weights: sp.ImmutableDenseMatrix
    blocks: tuple[ModeBlock, ...]
    states: tuple[Vector, ...]
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
                "diffusive range. Declare the fields that break time reversal with weak=True."
            )

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
        If fields with `weak=False` make the lifetime or the current depend on direction or
        internal state, or the soft modes diffuse differently from the density.
    ValueError
        If the internal Hamiltonian is too large for the diffusive expansion.
    ArithmeticError
        If no diffuson is gapless: particles would not be conserved.
    """
    return _Elimination(conductor, channel).propagator()


@dataclass(frozen=True)
class _Elimination:
    """The Schur complement of one channel, step by step."""

    conductor: Conductor
    channel: Channel

    def propagator(self) -> SoftPropagator:
        if self.channel is Channel.DIFFUSON:
            _require_particle_conservation(self.conductor, self.kernel)
        relaxation = self.relaxation()
        coupling = tuple(self.coupling(axis) for axis in range(self.conductor.dimension))
        weights = self.weights()
        self.require_common_diffusion()
        return SoftPropagator(
            self.channel,
            self.conductor.dimension,
            sp.simplify(v_F**2 * self.transport_time / self.conductor.dimension),
            sp.simplify(1 - 1 / (self.strong.rate * self.transport_time)),
            self.names,
            relaxation,
            coupling,
            weights,
            _blocks(self.names, relaxation, coupling, weights),
            self.states,
            self.kernel,
        )

    @cached_property
    def harmonics(self) -> Harmonics:
        return Harmonics(self.conductor.dimension)

    @cached_property
    def kernel(self) -> Ladder:
        return ladder(self.conductor, self.channel)

    @cached_property
    def strong(self) -> StrongKernel:
        return strong_kernel(self.conductor, self.channel)

    @cached_property
    def weak(self) -> Ladder:
        return ladder(self.conductor, self.channel, self.conductor.weak)

    @cached_property
    def _soft(self) -> tuple[tuple[str, ...], tuple[Vector, ...]]:
        return soft_states(self.conductor.internal, self.channel, self.strong.null_vectors())

    @property
    def names(self) -> tuple[str, ...]:
        return self._soft[0]

    @property
    def states(self) -> tuple[Vector, ...]:
        return self._soft[1]

    @cached_property
    def transport_time(self) -> sp.Expr:
        return transport_time(self.conductor)

    @cached_property
    def precession(self) -> list[Vector]:
        """(h x 1 - 1 x h') F/hbar for each soft state."""
        term = hamiltonian_term(self.conductor, self.channel).scaled(1 / hbar)
        return [term.multiply(state) for state in self.states]

    @cached_property
    def massive_precession(self) -> list[Vector]:
        """What precession admixes, (rate - W)^-1 Q h F."""
        return [self.solved(vector) for vector in self.precession]

    def solved(self, vector: Vector) -> Vector:
        return self.strong.solve(project_out(vector, self.states), self.states)

    @cached_property
    def velocity(self) -> list[list[Vector]]:
        """v_F n_i F for each axis i and soft state."""
        axes = range(self.conductor.dimension)
        return [[along(self.harmonics, i, state, v_F) for state in self.states] for i in axes]

    @cached_property
    def massive_velocity(self) -> list[list[Vector]]:
        """What motion admixes, (rate - W)^-1 Q v_F n_i F."""
        return [[self.solved(vector) for vector in vectors] for vectors in self.velocity]

    def relaxation(self) -> sp.ImmutableDenseMatrix:
        """Gamma: weak rates, precession within the soft states, and relaxation by it."""
        weak = self.matrix([self.weak.apply(state) for state in self.states])
        first = self.matrix(self.precession)
        second = _gram(self.precession, self.massive_precession)
        self.require_small_splitting(second)
        return Matrix((weak + sp.I * first + second).applyfunc(_canonical))

    def require_small_splitting(self, second: sp.Matrix) -> None:
        """Check |h| tau/hbar << 1 where it is a number: precession slower than scattering."""
        for number, state in enumerate(self.names):
            rate = second[number, number]
            ratio = sp.N(sp.expand(rate / self.strong.rate).subs(hbar, _HBAR))
            if ratio.is_number and ratio > _LARGEST_SPLITTING:
                raise ValueError(
                    f"the Hamiltonian relaxes the pair state {state} at {float(ratio):.3g} times "
                    "the scattering rate 1/tau, so that spins precess ballistically; the diffusive "
                    "expansion needs (|h| tau/hbar)^2 << 1: shorten tau or reduce the splitting."
                )

    def coupling(self, axis: int) -> sp.ImmutableDenseMatrix:
        """A_i: velocity and precession in either order, and velocity within soft states."""
        velocity = self.velocity[axis]
        cross = _gram(velocity, self.massive_precession)
        first = sp.I * self.matrix(velocity)
        return Matrix((first + cross + cross.H).applyfunc(_canonical))

    def diffusion(self, i: int, j: int) -> sp.Matrix:
        """The q_i q_j term of the Schur complement, on the soft states."""
        return _gram(self.velocity[i], self.massive_velocity[j])

    def require_common_diffusion(self) -> None:
        """Check that all soft states have the diffusion constant of the density."""
        expected = v_F**2 * self.transport_time / self.conductor.dimension
        for i in range(self.conductor.dimension):
            for j in range(self.conductor.dimension):
                found = self.diffusion(i, j)
                difference = found - (expected * sp.eye(found.rows) if i == j else found * 0)
                if any(simplified(entry) != 0 for entry in difference):
                    raise NotImplementedError(
                        f"the soft modes {', '.join(self.names)} diffuse with the matrix "
                        f"{found.applyfunc(simplified).tolist()} along the axes {i}, {j}, the "
                        f"density with {sp.simplify(expected)}; a common D is needed: declare "
                        "fields that act on the internal space with weak=True."
                    )

    def weights(self) -> sp.ImmutableDenseMatrix:
        """Hikami boxes over the classical ones, tau_tr sum_i <X F| n_i (rate - W) n_i |F>/2."""
        size = len(self.states)
        if self.channel is Channel.DIFFUSON:
            return Matrix(sp.zeros(size))
        exchanged = [exchange(self.conductor.internal, self.harmonics, f) for f in self.states]
        total = sp.zeros(size)
        for axis in range(self.conductor.dimension):
            left = [along(self.harmonics, axis, state) for state in exchanged]
            right = [along(self.harmonics, axis, state) for state in self.states]
            total += _gram(left, [self.strong.apply(vector) for vector in right])
        factor = self.transport_time * self.conductor.degeneracy / sp.Integer(SPIN_DEGENERACY)
        return Matrix((factor * total).applyfunc(simplified))

    def matrix(self, images: Sequence[Vector]) -> sp.Matrix:
        return _gram(self.states, images)


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


def density(conductor: Conductor) -> Vector:
    """Return the density mode of the diffuson: the unit matrix in the band, at all n."""
    one = conductor.internal.identity if conductor.band is None else conductor.band.projector
    matrix = AngularMatrix.of(one, Harmonics(conductor.dimension))
    size = conductor.internal.dimension
    return {
        (a, i * size + j): value
        for (a, _), entries in matrix.terms.items()
        for (i, j), value in entries.items()
    }


def along(harmonics: Harmonics, axis: int, vector: Vector, factor: sp.Expr = sp.S.One) -> Vector:
    """Return factor * n_i F(n) for the axis i."""
    component = harmonics.expand(harmonics.direction[axis])
    total: Vector = {}
    for (label, pair), value in vector.items():
        for a, coefficient in component.items():
            for b, number in harmonics.product(a, label).items():
                total[b, pair] = total.get((b, pair), 0) + factor * coefficient * number * value
    return {index: sp.expand(value) for index, value in total.items() if sp.expand(value) != 0}


def exchange(space: InternalSpace, harmonics: Harmonics, vector: Vector) -> Vector:
    """Return X F: the particles of the pair swapped, and n -> -n."""
    size = space.dimension
    swapped = {}
    for (label, pair), value in vector.items():
        i, j = divmod(pair, size)
        swapped[label, j * size + i] = harmonics.parity(label) * value
    return swapped


def soft_states(
    space: InternalSpace, channel: Channel, null: Sequence[Vector]
) -> tuple[tuple[str, ...], tuple[Vector, ...]]:
    """Return names and functions of a basis of the null space, after the pair states.

    A pair state without direction is projected on the null space; those that survive name
    the soft functions, if they are as many as there are and orthogonal.
    """
    if not null:
        return (), ()
    cooperon = channel is Channel.COOPERON
    pairs = space.particle_pairs() if cooperon else space.particle_hole_pairs()
    named = []
    for state, column in zip(space.pair_basis, pairs.T.tolist(), strict=True):
        constant = {(CONSTANT, i): value for i, value in enumerate(column) if value != 0}
        projected = _project(constant, null)
        norm = simplified(inner(projected, projected))
        if norm != 0:
            named.append((state.name, {k: v / sp.sqrt(norm) for k, v in projected.items()}))
    vectors = tuple(vector for _, vector in named)
    if len(named) == len(null) and _gram(vectors, vectors).applyfunc(sp.simplify).is_Identity:
        return tuple(name for name, _ in named), vectors
    return tuple(f"C_{number}" for number in range(1, len(null) + 1)), tuple(null)


def _project(vector: Vector, null: Sequence[Vector]) -> Vector:
    total: Vector = {}
    for state in null:
        overlap = inner(state, vector)
        for index, value in state.items():
            total[index] = total.get(index, sp.S.Zero) + overlap * value
    simple = {index: sp.simplify(value) for index, value in total.items()}
    return {index: value for index, value in simple.items() if value != 0}


def _gram(left: Sequence[Vector], right: Sequence[Vector]) -> sp.Matrix:
    return sp.Matrix(len(left), len(right), lambda a, b: inner(left[a], right[b]))


def _canonical(rate: sp.Expr) -> sp.Expr:
    expanded = sp.expand(rate)
    if not expanded.has(sp.cos, sp.sin):
        return sp.expand(simplified(expanded)) if expanded.is_Add else expanded
    return sp.expand(sp.trigsimp(expanded))


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


def _require_particle_conservation(conductor: Conductor, kernel: Ladder) -> None:
    """Check the Ward identity: the density, delta_ss', does not relax."""
    leak = {k: simplified(v) for k, v in kernel.apply(density(conductor)).items()}
    if any(value != 0 for value in leak.values()):
        raise ArithmeticError(
            f"particle number decays at the rates {leak}; the out-rate of the self-energy and "
            "the in-rate of the ladder disagree."
        )
