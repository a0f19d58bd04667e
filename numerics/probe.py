"""Generated code against mpmath at random points: its value and its derivative.

Every expression that becomes a function is looked at once at build time, so that a formula
that loses its digits, or a kernel used outside its range, is found before a fit is.  Points are
drawn where the symbols say that they lie: positive ones log-uniform, times, fields and diffusion
constants in the ranges of experiments, real ones with either sign.  The derivative is that along
p_i d/dp_i summed over all parameters with random signs and weights, at each point others, in
which every partial derivative takes part; so the cost does not grow with their number.

The points depend on the expression alone, so that a build fails always or never.
"""

from __future__ import annotations

import math
import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from diagrams.symbols import e, hbar, k_B, mu_B
from numerics import constants
from numerics.module_docstring import unit_of
from numerics.precision import double_precision

# What is left of sixteen digits after the cancellations that a formula of ten terms has; a
# derivative loses more.  A difference that cost half of the digits is found.
VALUE_TOLERANCE = 1e-9
DERIVATIVE_TOLERANCE = 1e-7

_POINTS = 3
_LONG = 100  # so many functions have something in common: one point will do
_TRIES = 30
_DIGITS = 50
# One-sided, which halves the work: the error is of the order of the step itself.
_STEP = sp.Float(10) ** -20

# Decades from which a positive number is drawn.
_DECADES = MappingProxyType(
    {
        "s": (-13, -10),
        "T": (-4, 0),
        "m^2/s": (-3, -1),
        "rad/s": (9, 11),
        "1/m": (6, 8),
        "m": (-8, -5),
        "m/s": (5, 6),
        "K": (-1, 2),
        "kg": (-32, -30),
        "J": (-22, -20),
        "J/T": (-23.1, -22.9),
        "J m": (-32, -30),
        "J m^3": (-49, -47),
        "ohm": (1, 4),
        "S m": (-11, -8),
        "S/m": (4, 7),
        "m^2": (-13, -11),
        "1/(s K^p)": (6, 9),
    }
)
_CONSTANTS = MappingProxyType(
    {e: constants.e, hbar: constants.hbar, mu_B: constants.mu_B, k_B: constants.k_B}
)


@dataclass(frozen=True)
class _Point:
    """Parameters, the direction p_i w_i of the derivative, and what mpmath finds there."""

    values: tuple[float, ...]
    direction: tuple[float, ...]
    value: complex
    derivative: complex


def require_agreement(
    expression: sp.Expr, scale: float, function: Callable[..., jax.Array], text: str
) -> None:
    """Compare a function of the parameters of `expression` with `scale` times the expression.

    `text` is the source of the function; what passed once is not computed again.  Expressions
    with a function that cannot be evaluated to fifty digits in a short time, which says so in
    its attribute `_unprobed`, are left out.

    Raises
    ------
    ArithmeticError
        If a value differs by more than `VALUE_TOLERANCE`, or a derivative by more than
        `DERIVATIVE_TOLERANCE`, relative; the sentence names point, values and remedy.

    Warns
    -----
    UserWarning
        If the expression is real at none of the points that were tried.
    """
    if not any(getattr(node, "_unprobed", False) for node in sp.preorder_traversal(expression)):
        _probe(expression, scale, _Function(function, text))


@dataclass(frozen=True, eq=False)
class _Function:
    """A function that is the same as another if its source text is."""

    call: Callable[..., jax.Array]
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Function) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=256)
def _probe(expression: sp.Expr, scale: float, function: _Function) -> None:
    free = expression.free_symbols - set(_CONSTANTS)
    parameters = sorted(free, key=lambda s: (s.name != "B", s.name))
    points = _points(expression, parameters)
    if not points:
        warnings.warn(
            f"the expression {_short(expression)} was not probed: it is not finite and real at "
            f"any of {_TRIES} random points; pass probe=False, or give its symbols assumptions.",
            stacklevel=5,
        )
        return
    values, derivatives = _generated(function.call, points, len(parameters))
    for point, value, derivative in zip(points, values, derivatives, strict=True):
        at = ", ".join(f"{s.name} = {v!r}" for s, v in zip(parameters, point.values, strict=True))
        _compare("value", VALUE_TOLERANCE, value, scale * point.value, 0, at)
        floor = 1e-3 * abs(scale * point.value)
        exact = scale * point.derivative
        _compare("derivative", DERIVATIVE_TOLERANCE, derivative, exact, floor, at)


