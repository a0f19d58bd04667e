"""From a disordered conductor to its quantum corrections, in plain SymPy.

State a model with `Conductor`: the fields `potential`, `spin_orbit`, `magnetic` (or any
`Field`), an internal Hamiltonian in `n_x, n_y, n_z` and Pauli matrices, a chiral band.  Ask it
for its `cooperon()`, `diffuson()` and `symmetry_class`; derive `weak_localization` (no field,
d = 1, 2, 3) and `magnetoconductivity` (perpendicular field, d = 2).  Each `Correction`
carries its expression, unit, soft modes and `derivation`, and `latex` prints any of them.
`MODELS` lists ready-made recipes.  To turn a correction into a JAX function, see `numerics`.
"""

from cooperon.band import Band, chiral_band, spinor_band, weyl_band
from cooperon.band_trace import BandTrace
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step
from cooperon.directions import dot, m_x, m_y, m_z, n_x, n_y, n_z
from cooperon.exact_poles import exact_poles
from cooperon.field import (
    Field,
    finite_range,
    magnetic,
    potential,
    random_gauge,
    random_mass,
    spin_orbit,
)
from cooperon.internal import (
    ONE,
    PSEUDOSPIN,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPIN,
    SPINLESS,
    VALLEY,
    InternalSpace,
    levels,
    product,
    two_level,
)
from cooperon.kernels import HikamiFunction
from cooperon.latex import document, latex
from cooperon.level_sum import LevelSum
from cooperon.magnetoconductivity import magnetoconductivity
from cooperon.models import MODELS, model
from cooperon.symmetry import symmetry_class
from cooperon.zero_field import weak_localization

__all__ = [
    "MODELS",
    "ONE",
    "PSEUDOSPIN",
    "SIGMA_X",
    "SIGMA_Y",
    "SIGMA_Z",
    "SPIN",
    "SPINLESS",
    "VALLEY",
    "Band",
    "BandTrace",
    "Conductor",
    "Correction",
    "Derivation",
    "Field",
    "HikamiFunction",
    "InternalSpace",
    "LevelSum",
    "Step",
    "chiral_band",
    "document",
    "dot",
    "exact_poles",
    "finite_range",
    "latex",
    "levels",
    "m_x",
    "m_y",
    "m_z",
    "magnetic",
    "magnetoconductivity",
    "model",
    "n_x",
    "n_y",
    "n_z",
    "potential",
    "product",
    "random_gauge",
    "random_mass",
    "spin_orbit",
    "spinor_band",
    "symmetry_class",
    "two_level",
    "weak_localization",
    "weyl_band",
]
