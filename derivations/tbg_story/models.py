"""Other models of the twisted bilayer, its reference curve, and the conclusion."""

from __future__ import annotations

import numpy as np
import sympy as sp
from tbg_story.study import WARM, Study
from tbg_story.words import higher, interval_of, ps, text_of, times

from numerics import compare_models
from numerics.story import Chapter, Part
from numerics.story_tables import minima_table, score_table


def comparison_chapter(study: Study) -> Chapter:
    """Which model the data ask for, and what the subtracted reference does."""
    plain, correlated = study.others, study.correlated_others
    scores = [compare_models(fits) for fits in (plain, correlated)]
    negative = sum(int(np.sum(c.delta_sigma < 0)) for c in study.curves)
    even = sp.Add.make_args(study.correction.subs({"tau_asy": sp.oo}).expression)
    free = plain["tau_phi[base] free"]
    gain = study.plain.best.sum_of_squares - free.best.sum_of_squares
    parts: list[Part] = [
        "Without the odd kind (infinite tau_asy) a triplet cancels the singlet: of the formula "
        f"{len(even)} term is left, a magnetoconductance that is positive at any field. Measured "
        f"are {negative} negative values of {sum(map(len, study.curves))}, so this needs no fit.",
        score_table("All points independent; AIC and BIC as differences.", plain, scores[0]),
        f"Taken as independent, the points object to the fixed tau_phi[base]: freed, it is "
        f"{text_of(free, 'tau_phi[base]')}, the sum of squares falls by "
        f"{gain / free.best.variance:.0f} variances, and the best is at {times(free.best)}. But "
        "all these differences count points that repeat each other.",
        score_table("Noise (a), correlated along the field.", correlated, scores[1]),
        *scores[1].status,
        "BIC counts all points, correlated or not: with fewer independent ones it punishes a "
        "parameter less than here.",
    ]
    return Chapter("Other models", [*parts, *_reference_parts(study)])


def _reference_parts(study: Study) -> list[Part]:
    plain, found = (f["reference in the model"] for f in (study.others, study.correlated_others))
    warmest = WARM[-1]
    return [
        "The reference belongs to the model: the 900 mK curve that was subtracted follows the same "
        "formula with a tau_phi_ref of its own.",
        minima_table("The reference in the model, noise (a).", found),
        "With independent points tau_phi_ref "
        + (
            "goes to the shortest time that was searched: they want no reference at all. "
            if "tau_phi_ref" in plain.best.undetermined
            else f"is {text_of(plain, 'tau_phi_ref')}. "
        )
        + f"With correlated noise it is {text_of(found, 'tau_phi_ref')}, and {warmest} changes "
        f"from {text_of(study.correlated, warmest)} to {text_of(found, warmest)}: the difference "
        "of two temperatures does not fix either.",
    ]


def conclusion(study: Study) -> Chapter:
    """What is determined and what is not."""
    models, best = study.correlated_others, study.correlated.best
    odd, channel = models["only tau_asy"], models["one channel, alpha"]
    free, ref = models["tau_phi[base] free"], models["reference in the model"]
    share = [
        f"{100 * result.best.standard_errors[name] / result.best.values[name]:.0f} %"
        for name in WARM
        for result in (study.plain, study.correlated)
    ]
    return Chapter(
        "What this measurement determines",
        [
            "The dephasing times, but less well than published: the relative standard errors are "
            + ", ".join(
                f"{new} instead of {old} for {name}"
                for name, old, new in zip(WARM, share[::2], share[1::2], strict=True)
            )
            + ". They rest on a value for tau_phi[base] that was put in: freed, it is "
            f"{text_of(free, 'tau_phi[base]')}, and {WARM[0]} {text_of(free, WARM[0])}.",
            "That there is spin relaxation of the odd kind: alone it describes the data, with "
            f"tau_asy = {text_of(odd, 'tau_asy')} and a chi-square {higher(odd, best)} "
            "higher for one parameter less. One channel with a free prefactor does not do much "
            f"worse (chi-square {higher(channel, best)} higher, "
            f"alpha = {text_of(channel, 'alpha')}), although its alpha means nothing.",
            "Not determined is tau_sym. Its two intervals exclude each other: "
            f"{interval_of(study.profiles['tau_sym'])} with independent points, "
            f"{interval_of(study.correlated_profiles['tau_sym'])} with correlated ones; "
            "no such relaxation at all fits nearly as well. And with tau_sym in the model tau_asy "
            f"is anything from {ps(study.profiles['tau_asy'].lower or 0)} to "
            f"{ps(study.correlated_profiles['tau_asy'].upper or 0)}.",
            "What was done before the fit matters as much as the fit: the subtraction of a "
            f"reference moves {WARM[-1]} from {text_of(ref, WARM[-1])} to "
            f"{text_of(study.correlated, WARM[-1])}, and the window moves the published values by "
            "several of their errors.",
        ],
    )
