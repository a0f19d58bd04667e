"""The posterior density of the free values, in coordinates without bounds.

The natural coordinate t (ln p, or p) of a parameter lies between its bounds; the sampler moves in
x with t = low + (high - low) / (1 + exp(-x)), whose Jacobian belongs to the density. The sine of
the fits (`numerics.parameters`) would not do here: it is periodic, so the density would have
infinitely many copies of each mode.

Noise comes in two kinds. Known noise, C = L L^T per curve, makes the whitened residuals
z = L^-1 (measured - model) independent with unit variance. With a common but unknown standard
deviation s and Jeffreys' prior ds/s, the integral over s is closed,

    integral ds/s (2 pi s^2)^(-N/2) exp(-S / 2 s^2) = Gamma(N/2) (pi S)^(-N/2) / 2,

S being the sum of squares. The sampler sees this function of the parameters alone, one dimension
less and no funnel, and given the parameters an exact draw of s^2 is S over a chi-square variate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaln

from numerics.priors import PriorTable, log_prior
from numerics.problem import Arrays, Model, residuals


@dataclass(frozen=True)
class Density:
    """What a compiled density depends on: the function, its arguments, and the kind of noise."""

    function: Model
    arguments: tuple[str, ...]
    noise_known: bool


class Target(NamedTuple):
    """Data and priors of a problem."""

    arrays: Arrays
    log_determinant: jax.Array  # ln det L of all curves
    points: jax.Array  # number of points N
    priors: PriorTable


def to_bounded(x: jax.Array, table: PriorTable) -> jax.Array:
    """Return the natural coordinate t between its bounds."""
    return table.low + (table.high - table.low) * jax.nn.sigmoid(x)


def to_unbounded(t: jax.Array, table: PriorTable, margin: float = 1e-6) -> jax.Array:
    """Return x for a natural coordinate, kept off the bounds by a fraction of the range."""
    fraction = (t - table.low) / (table.high - table.low)
    fraction = jnp.clip(fraction, margin, 1 - margin)
    return jnp.log(fraction) - jnp.log1p(-fraction)


def whitened_residuals(density: Density, t: jax.Array, target: Target) -> jax.Array:
    """Return z, shape (c, m), zero where padded; in the curves' unit if the noise is unknown."""
    z = residuals(density.function, density.arguments, t, target.arrays)
    return z.reshape(target.arrays.B.shape)


def log_likelihood(density: Density, t: jax.Array, target: Target) -> jax.Array:
    """Return ln p(data | t), with unknown standard deviations integrated out."""
    square = jnp.sum(whitened_residuals(density, t, target) ** 2)
    half = target.points / 2
    if density.noise_known:
        return -square / 2 - half * jnp.log(2 * jnp.pi) - target.log_determinant
    return gammaln(half) - half * jnp.log(jnp.pi * square) - jnp.log(2.0)


def potential(density: Density, x: jax.Array, target: Target) -> jax.Array:
    """Return minus the log posterior density with respect to x."""
    table = target.priors
    t = to_bounded(x, table)
    jacobian = jnp.log(table.high - table.low) + jax.nn.log_sigmoid(x) + jax.nn.log_sigmoid(-x)
    return -log_likelihood(density, t, target) - jnp.sum(log_prior(t, table) + jacobian)
