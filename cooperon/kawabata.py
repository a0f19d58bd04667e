r"""The kernel of three-dimensional weak localization, as a SymPy function that keeps its name.

.. math:: K(B, B_\phi) = \sqrt{|B|}\, f_3\!\left(\frac{B_\phi}{|B|}\right), \qquad
          f_3(x) = -2\sqrt{x} - \zeta\left(\tfrac12, \tfrac12 + x\right),

a function of the two fields rather than of their ratio: it then is smooth at B = 0, where it
vanishes.  `KawabataFunction` is the kernel and `KawabataFunctionDerivative` its partial
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


@cache
def _unfolded(m: int, n: int) -> sp.Expr:
    """d^m/db^m d^n/dp^n of sqrt(b) f_3(p/b)."""
    half = sp.Rational(1, 2)
    kernel = sp.sqrt(_b) * (-2 * sp.sqrt(_p / _b) - sp.zeta(half, half + _p / _b))
    return sp.diff(kernel, _b, m, _p, n)


@cache
def _numeric(m: int, n: int) -> Callable[[Any, Any], Any]:
    return cast(Callable[[Any, Any], Any], sp.lambdify((_b, _p), _unfolded(m, n), "mpmath"))


def _weak_field_term(k: int, B: sp.Expr, B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
    r"""The k-th term of the weak-field series, differentiated m times in B, n times in B_phi.

    By Hermite's asymptotic series zeta(s, 1/2 + x) ~ x^(1-s)/(s-1) + sum over k >= 1 of
    B_2k(1/2)/(2k)! (s)_(2k-1) x^(1-s-2k), the term of K is -B^(2k) B_phi^(1/2-2k) times the
    coefficient at s = 1/2.
    """
    half = sp.Rational(1, 2)
    coefficient = -sp.bernoulli(2 * k, half) / sp.factorial(2 * k) * sp.rf(half, 2 * k - 1)
    power = half - 2 * k
    factor = sp.ff(2 * k, m) * sp.ff(power, n)
    return coefficient * factor * B ** (2 * k - m) * B_phi ** (power - n)


def _check_fields(B: sp.Expr, B_phi: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    if B_phi.is_extended_negative:
        raise ValueError(
            f"The dephasing field B_phi must not be negative, but got {B_phi}; "
            "pass hbar/(4 e D tau_phi) with a positive tau_phi."
        )


class _KawabataFamily(sp.Function):
    """What the kernel and its derivatives share, in terms of the orders (m, n)."""

    @property
    def orders(self) -> tuple[int, int]:
        """Number of derivatives in B and in B_phi."""
        m, n = self.args[2:] or (0, 0)
        return int(m), int(n)

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side of the definition, in Hurwitz zeta functions and |B|."""
        B, B_phi = (a.doit(**hints) if deep else a for a in self.args[:2])
        m, _ = self.orders
        return sp.sign(B) ** (m % 2) * self._at(sp.Abs(B), B_phi)

    def _at(self, b: sp.Expr, B_phi: sp.Expr) -> sp.Expr:
        return _unfolded(*self.orders).subs({_b: b, _p: B_phi}, simultaneous=True)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        m, n = self.orders
        B, B_phi = self.args[:2]
        return KawabataFunctionDerivative(B, B_phi, m + (argindex == 1), n + (argindex == 2))

    def _eval_rewrite_as_zeta(self, *args: Any, **kwargs: Any) -> sp.Expr:
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
        # the terms, about x^(1/2), cancel to the power 2k >= m of B/B_phi
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
            return self._signed(x, self._strong(b, B_phi))._eval_nseries(x, n, logx, cdir)
        last = sp.ceiling((n + sum(self.orders)) / (2 * exponent)) + max(self.orders)
        terms = (_weak_field_term(k, b, B_phi, *self.orders) for k in range(1, int(last) + 1))
        return self._signed(x, sp.Add(*terms))._eval_nseries(x, n, logx, cdir) + sp.Order(x**n, x)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        b, B_phi, exponent = self._approach(x)
        if not exponent.is_positive:
            strong = self._signed(x, self._strong(b, B_phi))
            return strong.as_leading_term(x, logx=logx, cdir=cdir)
        k = max(1, (self.orders[0] + 1) // 2)
        term = self._signed(x, _weak_field_term(k, b, B_phi, *self.orders))
        return term.as_leading_term(x, logx=logx, cdir=cdir)

    def _strong(self, b: sp.Expr, B_phi: sp.Expr) -> sp.Expr:
        """Expanded, so that no power of x is left inside a root."""
        return sp.powdenest(sp.expand(self._at(b, B_phi)), force=True)

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


class KawabataFunction(_KawabataFamily):
    r"""Kernel of three-dimensional weak localization in a magnetic field.

    KawabataFunction(B, B_phi) is sqrt(\|B\|) f_3(B_phi/\|B\|) >= 0 with Kawabata's f_3.  For
    spin-1/2 electrons without spin relaxation and isotropic diffusion the magnetoconductivity is
    sigma(B) - sigma(0) = e^2/(2 pi^2 hbar) sqrt(e/hbar) KawabataFunction(B, B_phi), both
    spins counted.

    Parameters
    ----------
    B : real magnetic field; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, not negative; a complex one
        with positive real part (finite frequency) is kept and evaluated.

    Notes
    -----
    Homogeneous of degree 1/2.  Exact values: 0 at B = 0 (also for B_phi = 0) and at
    B_phi = oo; -zeta(1/2, 1/2) sqrt(\|B\|) = 0.60490 sqrt(\|B\|) at B_phi = 0; oo at
    \|B\| = oo.  Weak fields: B^2/(48 B_phi^(3/2)) - ..., an asymptotic series.  `evalf` is
    correct to the digits asked for at any ratio.

    Raises
    ------
    ValueError : if B is not real, or B_phi is negative.

    References
    ----------
    A. Kawabata, J. Phys. Soc. Jpn. 49, 628 (1980), whose f_3(delta) is a sum over Landau
    levels, delta = B_phi/\|B\|; here that sum is the zeta function, and sqrt(\|B\|) is part
    of the function.

    Examples
    --------
    >>> from sympy import symbols
    >>> B, B_phi = symbols("B B_phi", positive=True)
    >>> K = KawabataFunction(B, B_phi)
    >>> K.series(B, 0, 4)
    B**2/(48*B_phi**(3/2)) + O(B**4)
    >>> K.subs({B: 4, B_phi: 0}).evalf(10)
    1.209797287
    """

    _jaxcode = "kawabata"

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr) -> sp.Expr | None:
        _check_fields(B, B_phi)
        if sp.nan in (B, B_phi):
            return sp.nan
        if B.is_zero or B_phi is sp.oo:
            return sp.S.Zero
        if B.is_infinite:
            return sp.oo
        if B_phi.is_zero:
            # by the value at x = 1/2 + 0: zeta(1/2, 1/2) = (sqrt(2) - 1) zeta(1/2)
            return (1 - sp.sqrt(2)) * sp.zeta(sp.Rational(1, 2)) * sp.sqrt(sp.Abs(B))
        if B.could_extract_minus_sign():
            return cls(-B, B_phi)
        if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
            return cls(B.args[0], B_phi)
        return None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()

    def _eval_is_zero(self) -> bool | None:
        B, B_phi = self.args
        return False if B.is_nonzero and B_phi.is_finite else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi = self.args
        size = B if B.is_nonnegative else sp.Abs(B)
        text = rf"\sqrt{{{printer._print(size)}}}"
        text += rf"\, f_{{3}}\left({printer._print(B_phi / size)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


class KawabataFunctionDerivative(_KawabataFamily):
    r"""Partial derivative of `KawabataFunction(B, B_phi)`, m times in B and n times in B_phi.

    Units: field^(1/2 - m - n).  Odd in B for odd m, with exact values at B = 0; d^2/dB^2 is
    1/(24 B_phi^(3/2)) there.

    Parameters
    ----------
    B, B_phi : as in `KawabataFunction`.
    m, n : orders, integers >= 0; (0, 0) returns the `KawabataFunction`.

    Raises
    ------
    ValueError : if an order is not an integer >= 0, B is not real, or B_phi is negative.
    """

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        return "kawabata_derivative" if sum(self.orders) <= 2 else None

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, m: sp.Expr, n: sp.Expr) -> sp.Expr | None:
        if not all(order.is_Integer and order >= 0 for order in (m, n)):
            raise ValueError(f"The orders must be integers >= 0, but got ({m}, {n}); pass numbers.")
        if m == n == 0:
            return KawabataFunction(B, B_phi)
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
        kernel = KawabataFunction(B, B_phi, evaluate=False)
        text = rf"{''.join(partials)} {printer._print(kernel)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"
