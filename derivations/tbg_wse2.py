r"""Analyse the magnetoconductance of twisted bilayer graphene on WSe2 again, from raw voltages.

The measurement (device W5; Nature 2020, doi 10.1038/s41586-020-2473-8; data and notebook CC0) was
fitted with the formula of E. McCann, V. I. Fal'ko, Phys. Rev. Lett. 108, 166606 (2012), with one
dephasing time per temperature, two spin-orbit times and intervals from an F test.  Here the
formula is derived, the published numbers are reproduced, and then asked what they are worth: which
minima there are, what becomes of the intervals where fluctuations are taken for what they are, and
on which window and which model the answer hangs.

The story is printed; ``--html`` makes a page of it with figures and ``--tex`` a document with the
derivation.  With ``--tex`` alone, what takes longest is left out: the jackknife, intervals and
windows with correlated noise, and other models.  Deviations from the published analysis are said
where they are made.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

import numpy as np
import sympy as sp
from comparison import Comparison, NumericalComparison, conclude, output_paths
from graphene_spin_orbit import printed_equation
from rich.console import Console
from tbg_story.models import comparison_chapter, conclusion
from tbg_story.noise import noise_chapter
from tbg_story.study import FIXED, LEVEL, SPINS, STARTS, TIMES, WARM, Study, one_channel
from tbg_story.words import kind, ps, times

from numerics import Parameter, fit, function_term, laplace_interval, plot_profile_map, profile_map
from numerics.confidence_level import confidence_level
from numerics.display import progress_bar
from numerics.fit_record import FitRecord
from numerics.inline_svg import inline_svg, page_style
from numerics.interval_figure import interval_figure
from numerics.model_account import ModelAccount
from numerics.output import write_text
from numerics.report_figures import fit_figure, window_figures
from numerics.report_formula import formula_lines
from numerics.smooth_lines import smooth_lines
from numerics.story import (
    Chapter,
    Formula,
    Name,
    Part,
    Picture,
    Range,
    Table,
    story_latex,
    story_text,
)
from numerics.story_html import story_html
from numerics.story_tables import minima_table, value_cell, window_table
from numerics.tbg_published import PUBLISHED
from numerics.window_fits import drift_sentences, fit_windows

CHANNEL_WINDOWS = (2e-3, 4e-3, 8e-3, 16e-3)


def printed_intervals() -> dict[str, tuple[float, float | None]]:
    """Return the F-test intervals (68.27 %) of the published notebook in ps; None is infinity."""
    return {
        "tau_phi[300 mK]": (19.185, 20.383),
        "tau_phi[500 mK]": (8.517, 9.103),
        "tau_phi[700 mK]": (3.950, 4.324),
        "tau_asy": (1.250, 3.962),
        "tau_sym": (0.762, None),
    }


def printed_drift() -> tuple[float, ...]:
    """Return alpha of one channel at base temperature for windows up to 2, 4, 8, 16, 24 mT."""
    return (0.84, 0.31, 0.26, 0.36, 0.22)


def printed_curves() -> np.ndarray:
    """Return B in mT and Delta sigma in e^2/h as the authors processed them, shape (2, 480)."""
    with (files("numerics") / "example_data/tbg_wse2/Data_array.txt").open() as lines:
        return np.loadtxt(lines)


def data_chapter(study: Study) -> tuple[Chapter, list[Comparison]]:
    """From voltages to the authors' curves, and what their subtraction does to the noise."""
    processed = study.processed
    rebuilt = np.concatenate([c.delta_sigma for c in processed.curves])
    difference = float(np.max(np.abs(rebuilt - printed_curves()[1])))
    rows, overstated, moved = [], [], []
    for curve, apart in zip(processed.curves, study.as_independent, strict=True):
        x, own, reference = study.paired[curve.label]
        shared = np.corrcoef(*(_deviations(values).ravel() for values in (own, reference)))[0, 1]
        alone, together = (float(np.median(c.standard_error)) for c in (apart, curve))
        rows.append((curve.label, str(len(x)), f"{shared:.2f}", f"{alone:.3f}", f"{together:.3f}"))
        overstated.append(alone / together)
        moved.append(np.max(np.abs((own - reference).mean(axis=0) - curve.delta_sigma)))
    parts: list[Part] = [
        f"Lock-in voltages at {' x '.join(map(str, study.raw[-1].shape))} gate voltages and fields "
        f"and {len(study.raw)} temperatures go through "
        f"{len(processed.record['steps'])} recorded steps. The curves that come out differ from "
        f"those of the authors by at most {difference:.1e} e^2/h.",
        "What the steps take for granted is in their notes: the aspect ratio is not published (1 "
        "is taken), there is no Hall voltage (sigma_xx = 1/rho_xx), and the 900 mK curve, which "
        "is subtracted from all others, has a quantum correction of its own.",
        Table(
            "Gate rows measured at a temperature and at 900 mK, the correlation of the two in "
            "their deviations from the mean, and the standard error of the mean difference "
            "(e^2/h, median over B): with both taken as independent, and from row-by-row "
            "differences.",
            ("curve", "common rows", "correlation", "as independent", "row by row"),
            rows,
        ),
        "The same gate voltage has the same fluctuations at another temperature, so that the "
        "subtraction cancels part of them. The steps subtract row by row, before rows are "
        "averaged; covariances of averages that are added as if independent overstate the error of "
        f"the difference {min(overstated):.1f} to {max(overstated):.1f} times. Either way the "
        "noise of one reference stays in all four curves, which no fit of them as independent "
        "curves knows.",
        "The authors subtracted the mean of all rows from the mean of all rows. At base "
        "temperature the last row has no partner at 900 mK, and one that was stopped half-way is "
        "missing; what both have without a partner is subtracted from each other, which keeps "
        f"their curve; without both rows it would move by up to {max(moved):.2f} e^2/h.",
    ]
    agreed = NumericalComparison(
        "the authors' processed curves, largest difference in e^2/h",
        sp.Float(difference),
        sp.S.Zero,
        7,
    )
    return Chapter("From voltages to curves", parts), [agreed]


