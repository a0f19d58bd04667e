"""What the kernels of `numerics.kernels` approximate, one file per family.

Each description names functions known to mpmath, what is divided out of them at the ends of
their intervals, and the degrees; `numerics.approximants` turns it into tables.
"""

from numerics.descriptions.airy import AIRY
from numerics.descriptions.bessel import BESSEL
from numerics.descriptions.hikami import HIKAMI
from numerics.descriptions.hyperbolic import HYPERBOLIC
from numerics.descriptions.integrals import DILOGARITHM, ERROR_FUNCTION, EXPONENTIAL_INTEGRAL
from numerics.descriptions.kawabata import KAWABATA
from numerics.descriptions.lambert import LAMBERT
from numerics.descriptions.logarithm import LOGARITHM

KERNELS = (
    LOGARITHM,
    HIKAMI,
    KAWABATA,
    HYPERBOLIC,
    AIRY,
    BESSEL,
    EXPONENTIAL_INTEGRAL,
    ERROR_FUNCTION,
    DILOGARITHM,
    LAMBERT,
)

__all__ = [
    "AIRY",
    "BESSEL",
    "DILOGARITHM",
    "ERROR_FUNCTION",
    "EXPONENTIAL_INTEGRAL",
    "HIKAMI",
    "HYPERBOLIC",
    "KAWABATA",
    "KERNELS",
    "LAMBERT",
    "LOGARITHM",
]
