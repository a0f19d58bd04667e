"""Densities of priors for compiled code, their normalisation and their quantiles.

All priors (`numerics.prior`) are one family: uniform or normal, in p or in ln p, cut off at the
bounds of the parameter and normalised there. So a table of four numbers per parameter describes any
choice of priors, one compiled density serves all of them, and the quantile function, which nested
sampling and simulated data sets need, is closed. Normalisation matters: the evidence of a model is
proportional to the prior density where the data put the parameter.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.parameters import Parameter
from numerics.prior import Prior, log_uniform, uniform


class PriorTable(NamedTuple):
    """Priors of n free values as arrays of shape (n,), see `log_prior`."""

    low: jax.Array  # bounds in the natural coordinate t of the parameter
    high: jax.Array
    in_logarithm: jax.Array  # whether s is t (or t is p): no Jacobian
    location: jax.Array
    precision: jax.Array  # 1/scale, 0 if uniform
    log_mass: jax.Array  # of the density before normalisation, between the bounds in s


def assign_priors(
    priors: Mapping[str, Prior] | None, names: Sequence[str], parameters: Sequence[Parameter]
) -> tuple[Prior, ...]:
    """Return the prior of each free value.

    That given for the value or for its parameter by name, else that declared with the parameter,
    else log-uniform where the lower bound is positive and uniform otherwise.

    Raises
    ------
    ValueError
        If a prior names no free value, or lives in ln p where p may be negative or zero.
    """
    given = dict(priors or {})
    known = {*names, *(p.name for p in parameters)}
    for name in given:
        if name not in known:
            raise ValueError(
                f"There is a prior for {name!r}, which is not free; choose from "
                f"{', '.join(sorted(known))}."
            )
    chosen = []
    for name, parameter in zip(names, parameters, strict=True):
        default = parameter.prior or (log_uniform() if parameter.logarithmic else uniform())
        prior = given.get(name, given.get(parameter.name, default))
        _check(prior, name, parameter)
        chosen.append(prior)
    return tuple(chosen)


def prior_table(priors: Sequence[Prior], parameters: Sequence[Parameter]) -> PriorTable:
    """Return the arrays that `log_prior` needs."""
    pairs = list(zip(priors, parameters, strict=True))
    return PriorTable(
        low=jnp.asarray([p.natural(p.lower) for p in parameters]),
        high=jnp.asarray([p.natural(p.upper) for p in parameters]),
        in_logarithm=jnp.asarray([a.logarithmic == p.logarithmic for a, p in pairs]),
        location=jnp.asarray([a.location for a in priors]),
        precision=jnp.asarray([1 / a.scale for a in priors]),
        log_mass=jnp.asarray([_log_mass(a, p) for a, p in pairs]),
    )


def log_prior(t: jax.Array, table: PriorTable) -> jax.Array:
    """Return the log density of each natural coordinate t = ln p or p, with respect to t."""
    # Where the prior lives in p and t is ln p, s = exp(t) and ds/dt = exp(t).
    grown = jnp.where(table.in_logarithm, 0.0, t)
    s = jnp.where(table.in_logarithm, t, jnp.exp(grown))
    return grown - ((s - table.location) * table.precision) ** 2 / 2 - table.log_mass


def quantiles(
    priors: Sequence[Prior], parameters: Sequence[Parameter], cumulative: ArrayLike
) -> NDArray[np.float64]:
    """Return the values p below which the prior has the given probabilities, shape (..., n)."""
    cumulative = np.asarray(cumulative, dtype=np.float64)
    columns = [
        _quantile(prior, parameter, cumulative[..., k])
        for k, (prior, parameter) in enumerate(zip(priors, parameters, strict=True))
    ]
    return np.stack(columns, axis=-1)


def _normal_quantile(a: float, b: float, q: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the quantile of a unit normal variate between a and b, exact far in the tails too."""
    from scipy.special import log_ndtr, ndtri_exp

    if a > 0:  # ln Phi has digits in the lower tail only
        return -_normal_quantile(-b, -a, 1 - q)
    with np.errstate(divide="ignore"):  # ln 0 is meant at the ends
        log_probability = np.logaddexp(log_ndtr(a) + np.log1p(-q), log_ndtr(b) + np.log(q))
    return np.asarray(ndtri_exp(log_probability), dtype=np.float64)


def cumulatives(
    priors: Sequence[Prior], parameters: Sequence[Parameter], values: ArrayLike
) -> NDArray[np.float64]:
    """Return the probability of values below p, shape (..., n): the inverse of `quantiles`."""
    values = np.asarray(values, dtype=np.float64)
    columns = [
        _cumulative(prior, parameter, values[..., k])
        for k, (prior, parameter) in enumerate(zip(priors, parameters, strict=True))
    ]
    return np.stack(columns, axis=-1)


def _cumulative(prior: Prior, parameter: Parameter, p: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = _bounds(prior, parameter)
    s = np.log(p) if prior.logarithmic else p
    if math.isinf(prior.scale):
        return np.clip((s - low) / (high - low), 0.0, 1.0)
    from scipy.stats import truncnorm

    a, b = (low - prior.location) / prior.scale, (high - prior.location) / prior.scale
    return np.asarray(truncnorm.cdf((s - prior.location) / prior.scale, a, b))


def _quantile(
    prior: Prior, parameter: Parameter, cumulative: NDArray[np.float64]
) -> NDArray[np.float64]:
    low, high = _bounds(prior, parameter)
    if math.isinf(prior.scale):
        s = low + (high - low) * cumulative
    else:
        a, b = (low - prior.location) / prior.scale, (high - prior.location) / prior.scale
        s = prior.location + prior.scale * _normal_quantile(a, b, cumulative)
    p = np.exp(s) if prior.logarithmic else s
    return np.clip(p, parameter.lower, parameter.upper)


def _log_mass(prior: Prior, parameter: Parameter) -> float:
    """Return the logarithm of the integral of exp(-(s - location)^2 / 2 scale^2) over s."""
    from scipy.special import log_ndtr

    low, high = _bounds(prior, parameter)
    if math.isinf(prior.scale):
        return math.log(high - low)
    a, b = _standardised(prior, low, high)
    upper = float(log_ndtr(b))
    inside = upper + math.log1p(-math.exp(float(log_ndtr(a)) - upper))
    return inside + math.log(prior.scale) + math.log(2 * math.pi) / 2


def _standardised(prior: Prior, low: float, high: float) -> tuple[float, float]:
    """Return the bounds in standard deviations, mirrored into the lower tail, where ln Phi is."""
    a, b = (low - prior.location) / prior.scale, (high - prior.location) / prior.scale
    return (-b, -a) if a > 0 else (a, b)


def _bounds(prior: Prior, parameter: Parameter) -> tuple[float, float]:
    if prior.logarithmic:
        return math.log(parameter.lower), math.log(parameter.upper)
    return parameter.lower, parameter.upper


def _check(prior: Prior, name: str, parameter: Parameter) -> None:
    if prior.logarithmic and not parameter.logarithmic:
        raise ValueError(
            f"{name!r} has a {prior.name} prior and the lower bound {parameter.lower:g}; give the "
            "parameter a positive lower bound, or a prior in p itself."
        )
    if prior.name == "half-normal" and parameter.lower < 0:
        raise ValueError(
            f"{name!r} has a half-normal prior and the lower bound {parameter.lower:g}; raise the "
            "bound to 0, or use a normal prior."
        )
