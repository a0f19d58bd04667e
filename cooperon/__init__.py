"""From a disordered conductor to its quantum corrections, in plain SymPy.

State a model with `Conductor`: the fields `potential`, `spin_orbit`, `magnetic` (or any
`Field`), an internal Hamiltonian in `n_x, n_y, n_z` and Pauli matrices, a chiral band.  Ask it
for its `cooperon()`, `diffuson()` and `symmetry_class`; derive `weak_localization`,
`magnetoconductivity` and the `return_probability` in any geometry (`bulk`, `film`, `strip`,
`wire`, `finite_wire`, `ring`, `cylinder`, ...), and `dot_conductance` of a quantum dot.  Each
`Correction` carries its expression, unit, soft modes and `derivation`, and `latex` prints any of
them; `with_dephasing` makes it a function of temperature.  `MODELS` and `GEOMETRIES` list
what has a name.  To turn a correction into a JAX function, see `numerics`.
"""

from cooperon.band import Band, chiral_band, spinor_band, weyl_band
from cooperon.band_trace import BandTrace
from cooperon.beyond_diffusion import nondiffusive_magnetoconductivity
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.dephasing import (
    electron_phonon,
    nyquist,
    power_law,
    saturation,
    spin_flip,
    with_dephasing,
)
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
from cooperon.geometries import GEOMETRIES
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
from cooperon.narrow_wire import narrow_wire
from cooperon.quantum_dot import dot_conductance
from cooperon.return_probability import return_probability
from cooperon.symmetry import symmetry_class
from cooperon.zero_field import weak_localization

__all__ = [
    "GEOMETRIES",
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
    "Geometry",
    "HikamiFunction",
    "InternalSpace",
    "LevelSum",
    "Step",
    "ballistic_wire",
    "bulk",
    "chiral_band",
    "cylinder",
    "document",
    "dot",
    "dot_conductance",
    "electron_phonon",
    "exact_poles",
    "film",
    "finite_range",
    "finite_wire",
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
    "narrow_wire",
    "nondiffusive_magnetoconductivity",
    "nyquist",
    "potential",
    "power_law",
    "product",
    "random_gauge",
    "random_mass",
    "return_probability",
    "ring",
    "round_wire",
    "saturation",
    "spin_flip",
    "spin_orbit",
    "spinor_band",
    "strip",
    "symmetry_class",
    "thick_cylinder",
    "two_level",
    "weak_localization",
    "weyl_band",
    "wire",
    "with_dephasing",
]
