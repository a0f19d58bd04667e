"""Backgrounds by name: what the data hold beside the correction, in the same formula.

A background has no derivation here, but it belongs into the model: subtracted beforehand, it has
been fitted with the correction in it and its error is nowhere. Its amplitude has the unit of the
data and any sign, so that bounds that suit every data set do not exist; those here come from the
size of the measured change and the largest field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import sympy as sp

from cooperon import Correction
from cooperon.sample_units import UNITS
from diagrams.symbols import e, hbar, symbol
from numerics.backgrounds import constant, drude, interaction_parabola, kohler, linear, parabola
from numerics.compose import Model
from numerics.curve import Curve
from numerics.problem import Fixed

BACKGROUNDS: Mapping[str, Callable[[str], Model]] = MappingProxyType(
    {
        "parabola": lambda unit: parabola(),
        "linear": lambda unit: linear(),
        "constant": lambda unit: constant(),
        "drude": lambda unit: drude(),
        "kohler": lambda unit: kohler(),
        "interaction": lambda unit: interaction_parabola(unit=unit),
    }
)
"""Functions of the unit of the data."""

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "c_2": "amplitude of a parabola",
        "c_1": "slope in |B|",
        "c_0": "error of the value at zero field",
        "mu": "mobility",
        "sigma_0": "classical conductivity",
        "kappa": "Kohler's coefficient",
        "K_ee": "strength of the interaction correction",
    }
)
# Those of either sign; the generated code refuses negative values of the others.
_SIGNED = ("c_0", "c_1", "c_2", "K_ee")
_POWERS = MappingProxyType({"c_0": 0, "c_1": 1, "c_2": 2})
_UNITS = MappingProxyType(
    {
        "e^2/h": e**2 / (2 * sp.pi * hbar),
        "e^2/(pi h)": UNITS[2].value,
        "S": sp.S.One,
        "mS": sp.Rational(1, 10**3),
        "uS": sp.Rational(1, 10**6),
    }
)
# In units of the measured change at the largest field: what the starting points and the values
# may reach. A background much larger than the data would have to cancel against the correction.
_SEARCHED, _ALLOWED = 2.0, 100.0
# mu B or kappa sigma_0 B at the largest field; below, the background cannot be seen.
_SHAPES = (1e-4, 10.0)
_MOBILITIES = (1e-4, 1e3)
_STRENGTHS = (-10.0, 10.0)


@dataclass(frozen=True)
class Range:
    """Bounds of a parameter, and where starting points are drawn from if not from all of them."""

    lower: float
    upper: float
    search: tuple[float, float] | None = None


def named_background(text: str, unit: str) -> Model:
    """Return the sum of the backgrounds in ``NAME+NAME`` for data in a unit.

    Raises
    ------
    ValueError
        If a name is not known or stands twice.
    """
    names = [name.strip() for name in text.split("+")]
    for name in names:
        if name not in BACKGROUNDS:
            raise ValueError(
                f"{name!r} is no background; choose of {', '.join(BACKGROUNDS)}, joined by '+'."
            )
        if names.count(name) > 1:
            raise ValueError(f"The background {name!r} is named twice; name it once.")
    first, *others = (BACKGROUNDS[name](unit) for name in names)
    return sum(others, start=first)


def with_background(correction: Correction, text: str, unit: str) -> Correction:
    """Return correction and backgrounds as one formula in the unit of the correction.

    Parameters
    ----------
    correction : Correction
        Of a conductance.
    text : str
        See `named_background`.
    unit : str
        Unit of the data and so of the amplitudes: one of `numerics.units.CONDUCTANCE_UNITS`.

    Raises
    ------
    ValueError
        If a background or the unit is not known.
    """
    if unit not in _UNITS:
        raise ValueError(
            f"A background cannot be added to data in {unit}; give them in {', '.join(_UNITS)}."
        )
    background = named_background(text, unit)
    signed = {symbol(name): sp.Symbol(name, real=True) for name in _SIGNED}
    total = correction.expression
    for term in background.terms:
        own = _UNITS[unit] if term.prefactor == 1 else term.prefactor
        body = term.sign * term.expression.xreplace(signed)
        total += sp.cancel(own / correction.unit) * body
    return replace(
        correction,
        expression=total,
        validity="; ".join(filter(None, [correction.validity, background.validity])),
        references=tuple(dict.fromkeys([*correction.references, *background.references])),
    )


def may_be_negative(name: str) -> bool:
    """Return whether a parameter of a background has either sign."""
    return name in _SIGNED


def usual_range(name: str, curves: Sequence[Curve], fixed: Fixed) -> Range | None:
    """Return bounds of a parameter of a background, None where the data suggest none.

    Parameters
    ----------
    name : str
        The parameter.
    curves : sequence of Curve
        The data; without them there are no bounds for amplitudes.
    fixed : mapping
        What is known: kappa needs sigma_0, of which only a product with it is determined.

    Raises
    ------
    ValueError
        If sigma_0 is not known and bounds of kappa are asked for.
    """
    if name == "mu":
        return Range(*_MOBILITIES)
    if name == "K_ee":
        return Range(*_STRENGTHS)
    if not curves:
        return None
    B = max(float(abs(c.B).max()) for c in curves)
    if name in _POWERS:
        size = max(float(abs(c.delta_sigma).max()) for c in curves) / B ** _POWERS[name] or 1.0
        return Range(-_ALLOWED * size, _ALLOWED * size, (-_SEARCHED * size, _SEARCHED * size))
    if name != "kappa":
        return None
    known = fixed.get("sigma_0")
    if known is None:
        raise ValueError(
            "kappa and sigma_0 cannot be told apart; give sigma_0 in the unit of the data, "
            "--fix sigma_0=VALUE or --fix 'sigma_0[CURVE]=VALUE', or bounds of both, --bounds."
        )
    sizes = [known] if isinstance(known, float) else list(known.values())
    if not all(size > 0 for size in sizes):
        return None
    return Range(_SHAPES[0] / (max(sizes) * B), _SHAPES[1] / (min(sizes) * B))
