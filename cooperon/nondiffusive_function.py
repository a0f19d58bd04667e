r"""Weak localization at any ratio of the field to the transport field, as SymPy functions.

With b = |B|/B_tr, s = 1 + B_phi/B_tr, a pair of electrons between two impurities has on the level
N the elements P_N and Q_N of the inverse of s + i (b/2)^(1/2) (a + a^+), and

.. math:: \sigma_a(B) = -b \sum_N \frac{P_N^3}{1 - P_N}, \qquad
          \sigma_b(B) = \frac b2 \sum_N \Big[\frac{P_N}{1 - P_N}
                        + \frac{P_{N+1}}{1 - P_{N+1}}\Big] Q_N^2

in units of e^2/(pi h).  Both are kept as functions of three fields, smooth at B = 0, whose
value there is subtracted.  See `cooperon.beyond_diffusion` for where they come from.
"""

from __future__ import annotations

from typing import Any, ClassVar

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.flight_boxes import s as flight_decay
from cooperon.flight_boxes import zero_field_parts
from cooperon.kernels import HikamiFunction
from cooperon.nondiffusive_value import nondiffusive_value

_N = sp.Symbol("N", integer=True, nonnegative=True)
_x = sp.Symbol("x", positive=True)


def diagonal_flight(s: sp.Expr, b: sp.Expr, level: sp.Expr = _N) -> sp.Integral:
    """Return P_N as the integral over the distance x, with lambda = (2/b)^(1/2) = l_B/l."""
    size = sp.sqrt(2 / b)
    decay = sp.exp(-size * s * _x - _x**2 / 2)
    return sp.Integral(size * decay * sp.laguerre(level, _x**2), (_x, 0, sp.oo))


def off_diagonal_flight(s: sp.Expr, b: sp.Expr, level: sp.Expr = _N) -> sp.Integral:
    """Return Q_N as the integral over the distance x."""
    size = sp.sqrt(2 / b)
    decay = sp.exp(-size * s * _x - _x**2 / 2) * size / sp.sqrt(level + 1)
    return sp.Integral(_x * decay * sp.assoc_laguerre(level, 1, _x**2), (_x, 0, sp.oo))


def zero_field(s: sp.Expr, back: bool = True, other: bool = True) -> sp.Expr:
    """Return sigma(0) in units of e^2/(pi h), for s = 1 + tau/tau_phi.

    The integrals over q of the diagrams, see `cooperon.flight_boxes`.
    """
    backscattered, scattered = (part.subs(flight_decay, s) for part in zero_field_parts())
    return backscattered * int(back) + scattered * int(other)


