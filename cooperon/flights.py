r"""Averages over free flights between two parallel walls, the dephasing they bring in a field.

Lengths are in units of the distance W of the walls, -1/2 < y < 1/2.  A direction has the component
u across the walls and n_x along the wire; on the Fermi surface in d dimensions u has the density
(1 - u^2)^((d-3)/2), and n_x^2 the mean (1 - u^2)/(d - 1).  Flights that graze the walls, u -> 0,
are few but decide everything for long mean free paths; what they weigh is all that depends on d.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

_u, _a, _s, _t = sp.symbols("u a s t", positive=True)
_y, _x = sp.symbols("y x", positive=True)
_m = sp.Symbol("m", integer=True, nonnegative=True)
k = 2 * _m + 1
"""Harmonics of the bouncing: the triangular wave has odd ones only."""
a = _a
"""a_k = pi k l/W, the mean free path in units of a harmonic."""


@cache
def harmonic_weight() -> sp.Expr:
    """Return the weight of the k-th harmonic in <y(0) y(t)>, half its squared amplitude.

    y(t) of a flight between specular walls is a triangular wave, 1/2 - s for 0 < s < 1.
    """
    odd = sp.Symbol("k", odd=True, positive=True)
    amplitude = 2 * sp.integrate((sp.Rational(1, 2) - _s) * sp.cos(sp.pi * odd * _s), (_s, 0, 1))
    return (sp.simplify(amplitude) ** 2 / 2).subs(odd, k)


@cache
def correlation_of_harmonic(dimension: int) -> sp.Expr:
    """Return <n_x^2/(1 + a^2 u^2)>: int dt/tau exp(-t/tau) <n_x^2 cos(pi k v_y t/W)>.

    In d = 2 the angle is theta = arctan t, which makes it rational.
    """
    if dimension == 2:
        along, across = 1 / (1 + _t**2), _t**2 / (1 + _t**2)
        average = sp.apart(sp.factor(along / (1 + _a**2 * across) / (1 + _t**2)), _t)
        return sp.simplify(2 / sp.pi * sp.integrate(average, (_t, 0, sp.oo)))
    return sp.simplify(sp.integrate((1 - _u**2) / 2 / (1 + _a**2 * _u**2), (_u, 0, 1)))


@cache
def grazing_density(dimension: int) -> sp.Expr:
    """Return the density of u at u = 0, of both signs together normalised to 1."""
    density = (1 - _u**2) ** sp.Rational(dimension - 3, 2)
    return density.subs(_u, 0) / (2 * sp.integrate(density, (_u, 0, 1)))


@cache
def bouncing_rate(dimension: int) -> sp.Expr:
    r"""Return int_0^oo dt <y n_x(0) y n_x(t)> in units of W^3/v for l >> W, specular walls."""
    grazing = sp.limit(_a * correlation_of_harmonic(dimension), _a, sp.oo)
    total = sp.summation(harmonic_weight() / (sp.pi * k), (_m, 0, sp.oo))
    return sp.simplify((grazing * total).rewrite(sp.zeta))


@cache
def straight_rate(dimension: int) -> sp.Expr:
    r"""Return the same for diffuse walls, behind which directions are forgotten.

    A flight from y to y + s, s > 0, takes the time s/(v u), and the integral over du/u of its
    weight exp(-s/(l u)) is -ln s and a constant.  The constant does not matter, as the mean of
    y (y + s) over all flights across the channel vanishes: this is the cancellation of flux.
    """
    half = sp.Rational(1, 2)
    overlap = sp.integrate(sp.expand((_y - half) * (_y + _s - half)), (_y, 0, 1 - _s))
    if sp.integrate(sp.expand(overlap), (_s, 0, 1)) != 0:
        raise ArithmeticError("the flux through straight flights does not cancel.")
    slope = -sp.integrate(sp.exp(-_t * _s), (_t, 0, sp.oo))  # by s, with t = 1/(l u)
    times = sp.integrate(slope, _s)
    along = sp.Rational(1, dimension - 1)
    both_signs = 2 * along * grazing_density(dimension)
    return both_signs * sp.integrate(sp.expand(overlap) * times, (_s, 0, 1))


@cache
def grazing_probability(dimension: int) -> sp.Expr:
    r"""Return <1 - cos(b n_x/u)>/b for b -> 0: how often an impurity makes the phase large.

    Grazing directions only, u from -oo to oo; \|n_x\| is 1 in d = 2, \|cos\| of an angle in d = 3.
    """
    # int (1 - cos s)/s^2 by parts
    step = sp.integrate(sp.diff(1 - sp.cos(_s), _s) / _s, (_s, 0, sp.oo))
    along = sp.S.One if dimension == 2 else _mean_cosine()
    return sp.simplify(2 * grazing_density(dimension) * step * along)


def _mean_cosine() -> sp.Expr:
    return 2 / sp.pi * sp.integrate(sp.cos(_t), (_t, 0, sp.pi / 2))


@cache
def bouncing_phase() -> sp.Expr:
    r"""Return the mean of \|phase\| u/n_x of grazing flights in units of W^2/l_B^2, specular walls.

    From y = x/2 to y'/2 the phase is x^2 - y^2 if the direction across is the same at the end,
    and 2 - x^2 - y^2 if it is reversed, times 1/4; after many bounces both are as likely.
    """
    same = 2 * sp.integrate(sp.integrate(_x**2 - _y**2, (_y, 0, _x)), (_x, 0, 1))
    reversed_ = sp.integrate(sp.integrate(2 - _x**2 - _y**2, (_y, 0, 1)), (_x, 0, 1))
    return (same + reversed_) / 2 / 4


@cache
def first_and_last_phase() -> sp.Expr:
    """Return the same for diffuse walls.

    The flight from one impurity to the wall and that from a wall to the next impurity graze
    independently, each with the phase 1 - x^2 times 1/4.
    """
    return 2 * sp.integrate(1 - _x**2, (_x, 0, 1)) / 4
