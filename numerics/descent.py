"""Descent to a minimum of a sum of squares: Levenberg-Marquardt, then Newton, in one loop.

Levenberg and Marquardt's steps find the valleys. At the end of a flat valley they become slow, and
they cannot tell a saddle from a minimum, so the rest of the way is Newton's, with the exact
Hessian. Negative curvatures are reversed in these steps, which drives a point off a saddle instead
of onto it.

Both phases take everything they need from one evaluation per step, at one place of the loop: the
compile time of a search is that of this one place.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

# Evaluations until a start has to have reached its valley, and the bottom of it.
_VALLEY_STEPS = 60
_STEPS = 120
# Decrease of the sum of squares, relative, below which a step is one along the valley.
_ALONG = 1e-3
# Longest step in u, where pi is the full range of a parameter.
_TRUST = 0.3
_VALLEY_TRUST = 1.0
# Curvatures below this fraction of the largest are rounding noise and give no step.
_FLAT = 1e-13
# Of the first step, relative to the largest curvature.
_DAMPING = 1e-2
_LARGEST_DAMPING = 1e12
_FASTEST = 0.1
_FIRST_GROWTH = 4.0
# Of the length of a Newton step that failed, and the shortest that is tried.
_SHORTER = 0.25
_SHORTEST = 1e-3
# Predicted decreases, relative to the sum of squares: one that is nothing, and one that the sum of
# squares no longer resolves.
_NOTHING = 1e-20
_UNRESOLVED = 1e-13


class Quadratic(NamedTuple):
    """Half the sum of squares around a point u, by its derivatives in u."""

    square: jax.Array  # sum of squares, not half of it
    gradient: jax.Array  # (n,)
    information: jax.Array  # (n, n): positive semi-definite part of the Hessian
    hessian: jax.Array  # (n, n)


class _State(NamedTuple):
    trial: jax.Array  # where to evaluate next; u itself once the descent has ended
    u: jax.Array  # the best point so far
    at: Quadratic  # there; an infinite sum of squares if there is none
    expected: jax.Array  # decrease of half the sum of squares from u to the trial
    damping: jax.Array  # in units of curvature
    growth: jax.Array  # of the damping if the trial fails
    length: jax.Array  # of the Newton step to the trial
    polishing: jax.Array  # whether steps are Newton's
    steps: jax.Array
    ended: jax.Array


Evaluate = Callable[[jax.Array], tuple[Quadratic, Any]]


def descend(evaluate: Evaluate, u: jax.Array) -> tuple[jax.Array, Quadratic, Any]:
    """Return where the starts u, shape (s, n), end, and what `evaluate` returns there.

    `evaluate` takes one u, shape (n,), and returns besides the derivatives what is wanted at the
    end points.
    """
    # With jit, asking for the shapes and the loop share one trace of the model.
    evaluate_all = jax.jit(jax.vmap(evaluate))

    # The loop turns once more after all have ended: what it last evaluated is at the end points.
    def turn(carry: tuple[_State, Quadratic, Any, jax.Array]) -> Any:
        state = carry[0]
        new, further = evaluate_all(state.trial)
        return jax.vmap(_advance)(state, new), new, further, ~jnp.all(state.ended)

    shapes = jax.eval_shape(evaluate_all, u)
    nothing = jax.tree.map(lambda x: jnp.zeros(x.shape, x.dtype), shapes)
    start = (jax.vmap(_first)(u), *nothing, jnp.asarray(True))
    state, at, further, _ = jax.lax.while_loop(lambda carry: carry[-1], turn, start)
    return state.u, at, further


def _first(u: jax.Array) -> _State:
    n = len(u)
    zero, one = jnp.zeros((), u.dtype), jnp.ones((), u.dtype)
    matrix = jnp.zeros((n, n), u.dtype)
    nowhere = Quadratic(one * jnp.inf, jnp.zeros_like(u), matrix, matrix)
    no, none = jnp.asarray(False), jnp.asarray(0)
    return _State(u, u, nowhere, one, zero, one * _FIRST_GROWTH, one, no, none, no)


def _advance(state: _State, new: Quadratic) -> _State:
    """Accept the trial or not, and choose the next one."""
    sound = jnp.all(jnp.isfinite(new.gradient)) & jnp.all(jnp.isfinite(new.information))
    # Equality is taken: at the bottom the sum of squares no longer resolves the last digits.
    better = (new.square <= state.at.square) & jnp.isfinite(new.square) & sound
    at = jax.tree.map(lambda a, b: jnp.where(better, a, b), new, state.at)
    u = jnp.where(better, state.trial, state.u)
    steps = state.steps + 1
    damping, growth = _next_damping(state, new, better)
    lowered = state.at.square - new.square
    polishing = (
        state.polishing
        | (better & (lowered <= _ALONG * new.square))
        | (damping > _LARGEST_DAMPING * jnp.max(jnp.diagonal(at.information)))
        | (steps >= _VALLEY_STEPS)
    )
    length = jnp.where(better | ~state.polishing, 1.0, state.length * _SHORTER)
    step, decrease = _step(at, polishing, damping)
    small = decrease <= jnp.where(better, _NOTHING, _UNRESOLVED) * at.square
    ended = (
        state.ended
        | (polishing & small)
        | (length < _SHORTEST)
        | (steps >= _STEPS)
        | ~jnp.isfinite(at.square)
        | ~jnp.all(jnp.isfinite(step))
    )
    shortened = jnp.where(polishing, length, 1.0) * step
    expected = -shortened @ at.gradient - shortened @ at.information @ shortened / 2
    trial = jnp.where(ended, u, u + shortened)
    return _State(trial, u, at, expected, damping, growth, length, polishing, steps, ended)


def _next_damping(state: _State, new: Quadratic, better: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return damping and growth, by how much of the expected decrease came true.

    H. B. Nielsen, report IMM-REP-1999-05 (Technical University of Denmark, 1999), with a faster
    descent where the model was right.
    """
    gain = (state.at.square - new.square) / (2 * state.expected)
    gain = jnp.clip(jnp.nan_to_num(gain, nan=1.0, posinf=1.0), 0.0, 1.0)
    first = _DAMPING * jnp.max(jnp.diagonal(new.information))
    succeeded = state.damping * jnp.clip(1 - (2 * gain - 1) ** 3, _FASTEST, 2.0)
    accepted = jnp.where(state.steps == 0, first, succeeded)
    return (
        jnp.where(better, accepted, state.damping * state.growth),
        jnp.where(better, _FIRST_GROWTH, 2 * state.growth),
    )


def _step(at: Quadratic, polishing: jax.Array, damping: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Return the next step and the decrease of half the sum of squares that Newton's promises."""
    curvature, axes = jnp.linalg.eigh(jnp.where(polishing, at.hessian, at.information))
    size = jnp.abs(curvature)
    usable = size > _FLAT * jnp.max(size)
    along = axes.T @ at.gradient
    newton = jnp.where(usable, along / jnp.where(usable, size, 1.0), 0.0)
    damped = along / (size + jnp.where(damping > 0, damping, 1.0))
    step = -axes @ jnp.where(polishing, newton, damped)
    longest = jnp.where(polishing, _TRUST, _VALLEY_TRUST)
    step = step * jnp.minimum(1.0, longest / (jnp.linalg.norm(step) + 1e-300))
    return step, along @ newton / 2
