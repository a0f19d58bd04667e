"""In which unit the correction of a sample is, by the dimension of its conductivity."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from cooperon.geometry import Geometry
from diagrams.symbols import e, hbar


@dataclass(frozen=True)
class Unit:
    """A unit, in terms of e and hbar, in words, and what it is a unit of."""

    value: sp.Expr
    name: str
    quantity: str


UNITS = MappingProxyType(
    {
        1: Unit(e**2 / (sp.pi * hbar), "e^2/(pi hbar) m", "conductance times length"),
        2: Unit(e**2 / (2 * sp.pi**2 * hbar), "e^2/(pi h)", "conductance"),
        3: Unit(e**2 / (2 * sp.pi**2 * hbar), "e^2/(pi h) / m", "conductivity"),
    }
)
CONDUCTANCE = Unit(e**2 / (sp.pi * hbar), "2e^2/h", "conductance")


def unit_of(geometry: Geometry) -> Unit:
    """Return the unit of a sample: 2e^2/h for a conductance between leads."""
    return CONDUCTANCE if geometry.is_conductance else UNITS[geometry.extended]


def letter(geometry: Geometry) -> str:
    """Return what the correction of a sample is called: that of G or of sigma."""
    return "G" if geometry.is_conductance else "sigma"


def per_length(geometry: Geometry) -> sp.Expr:
    """Return 1/L for a conductance between leads, else 1."""
    return 1 / geometry.axes[0].length if geometry.is_conductance else sp.S.One
