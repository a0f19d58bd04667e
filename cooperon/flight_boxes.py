r"""Flights and Hikami boxes exact in q l, from the diagrams, for isotropic scatterers in d = 2.

The diffusive theory expands a rung, 1 - D q^2 tau, and takes the boxes at q = 0.  Nothing forces
it to: for isotropic scatterers the diagrams have elementary values at any q.  Written in terms of

.. math:: P(q) = \left\langle \frac{1}{s + i q l n_x} \right\rangle, \qquad
          Q(q) = i \left\langle \frac{n_x}{s + i q l n_x} \right\rangle,

they hold for pairs that decay, s = 1 + tau/tau_phi, as well: where the Green functions of both
branches meet at a vertex, G^R G^A = i tau (G^R - G^A), the box splits into pairs of one retarded
and one advanced function, and each pair is one factor P or Q.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from diagrams.blocks import bubble
from diagrams.conductivity import kubo_prefactor, per_energy
from diagrams.diagram import Diagram
from diagrams.hikami import conductivity_box_diagrams
from diagrams.rules import Rules, evaluate
from diagrams.symbols import e, hbar, nu, omega, q, tau, v_F

s = sp.Symbol("s", positive=True)
x = sp.Symbol("x", positive=True)  # q l
_UNIT = e**2 / (2 * sp.pi**2 * hbar)


@cache
def flight() -> sp.Expr:
    """Return P as a function of s and x = q l: the bubble of the diagrams at any frequency."""
    wave_vector = sp.Symbol("q", positive=True)
    decaying = bubble(2).subs(omega, sp.I * (s - 1) / tau).subs(q, wave_vector)
    return sp.simplify(decaying.subs(wave_vector, x / (v_F * tau)))


def current_flight() -> sp.Expr:
    """Return Q: by n_x = [(s + i x n_x) - s]/(i x) it is (1 - s P)/x."""
    return (1 - s * flight()) / x


@cache
def boxes() -> tuple[sp.Expr, sp.Expr]:
    """Return the bare box and both dressed ones together, per spin and averaged over axes.

    As multiples of P and of Q^2.

    Raises
    ------
    ArithmeticError
        If the diagrams are no such multiples.
    """
    bare, retarded, advanced = conductivity_box_diagrams()
    # v_x(k) v_x(-k) + v_y(k) v_y(-k) = -v_F^2: over both axes the bare box is one of densities
    no_currents = -(v_F**2) * _at_rest(bare, ()) / 2
    # the mean of n_y/(1 + i x n_x) vanishes: currents along q only
    dressed = sum(_at_rest(diagram, ("x", "y")) for diagram in (retarded, advanced)) / 2
    return _multiple(no_currents, flight()), _multiple(dressed, current_flight() ** 2)


def _at_rest(diagram: Diagram, currents: tuple[str, ...]) -> sp.Expr:
    """A box without decay, s = 1, at the wave vector q of its Cooperon."""
    length = x / (v_F * tau)
    momenta = {"C1": (length, sp.S.Zero), "C1'": (-length, sp.S.Zero)}
    rules = Rules(2, currents=currents, momenta=momenta, frequency=sp.S.Zero)
    return sp.simplify(evaluate(diagram, rules))


def _multiple(value: sp.Expr, pairs: sp.Expr) -> sp.Expr:
    factor = sp.simplify(value / pairs.subs(s, 1))
    if factor.has(x):
        raise ArithmeticError(f"the box {value} is not a multiple of {pairs} at s = 1.")
    return factor


def ladder_line() -> sp.Expr:
    """Return the impurity line, 1/(2 pi nu tau): the sum over rungs is this over 1 - P."""
    return 1 / (2 * sp.pi * nu * tau)


@cache
def zero_field_parts() -> tuple[sp.Expr, sp.Expr]:
    """Return sigma_a(0) and sigma_b(0) in units of e^2/(pi h), as functions of s.

    The integrals over q of the boxes with their Cooperons, without loops of two impurities.

    Examples
    --------
    >>> zero_field_parts()[0]
    log(1 - 1/s)
    """
    bare, dressed = (_in_units(box) for box in boxes())
    p = sp.Symbol("p", positive=True)
    wave_vector = sp.sqrt(1 / p**2 - s**2)  # x = q l, where P = p
    measure = -wave_vector * sp.diff(wave_vector, p)
    loops = flight() ** 3 / (1 - flight()), current_flight() ** 2 * flight() / (1 - flight())
    found = []
    for box, loop in zip((bare, dressed), loops, strict=True):
        of_p = sp.simplify((box * loop).subs(x, wave_vector))
        integrand = sp.apart(sp.factor(of_p * measure), p)
        primitive = sp.Add(*(_primitive(term, p) for term in sp.Add.make_args(integrand)))
        at_rest = primitive.subs(p, 1 / s) - primitive.subs(p, 0)
        found.append(sp.collect(sp.expand(at_rest), sp.log(2)))
    back, other = found
    return back, sp.factor_terms(other)


def _primitive(term: sp.Expr, p: sp.Symbol) -> sp.Expr:
    """The integral of c/(1 - p) or c/(1 + s p), with logarithms that vanish at p = 0."""
    residue, pole = sp.fraction(sp.together(term))
    slope = sp.diff(pole, p)
    constant = pole.subs(p, 0)
    if sp.diff(slope, p) != 0 or residue.has(p):
        raise ArithmeticError(f"{term} has another integral than a logarithm.")
    return residue / slope * sp.log(sp.simplify(pole / constant))


def _in_units(box: sp.Expr) -> sp.Expr:
    """The prefactor of the integral over d(x^2/2), in units of e^2/(pi h)."""
    per_area = 1 / (2 * sp.pi * (v_F * tau) ** 2)
    return sp.simplify(kubo_prefactor() * per_energy(box * ladder_line()) * per_area / _UNIT)