def _deviations(rows: np.ndarray) -> np.ndarray:
    return rows - rows.mean(axis=0)


def model_chapter(study: Study, figures: bool) -> tuple[Chapter, list[Comparison]]:
    """The derived formula, and all minima of the published fit."""
    result, (best, second, *_) = study.plain, study.plain.minima
    printed = [
        NumericalComparison(
            f"the published {name}{what}", sp.Float(1e12 * found[name]), sp.Float(1e12 * value), 3
        )
        for name in (*WARM, *SPINS)
        for what, found, value in (
            (" (ps)", best.values, PUBLISHED[name].value),
            (", its standard error (ps)", best.standard_errors, PUBLISHED[name].error),
        )
    ]
    r = sp.Float(best.correlation_of(*SPINS))
    printed += [
        Comparison(
            "McCann, Fal'ko, Phys. Rev. Lett. 108, 166606 (2012), the formula that was fitted",
            study.correction.si.doit(),
            printed_equation(),
        ),
        NumericalComparison(
            "the published sum of squares",
            sp.Float(best.sum_of_squares),
            sp.Float(PUBLISHED["sum_of_squares"].value),
            8,
        ),
        NumericalComparison("the published correlation", r, sp.Float(-0.990), 3),
    ]
    level = confidence_level(best.sum_of_squares, best.dof, 2, LEVEL, None)
    excess = second.sum_of_squares - best.sum_of_squares
    place = "holds both" if second.sum_of_squares <= level else "ends between them"
    parts: list[Part] = [
        Formula(formula_lines(study.correction)),
        "It is derived from the Cooperon of a conductor with spin-orbit disorder that is odd "
        "(tau_asy) and even (tau_sym) under reflection at the plane. D and tau_phi[base] "
        f"({ps(PUBLISHED['tau_phi[base]'].value)}) are fixed as published.",
        minima_table("Minima of the sum of squares.", result),
        f"The published minimum is reproduced to its digits ({best.starts} of {result.starts} "
        f"starts end there). The published analysis missed another one: "
        f"sum of squares {second.sum_of_squares:.5f} instead of {best.sum_of_squares:.5f}, "
        f"{excess / best.variance:.2f} variances of a residual higher, with {times(second)}. "
        f"The 68 % region of the two times {place}: "
        f"in the first the {kind(best)} kind of spin relaxation is the faster one, in the second "
        f"the {kind(second)} kind.",
        *result.status[1:2],
        "The gaps hold 2/tau_asy once and 1/tau_asy + 1/tau_sym twice. Where the two times are "
        "equal so are the gaps, and there the derivatives by both times are parallel at any "
        "field: a minimum can lie on that line, as it does in several fits below, without anything "
        "that tells one time from the other.",
    ]
    if figures:
        parts.insert(
            3,
            Picture(
                fit_figure(study.record(result)),
                "Measured and fitted curves; dashed: the second minimum.",
            ),
        )
    return Chapter("The model and its minima", parts), printed


