"""Dephasing laws by name: 1/tau_phi as a function of temperature, as the command line writes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

import sympy as sp

from cooperon import (
    Correction,
    electron_phonon,
    latex,
    nyquist,
    saturation,
    spin_flip,
    with_dephasing,
)
from cooperon.dephasing_law import DephasingLaw

MECHANISMS: Mapping[str, str] = MappingProxyType(
    {
        "nyquist": "Nyquist noise; nyquist:1, nyquist:2 or nyquist:3 for its dimension",
        "phonons": "A_ep T^p; phonons:p, p = 3 if not given",
        "spin-flip": "1/tau_sf at any temperature",
        "saturation": "1/tau_0 at any temperature",
    }
)


def named_law(text: str, dimension: int | None = None) -> DephasingLaw:
    """Return the law that ``NAME[:NUMBER]+NAME[:NUMBER]`` names; rates add.

    Parameters
    ----------
    text : str
        Of `MECHANISMS`: ``"nyquist+phonons:3+saturation"``.
    dimension : int, optional
        Of the noise, where the text does not give it.

    Raises
    ------
    ValueError
        If a name or a number is not one, or the dimension of the noise is not known.

    Examples
    --------
    >>> named_law("nyquist+saturation", 2).parameters
    (R_square, T, tau_0)
    """
    first, *others = (_term(word.strip(), dimension) for word in text.split("+"))
    return sum(others, start=first)


def with_law(correction: Correction, text: str, dimension: int | None = None) -> Correction:
    """Return a correction with B_phi or tau_phi as the law says.

    Parameters
    ----------
    correction : Correction
        In fields or times.
    text, dimension
        See `named_law`; the dimension depends on the thermal length, except for a plane.

    Raises
    ------
    ValueError
        If the law is not known, or the correction has no dephasing to replace.
    """
    if any(s.name == "L_phi" for s in correction.parameters):
        raise ValueError(
            "A dephasing law is one of rates, and the parameters are lengths; leave out --lengths, "
            "or pass --times."
        )
    law = named_law(text, dimension)
    return with_dephasing(correction, law, law.dimension)


def law_latex(law: DephasingLaw, *, times: bool) -> str:
    """Return the law as LaTeX, and how B_phi follows from it where rates are not times."""
    rate = latex(sp.Add(*(sp.factor_terms(term.rate) for term in law.terms), evaluate=False))
    text = rf"\frac{{1}}{{\tau_\phi}} = {rate}"
    return text if times else rf"B_\phi = \frac{{\hbar}}{{4 e D \tau_\phi}},\quad {text}"


def _term(word: str, dimension: int | None) -> DephasingLaw:
    name, colon, given = word.partition(":")
    if name not in MECHANISMS:
        raise ValueError(
            f"{name!r} is no mechanism of dephasing; choose of {', '.join(MECHANISMS)}, joined by "
            "'+', for example nyquist+saturation."
        )
    if name in _PLAIN:
        if colon:
            raise ValueError(f"{word!r}: {name} has no number; write {name}.")
        return _PLAIN[name]()
    if name == "phonons":
        return electron_phonon(_number(word, given) if colon else 3)
    if not colon and dimension is None:
        raise ValueError(
            "The noise of this geometry may be of any dimension; write nyquist:1 for a wire "
            "thinner than the thermal length sqrt(hbar D/(k_B T)), nyquist:2 for such a film, "
            "nyquist:3 for a thicker one."
        )
    return nyquist(dimension if not colon and dimension else _dimension(word, given))


_PLAIN: Mapping[str, Callable[[], DephasingLaw]] = MappingProxyType(
    {"spin-flip": spin_flip, "saturation": saturation}
)


def _dimension(word: str, text: str) -> int:
    if text not in ("1", "2", "3"):
        raise ValueError(f"{word!r}: the dimension of the noise is 1, 2 or 3; write nyquist:2.")
    return int(text)


def _number(word: str, text: str) -> float:
    try:
        power = float(text)
    except ValueError:
        power = math.nan
    if not 0 < power < math.inf:
        raise ValueError(
            f"{word!r}: {text!r} is no positive power of temperature; write phonons:3."
        )
    return int(power) if power.is_integer() else power
