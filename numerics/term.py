"""One summand of a model: a JAX function, what it prints as, and where it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import jax
import sympy as sp

from cooperon.latex import latex
from diagrams.symbols import QUANTITIES, symbol

Function = Callable[..., jax.Array]

# What a unit of a term's parameter calls the unit of the data.
DATA = "{data}"


@dataclass(frozen=True)
class Term:
    """One summand.

    Attributes
    ----------
    function : callable
        ``function(B, **values)``, a JAX function of its own names.
    names : tuple of (str, str)
        Its own name of each parameter and the name in the model.
    units : tuple of str
        SI unit of each parameter; ``{data}`` stands for the unit of the data.
    expression : expression
        What it prints as, in its own names, times `prefactor`.
    prefactor : expression
        Its unit, in e and hbar, or 1.
    sign : int
        1 or -1.
    validity : str
        Where it holds, "" if everywhere.
    references : tuple of str
        Whom to cite.
    """

    function: Function
    names: tuple[tuple[str, str], ...]
    units: tuple[str, ...]
    expression: sp.Expr
    prefactor: sp.Expr = sp.S.One
    sign: int = 1
    validity: str = ""
    references: tuple[str, ...] = ()

    def __call__(self, B: jax.Array, values: Mapping[str, Any]) -> jax.Array:
        """Return the term, with its sign, at fields B."""
        return self.sign * self.function(B, **{own: values[name] for own, name in self.names})

    def renamed(self, names: Mapping[str, str]) -> Term:
        """Return the term with parameters of other names in the model."""
        return replace(self, names=tuple((own, names.get(n, n)) for own, n in self.names))

    def latex(self) -> str:
        """Return LaTeX without the sign."""
        here = {symbol(own): symbol(name) for own, name in self.names if own != name}
        body = self.expression.xreplace(here)
        if self.prefactor != 1:
            return rf"{latex(self.prefactor)} \left[ {latex(body)} \right]"
        return rf"\left( {latex(body)} \right)" if isinstance(body, sp.Add) else latex(body)


def unit_of(name: str) -> str:
    """Return the unit of a parameter in the symbol table, 1 if it is not there."""
    return QUANTITIES[name].unit if name in QUANTITIES else "1"
