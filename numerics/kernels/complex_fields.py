"""Weak and strong magnetic fields for a complex dephasing field; `fields` is for a real one.

At a frequency omega the Cooperon has the denominator D q^2 - i omega + 1/tau_phi, so that the
dephasing field becomes B_phi - i hbar omega/(4 e D), in the half-plane Re B_phi >= 0.  Lengths
of complex numbers are divided out where they could overflow.

This file depends on jax alone.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.complex_parts import (
    Parts,
    parts_modulus,
    parts_of,
    parts_where,
    real_parts,
)
from numerics.kernels.rational import isolated


class ComplexRegime(NamedTuple):
    """Where (B, B_phi) lies.  With p = B_phi/2, fields are weak for |B| <= |p|."""

    weak: Array
    t: Parts  # |B|/p in weak fields, p/|B| in strong ones, |t| <= 1
    direction: Parts  # p/|p|, and 1 where p is 0 or infinite
    ratio: Array  # |p|/|B| in strong fields, 1 in weak ones
    size: Array  # |p|, and 0 where it is infinite
    inverse: Array  # 1/|p|, and 0 where |p| is infinite
    inverse_B: Array  # 1/|B| in strong fields
    sign: Array  # of B
    pole: Array  # B_phi = 0 with B != 0

    @property
    def inverse_p(self) -> Parts:
        """1/p, and 0 where p is infinite."""
        return self.direction.conjugate().times(self.inverse)


def complex_fields(kernel: str, B: ArrayLike, B_phi: ArrayLike) -> list[Array]:
    """Real B and complex B_phi of one shape, in single or double precision.

    Integers count as the default float.

    Raises
    ------
    TypeError : if B is complex, or a float of another width.
    """
    dtypes = jnp.result_type(B), jnp.result_type(B, B_phi)
    dtype = dtypes[1] if jnp.issubdtype(dtypes[1], jnp.inexact) else jnp.result_type(float)
    if jnp.issubdtype(dtypes[0], jnp.complexfloating) or jnp.finfo(dtype).bits < 32:
        raise TypeError(
            f"{kernel} takes a real magnetic field and a dephasing field of type float32, float64, "
            f"complex64 or complex128, but got {dtypes[0].name} and {jnp.result_type(B_phi).name}; "
            "convert both with .astype, or pass the real part of B."
        )
    joint = jnp.result_type(dtype, jnp.complex64)
    return jnp.broadcast_arrays(jnp.asarray(B, jnp.finfo(joint).dtype), jnp.asarray(B_phi, joint))


def complex_regime(B: Array, B_phi: Array) -> ComplexRegime:
    """The regime; NaN for Re B_phi < 0.  B = B_phi = 0 counts as zero field, both inf likewise."""
    p = parts_of(B_phi).times(0.5)
    p = Parts(jnp.where(p.re < 0, jnp.nan, p.re), p.im)
    size, b = parts_modulus(p), jnp.abs(B)
    infinite, vanishes = size == jnp.inf, size < jnp.finfo(B.dtype).tiny
    b = jnp.where(infinite & (b == jnp.inf), 0, b)
    pole = vanishes & (b != 0)
    # F(0, 0) = 0 by way of p = 1
    size = jnp.where(vanishes, 1, size)
    inverse = isolated(1 / size)
    direction = parts_where(vanishes | infinite, real_parts(jnp.ones_like(b)), p.times(inverse))
    size = jnp.where(pole | infinite, 0, size)
    weak = ~pole & ((b <= size) | infinite)
    inverse_B = isolated(1 / jnp.where(weak, 1, b))
    ratio = jnp.where(weak, 1, size * inverse_B)
    t = parts_where(weak, direction.conjugate().times(b * inverse), direction.times(ratio))
    return ComplexRegime(weak, t, direction, ratio, size, inverse, inverse_B, jnp.sign(B), pole)
