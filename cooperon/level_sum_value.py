"""Numerical value of a sum over levels, from the poles at as many digits as that takes.

Where poles meet, their residues are large and cancel; where fields are weak, sum and integral
cancel.  Either way the digits that are lost are not known beforehand, so the precision
is doubled until the result stands still.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import sympy as sp

from cooperon.level_ratio import LevelRatio

_DOUBLINGS = 7


def level_sum_value(b: sp.Expr, f: LevelRatio, g: LevelRatio, prec: int) -> Any:
    """Return the sum of b f(b n) minus the integral of g, correct to `prec` bits.

    Raises
    ------
    ArithmeticError : if the result does not settle.
    """
    previous, bits = None, prec + 40
    for _ in range(_DOUBLINGS):
        with mp.workprec(bits):
            field = mp.mpmathify(sp.N(b, mp.mp.dps))
            value = _over_poles(g, _logarithm) - _sum(f, field)
            if previous is not None and abs(value - previous) <= mp.ldexp(abs(value), -prec - 4):
                return value
        previous, bits = value, 2 * bits
    if abs(value) < mp.ldexp(1, -_DOUBLINGS * prec):
        return mp.mpf(0)
    raise ArithmeticError(f"the sum over levels at B = {b} did not settle at {bits} bits.")


def _sum(f: LevelRatio, b: Any) -> Any:
    if b == 0:
        return _over_poles(f, _logarithm)

    def digamma(pole: Any, order: int) -> Any:
        value = mp.polygamma(order, -pole / b) / (mp.factorial(order) * (-b) ** order)
        return value + (0 if order else mp.log(b))

    return _over_poles(f, digamma)


def _logarithm(pole: Any, order: int) -> Any:
    """Taylor coefficient of ln(-p)."""
    return -1 / (order * (-pole) ** order) if order else mp.log(-pole)


def _over_poles(f: LevelRatio, function: Callable[[Any, int], Any]) -> Any:
    """Sum over partial fractions r/(u - p)^(j + 1) of r times the j-th Taylor coefficient at p."""
    over = _numbers(f.over)
    poles = _poles(f.under)
    total = mp.mpf(0)
    for pole, power in poles:
        residues = _shifted(over, pole, power)
        for other, times in poles:
            for _ in range(times if other is not pole else 0):
                residues = _divided(residues, pole - other)
        terms = (r * function(pole, power - 1 - i) for i, r in enumerate(residues))
        total += mp.fsum(terms)
    return total


def _poles(under: sp.Poly) -> list[tuple[Any, int]]:
    """Return distinct roots with their multiplicities, which exact coefficients tell."""
    exact = under.domain.is_Exact and under.domain.is_Numerical
    factors = under.sqf_list()[1] if exact else [(under, 1)]
    found = [(root, power) for p, power in factors for root in _roots(_numbers(p.monic()))]
    separate = _apart([root for root, _ in found])
    return [(root, power) for root, (_, power) in zip(separate, found, strict=True)]


def _shifted(polynomial: list[Any], to: Any, length: int) -> list[Any]:
    """Return the first Taylor coefficients of a polynomial about a point."""
    taylor = []
    for _ in range(length):
        quotient = [mp.mpf(0)]
        for c in polynomial:
            quotient.append(quotient[-1] * to + c)
        taylor.append(quotient.pop())
        polynomial = quotient[1:]
    return taylor


def _divided(series: list[Any], constant: Any) -> list[Any]:
    """Return the power series divided by constant + x."""
    quotient = [mp.mpf(0)]
    for c in series:
        quotient.append((c - quotient[-1]) / constant)
    return quotient[1:]


def _numbers(polynomial: sp.Poly) -> list[Any]:
    return [mp.mpmathify(sp.N(c, mp.mp.dps)) for c in polynomial.all_coeffs()]


def _roots(monic: list[Any]) -> list[Any]:
    """Return the eigenvalues of the companion matrix, found also where roots coincide."""
    size = len(monic) - 1
    if size == 1:
        return [-monic[1]]
    companion = mp.zeros(size)
    for i in range(size):
        companion[0, i] = -monic[i + 1]
        if i:
            companion[i, i - 1] = 1
    return list(mp.eig(companion, left=False, right=False))


def _apart(roots: list[Any]) -> list[Any]:
    """Return the roots, those that coincide moved apart.

    The sum over poles is a smooth function of them, so it moves by as little, while half of
    the digits survive the cancellation even if all roots are equal.
    """
    step = mp.ldexp(1, -mp.mp.prec // (2 * len(roots)))
    separate: list[Any] = []
    for root in roots:
        distance = step * (abs(root) or 1)
        while any(abs(root - other) < distance for other in separate):
            root += distance
        separate.append(root)
    return separate
