"""The data of the twisted bilayer, the derived model, and its fits, each done once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import jax
import numpy as np
import sympy as sp

from cooperon import Correction, magnetoconductivity, model
from numerics import (
    CorrelatedNoise,
    Curve,
    FitResult,
    GivenNoise,
    Model,
    Parameter,
    Pipeline,
    constants,
    fit,
    function_term,
    load_tbg,
    load_tbg_raw,
    minus_reference,
    theory,
)
from numerics.backgrounds import parabola
from numerics.fit import Progress
from numerics.fit_record import FitRecord
from numerics.jackknife import Jackknife, row_jackknife
from numerics.kernels.hikami import hikami
from numerics.model_account import ModelAccount
from numerics.pipeline import Processed
from numerics.problem import Fixed
from numerics.profile import Profile, profile
from numerics.row_covariance import RowCovariance, row_covariance
from numerics.smooth_lines import smooth_lines
from numerics.steps import AverageRows, SubtractReference
from numerics.sweep_array import SweepArray
from numerics.tbg_published import PUBLISHED, diffusion_constant
from numerics.tbg_raw import tbg_pipeline
from numerics.window_fits import WindowFit, fit_windows

PHI = Parameter("tau_phi", 1e-13, 1e-9, "s", shared=False)
ASY, SYM = (Parameter(name, 1e-14, 1e-10, "s") for name in ("tau_asy", "tau_sym"))
TIMES = (PHI, ASY, SYM)
D = diffusion_constant()
FIXED = {"D": D, "tau_phi": {"base": PUBLISHED["tau_phi[base]"].value}}
WARM = ("tau_phi[300 mK]", "tau_phi[500 mK]", "tau_phi[700 mK]")
SPINS = ("tau_asy", "tau_sym")
# Half of what `fit` takes by default; with a whitening matrix each costs four times as much.
STARTS = 32
LEVEL = 0.6827
WINDOWS = (8e-3, 12e-3, 16e-3, 20e-3)


@dataclass(frozen=True, eq=False)
class Study:
    """The data, the derived model, and its fits, each done when it is first asked for."""

    progress: Progress | None = None

    @cached_property
    def correction(self) -> Correction:
        """Delta sigma(B) of graphene with both kinds of spin-orbit coupling, in times."""
        return magnetoconductivity(model("graphene-so").conductor()).in_times()

    @cached_property
    def function(self) -> Model:
        return theory(self.correction, unit="e^2/h")

    @cached_property
    def raw(self) -> tuple[SweepArray, ...]:
        return load_tbg_raw()

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        return load_tbg()

    @cached_property
    def processed(self) -> Processed:
        """What the recorded steps make of the voltages: curves that carry their covariance."""
        return tbg_pipeline().run(self.raw)

    @cached_property
    def sweeps(self) -> tuple[SweepArray, ...]:
        """Delta sigma(V_g, B) before the reference is subtracted and rows are averaged."""
        return Pipeline(tbg_pipeline().steps[:-2]).run(self.raw).sweeps

    @cached_property
    def as_independent(self) -> tuple[Curve, ...]:
        """The curves if rows are averaged first and the covariances of both averages added."""
        return Pipeline((AverageRows(), SubtractReference("900 mK"))).run(self.sweeps).curves

    @cached_property
    def plain(self) -> FitResult:
        """The published fit, from many starts."""
        return fit(self.function, self.curves, TIMES, fixed=FIXED, progress=self.progress)

    @cached_property
    def weighted(self) -> FitResult:
        return fit(self.function, self.curves, TIMES, fixed=FIXED, weights="standard_error")

    @cached_property
    def correlated(self) -> FitResult:
        """With noise whose correlation along B is estimated from the residuals."""
        return self._with(CorrelatedNoise())

    @cached_property
    def by_rows(self) -> FitResult:
        """With the covariance of the mean over gate rows, the reference subtracted row by row."""
        return self._with(GivenNoise.of(self.processed.curves))

    def _with(self, noise: CorrelatedNoise | GivenNoise) -> FitResult:
        return fit(
            self.function,
            self.curves,
            TIMES,
            fixed=FIXED,
            noise=noise,
            starts=STARTS,
            progress=self.progress,
        )

    @cached_property
    def rows(self) -> dict[str, RowCovariance]:
        """Covariance of the mean of delta_sigma(T) - delta_sigma(900 mK), and what it rests on."""
        differences = Pipeline(tbg_pipeline().steps[:-1]).run(self.raw).sweeps
        return {
            s.label: row_covariance(s.values["delta_sigma"], s.axes["V_g"], s.B)
            for s in differences
        }

    @cached_property
    def paired(self) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Gate voltages that a sweep shares with the reference, and the rows of both there."""
        *sweeps, reference = self.sweeps
        found = {}
        for sweep in sweeps:
            _, i, j = np.intersect1d(
                sweep.axes["V_g"].round(6), reference.axes["V_g"].round(6), return_indices=True
            )
            values = sweep.values["delta_sigma"][i], reference.values["delta_sigma"][j]
            found[sweep.label] = (sweep.axes["V_g"][i], *values)
        return found

    @cached_property
    def jackknife(self) -> Jackknife:
        tail = Pipeline((AverageRows(covariance=False), SubtractReference("900 mK")))
        return row_jackknife(
            self.sweeps,
            tail,
            lambda curves: fit(self.function, curves, TIMES, fixed=FIXED).best.values,
            progress=self.progress,
        )

    @cached_property
    def profiles(self) -> dict[str, Profile]:
        return {name: self._profile(name, self.plain) for name in (*WARM, *SPINS)}

    @cached_property
    def correlated_profiles(self) -> dict[str, Profile]:
        return {name: self._profile(name, self.correlated) for name in SPINS}

    def _profile(self, name: str, result: FitResult) -> Profile:
        if self.progress is not None:
            self.progress(0, 1, f"profile of {name}")
        return profile(
            self.function,
            self.curves,
            TIMES,
            name,
            FIXED,
            noise=result.noise,
            noise_dof=result.best.error_dof.get(name),
            grid=self._grid(name),
            start=result.best.values,
        )

    def _grid(self, name: str) -> np.ndarray | None:
        """Return a range that holds the whole interval, where a standard error can tell it."""
        value, error = self.plain.best.values[name], self.plain.best.standard_errors[name]
        reach = 4 * error / value
        return value * np.exp(np.linspace(-reach, reach, 41)) if reach < 0.5 else None

    @cached_property
    def windows(self) -> tuple[WindowFit, ...]:
        """The published fit up to smaller fields."""
        return self._windows(self.plain)

    @cached_property
    def correlated_windows(self) -> tuple[WindowFit, ...]:
        return self._windows(self.correlated)

    def _windows(self, result: FitResult) -> tuple[WindowFit, ...]:
        return fit_windows(self.function, self.curves, TIMES, result, WINDOWS, self.progress)

    @cached_property
    def others(self) -> dict[str, FitResult]:
        """Other models, with all points independent."""
        return self._others(self.plain, tuple(other_models(self))[:3])

    @cached_property
    def correlated_others(self) -> dict[str, FitResult]:
        return self._others(self.correlated, tuple(other_models(self)))

    def _others(self, result: FitResult, names: Sequence[str]) -> dict[str, FitResult]:
        """Fit other models with the noise of a result."""
        fits = {"as published": result}
        for name in names:
            if self.progress is not None:
                self.progress(len(fits), len(names) + 1, f"model: {name}")
            function, parameters, fixed = other_models(self)[name]
            fits[name] = fit(
                function, self.curves, parameters, fixed=fixed, noise=result.noise, starts=STARTS
            )
        return fits

    def record(self, result: FitResult, windows: Sequence[WindowFit] = ()) -> FitRecord:
        """Return what figures are drawn from."""
        return FitRecord(
            result,
            self.curves,
            TIMES,
            FIXED,
            ModelAccount("graphene-so"),
            windows=tuple(windows),
            lines=smooth_lines(self.function, result, self.curves),
        )


