"""The trace of the soft modes of any model over the modes of a geometry in a field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp

from cooperon.characteristic import (
    characteristic_field,
    characteristic_fields,
    field_of_rate,
    without_velocity,
)
from cooperon.geometry import Geometry
from cooperon.internal import Matrix
from cooperon.kernel_trace import HikamiTrace
from cooperon.level_trace import coupled_modes
from cooperon.mode_pairs import weighted_change, weighted_trace
from cooperon.sample_functions import SampleFunctions
from cooperon.soft_modes import ModeBlock, SoftPropagator
from diagrams.symbols import B

Reference = Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class SampleTrace:
    """The modes of a propagator in a geometry, and the state that a change is referred to.

    Attributes
    ----------
    geometry : Geometry
    propagator : SoftPropagator
    reference : mapping
        Values of symbols in the state that the trace is referred to.
    levels : int
        See `BandTrace`.
    """

    geometry: Geometry
    propagator: SoftPropagator
    reference: Reference
    levels: int = 512

    def change(self) -> sp.Expr:
        """Return sigma in the field minus sigma in the reference state, in the sample's unit.

        Raises
        ------
        NotImplementedError
            If modes couple to q, or mix with different weights, in a geometry for which their
            trace is not known.
        """
        return sp.Add(*(self._block(block) for block in self.propagator.blocks))

    def _block(self, block: ModeBlock) -> sp.Expr:
        relaxation = without_velocity(block.relaxation, self.propagator.diffusion_constant)
        fields = characteristic_fields(relaxation)
        constant = all(self._at_reference(entry) == entry for entry in fields)
        plain = block.weight is not None and relaxation.is_hermitian and constant
        if block.couples_to_momentum or not plain:
            return self._mixed(block, fields)
        gaps = [mode.gap for mode in block.modes()] if self._has_closed_gaps(block) else []
        if gaps and (not self._is_plane or all(map(_is_rational, gaps))):
            return block.weight * sp.Add(*(self._mode(characteristic_field(g)) for g in gaps))
        if any(self._rates):
            return self._mixed(block, fields)
        return self._functions.plane * block.weight * HikamiTrace.of(B, fields)

    def _has_closed_gaps(self, block: ModeBlock) -> bool:
        return len(block.names) < 3 or not self._is_plane

    @property
    def _is_plane(self) -> bool:
        return self.geometry.infinite == 2 and not self.geometry.axes

    @cached_property
    def _functions(self) -> SampleFunctions:
        axes = tuple(replace(a, phase=self._at_reference(a.phase)) for a in self.geometry.axes)
        return SampleFunctions(self.geometry, replace(self.geometry, axes=axes))

    @cached_property
    def _rates(self) -> tuple[sp.Expr, sp.Expr]:
        """What fields in the section add to every B_j: in the field and in the reference."""
        section = self.geometry.section
        rate = field_of_rate(section.rate) if section else sp.S.Zero
        return rate, self._at_reference(rate)

    def _at_reference(self, expression: sp.Expr) -> sp.Expr:
        # by name, as symbols that differ in their assumptions mean the same field
        values = {symbol.name: value for symbol, value in self.reference.items()}
        known = {s: values[s.name] for s in expression.free_symbols if s.name in values}
        return expression.subs(known)

    def _mode(self, field: sp.Expr) -> sp.Expr:
        """Return the contribution of one mode of weight one."""
        now, before = self._rates
        levels = self._functions.levels
        total = self._functions.change(now - before, field + before)
        return total if levels is None else total + levels.one(field + now)

    def _mixed(self, block: ModeBlock, fields: sp.MatrixBase) -> sp.Expr:
        """Return modes that couple to q, mix, or have gaps that the field changes."""
        if self._is_plane:
            section = self.geometry.section
            rate = section.rate if section else sp.S.Zero
            shifted = Matrix(block.relaxation + rate * sp.eye(len(block.names)))
            modes = coupled_modes(
                replace(block, relaxation=shifted), self.propagator, self.reference
            )
            trace = modes.trace(self.levels)
            return sp.Add(*(-self._functions.plane * t for t in sp.Add.make_args(trace)))
        if block.couples_to_momentum:
            raise NotImplementedError(
                f"the modes {', '.join(block.names)} couple to the wave vector, and their trace "
                f"is known in d = 2, in thin films and in narrow wires (see narrow_wire), not in "
                f"the geometry {self.geometry.name!r}."
            )
        now, before = self._rates
        functions, unit = self._functions, sp.eye(fields.rows)
        after = Matrix(fields + now * unit)
        start = Matrix(fields.applyfunc(self._at_reference) + before * unit)
        if self.geometry == functions.reference:
            total = weighted_change(block, after, start, functions.after)
        else:
            total = weighted_trace(block, after, functions.after)
            total -= weighted_trace(block, start, functions.before)
        if functions.levels is not None:
            total += weighted_trace(block, after, functions.levels)
        return total


def _is_rational(gap: sp.Expr) -> bool:
    return bool(gap.is_rational_function(*gap.free_symbols))
