r"""Sum over Landau levels minus the integral without a field, as a SymPy function.

Modes that couple linearly in q conserve n + m only, and the trace of a block is a rational
function of the level, of any degree.  Its sum has a closed form in digammas at the roots of
the denominator; it is kept folded, because it is smooth where these roots coincide or become
complex and the single terms are not.
"""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.level_ratio import LEVEL, LevelRatio, integrated, level_ratio, summed
from cooperon.level_sum_value import level_sum_value

_ROUNDING = 1e-10


class LevelSum(sp.Function):
    r"""The limit for N -> oo of sum_{n<N} \|B\| f(\|B\| n) - int_0^{\|B\| N} g(u) du.

    Parameters
    ----------
    B : perpendicular field, real; the function is even in this argument.
    f : Lambda(u, ...), rational in the level variable u, in 1/field.
    g : Lambda(u, ...), what f is without a field; f at B = 0 if left out.

    Notes
    -----
    Dimensionless.  f and g fall off as W/u alike, and neither has a pole for u >= 0; a pole of
    g at u = 0 makes the function infinite.  Parameters are held in f: `subs` and `diff` reach
    them there, and the derivative by any symbol, B included, is a LevelSum again.  `doit()`
    gives digammas and logarithms, `evalf` is correct to the digits asked for.  Exactly 0 at
    B = 0 if g is f there.

    Raises
    ------
    ValueError : if B is not real, f or g is not rational in u or does not fall off, or
        their sum and integral differ by a divergence; if g is left out and B is no symbol.
    TypeError : if f or g is not a Lambda of one variable.

    Examples
    --------
    >>> B, B_phi, u = sp.symbols("B B_phi u", positive=True)
    >>> L = LevelSum(B, sp.Lambda(u, 1 / (u + B / 2 + B_phi)))
    >>> L.doit()
    -log(B) + log(B_phi) - polygamma(0, (B + 2*B_phi)/(2*B))
    """

    _jaxcode = "level_sum"
    nargs = (2, 3)
    is_commutative = True

    @classmethod
    def eval(cls, B: sp.Expr, f: sp.Lambda, g: sp.Lambda | None = None) -> sp.Expr | None:
        """Return the form with the canonical bound symbol and without a sign of B."""
        if B.is_extended_real is False:
            raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
        field = _without_sign(B)
        with_field = _body(f)
        without = _at_zero_field(with_field, B) if g is None else _body(g)
        if (with_field == 0 and without == 0) or (B.is_zero and with_field == without):
            return sp.S.Zero
        _check_tails(with_field, without)
        args = field, sp.Lambda(LEVEL, with_field), sp.Lambda(LEVEL, without)
        return None if args == (B, f, g) else cls(*args)

    @property
    def ratios(self) -> tuple[LevelRatio, LevelRatio]:
        """f and g as ratios of polynomials, brought to one degree of the denominators."""
        f, g = (level_ratio(body) for body in self._bodies)
        if f.degree == g.degree:
            return f, g
        return _lifted(f, g.degree), self._as_f_without_field(f, g)

    @property
    def _bodies(self) -> tuple[sp.Expr, sp.Expr]:
        return self.args[1].expr, self.args[2].expr

    def _as_f_without_field(self, f: LevelRatio, g: LevelRatio) -> LevelRatio:
        """g with the factors that it has shared with its denominator at B = 0 only."""
        B = self.args[0]
        if B.is_Symbol:
            over, under = (sp.Poly(p.as_expr().subs(B, 0), LEVEL) for p in (f.over, f.under))
            if (over * g.under - g.over * under).is_zero:
                return LevelRatio(over, under)
        return _lifted(g, f.degree)

    @property
    def free_symbols(self) -> set[sp.Basic]:
        """Symbols of B and of the parameters, without the bound one."""
        return set().union(*(a.free_symbols for a in self.args))

    @property
    def is_number(self) -> bool:
        """Whether no parameter is left."""
        return not self.free_symbols

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Return digammas at the poles of f and logarithms at those of g."""
        f, g = (level_ratio(body) for body in self._bodies)
        return summed(f, sp.Abs(self.args[0])) - integrated(g)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Refuse: f depends on B as well, so only derivatives by symbols have a meaning."""
        raise ArgumentIndexError(self, argindex)

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        B = self.args[0]
        f, g = self._bodies
        change = LevelSum(B, *(sp.Lambda(LEVEL, sp.diff(h, s)) for h in (f, g)))
        if not B.has(s):
            return change
        # d/db of b f(b n) is (u f)'; the integral of (u g)' is W, what the cutoff b N brings
        stretched = (sp.Lambda(LEVEL, sp.diff(LEVEL * h, LEVEL)) for h in (f, g))
        return change + sp.diff(B, s) / B * LevelSum(B, *stretched)

    def _eval_is_extended_real(self) -> bool | None:
        real = all(s.is_extended_real for s in self.free_symbols)
        return True if real and not self.has(sp.I) else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not self.is_number:
            return None
        f, g = (level_ratio(body) for body in self._bodies)
        if g.under.eval(0).is_zero and not g.over.eval(0).is_zero:
            return sp.zoo
        value = level_sum_value(sp.Abs(self.args[0]), f, g, prec)
        real = self.is_extended_real
        return sp.Expr._from_mpmath(value.real if real else value, prec)

    @property
    def _jaxargs(self) -> tuple[sp.Expr, ...]:
        """Arguments of the kernel: B, the degree k, and six rows of k coefficients."""
        f, g = self.ratios
        centred = f.shifted(-sp.Abs(self.args[0]) / 2)
        change = LevelRatio(centred.over - g.over, centred.under - g.under + LEVEL**g.degree)
        rows = [row for ratio in (f, g, change) for row in ratio.rows()]
        return self.args[0], sp.Integer(f.degree), *(sp.factor_terms(c) for r in rows for c in r)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        b, n = sp.Abs(self.args[0]), sp.Symbol("n")
        f, g = self._bodies
        level = sp.Symbol("u")
        summand = printer.parenthesize(b * f.xreplace({LEVEL: b * n}), 40)
        integrand = printer.parenthesize(g.xreplace({LEVEL: level}), 40)
        text = rf"\left[\sum_{{n=0}}^{{\infty}} {summand} - "
        text += rf"\int_{{0}}^{{\infty}} {integrand}\, d{printer._print(level)}\right]"
        return text if exp is None else rf"{text}^{{{exp}}}"


