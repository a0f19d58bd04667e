"""The Cooperon at equal points in a geometry, for one mode without spin.

    C(z) = int_0^oo dt Z(t) exp(-z t),    z = 1/tau_phi + Gamma - i omega,

with Z(t) the density of the return probability.  Infinite axes and one finite axis make it a sum
of bulk terms, which diverge at short times from d = 2 on and are cut off as bulk results are,
and of turns around the finite axis, which are longer than the mean free path and are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from cooperon.cutoffs import finite_bulk, z
from cooperon.geometry import Ends, Geometry
from cooperon.images import between_leads, images, windings
from cooperon.nyquist import nyquist_trace

Cut = Callable[[int], sp.Expr]


@dataclass(frozen=True)
class ModeTrace:
    """C(z), in s/m^d with d the dimension of the conductivity.

    Attributes
    ----------
    bulk : tuple of (int, expression)
        Dimensions and coefficients of bulk terms.
    rest : expression
        What needs no cutoff, a function of `z`.
    """

    bulk: tuple[tuple[int, sp.Expr], ...]
    rest: sp.Expr

    @property
    def converges(self) -> bool:
        """Whether it is finite without a cutoff."""
        return all(dimension < 2 for dimension, _ in self.bulk)

    def finite_part(self) -> sp.Expr:
        """Return C(z) up to a constant."""
        return self.cut(finite_bulk)

    def cut(self, bulk: Cut) -> sp.Expr:
        """Return C(z) with bulk terms from a function of their dimension."""
        return sp.Add(*(c * bulk(dimension) for dimension, c in self.bulk)) + self.rest


@cache
def mode_trace(geometry: Geometry) -> ModeTrace:
    """Return the trace over the modes of a geometry without a field, but with its phases.

    Raises
    ------
    NotImplementedError
        If more than one axis is finite.
    """
    if len(geometry.axes) > 1:
        raise NotImplementedError(
            f"{geometry.name} has {len(geometry.axes)} finite axes, and sums over more than one "
            "have no closed form; make the shorter one a thin section, or use return_probability."
        )
    if geometry.nyquist:
        return ModeTrace(((1, sp.S.One),), nyquist_trace(z) - finite_bulk(1))
    if not geometry.axes:
        return ModeTrace(((geometry.infinite, sp.S.One),), sp.S.Zero)
    (axis,) = geometry.axes
    around = images(axis)
    free = geometry.infinite + 1
    scale = axis.length if axis.transverse else around.share
    bulk = [(free, scale)]
    rest = scale * windings(free, around.period, around.phase)
    if geometry.infinite:
        bulk.append((geometry.infinite, scale * around.uniform))
    elif axis.ends is Ends.LEADS:
        rest = between_leads(axis.length) - finite_bulk(1)
    else:
        rest += around.uniform / z
    return ModeTrace(tuple((d, c) for d, c in bulk if c != 0), sp.expand(rest, log=False))
