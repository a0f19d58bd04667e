"""Named geometries, with symbols for their lengths, and corrections by name.

A name stands for a shape of `cooperon.geometry`; the parameters of its formula are the
lengths in `parameters`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp

from cooperon.correction import Correction
from cooperon.geometry import (
    Geometry,
    ballistic_wire,
    bulk,
    cylinder,
    film,
    finite_wire,
    ring,
    round_wire,
    strip,
    thick_cylinder,
    wire,
)
from cooperon.magnetoconductivity import magnetoconductivity
from cooperon.models import model
from cooperon.zero_field import weak_localization
from diagrams.symbols import symbol

_WIDTH = symbol("width")


@dataclass(frozen=True)
class NamedGeometry:
    """A shape: its name, what it is, how it is made."""

    name: str
    description: str
    make: Callable[[], Geometry]

    @property
    def reference(self) -> str:
        """Whom to cite."""
        return self.make().reference

    def geometry(self) -> Geometry:
        """Return the shape, with symbols for its lengths."""
        return self.make()


GEOMETRIES = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            NamedGeometry(
                "plane",
                "infinite in two dimensions, B perpendicular",
                lambda: bulk(2),
            ),
            NamedGeometry(
                "bulk",
                "infinite in three dimensions",
                lambda: bulk(3),
            ),
            NamedGeometry(
                "film", "film of any thickness, B perpendicular: between two and three", film
            ),
            NamedGeometry(
                "thin-film",
                "film thinner than L_phi and l_B, B perpendicular and B_parallel along it",
                lambda: film(thin=True),
            ),
            NamedGeometry(
                "strip", "strip of any width, B perpendicular: between one and two", strip
            ),
            NamedGeometry("wire", "flat wire narrower than L_phi and l_B, B perpendicular", wire),
            NamedGeometry("round-wire", "round wire, B across it", round_wire),
            NamedGeometry(
                "ballistic-wire",
                "wire narrower than the mean free path l, specular walls, B perpendicular",
                ballistic_wire,
            ),
            NamedGeometry(
                "nyquist-wire",
                "flat wire with Nyquist dephasing, exactly, beside 1/tau_phi",
                lambda: wire(nyquist=True),
            ),
            NamedGeometry(
                "finite-wire",
                "wire of finite length between leads, B across its width",
                lambda: finite_wire(width=_WIDTH),
            ),
            NamedGeometry(
                "closed-wire",
                "wire of finite length between walls",
                lambda: finite_wire(ends="closed", width=_WIDTH),
            ),
            NamedGeometry(
                "half-open-wire",
                "wire of finite length between a wall and a lead",
                lambda: finite_wire(ends="mixed", width=_WIDTH),
            ),
            NamedGeometry("ring", "thin ring, B along its axis", lambda: ring(width=_WIDTH)),
            NamedGeometry(
                "cylinder",
                "thin-walled cylinder, B along its axis",
                lambda: cylinder(thickness=symbol("thickness")),
            ),
            NamedGeometry(
                "thick-cylinder",
                "cylinder whose wall is not thin beside its radius",
                thick_cylinder,
            ),
        )
    }
)


def geometry(name: str) -> Geometry:
    """Return the geometry called `name`.

    Raises
    ------
    ValueError
        If there is none, with the nearest names.
    """
    if name in GEOMETRIES:
        return GEOMETRIES[name].geometry()
    near = difflib.get_close_matches(name, GEOMETRIES, n=3, cutoff=0.4) or list(GEOMETRIES)
    raise ValueError(f"there is no geometry {name!r}; did you mean one of {near}?")


def named_correction(
    name: str,
    shape: str | None = None,
    *,
    field: bool = True,
    dimension: int | None = None,
    cutoff: str = "smooth",
    parameters: str = "fields",
    omega: sp.Expr = sp.S.Zero,
) -> Correction:
    """Return the correction of a named model in a named geometry.

    Parameters
    ----------
    name, shape : str
        Of a model and of a geometry; infinite in the dimensions of the model by default.
    field : bool
        Whether to take sigma(B) - sigma(0), or the whole correction.
    dimension : int, optional
        In which the model diffuses; as many as the geometry needs, and at least its own.
    cutoff : str
        See `weak_localization`, for the whole correction.
    parameters : {"fields", "times", "lengths"}
        How rates are written: B_j, tau_j with D, or L_j; the whole correction is in times.
    omega : expression, optional
        Angular frequency.

    Raises
    ------
    ValueError
        If a name is not known, or the model and the geometry do not fit.
    """
    forms = {
        "fields": lambda c: c,
        "times": lambda c: c.in_times(),
        "lengths": lambda c: c.in_lengths(),
    }
    if parameters not in forms:
        raise ValueError(f"the parameters are {parameters!r}; choose one of {sorted(forms)}.")
    sample = None if shape is None else geometry(shape)
    recipe = model(name)
    needed = recipe.dimension if sample is None else max(recipe.dimension, sample.dimension)
    conductor = recipe.conductor(needed if dimension is None else dimension)
    if field:
        return forms[parameters](magnetoconductivity(conductor, geometry=sample, omega=omega))
    return weak_localization(conductor, cutoff, omega, geometry=sample)
