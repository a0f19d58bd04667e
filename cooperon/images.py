r"""Sums over the modes of a finite axis, by images.

A particle that diffuses around a ring of length P returns after n turns.  The free propagator
over the distance n P, times the phase of the turns, is summed (Poisson's formula); the turn
n = 0 is what an infinite axis gives, so that all that diverges at short times is in it.  The modes
of an axis that ends are half of those of a ring twice as long, up to the mode without nodes:

    closed   P = 2 L, theta = 0,   half that mode added
    leads    P = 2 L, theta = 0,   half that mode subtracted
    mixed    P = 2 L, theta = pi
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from cooperon.cutoffs import z
from cooperon.geometry import Axis, Ends
from cooperon.hyperbolic import FiniteWire
from cooperon.windings import RingLog, RingSum, WindingSum
from diagrams.symbols import D

_r, _t = sp.symbols("r t", positive=True)


@dataclass(frozen=True)
class Images:
    """The modes of a finite axis as those of a ring.

    Attributes
    ----------
    period : expression
        P, m.
    phase : expression
        theta.
    uniform : expression
        What multiplies the mode without nodes, beside the ring: 1/(2 L), -1/(2 L) or 0.
    share : expression
        P over the length that the sum over modes is divided by, 1 but for thick walls.
    """

    period: sp.Expr
    phase: sp.Expr
    uniform: sp.Expr
    share: sp.Expr = sp.S.One


def images(axis: Axis) -> Images:
    """Return the ring that the modes of an axis are half of, per length of the axis."""
    length = axis.length
    if axis.ends is Ends.RING:
        period = length if axis.way is None else axis.way
        return Images(period, axis.phase, sp.S.Zero, period / length)
    if axis.ends is Ends.MIXED:
        return Images(2 * length, sp.pi, sp.S.Zero)
    sign = 1 if axis.ends is Ends.CLOSED else -1
    return Images(2 * length, sp.S.Zero, sign / (2 * length))


@cache
def free_propagator(dimension: int) -> sp.Expr:
    """Return int_0^oo dt (4 pi D t)^(-d/2) exp(-r^2/(4 D t) - z t), in s/m^d.

    Examples
    --------
    >>> free_propagator(3)
    exp(-r*sqrt(z)/sqrt(D))/(4*pi*D*r)
    """
    density = (4 * sp.pi * D * _t) ** -sp.Rational(dimension, 2)
    spread = sp.exp(-(_r**2) / (4 * D * _t) - z * _t)
    integral = sp.integrate(density * spread, (_t, 0, sp.oo))
    return sp.simplify(integral.replace(sp.meijerg, _in_bessel_functions))


def _in_bessel_functions(*args: sp.Basic) -> sp.Expr:
    """Write a Meijer function by G^{20}_{02}(x; 0, 0) = 2 K_0(2 sqrt(x)), unknown to SymPy."""
    function = sp.meijerg(*args)
    if function.an != (1, 1) or any((function.aother, function.bm, function.bother)):
        return sp.hyperexpand(function)
    return 2 * sp.besselk(0, sp.powdenest(2 / sp.sqrt(function.argument), force=True))


@cache
def _one_turn(dimension: int) -> tuple[sp.Expr, sp.Expr]:
    """Return the n-th turn as coefficient times a function of u = P sqrt(z/D) and n alone."""
    u, n, P = sp.symbols("u n P", positive=True)
    turn = free_propagator(dimension).subs({_r: n * P, sp.sqrt(z): u * sp.sqrt(D) / P})
    turn = turn.subs(z, D * u**2 / P**2)
    form = {1: sp.exp(-n * u), 2: sp.besselk(0, n * u), 3: sp.exp(-n * u) / n}[dimension]
    coefficient = sp.simplify(turn / form)
    if coefficient.has(n):
        raise ArithmeticError(f"the turn {turn} is not a multiple of {form}.")
    return coefficient, form


def windings(dimension: int, period: sp.Expr, phase: sp.Expr) -> sp.Expr:
    """Return 2 sum_{n >= 1} cos(n theta) G_d(n P), G_d the free propagator, in s/m^d."""
    u, P = sp.symbols("u P", positive=True)
    coefficient, _ = _one_turn(dimension)
    at = period * sp.sqrt(z / D)
    total = {
        1: lambda: RingSum(at, phase) - 1,
        2: lambda: WindingSum(at, phase),
        3: lambda: -RingLog(at, phase),
    }[dimension]()
    return coefficient.subs({u: at, P: period}, simultaneous=True) * total


def between_leads(length: sp.Expr) -> sp.Expr:
    """Return (1/L) sum_{m >= 1} 1/(D (pi m/L)^2 + z), without the cancellation at small L.

    Raises
    ------
    ArithmeticError
        If the function of the finite wire is not what the images give.
    """
    u = length * sp.sqrt(z / D)
    folded = length / (2 * D) * FiniteWire(u)
    sums = windings(1, 2 * length, sp.S.Zero).doit() + 1 / (2 * sp.sqrt(D * z))
    difference = (sums - 1 / (2 * length * z) - folded.doit()).rewrite(sp.exp)
    if sp.simplify(difference) != 0:
        raise ArithmeticError(f"the images of a wire between leads do not add up to {folded}.")
    return folded
