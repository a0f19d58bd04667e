"""Where to measure: the fields that determine a parameter best, found by gradients.

The answer holds at assumed values of the parameters (a locally optimal design); take them from a
first sweep. A few fields, each read many times, determine the parameters of a right model best,
and tell nothing about a wrong one: add a coarse sweep for that.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.certificate import Certificate, certify, information_of
from numerics.design_problem import DesignProblem, Noise, make_problem
from numerics.design_search import Points, Report, best_division, best_readings
from numerics.directions import error_text
from numerics.identifiability import Identifiability, identifiability
from numerics.planned_sweep import PlannedSweep
from numerics.precision import double_precision
from numerics.problem import Model


@dataclass(frozen=True, eq=False)
class FieldDesign:
    """Fields to measure at, and what they are worth.

    Attributes
    ----------
    target : str or None
        The parameter to determine, None for all.
    B : array, shape (k,)
        The distinct fields in tesla, increasing.
    readings : array, shape (k,)
        How many readings at each field; with ``weights=True`` the measuring time in units of one
        reading, not necessarily whole.
    result : Identifiability
        What they determine.
    uniform : Identifiability
        What as many readings determine, equally spaced from the lower to the upper bound.
    gain : float
        Variance of the uniform sweep over that of the design (of the target's ln p, or the
        geometric mean over all combinations): so many times longer the uniform sweep would take.
        ``inf`` if the uniform sweep does not determine the target.
    certificate : Certificate
        The sensitivity function; `certificate.maximum` is 1 for an optimal division of time.
    efficiency : float
        V_best / V >= efficiency for any division of the same measuring time over fields within
        the bounds; proved, not estimated.
    status : tuple of str
        Full sentences.
    """

    target: str | None
    B: NDArray[np.float64]
    readings: NDArray[np.float64]
    result: Identifiability
    uniform: Identifiability
    gain: float
    certificate: Certificate
    efficiency: float
    status: tuple[str, ...]


@double_precision()
def design_fields(
    function: Model,
    parameters: Mapping[str, float],
    target: str | None = None,
    *,
    noise: Noise,
    bounds: tuple[float, float],
    points: int,
    fixed: Mapping[str, float] | None = None,
    weights: bool = False,
    starts: int = 8,
    seed: int = 0,
    progress: Report | None = None,
) -> FieldDesign:
    """Return the fields at which readings determine a parameter best.

    Parameters
    ----------
    function : callable
        ``function(B, **values)``, a pure JAX function of fields (tesla) and scalars in SI units.
    parameters : mapping
        All parameters that will be fitted, at the values to assume; not zero.
    target : str, optional
        The parameter whose Cramer-Rao variance is made smallest, the others being unknown too
        (c-optimality). Without it, the volume of the error ellipsoid is (D-optimality).
    noise : float or callable
        Standard error of one reading in the function's unit, or a JAX function of the field.
    bounds : (float, float)
        Smallest and largest field in tesla, 0 <= lower < upper. Best lower > 0, which makes the
        search logarithmic.
    points : int
        Number of readings, not less than the number of parameters.
    fixed : mapping, optional
        Arguments that are known.
    weights : bool
        Divide the measuring time freely over fields instead of placing whole readings; this is
        the problem whose optimum can be proved.
    starts, seed : int
        Random starting points for whole readings, beside the rounded division and the uniform
        sweep; none is tried once the efficiency is proved to exceed 99.5 %.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Raises
    ------
    ValueError
        If the target is not a parameter, no choice of fields determines it, there are fewer
        readings than parameters, or bounds, noise or values are not usable.

    Examples
    --------
    A straight line is determined best from its ends, with half of the readings at each.

    >>> line = lambda B, a, b: a + b * B
    >>> best = design_fields(line, {"a": 1.0, "b": 1.0}, noise=0.1, bounds=(1.0, 2.0), points=8)
    >>> best.B.tolist(), best.readings.tolist()
    ([1.0, 2.0], [4.0, 4.0])
    """
    known = dict(fixed or {})
    _check(parameters, target, noise, points, starts)
    problem = make_problem(function, parameters, known, noise, bounds, target)
    report = progress or _silent
    division, certificate = best_division(problem, report)
    limit = _log_variance(problem, division) + np.log(certificate.efficiency)
    found = division
    if not weights:
        found = best_readings(problem, division, points, starts, seed, limit, report)
        certificate = certify(problem, *found)
    B = np.asarray(problem.field(jnp.asarray(found[0])))
    readings = points * found[1] if weights else np.round(points * found[1])
    result, uniform = (
        identifiability(function, parameters, _sweep(fields, noise, times), fixed=known)
        for fields, times in (
            (B, readings),
            (np.linspace(problem.lower, problem.upper, points), np.ones(points)),
        )
    )
    efficiency = min(1.0, float(np.exp(limit - _log_variance(problem, found))))
    gain = _gain(problem, found, uniform, points, target)
    status = _status(target, result, uniform, gain, certificate, efficiency, weights)
    return FieldDesign(target, B, readings, result, uniform, gain, certificate, efficiency, status)


def _silent(done: int, total: int, text: str) -> None:
    """Report nothing."""


def _check(
    parameters: Mapping[str, float], target: str | None, noise: Noise, points: int, starts: int
) -> None:
    if target is not None and target not in parameters:
        near = difflib.get_close_matches(target, parameters, n=3) or list(parameters)
        raise ValueError(f"The target {target!r} is not a parameter; did you mean one of {near}?")
    for name, value in parameters.items():
        if value == 0 or not np.isfinite(value):
            raise ValueError(
                f"{name} is {value:g}, so a relative change of it has no meaning; give the size "
                "that matters to you, or fix it."
            )
    if not callable(noise) and not (0 < noise < np.inf):
        raise ValueError(f"The noise is {noise:g}; a standard error must be positive.")
    if points < len(parameters):
        raise ValueError(
            f"{points} readings cannot determine {len(parameters)} parameters "
            f"({', '.join(parameters)}); allow more, or fix some."
        )
    if starts < 0:
        raise ValueError(f"The number of starts is {starts}; use at least 0.")


def _sweep(B: NDArray[np.float64], noise: Noise, readings: NDArray[np.float64]) -> PlannedSweep:
    error = np.asarray(noise(jnp.asarray(B)) if callable(noise) else noise)
    return PlannedSweep(B, error / np.sqrt(readings), "design")


def _log_variance(problem: DesignProblem, points: Points) -> float:
    s, weights = points
    information = information_of(problem, jnp.asarray(s), jnp.asarray(weights))
    return float(problem.log_variance(information))


def _gain(
    problem: DesignProblem,
    found: Points,
    uniform: Identifiability,
    points: int,
    target: str | None,
) -> float:
    errors = uniform.standard_errors
    wanted = [errors[target]] if target else list(errors.values())
    if not np.all(np.isfinite(wanted)):
        return float("inf")
    spread = problem.coordinate(np.linspace(problem.lower, problem.upper, points))
    equal = (spread, np.full(points, 1 / points))
    return float(np.exp(_log_variance(problem, equal) - _log_variance(problem, found)))


def _status(
    target: str | None,
    result: Identifiability,
    uniform: Identifiability,
    gain: float,
    certificate: Certificate,
    efficiency: float,
    weights: bool,
) -> tuple[str, ...]:
    low, high = certificate.B[0], certificate.B[-1]
    names = [target] if target else list(result.values)
    here, there = (
        ", ".join(f"{name} {error_text(r.relative_error(name))}" for name in names)
        for r in (result, uniform)
    )
    sentences = [
        f"The design determines {here}; as many readings spread evenly from {low:g} to {high:g} T "
        f"determine {there}, and would take {gain:.3g} times as long for the same variance."
    ]
    sentences.append(_proof(certificate, efficiency, weights, low, high))
    sentences += [
        text for name, text in result.undetermined.items() if name not in names or not target
    ]
    sentences.append(
        "The design holds near the assumed values, and for the assumed model: it cannot show that "
        "the model is wrong."
    )
    return tuple(dict.fromkeys(sentences))


def _proof(
    certificate: Certificate, efficiency: float, weights: bool, low: float, high: float
) -> str:
    loss = 100 * (1 - efficiency)
    bound = f"no division of the measuring time over {low:g} to {high:g} T has a variance smaller"
    if weights and certificate.maximum < 1 + 1e-3:
        return (
            f"It is optimal: the sensitivity function is at most 1 + {certificate.maximum - 1:.1e} "
            f"there, so {bound} by more than {loss:.2g} %."
        )
    if weights:
        return (
            f"It is not proved optimal: the sensitivity function reaches {certificate.maximum:.3g} "
            f"at {certificate.at:g} T, so that {bound} by more than {loss:.2g} %."
        )
    return f"These are whole readings: {bound} by more than {loss:.2g} %, proved by the theorem."
