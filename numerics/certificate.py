"""A proof that a choice of fields is optimal, or how far from it the choice can be.

The equivalence theorem (J. Kiefer and J. Wolfowitz, Can. J. Math. 12, 363 (1960), for all
parameters; G. Elfving, Ann. Math. Stat. 23, 255 (1952), for one): a division of the measuring time
over fields is optimal if and only if its sensitivity function phi(B) is at most 1 everywhere.

It also bounds what is lost otherwise. With d = M^-1 c and any other division, information M',

    (c^T M^-1 c)^2 = (c^T d)^2 <= (c^T M'^-1 c)(d^T M' d) <= (c^T M'^-1 c) max_B (f^T d)^2,

hence V / V' <= max phi. For all parameters det(M^-1 M')^(1/r) <= tr(M^-1 M') / r <= max phi, by the
inequality of the means. So no division has a variance below V / max phi, and designs of n equal
readings, being divisions too, are bounded by the same number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.design_problem import DesignProblem

_GRID = 2001
_PEAKS = 8
_REFINED = 65


@dataclass(frozen=True, eq=False)
class Certificate:
    """The sensitivity function over the bounds.

    Attributes
    ----------
    B : array, shape (m,)
        Fields from the lower to the upper bound, in tesla.
    sensitivity : array, shape (m,)
        phi(B); the average over the design is 1.
    maximum : float
        Its maximum, refined between the fields of the grid.
    at : float
        The field of the maximum, in tesla.
    """

    B: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    maximum: float
    at: float

    @property
    def efficiency(self) -> float:
        """At least this fraction of the best possible 1/V is reached."""
        return min(1.0, 1 / self.maximum)


def certify(
    problem: DesignProblem, s: NDArray[np.float64], weights: NDArray[np.float64]
) -> Certificate:
    """Return the certificate of readings at the coordinates s with weights that add up to one."""
    information = information_of(problem, jnp.asarray(s), jnp.asarray(weights))

    def phi(s: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_phi(problem, jnp.asarray(s), information))

    grid = np.linspace(0.0, 1.0, _GRID)
    values = phi(grid)
    best, maximum = _refine(phi, grid, values)
    B = np.asarray(problem.field(jnp.asarray(grid)))
    return Certificate(B, values, maximum, float(problem.field(jnp.asarray(best))))


@partial(jax.jit, static_argnames="problem")
def information_of(problem: DesignProblem, s: jax.Array, weights: jax.Array) -> jax.Array:
    """Return `problem.information`, compiled once per number of fields."""
    return problem.information(s, weights)


@partial(jax.jit, static_argnames="problem")
def _phi(problem: DesignProblem, s: jax.Array, information: jax.Array) -> jax.Array:
    return problem.sensitivity(s, information)


def _refine(
    phi: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    grid: NDArray[np.float64],
    values: NDArray[np.float64],
) -> tuple[float, float]:
    """Return place and value of the maximum, by a finer grid around the highest points."""
    step = grid[1] - grid[0]
    peaks = grid[np.argsort(values)[-_PEAKS:]]
    fine = np.clip(peaks[:, None] + np.linspace(-step, step, _REFINED), 0.0, 1.0).ravel()
    s = np.concatenate([grid, fine])
    there = np.concatenate([values, phi(fine)])
    best = int(np.argmax(there))
    return float(s[best]), float(there[best])
