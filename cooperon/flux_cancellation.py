r"""Cancellation of flux in a channel with specular walls, as a SymPy function.

An electron that bounces between the walls of a channel encloses areas of alternating sign, which
reduces what a weak field does to it, the more the longer its free path.  Between diffusion across
the channel (l << W) and many bounces between two impurities (l >> W) the reduction is a series
over the harmonics of the bouncing, without a closed form.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

_x = sp.Symbol("x", positive=True)
_a = sp.Symbol("a", positive=True)
_HARMONIC = 1 / (1 + sp.sqrt(1 + _a**2))


class FluxCancellation(sp.Function):
    r"""S(x), x = l/W: what flux cancellation leaves of the dephasing rate D W^2/(3 l_B^4).

        S(x) = (192/pi^4) sum over odd k of k^-4 (sqrt(1 + a_k^2) - 1)/a_k^2,  a_k = pi k x,

    1 at x = 0, where S = 1 - 3 x^2 + O(x^3), and 186 zeta(5)/(pi^5 x) for large x.
    FluxCancellation(x, n) is the n-th derivative.

    Raises
    ------
    ValueError : if n is not an integer >= 0; if x is negative, on evaluation.

    References
    ----------
    The limit of large x is that of C. W. J. Beenakker, H. van Houten, Phys. Rev. B 38, 3232 (1988).

    Examples
    --------
    >>> FluxCancellation(0), FluxCancellation(sp.oo), FluxCancellation(1).evalf(15)
    (1, 0, 0.461282068743721)
    """

    nargs = (1, 2)

    @classmethod
    def eval(cls, x: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return exact values, and f(x, 0) as f(x)."""
        n = orders[0] if orders else sp.S.Zero
        if not (n.is_Integer and n >= 0):
            raise ValueError(f"The order must be an integer >= 0, but got {n}; pass a number.")
        if x is sp.nan:
            return sp.nan
        if x is sp.oo:
            return sp.S.Zero
        if x.is_zero:
            return sp.diff(_near_zero(), _x, n).subs(_x, 0)
        return cls(x) if orders and n == 0 else None

    @property
    def order(self) -> int:
        """Number of derivatives."""
        return int(self.args[1]) if len(self.args) > 1 else 0

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which exists up to second order."""
        return "flux_cancellation" if self.order <= 2 else None

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """The sum over harmonics."""
        x = self.args[0].doit(**hints) if deep else self.args[0]
        m = sp.Symbol("m", integer=True, nonnegative=True)
        term = sp.diff(harmonic(2 * m + 1, _x), _x, self.order).subs(_x, x)
        return sp.Sum(term, (m, 0, sp.oo))

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        return self.func(self.args[0], self.order + 1)

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_nonnegative else None

    def _eval_is_extended_positive(self) -> bool | None:
        return True if self.order == 0 and self.args[0].is_nonnegative else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        x = self.args[0]
        if not x.is_number:
            return None
        if not x.is_positive:
            raise ValueError(f"a ratio of lengths is not negative, but x = {x}; pass x >= 0.")
        with mp.workprec(prec + 40):
            at = mp.mpmathify(x._to_mpmath(mp.mp.prec))
            value = _value(at, self.order)
        return sp.Expr._from_mpmath(value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        order = "" if self.order == 0 else rf"^{{({self.order})}}"
        text = rf"S{order}\left({printer._print(self.args[0])}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def harmonic(k: sp.Expr, x: sp.Expr) -> sp.Expr:
    """Return the k-th term of S(x), k odd."""
    return 192 / sp.pi**4 * _HARMONIC.subs(_a, sp.pi * k * x) / k**4


@cache
def _near_zero() -> sp.Expr:
    """Polynomial that S is at small x, up to exp(-1/x).

    Sums over odd k of even powers of k vanish, so that the expansion of a harmonic in a stops
    after a^2; the pole of the sum at k^-1, which is half an integral, adds x^3.  With
    a = 2 w/(1 - w^2) that integral is rational.
    """
    w = sp.Symbol("w", positive=True)
    series = sp.series(_HARMONIC, _a, 0, 4).removeO()
    terms = [c * _a**i for (i,), c in sp.Poly(series, _a).terms()]
    k = sp.Symbol("k", positive=True)
    even = sum((t.subs(_a, sp.pi * k * _x) / k**4 for t in terms), sp.S.Zero)
    powers = sp.expand(even).as_ordered_terms()
    total = sum((t.subs(k, 1) * _odd_sum(-sp.degree(1 / t, k)) for t in powers), sp.S.Zero)
    a = 2 * w / (1 - w**2)
    rational = (1 - w**2) / 2
    rest = sp.cancel((rational - series.subs(_a, a)) / a**4 * sp.diff(a, w))
    cubic = sp.integrate(sp.apart(rest, w), (w, 0, 1)) * (sp.pi * _x) ** 3 / 2
    return sp.expand(192 / sp.pi**4 * (total + cubic))


def _odd_sum(power: int) -> sp.Expr:
    """Sum of k^power over odd k, power = -4, -2, ..."""
    return (1 - sp.S(2) ** power) * sp.zeta(-power)


def _value(x: mp.mpf, order: int) -> mp.mpf:
    """S or a derivative: the polynomial, or harmonics one by one and the rest in powers of 1/a."""
    if 1 / x > mp.mp.prec + 10 * (order + 1):
        return mp.mpmathify(sp.N(sp.diff(_near_zero(), _x, order).subs(_x, x), mp.mp.dps))
    first = 2 * int(mp.ceil(2 / x)) + 21
    term = sp.lambdify(_a, sp.diff(_HARMONIC, _a, order), "mpmath")
    explicit = mp.fsum(
        (mp.pi * k) ** order * term(mp.pi * k * x) / mp.mpf(k) ** 4 for k in range(1, first, 2)
    )
    return 192 / mp.pi**4 * (explicit + _tail(x, order, first))


def _tail(x: mp.mpf, order: int, first: int) -> mp.mpf:
    """Sum over odd k >= first of k^-4 [sum_j binomial(1/2, j) a^(-1-2j) - a^-2]."""

    def powers(m: int) -> mp.mpf:
        odd = mp.zeta(4 + m, mp.mpf(first) / 2) / mp.mpf(2) ** (4 + m)
        return odd * (-1) ** order * mp.rf(m, order) * x ** (-m - order) * mp.pi ** (-m)

    total = -powers(2)
    for j in count():
        term = mp.binomial(mp.mpf(1) / 2, j) * powers(1 + 2 * j)
        total += term
        if abs(term) < mp.eps * abs(total):
            return total
    raise AssertionError("unreachable")
