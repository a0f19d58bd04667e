r"""Numbers x + y e with e^2 = s, and functions of the pair of poles m +- sqrt(s), for JAX.

Two modes that mix have the poles m +- sqrt(s), where s changes sign with the field.  A function
of the 2 x 2 matrix behind them is F(m + e) = F_even + F_odd e with

    F_even = [F(m + sqrt(s)) + F(m - sqrt(s))]/2,
    F_odd = [F(m + sqrt(s)) - F(m - sqrt(s))]/(2 sqrt(s)),

and sums, products, quotients and the square root of such numbers need neither sqrt(s) nor a
difference of two values of F.  They are complex numbers for s = -1 and dual numbers, which
differentiate, for s = 0; both parts are smooth in s between and beyond.

This file depends on jax alone.
"""

from __future__ import annotations

from itertools import zip_longest

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_parts import ComplexFactors, ComplexTables


class PairNumber:
    """The number even + odd e with e^2 = s."""

    # not a dataclass: those look their module up, and generated ones need not be registered
    __slots__ = ("even", "odd", "s")

    def __init__(self, even: Array, odd: Array, s: Array) -> None:
        self.even = even
        self.odd = odd
        self.s = s

    def __mul__(self, other: PairNumber) -> PairNumber:
        even = self.even * other.even + self.s * self.odd * other.odd
        return PairNumber(even, self.even * other.odd + self.odd * other.even, self.s)

    def __add__(self, other: PairNumber) -> PairNumber:
        return PairNumber(self.even + other.even, self.odd + other.odd, self.s)

    def times(self, factor: ArrayLike) -> PairNumber:
        """Return the product with a real number."""
        return PairNumber(self.even * factor, self.odd * factor, self.s)

    def plus(self, term: ArrayLike) -> PairNumber:
        """Return the sum with a real number."""
        return PairNumber(self.even + term, self.odd, self.s)

    def inverse(self) -> PairNumber:
        """Return the reciprocal."""
        norm = self.even * self.even - self.s * self.odd * self.odd
        return PairNumber(self.even / norm, -self.odd / norm, self.s)


def pair_where(condition: Array, yes: PairNumber, no: PairNumber) -> PairNumber:
    """Choose between two numbers of one s."""
    even = jnp.where(condition, yes.even, no.even)
    return PairNumber(even, jnp.where(condition, yes.odd, no.odd), yes.s)


def pair_branches(
    tables: ComplexTables, names: tuple[str, str], first: Array, t: PairNumber
) -> PairNumber:
    """Value at t of the first table where `first` holds, of the second elsewhere.

    The factors are selected, not their product: one table is evaluated then, not both.
    """
    (limit_0, *parts_0), (limit_1, *parts_1) = (tables[name] for name in names)
    square = t * t
    N, D = (
        _selected_product(first, yes, no, t, square)
        for yes, no in zip(parts_0, parts_1, strict=True)
    )
    return (N * D.inverse()).times(jnp.where(first, limit_0, limit_1).astype(t.even.dtype))


def _selected_product(
    first: Array, yes: ComplexFactors, no: ComplexFactors, t: PairNumber, square: PairNumber
) -> PairNumber:
    """Product of the factors 1 + b t + c t^2 of one of two polynomials."""
    total = PairNumber(jnp.ones_like(t.even), jnp.zeros_like(t.even), t.s)
    for (b_0, c_0), (b_1, c_1) in zip_longest(yes, no, fillvalue=(0.0, 0.0)):
        b, c = (jnp.where(first, *pair).astype(t.even.dtype) for pair in ((b_0, b_1), (c_0, c_1)))
        total = total * (t.times(b) + square.times(c)).plus(1)
    return total
