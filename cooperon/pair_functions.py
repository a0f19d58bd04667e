"""Functions of direction with values in the pair space: density, velocity, exchange of legs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Vector
from cooperon.harmonics import Harmonics
from cooperon.internal import InternalSpace

if TYPE_CHECKING:
    from cooperon.conductor import Conductor


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
