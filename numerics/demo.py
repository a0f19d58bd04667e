"""The demonstration: from a disordered electron gas to the analysis of a published measurement.

The model is derived, its code generated, and the shipped measurement (twisted bilayer
graphene on WSe2) fitted as in the published analysis, but from many starting points.  Known
are the sample's constants and, as in that analysis, the dephasing time at base temperature;
the published results only stand beside the new ones in the last table.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import jax
import sympy as sp
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cooperon import (
    Conductor,
    Correction,
    latex,
    magnetic,
    magnetoconductivity,
    potential,
    spin_orbit,
)
from diagrams.symbols import symbol
from numerics.codegen import compile, write_module
from numerics.curve import Curve
from numerics.display import print_fit, progress_bar
from numerics.figure import plot_fit
from numerics.fit import Progress, fit
from numerics.fit_record import FitRecord
from numerics.model_account import ModelAccount
from numerics.output import require_free, write_text
from numerics.parameters import Parameter
from numerics.report import write_report
from numerics.result import FitResult
from numerics.smooth_lines import smooth_lines
from numerics.tbg import load_tbg
from numerics.tbg_published import PUBLISHED, diffusion_constant
from numerics.window_fits import fit_windows

_FILES = (
    *("derivation.tex", "magnetoconductance.py", "fit.json", "fit.tex", "fit.png"),
    "report.html",
)
_PARAMETERS = (
    Parameter("tau_phi", 1e-13, 1e-9, unit="s", shared=False),
    Parameter("tau_asy", 1e-14, 1e-10, unit="s"),
    Parameter("tau_sym", 1e-14, 1e-10, unit="s"),
)
# In tesla: enough to see that the amplitude depends on the range, and no more waiting.
_WINDOWS = (8e-3, 16e-3)


def run_demo(folder: Path, console: Console, *, force: bool = False) -> None:
    """Run all steps, print what happens, and write the results into `folder`.

    Raises
    ------
    FileExistsError
        If one of the results exists already and `force` is not set.
    """
    tex, module, json_file, table, figure, page = (
        require_free(folder / name, force=force) for name in _FILES
    )
    with console.status("deriving the Cooperon"):
        correction = derive_model()
    _print_derivation(console, correction)
    write_text(tex, correction.derivation.latex(), force=True)
    write_module(correction.in_times(), module, name="magnetoconductance", unit="e^2/h", force=True)
    curves = load_tbg()
    function = graphene_function(correction)
    with progress_bar(console) as progress:
        result = fit_measurement(function, curves, progress)
        windows = fit_windows(function, curves, _PARAMETERS, result, _WINDOWS, progress)
    console.rule("Fit of the measurement")
    print_fit(console, result)
    record = FitRecord(
        result=result,
        curves=curves,
        parameters=_PARAMETERS,
        fixed=_known(),
        model=ModelAccount.of(in_graphene_times(correction), "e^2/h"),
        windows=windows,
        lines=smooth_lines(function, result, curves),
    )
    record.write(json_file, force=True)
    write_text(table, result.latex_table(), force=True)
    plot_fit(result, curves, function).savefig(figure, dpi=200)
    write_report(page, record, force=True)
    console.rule("Comparison with the published analysis")
    console.print(comparison(result))
    console.print(f"wrote {', '.join(str(folder / name) for name in _FILES)}", markup=False)


def derive_model() -> Correction:
    """Return the magnetoconductivity of a 2D gas with potential, spin-orbit, magnetic disorder."""
    return magnetoconductivity(Conductor(2, [potential(), spin_orbit(), magnetic()]))


def in_graphene_times(correction: Correction) -> Correction:
    """Return the correction with the parameters D, tau_asy, tau_phi and tau_sym.

    Spin-orbit terms odd under z -> -z relax through the in-plane spin components and even
    ones through the out-of-plane component: 1/tau_asy = 2/tau_so^x, 1/tau_sym = 2/tau_so^z
    (McCann and Fal'ko, Phys. Rev. Lett. 108, 166606 (2012)).  There are no magnetic impurities.
    """
    tau_asy, tau_sym = symbol("tau_asy"), symbol("tau_sym")
    times = {"tau_so_x": 2 * tau_asy, "tau_so_y": 2 * tau_asy, "tau_so_z": 2 * tau_sym}
    nonmagnetic = {f"tau_s_{i}": sp.oo for i in "xyz"}
    return correction.in_times().subs(times | nonmagnetic)


def graphene_function(correction: Correction) -> Callable[..., jax.Array]:
    """Return the function of (B, D, tau_asy, tau_phi, tau_sym) in e^2/h that the fit needs."""
    return compile(in_graphene_times(correction), unit="e^2/h")


def fit_measurement(
    function: Callable[..., jax.Array], curves: tuple[Curve, ...], progress: Progress | None = None
) -> FitResult:
    """Fit all temperatures at once with shared spin-orbit times, tau_phi(base) fixed."""
    return fit(function, curves, _PARAMETERS, fixed=_known(), progress=progress)


def _known() -> dict[str, float | dict[str, float]]:
    base = {"base": PUBLISHED["tau_phi[base]"].value}
    return {"D": diffusion_constant(), "tau_phi": base}


def _print_derivation(console: Console, correction: Correction) -> None:
    console.rule(correction.derivation.title)
    console.print(str(correction.derivation), markup=False, highlight=False, soft_wrap=True)
    console.print(f"\n{correction.name} in units of {correction.unit_name}, LaTeX:", markup=False)
    console.print(latex(correction), markup=False, highlight=False, soft_wrap=True)


def comparison(result: FitResult) -> Table:
    """Return the table of what was found beside what was published."""
    table = Table("quantity", "here", "published")
    for name, value in result.best.values.items():
        found = _picoseconds(value, result.best.standard_errors[name])
        printed = PUBLISHED[name]
        table.add_row(escape(name), found, _picoseconds(printed.value, printed.error))
    rows = [
        ("sum of squares", result.best.sum_of_squares, "sum_of_squares", ".6f"),
        ("correlation(tau_asy, tau_sym)", _correlation(result, 0), "correlation", ".3f"),
    ]
    for title, found_number, key, digits in rows:
        table.add_row(title, f"{found_number:{digits}}", f"{PUBLISHED[key].value:{digits}}")
    for k, minimum in enumerate(result.minima[1:], 2):
        times = " / ".join(f"{1e12 * minimum.values[n]:.2f}" for n in ("tau_asy", "tau_sym"))
        excess = minimum.sum_of_squares - result.best.sum_of_squares
        text = f"{times} ps, {excess:.4f} higher, correlation {_correlation(result, k - 1):.4f}"
        table.add_row(f"minimum {k}: tau_asy / tau_sym", text, "not reported")
    return table


def _correlation(result: FitResult, k: int) -> float:
    return result.minima[k].correlation_of("tau_asy", "tau_sym")


def _picoseconds(value: float, error: float) -> str:
    uncertainty = "" if math.isinf(error) or not error else f" +- {1e12 * error:.3f}"
    return f"{1e12 * value:.3f}{uncertainty} ps"
