"""The model: a disordered conductor, stated by its internal space, Hamiltonian and disorder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import sympy as sp

from cooperon.band import Band
from cooperon.directions import average, n_in, n_out
from cooperon.elimination import soft_propagator
from cooperon.field import Field
from cooperon.internal import SPIN, InternalSpace, Matrix
from cooperon.ladder import Channel
from cooperon.soft_modes import SoftPropagator


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
    hamiltonian : Matrix or expression, optional
        Internal Hamiltonian h(n) at the Fermi level, J: a Hermitian matrix, polynomial in the
        direction (n_x, n_y, n_z) of the momentum, such as
        alpha*k_F*(n_y*SIGMA_X - n_x*SIGMA_Y).  It is treated to second order (its average
        over directions to first order), which needs |h| tau/hbar << 1.
    band : Band, optional
        Projector on the states at the Fermi level, for chiral electrons.
    degeneracy : int, optional
        Degeneracy that `internal` does not contain, such as 2 for the spin of electrons whose
        internal space is their valley; 1 by default.
    masses : sequence of expressions, optional
        Effective masses along the axes, in any unit; only their ratios enter.  With them v_F
        and D are geometric means over the axes, and n is the direction of k_i/sqrt(m_i).

    Raises
    ------
    ValueError
        If the dimension is not 1, 2 or 3; a vertex, the Hamiltonian or the band does not fit
        the internal space or the dimension; the Hamiltonian is not Hermitian; the band is no
        projector; two fields have the same name; or no field makes the motion diffusive.

    Examples
    --------
    >>> from cooperon import Conductor, magnetic, potential, spin_orbit
    >>> gas = Conductor(2, [potential(), spin_orbit(), magnetic()])
    >>> [mode.gap for mode in gas.cooperon().modes if mode.name == "S"]
    [2/tau_s_z + 2/tau_s_y + 2/tau_s_x]
    """

    dimension: int
    disorder: tuple[Field, ...]
    internal: InternalSpace
    hamiltonian: sp.ImmutableDenseMatrix
    band: Band | None
    degeneracy: int
    masses: tuple[sp.Expr, ...]

    def __init__(
        self,
        dimension: int,
        disorder: Iterable[Field | Iterable[Field]],
        internal: InternalSpace = SPIN,
        *,
        hamiltonian: sp.MatrixBase | sp.Expr = sp.S.Zero,
        band: Band | None = None,
        degeneracy: int = 1,
        masses: Sequence[sp.Expr] | None = None,
    ) -> None:
        object.__setattr__(self, "dimension", dimension)
        object.__setattr__(self, "disorder", _flatten(disorder))
        object.__setattr__(self, "internal", internal)
        object.__setattr__(self, "hamiltonian", _as_matrix(hamiltonian, internal))
        object.__setattr__(self, "band", band)
        object.__setattr__(self, "degeneracy", degeneracy)
        object.__setattr__(self, "masses", tuple(map(sp.sympify, masses or ())))
        self._validate()

    def _validate(self) -> None:
        if not isinstance(self.dimension, int) or self.dimension not in (1, 2, 3):
            raise ValueError(f"the dimension is {self.dimension!r}; choose 1, 2 or 3.")
        self._require_hamiltonian()
        self._require_band()
        self._require_masses()
        if not isinstance(self.degeneracy, int) or self.degeneracy < 1:
            raise ValueError(f"the degeneracy is {self.degeneracy!r}; give a positive integer.")
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

    def _require_hamiltonian(self) -> None:
        h = self.hamiltonian
        if h.rows != self.internal.dimension:
            raise ValueError(
                f"the Hamiltonian is {h.rows} x {h.rows} but the internal space "
                f"{self.internal.name!r} has dimension {self.internal.dimension}; write it in that "
                "space."
            )
        anti = (h - h.H).applyfunc(lambda entry: sp.simplify(sp.expand(entry)))
        if any(entry != 0 for entry in anti):
            raise ValueError(
                f"the Hamiltonian {h.tolist()} is not Hermitian: h - h^dagger = {anti.tolist()}; "
                "add its Hermitian conjugate or a factor of I, and declare its parameters real."
            )
        _require_directions("the Hamiltonian", h, self.dimension)

    def _require_band(self) -> None:
        if self.band is None:
            return
        projector = self.band.projector
        if projector.rows != self.internal.dimension:
            raise ValueError(
                f"the band {self.band.name!r} is {projector.rows} x {projector.rows} but the "
                f"internal space {self.internal.name!r} has dimension {self.internal.dimension}."
            )
        _require_directions(f"the band {self.band.name!r}", projector, self.dimension)
        n = self._unit_vector()
        error = (projector * projector - projector).subs(n).applyfunc(sp.simplify)
        if any(entry != 0 for entry in error):
            raise ValueError(
                f"the band {self.band.name!r} is no projector on the Fermi surface of d = "
                f"{self.dimension}: P^2 - P = {error.tolist()}; give orthonormal spinors."
            )

    def _unit_vector(self) -> dict[sp.Symbol, sp.Expr]:
        theta, phi = sp.symbols("theta phi", real=True)
        vectors = {
            1: (sp.S.One, sp.S.Zero, sp.S.Zero),
            2: (sp.cos(phi), sp.sin(phi), sp.S.Zero),
            3: (sp.sin(theta) * sp.cos(phi), sp.sin(theta) * sp.sin(phi), sp.cos(theta)),
        }
        return dict(zip(n_out, vectors[self.dimension], strict=True))

    def _require_masses(self) -> None:
        if self.masses and len(self.masses) != self.dimension:
            raise ValueError(
                f"{len(self.masses)} masses are given for d = {self.dimension}; give one per axis."
            )
        for mass in self.masses:
            if mass.is_positive is False or mass is sp.nan:
                raise ValueError(f"a mass is {mass}; give positive masses.")

    @property
    def band_rank(self) -> sp.Expr:
        """Number of internal states at the Fermi level."""
        if self.band is None:
            return sp.Integer(self.internal.dimension)
        return sp.simplify(average(sp.expand(self.band.projector.trace()), self.dimension))

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

    @property
    def axis_ratios(self) -> tuple[sp.Expr, ...]:
        """D_i/D for each axis i, with D the geometric mean; all 1 for an isotropic mass."""
        if not self.masses:
            return (sp.S.One,) * self.dimension
        mean = sp.Mul(*self.masses) ** sp.Rational(1, self.dimension)
        return tuple(sp.simplify(mean / mass) for mass in self.masses)

    def axis_ratio(self, axis: str) -> sp.Expr:
        """Return D_i/D for the axis "x", "y" or "z".

        Raises
        ------
        ValueError
            If there is no such axis.
        """
        axes = "xyz"[: self.dimension]
        if axis not in tuple(axes):
            raise ValueError(
                f"the axis is {axis!r}, but a conductor in d = {self.dimension} has the axes "
                f"{', '.join(axes)}."
            )
        return self.axis_ratios[axes.index(axis)]

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


def _as_matrix(
    hamiltonian: sp.MatrixBase | sp.Expr, internal: InternalSpace
) -> sp.ImmutableDenseMatrix:
    value = sp.sympify(hamiltonian)
    if isinstance(value, sp.MatrixBase):
        if value.rows != value.cols:
            raise ValueError(f"the Hamiltonian has the shape {value.shape}; give a square matrix.")
        return Matrix(value)
    return Matrix(value * internal.identity)


def _require_directions(what: str, matrix: sp.MatrixBase, dimension: int) -> None:
    wrong = sorted(map(str, matrix.free_symbols & {*n_out[dimension:], *n_in}))
    if wrong:
        known = ", ".join(map(str, n_out[:dimension]))
        raise ValueError(
            f"{what} depends on {', '.join(wrong)}, but the Fermi surface of d = {dimension} has "
            f"the directions {known}; write it in these, or change the dimension."
        )
