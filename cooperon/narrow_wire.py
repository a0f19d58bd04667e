r"""Modes that couple to q, in a wire narrower than the length on which they turn.

Couplings A_i linear in q are a vector potential a_i = A_i/(2 D) of matrices,

    S(q) = D (q + a)^2 + M,  M = Gamma - D a^2,

and no current through walls at y = +-W/2 means (d_y + i a_y) C = 0 there.  The transformation
U(y) = exp(-i a_y y) removes a_y from the equation and from the walls, so that the lowest transverse
mode is uniform again.  To second order in W it sees the averages over y,

    S(k) = D (k + <a_x>)^2 + (D W^2/12) F^2 + <M>,  F = 2 e B/hbar + i [a_y, a_x],

<m> = m - (W^2/24) [a_y, [a_y, m]] for any matrix m.  F is the field strength of both
potentials together: a narrow wire averages spin-orbit coupling as it does flux, and its spin
relaxation vanishes as W^2.  Nothing here knows of spin: the matrices are those of any conductor.

References
----------
S. Kettemann, Phys. Rev. Lett. 98, 176808 (2007), for Rashba and linear Dresselhaus coupling.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from cooperon.characteristic import without_velocity
from cooperon.conductor import Conductor
from cooperon.correction import Correction
from cooperon.derivation import Derivation, Step, equation
from cooperon.internal import Matrix
from cooperon.lengths import positive_length
from cooperon.line_trace import LineTrace
from cooperon.mode_steps import mode_steps, model_steps
from cooperon.soft_modes import SoftPropagator
from diagrams.conductivity import interference_correction
from diagrams.symbols import D, e, hbar, symbol, tau_phi

W = symbol("width")
_KETTEMANN = "S. Kettemann, Phys. Rev. Lett. 98, 176808 (2007)"
_UNIT = e**2 / (sp.pi * hbar)


@dataclass(frozen=True)
class NarrowWire:
    """The lowest transverse mode of a wire: S(k) = D (k + a)^2 + (D W^2/12) F^2 + M.

    Attributes
    ----------
    potential : Matrix
        a, 1/m.
    strength : Matrix
        F, 1/m^2.
    relaxation : Matrix
        M, 1/s.
    weights : Matrix
        Weights in the conductivity, as in `cooperon.soft_modes`.
    width : expression
        W, m.
    """

    potential: sp.ImmutableDenseMatrix
    strength: sp.ImmutableDenseMatrix
    relaxation: sp.ImmutableDenseMatrix
    weights: sp.ImmutableDenseMatrix
    width: sp.Expr

    @classmethod
    def of(
        cls,
        propagator: SoftPropagator,
        width: sp.Expr,
        field: sp.Expr = sp.S.Zero,
        angle: sp.Expr = sp.S.Zero,
    ) -> NarrowWire:
        """Return the wire at an angle to the axis x, made of the modes of a `propagator`."""
        constant = propagator.diffusion_constant
        a_1, a_2 = (_in_terms_of_D(m, constant) / (2 * D) for m in propagator.coupling[:2])
        remainder = _in_terms_of_D(propagator.relaxation, constant) - D * (a_1**2 + a_2**2)
        along = sp.cos(angle) * a_1 + sp.sin(angle) * a_2
        across = sp.cos(angle) * a_2 - sp.sin(angle) * a_1
        flux = 2 * e * field / hbar * sp.eye(along.rows)

        def mean(m: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
            twice = _commutator(across, _commutator(across, m))
            return _tidy(m - width**2 / 24 * twice)

        return cls(
            mean(along),
            _tidy(flux + sp.I * _commutator(across, along)),
            mean(remainder),
            mean(propagator.weights),
            width,
        )

    def at_zero(self) -> sp.ImmutableDenseMatrix:
        """Return S(k = 0), 1/s."""
        variance = self.width**2 / 12 * self.strength**2
        return _tidy(D * (self.potential**2 + variance) + self.relaxation)

    def trace(self, rate: sp.Expr) -> sp.Expr:
        """Return int dk/(2 pi) tr[w S^-1] D, m, with all gaps increased by a rate."""
        constant = self.at_zero() / D + rate / D * sp.eye(self.potential.rows)
        return LineTrace.of(_tidy(2 * self.potential), _tidy(constant), self.weights)


def narrow_wire(
    conductor: Conductor,
    width: sp.Expr | float = W,
    field: sp.Expr = sp.S.Zero,
    angle: sp.Expr = sp.S.Zero,
) -> Correction:
    """Derive delta sigma of a narrow wire cut from a two-dimensional `conductor`.

    Parameters
    ----------
    conductor : Conductor
        Any model in d = 2; that of `model("rashba")` for instance.
    width : expression or number
        W between walls that reflect, m.
    field : expression
        Perpendicular field, T; the symbol B for a formula in a field.
    angle : expression
        Of the wire, along which the current flows, to the axis x.

    Returns
    -------
    Correction
        Conductance times length in units of e^2/(pi hbar) m, both spins counted; with the factor
        1 - exp(-t/tau) on paths of duration t.  To second order in W times a, over which the
        modes turn, and in W/l_B: it holds for W << L_so, l_B, L_phi and l << W.

    Raises
    ------
    NotImplementedError
        If the conductor is not two-dimensional.
    ValueError
        If the width is not positive, or there is no soft mode.
    """
    if conductor.dimension != 2:
        raise NotImplementedError(
            f"a narrow wire is cut from a conductor in d = 2, not d = {conductor.dimension}; use "
            "weak_localization for modes in d = 1."
        )
    wide = positive_length("width", width)
    propagator = conductor.cooperon()
    propagator.require_soft_modes()
    wire = NarrowWire.of(propagator, wide, sp.sympify(field), sp.sympify(angle))
    scale = sp.simplify(interference_correction(1) / _UNIT / D)
    lifetime = 1 / sp.Add(*(disorder.rate for disorder in conductor.strong))
    rates = 1 / tau_phi, 1 / tau_phi + 1 / lifetime
    expression = sp.Add(
        *(sign * scale * wire.trace(rate) for sign, rate in zip((1, -1), rates, strict=True))
    )
    return Correction(
        "narrow_wire",
        symbol("delta_sigma"),
        expression,
        _UNIT,
        "e^2/(pi hbar) m",
        propagator.closed_modes,
        "k_F l >> 1, l << W << L_phi, l_B and the length over which the modes turn",
        (_KETTEMANN,),
        Derivation(
            "Weak localization of a narrow wire",
            (
                *model_steps(conductor),
                *mode_steps(propagator, sp.S.Zero),
                *wire_steps(wire),
                Step(
                    "Correction",
                    _correction_rows(expression),
                    "The integral over $k$ of the trace, with the smooth cutoff.",
                    _KETTEMANN,
                ),
            ),
        ),
    )


def _correction_rows(expression: sp.Expr) -> tuple[sp.Eq, ...]:
    """Return the correction, with its traces and their matrices on lines apart."""
    traces = sorted(expression.atoms(LineTrace), key=sp.default_sort_key)
    names = {trace: sp.Symbol(f"T_{number}") for number, trace in enumerate(traces, 1)}
    rows = [equation(symbol("delta_sigma") / _UNIT, expression.xreplace(names))]
    k = sp.Symbol("k")
    for number, (trace, name) in enumerate(names.items(), 1):
        A, G, w = (sp.Symbol(f"{letter}_{number}", commutative=False) for letter in "AGw")
        summand = sp.Function("tr")(w * (k**2 + k * A + G) ** -1)
        rows.append(equation(name, sp.Integral(summand / (2 * sp.pi), (k, -sp.oo, sp.oo))))
        matrices = trace.matrices
        rows += [equation(letter, matrices[str(letter)[0]]) for letter in (A, G, w)]
    return tuple(rows)


def wire_steps(wire: NarrowWire) -> tuple[Step, ...]:
    """Return the steps from the walls to the lowest transverse mode."""
    a, F, M, S = (sp.Symbol(name, commutative=False) for name in ("a", "F", "M", "S"))
    k = sp.Symbol("k", real=True)
    lowest = D * (k + a) ** 2 + D * wire.width**2 / 12 * F**2 + M
    return (
        Step(
            "Lowest transverse mode",
            (
                equation(S, lowest),
                equation(a, wire.potential),
                equation(F, wire.strength),
                equation(M, wire.relaxation),
            ),
            "No current passes the walls, $(\\partial_y + i a_y) C = 0$; "
            "$U = \\exp(-i a_y y)$ turns that into $\\partial_y C = 0$, and the average over $y$ "
            "is taken to second order in $W$.",
            _KETTEMANN,
        ),
    )


def _in_terms_of_D(matrix: sp.MatrixBase, constant: sp.Expr) -> sp.Matrix:
    return sp.Matrix(without_velocity(matrix, constant)).applyfunc(sp.simplify)


def _commutator(a: sp.MatrixBase, b: sp.MatrixBase) -> sp.MatrixBase:
    return a * b - b * a


def _tidy(matrix: sp.MatrixBase) -> sp.ImmutableDenseMatrix:
    return Matrix(matrix.applyfunc(sp.expand))
