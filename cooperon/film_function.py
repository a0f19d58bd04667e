r"""The kernel of a film of finite thickness, as a SymPy function that keeps its name.

.. math:: F(B, B_\phi, B_t) = \sum_{m\ge0} \Psi\left(\frac{B_\phi + m^2 B_t}{|B|}\right),
          \qquad \Psi(x) = \psi\left(\tfrac12 + x\right) - \ln x,

over the modes across the film, which a perpendicular field does not mix.  For a thin film,
B_t >> B and B_phi, one mode is left, the kernel of two dimensions; for a thick one,

.. math:: F \to \frac{\pi}{2\sqrt{B_t}} K(B, B_\phi) + \frac12 \Psi\left(\frac{B_\phi}{|B|}\right)
          - \ln\left(1 - e^{-2\pi\sqrt{B_\phi/B_t}}\right),

the kernel of three, what both surfaces add to it, and loops across the film.
`FilmFunction` is the kernel and `FilmFunctionDerivative` its partial derivatives; together
they are closed under differentiation.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.film_value import film_value
from cooperon.kernels import HikamiFunction, HikamiFunctionDerivative

_p, _t = sp.symbols("p t", positive=True)
_NAMES = ("dephasing field B_phi", "field B_t of the thickness")


class _FilmFamily(sp.Function):
    """What the function of (B, B_phi, B_t) and its derivatives (..., k, m, n) share."""

    @property
    def orders(self) -> tuple[int, int, int]:
        """Number of derivatives in B, in B_phi and in B_t."""
        k, m, n = self.args[3:] or (0, 0, 0)
        return int(k), int(m), int(n)

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Sum over modes, in digammas, logarithms and \\|B\\|."""
        B, B_phi, B_t = (a.doit(**hints) if deep else a for a in self.args[:3])
        k, m, n = self.orders
        mode = sp.Symbol("m", integer=True, nonnegative=True)
        term = HikamiFunctionDerivative(B, B_phi + mode**2 * B_t, k, m + n)
        return sp.Sum(mode ** (2 * n) * term.doit(deep=False), (mode, 0, sp.oo))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2, 3):
            raise ArgumentIndexError(self, argindex)
        orders = [n + (i == argindex) for i, n in enumerate(self.orders, start=1)]
        return FilmFunctionDerivative(*self.args[:3], *orders)

    def _eval_is_extended_real(self) -> bool | None:
        B, *others = self.args[:3]
        real = B.is_extended_real and all(a.is_extended_nonnegative for a in others)
        return True if real else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        B, B_phi, B_t = self.args[:3]

        def fields(bits: int) -> tuple[Any, ...]:
            return tuple(a._to_mpmath(bits, allow_ints=False) for a in (abs(B), B_phi, B_t))

        value = film_value(fields, self.orders, prec)
        return sp.Expr._from_mpmath(-value if self._is_odd_at(B) else value, prec)

    def _is_odd_at(self, B: sp.Expr) -> bool:
        return self.orders[0] % 2 == 1 and bool(B.is_negative)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: Any = 0) -> sp.Expr:
        exponent = self._power_in_weak_field(x)
        last = int(sp.ceiling((n + self.orders[0]) / (2 * exponent))) + self.orders[0]
        series = sp.Add(*(self._weak_field_term(j) for j in range(1, last + 1)))
        return series._eval_nseries(x, n, logx, cdir) + sp.Order(x**n, x)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        self._power_in_weak_field(x)
        first = self._weak_field_term(max(1, (self.orders[0] + 1) // 2))
        return first.as_leading_term(x, logx=logx, cdir=cdir)

    def _power_in_weak_field(self, x: sp.Symbol) -> sp.Expr:
        B, B_phi, B_t = self.args[:3]
        exponent = B.as_leading_term(x).as_coeff_exponent(x)[1]
        if B_phi.has(x) or B_t.has(x) or not exponent.is_positive:
            raise NotImplementedError(
                f"{self} is expanded in weak fields only, where B vanishes and B_phi and B_t are "
                f"constant; expand in {B} at 0, or evaluate it."
            )
        return exponent

    def _weak_field_term(self, j: int) -> sp.Expr:
        """Differentiated term of B^(2 j)."""
        B, B_phi, B_t = self.args[:3]
        return _weak_field_term(j, B, B_phi, B_t, *self.orders)


def _weak_field_term(
    j: int, B: sp.Expr, B_phi: sp.Expr, B_t: sp.Expr, k: int, m: int, n: int
) -> sp.Expr:
    """By the sum of 1/(p + i^2 t) over the modes i, and its derivatives in p."""
    modes = 1 / (2 * _p) + sp.pi * sp.coth(sp.pi * sp.sqrt(_p / _t)) / (2 * sp.sqrt(_p * _t))
    power = sp.diff(modes, _p, 2 * j - 1 + m, _t, n) / -sp.factorial(2 * j - 1)
    coefficient = HikamiFunction._law.weak_field_coefficient(j) * sp.ff(2 * j, k)
    return coefficient * B ** (2 * j - k) * power.subs({_p: B_phi, _t: B_t}, simultaneous=True)


def _check(B: sp.Expr, *others: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    for name, field in zip(_NAMES, others, strict=True):
        if field.is_extended_real is False or field.has(sp.I):
            raise NotImplementedError(
                f"The {name} of a film must be real, but got {field}; sum HikamiFunction over "
                "the modes for a finite frequency."
            )
        if field.is_extended_negative:
            raise ValueError(
                f"The {name} must not be negative, but got {field}; pass a positive field."
            )


class FilmFunction(_FilmFamily):
    r"""Kernel of weak localization in a film of finite thickness in a perpendicular field.

    FilmFunction(B, B_phi, B_t) is the sum of HikamiFunction(B, B_phi + m^2 B_t) over m >= 0.  For
    spin-1/2 electrons without spin relaxation the magnetoconductance per square is
    sigma(B) - sigma(0) = e^2/(pi h) FilmFunction(B, B_phi, B_t), both spins counted.

    Parameters
    ----------
    B : real field perpendicular to the film; the function is even in B.
    B_phi : dephasing field hbar/(4 e D tau_phi) in the unit of B, not negative.
    B_t : hbar pi^2/(4 e t^2) for the thickness t, in the unit of B, not negative.

    Notes
    -----
    Homogeneous of degree 0.  Exact values: 0 at B = 0 and at B_phi = oo; HikamiFunction(B, B_phi)
    at B_t = oo; oo at \|B\| = oo and, for B != 0, at B_phi = 0 and at B_t = 0, where
    sqrt(B_t) FilmFunction tends to pi/2 KawabataFunction(B, B_phi).  `evalf` is correct to
    the digits asked for at any ratio.

    Raises
    ------
    ValueError : if B is not real, or B_phi or B_t is negative.
    NotImplementedError : if B_phi or B_t is complex.

    Examples
    --------
    >>> B, B_phi, B_t = sp.symbols("B B_phi B_t", positive=True)
    >>> FilmFunction(B, B_phi, sp.oo)
    HikamiFunction(B, B_phi)
    >>> FilmFunction(1, 2, 3).evalf(20)
    0.011959214682191827229
    """

    _jaxcode = "film"
    nargs = 3

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, B_t: sp.Expr) -> sp.Expr | None:
        """Return exact values, and the form without a sign of B."""
        _check(B, B_phi, B_t)
        if sp.nan in (B, B_phi, B_t):
            return sp.nan
        if B.is_zero or B_phi is sp.oo:
            return sp.S.Zero
        if B_t is sp.oo:
            return HikamiFunction(B, B_phi)
        if B.is_infinite or (B.is_zero is False and (B_phi.is_zero or B_t.is_zero)):
            return sp.oo
        if B.could_extract_minus_sign():
            return cls(-B, B_phi, B_t)
        if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
            return cls(B.args[0], B_phi, B_t)
        return None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()

    def _eval_is_finite(self) -> bool | None:
        return True if all(a.is_finite for a in self.args) and _nonzero(self.args[1:]) else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi, B_t = self.args
        size = B if B.is_nonnegative else sp.Abs(B)
        ratio = rf"\frac{{{printer._print(B_phi)} + m^{{2}} {printer.parenthesize(B_t, 50)}}}"
        text = rf"\sum_{{m=0}}^{{\infty}} \Psi\left({ratio}{{{printer._print(size)}}}\right)"
        return text if exp is None else rf"\left[{text}\right]^{{{exp}}}"


def _nonzero(arguments: tuple[sp.Expr, ...]) -> bool:
    return all(a.is_nonzero for a in arguments)


class FilmFunctionDerivative(_FilmFamily):
    r"""Derivative of `FilmFunction(B, B_phi, B_t)`, k times in B, m in B_phi, n in B_t.

    Units: 1/field^(k + m + n).  Odd in B for odd k, with exact values at B = 0.

    Parameters
    ----------
    B, B_phi, B_t : as in `FilmFunction`.
    k, m, n : orders, integers >= 0; (0, 0, 0) returns the `FilmFunction`.

    Raises
    ------
    ValueError : if an order is not an integer >= 0, B is not real, or B_phi or B_t is negative.
    NotImplementedError : if B_phi or B_t is complex.

    Examples
    --------
    >>> B_phi, B_t = sp.symbols("B_phi B_t", positive=True)
    >>> FilmFunctionDerivative(0, B_phi, sp.oo, 2, 0, 0)
    1/(12*B_phi**2)
    """

    nargs = 6

    @property
    def _jaxcode(self) -> str | None:
        return "film_derivative" if sum(self.orders) <= 2 else None

    @classmethod
    def eval(
        cls, B: sp.Expr, B_phi: sp.Expr, B_t: sp.Expr, k: sp.Expr, m: sp.Expr, n: sp.Expr
    ) -> sp.Expr | None:
        """Return exact values, and the sign of an odd derivative in front."""
        if not all(order.is_Integer and order >= 0 for order in (k, m, n)):
            raise ValueError(
                f"The orders must be integers >= 0, but got ({k}, {m}, {n}); pass numbers."
            )
        if k == m == n == 0:
            return FilmFunction(B, B_phi, B_t)
        _check(B, B_phi, B_t)
        if sp.nan in (B, B_phi, B_t):
            return sp.nan
        if B_phi is sp.oo or (B_t is sp.oo and n > 0):
            return sp.S.Zero
        if B_t is sp.oo:
            return HikamiFunctionDerivative(B, B_phi, k, m)
        if B.is_zero:
            even = k > 0 and k % 2 == 0
            at = (int(order) for order in (k, m, n))
            return _weak_field_term(int(k) // 2, B, B_phi, B_t, *at) if even else sp.S.Zero
        if B.could_extract_minus_sign():
            return (-1) ** k * cls(-B, B_phi, B_t, k, m, n)
        return None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        fields = self.args[:3]
        partials = [
            rf"\partial_{{{printer._print(a) if a.is_Symbol else i}}}"
            + (f"^{{{order}}}" if order > 1 else "")
            for i, (a, order) in enumerate(zip(fields, self.orders, strict=True), start=1)
            if order
        ]
        function = FilmFunction(*fields, evaluate=False)
        text = rf"{''.join(partials)} {printer._print(function)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"
