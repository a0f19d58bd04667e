"""Functions of direction with values in the pair space, with numbers as components.

The numerical counterpart of the vectors of `angular_matrix`: {(harmonic, pair): component} in
the precision of `mpmath.mp`.  SymPy's coefficients of products of harmonics are evaluated once
per precision.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

import mpmath as mp
import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Index
from cooperon.harmonics import Harmonics, Label, polynomial
from diagrams.matrices import n_out

Numbers = Mapping[Index, mp.mpc]


def number(expression: sp.Expr) -> mp.mpc:
    """Return a SymPy number in the precision of mpmath.

    Raises
    ------
    ValueError
        If it contains symbols.
    """
    if expression.free_symbols:
        names = ", ".join(sorted(map(str, expression.free_symbols)))
        raise ValueError(
            f"{expression} is not a number; give numbers for {names} in `values`, all rates in "
            "one unit."
        )
    return mp.mpmathify(sp.N(expression, mp.mp.dps + 5))


def times_component(harmonics: Harmonics, axis: int, function: Numbers) -> Numbers:
    """Return n_i F(n) for the axis i."""
    total: dict[Index, mp.mpc] = defaultdict(mp.mpf)
    for a, coefficient in harmonics.expand(harmonics.direction[axis]).items():
        for (label, pair), value in function.items():
            for b, factor in _product(harmonics, a, label, mp.mp.dps):
                total[b, pair] += number(coefficient) * factor * value
    return total


def exchanged(harmonics: Harmonics, size: int, function: Numbers) -> Numbers:
    """Return X F: the particles of the pair swapped, and n -> -n."""
    return {
        (label, pair % size * size + pair // size): harmonics.parity(label) * value
        for (label, pair), value in function.items()
    }


def multiplied(matrix: AngularMatrix, function: Numbers) -> Numbers:
    """Return M(n) F(n), for a matrix that depends on n only."""
    total: dict[Index, mp.mpc] = defaultdict(mp.mpf)
    for (a, _), entries in matrix.terms.items():
        for (i, j), value in entries.items():
            for (label, pair), component in function.items():
                if pair == j:
                    for b, factor in _product(matrix.harmonics, a, label, mp.mp.dps):
                        total[b, i] += number(value) * factor * component
    return total


def integrated(matrix: AngularMatrix, function: Numbers) -> Numbers:
    """Return < M(n, n') F(n') > over n'."""
    total: dict[Index, mp.mpc] = defaultdict(mp.mpf)
    for (a, b), entries in matrix.terms.items():
        for (i, j), value in entries.items():
            if (b, j) in function:
                total[a, i] += number(value) * function[b, j]
    return total


def inner(left: Numbers, right: Numbers) -> mp.mpc:
    """Return < F(n)^dagger G(n) >."""
    return mp.fsum(mp.conj(v) * right[i] for i, v in left.items() if i in right)


def overlap(harmonics: Harmonics, left: Numbers, right: Numbers) -> dict[Label, mp.mpc]:
    """Return the harmonics of the function F(n)^dagger G(n)."""
    total: dict[Label, mp.mpc] = defaultdict(mp.mpf)
    for (a, i), bra in left.items():
        for (b, j), ket in right.items():
            if i == j:
                for c, factor in _product(harmonics, harmonics.conjugate(a), b, mp.mp.dps):
                    total[c] += mp.conj(bra) * ket * factor
    return total


def harmonic_at(harmonics: Harmonics, label: Label, direction: Sequence[mp.mpf]) -> mp.mpc:
    """Return Y_a(e)."""
    return mp.fsum(
        factor * mp.fprod(mp.mpf(e) ** p for e, p in zip(direction, powers, strict=True))
        for powers, factor in _harmonic(harmonics.dimension, label, mp.mp.dps)
    )


@cache
def _harmonic(
    dimension: int, label: Label, digits: int
) -> tuple[tuple[tuple[int, ...], mp.mpc], ...]:
    """Return the monomials of Y_a; `digits` keys the cache."""
    terms = sp.Poly(polynomial(dimension, label), *n_out[:dimension]).terms()
    return tuple((powers, number(factor)) for powers, factor in terms)


@cache
def _product(
    harmonics: Harmonics, left: Label, right: Label, digits: int
) -> tuple[tuple[Label, mp.mpc], ...]:
    """Return the expansion of Y_left Y_right; `digits` keys the cache."""
    found = harmonics.product(left, right)
    return tuple((label, number(factor)) for label, factor in found.items())