class _Family(sp.Function):
    """What the functions and their derivatives share."""

    _kernel: ClassVar[str]
    _back: ClassVar[bool]
    _other: ClassVar[bool]
    # a probe asks for fifty digits at several points, half a minute
    _unprobed = True

    @staticmethod
    def _classes() -> tuple[type[_Function], type[_Derivative]]:
        raise NotImplementedError

    @property
    def orders(self) -> tuple[int, ...]:
        """Number of derivatives in B, B_phi and B_tr."""
        return tuple(int(order) for order in self.args[3:] or (0, 0, 0))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative by B, B_phi or B_tr."""
        if argindex not in (1, 2, 3):
            raise ArgumentIndexError(self, argindex)
        orders = (order + (i == argindex) for i, order in enumerate(self.orders, 1))
        return self._classes()[1](*self.args[:3], *orders)

    def _eval_is_extended_real(self) -> bool | None:
        B, B_phi, B_tr = self.args[:3]
        return True if B.is_real and B_phi.is_nonnegative and B_tr.is_positive else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(argument.is_number for argument in self.args):
            return None
        with mp.workprec(prec + 10):
            fields = [mp.mpmathify(a._to_mpmath(mp.mp.prec)) for a in self.args[:3]]
            value = self._value(*fields) if not any(self.orders) else self._slope(fields)
        return sp.Expr._from_mpmath(value, prec)

    def _value(self, B: Any, B_phi: Any, B_tr: Any) -> Any:
        if B == 0:
            return mp.mpf(0)
        return nondiffusive_value(abs(B) / B_tr, B_phi / B_tr, self._back, self._other)

    def _slope(self, fields: list[Any]) -> Any:
        """A derivative by differences at the precision that these take."""
        if fields[0] == 0 and self.orders[0] % 2:
            return mp.mpf(0)
        return mp.diff(self._value, tuple(fields), self.orders)


class _Function(_Family):
    nargs = (3,)

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, B_tr: sp.Expr) -> sp.Expr | None:
        """Return the values at the ends and the form without a sign of B."""
        _check_fields(B, B_phi, B_tr)
        if sp.nan in (B, B_phi, B_tr):
            return sp.nan
        if B.is_zero or B_phi is sp.oo:
            return sp.S.Zero
        if B_tr is sp.oo:
            return HikamiFunction(B, B_phi) if cls._back else sp.S.Zero
        if B_phi.is_zero and cls._back:
            return sp.oo if B.is_zero is False else None
        if B.is_infinite and B_phi.is_positive:
            return -zero_field(1 + B_phi / B_tr, cls._back, cls._other)
        if B.could_extract_minus_sign():
            return cls(-B, B_phi, B_tr)
        if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
            return cls(B.args[0], B_phi, B_tr)
        return None

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Return the sum over levels with P_N and Q_N as integrals, minus the value at B = 0."""
        B, B_phi, B_tr = (a.doit(**hints) if deep else a for a in self.args)
        s, b = 1 + B_phi / B_tr, sp.Abs(B) / B_tr
        P, following = (diagonal_flight(s, b, level) for level in (_N, _N + 1))
        back = -b * P**3 / (1 - P)
        ladders = P / (1 - P) + following / (1 - following)
        other = b / 2 * ladders * off_diagonal_flight(s, b) ** 2
        summand = back * int(self._back) + other * int(self._other)
        return sp.Sum(summand, (_N, 0, sp.oo)) - zero_field(s, self._back, self._other)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        index = "" if self._back and self._other else ("_{a}" if self._back else "_{b}")
        power = "" if exp is None else f"^{{{exp}}}"
        fields = r",\, ".join(printer._print(a) for a in self.args)
        return rf"\mathcal{{F}}{index}{power}\left({fields}\right)"


