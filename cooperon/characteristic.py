"""Rates and couplings of soft modes as magnetic fields.

A rate enters a formula as the field B_j = (hbar/(4 e D)) / tau_j, and a coupling A_i q_i as
half the coefficient of the square root of such a field.  Terms that depend on times only, as
rates do, come out in symbols B_j that replace the times tau_j; any other symbol of a term
(a Rashba parameter, a Zeeman energy) stays as it is, with D.
"""

from __future__ import annotations

import sympy as sp

from cooperon.internal import Matrix
from diagrams.symbols import B_phi, D, e, hbar, symbol, v_F

_UNIT = hbar / (4 * e * D)
_DIGITS = 40


def characteristic_field(gap: sp.Expr) -> sp.Expr:
    """Return (hbar/(4 e D)) (1/tau_phi + gap) with every time tau_j as a field B_j.

    A gap is a rate, homogeneous of degree -1 in the times, so that replacing tau_j by 1/B_j
    multiplies it by hbar/(4 e D) where it depends on times only.
    """
    return B_phi + field_of_rate(gap)


def field_of_rate(rate: sp.Expr) -> sp.Expr:
    """Return (hbar/(4 e D)) rate, with times as fields in the terms that have only times."""
    if is_homogeneous(rate, -1):
        return _as_fields(rate)
    terms = sp.Add.make_args(sp.expand(rate))
    return sp.Add(*(_as_fields(t) if is_homogeneous(t, -1) else _UNIT * t for t in terms))


def characteristic_fields(relaxation: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
    """Return the matrix (hbar/(4 e D)) (1/tau_phi + Gamma) with times as fields."""
    return Matrix(relaxation.applyfunc(field_of_rate) + B_phi * sp.eye(relaxation.rows))


def coupling_fields(coupling: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
    """Return the matrix A sqrt(hbar/e)/(4 D), in sqrt(T), with times as fields.

    In a field q_x = sqrt(e |B|/hbar) (a + a^+), so that (hbar/(4 e D)) A q_x is
    sqrt(|B|) C (a + a^+) with this matrix C.
    """
    return Matrix(coupling.applyfunc(_root_field))


def without_velocity(matrix: sp.MatrixBase, diffusion_constant: sp.Expr) -> sp.Matrix:
    """Write v_F as a root of D, for a diffusion constant proportional to v_F^2."""
    time = sp.simplify(diffusion_constant / v_F**2)
    velocity = sp.sqrt(D) / sp.sqrt(time)
    return sp.Matrix(matrix).applyfunc(lambda entry: _powers(entry.subs(v_F, velocity)))


def _powers(expression: sp.Expr) -> sp.Expr:
    return sp.expand(sp.powdenest(sp.powsimp(sp.expand(expression)), force=True))


def _root_field(entry: sp.Expr) -> sp.Expr:
    reduced = sp.expand(entry / (2 * sp.sqrt(D)))
    terms = sp.Add.make_args(reduced)
    root = sp.sqrt(_UNIT)
    half = -sp.Rational(1, 2)
    return sp.Add(*(_as_fields(t) if is_homogeneous(t, half) else root * t for t in terms))


def _as_fields(expression: sp.Expr) -> sp.Expr:
    return expression.subs({s: 1 / symbol("B_" + s.name[4:]) for s in _times(expression)})


def _times(expression: sp.Expr) -> set[sp.Symbol]:
    return {s for s in expression.free_symbols if s.name.startswith("tau_")}


def is_homogeneous(expression: sp.Expr, degree: sp.Expr) -> bool:
    """Check that an expression of degree `degree` depends on times tau_j only.

    It is done at a point, f(times/2) = 2^-degree f(times): roots of cubics are slow to
    simplify.
    """
    symbols = sorted(expression.free_symbols, key=str)
    times = _times(expression)
    point = {s: sp.sqrt(sp.prime(k)) for k, s in enumerate(symbols, 1)}
    halved = {s: value / 2 if s in times else value for s, value in point.items()}
    scale = sp.S(2) ** -sp.sympify(degree)
    difference = sp.N(expression.subs(halved) - scale * expression.subs(point), _DIGITS)
    return bool(abs(difference) < sp.Float(10) ** (5 - _DIGITS))
