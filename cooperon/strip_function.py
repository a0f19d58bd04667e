r"""Weak localization of a diffusive strip of any width in a perpendicular field.

The Cooperon of a strip has neither Landau levels nor plane waves across it, but both at
once: edge states.  Its trace has no closed form and is kept under the name `StripFunction`.  Narrow
strips are the wires of Altshuler and Aronov, wide ones the layer of Hikami, Larkin and Nagaoka.
"""

from __future__ import annotations

from typing import Any, NoReturn

import mpmath as mp
import sympy as sp

from cooperon.kernels import HikamiFunction
from cooperon.strip_value import strip_value

# Digits up to which double precision serves: sums and products ask for a few more than the user.
_DOUBLE_DIGITS = 24


class StripFunction(sp.Function):
    r"""sigma(B) - sigma(0) of a strip over its width, in e^2/(pi h), without spin-orbit.

    StripFunction(B, B_phi, B_W) is 4 pi/W times the integral over dk/(2 pi) of

        tr[-d_y^2 + k^2 + 1/L_phi^2]^-1 - tr[-d_y^2 + (k + 2 e B y/hbar)^2 + 1/L_phi^2]^-1

    over \|y\| < W/2 with reflecting walls, both spins counted: the weak localization of a
    conductance times length is -(2 e^2/(pi hbar)) int dk/(2 pi) tr, and this is what a field takes
    from it.  For W -> oo it is HikamiFunction(B, B_phi), for W -> 0 the narrow strip
    (2 pi/W) {L_phi - [1/L_phi^2 + (e B W/hbar)^2/3]^(-1/2)}.

    Parameters
    ----------
    B : perpendicular field, real; the function is even.
    B_phi : dephasing field hbar/(4 e D tau_phi) = hbar/(4 e L_phi^2), not negative.
    B_W : hbar/(4 e W^2), positive.

    Notes
    -----
    Dimensionless, not negative, homogeneous of degree 0 in its three arguments.  Exact values: 0 at
    B = 0, at B_phi = oo and at B_W = oo; oo at \|B\| = oo and at B_phi = 0 for B != 0;
    HikamiFunction at B_W = 0.  `evalf` of up to 20 digits is correct to 1e-15 relative, mostly in a
    fraction of a second; more digits are correct too and take a minute or two for 30.

    Raises
    ------
    ValueError : if B is not real, or B_phi or B_W is negative or not real.
    NotImplementedError : for symbolic derivatives; differentiate the JAX function.

    References
    ----------
    B. L. Altshuler, A. G. Aronov, JETP Lett. 33, 499 (1981), give the narrow strip.
    """

    _jaxcode = "strip"
    _real_kernel = True
    nargs = 3
    # fifty digits take minutes
    _unprobed = True

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, B_W: sp.Expr) -> sp.Expr | None:
        """Return exact values, and the form without the sign of B."""
        _check(B, B_phi, B_W)
        if B.is_zero or B_phi is sp.oo or B_W is sp.oo:
            return sp.S.Zero
        if B.is_infinite or (B_phi.is_zero and B.is_zero is False):
            return sp.oo
        if B_W.is_zero:
            return HikamiFunction(B, B_phi)
        return cls(-B, B_phi, B_W) if B.could_extract_minus_sign() else None

    def _eval_derivative(self, s: sp.Symbol) -> NoReturn:
        raise NotImplementedError(
            f"StripFunction has no symbolic derivative in {s}; generate the JAX function and apply "
            "jax.grad to it."
        )

    def _eval_is_extended_real(self) -> bool | None:
        return True if all(a.is_extended_real for a in self.args) else None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        digits = mp.libmp.prec_to_dps(prec)
        with mp.workdps(digits + 10):
            B, B_phi, B_W = (mp.mpmathify(sp.N(a, mp.mp.dps)) for a in self.args)
            wanted = 16 if digits <= _DOUBLE_DIGITS else digits + 1
            value = strip_value(abs(B) / (8 * B_W), mp.sqrt(B_phi / B_W) / 2, wanted)
        return sp.Expr._from_mpmath(value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi, B_W = (printer._print(a) for a in self.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\Psi_{{\mathrm{{strip}}}}{power}\left({B}, {B_phi}, {B_W}\right)"


def narrow_strip(B: sp.Expr, B_phi: sp.Expr, B_W: sp.Expr) -> sp.Expr:
    r"""Leading order of `StripFunction` for W << l_B and W << L_phi, in the same unit.

    2 pi (sqrt(B_W/B_phi) - [B_phi/B_W + (B/B_W)^2/48]^(-1/2)), written without a difference.
    """
    c2, rate = B_phi / B_W, (B / B_W) ** 2 / 48
    root, total = sp.sqrt(c2), sp.sqrt(c2 + rate)
    return 2 * sp.pi * rate / (root * total * (root + total))


def _check(B: sp.Expr, B_phi: sp.Expr, B_W: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    for name, field in (("B_phi", B_phi), ("B_W", B_W)):
        if field.is_extended_real is False or field.is_extended_negative:
            raise ValueError(
                f"{name} must be real and not negative, but got {field}; pass hbar/(4 e L^2) of a "
                "positive length."
            )