class _Derivative(_Family):
    nargs = (6,)

    @property
    def _jaxcode(self) -> str | None:
        return f"{self._kernel}_derivative" if sum(self.orders) < 3 else None

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, B_tr: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return the function itself for orders 0, and the values that follow from its parity."""
        if not all(order.is_Integer and order >= 0 for order in orders):
            raise ValueError(f"The orders must be integers >= 0, but got {orders}; pass numbers.")
        _check_fields(B, B_phi, B_tr)
        if not any(orders):
            return cls._classes()[0](B, B_phi, B_tr)
        if B.is_zero and (orders[0] == 0 or orders[0] % 2):
            return sp.S.Zero
        if B.could_extract_minus_sign():
            return (-1) ** orders[0] * cls(-B, B_phi, B_tr, *orders)
        return None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        partials = "".join(
            rf"\partial_{{{printer._print(field) if field.is_Symbol else position}}}"
            + (f"^{{{order}}}" if order > 1 else "")
            for position, (field, order) in enumerate(
                zip(self.args[:3], self.orders, strict=True), 1
            )
            if order
        )
        function = self._classes()[0](*self.args[:3], evaluate=False)
        text = rf"{partials} {printer._print(function)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class NondiffusiveFunction(_Function):
    r"""[sigma(B) - sigma(0)]/(e^2/(pi h)) in two dimensions, for isotropic scatterers.

    Parameters
    ----------
    B : real perpendicular field; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi), not negative; D = l^2/(2 tau) makes
        tau/tau_phi = B_phi/B_tr.
    B_tr : transport field hbar/(2 e l^2), positive, l = v_F tau.

    Notes
    -----
    Homogeneous of degree 0.  0 at B = 0 and at B_phi = oo; Psi(B_phi/B) at B_tr = oo and for
    B, B_phi << B_tr; -sigma(0) at B = oo, from which it differs by 4.973652 (B_tr/B)^(1/2) in
    strong fields.  Bending of the paths by the field (omega_c tau) is not in it.  `evalf` is
    correct to the digits asked for; derivatives by differences of such values.

    Raises
    ------
    ValueError : if B is not real, B_phi is negative or B_tr is not positive.

    References
    ----------
    A. Kawabata, J. Phys. Soc. Jpn. 53, 3540 (1984); M. I. Dyakonov, Solid State Commun. 92, 711
    (1994); A. Zduniak, M. I. Dyakonov, W. Knap, Phys. Rev. B 56, 1996 (1997).

    Examples
    --------
    >>> NondiffusiveFunction(1, sp.Rational(1, 100), 1).evalf(12)
    2.04446913216
    """

    _kernel, _back, _other = "nondiffusive", True, True
    _jaxcode = "nondiffusive"

    @staticmethod
    def _classes() -> tuple[type[_Function], type[_Derivative]]:
        return NondiffusiveFunction, NondiffusiveFunctionDerivative

    def parts(self) -> tuple[sp.Expr, sp.Expr]:
        """Return the backscattering and the nonbackscattering part."""
        return BackscatteringFunction(*self.args), NonbackscatteringFunction(*self.args)


class BackscatteringFunction(_Function):
    """The part sigma_a of `NondiffusiveFunction`: pairs that are scattered back, as Kawabata's.

    Examples
    --------
    >>> BackscatteringFunction(1, sp.Rational(1, 100), 1).evalf(12)
    2.08038345401
    """

    _kernel, _back, _other = "backscattering", True, False
    _jaxcode = "backscattering"

    @staticmethod
    def _classes() -> tuple[type[_Function], type[_Derivative]]:
        return BackscatteringFunction, BackscatteringFunctionDerivative


class NonbackscatteringFunction(_Function):
    """The part sigma_b of `NondiffusiveFunction`: pairs scattered into other directions."""

    _kernel, _back, _other = "nonbackscattering", False, True
    _jaxcode = "nonbackscattering"

    @staticmethod
    def _classes() -> tuple[type[_Function], type[_Derivative]]:
        return NonbackscatteringFunction, NonbackscatteringFunctionDerivative


class NondiffusiveFunctionDerivative(_Derivative):
    """Derivative of `NondiffusiveFunction`, of the orders i, j, k in B, B_phi and B_tr."""

    _kernel, _back, _other = "nondiffusive", True, True
    _classes = staticmethod(NondiffusiveFunction._classes)


class BackscatteringFunctionDerivative(_Derivative):
    """Derivative of `BackscatteringFunction`, of the orders i, j, k."""

    _kernel, _back, _other = "backscattering", True, False
    _classes = staticmethod(BackscatteringFunction._classes)


class NonbackscatteringFunctionDerivative(_Derivative):
    """Derivative of `NonbackscatteringFunction`, of the orders i, j, k."""

    _kernel, _back, _other = "nonbackscattering", False, True
    _classes = staticmethod(NonbackscatteringFunction._classes)


def _check_fields(B: sp.Expr, B_phi: sp.Expr, B_tr: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    if B_phi.is_extended_negative or B_phi.is_extended_real is False:
        raise ValueError(
            f"The dephasing field B_phi must be real and not negative, but got {B_phi}; pass "
            "hbar/(4 e D tau_phi) with a positive tau_phi."
        )
    if B_tr.is_extended_nonpositive or B_tr.is_extended_real is False:
        raise ValueError(
            f"The transport field B_tr must be positive, but got {B_tr}; pass hbar/(2 e l^2)."
        )
