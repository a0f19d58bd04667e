"""The docstring of a generated function: formula, units, validity, what was folded, sources."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import sympy as sp

from cooperon.correction import Correction
from cooperon.latex import latex
from diagrams.symbols import QUANTITIES
from numerics.rewrite import Folded


def docstring(
    correction: Correction | sp.Expr,
    expression: sp.Expr,
    parameters: Sequence[sp.Symbol],
    unit: str,
    units: Mapping[str, str],
    folded: Sequence[Folded] = (),
) -> str:
    """Return the indented docstring; `units` are those of symbols beside the symbol table.

    Warns
    -----
    UserWarning
        If a parameter of a correction, which is a physical quantity, has no known unit.

    Raises
    ------
    ValueError
        If `units` names a symbol that the expression does not contain.
    """
    unknown = sorted(set(units) - {symbol.name for symbol in parameters})
    if unknown:
        raise ValueError(
            f"units are given for {unknown[0]!r}, which is not a parameter; the parameters are "
            f"{', '.join(symbol.name for symbol in parameters)}."
        )
    physical = isinstance(correction, Correction)
    lines = ["Value of the formula below, as a function of", ""]
    lines += [_parameter_line(symbol, units, physical) for symbol in parameters]
    lines += ["", "Formula:", "", *_one_term_per_line(expression)]
    if folded:
        lines += ["", "Where the expression had the left-hand sides of", ""]
        lines += [f"{before} = {after}" for before, after in folded]
    if isinstance(correction, Correction):
        name = correction.name.replace("_", " ").capitalize()
        lines[0] = f"{name} in units of {unit}, all internal states counted, of"
        lines += ["", "In print (LaTeX):", "", latex(correction)]
        lines += ["", f"Valid for {correction.validity}."]
        lines += ["", "After:", "", *correction.references]
    filled = [f"    {line}" if line else "" for line in lines]
    return "\n".join(['    r"""' + filled[0].lstrip(), *filled[1:], '    """'])


def unit_of(name: str, units: Mapping[str, str] = {}) -> str | None:
    """Return the unit of a parameter: as given, of the symbol table, or by its first letter.

    New times, fields and lengths of a model are called tau_..., B_... and L_... by the
    conventions.
    """
    if name in units:
        return units[name]
    if name in QUANTITIES:
        return QUANTITIES[name].unit
    return {"tau": "s", "B": "T", "L": "m"}.get(name.partition("_")[0])


def _one_term_per_line(expression: sp.Expr) -> list[str]:
    first, *others = (str(term) for term in expression.as_ordered_terms())
    return [first, *(t if t.startswith("-") else f"+ {t}" for t in others)]


def _parameter_line(symbol: sp.Symbol, units: Mapping[str, str], physical: bool) -> str:
    name, unit = symbol.name, unit_of(symbol.name, units)
    if unit is None:
        if physical:
            warnings.warn(
                f"the parameter {name} has no unit and is taken to be in SI units; state it, as "
                f"in units={{{name!r}: '1/m'}}.",
                stacklevel=5,
            )
        return f"{name} : in {'SI units' if physical else 'the unit that the formula implies'}"
    row = QUANTITIES.get(name)
    return f"{name} : {row.meaning}, {unit}" if row else f"{name} : {unit}"
