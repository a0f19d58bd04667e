"""The Schur complement of a ladder: soft functions kept, massive ones eliminated.

The fields that make the motion diffusive leave a few functions F(n) of direction with values
in the pair space alone; all others relax within the transport time and follow those.  A Schur
complement, to second order in q and in the internal Hamiltonian h, to first order in omega
and in the weak rates, leaves the matrix S(q, omega) of `soft_modes` on these functions.

The weight of a mode in the conductivity comes from the Hikami boxes.  Bare and dressed boxes
together are <X F| J (1/tau - W) J |F>/d per axis: J the current vertex dressed by a ladder,
X the exchange of both legs, F(n) -> F(-n) with the particles swapped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from cooperon.angular_matrix import Vector, inner
from cooperon.cache import cached
from cooperon.harmonics import CONSTANT, Harmonics
from cooperon.internal import InternalSpace, Matrix
from cooperon.ladder import Channel, Ladder, hamiltonian_term, ladder
from cooperon.null_space import StrongKernel, project_out, simplified
from cooperon.pair_functions import along, density, exchange
from cooperon.protected import require_protected_modes
from cooperon.soft_modes import SoftPropagator
from cooperon.strong import strong_kernel, transport_time
from diagrams.conductivity import SPIN_DEGENERACY
from diagrams.symbols import hbar, v_F

if TYPE_CHECKING:
    from cooperon.conductor import Conductor

# 2 (|h| tau/hbar)^2 for a linear Rashba splitting of |h| = hbar/(2 tau): beyond it the next
# order of the expansion is as large as the first.
_LARGEST_SPLITTING = 0.5
_HBAR = sp.Float("1.054571817646156391262428003302e-34", 31)


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
    parts = conductor, channel.value, "soft modes"
    return _from_record(channel, cached(parts, _Elimination(conductor, channel).record))


def _from_record(channel: Channel, record: dict[str, Any]) -> SoftPropagator:
    states = tuple(
        {((degree, m), pair): value for degree, m, pair, value in state}
        for state in record["states"]
    )
    return SoftPropagator(channel, **(record | {"states": states}))


@dataclass(frozen=True)
class _Elimination:
    """The Schur complement of one channel, step by step."""

    conductor: Conductor
    channel: Channel

    def record(self) -> dict[str, Any]:
        """Return what a SoftPropagator holds, in types that the cache can store."""
        if self.channel is Channel.DIFFUSON:
            _require_particle_conservation(self.conductor, ladder(self.conductor, self.channel))
        relaxation = self.relaxation()
        if self.channel is Channel.COOPERON:
            require_protected_modes(self.conductor, relaxation)
        self.require_common_diffusion()
        d = self.conductor.dimension
        return {
            "dimension": d,
            "diffusion_constant": sp.simplify(v_F**2 * self.transport_time / d),
            "anisotropy": sp.simplify(1 - 1 / (self.strong.rate * self.transport_time)),
            "basis": self.names,
            "relaxation": relaxation,
            "coupling": tuple(self.coupling(axis) for axis in range(d)),
            "weights": self.weights(),
            "states": tuple(
                tuple((*label, pair, value) for (label, pair), value in state.items())
                for state in self.states
            ),
        }

    @cached_property
    def harmonics(self) -> Harmonics:
        return Harmonics(self.conductor.dimension)

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


def _require_particle_conservation(conductor: Conductor, kernel: Ladder) -> None:
    """Check the Ward identity: the density, delta_ss', does not relax."""
    leak = {k: simplified(v) for k, v in kernel.apply(density(conductor)).items()}
    if any(value != 0 for value in leak.values()):
        raise ArithmeticError(
            f"particle number decays at the rates {leak}; the out-rate of the self-energy and "
            "the in-rate of the ladder disagree."
        )
