r"""How Nyquist noise dephases closed paths of a given duration, as a SymPy function.

The average phase factor of closed paths of duration t is not an exponential: it starts as
1 - (sqrt(pi)/4) (t/tau_N)^(3/2) and ends as that of the slowest mode.  The modes are the even
states in the potential \|X\|, so they sit at the zeros of Ai'.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

# Above it the modes converge at once, below it the powers of x^(3/2) do.
_CHANGE = 2


class AiryPrimeZero(sp.Function):
    """n-th zero of Ai', n = 1, 2, ...: -1.0188, -3.2482, ...

    >>> AiryPrimeZero(1).evalf(20)
    -1.0187929716474710890
    """

    is_extended_real = True
    is_extended_negative = True

    @classmethod
    def eval(cls, n: sp.Expr) -> None:
        """Check the number of the zero."""
        if n.is_number and not (n.is_Integer and n >= 1):
            raise ValueError(f"the zeros of Ai' are counted from 1, but got {n}; pass n >= 1.")

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        n = self.args[0]
        if not n.is_Integer:
            return None
        return sp.Expr._from_mpmath(_zero(int(n), prec + 10), prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"a'_{{{printer._print(self.args[0])}}}"
        return text if exp is None else rf"{text}^{{{exp}}}"


class NyquistDecay(sp.Function):
    r"""Mean phase factor <exp(i phi)> of closed paths of duration t in a wire, x = t/tau_N.

    sqrt(pi x) sum_n exp(-\|a'_n\| x)/\|a'_n\|, with the zeros a'_n of Ai'.  1 at x = 0, where it
    falls as 1 - (sqrt(pi)/4) x^(3/2), and positive everywhere.  NyquistDecay(x, k) has
    \|a'_n\|^(k - 1) instead of 1/\|a'_n\|, which closes the family under differentiation.

    With the return probability 1/sqrt(4 pi D t) its Laplace transform is the trace of
    `cooperon.nyquist.nyquist_trace`.

    Raises
    ------
    ValueError : if k is not an integer >= 0.

    References
    ----------
    G. Montambaux, E. Akkermans, Phys. Rev. Lett. 95, 016403 (2005).

    Examples
    --------
    >>> NyquistDecay(0), NyquistDecay(1).evalf(15)
    (1, 0.653088143574288)
    """

    nargs = (1, 2)

    @classmethod
    def eval(cls, x: sp.Expr, *orders: sp.Expr) -> sp.Expr | None:
        """Return exact values, and f(x, 0) as f(x)."""
        k = orders[0] if orders else sp.S.Zero
        if not (k.is_Integer and k >= 0):
            raise ValueError(f"The order must be an integer >= 0, but got {k}; pass a number.")
        if x is sp.nan:
            return sp.nan
        if x is sp.oo:
            return sp.S.Zero
        if x.is_zero and k == 0:
            return sp.S.One
        return cls(x) if orders and k == 0 else None

    @property
    def order(self) -> int:
        """The power k."""
        return int(self.args[1]) if len(self.args) > 1 else 0

    @property
    def _jaxcode(self) -> str | None:
        """Name of the JAX kernel, which differentiates by itself."""
        return None if self.order else "nyquist_decay"

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """The sum over modes."""
        x = self.args[0].doit(**hints) if deep else self.args[0]
        n = sp.Symbol("n", integer=True, positive=True)
        size = -AiryPrimeZero(n)
        modes = sp.Sum(sp.exp(-size * x) * size ** (self.order - 1), (n, 1, sp.oo))
        return sp.sqrt(sp.pi * x) * modes

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex != 1:
            raise ArgumentIndexError(self, argindex)
        x = self.args[0]
        return self / (2 * x) - self.func(x, self.order + 1)

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_nonnegative else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        x = self.args[0]
        if not x.is_number:
            return None
        if not x.is_nonnegative:
            raise ValueError(f"a duration is not negative, but x = {x}; pass x >= 0.")
        with mp.workprec(2 * prec + 60):
            at = mp.mpmathify(x._to_mpmath(mp.mp.prec))
            value = _powers(at, self.order) if at < _CHANGE else _modes(at, self.order, prec)
        return sp.Expr._from_mpmath(value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        index = f"_{{{self.order}}}" if self.order else ""
        text = rf"\langle e^{{i\varphi}}\rangle{index}\left({printer._print(self.args[0])}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _modes(x: mp.mpf, order: int, prec: int) -> mp.mpf:
    """The sum over zeros of Ai' until a term is below the last bit of the first."""
    total, first = mp.mpf(0), None
    for n in count(1):
        with mp.workprec(prec + 30):
            size = -_zero(n, prec + 30)
            term = mp.exp(-size * x) * size ** (order - 1)
            first = term if first is None else first
            total += term
            if term < first * mp.mpf(2) ** (-prec - 10):
                return mp.sqrt(mp.pi * x) * total
    raise AssertionError("unreachable")


@cache
def _zero(n: int, prec: int) -> mp.mpf:
    """n-th zero of Ai', slow to find and asked for by every duration."""
    with mp.workprec(prec):
        return mp.airyaizero(n, derivative=1)


def _powers(x: mp.mpf, order: int) -> mp.mpf:
    """The series in x^(3/2), entire: powers of 1/x in Ai/Ai' transformed back term by term.

    -rho(z) = sum_j r_j z^(-1/2 - 3j/2), of which z^k, from k derivatives of the exponentials,
    times z^(-1/2 - 3j/2) is the transform of x^(3j/2 - k - 1/2)/Gamma(1/2 + 3j/2 - k).
    """
    total, coefficients = mp.mpf(0), [mp.mpf(1)]
    for j in count():
        if j:
            coefficients.append(_next(coefficients))
        power = mp.mpf(3 * j) / 2 - order
        term = (-1) ** order * coefficients[j] * mp.rgamma(power + mp.mpf(1) / 2) * x**power
        total += term
        if j > 2 * order and abs(term) < mp.eps * abs(total):
            return mp.sqrt(mp.pi) * total
    raise AssertionError("unreachable")


def _next(r: list[mp.mpf]) -> mp.mpf:
    """Coefficient r_j from those before, by rho' = 1 - x rho^2 with rho = -sum."""
    j = len(r)
    inner = mp.fsum(r[i] * r[j - i] for i in range(1, j))
    return (-(mp.mpf(3 * j) / 2 - 1) * r[j - 1] - inner) / 2
