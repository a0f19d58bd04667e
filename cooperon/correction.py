"""A derived correction: its expression, unit, modes, validity and derivation."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from cooperon.derivation import Derivation
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.soft_modes import SoftMode
from diagrams.symbols import CONSTANTS_OF_NATURE, B, D, e, hbar, symbol


@dataclass(frozen=True)
class Correction:
    """A quantum correction to the conductivity.

    Attributes
    ----------
    name : str
        Identifier of the quantity, such as "magnetoconductivity".
    lhs : expression
        What it is called in print, such as Delta sigma(B).
    expression : expression
        The result in units of `unit`; both spins counted.
    unit : expression
        Unit of `expression` in terms of e and hbar.
    unit_name : str
        The unit in words.
    modes : tuple of SoftMode
        The soft modes that it sums over.
    validity : str
        Where the result holds, one sentence.
    references : tuple of str
        Whom to cite.
    derivation : Derivation
        The steps that led to it.
    """

    name: str
    lhs: sp.Expr
    expression: sp.Expr
    unit: sp.Expr
    unit_name: str
    modes: tuple[SoftMode, ...]
    validity: str
    references: tuple[str, ...]
    derivation: Derivation

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """Free symbols without constants of nature: the field first, then by name."""
        free = self.expression.free_symbols - CONSTANTS_OF_NATURE
        return tuple(sorted(free, key=lambda s: (s != B, s.name)))

    @property
    def si(self) -> sp.Expr:
        """The correction in SI units: `expression * unit`."""
        return self.expression * self.unit

    def subs(self, values: Mapping[str | sp.Symbol, object]) -> Correction:
        """Return the correction with parameters replaced by numbers or expressions.

        Raises
        ------
        ValueError
            If a name is not a parameter (with the nearest names), a number is negative or NaN,
            or the result is infinite.
        """
        known = {s.name: s for s in self.parameters}
        replacements = {}
        for key, value in values.items():
            name = key.name if isinstance(key, sp.Symbol) else key
            parameter = _lookup(name, known)
            replacements[parameter] = _valid(parameter, value)
        expression = self.expression.subs(replacements)
        if expression.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
            raise ValueError(
                f"the correction is not finite with {_listed(replacements)}; use a time above 0, "
                "or oo to leave a mechanism out."
            )
        return replace(self, expression=expression)

    def in_times(self) -> Correction:
        """Return the correction with every field B_j written as hbar/(4 e D tau_j)."""
        fields = [s for s in self.parameters if s.name.startswith("B_") and s.is_positive]
        rates = {s: 1 / symbol("tau_" + s.name[2:]) for s in fields}
        calls = self.expression.atoms(HikamiFunction, HikamiTrace)
        kernels = {f: f.func(B, *(_field_of_rate(a, rates) for a in f.args[1:])) for f in calls}
        unit = hbar / (4 * e * D)
        rest = {s: unit * rate for s, rate in rates.items()}
        return replace(self, expression=self.expression.xreplace(kernels).xreplace(rest))

    def doit(self) -> sp.Expr:
        """Return the expression with named functions unfolded to the textbook ones."""
        return self.expression.doit()

    def latex(self) -> str:
        """Return the equation as LaTeX, in the symbols of the symbol table."""
        from cooperon.latex import latex

        return latex(self)


def _field_of_rate(field: sp.Expr, rates: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Return (hbar/(4 e D)) times the rate that belongs to a characteristic field."""
    unit = hbar / (4 * e * D)
    in_times = sp.expand(field.xreplace({s: unit * rate for s, rate in rates.items()}) / unit)
    return unit * in_times


def _listed(replacements: Mapping[sp.Symbol, sp.Expr]) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in replacements.items())


def _lookup(name: str, known: Mapping[str, sp.Symbol]) -> sp.Symbol:
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3) or sorted(known)
    raise ValueError(f"{name!r} is not a parameter; did you mean one of {near}?")


def _valid(parameter: sp.Symbol, value: object) -> sp.Expr:
    number = sp.sympify(value)
    number = number.xreplace({s: symbol(s.name) for s in number.free_symbols if s.name != "B"})
    if number is sp.nan or (number.is_negative and parameter.is_nonnegative):
        raise ValueError(
            f"{parameter} = {number} makes no sense; give a value that is not negative."
        )
    return number
