"""What a mode contributes in a geometry, in units of the correction, as a function of its field.

The Cooperon at equal points C(z), times the prefactor of the diagrams, in terms of
p = hbar z/(4 e D): D drops out, and a length L enters as L sqrt(4 e p/hbar) = L/L_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import sympy as sp

from cooperon.bulk_functions import BULK_FUNCTIONS
from cooperon.cutoffs import finite_bulk, z
from cooperon.film_function import FilmFunction
from cooperon.geometry import Geometry
from cooperon.geometry_trace import ModeTrace, mode_trace
from cooperon.kawabata import KawabataFunction
from cooperon.kawabata_pair import KawabataMean, KawabataPair
from cooperon.kernels import HikamiFunction
from cooperon.landau import field_trace, landau_levels, x
from cooperon.landau_bulk import bulk_levels
from cooperon.mode_pairs import PairFunction
from cooperon.sample_units import per_length, unit_of
from cooperon.strip_function import StripFunction
from diagrams.conductivity import interference_correction
from diagrams.symbols import B, D, e, hbar

_p, _k = sp.symbols("p k", positive=True)


@cache
def prefactor(geometry: Geometry) -> sp.Expr:
    """Return what C(z) is multiplied by, in units of the result, m^2/s."""
    diagrams = interference_correction(geometry.extended)
    return sp.cancel(diagrams / unit_of(geometry).value) * per_length(geometry)


@cache
def bulk_coefficient(geometry: Geometry, dimension: int) -> sp.Expr:
    """Return what multiplies the `BULK_FUNCTIONS` of p in a bulk term of a geometry."""
    slope = sp.diff(finite_bulk(dimension), z).subs(z, 4 * e * D * _p / hbar) * 4 * e * D / hbar
    ratio = slope / sp.diff(BULK_FUNCTIONS[dimension].of.one(_p), _p)
    return sp.simplify(prefactor(geometry) * ratio)


@dataclass(frozen=True)
class SampleFunctions:
    """The contribution of modes of weight one.

    Attributes
    ----------
    geometry, reference : Geometry
        With the flux of the field, and with that of the reference state.
    """

    geometry: Geometry
    reference: Geometry

    @cached_property
    def plane(self) -> sp.Expr:
        """What multiplies Psi of a mode in d = 2."""
        levels = landau_levels()
        states = levels.degeneracy / levels.spacing
        return sp.simplify(prefactor(self.geometry) * states) * fold(field_trace())

    @cached_property
    def levels(self) -> PairFunction | None:
        """What the levels of a perpendicular field add; None if there are none."""
        geometry = self.geometry
        if geometry.infinite == 3:
            scale = sp.simplify(prefactor(geometry) * bulk_levels())
            return PairFunction(
                lambda p: KawabataFunction(B, p),
                lambda m, s: KawabataMean(B, m, s),
                lambda m, s: KawabataPair(B, m, s),
            ).times(scale)
        if geometry.infinite == 2 and not geometry.axes:
            return PairFunction(lambda p: self.plane * HikamiFunction(B, p))
        if not geometry.axes or not geometry.axes[0].transverse:
            return None
        length = geometry.axes[0].length
        if geometry.infinite == 2:
            mode = hbar / (4 * e) * (sp.pi / length) ** 2
            return PairFunction(lambda p: self.plane * FilmFunction(B, p, mode))
        width = hbar / (4 * e * length**2)
        return PairFunction(lambda p: self.plane * length * StripFunction(B, p, width))

    def change(self, rise: sp.Expr, field: sp.Expr) -> sp.Expr:
        """Return what a mode has at p + rise in the geometry, beyond that at p in the reference.

        Levels come on top.
        """
        after, before = mode_trace(self.geometry), mode_trace(self.reference)
        if rise == 0 and after == before:
            return sp.S.Zero
        smooth = [(d, c) for d, c in after.bulk if d > 1 or after.rest == 0]
        bulk = (
            c * bulk_coefficient(self.geometry, d) * BULK_FUNCTIONS[d].change(rise, field)
            for d, c in smooth
        )
        windings = self._rest(after, field + rise) - self._rest(before, field)
        return sp.Add(*bulk) + windings

    @cached_property
    def after(self) -> PairFunction:
        """The function of one mode, and of a pair where it is a bulk one, up to a constant."""
        return self._function(mode_trace(self.geometry))

    @cached_property
    def before(self) -> PairFunction:
        """The same in the reference state."""
        return self._function(mode_trace(self.reference))

    def _function(self, trace: ModeTrace) -> PairFunction:
        if trace.rest != 0:
            return PairFunction(lambda p: self._bulk(trace, p) + self._rest(trace, p))
        ((dimension, scale),) = trace.bulk
        factor = scale * bulk_coefficient(self.geometry, dimension)
        return BULK_FUNCTIONS[dimension].of.times(factor)

    def _bulk(self, trace: ModeTrace, field: sp.Expr) -> sp.Expr:
        terms = (
            c * bulk_coefficient(self.geometry, d) * BULK_FUNCTIONS[d].of.one(field)
            for d, c in trace.bulk
            if d > 1
        )
        return sp.Add(*terms)

    def _rest(self, trace: ModeTrace, field: sp.Expr) -> sp.Expr:
        """Return the windings, with the bulk term of d = 1 that they cancel at short lengths."""
        if trace.rest == 0:
            return sp.S.Zero
        line = sp.Add(*(c * finite_bulk(1) for d, c in trace.bulk if d == 1))
        scaled = prefactor(self.geometry) * (trace.rest + line).subs(z, D * _k**2)
        return sp.expand(scaled, log=False).subs(_k, 2 * sp.sqrt(e * field / hbar))


@cache
def fold(trace: sp.Expr) -> sp.Expr:
    """Return how many times Psi(x) the derived trace is, with x = B_j/|B|.

    Raises
    ------
    ArithmeticError
        If the trace is not a multiple of Psi.
    """
    field = sp.Symbol("B_j", positive=True)
    psi = HikamiFunction(B, field).doit()
    multiple = sp.simplify(trace.subs(x, field / sp.Abs(B)) / psi)
    if not multiple.is_number:
        raise ArithmeticError(f"the trace {trace} over Landau levels is not a multiple of Psi.")
    return multiple
