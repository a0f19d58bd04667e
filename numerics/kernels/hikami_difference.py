r"""Differences psi(1/2 + P/|B|) - ln(P/|B|) - [the same of Q] of close P and Q, for JAX.

Two channels of a layer often have nearly equal dephasing fields, and only their difference is
seen.  With F, H, w and s as in the module `hikami`, F and H decrease with B_phi, so that the path
from P to Q is cut at the seam of the regimes.  In weak fields F = w R(w) with a rational R, whose
divided difference needs no subtraction,

    F(P) - F(Q) = (w_P - w_Q) R(w_Q) + w_P (R(w_P) - R(w_Q)).

In strong fields F = ln(1 + r/s) with a rational r(s), and for P < Q

    F(P) - F(Q) = ln(1 + (Q - P)/P (r_Q - s_Q r[s_P, s_Q]) / (s_Q + r_Q)),

where r[., .] is the divided difference: it is negative, as r decreases, and nothing cancels.

This file depends on jax alone.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.kernels.field_differences import cut_path
from numerics.kernels.hikami import _HIKAMI_TABLES, hikami_derivative
from numerics.kernels.logarithm import vector_log1p
from numerics.kernels.rational import as_floats, rational, rational_difference, set_derivatives


@jax.jit
def hikami_difference(B: ArrayLike, B_phi_1: ArrayLike, B_phi_2: ArrayLike) -> Array:
    r"""hikami(B, B_phi_1) - hikami(B, B_phi_2), without cancellation for close fields.

    Parameters
    ----------
    B : perpendicular field, of either sign, any shape; the function is even in B.
    B_phi_1, B_phi_2 : dephasing fields in the unit of B, not negative; all broadcast.

    Returns
    -------
    Array of the broadcast shape, dimensionless, float32 or float64 as the arguments are.

    Notes
    -----
    Relative error of the value and of each first derivative: at most 1e-14 (float32: 5e-6) for
    all ratios of B_phi_1 to B_phi_2; the difference of the two values loses as many digits as
    they have in common.  Fields in float32 should be of order one.

    Limits: 0 at B = 0 and for equal fields; ln(B_phi_2/B_phi_1) at \|B\| = inf; +inf at
    B_phi_1 = 0, -inf at B_phi_2 = 0, true divergences.  NaN if an argument is NaN or a dephasing
    field is negative.

    Raises
    ------
    TypeError : if an argument is complex or a float of another width.
    """
    return _hikami_difference(*as_floats("hikami_difference", B, B_phi_1, B_phi_2))


@jax.custom_jvp
def _hikami_difference(B: Array, P: Array, Q: Array) -> Array:
    size, edge, weak, (P, Q) = cut_path(B, P, Q)
    low, high = jnp.minimum(P, Q), jnp.maximum(P, Q)
    s = high / edge
    r = rational(_HIKAMI_TABLES, "value_strong", s)
    slope = rational_difference(_HIKAMI_TABLES, "value_strong", s, low / edge, jnp.ones_like(s))
    apart = (high - low) / jnp.where(high > low, low, 1)
    strong = vector_log1p(apart * (r - s * slope) / (s + r))
    return _weak_difference("value", size, *weak) * size * size + jnp.where(P < Q, strong, -strong)


@jax.custom_jvp
def _hikami_B_difference(B: Array, P: Array, Q: Array) -> Array:
    size, edge, weak, (P, Q) = cut_path(B, P, Q)
    H = rational_difference(_HIKAMI_TABLES, "slope_strong", P / edge, Q / edge, (P - Q) / edge)
    strong = H / jnp.where(size > 0, size, 1)
    return jnp.sign(B) * (_weak_difference("slope", size, *weak) * size + strong)


set_derivatives(
    _hikami_difference,
    _hikami_B_difference,
    lambda B, P, Q: hikami_derivative(B, P, 0, 1),
    lambda B, P, Q: -hikami_derivative(B, Q, 0, 1),
)
set_derivatives(
    _hikami_B_difference,
    lambda B, P, Q: hikami_derivative(B, P, 2, 0) - hikami_derivative(B, Q, 2, 0),
    lambda B, P, Q: hikami_derivative(B, P, 1, 1),
    lambda B, P, Q: -hikami_derivative(B, Q, 1, 1),
)


def _weak_difference(name: str, size: Array, P: Array, Q: Array) -> Array:
    """Difference of 4 R(w)/B_phi^2, w = (2 B/B_phi)^2."""
    P, Q = (jnp.where(p > 0, p, jnp.where(p == 0, 1, p)) for p in (P, Q))
    gap = (Q - P) / P / Q  # 1/P - 1/Q
    t_P, t_Q = 2 * size / P, 2 * size / Q
    R_Q = rational(_HIKAMI_TABLES, f"{name}_weak", t_Q * t_Q)
    step = (t_P + t_Q) * 2 * size * gap
    R = rational_difference(_HIKAMI_TABLES, f"{name}_weak", t_P * t_P, t_Q * t_Q, step)
    return 4 * (gap * (1 / P + 1 / Q) * R_Q + R / P / P)
