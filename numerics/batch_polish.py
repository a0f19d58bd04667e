"""The rows on which a batched Levenberg-Marquardt search gave up, finished one by one by Newton.

Gauss-Newton steps converge slowly where residuals are large or a valley is flat and bent; the whole
Hessian does not care. These rows are few, so that its cost does not matter.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from numerics.batch_problem import Ends, Problems
from numerics.minima import is_minimum
from numerics.normal_equations import Evaluate, linearised, with_data
from numerics.search import EndPoints, newton
from numerics.small_systems import solve


def polish(evaluate: Evaluate, problems: Problems, ends: Ends, rows: np.ndarray[Any, Any]) -> Ends:
    """Return the ends with the given rows improved by Newton steps and judged as `fit` does.

    Parameters
    ----------
    evaluate, problems
        As for `numerics.batch_search.descend`, in float64.
    ends : Ends
        NumPy arrays.
    rows : array of int
        Rows to improve; a row that is no minimum afterwards stays unconverged.
    """
    # Padded to a power of two, so that few sizes are compiled.
    padded = np.resize(rows, 1 << (len(rows) - 1).bit_length())
    owner = np.asarray(problems.owner)[padded]
    some = jax.tree.map(jnp.asarray, problems._replace(start=ends.u[padded], owner=owner))
    found, inverse = jax.tree.map(np.asarray, _newton_steps(evaluate, some))
    total = np.asarray(problems.total)[owner]
    good = [is_minimum(found, k, float(total[k])) for k in range(len(rows))]
    new = Ends(
        u=found.u,
        square=found.sum_of_squares,
        information=found.jacobian,
        inverse=inverse,
        rate=np.zeros(len(padded)),
        steps=ends.steps[padded],
        converged=np.array([*good, *np.zeros(len(padded) - len(rows), bool)]),
    )
    return with_rows(rows, ends, new)


def with_rows(rows: np.ndarray[Any, Any], ends: Ends, new: Ends) -> Ends:
    """Return the ends with the given rows replaced by the first of the new ones."""
    changed = Ends(*(np.array(x) for x in ends))
    for old, x in zip(changed, new, strict=True):
        old[rows] = x[: len(rows)]
    return changed


@partial(jax.jit, static_argnames="evaluate")
def _newton_steps(evaluate: Evaluate, problems: Problems) -> tuple[EndPoints, jax.Array]:
    """End points of some rows; as their Jacobian J^T J, and its inverse besides."""
    middle, half = problems.middle, problems.half

    def one_row(data: Any, u: jax.Array) -> tuple[EndPoints, jax.Array]:
        def half_square(u: jax.Array) -> jax.Array:
            t = middle + half * jnp.sin(u)
            return jnp.sum(evaluate([t[i] for i in range(len(t))], data) ** 2) / 2

        at, gradient, hessian = newton(half_square, u)
        t = middle + half * jnp.sin(at)
        r, slopes = linearised(evaluate, [t[i] for i in range(len(t))], data)
        information = jnp.stack([jnp.stack([jnp.sum(a * b) for b in slopes]) for a in slopes])
        end = EndPoints(at, jnp.sum(r * r), gradient, hessian, r, information)
        return end, solve(information, jnp.eye(len(t), dtype=t.dtype))

    return with_data(one_row, problems.data, problems.owner)(problems.start)