def _compare(
    what: str, tolerance: float, found: complex, exact: complex, floor: float, at: str
) -> None:
    error = abs(found - exact) / max(abs(exact), floor, 1e-300)
    if not error <= tolerance:
        raise ArithmeticError(
            f"the generated code does not reproduce the {what} of the expression at "
            f"{at or 'its only point'}: {_text(found)} instead of {_text(exact)}, a relative "
            f"error of {error:.1e} (allowed: {tolerance:g}). Write differences of nearly equal "
            "numbers as one function with a kernel (numerics.fold finds some), or pass "
            "probe=False if the digits do not matter."
        )


def _points(expression: sp.Expr, parameters: Sequence[sp.Symbol]) -> list[_Point]:
    """Points at which the expression is finite, and real if its symbols are."""
    rng = np.random.default_rng(zlib.crc32(str(parameters).encode()))
    tries = (_point(expression, parameters, rng, number) for number in range(_TRIES))
    found = (point for point in tries if point is not None)
    long = len(expression.atoms(sp.Function)) > _LONG
    wanted = 1 if long or not parameters else _POINTS
    return [point for point, _ in zip(found, range(wanted), strict=False)]


def _point(
    expression: sp.Expr, parameters: Sequence[sp.Symbol], rng: np.random.Generator, number: int
) -> _Point | None:
    values = tuple(_drawn(s, rng, (k + number) % 2 == 1) for k, s in enumerate(parameters))
    weights = rng.uniform(0.5, 1, len(values)) * rng.choice([-1, 1], len(values))
    direction = tuple(
        0.0 if symbol.is_integer else float(value * weight)
        for symbol, value, weight in zip(parameters, values, weights, strict=True)
    )
    value = _exact(expression, parameters, values)
    if value is None:
        return None
    moved = [sp.Float(v, _DIGITS) + _STEP * d for v, d in zip(values, direction, strict=True)]
    ahead = _exact(expression, parameters, moved)
    if ahead is None:
        return None
    return _Point(values, direction, complex(value), complex((ahead - value) / _STEP))


def _drawn(symbol: sp.Symbol, rng: np.random.Generator, negative: bool) -> float:
    low, high = _DECADES.get(unit_of(symbol.name) or "", (-1, 1))
    size = 10 ** rng.uniform(low, high)
    if symbol.is_integer:
        size = float(math.ceil(size))
    either = symbol.is_extended_real and not symbol.is_nonnegative
    return -size if symbol.is_nonpositive or (either and negative) else size


def _exact(
    expression: sp.Expr, parameters: Sequence[sp.Symbol], values: Sequence[float | sp.Float]
) -> sp.Expr | None:
    """The expression at a point to fifty digits; None where it is not a number there.

    A parameter that may be real is given as a real number, for which JAX computes in real
    arithmetic: where the value is complex without an explicit i, the point is out of range.
    """
    numbers = {s: sp.Float(v, _DIGITS) for s, v in zip(parameters, values, strict=True)}
    numbers |= {s: sp.Float(v, _DIGITS) for s, v in _CONSTANTS.items()}
    value = expression.xreplace(numbers).evalf(_DIGITS)
    if not value.is_number or not value.is_finite or value.has(sp.Function):
        return None
    is_real = abs(sp.im(value)) <= sp.Float(10) ** (-_DIGITS // 2) * abs(value)
    return value if is_real or expression.has(sp.I) else None


@double_precision()
def _generated(
    function: Callable[..., jax.Array], points: Sequence[_Point], count: int
) -> tuple[Sequence[complex], Sequence[complex]]:
    """Value and derivative of the generated function at all points."""
    at, along = (
        [jnp.array([getattr(p, field)[k] for p in points]) for k in range(count)]
        for field in ("values", "direction")
    )
    # (-1)**n has no derivative in n, not even in the direction zero
    varied = [k for k in range(count) if points[0].direction[k]]

    def of_varied(*some: jax.Array) -> jax.Array:
        arguments = list(at)
        for k, value in zip(varied, some, strict=True):
            arguments[k] = value
        return jnp.broadcast_to(function(*arguments), len(points))

    values, derivatives = jax.jit(lambda p, t: jax.jvp(of_varied, p, t))(
        tuple(at[k] for k in varied), tuple(along[k] for k in varied)
    )
    return np.asarray(values).tolist(), np.asarray(derivatives).tolist()


def _text(number: complex) -> str:
    return f"{number.real:.15g}" if np.imag(number) == 0 else f"{number:.15g}"


def _short(expression: sp.Expr) -> str:
    text = str(expression)
    return text if len(text) <= 200 else f"{text[:200]}..."