def interval_chapter(study: Study, figures: bool) -> tuple[Chapter, list[Comparison]]:
    """Intervals of each parameter, three ways, and the map of the two spin-orbit times."""
    printed, rows, comparisons = printed_intervals(), [], []
    for name, found in study.profiles.items():
        low, high = printed[name]
        laplace = Range(*laplace_interval(study.plain, name, LEVEL), "s")
        own = Range(found.lower, found.upper, "s")
        given = Range(1e-12 * low, None if high is None else 1e-12 * high, "s")
        rows.append((Name(name), value_cell(study.plain.best, name, "s"), laplace, own, given))
        pairs = (("lower", found.lower, low), ("upper", found.upper, high))
        for side, end, value in pairs:
            if end is None or value is None:
                both = (sp.Integer(end is None), sp.Integer(value is None))
                comparisons.append(Comparison(f"the {side} end of {name}, which is open", *both))
            else:
                ends = sp.Float(1e12 * end), sp.Float(value)
                text = f"the published {side} end of {name} (ps)"
                comparisons.append(NumericalComparison(text, *ends, 3))
    sym = study.profiles["tau_sym"]
    parts: list[Part] = [
        Table(
            "Intervals of 68.27 % if all points are independent.",
            ("", "value", "Laplace", "profile", "published F test"),
            rows,
        ),
        "The dephasing times have intervals that all three agree on. Those of the spin-orbit times "
        f"have little to do with standard errors: that of tau_sym begins at {ps(sym.lower or 0)} "
        f"and has no upper end, so that no spin relaxation of the even kind at all is as "
        f"good as the published value; that of tau_asy then ends at its lower end, "
        f"{ps(study.profiles['tau_asy'].lower or 0)}.",
    ]
    if figures:
        parts += _interval_pictures(study)
    return Chapter("Intervals, if all points are independent", parts), comparisons


def _interval_pictures(study: Study) -> list[Part]:
    grid = {"tau_asy": np.geomspace(1e-12, 6.3e-12, 71), "tau_sym": np.geomspace(2e-13, 1e-10, 61)}
    start = study.plain.best.values
    found = profile_map(study.function, study.curves, TIMES, FIXED, grid=grid, start=start)
    with page_style():
        drawn = inline_svg(
            plot_profile_map(found), "map", "Confidence map of the two spin-orbit times."
        )
    caption = (
        "Excess of the sum of squares over the two spin-orbit times, all else refitted at each of "
        f"{found.sum_of_squares.size} points. {' '.join(found.status[1:])}"
    )
    profiles = [
        Picture(interval_figure({"independent": study.profiles[name]}), name) for name in WARM
    ]
    return [
        Picture(drawn, caption),
        "The profiles of the dephasing times are parabolas, with one minimum each.",
        *profiles,
    ]


