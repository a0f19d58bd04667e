"""Lengths of a sample: what makes sense, and how they have to compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from diagrams.symbols import B_phi, e, hbar

# exact in the SI
SI_VALUES = {
    e: sp.Float("1.602176634e-19"),
    hbar: sp.Float("6.62607015e-34") / (2 * sp.pi.n(20)),
}


@dataclass(frozen=True)
class Condition:
    """A length (or time) that has to be small beside another one.

    Attributes
    ----------
    small, large : str
        What they are called.
    ratio : expression
        small/large in the parameters of a correction.
    limit : number
        The ratio above which the result is not to be trusted.
    """

    small: str
    large: str
    ratio: sp.Expr
    limit: sp.Expr

    @property
    def words(self) -> str:
        """A sentence with {} for the ratio."""
        return (
            f"the {self.small} is {{:.3g}} {self.large}, and the formula holds below "
            f"{float(self.limit):.3g}; choose a geometry without this limit, or other parameters."
        )

    def sentence(self, ratio: float) -> str:
        """Return what to tell a user whose ratio is above the limit."""
        return self.words.format(ratio)

    def subs(self, values: Mapping[sp.Symbol, sp.Expr]) -> Condition:
        """Return the condition with symbols replaced."""
        return replace(self, ratio=self.ratio.subs(values))


def squared_dephasing_length() -> sp.Expr:
    """Return L_phi^2 = hbar/(4 e B_phi)."""
    return hbar / (4 * e * B_phi)


def positive_length(name: str, value: sp.Expr | float) -> sp.Expr:
    """Return a length as an expression.

    Raises
    ------
    ValueError
        If it is a number that is not positive and finite, or a symbol that may be negative.
    """
    length = sp.sympify(value)
    if length.is_positive and length.is_finite is not False:
        return length
    if length.is_number:
        raise ValueError(f"the {name} is {length} m; give a positive length.")
    raise ValueError(
        f"the {name} {length} may be negative; give a positive symbol, as "
        f"sympy.Symbol({str(length)!r}, positive=True)."
    )
