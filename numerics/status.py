"""Sentences about a fit: what converged, what is undetermined, what is not the only answer."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from numerics.minima import Selection
from numerics.result import Minimum
from numerics.rounding import quantity_text

_STRONG = 0.95
# A minimum within this many variances of the best cannot be told from it at two standard errors.
_CLOSE = 4.0
# Chi-square per degree of freedom outside this range contradicts the given standard errors.
_CHI_SQUARE = (0.5, 2.0)


def describe(
    minima: Sequence[Minimum],
    selection: Selection,
    units: Mapping[str, str],
    starts: int,
    weights: str | None,
    remarks: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the status of a fit as full sentences, the most important ones first.

    `remarks` are sentences on noise, residuals and the range of the model.
    """
    best = minima[0]
    sentences = [_converged(best, starts)]
    sentences += best.undetermined.values()
    sentences += _correlations(best)
    sentences += [_further(m, best, units, weights) for m in minima[1:]]
    sentences += _chi_square(best, weights)
    sentences += remarks
    sentences += _others(selection, starts)
    return tuple(sentences)


def _converged(best: Minimum, starts: int) -> str:
    return (
        f"The fit converged: {best.starts} of {starts} starts reached the minimum with sum of "
        f"squares {best.sum_of_squares:.6g} ({best.dof} degrees of freedom)."
    )


def _correlations(best: Minimum) -> list[str]:
    known = [name for name in best.values if name not in best.undetermined]
    strong = [
        (a, b, r)
        for a, b in combinations(known, 2)
        if abs(r := best.correlation_of(a, b)) >= _STRONG
    ]
    return [
        f"{a} and {b} correlate {_correlation_text(r)}: the data determine only a combination of "
        "the two well."
        for a, b, r in strong
    ]


def _correlation_text(r: float) -> str:
    # Two decimals would round -0.9996 to -1.
    return f"{r:.2f}" if abs(r) < 0.995 else f"{r:.4f}"


def _further(minimum: Minimum, best: Minimum, units: Mapping[str, str], weights: str | None) -> str:
    excess = minimum.sum_of_squares - best.sum_of_squares
    variance = 1.0 if weights else best.variance
    moved = [
        f"{name} = {quantity_text(value, 0.0, units[name])}"
        for name, value in minimum.values.items()
        if abs(value - best.values[name]) > 0.05 * abs(best.values[name])
    ]
    where = f" at {', '.join(moved)}" if moved else ""
    where += f" ({' and '.join(lost)} undetermined there)" if (lost := minimum.undetermined) else ""
    if excess <= _CLOSE * variance:
        return (
            f"A further minimum{where} has a sum of squares only {excess:.2g} higher "
            f"({minimum.sum_of_squares:.6g}): the data do not tell the two apart."
        )
    return (
        f"A further minimum{where} has a sum of squares of {minimum.sum_of_squares:.6g}, higher "
        f"by {excess / variance:.3g} times the variance of a residual."
    )


def _chi_square(best: Minimum, weights: str | None) -> list[str]:
    low, high = _CHI_SQUARE
    if weights is None or low <= best.variance <= high:
        return []
    if best.variance < low:
        reason = "smaller than the standard errors allow: these are too large or correlated"
    else:
        reason = "larger than the standard errors allow: these are too small or the model is wrong"
    return [f"Chi-square per degree of freedom is {best.variance:.3g}, {reason}."]


def _others(selection: Selection, starts: int) -> list[str]:
    sentences = []
    if selection.implausible:
        sentences.append(
            f"{selection.implausible} of {starts} starts ended on a bound or a plateau with a much "
            "larger sum of squares and are not reported."
        )
    if selection.unconverged:
        sentences.append(f"{selection.unconverged} of {starts} starts did not reach a minimum.")
    return sentences
