r"""The three-dimensional kernel K of two mixed modes, as SymPy functions that keep their name.

Two modes of different weights that mix have the dephasing fields m +- sqrt(s), with an s that
changes its sign where they meet.  In the trace of K stand

.. math:: K_-(m, s) = \frac{K(m + \sqrt s) - K(m - \sqrt s)}{2 \sqrt s}, \qquad
          K_+(m, s) = \tfrac12 [K(m + \sqrt s) + K(m - \sqrt s)],

both smooth in s.  As 2 s dK_-/ds = dK_+/dm - K_- and dK_+/ds = dK_-/dm / 2, derivatives of one
are expressed by those of the other, and at s = 0

.. math:: \partial_s^c K_- = \frac{c!}{(2 c + 1)!} \frac{d^{2c+1} K}{dm^{2c+1}}.
"""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.field_law import numeric
from cooperon.kawabata import KawabataFunction, KawabataFunctionDerivative

_Orders = tuple[int, int, int]
_LAW = KawabataFunction._law


def _kernel(B: sp.Expr, pole: sp.Expr, a: int, b: int) -> sp.Expr:
    return KawabataFunctionDerivative(B, pole, a, b)


def _check_poles(B: sp.Expr, m: sp.Expr, s: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    numbers = m.is_number and s.is_number
    if m.is_extended_nonpositive or (numbers and (m**2 - s).is_extended_negative):
        raise ValueError(
            f"The dephasing fields m +- sqrt(s) must have positive real parts, but got m = {m} and "
            f"s = {s}; pass m > 0 and s < m^2."
        )


class _KawabataPairs(sp.Function):
    """What both functions share: arguments (B, m, s), and the orders of a derivative."""

    _kernel_name: str

    @classmethod
    def eval(cls, *arguments: sp.Expr) -> sp.Expr | None:
        """Return a simpler form for B = 0, B -> -B and at s = 0."""
        (B, m, s), orders = arguments[:3], arguments[3:]
        if len(arguments) not in (3, 6) or not all(o.is_Integer and o >= 0 for o in orders):
            raise ValueError(
                f"The arguments must be B, m and s, and three orders >= 0 for a derivative, but "
                f"got {arguments}; leave out the rest."
            )
        if orders and not any(orders):
            return cls(B, m, s)
        _check_poles(B, m, s)
        if s.is_zero:
            return cls._where_they_meet(B, m, *map(int, orders or (0, 0, 0)))
        if B.is_zero and not (orders and orders[0]):
            return sp.S.Zero
        if B.could_extract_minus_sign():
            return (-1) ** (orders[0] if orders else 0) * cls(-B, *arguments[1:])
        return None

    @classmethod
    def _where_they_meet(cls, B: sp.Expr, m: sp.Expr, a: int, b: int, c: int) -> sp.Expr:
        raise NotImplementedError

    @classmethod
    def _of_poles(cls, at: Any, r: Any, s: Any, orders: _Orders) -> Any:
        """The function of sqrt(s) = r and `at(sign, a, b)`, the derivatives of K at a pole."""
        raise NotImplementedError

    @property
    def orders(self) -> _Orders:
        """Number of derivatives in B, m and s."""
        a, b, c = self.args[3:] or (0, 0, 0)
        return int(a), int(b), int(c)

    @property
    def _jaxcode(self) -> str:
        return f"{self._kernel_name}{'_derivative' if any(self.orders) else ''}"

    @property
    def _jaxargs(self) -> tuple[sp.Expr, ...]:
        """The kernel takes the product of the poles, whose terms do not cancel."""
        B, m, s = self.args[:3]
        return (B, m, sp.expand(m**2 - s), *self.args[3:])

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side of the definition, in special functions of both poles."""
        B, m, s = (a.doit(**hints) if deep else a for a in self.args[:3])
        r = sp.sqrt(s)

        def at(sign: int, a: int, b: int) -> sp.Expr:
            return _LAW.at(sp.Abs(B), m + sign * r, a, b) * sp.sign(B) ** (a % 2)

        return self._of_poles(at, r, s, self.orders)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2, 3):
            raise ArgumentIndexError(self, argindex)
        raised = (n + (i + 1 == argindex) for i, n in enumerate(self.orders))
        return self.func(*self.args[:3], *raised)

    def _eval_is_extended_real(self) -> bool | None:
        return all(a.is_extended_real for a in self.args[:3]) or None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        B, m, s = self.args[:3]
        if B.is_zero:  # a derivative in B: that of K is exact there, and finite
            return self._at_zero_field()._eval_evalf(prec)
        a, b, c = self.orders
        # bits that cancel between the poles where they are close, and in weak fields
        close = max(0, -_exponent(s / m**2)) * (c + 1)
        weak = max(0, _exponent((abs(m) + sp.sqrt(abs(s))) / B)) * (a + b + 2 * c + 2)
        with mp.workprec(prec + close + weak + 40):
            b_, m_, s_ = (mp.mpmathify(x._to_mpmath(mp.mp.prec)) for x in (B, m, s))
            r_ = mp.sqrt(s_) if s_ > 0 else mp.mpc(0, mp.sqrt(-s_))

            def at(sign: int, i: int, j: int) -> Any:
                return numeric(_LAW, i, j)(abs(b_), m_ + sign * r_) * mp.sign(b_) ** i

            value = self._of_poles(at, r_, s_, (a, b, c))
            value = value if mp.im(m_) != 0 else mp.re(value)
        return sp.Expr._from_mpmath(value, prec)

    def _at_zero_field(self) -> sp.Expr:
        _, m, s = self.args[:3]
        r, field = sp.sqrt(s), sp.S.Zero

        def at(sign: int, a: int, b: int) -> sp.Expr:
            return KawabataFunctionDerivative(field, m + sign * r, a, b)

        return self._of_poles(at, r, s, self.orders)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, m, s = (printer._print(a) for a in self.args[:3])
        text = rf"{self._symbol}\left({B}; {m}, {s}\right)"
        for letter, order in zip("Bms", self.orders, strict=True):
            text = rf"\partial_{{{letter}}}" * order + text
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    _symbol: str


class KawabataPair(_KawabataPairs):
    r"""[K(B, m + sqrt(s)) - K(B, m - sqrt(s))]/(2 sqrt(s)), K = `KawabataFunction`.

    With three orders (a, b, c) behind it the derivative, a times in B, b in m, c in s.

    Parameters
    ----------
    B : real magnetic field; the function is even in B.
    m : mean of the two dephasing fields, in the unit of B, with a positive real part.
    s : square of half their difference, s < m^2; negative for complex conjugate fields.

    Notes
    -----
    Homogeneous of degree -1/2 in (B, m, sqrt(s)); negative.  Exact values: 0 at B = 0, dK/dB_phi
    at s = 0.  `evalf` is correct to the digits asked for, next to s = 0 and B = 0 as well.

    Raises
    ------
    ValueError : if B is not real, m is not positive, or m and s are numbers with s > m^2.

    Examples
    --------
    >>> B, m, s = sp.symbols("B m s", positive=True)
    >>> KawabataPair(B, m, 0)
    KawabataFunctionDerivative(B, m, 0, 1)
    >>> KawabataPair(1, 2, 3).evalf(10)
    -0.02499042936
    """

    _kernel_name = "kawabata_pair"
    _symbol = "K_{-}"

    @classmethod
    def _where_they_meet(cls, B: sp.Expr, m: sp.Expr, a: int, b: int, c: int) -> sp.Expr:
        factor = sp.factorial(c) / sp.factorial(2 * c + 1)
        return factor * _kernel(B, m, a, b + 2 * c + 1)

    @classmethod
    def _of_poles(cls, at: Any, r: Any, s: Any, orders: _Orders) -> Any:
        a, b, c = orders
        if c == 0:
            return (at(1, a, b) - at(-1, a, b)) / (2 * r)
        mean = KawabataMean._of_poles(at, r, s, (a, b + 1, c - 1))
        return (mean - (2 * c - 1) * cls._of_poles(at, r, s, (a, b, c - 1))) / (2 * s)


class KawabataMean(_KawabataPairs):
    """[K(B, m + sqrt(s)) + K(B, m - sqrt(s))]/2, and its derivatives: see `KawabataPair`.

    Homogeneous of degree 1/2, positive; K(B, m) at s = 0.

    Examples
    --------
    >>> B, m, s = sp.symbols("B m s", positive=True)
    >>> KawabataMean(B, m, s).diff(s) == KawabataPair(B, m, s).diff(m) / 2
    True
    """

    _kernel_name = "kawabata_mean"
    _symbol = "K_{+}"

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 3:
            return super().fdiff(argindex)
        a, b, c = self.orders
        return KawabataPair(*self.args[:3], a, b + 1, c) / 2

    @classmethod
    def _where_they_meet(cls, B: sp.Expr, m: sp.Expr, a: int, b: int, c: int) -> sp.Expr:
        return sp.factorial(c) / sp.factorial(2 * c) * _kernel(B, m, a, b + 2 * c)

    @classmethod
    def _of_poles(cls, at: Any, r: Any, s: Any, orders: _Orders) -> Any:
        a, b, c = orders
        if c == 0:
            return (at(1, a, b) + at(-1, a, b)) / 2
        return KawabataPair._of_poles(at, r, s, (a, b + 1, c - 1)) / 2


def _exponent(x: sp.Expr) -> int:
    """The binary exponent of |x|, x != 0."""
    return int(mp.frexp(abs(sp.Abs(x)._to_mpmath(53)))[1])
