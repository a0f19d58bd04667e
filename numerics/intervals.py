"""Intervals of one parameter from its standard error, and the test whether more parameters pay."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numerics.result import FitResult


def laplace_interval(
    result: FitResult, name: str, level: float = 0.68, *, minimum: int = 0
) -> tuple[float, float]:
    """Return the interval that a quadratic sum of squares gives, in natural coordinates.

    Parameters
    ----------
    result : FitResult
    name : str
        A free value, such as ``tau_phi[300 mK]``.
    level : float
        Probability that it covers the truth, if the model is linear within the errors.
    minimum : int
        Position in `result.minima`.

    Returns
    -------
    (float, float)
        p exp(-+ z s/p) for a parameter that was varied on a logarithmic scale, p -+ z s otherwise,
        within the bounds; z is the quantile of Student's t where the noise comes from the
        residuals, with the degrees of freedom of the fit or, if it is correlated, those of
        `Minimum.error_dof`, and of the normal distribution where the noise was given. An
        undetermined parameter has its bounds.

    Raises
    ------
    ValueError
        If there is no such value, or the level is not between 0 and 1.
    """
    best = result.minima[minimum]
    if name not in best.values:
        raise ValueError(f"{name!r} was not fitted; choose one of {', '.join(best.values)}.")
    lower, upper = result.bounds[name]
    value, error = best.values[name], best.standard_errors[name]
    if math.isinf(error):
        return lower, upper
    known = None if result.weights else best.dof
    reach = quantile(level, best.error_dof.get(name, known)) * error
    if lower > 0:
        low, high = value * math.exp(-reach / value), value * math.exp(reach / value)
    else:
        low, high = value - reach, value + reach
    return max(low, lower), min(high, upper)


def quantile(level: float, dof: float | None) -> float:
    """Return z with P(|x| < z) = level; x is normal, or Student's t with `dof`."""
    from scipy.special import ndtri, stdtrit

    if not 0 < level < 1:
        raise ValueError(f"The level is {level}; give a probability between 0 and 1.")
    tail = (1 + level) / 2
    return float(ndtri(tail) if dof is None else stdtrit(dof, tail))


@dataclass(frozen=True)
class FTest:
    """Whether a larger model fits better than by chance.

    Attributes
    ----------
    statistic : float
        F with (added, dof) degrees of freedom, or the decrease of chi-square.
    p_value : float
        Probability of a larger statistic if the simple model is true.
    added : int
        Number of added parameters.
    sentence : str
        The verdict.
    """

    statistic: float
    p_value: float
    added: int
    sentence: str


def f_test(simple: FitResult, larger: FitResult) -> FTest:
    """Compare nested models by their best minima.

    Parameters
    ----------
    simple, larger : FitResult
        Of the same data with the same weights or noise; the larger model contains the simple one.
        Where the noise was estimated, fit both with ``noise=larger.noise``.

    Returns
    -------
    FTest
        Of F = [(S_1 - S_2)/q]/[S_2/dof_2] (variance from the residuals) or chi-square S_1 - S_2
        (noise known). If the simple model lies on a bound of the larger, the p-value is too
        large by up to a factor of two.

    Raises
    ------
    ValueError
        If the two are not fits of the same number of points with the same weights, or the
        larger model has no more parameters.
    """
    from scipy.special import chdtrc, fdtrc

    one, two = simple.best, larger.best
    added = one.dof - two.dof
    if one.dof + len(one.values) != two.dof + len(two.values) or simple.unit != larger.unit:
        raise ValueError("The two fits are of different data; fit the same curves with both.")
    if simple.weights != larger.weights or not _same_noise(simple, larger):
        raise ValueError(
            "The two fits weigh the points differently; fit both with the same weights, or with "
            "noise=larger.noise."
        )
    if added <= 0:
        raise ValueError(
            f"The larger model has {len(two.values)} free values and the simple one "
            f"{len(one.values)}; exchange them, or choose models of different size."
        )
    gained = max(one.sum_of_squares - two.sum_of_squares, 0.0)
    if larger.weights:
        statistic, p_value = gained, float(chdtrc(added, gained))
    else:
        statistic = gained / added / two.variance
        p_value = float(fdtrc(added, two.dof, statistic))
    return FTest(statistic, p_value, added, _verdict(statistic, p_value, added, larger))


def _same_noise(first: FitResult, second: FitResult) -> bool:
    return first.noise is second.noise or first.noise == second.noise


def _verdict(statistic: float, p_value: float, added: int, larger: FitResult) -> str:
    what = "1 more parameter" if added == 1 else f"{added} more parameters"
    name = "Chi-square decreases by" if larger.weights else f"F({added}, {larger.best.dof}) ="
    pays = "pays" if added == 1 else "pay"
    end = f"{what} {pays}" if p_value < 0.05 else f"the data do not ask for {what}"
    return f"{name} {statistic:.3g}, p = {p_value:.2g}: {end}."
