r"""Special functions of weak localization, as SymPy functions that keep their name.

The kernel of a two-dimensional conductor in a perpendicular field B is

.. math:: \Psi\left(\frac{B_\phi}{B}\right)
          = \psi\left(\frac12 + \frac{B_\phi}{|B|}\right) - \ln\frac{B_\phi}{|B|},

a function of the two fields rather than of their ratio: it then is smooth at B = 0, where it
vanishes.  `HikamiFunction` is the kernel and `HikamiFunctionDerivative` its partial
derivatives; together they are closed under differentiation.  Both unfold with `doit()`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

_b, _p = sp.symbols("b p", positive=True)
_polygamma = sp.Function("polygamma")


@cache
def _unfolded(m: int, n: int) -> sp.Expr:
    """d^m/db^m d^n/dp^n of psi(1/2 + p/b) - ln(p/b), with polygamma as an inert function."""
    kernel = sp.digamma(sp.Rational(1, 2) + _p / _b) - sp.log(_p / _b)
    return sp.diff(kernel, _b, m, _p, n).replace(sp.polygamma, _polygamma)


@cache
def _numeric(m: int, n: int) -> Callable[[Any, Any], Any]:
    expression = _unfolded(m, n).replace(_polygamma, sp.polygamma)
    return cast(Callable[[Any, Any], Any], sp.lambdify((_b, _p), expression, "mpmath"))


def _weak_field_coefficient(k: int) -> sp.Rational:
    """Coefficient of (B/B_phi)^(2k) for B -> 0: (1 - 2^(1-2k)) B_2k / (2k), B_2k of Bernoulli."""
    return (1 - sp.Rational(2) ** (1 - 2 * k)) * sp.bernoulli(2 * k) / (2 * k)


def _weak_field_term(k: int, B: sp.Expr, B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
    """The k-th term of the weak-field series, differentiated m times in B, n times in B_phi."""
    factor = sp.ff(2 * k, m) * (-1) ** n * sp.rf(2 * k, n)
    return _weak_field_coefficient(k) * factor * B ** (2 * k - m) * B_phi ** (-2 * k - n)


def _check_fields(B: sp.Expr, B_phi: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    decay = sp.re(B_phi) if B_phi.is_number and B_phi.has(sp.I) else B_phi
    if decay.is_extended_negative:
        raise ValueError(
            f"The dephasing field B_phi must not be negative, but got {B_phi}; "
            "pass hbar/(4 e D tau_phi) with a positive tau_phi."
        )


class _JaxKernel:
    """Name of the JAX kernel of a class; a node with a complex B_phi has one of its own."""

    def __init__(self, name: str, in_complex: str) -> None:
        self.name, self.in_complex = name, in_complex

    def __get__(self, node: sp.Expr | None, owner: type | None = None) -> str:
        return self.in_complex if node is not None and _is_complex(node.args[1]) else self.name


def _is_complex(B_phi: sp.Expr) -> bool:
    return B_phi.is_extended_real is False or B_phi.has(sp.I)


class _HikamiFamily(sp.Function):
    """What the kernel and its derivatives share, in terms of the orders (m, n)."""

    @property
    def orders(self) -> tuple[int, int]:
        """Number of derivatives in B and in B_phi."""
        m, n = self.args[2:] or (0, 0)
        return int(m), int(n)

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side of the definition, in digamma functions and |B|."""
        B, B_phi = (a.doit(**hints) if deep else a for a in self.args[:2])
        m, _ = self.orders
        return sp.sign(B) ** (m % 2) * self._at(sp.Abs(B), B_phi)

    def _at(self, b: sp.Expr, B_phi: sp.Expr) -> sp.Expr:
        # polygamma of an exact number would expand to a sum of as many terms
        return (
            _unfolded(*self.orders)
            .subs({_b: b, _p: B_phi}, simultaneous=True)
            .replace(_polygamma, lambda k, x: sp.polygamma(k, x, evaluate=not x.is_number))
        )

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        m, n = self.orders
        B, B_phi = self.args[:2]
        return HikamiFunctionDerivative(B, B_phi, m + (argindex == 1), n + (argindex == 2))

    def _eval_rewrite_as_polygamma(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)

    def _eval_rewrite_as_tractable(self, *args: Any, **kwargs: Any) -> sp.Expr:
        return self.doit(deep=False)

    def _eval_is_extended_real(self) -> bool | None:
        B, B_phi = self.args[:2]
        return True if B.is_extended_real and B_phi.is_extended_nonnegative else None

    def _eval_is_finite(self) -> bool | None:
        B, B_phi = self.args[:2]
        return True if B.is_finite and B_phi.is_finite and B_phi.is_nonzero else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        m, n = self.orders
        # the terms cancel to the power 2k >= m of B/B_phi, so as many more bits are needed
        x = abs(self.args[1] / self.args[0])
        lost = max(0, int(mp.log(x._to_mpmath(53), 2))) * (m + 2)
        with mp.workprec(prec + lost + 30):
            # _to_mpmath gives an int for an Integer, and int/int would be a Python float
            B, B_phi = (mp.mpmathify(a._to_mpmath(mp.mp.prec)) for a in self.args[:2])
            value = mp.sign(B) ** m * _numeric(m, n)(abs(B), B_phi)
        return sp.Expr._from_mpmath(value, prec)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: Any = 0) -> sp.Expr:
        b, B_phi, exponent = self._approach(x)
        if not exponent.is_positive:
            return self._signed(x, self._at(b, B_phi))._eval_nseries(x, n, logx, cdir)
        last = sp.ceiling((n + sum(self.orders)) / (2 * exponent)) + max(self.orders)
        terms = (_weak_field_term(k, b, B_phi, *self.orders) for k in range(1, int(last) + 1))
        return self._signed(x, sp.Add(*terms))._eval_nseries(x, n, logx, cdir) + sp.Order(x**n, x)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        b, B_phi, exponent = self._approach(x)
        if not exponent.is_positive:
            unfolded = self._signed(x, self._at(b, B_phi))
            return unfolded.as_leading_term(x, logx=logx, cdir=cdir)
        k = max(1, (self.orders[0] + 1) // 2)
        term = self._signed(x, _weak_field_term(k, b, B_phi, *self.orders))
        return term.as_leading_term(x, logx=logx, cdir=cdir)

    def _approach(self, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """|B| and B_phi near x = 0+, and the leading exponent of x in |B|/B_phi."""
        B, B_phi = self.args[:2]
        b = -B if self._is_negative_near(x) else B
        return b, B_phi, (b / B_phi).as_leading_term(x).as_coeff_exponent(x)[1]

    def _is_negative_near(self, x: sp.Symbol) -> bool:
        leading = self.args[0].as_leading_term(x).subs(x, _b)
        return bool(leading.is_negative)

    def _signed(self, x: sp.Symbol, expression: sp.Expr) -> sp.Expr:
        odd = self.orders[0] % 2 == 1 and self._is_negative_near(x)
        return -expression if odd else expression


class HikamiFunction(_HikamiFamily):
    r"""Kernel of two-dimensional weak localization in a perpendicular field.

    HikamiFunction(B, B_phi) is psi(1/2 + B_phi/\|B\|) - ln(B_phi/\|B\|) >= 0, printed as
    Psi(B_phi/B).  For spin-1/2 electrons without spin relaxation the magnetoconductivity is
    sigma(B) - sigma(0) = e^2/(pi h) HikamiFunction(B, B_phi), both spins counted.

    Parameters
    ----------
    B : real field perpendicular to the layer; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, not negative; a complex one
        with positive real part (finite frequency) is kept and evaluated.

    Notes
    -----
    Homogeneous of degree 0.  Exact values: 0 at B = 0 (also for B_phi = 0) and at
    B_phi = oo; oo at \|B\| = oo and at B_phi = 0 for B != 0.  Weak fields:
    (B/B_phi)^2/24 - 7 (B/B_phi)^4/960 + ..., an asymptotic series.  Strong fields:
    ln(\|B\|/B_phi) + psi(1/2) + ...  `evalf` is correct to the digits asked for at any ratio.

    Raises
    ------
    ValueError : if B is not real, or B_phi is negative or a number with a negative real part.

    References
    ----------
    Hikami, Larkin, Nagaoka, Prog. Theor. Phys. 63, 707 (1980), Eq. (18), whose
    1/(tau a), a = 4 e B D/hbar, is B_phi/B.  They subtract the elastic cutoff
    psi(1/2 + 1/(tau_0 a)); here it is expanded for tau_0 -> 0 into the logarithm.

    Examples
    --------
    >>> from sympy import latex, symbols
    >>> B, B_phi = symbols("B B_phi", positive=True)
    >>> Psi = HikamiFunction(B, B_phi)
    >>> Psi.doit()
    -log(B_phi/B) + polygamma(0, 1/2 + B_phi/B)
    >>> Psi.series(B, 0, 6)
    B**2/(24*B_phi**2) - 7*B**4/(960*B_phi**4) + O(B**6)
    """

    _jaxcode = _JaxKernel("hikami", "hikami_complex")

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr) -> sp.Expr | None:
        _check_fields(B, B_phi)
        if sp.nan in (B, B_phi):
            return sp.nan
        if B.is_zero or B_phi is sp.oo:
            return sp.S.Zero
        if B.is_infinite or (B_phi.is_zero and B.is_zero is False):
            return sp.oo
        if B.could_extract_minus_sign():
            return cls(-B, B_phi)
        if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
            return cls(B.args[0], B_phi)
        return None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()

    def _eval_is_zero(self) -> bool | None:
        B, B_phi = self.args
        return False if B.is_nonzero and B_phi.is_nonnegative else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi = self.args
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\Psi{power}\left({printer._print(B_phi / B)}\right)"


class HikamiFunctionDerivative(_HikamiFamily):
    r"""Partial derivative of `HikamiFunction(B, B_phi)`, m times in B and n times in B_phi.

    Printed as a derivative of Psi(B_phi/B) by its first (B) and second (B_phi) argument, by
    their letters where they are symbols.  Units: 1/field^(m + n).  Odd in B for odd m, with
    exact values at B = 0; d^2/dB^2 is 1/(12 B_phi^2) there.

    Parameters
    ----------
    B, B_phi : as in `HikamiFunction`.
    m, n : orders, integers >= 0; (0, 0) returns the `HikamiFunction`.

    Raises
    ------
    ValueError : if an order is not an integer >= 0, B is not real, or B_phi is negative.
    """

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        if sum(self.orders) > 2:
            return None
        return f"hikami{'_complex' if _is_complex(self.args[1]) else ''}_derivative"

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, m: sp.Expr, n: sp.Expr) -> sp.Expr | None:
        if not all(order.is_Integer and order >= 0 for order in (m, n)):
            raise ValueError(f"The orders must be integers >= 0, but got ({m}, {n}); pass numbers.")
        if m == n == 0:
            return HikamiFunction(B, B_phi)
        _check_fields(B, B_phi)
        if sp.nan in (B, B_phi):
            return sp.nan
        if B.is_zero:
            return cls._at_zero_field(B_phi, int(m), int(n))
        if B_phi is sp.oo:
            return sp.S.Zero
        if B.could_extract_minus_sign():
            return (-1) ** m * cls(-B, B_phi, m, n)
        return None

    @staticmethod
    def _at_zero_field(B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
        if m == 0 or m % 2:
            return sp.S.Zero
        return _weak_field_term(m // 2, sp.S.One, B_phi, m, n)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi, m, n = self.args
        partials = [
            rf"\partial_{{{printer._print(a) if a.is_Symbol else i}}}"
            + (f"^{{{order}}}" if order > 1 else "")
            for i, a, order in ((1, B, m), (2, B_phi, n))
            if order
        ]
        text = rf"{''.join(partials)} \Psi\left({printer._print(B_phi / B)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"
