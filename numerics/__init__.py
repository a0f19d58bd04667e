"""From derived expressions to numbers, gradients and fits, with JAX.

`compile` turns a correction of the package `cooperon` into a JAX function and `write_module`
into a standalone file, after `fold` has found in it what has a kernel; `sensitivities` and
`fisher_information` differentiate it; `read_csv` reads measured curves and `fit` finds all
minima of a global least-squares fit, with uncertainties and sentences that judge them;
`identifiability` says what planned sweeps can determine and `design_fields` where to measure;
`plot_fit` draws the result and `load_tbg` is the shipped measurement; `plot_correction` draws a
correction against any of its parameters and `sliders` puts it under sliders in a notebook. JAX
computes in single precision unless `enable_x64()` is called first; fits, sensitivities and figures
are done in double precision in any case.
"""

from numerics.codegen import compile, write_module
from numerics.compilation_cache import enable_cache
from numerics.curve import Curve
from numerics.data import Measurement, read_csv
from numerics.design import FieldDesign, design_fields
from numerics.devices import evaluate_sharded
from numerics.figure import plot_fit
from numerics.fit import fit
from numerics.identifiability import Identifiability, identifiability
from numerics.module_source import source
from numerics.parameters import Parameter
from numerics.planned_sweep import PlannedSweep
from numerics.plot import plot_correction
from numerics.precision import double_precision, enable_x64
from numerics.result import FitResult, Minimum
from numerics.rewrite import fold
from numerics.sensitivities import Sensitivities, fisher_information, hessian, sensitivities
from numerics.sensitivity_figure import plot_design, plot_identifiability
from numerics.sliders import sliders
from numerics.tbg import load_tbg

__all__ = [
    "Curve",
    "FieldDesign",
    "FitResult",
    "Identifiability",
    "Measurement",
    "Minimum",
    "Parameter",
    "PlannedSweep",
    "Sensitivities",
    "compile",
    "design_fields",
    "double_precision",
    "enable_cache",
    "enable_x64",
    "evaluate_sharded",
    "fisher_information",
    "fit",
    "fold",
    "hessian",
    "identifiability",
    "load_tbg",
    "plot_correction",
    "plot_design",
    "plot_fit",
    "plot_identifiability",
    "read_csv",
    "sensitivities",
    "sliders",
    "source",
    "write_module",
]
