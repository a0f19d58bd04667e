"""From a conductor to its ladder exact in q: out-rate, in-rate and current vertex as numbers.

The reduction to a finite matrix needs the same out-rate in all directions and states of the
band, and a current vertex that its ladder multiplies by one number; both are checked here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import mpmath as mp
import sympy as sp

from cooperon.angular_matrix import AngularMatrix, Index
from cooperon.ballistic import BallisticLadder
from cooperon.ballistic_functions import (
    Numbers,
    inner,
    integrated,
    multiplied,
    number,
    times_component,
)
from cooperon.conductor import Conductor
from cooperon.eigen import blocks
from cooperon.harmonics import Harmonics
from cooperon.ladder import Channel, Ladder, ladder
from cooperon.pair_functions import density


def ballistic_ladder(
    conductor: Conductor,
    channel: Channel = Channel.COOPERON,
    *,
    values: Mapping[sp.Symbol, Any] | None = None,
    direction: Sequence[Any] | None = None,
) -> BallisticLadder:
    """Return the ladder of all fields of `conductor`, exact in q.

    Parameters
    ----------
    conductor : Conductor
        Without internal Hamiltonian; all its fields count in full, weak or not.
    channel : Channel, optional
        The Cooperon by default.
    values : mapping, optional
        Numbers for symbols of the model; times in any unit, since only their ratios enter.
    direction : sequence, optional
        Direction of q, of any length; along x by default.

    Raises
    ------
    NotImplementedError
        If there is an internal Hamiltonian or an anisotropic mass, or the out-rate or the
        dressed current depends on direction or internal state.
    ValueError
        If a ratio of rates contains a symbol without a number.
    """
    _require_plain(conductor)
    numbers = {symbol: sp.sympify(value) for symbol, value in (values or {}).items()}
    rate = sp.Add(*(field.rate for field in conductor.disorder)).subs(numbers)
    diffuson = _in_units(ladder(conductor, Channel.DIFFUSON), rate, numbers)
    cooperon = channel is Channel.COOPERON
    kernel = _in_units(ladder(conductor, channel), rate, numbers) if cooperon else diffuson
    harmonics = Harmonics(conductor.dimension)
    one = {index: number(value.subs(numbers)) for index, value in density(conductor).items()}
    _require_uniform(diffuson, one)
    strengths, functions = _spectrum(kernel.in_rate)
    return BallisticLadder(
        channel,
        harmonics,
        conductor.internal.dimension,
        strengths,
        functions,
        _dressing(diffuson, harmonics, one),
        conductor.degeneracy,
        _unit_vector(direction, conductor.dimension),
    )


def _require_plain(conductor: Conductor) -> None:
    if not conductor.hamiltonian.is_zero_matrix:
        raise NotImplementedError(
            f"the internal Hamiltonian {conductor.hamiltonian.tolist()} makes flights between "
            "impurities precess; the ladder exact in q covers conductors without one, "
            "use conductor.cooperon()."
        )
    if conductor.masses:
        raise NotImplementedError(
            f"the masses {conductor.masses} are anisotropic; the ladder exact in q covers "
            "isotropic ones, use conductor.cooperon()."
        )


def _in_units(kernel: Ladder, rate: sp.Expr, numbers: Mapping[sp.Symbol, sp.Expr]) -> Ladder:
    """Return a ladder in units of the out-rate, with numbers for symbols."""
    parts = (_numeric(matrix, rate, numbers) for matrix in (kernel.out_rate, kernel.in_rate))
    return Ladder(kernel.channel, kernel.size, *parts)


def _numeric(
    matrix: AngularMatrix, rate: sp.Expr, numbers: Mapping[sp.Symbol, sp.Expr]
) -> AngularMatrix:
    terms = {
        labels: {key: sp.cancel(value.subs(numbers) / rate) for key, value in entries.items()}
        for labels, entries in matrix.terms.items()
    }
    return AngularMatrix(matrix.harmonics, matrix.size, terms)


def _require_uniform(diffuson: Ladder, one: Numbers) -> None:
    """Check that the self-energy, (Gamma P + P Gamma)/2 on the band, is P in units of the rate."""
    image = multiplied(diffuson.out_rate, one)
    if not _equal(image, one):
        raise NotImplementedError(
            "the out-rate depends on direction or internal state; the ladder exact in q needs one "
            "lifetime."
        )


def _dressing(diffuson: Ladder, harmonics: Harmonics, one: Numbers) -> mp.mpf:
    """Return eta = tau_tr/tau, with (1 - W tau) n_i = n_i/eta for every axis.

    Raises
    ------
    NotImplementedError
        If the dressed current is not parallel to the bare one.
    """
    ratios = []
    for axis in range(harmonics.dimension):
        bare = times_component(harmonics, axis, one)
        image = integrated(diffuson.in_rate, bare)
        ratios.append(inner(bare, image) / inner(bare, bare))
        if not _equal(image, {index: ratios[0] * value for index, value in bare.items()}):
            raise NotImplementedError(
                "a ladder makes the current depend on direction or internal state; the ladder "
                "exact in q needs a dressed current parallel to the bare one."
            )
    return 1 / (1 - mp.re(ratios[0]))


def _equal(left: Numbers, right: Numbers) -> bool:
    """Whether two functions agree to three quarters of the digits, more than chance gives."""
    tolerance = mp.mpf(10) ** (-3 * mp.mp.dps // 4)
    return all(abs(left.get(i, 0) - right.get(i, 0)) < tolerance for i in {*left, *right})


def _spectrum(in_rate: AngularMatrix) -> tuple[tuple[mp.mpf, ...], tuple[Numbers, ...]]:
    """Return the non-zero eigenvalues of W and their eigenfunctions, block by block."""
    entries = {
        ((a, i), (b, j)): number(value)
        for (a, b), block in in_rate.terms.items()
        for (i, j), value in block.items()
    }
    indices = sorted({index for pair in entries for index in pair})
    pattern = sp.Matrix(
        len(indices), len(indices), lambda i, j: int((indices[i], indices[j]) in entries)
    )
    found: list[tuple[mp.mpf, Numbers]] = []
    for block in blocks(pattern):
        found += _eigenfunctions([indices[i] for i in block], entries)
    found.sort(key=lambda pair: -pair[0])
    return tuple(value for value, _ in found), tuple(function for _, function in found)


def _eigenfunctions(
    indices: Sequence[Index], entries: Mapping[tuple[Index, Index], mp.mpc]
) -> list[tuple[mp.mpf, Numbers]]:
    size = len(indices)
    matrix = mp.matrix(size, size)
    for i, row in enumerate(indices):
        for j, column in enumerate(indices):
            matrix[i, j] = entries.get((row, column), mp.mpf(0))
    values, vectors = mp.eighe((matrix + matrix.H) / 2)
    # what is zero but for rounding adds to the rank and to nothing else
    smallest = mp.mpf(10) ** (5 - mp.mp.dps)
    return [
        (values[k], {index: vectors[i, k] for i, index in enumerate(indices)})
        for k in range(size)
        if abs(values[k]) > smallest
    ]


def _unit_vector(direction: Sequence[Any] | None, dimension: int) -> tuple[mp.mpf, ...]:
    components = [mp.mpf(1), *[mp.mpf(0)] * (dimension - 1)]
    if direction is not None:
        components = [mp.mpf(component) for component in direction]
    length = mp.sqrt(mp.fsum(component**2 for component in components))
    if len(components) != dimension or length == 0:
        raise ValueError(
            f"the direction {direction} is no direction in d = {dimension}; give {dimension} "
            "components that are not all zero."
        )
    return tuple(component / length for component in components)
