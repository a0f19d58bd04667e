"""What all kernels share: evaluating their tables, and giving functions their derivatives.

A kernel evaluates quotients N(t)/D(t) of polynomials whose coefficients
`numerics.approximants` has computed, one table for each floating-point type.  Where a function
has two branches, numerator and denominator are selected before the one division, so that a
branch costs its polynomials only and the other branch can neither raise nor spoil a gradient.

Derivatives are functions with tables of their own: differentiating a quotient costs three times
its value and loses digits.

This file depends on jax alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.custom_derivatives import SymbolicZero
from jax.typing import ArrayLike

KernelTables = Mapping[str, Mapping[str, tuple[tuple[float, ...], tuple[float, ...]]]]
KernelFunction = Callable[..., Array]


def as_floats(kernel: str, *arguments: ArrayLike) -> list[Array]:
    """All arguments as arrays of one shape and of type float32 or float64.

    Integers count as the default float.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    dtype = jnp.result_type(*arguments)
    if not jnp.issubdtype(dtype, jnp.inexact):
        dtype = jnp.result_type(float)
    if dtype.name not in ("float32", "float64"):
        raise TypeError(
            f"{kernel} takes real arguments of type float32 or float64, but got {dtype.name}; "
            "convert all arguments with .astype first."
        )
    return jnp.broadcast_arrays(*(jnp.asarray(a, dtype) for a in arguments))


def polynomials(tables: KernelTables, name: str, t: Array) -> tuple[Array, Array]:
    """N(t) and D(t) of one table, for the type of t."""
    numerator, denominator = tables[t.dtype.name][name]
    return horner(numerator, t), horner(denominator, t)


def rational(tables: KernelTables, name: str, t: Array) -> Array:
    """N(t)/D(t) of one table."""
    N, D = polynomials(tables, name, t)
    return N / D


def two_branches(
    tables: KernelTables, names: tuple[str, str], first: Array, at: tuple[Array, Array]
) -> Array:
    """N/D of the first table at the first variable where `first` holds, else of the second."""
    (N_0, D_0), (N_1, D_1) = (
        polynomials(tables, name, t) for name, t in zip(names, at, strict=True)
    )
    return jnp.where(first, N_0, N_1) / jnp.where(first, D_0, D_1)


def horner(coefficients: Sequence[float], t: Array) -> Array:
    """Polynomial with the coefficients in ascending powers.

    Even and odd powers are two chains: one would leave the processor waiting for itself.
    """
    if len(coefficients) > 4:
        return horner_chain(coefficients[::2], t * t) + t * horner_chain(coefficients[1::2], t * t)
    return horner_chain(coefficients, t)


def horner_chain(coefficients: Sequence[float], t: Array) -> Array:
    """Horner's scheme as it is."""
    total = jnp.full_like(t, coefficients[-1])
    for c in coefficients[-2::-1]:
        total = total * t + c
    return total


def rational_difference(tables: KernelTables, name: str, a: Array, b: Array, step: Array) -> Array:
    """R(a) - R(b) of the table R = N/D, given the exact step = a - b.

    With divided differences P[a, b] = (P(a) - P(b))/(a - b), computed without the difference,

        R(a) - R(b) = (a - b) (N[a, b] D(b) - N(b) D[a, b]) / (D(a) D(b)).
    """
    numerator, denominator = tables[a.dtype.name][name]
    N, N_ab = _divided_difference(numerator, a, b)
    D, D_ab = _divided_difference(denominator, a, b)
    return step * (N_ab * D - N * D_ab) / (horner(denominator, a) * D)


def _divided_difference(coefficients: Sequence[float], a: Array, b: Array) -> tuple[Array, Array]:
    """P(b) and P[a, b]: Horner's scheme for P(b), and another one through its steps."""
    at_b = jnp.full_like(b, coefficients[-1])
    between = jnp.zeros_like(b)
    for c in coefficients[-2::-1]:
        between = between * a + at_b
        at_b = at_b * b + c
    return at_b, between


def isolated(quotient: Array) -> Array:
    """The quotient itself, if it is above -2 as all quotients here are.

    XLA on the CPU starts another pass over memory at each division whose result is used more
    than once.  Used once, by a cheap operation, a division stays inside: six passes become one.
    """
    return jnp.maximum(quotient, -2)


def over_square(numerator: Array, denominator: Array) -> Array:
    """numerator/denominator^2.  XLA would turn two divisions into one by a square that
    underflows; the absolute value, without effect on the square, is there as in `isolated`.
    """
    inverse = jnp.abs(1 / denominator)
    return numerator * inverse * inverse


def set_derivatives(function: jax.custom_jvp[Array], *partials: KernelFunction) -> None:
    """Give a function its partial derivatives, for all of JAX's transformations."""

    def jvp(primals: tuple[Array, ...], tangents: Sequence[Any]) -> tuple[Array, Array]:
        # behind the barrier the derivative is one pass of its own: sharing subexpressions
        # with the value would write them all to memory
        at = [lax.optimization_barrier(primal) for primal in primals]
        # an argument that is not differentiated is left out: it costs time, and an infinite
        # derivative times zero is not zero
        terms = [
            derivative(*at) * tangent
            for derivative, tangent in zip(partials, tangents, strict=True)
            if not isinstance(tangent, SymbolicZero)
        ]
        return function(*primals), sum(terms, start=jnp.zeros_like(primals[0]))

    function.defjvp(jvp, symbolic_zeros=True)


def with_derivatives(
    value: KernelFunction, slope: KernelFunction, curvature: KernelFunction
) -> tuple[KernelFunction, KernelFunction, KernelFunction]:
    """A function of one argument, its first and its second derivative, each with its derivative.

    Third and higher derivatives are those of `curvature` by automatic differentiation.
    """
    function, derivative = jax.custom_jvp(value), jax.custom_jvp(slope)
    set_derivatives(function, derivative)
    set_derivatives(derivative, curvature)
    return function, derivative, curvature


def of_order(kernel: str, orders: Sequence[KernelFunction], n: int) -> KernelFunction:
    """The n-th of the functions that `with_derivatives` returns.

    Raises
    ------
    NotImplementedError : if there is none of that order.
    """
    if n not in range(len(orders)):
        raise NotImplementedError(
            f"{kernel} covers derivatives of order 0 to {len(orders) - 1}, but got {n}; "
            "apply jax.grad to a lower order instead."
        )
    return orders[n]
