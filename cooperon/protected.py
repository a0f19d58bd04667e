"""The count of soft modes against the symmetry class.

An antiunitary symmetry of the Hamiltonian and all of its disorder protects a mode of the
Cooperon, as the density protects one of the diffuson: U with U h(-n)^* U^+ = h(n) is a
function F that no term relaxes.  So a ladder must have at least as many modes without a gap as
`symmetry_class` counts.  It may have more, where a gap is of higher order than the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from cooperon.symmetry import symmetry_class

if TYPE_CHECKING:
    from cooperon.conductor import Conductor

_TOLERANCE = 1e-10


def gapless_modes(relaxation: sp.MatrixBase) -> int:
    """Return the dimension of the null space of Gamma at a generic point of its parameters."""
    if not relaxation.rows:
        return 0
    ordered = sorted(relaxation.free_symbols, key=str)
    # generic, and of one magnitude for all kinds of symbols
    point = {s: sp.sqrt(sp.prime(k + 2)).n(20) for k, s in enumerate(ordered)}
    numbers = np.array(sp.Matrix(relaxation).subs(point).evalf(), dtype=complex)
    largest = np.abs(numbers).max()
    if largest == 0:
        return int(relaxation.rows)
    singular = np.linalg.svd(numbers / largest, compute_uv=False)
    return int(np.count_nonzero(singular < _TOLERANCE))


def require_protected_modes(conductor: Conductor, relaxation: sp.MatrixBase) -> None:
    """Check that no mode is relaxed that a symmetry of the model protects.

    Raises
    ------
    ArithmeticError
        If there are fewer modes without a gap than the symmetry class has.
    """
    try:
        found = symmetry_class(conductor)
    except ValueError:  # so close to a symmetry that double precision cannot decide
        return
    number = gapless_modes(relaxation)
    if number < found.gapless_cooperons:
        raise ArithmeticError(
            f"the Cooperon has {number} modes without a gap, but the symmetry class {found.label} "
            f"protects {found.gapless_cooperons}; a term of the ladder breaks a symmetry of the "
            "model."
        )
