"""What goes into a batched search and what comes out of it."""

from typing import Any, NamedTuple

# jax.Array in compiled code, NumPy arrays outside of it
Array = Any


class Precision(NamedTuple):
    """When a search in one floating-point type stops, all relative to the sum of squares."""

    decrease: float  # predicted decrease of the step after the last one
    rounding: float  # of the sum of squares itself: an increase by less is no increase
    data: float  # sum of squares of an exact fit, relative to that of the data
    steps: int
    damping: float = 1e-2  # of the first step


# In single precision the model is known to 1e-6 of itself, a thousandth of a typical noise.
SINGLE = Precision(1e-7, 1e-3, 1e-11, 40)
# On some of the points only: a thirtieth of their standard deviation.
COARSE = Precision(1e-5, 1e-3, 1e-11, 40, damping=1e-3)
# 1e-14 is a distance to the minimum of 1e-6 standard deviations for 200 points.
DOUBLE = Precision(1e-14, 1e-12, 1e-24, 60)
# For the sum of squares alone.
SQUARE = Precision(1e-10, 1e-12, 1e-24, 120)


class Problems(NamedTuple):
    """T starts of C problems with n unknowns each, in one floating-point type."""

    start: Array  # (T, n): u
    rate: Array  # (T,): by how much the last predicted decrease fell; 1 if unknown
    owner: Array  # (T,): index of the problem
    data: Any  # pytree, leading axis C, or 1 for what all problems share
    total: Array  # (C,): sum of squares of the data
    middle: Array  # (n,)
    half: Array  # (n,)
    count: Array  # of starts; further rows fill up the arrays


class Ends(NamedTuple):
    """Where T starts ended."""

    u: Array  # (T, n)
    square: Array  # (T,): sum of squares, the predicted decrease of the last step included
    information: Array  # (T, n, n): J^T J with J = d residuals / d t
    inverse: Array  # (T, n, n): its inverse, finite but huge where there is none
    rate: Array  # (T,)
    steps: Array  # (T,)
    converged: Array  # (T,)
