"""The problem of choosing fields: what a reading at B tells, and one number to make small.

A reading at the field B adds f f^T to the Fisher information, with f(B) = (d sigma / d ln p) /
noise. The number is the logarithm of a variance V: that of the target's ln p, c^T M^-1 c
(c-optimality), or the geometric mean over all combinations, det(M)^(-1/r) (D-optimality), with M
the information per reading.

M itself may have a condition number of 10^10. All is therefore done in combinations of the
parameters for which M of readings everywhere in the bounds is the unit matrix; V does not depend on
the choice, and directions that no field sees drop out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from numerics.directions import null_sentences
from numerics.problem import Model

Noise = float | Callable[[jax.Array], jax.Array]

_GRID = 2001
# Singular values below this fraction of the largest are directions that no field sees.
_SINGULAR = 1e-8
# Information in every direction, as a fraction of that of readings everywhere: an optimal design
# for one parameter may leave others undetermined, and M must still have an inverse on the way.
_RIDGE = 1e-10


@dataclass(frozen=True, eq=False)
class DesignProblem:
    """Which fields determine a target best; made by `make_problem`.

    Attributes
    ----------
    lower, upper : float
        Bounds of the field in tesla.
    rows : callable
        f(B), shape (m, n), of fields of shape (m,).
    basis : array, shape (n, r)
        Combinations of the parameters, see the module docstring.
    aim : array, shape (r,), or None
        The target in that basis; None for all parameters.
    """

    lower: float
    upper: float
    rows: Callable[[jax.Array], jax.Array]
    basis: NDArray[np.float64]
    aim: NDArray[np.float64] | None

    @property
    def rank(self) -> int:
        """The number r of combinations that some field sees."""
        return self.basis.shape[1]

    def field(self, s: jax.Array) -> jax.Array:
        """Return the field at the coordinates 0 <= s <= 1, logarithmic if the lower bound allows.

        A lower bound of zero leaves no logarithm; the cube still resolves many decades.
        """
        decades = self.lower > 0
        B = self.lower * (self.upper / self.lower) ** s if decades else self.upper * s**3
        # Rounding must not leave the bounds.
        return jnp.clip(B, self.lower, self.upper)

    def coordinate(self, B: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the coordinate of fields within the bounds."""
        if self.lower > 0:
            s = np.log(B / self.lower) / np.log(self.upper / self.lower)
        else:
            s = np.cbrt(B / self.upper)
        return np.clip(s, 0.0, 1.0)

    def information(self, s: jax.Array, weights: jax.Array) -> jax.Array:
        """Return M, shape (r, r), of readings at s with weights that add up to one."""
        f = self.rows(self.field(s)) @ self.basis
        return (f.T * weights) @ f + _RIDGE * jnp.eye(self.rank)

    def log_variance(self, information: jax.Array) -> jax.Array:
        """Return ln V."""
        if self.aim is None:
            return -jnp.linalg.slogdet(information)[1] / self.rank
        return jnp.log(self.aim @ jnp.linalg.solve(information, self.aim))

    def sensitivity(self, s: jax.Array, information: jax.Array) -> jax.Array:
        """Return the sensitivity function of the equivalence theorem at s, shape (m,).

        (f^T M^-1 c)^2 / c^T M^-1 c for a target, f^T M^-1 f / r for all parameters.
        """
        f = self.rows(self.field(s)) @ self.basis
        if self.aim is None:
            return jnp.sum(f * jnp.linalg.solve(information, f.T).T, axis=1) / self.rank
        direction = jnp.linalg.solve(information, self.aim)
        return (f @ direction) ** 2 / (self.aim @ direction)


def make_problem(
    function: Model,
    values: Mapping[str, float],
    fixed: Mapping[str, float],
    noise: Noise,
    bounds: tuple[float, float],
    target: str | None,
) -> DesignProblem:
    """Return the problem; arguments as for `numerics.design.design_fields`.

    Raises
    ------
    ValueError
        If the bounds are not 0 <= lower < upper, something is not finite there, or no choice of
        fields determines the target.
    """
    lower, upper = (float(B) for B in bounds)
    if not (0 <= lower < upper < np.inf):
        raise ValueError(
            f"The bounds are {lower:g} and {upper:g} T; give 0 <= lower < upper (the correction "
            "is even in the field)."
        )
    rows = _rows(function, values, fixed, noise)
    unscaled = DesignProblem(lower, upper, rows, np.eye(len(values)), None)
    grid = np.asarray(unscaled.field(jnp.linspace(0.0, 1.0, _GRID)))
    everywhere = np.asarray(rows(jnp.asarray(grid)))
    _check_finite(everywhere, grid, tuple(values))
    _check_estimable(everywhere, tuple(values), target)
    _, singular, axes = np.linalg.svd(everywhere / np.sqrt(_GRID), full_matrices=False)
    seen = singular > _SINGULAR * singular[0]
    basis = axes[seen].T / singular[seen]
    aim = None if target is None else basis[list(values).index(target)]
    return replace(unscaled, basis=basis, aim=aim)


def _rows(
    function: Model, values: Mapping[str, float], fixed: Mapping[str, float], noise: Noise
) -> Callable[[jax.Array], jax.Array]:
    at = jnp.asarray(list(values.values()))

    @jax.jit
    def rows(B: jax.Array) -> jax.Array:
        def of_relative_change(change: jax.Array) -> jax.Array:
            p = dict(zip(values, at * (1 + change), strict=True))
            return jnp.broadcast_to(function(B, **p, **fixed), B.shape)

        error = noise(B) if callable(noise) else noise
        return jax.jacfwd(of_relative_change)(jnp.zeros_like(at)) / jnp.reshape(error, (-1, 1))

    return rows


def _check_finite(rows: NDArray[np.float64], B: NDArray[np.float64], names: Sequence[str]) -> None:
    bad = np.argwhere(~np.isfinite(rows))
    if len(bad):
        point, column = bad[0]
        raise ValueError(
            f"The derivative with respect to {names[column]!r}, in units of the noise, is not "
            f"finite at B = {B[point]:g} T; narrow the bounds, or correct the noise."
        )


def _check_estimable(rows: NDArray[np.float64], names: Sequence[str], target: str | None) -> None:
    for sentence, involved in null_sentences(rows, names).items():
        if target is None or target in involved:
            wanted = "all parameters" if target is None else repr(target)
            raise ValueError(
                f"No choice of fields determines {wanted}. {sentence} Fix one of "
                f"{', '.join(involved)}, or choose another target."
            )