def _without_sign(B: sp.Expr) -> sp.Expr:
    if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
        return _without_sign(B.args[0])
    return -B if B.could_extract_minus_sign() else B


def _body(f: sp.Basic) -> sp.Expr:
    """The expression of a Lambda of one variable, in the canonical bound symbol."""
    if not isinstance(f, sp.Lambda) or len(f.variables) != 1:
        raise TypeError(f"{f} is not a function of the level; pass Lambda(u, ...).")
    return f.expr.xreplace({f.variables[0]: LEVEL})


def _at_zero_field(f: sp.Expr, B: sp.Expr) -> sp.Expr:
    if not B.is_Symbol:
        raise ValueError(f"f cannot be taken at B = 0 as B is {B}; give g, what f is there.")
    return f.subs(B, 0)


def _check_tails(f: sp.Expr, g: sp.Expr) -> None:
    weights = [level_ratio(h).weight for h in (f, g)]
    difference = sp.cancel(weights[0] - weights[1])
    if difference.is_zero or (difference.is_number and abs(difference) < _ROUNDING):
        return
    raise ValueError(
        f"The sum falls off as {weights[0]}/u but the integral as {weights[1]}/u, so their "
        "difference is infinite; give both the same weight."
    )


def _lifted(ratio: LevelRatio, degree: int) -> LevelRatio:
    """The ratio with denominator of at least `degree`, by a common factor without zeros."""
    missing = max(degree - ratio.degree, 0)
    return ratio.times(sp.Poly((LEVEL + 1) ** missing, LEVEL))
