"""A derived correction: its expression, unit, modes, validity and derivation."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from cooperon.derivation import Derivation
from cooperon.kernel_trace import HikamiTrace
from cooperon.kernels import HikamiFunction
from cooperon.lengths import SI_VALUES, Condition, positive_length
from cooperon.soft_modes import SoftMode
from diagrams.symbols import CONSTANTS_OF_NATURE, B, D, e, hbar, symbol

_UNIT = hbar / (4 * e * D)
_LENGTH = symbol("length")


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
    conditions : tuple of Condition
        Lengths and times that have to be small, see `warnings`.
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
    conditions: tuple[Condition, ...] = ()

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
        conditions = tuple(c.subs(replacements) for c in self.conditions)
        return replace(self, expression=expression, conditions=conditions)

    def in_times(self) -> Correction:
        """Return the correction with every field B_j written as hbar/(4 e D tau_j)."""
        rates = {s: 1 / symbol("tau_" + s.name[2:]) for s in self._fields()}
        calls = self.expression.atoms(HikamiFunction, HikamiTrace)
        kernels = {f: f.func(B, *(_field_of_rate(a, rates) for a in f.args[1:])) for f in calls}
        return self._written({s: _UNIT * rate for s, rate in rates.items()}, kernels)

    def in_lengths(self) -> Correction:
        """Return the correction with every field B_j written as hbar/(4 e L_j^2)."""
        lengths = {s: symbol("L_" + s.name[2:]) for s in self._fields()}
        return self._written({s: hbar / (4 * e * L**2) for s, L in lengths.items()}, {})

    def _fields(self) -> list[sp.Symbol]:
        """The fields B_j that stand for rates."""
        named = [s for s in self.parameters if s.name.startswith("B_") and s.is_positive]
        return [s for s in named if s.name != "B_tr"]

    def _written(
        self, values: Mapping[sp.Symbol, sp.Expr], kernels: Mapping[sp.Expr, sp.Expr]
    ) -> Correction:
        return replace(
            self,
            expression=self.expression.xreplace(dict(kernels)).xreplace(dict(values)),
            conditions=tuple(c.subs(values) for c in self.conditions),
        )

    def of_length(self, length: sp.Expr | float = _LENGTH) -> Correction:
        """Return the conductance of a wire of the length L, in 2 e^2/h, from that per length.

        L is to be longer than L_phi: what the ends change is in the geometry `finite_wire`.

        Raises
        ------
        ValueError
            If the correction is not that of a wire, or the length is not positive.
        """
        size = positive_length("length", length)
        if self.unit_name != "e^2/(pi hbar) m":
            raise ValueError(
                f"the correction is in units of {self.unit_name}, not of a conductance times "
                "length; it does not depend on a length."
            )
        return replace(
            self,
            lhs=symbol(self.lhs.name.replace("sigma", "G")),
            expression=self.expression / size,
            unit=self.unit,
            unit_name="2e^2/h",
        )

    def warnings(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Return a sentence for every length or time that is not small where it has to be.

        Conditions on parameters that `values` does not give are left out.
        """
        found = []
        for condition in self.conditions:
            names = {s: values[s.name] for s in condition.ratio.free_symbols if s.name in values}
            ratio = condition.ratio.subs(names).subs(SI_VALUES)
            if ratio.is_number and ratio > condition.limit:
                found.append(condition.sentence(float(ratio)))
        return tuple(found)

    def doit(self) -> sp.Expr:
        """Return the expression with named functions unfolded to the textbook ones."""
        return self.expression.doit()

    def latex(self) -> str:
        """Return the equation as LaTeX, in the symbols of the symbol table."""
        from cooperon.latex import latex

        return latex(self)


def _field_of_rate(field: sp.Expr, rates: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Return (hbar/(4 e D)) times the rate that belongs to a characteristic field."""
    in_times = sp.expand(field.xreplace({s: _UNIT * rate for s, rate in rates.items()}) / _UNIT)
    return _UNIT * in_times


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