def window_chapter(study: Study, figures: bool, thorough: bool) -> tuple[Chapter, list[Comparison]]:
    """How all of this depends on the largest field of the fit."""
    function = function_term(one_channel, units={"alpha": "1"}, unit="e^2/h")
    base, parameters = (
        study.curves[:1],
        (Parameter("alpha", -5.0, 5.0), Parameter("B_phi", 1e-7, 1.0, "T")),
    )
    whole = fit(function, base, parameters, starts=STARTS)
    channel = fit_windows(function, base, parameters, whole, CHANNEL_WINDOWS)
    alphas = [w.values["alpha"] for w in channel] + [whole.best.values["alpha"]]
    edges = [*CHANNEL_WINDOWS, float(base[0].B[-1])]
    comparisons = [
        NumericalComparison(
            f"alpha of one channel up to {1e3 * edge:g} mT", sp.Float(a), sp.Float(p), 2
        )
        for edge, a, p in zip(edges, alphas, printed_drift(), strict=True)
    ]
    windows = study.windows
    largest = float(study.curves[0].B[-1])
    parts: list[Part] = [
        "The usual first analysis, one channel with a free prefactor at base temperature:",
        window_table("One channel, base temperature.", channel, whole),
        f"alpha goes from {max(alphas):.2f} to {min(alphas):.2f} with the window: it counts no "
        "channels.",
        window_table("The published fit on shorter windows.", windows, study.plain),
        *drift_sentences(windows, study.plain, largest),
    ]
    if thorough:
        parts += [
            "With the correlated noise of the chapter before, and its errors, the same drifts:",
            *drift_sentences(study.correlated_windows, study.correlated, largest),
        ]
    if figures:
        record = FitRecord(
            whole,
            base,
            parameters,
            {},
            ModelAccount("one channel"),
            windows=channel,
            lines=smooth_lines(function, whole, base),
        )
        parts.insert(
            3, Picture(window_figures(record)[0], "One channel: alpha against the window.")
        )
        parts += [
            Picture(svg, "The published fit against the window; band: one standard error.")
            for svg in window_figures(study.record(study.plain, windows))
        ]
    return Chapter("Windows", parts), comparisons


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyse, compare, print; return 0 if everything agrees."""
    tex, html = output_paths(
        "Analyse the magnetoconductance of twisted bilayer graphene on WSe2 again.",
        arguments,
        tex="write the story and the derivation here",
        html="write the story with figures here, as one page",
    )
    with progress_bar(Console(stderr=True)) as progress:
        chapters, comparisons = tell(
            Study(progress), figures=html is not None, thorough=tex is None or html is not None
        )
    print(story_text(chapters), end="\n\n")
    if html is not None:
        write_text(
            html,
            story_html(
                "Twisted bilayer graphene on WSe2, again",
                "A measurement of weak antilocalization and what it determines.",
                chapters,
            ),
        )
        print(f"wrote {html}")
    return conclude(
        [], comparisons, Study().correction.derivation, tex, before=story_latex(chapters)
    )


def tell(study: Study, *, figures: bool, thorough: bool) -> tuple[list[Chapter], list[Comparison]]:
    """Return the chapters and what was compared in them."""
    told = [
        data_chapter(study),
        model_chapter(study, figures),
        interval_chapter(study, figures),
        (noise_chapter(study, figures, thorough), []),
        window_chapter(study, figures, thorough),
    ]
    if thorough:
        told += [(comparison_chapter(study), []), (conclusion(study), [])]
    return [chapter for chapter, _ in told], [c for _, own in told for c in own]


if __name__ == "__main__":
    raise SystemExit(main())
