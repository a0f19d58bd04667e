"""From a disordered conductor to its quantum corrections, in plain SymPy.

State a model with `Conductor` and the fields `potential`, `spin_orbit`, `magnetic` (or any
`Field`); ask it for its `cooperon()` and `diffuson()`; derive `weak_localization` (no field,
d = 1, 2, 3) and `magnetoconductivity` (perpendicular field, d = 2).  Each `Correction`
carries its expression, unit, soft modes and `derivation`, and `latex` prints any of them.
`MODELS` lists ready-made recipes.  To turn a correction into a JAX function, see `numerics`.
"""

from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step
from cooperon.field import Field, magnetic, potential, spin_orbit
from cooperon.internal import ONE, SIGMA_X, SIGMA_Y, SIGMA_Z, SPIN, SPINLESS
from cooperon.kernels import HikamiFunction
from cooperon.latex import document, latex
from cooperon.magnetoconductivity import magnetoconductivity
from cooperon.models import MODELS, model
from cooperon.zero_field import weak_localization

__all__ = [
    "MODELS",
    "ONE",
    "SIGMA_X",
    "SIGMA_Y",
    "SIGMA_Z",
    "SPIN",
    "SPINLESS",
    "Conductor",
    "Correction",
    "Derivation",
    "Field",
    "HikamiFunction",
    "Step",
    "document",
    "latex",
    "magnetic",
    "magnetoconductivity",
    "model",
    "potential",
    "spin_orbit",
    "weak_localization",
]
