"""What was published about the shipped measurement: sample constants and fitted values.

From the authors' analysis code and its output (Nature 2020, doi 10.1038/s41586-020-2473-8;
see ``SOURCE.md`` beside the data).  These numbers are only compared with; no fit uses them,
except the sample constants and the dephasing time at base temperature, which that analysis
fixes too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

from numerics import constants as si

_DENSITY = 0.69021e16  # 1/m^2
_MOBILITY = 1.5982  # m^2/(V s)
_FERMI_VELOCITY = 4.5e5  # m/s


@dataclass(frozen=True)
class Published:
    """A printed value and its printed standard error (0 where none was given)."""

    value: float
    error: float = 0.0


PUBLISHED = MappingProxyType(
    {
        "tau_phi[base]": Published(40.5e-12),
        "tau_phi[300 mK]": Published(19.776e-12, 0.587e-12),
        "tau_phi[500 mK]": Published(8.8056e-12, 0.294e-12),
        "tau_phi[700 mK]": Published(4.1351e-12, 0.188e-12),
        "tau_asy": Published(3.2269e-12, 0.833e-12),
        "tau_sym": Published(1.0192e-12, 0.371e-12),
        "sum_of_squares": Published(0.50052712),
        "correlation": Published(-0.990),
    }
)


def diffusion_constant() -> float:
    """Return D = v_F^2 tau/2 of the sample, m^2/s, with tau from the mobility.

    tau = mobility hbar k_F/(e v_F) and k_F = sqrt(pi n): a Dirac cone with four-fold degeneracy.

    >>> round(diffusion_constant(), 5)
    0.03485
    """
    tau = _MOBILITY * si.hbar * math.sqrt(math.pi * _DENSITY) / (si.e * _FERMI_VELOCITY)
    return _FERMI_VELOCITY**2 * tau / 2
