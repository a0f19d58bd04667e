"""What fluctuations that are correlated do to the error bars of the twisted bilayer."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tbg_story.study import SPINS, WARM, Study
from tbg_story.words import times

from numerics.interval_figure import interval_figure
from numerics.noise_status import effective_points
from numerics.report_figures import autocorrelation_figure
from numerics.report_residuals import standard_residuals
from numerics.residual_correlation import lag_one
from numerics.story import Cell, Chapter, Name, Part, Picture, Quantity, Range, Table
from numerics.story_tables import value_cell


def noise_chapter(study: Study, figures: bool, thorough: bool) -> Chapter:
    """What fluctuations that are correlated along the field do to the error bars."""
    fits = {
        "independent": study.plain,
        "weighted": study.weighted,
        "correlated (a)": study.correlated,
        "correlated (b)": study.by_rows,
    }
    heads = ("points", *WARM, *SPINS, "chi-square / dof")
    rows: list[Sequence[Cell]] = []
    for title, result in fits.items():
        for k, minimum in enumerate(result.minima):
            cells = (value_cell(minimum, name, "s") for name in (*WARM, *SPINS))
            square = f"{minimum.sum_of_squares / minimum.dof:.2f}" if result.weights else "-"
            rows.append((title if k == 0 else "further minimum", *cells, square))
    lags = [lag_one(r) for r in study.plain.best.residuals.values()]
    counts = [effective_points(study.correlated.noise.covariance(c)) for c in study.curves]
    counted = zip(counts, study.curves, strict=True)
    growth = [
        study.correlated.best.standard_errors[n] / study.plain.best.standard_errors[n] for n in WARM
    ]
    points = sum(map(len, study.curves))
    row_counts = [found.effective_rows for found in study.rows.values()]
    lowest = min(len(sweep.axes["V_g"]) for sweep in study.sweeps)
    shrinkage = [found.shrinkage for found in study.rows.values()]
    parts: list[Part] = [
        f"Neighbouring residuals of the published fit repeat each other: their correlation is "
        f"{min(lags):.2f} to {max(lags):.2f}, where independent ones have 0 +- "
        f"{1 / math.sqrt(len(study.curves[0])):.2f}. Two ways to take that into account are "
        "compared: (a) a correlation that decays exponentially along the field, estimated from the "
        "residuals of each curve (restricted likelihood), and (b) the covariance of the mean over "
        "gate rows, with the reference subtracted row by row.",
        Table(
            "The fit of the same points as published, weighted by standard errors over the gate "
            "rows, and with correlated noise (a) and (b). In parentheses: not determined.",
            heads,
            rows,
        ),
        f"In (a) the {points} points count as {sum(counts):.1f} independent ones, as to their mean "
        f"({', '.join(f'{n:.1f} of {c.label}' for n, c in counted)}). "
        f"The errors of the dephasing times are {min(growth):.1f} to {max(growth):.1f} times "
        "those published.",
        f"The covariance of {lowest} gate rows has a rank of at most {lowest - 1} for "
        f"{len(study.curves[0])} fields, and neighbouring rows repeat each other: they count as "
        f"{min(row_counts):.0f} to {max(row_counts):.0f}. It has no inverse, and is shrunk to a "
        f"smooth model, whose weight comes out as at least {min(shrinkage):.2f}: what is used is "
        "the variance at each field and the range of the correlation, and next to nothing of the "
        "sample covariance itself.",
        *_survival(study),
    ]
    if thorough:
        parts += [*_jackknife_parts(study), *_correlated_profile_parts(study)]
    if figures:
        parts += _noise_pictures(study)
    return Chapter("Fluctuations are correlated", parts)


def _survival(study: Study) -> list[str]:
    best, second, *_ = study.correlated.minima
    excess = second.sum_of_squares - best.sum_of_squares
    on_bound = (
        ", which is the end of what was searched" if second.values["tau_sym"] > 0.99e-10 else ""
    )
    return [
        "Both minima survive as valleys, but with correlated noise neither stays where it was: the "
        f"best is at {times(best)}, another at {times(second)}{on_bound}, {excess:.1f} higher in "
        "chi-square. A weighting by the standard errors of the row-by-row differences, which grow "
        f"with the field, moves them less, to {times(study.weighted.best)} and to "
        f"{times(study.weighted.minima[1])}, with a chi-square per degree of freedom of "
        f"{study.weighted.best.variance:.2f}: fluctuations move a whole curve and not its points, "
        "which are therefore closer to the fit than their errors."
    ]


def _jackknife_parts(study: Study) -> list[Part]:
    found = study.jackknife
    rows = [
        (
            Name(name),
            Quantity(study.plain.best.standard_errors[name], 0.0, "s"),
            Quantity(study.correlated.best.standard_errors[name], 0.0, "s")
            if math.isfinite(study.correlated.best.standard_errors[name])
            else "undetermined",
            Quantity(found.standard_error(name), 0.0, "s"),
            Range(*found.ends(name), "s"),
        )
        for name in (*WARM, *SPINS)
    ]
    on_line = sum(
        abs(a / b - 1) < 1e-3
        for a, b in zip(found.values["tau_asy"], found.values["tau_sym"], strict=True)
    )
    return [
        "A third way needs no model of the noise: the published fit is repeated with a tenth of "
        "the gate rows left out, ten times (jackknife). That contains correlations along the "
        "field and between temperatures, and the noise of the reference.",
        Table(
            "Standard errors, and the values without a tenth of the gate rows.",
            ("", "independent", "correlated along B", "jackknife", "values"),
            rows,
        ),
        f"In {on_line} of {len(found.groups)} the best minimum lies at tau_asy = tau_sym.",
    ]


def _correlated_profile_parts(study: Study) -> list[Part]:
    rows = [
        (
            Name(name),
            Range(study.profiles[name].lower, study.profiles[name].upper, "s"),
            Range(one.lower, one.upper, "s"),
        )
        for name, one in study.correlated_profiles.items()
    ]
    here, there = (p["tau_sym"] for p in (study.profiles, study.correlated_profiles))
    apart = here.lower and there.upper and there.upper < here.lower
    return [
        Table(
            "Profile intervals of 68.27 % of the spin-orbit times.",
            ("", "independent points", "correlated along B"),
            rows,
        ),
        "The intervals of tau_sym "
        + ("have no value in common" if apart else "overlap")
        + ": what the fit says of it depends on what is taken for noise more than on the data.",
    ]


def _noise_pictures(study: Study) -> list[Part]:
    plain, white = (standard_residuals(study.record(r)) for r in (study.plain, study.correlated))
    both = {
        name: {"independent": study.profiles[name], "correlated": one}
        for name, one in study.correlated_profiles.items()
    }
    return [
        Picture(
            autocorrelation_figure(plain),
            "Autocorrelation of the published fit's residuals; band: 95 % of independent ones.",
        ),
        Picture(
            autocorrelation_figure(white, "autocorrelation-white"),
            "The same in units of the correlated noise.",
        ),
        "The profiles show how far the two descriptions of the noise are apart.",
        *(
            Picture(
                interval_figure(pair), f"Profile of {name}; the interval is where it is below 1."
            )
            for name, pair in both.items()
        ),
    ]
