"""From derived expressions to numbers, gradients, fits and posteriors, with JAX.

* Code: `compile` turns a correction of the package `cooperon` into a JAX function and
  `write_module` into a standalone file, after `fold` has found in it what has a kernel;
  `sensitivities` and `fisher_information` differentiate it.
* Planning: `identifiability` says what planned sweeps can determine, `design_fields` where to
  measure.
* Data: `read_csv` reads measured curves; `read_grid`, `read_columns` and `read_netcdf`
  (`numerics.readers`) read raw sweeps, which a `Pipeline` of `numerics.steps` brings to curves
  and keeps the steps; `load_tbg` is the shipped measurement.
* Fits: `fit` finds all minima of a global least-squares fit, with uncertainties and sentences that
  judge them; `theory`, `function_term` and `numerics.backgrounds` compose models; `GivenNoise`,
  `KernelNoise` and `CorrelatedNoise` are for noise that is correlated along the field; `fit_many`
  fits a curve each; `profile`, `profile_map`, `laplace_interval` and `f_test` tell how well, and
  `fit_windows` how much the range of fields matters.
* Posteriors: `numerics.prior`, `sample`, `compare_models`, `predictive_check`,
  `simulation_based_calibration`.
* Pictures and pages: `plot_fit`, `plot_correction`, `sliders`, `plot_corner`; `write_report` makes
  a page of a fit and `repeat_fit` repeats it from its record.

JAX computes in single precision unless `enable_x64()` is called first; fits, posteriors,
sensitivities and figures are done in double precision in any case.
"""

from numerics.batch_fit import fit_many
from numerics.calibration import simulation_based_calibration
from numerics.codegen import compile, write_module
from numerics.column_reader import read_columns
from numerics.comparison import compare_models
from numerics.compilation_cache import enable_cache
from numerics.compose import Model, function_term, minus_reference, theory
from numerics.coverage import coverage
from numerics.curve import Curve
from numerics.data import Measurement, read_csv
from numerics.design import FieldDesign, design_fields
from numerics.devices import evaluate_sharded
from numerics.figure import plot_fit
from numerics.fit import fit
from numerics.grid_reader import read_grid
from numerics.identifiability import Identifiability, identifiability
from numerics.intervals import f_test, laplace_interval
from numerics.module_source import source
from numerics.noise_model import CorrelatedNoise, GivenNoise, KernelNoise, covariance_of_mean
from numerics.parameters import Parameter
from numerics.pipeline import Pipeline
from numerics.planned_sweep import PlannedSweep
from numerics.plot import plot_correction
from numerics.posterior import Posterior, sample
from numerics.posterior_figure import plot_corner, plot_predictive
from numerics.precision import double_precision, enable_x64
from numerics.predictive import predictive_check
from numerics.profile import profile
from numerics.profile_figure import plot_profile_map
from numerics.profile_map import profile_map
from numerics.raw_files import RawFiles
from numerics.repeat_fit import repeat_fit
from numerics.report import write_report
from numerics.result import FitResult, Minimum
from numerics.rewrite import fold
from numerics.sensitivities import Sensitivities, fisher_information, hessian, sensitivities
from numerics.sensitivity_figure import plot_design, plot_identifiability
from numerics.sliders import sliders
from numerics.sweep_array import SweepArray
from numerics.tbg import load_tbg
from numerics.tbg_raw import load_tbg_raw
from numerics.window_fits import fit_windows
from numerics.window_scan import window_scan
from numerics.xarray_edge import read_netcdf

__all__ = [
    "CorrelatedNoise",
    "Curve",
    "FieldDesign",
    "FitResult",
    "GivenNoise",
    "Identifiability",
    "KernelNoise",
    "Measurement",
    "Minimum",
    "Model",
    "Parameter",
    "Pipeline",
    "PlannedSweep",
    "Posterior",
    "RawFiles",
    "Sensitivities",
    "SweepArray",
    "compare_models",
    "compile",
    "covariance_of_mean",
    "coverage",
    "design_fields",
    "double_precision",
    "enable_cache",
    "enable_x64",
    "evaluate_sharded",
    "f_test",
    "fisher_information",
    "fit",
    "fit_many",
    "fit_windows",
    "fold",
    "function_term",
    "hessian",
    "identifiability",
    "laplace_interval",
    "load_tbg",
    "load_tbg_raw",
    "minus_reference",
    "plot_corner",
    "plot_correction",
    "plot_design",
    "plot_fit",
    "plot_identifiability",
    "plot_predictive",
    "plot_profile_map",
    "predictive_check",
    "profile",
    "profile_map",
    "read_columns",
    "read_csv",
    "read_grid",
    "read_netcdf",
    "repeat_fit",
    "sample",
    "sensitivities",
    "simulation_based_calibration",
    "sliders",
    "source",
    "theory",
    "window_scan",
    "write_module",
    "write_report",
]
