"""Complex numbers as pairs of real arrays, and their rational functions, for JAX.

XLA vectorizes real arithmetic on the CPU and not its complex type, so the kernels of a complex
argument separate its parts at the beginning and join them at the end.  A real number stays one
in every operation here, and for a nearly real one the imaginary part of the result is correct
to its own digits.

Rational functions with real coefficients come from `numerics.complex_approximants` in factors
1 + b t + c t^2: expanded in powers, their terms would cancel on the imaginary axis.

This file depends on jax alone.
"""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from numerics.kernels.rational import isolated

ComplexFactors = tuple[tuple[float, float], ...]
# limit at t = 0, and factors (b, c) of the numerator and of the denominator
ComplexTables = Mapping[str, tuple[float, ComplexFactors, ComplexFactors]]


class Parts:
    """The complex number re + i im."""

    # not a dataclass: those look their module up, and generated ones need not be registered
    __slots__ = ("im", "re")

    def __init__(self, re: Array, im: Array) -> None:
        self.re = re
        self.im = im

    def __add__(self, other: Parts) -> Parts:
        return Parts(self.re + other.re, self.im + other.im)

    def __mul__(self, other: Parts) -> Parts:
        re = self.re * other.re - self.im * other.im
        return Parts(re, self.re * other.im + self.im * other.re)

    def square(self) -> Parts:
        """Return the square."""
        return Parts((self.re - self.im) * (self.re + self.im), 2 * self.re * self.im)

    def conjugate(self) -> Parts:
        """Return the complex conjugate."""
        return Parts(self.re, -self.im)

    def times(self, factor: ArrayLike) -> Parts:
        """Return the product with a real number."""
        return Parts(self.re * factor, self.im * factor)

    def plus(self, term: ArrayLike) -> Parts:
        """Return the sum with a real number."""
        return Parts(self.re + term, self.im)

    def joined(self) -> Array:
        """Return an array of complex type."""
        return lax.complex(self.re, self.im)


def complex_number(kernel: str, z: ArrayLike) -> Array:
    """The number as an array of complex type; integers count as the default float.

    Raises
    ------
    TypeError : if its width is another one than that of float32 and float64.
    """
    dtype = jnp.result_type(z)
    dtype = dtype if jnp.issubdtype(dtype, jnp.inexact) else jnp.result_type(float)
    if jnp.finfo(dtype).bits < 32:
        raise TypeError(
            f"{kernel} takes numbers in single or double precision, but got {dtype.name}; "
            "convert them with .astype first."
        )
    return jnp.asarray(z, jnp.result_type(dtype, jnp.complex64))


def parts_of(z: Array) -> Parts:
    """Separate the parts of an array of complex type."""
    return Parts(jnp.real(z), jnp.imag(z))


def real_parts(x: Array) -> Parts:
    """A real number as a complex one."""
    return Parts(x, jnp.zeros_like(x))


def parts_where(condition: Array, yes: Parts, no: Parts) -> Parts:
    """Choose between two complex numbers."""
    return Parts(jnp.where(condition, yes.re, no.re), jnp.where(condition, yes.im, no.im))


def parts_modulus(z: Parts) -> Array:
    """|z| without overflow; its derivative at 0 is 0."""
    a, b = jnp.abs(z.re), jnp.abs(z.im)
    larger = jnp.maximum(a, b)
    regular = (larger > 0) & (larger < jnp.inf)
    ratio = isolated(jnp.minimum(a, b) / jnp.where(regular, larger, 1))
    ratio = jnp.where(regular, ratio, 0)
    return larger * isolated(jnp.sqrt(1 + ratio * ratio))


def complex_branches(
    tables: ComplexTables, names: tuple[str, str], first: Array, t: Parts
) -> Parts:
    """Value at t of the first table where `first` holds, of the second elsewhere."""
    square = t.square()
    limits, numerators, denominators = zip(*(tables[name] for name in names), strict=True)
    N, D = (
        parts_where(first, *(_factors_at(factors, t, square) for factors in both))
        for both in (numerators, denominators)
    )
    scale = jnp.where(first, limits[0], limits[1]).astype(t.re.dtype)
    return (N * D.conjugate()).times(isolated(scale / (D.re * D.re + D.im * D.im)))


def _factors_at(factors: ComplexFactors, t: Parts, square: Parts) -> Parts:
    first, *others = (t.times(b).plus(1) + square.times(c) for b, c in factors)
    for factor in others:
        first = first * factor
    return first
