"""Hamiltonian Monte Carlo chains (NUTS of numpyro) as compiled functions of the data.

numpyro's `MCMC` class compiles again for every data set; its kernels do not, if the data are
arguments. Chains advance in blocks of draws, all chains of a group in one compiled call, so a
progress bar can move between blocks and many data sets of one shape share one compilation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np

from numerics.posterior_density import Density, Target, potential

State = Any  # numpyro.infer.hmc.HMCState, imported only where it is needed


class Draws(NamedTuple):
    """Draws of k chains, each array of shape (k, length) and x of shape (k, length, n)."""

    x: jax.Array
    potential: jax.Array
    energy: jax.Array
    diverging: jax.Array
    steps: jax.Array
    acceptance: jax.Array


@partial(jax.jit, static_argnames=("density", "warmup", "acceptance"))
def start_chains(
    density: Density,
    x: jax.Array,
    covariance: jax.Array,
    key: jax.Array,
    data: jax.Array,
    target: Target,
    *,
    warmup: int,
    acceptance: float,
) -> State:
    """Return the state of k chains at x, shape (k, n), with mass matrices covariance^-1.

    `data` are the measured values of each chain, shape (k, c, m), in place of those of `target`.
    """
    kernel = _kernel(density, warmup, acceptance)
    return jax.vmap(lambda *one: kernel(*one, target)[0])(x, covariance, key, data)


@partial(jax.jit, static_argnames=("density", "warmup", "acceptance", "length"))
def advance_chains(
    density: Density,
    state: State,
    data: jax.Array,
    target: Target,
    *,
    warmup: int,
    acceptance: float,
    length: int,
) -> tuple[State, Draws]:
    """Return the state after `length` draws, and these; the first `warmup` ones adapt the step."""
    kernel = _kernel(density, warmup, acceptance)

    def one_chain(state: State, data: jax.Array) -> tuple[State, Draws]:
        # numpyro notes the settings of the adaptation when a state is made, not when it is used.
        matrix = state.adapt_state.inverse_mass_matrix
        _, sample = kernel(state.z, matrix, state.rng_key, data, target)

        def step(state: State, _: None) -> tuple[State, Draws]:
            new = sample(state, model_args=(with_data(target, data),))
            return new, _draw(new)

        return jax.lax.scan(step, state, length=length)

    return jax.vmap(one_chain)(state, data)


def with_data(target: Target, data: jax.Array) -> Target:
    """Return the target with other measured values, shape (c, m)."""
    return target._replace(arrays=target.arrays._replace(delta_sigma=data))


def pooled_covariance(x: np.ndarray) -> np.ndarray:
    """Return the covariance of draws of all chains, x of shape (k, l, n), without the first third.

    Shrunk as in Stan, towards a deviation of 0.03 that counts as five draws.
    """
    n = x.shape[-1]
    late = x[:, x.shape[1] // 3 :].reshape(-1, n)
    covariance = np.atleast_2d(np.cov(late.T))
    return (len(late) * covariance + 5e-3 * np.eye(n)) / (len(late) + 5)


def _kernel(density: Density, warmup: int, acceptance: float) -> Callable[..., Any]:
    from numpyro.infer.hmc import hmc  # a second that only sampling needs

    def make(
        x: jax.Array, covariance: jax.Array, key: jax.Array, data: jax.Array, target: Target
    ) -> tuple[State, Callable[..., State]]:
        start, sample = hmc(
            potential_fn_gen=lambda target: lambda x: potential(density, x, target), algo="NUTS"
        )
        state = start(
            x,
            warmup,
            inverse_mass_matrix=covariance,
            dense_mass=True,
            adapt_mass_matrix=False,
            target_accept_prob=acceptance,
            model_args=(with_data(target, data),),
            rng_key=key,
        )
        return state, sample

    return make


def _draw(state: State) -> Draws:
    return Draws(
        x=state.z,
        potential=state.potential_energy,
        energy=state.energy,
        diverging=state.diverging,
        steps=state.num_steps,
        acceptance=state.accept_prob,
    )