def one_channel(B: jax.Array, alpha: jax.Array, B_phi: jax.Array) -> jax.Array:
    """Return the formula of Hikami, Larkin and Nagaoka with a free prefactor, in e^2/h."""
    return -alpha / math.pi * hikami(B, B_phi)


def _one_channel_in_times(B: jax.Array, alpha: jax.Array, tau_phi: jax.Array) -> jax.Array:
    return one_channel(B, alpha, constants.hbar / (4 * constants.e * D) / tau_phi)


def other_models(study: Study) -> dict[str, tuple[Model, tuple[Parameter, ...], Fixed]]:
    """Return what else the data may be fitted with."""
    odd = theory(study.correction.subs({"tau_sym": sp.oo}), unit="e^2/h")
    channel = function_term(_one_channel_in_times, units={"alpha": "1"}, unit="e^2/h")
    referred = minus_reference(study.function, ["tau_phi"])
    c_2 = Parameter("c_2", -1e4, 1e4, "(e^2/h)/T^2", shared=False)
    tau_ref = Parameter("tau_phi_ref", 1e-13, 1e-9, "s")
    return {
        "only tau_asy": (odd, (PHI, ASY), FIXED),
        "tau_phi[base] free": (study.function, TIMES, {"D": D}),
        "reference in the model": (referred, (*TIMES, tau_ref), FIXED),
        "one channel, alpha": (channel, (PHI, Parameter("alpha", -5.0, 5.0)), {}),
        "parabola added": (study.function + parabola(), (*TIMES, c_2), FIXED),
    }
