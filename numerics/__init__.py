"""From derived expressions to numbers, gradients and fits, with JAX.

`compile` turns a correction of the package `cooperon` into a JAX function and `write_module`
into a standalone file; `sensitivities` and `fisher_information` differentiate it; `read_csv`
reads measured curves and `fit` finds all minima of a global least-squares fit, with
uncertainties and sentences that judge them; `plot_fit` draws the result and `load_tbg` is
the shipped measurement.  JAX computes in single precision unless `enable_x64()` is called
first; fits and sensitivities are done in double precision in any case.
"""

from numerics.codegen import compile, write_module
from numerics.curve import Curve
from numerics.data import Measurement, read_csv
from numerics.figure import plot_fit
from numerics.fit import fit
from numerics.module_source import source
from numerics.parameters import Parameter
from numerics.precision import double_precision, enable_x64
from numerics.result import FitResult, Minimum
from numerics.sensitivities import Sensitivities, fisher_information, sensitivities
from numerics.tbg import load_tbg

__all__ = [
    "Curve",
    "FitResult",
    "Measurement",
    "Minimum",
    "Parameter",
    "Sensitivities",
    "compile",
    "double_precision",
    "enable_x64",
    "fisher_information",
    "fit",
    "load_tbg",
    "plot_fit",
    "read_csv",
    "sensitivities",
    "source",
    "write_module",
]
