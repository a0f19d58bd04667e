"""The model: a disordered conductor, stated by its dimension, internal space and disorder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

import sympy as sp

from cooperon.field import Field
from cooperon.internal import SPIN, InternalSpace
from cooperon.ladder import Channel
from cooperon.soft_modes import SoftPropagator, soft_propagator


@dataclass(frozen=True)
class Conductor:
    """A weakly disordered conductor with k_F l >> 1.

    Parameters
    ----------
    dimension : {1, 2, 3}
        Dimension d of the diffusion and of the Fermi surface S^(d-1).
    disorder : iterable of Field (or of tuples of Field)
        Independent Gaussian fields; at least one of them with `weak=False` makes the motion
        diffusive.
    internal : InternalSpace, optional
        What the electron carries besides momentum; spin 1/2 by default.

    Raises
    ------
    ValueError
        If the dimension is not 1, 2 or 3, a vertex does not fit the internal space, two
        fields have the same name, or no field makes the motion diffusive.

    Examples
    --------
    >>> from cooperon import Conductor, magnetic, potential, spin_orbit
    >>> gas = Conductor(2, [potential(), spin_orbit(), magnetic()])
    >>> [mode.gap for mode in gas.cooperon().modes if mode.name == "S"]
    [2/tau_s_z + 2/tau_s_y + 2/tau_s_x]
    """

    dimension: int
    disorder: tuple[Field, ...]
    internal: InternalSpace = SPIN

    def __init__(
        self,
        dimension: int,
        disorder: Iterable[Field | Iterable[Field]],
        internal: InternalSpace = SPIN,
    ) -> None:
        object.__setattr__(self, "dimension", dimension)
        object.__setattr__(self, "disorder", _flatten(disorder))
        object.__setattr__(self, "internal", internal)
        self._validate()

    def _validate(self) -> None:
        if not isinstance(self.dimension, int) or self.dimension not in (1, 2, 3):
            raise ValueError(f"the dimension is {self.dimension!r}; choose 1, 2 or 3.")
        for field in self.disorder:
            self._require_fit(field)
        names = [field.name for field in self.disorder]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ValueError(f"two fields are called {repeated[0]!r}; give each its own name.")
        if not self.strong:
            raise ValueError(
                f"none of the fields {names} makes the motion diffusive; add potential() or a "
                "field with weak=False."
            )
        if all(field.rate == 0 for field in self.strong):
            raise ValueError(
                "the fields with weak=False have the rate 0, so that the motion is ballistic; give "
                "one of them a finite scattering time."
            )

    def _require_fit(self, field: Field) -> None:
        size = self.internal.dimension
        if field.vertex.rows != size:
            raise ValueError(
                f"the vertex of field {field.name!r} is {field.vertex.rows} x "
                f"{field.vertex.rows} but the internal space {self.internal.name!r} has "
                f"dimension {size}; write the vertex in that space."
            )

    @property
    def strong(self) -> tuple[Field, ...]:
        """The fields that make the motion diffusive."""
        return tuple(field for field in self.disorder if not field.weak)

    @property
    def weak(self) -> tuple[Field, ...]:
        """The fields treated to first order in their rates."""
        return tuple(field for field in self.disorder if field.weak)

    @property
    def scattering_rate(self) -> sp.Expr:
        """Total out-rate 1/tau (Matthiessen's rule), 1/s."""
        return sum((field.rate for field in self.disorder), sp.S.Zero)

    def cooperon(self) -> SoftPropagator:
        """Return the soft modes of the particle-particle (maximally crossed) ladder."""
        return soft_propagator(self, Channel.COOPERON)

    def diffuson(self) -> SoftPropagator:
        """Return the soft modes of the particle-hole ladder; one of them is gapless."""
        return soft_propagator(self, Channel.DIFFUSON)


def _flatten(disorder: Iterable[Field | Iterable[Field]]) -> tuple[Field, ...]:
    items = [disorder] if isinstance(disorder, Field) else disorder
    groups = (item if isinstance(item, tuple | list) else [item] for item in items)
    fields = tuple(chain.from_iterable(groups))
    for field in fields:
        if not isinstance(field, Field):
            raise TypeError(
                f"disorder has to be made of Field objects such as potential(), got {field!r}."
            )
    return fields
