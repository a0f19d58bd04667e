"""A thousand fits of three parameters to 200 points, beside loops of curve_fit and lmfit.

Amplitude, B_phi and B_so of Hikami, Larkin and Nagaoka's formula, noise of 1e-3, starts at twice
the true values. One thread is compared in process CPU time like all benchmarks here; two threads
in wall clock time, which asks for two idle processors.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import jax
import numpy as np
from scipy.optimize import curve_fit
from scipy.special import psi

from benchmarks.measurement import Job, Row, interleaved, ratio
from numerics.batch_fit import fit_many
from numerics.curve import Curve
from numerics.kernels.hikami import hikami
from numerics.many_fits import ManyFits
from numerics.parameters import Parameter

CURVES, FIELDS, NOISE = 1000, 200, 1e-3
ROUNDS = 3
FEW = 100  # curves that lmfit fits per round, and that are compared at the tightest tolerance
PARAMETERS = (
    Parameter("A", -10.0, 10.0),
    Parameter("B_phi", 1e-6, 10.0, "T"),
    Parameter("B_so", 1e-6, 10.0, "T"),
)
NAMES = tuple(p.name for p in PARAMETERS)


def model(B: Any, A: Any, B_phi: Any, B_so: Any) -> jax.Array:
    triplet = hikami(B, B_phi + B_so) + hikami(B, B_phi + 2 * B_so) / 2
    return A * (triplet - hikami(B, B_phi) / 2)


def with_scipy(B: np.ndarray, A: float, ln_B_phi: float, ln_B_so: float) -> np.ndarray:
    def F(x: float) -> np.ndarray:
        return psi(0.5 + x / B) - np.log(x / B)

    B_phi, B_so = np.exp(ln_B_phi), np.exp(ln_B_so)
    return A * (F(B_phi + B_so) + F(B_phi + 2 * B_so) / 2 - F(B_phi) / 2)


def truth() -> np.ndarray:
    """A, B_phi and B_so of each curve, shape (CURVES, 3)."""
    rng = np.random.default_rng(0)
    lower, upper = np.log([0.5, 3e-3, 0.05]), np.log([2.0, 2e-2, 0.3])
    return np.exp(rng.uniform(lower, upper, (CURVES, 3)))


def measured() -> list[Curve]:
    rng = np.random.default_rng(1)
    B = np.linspace(5e-3, 1.0, FIELDS)
    exact = (with_scipy(B, A, np.log(B_phi), np.log(B_so)) for A, B_phi, B_so in truth())
    noisy = (y + NOISE * rng.standard_normal(FIELDS) for y in exact)
    return [Curve(B, y, label=str(k)) for k, y in enumerate(noisy)]


def ours(curves: list[Curve], threads: int = 1) -> ManyFits:
    """Fit all, covariances included, as the others do."""
    starts = dict(zip(NAMES, 2 * truth().T, strict=True))
    fits = fit_many(model, curves, PARAMETERS, starts=starts, threads=threads)
    assert np.all(np.isfinite(fits.standard_errors))
    return fits


def loop_of_curve_fit(curves: list[Curve], tolerance: float = 1e-8) -> np.ndarray:
    starts = 2 * truth()
    starts[:, 1:] = np.log(starts[:, 1:])
    known = {"ftol": tolerance, "xtol": tolerance, "gtol": tolerance}
    pairs = zip(curves, starts, strict=False)
    return np.array([curve_fit(with_scipy, c.B, c.delta_sigma, p, **known)[0] for c, p in pairs])


def loop_of_lmfit(curves: list[Curve]) -> None:
    import lmfit

    fitted = lmfit.Model(with_scipy)
    for curve, (A, B_phi, B_so) in zip(curves, 2 * truth(), strict=False):
        start = {"A": A, "ln_B_phi": np.log(B_phi), "ln_B_so": np.log(B_so)}
        fitted.fit(curve.delta_sigma, B=curve.B, **start)


def rows() -> Iterator[Row]:
    """Whether the minima are the same, and the times of one and of two threads."""
    curves = measured()
    found = ours(curves)
    if not np.all(found.converged):
        raise SystemExit("Some of the fits have not converged.")
    exact = loop_of_curve_fit(curves[:FEW], 1e-14)
    exact[:, 1:] = np.exp(exact[:, 1:])
    difference = float(np.max(np.abs(found.values[:FEW] / exact - 1)))
    yield Row("1000 fits: minima, against curve_fit at 1e-14", difference, "relative", 1e-8)
    jobs: dict[str, Job] = {
        "curve_fit": lambda: loop_of_curve_fit(curves),
        "ours": lambda: ours(curves),
    }
    if find_spec("lmfit"):
        jobs["lmfit"] = lambda: loop_of_lmfit(curves[:FEW])
    times = interleaved(jobs, ROUNDS)
    name = "1000 fits of 3 parameters to 200 points"
    yield Row(name, 1e3 * float(np.median(times["ours"])), "ms of CPU")
    yield Row(name, ratio(times, "ours", "curve_fit"), "of curve_fit", 1 / 40)
    if "lmfit" in jobs:
        share = FEW / CURVES
        yield Row(name, share * ratio(times, "ours", "lmfit"), "of lmfit", 1 / 150)
    else:
        yield Row(name, None, "of lmfit", note="not installed")
    jobs = {"curve_fit": jobs["curve_fit"], "ours": lambda: ours(curves, 2)}
    both = wall_times(jobs)
    yield Row(f"{name}, two threads", ratio(both, "ours", "curve_fit"), "of curve_fit", 1 / 80)


def wall_times(jobs: dict[str, Job]) -> dict[str, np.ndarray]:
    """Wall clock seconds of each job in each round."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            times[name].append(time.perf_counter() - start)
    return {name: np.array(seconds) for name, seconds in times.items()}
