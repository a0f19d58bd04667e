"""The search for fields: bounded quasi-Newton steps with exact gradients, guided by the theorem.

How to divide the measuring time is searched first. The division is convex in the weights but not in
the fields, so a descent may stop at a local optimum; the sensitivity function says so and names
the field that is missing, which is added before the next descent (V. V. Fedorov, Theory of Optimal
Experiments (1972); H. P. Wynn, Ann. Math. Stat. 41, 1655 (1970)). The loop ends when the
certificate holds. For a whole number of equal readings there is no such theorem: the best division,
rounded, is one start among many.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.certificate import Certificate, certify
from numerics.design_problem import DesignProblem

Report = Callable[[int, int, str], None]
Points = tuple[NDArray[np.float64], NDArray[np.float64]]

_ROUNDS = 30
# Certified when no design is better by more than this fraction.
_CERTIFIED = 1e-5
# Whole readings this close to the bound (in ln V) are not worth another start.
_NEARLY = 5e-3
# Fields closer than this in the coordinate are one field.
_SAME = 1e-4
# Weights below this do not change the variance to the certified accuracy.
_NONE = 1e-6
# Exponents of weights: exp(-20) of the largest is no reading.
_SMALLEST = -20.0


def best_division(problem: DesignProblem, report: Report) -> tuple[Points, Certificate]:
    """Return coordinates and weights (sum 1) of the best division, and its certificate."""
    # Caratheodory: an optimal division needs at most r (r + 1) / 2 fields; one slot is for trials.
    slots = max(problem.rank * (problem.rank + 1) // 2 + 1, 2 * problem.rank)

    @jax.jit
    def loss(x: jax.Array) -> tuple[jax.Array, jax.Array]:
        def value(x: jax.Array) -> jax.Array:
            return problem.log_variance(problem.information(x[:slots], jax.nn.softmax(x[slots:])))

        return jax.value_and_grad(value)(x)

    bounds = [(0.0, 1.0)] * slots + [(_SMALLEST, 0.0)] * slots
    points = (np.linspace(0.0, 1.0, slots + 2)[1:-1], np.full(slots, 1 / slots))
    certificate = certify(problem, *points)
    for k in range(_ROUNDS):
        report(k, _ROUNDS, f"dividing the measuring time (within {certificate.maximum - 1:.1e})")
        x = _descend(loss, _pack(points, slots), bounds)
        weights = np.asarray(jax.nn.softmax(jnp.asarray(x[slots:])))
        points = _merge(x[:slots], weights)
        certificate = certify(problem, *points)
        if certificate.maximum <= 1 + _CERTIFIED:
            return points, certificate
        points = _with_field(points, problem.coordinate(np.array(certificate.at)), slots)
    return points, certify(problem, *points)


def best_readings(
    problem: DesignProblem,
    division: Points,
    count: int,
    starts: int,
    seed: int,
    limit: float,
    report: Report,
) -> Points:
    """Return coordinates and weights of the best `count` equal readings that were found.

    `limit` is a bound from below of ln V, and a reason to stop when it is nearly reached.
    """

    from scipy.stats import qmc  # takes longer to import than JAX, and only designs need it

    @jax.jit
    def loss(s: jax.Array) -> tuple[jax.Array, jax.Array]:
        def value(s: jax.Array) -> jax.Array:
            return problem.log_variance(problem.information(s, jnp.full(count, 1 / count)))

        return jax.value_and_grad(value)(s)

    random = qmc.LatinHypercube(count, seed=np.random.default_rng(seed)).random(starts)
    trials = [_rounded(division, count), np.linspace(0.0, 1.0, count), *random]
    ends: list[tuple[float, NDArray[np.float64]]] = []
    for k, trial in enumerate(trials):
        report(k, len(trials), f"placing {count} readings, start {k + 1} of {len(trials)}")
        end = _descend(loss, np.asarray(trial), [(0.0, 1.0)] * count)
        ends.append((float(loss(jnp.asarray(end))[0]), end))
        if ends[-1][0] - limit < _NEARLY:
            break
    report(len(trials), len(trials), f"placed {count} readings")
    best = min(ends, key=lambda pair: pair[0])[1]
    return _merge(best, np.full(count, 1 / count))


def _descend(
    loss: Callable[[jax.Array], tuple[jax.Array, jax.Array]],
    start: NDArray[np.float64],
    bounds: list[tuple[float, float]],
) -> NDArray[np.float64]:
    from scipy.optimize import minimize  # likewise

    def in_numpy(x: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value, gradient = loss(jnp.asarray(x))
        return float(value), np.asarray(gradient)

    options = {"maxiter": 200, "ftol": 1e-13, "gtol": 1e-9}
    found = minimize(in_numpy, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def _pack(points: Points, slots: int) -> NDArray[np.float64]:
    s, weights = points
    spare = slots - len(s)
    exponents = np.log(weights / np.max(weights))
    return np.concatenate(
        [s, np.full(spare, 0.5), np.clip(exponents, _SMALLEST, 0.0), np.full(spare, _SMALLEST)]
    )


def _merge(s: NDArray[np.float64], weights: NDArray[np.float64]) -> Points:
    """Join readings at one field and drop those without weight."""
    order = np.argsort(s)
    s, weights = s[order], weights[order]
    s, weights = s[weights > _NONE], weights[weights > _NONE]
    group = np.concatenate([[0], np.cumsum(np.diff(s) > _SAME)])
    total = np.bincount(group, weights)
    return np.bincount(group, weights * s) / total, total / np.sum(total)


def _with_field(points: Points, s: NDArray[np.float64], slots: int) -> Points:
    """Add a field with a tenth of the time, in place of the least one if there is no room."""
    kept = np.sort(np.argsort(points[1])[max(0, len(points[1]) + 1 - slots) :])
    weights = 0.9 * points[1][kept] / np.sum(points[1][kept])
    return np.append(points[0][kept], s), np.append(weights, 0.1)


def _rounded(division: Points, count: int) -> NDArray[np.float64]:
    """Return `count` coordinates, each field as often as its weight asks, by largest remainder."""
    s, weights = division
    exact = count * weights
    number = np.floor(exact).astype(int)
    extra = np.argsort(number - exact)[: count - int(np.sum(number))]
    number[extra] += 1
    return np.repeat(s, number)
