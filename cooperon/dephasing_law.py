"""A dephasing law as data: rates with the range in which they hold, and sums of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import sympy as sp

from diagrams.symbols import CONSTANTS_OF_NATURE, D, e, hbar


@dataclass(frozen=True)
class RateTerm:
    """One mechanism of dephasing.

    Parameters
    ----------
    name : str
    rate : expression
        Decay rate of the Cooperon, 1/s, in T, other parameters and constants of nature.
    validity : str
        Where it holds, one sentence without a full stop.
    reference : str
        Whom to cite, "" if nobody.
    dimension : int, optional
        Dimension of the diffusion that it follows from, None if it follows from none.

    Raises
    ------
    ValueError
        If the rate is negative for all values of its parameters, zero, or infinite.
    """

    name: str
    rate: sp.Expr
    validity: str = ""
    reference: str = ""
    dimension: int | None = None

    def __post_init__(self) -> None:
        rate = sp.sympify(self.rate)
        object.__setattr__(self, "rate", rate)
        if rate.is_positive is False or rate.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
            raise ValueError(f"the rate of {self.name!r} is {rate}; give a positive rate, 1/s.")


@dataclass(frozen=True)
class DephasingLaw:
    """A sum of rates (Matthiessen's rule): 1/tau_phi = sum of the rates of `terms`.

    Attributes
    ----------
    terms : tuple of RateTerm

    Raises
    ------
    ValueError
        If there is no term, two terms have one name, or two terms belong to different dimensions.

    Notes
    -----
    Rates add where the mechanisms are independent and each decays exponentially in time.  Nyquist
    noise does the latter approximately only: exactly in d = 3, to leading logarithm in d = 2, and
    not at all in d = 1.
    """

    terms: tuple[RateTerm, ...]

    def __post_init__(self) -> None:
        if not self.terms:
            raise ValueError("a dephasing law without terms dephases nothing; give it a term.")
        names = Counter(term.name for term in self.terms)
        name, number = names.most_common(1)[0]
        if number > 1:
            raise ValueError(f"{name!r} is in the law {number} times; leave it out or rename it.")
        dimensions = {term.dimension for term in self.terms} - {None}
        if len(dimensions) > 1:
            raise ValueError(
                f"the law has terms of dimensions {sorted(dimensions, key=str)}, but a sample has "
                "one; choose that of the thermal length."
            )

    def __add__(self, other: DephasingLaw) -> DephasingLaw:
        """Return the law with the rates of both."""
        if not isinstance(other, DephasingLaw):
            return NotImplemented
        return DephasingLaw(self.terms + other.terms)

    @property
    def rate(self) -> sp.Expr:
        """1/tau_phi, 1/s."""
        return sp.Add(*(term.rate for term in self.terms))

    @property
    def time(self) -> sp.Expr:
        """tau_phi, s."""
        return 1 / self.rate

    @property
    def field(self) -> sp.Expr:
        """B_phi = hbar/(4 e D tau_phi), T."""
        return hbar / (4 * e * D) * self.rate

    @property
    def dimension(self) -> int | None:
        """Dimension of the diffusion that the noise follows from, None if there is none."""
        return next((term.dimension for term in self.terms if term.dimension), None)

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """Free symbols without constants of nature, by name."""
        free = self.rate.free_symbols - CONSTANTS_OF_NATURE
        return tuple(sorted(free, key=str))

    @property
    def validity(self) -> str:
        """Where all terms hold."""
        return "; ".join(dict.fromkeys(t.validity for t in self.terms if t.validity))

    @property
    def references(self) -> tuple[str, ...]:
        """Whom to cite."""
        return tuple(dict.fromkeys(t.reference for t in self.terms if t.reference))

    def subs(self, values: Mapping[str | sp.Symbol, object]) -> DephasingLaw:
        """Return the law with parameters replaced by numbers or expressions.

        Raises
        ------
        ValueError
            If a name is not a parameter, or a number is not positive and finite: there is no
            temperature below or at zero, and a term that is not there is to be left out.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        replacements = {}
        for key, value in values.items():
            name = str(key)
            if name not in known:
                raise ValueError(f"{name!r} is not a parameter; choose from {sorted(known)}.")
            replacements[known[name]] = _positive(name, value)
        return DephasingLaw(
            tuple(replace(t, rate=t.rate.subs(replacements, simultaneous=True)) for t in self.terms)
        )


def _positive(name: str, value: object) -> sp.Expr:
    number = sp.sympify(value)
    if number.is_positive is False or number is sp.nan or number is sp.oo:
        raise ValueError(
            f"{name} = {number} makes no sense in a dephasing law; give a positive number, or "
            "leave the term out."
        )
    return number
