"""What is known of each curve and enters the model: its temperature."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence

from numerics.curve import Curve
from numerics.parameters import Parameter
from numerics.problem import Fixed, Model

_TEMPERATURE = "T"


def with_temperatures(
    function: Model, curves: Sequence[Curve], parameters: Sequence[Parameter], fixed: Fixed
) -> Fixed:
    """Return the fixed values with T of each curve where the function needs it and nobody gave it.

    Raises
    ------
    ValueError
        If the function has an argument T, which is not a parameter, and a curve for which it is
        not fixed has no temperature.
    """
    given = fixed.get(_TEMPERATURE, {})
    needed = _takes(function, _TEMPERATURE) and all(p.name != _TEMPERATURE for p in parameters)
    if not needed or not isinstance(given, Mapping):
        return fixed
    unknown = [c.label for c in curves if c.label not in given and c.temperature is None]
    if unknown:
        raise ValueError(
            f"The function depends on T, and the temperature of {', '.join(unknown)} is not known; "
            "give Curve(temperature=...), fixed={'T': {label: ...}}, or a Parameter T."
        )
    own = {c.label: c.temperature for c in curves if c.temperature is not None}
    return {**fixed, _TEMPERATURE: own | dict(given)}


def _takes(function: Model, name: str) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:  # a built-in without a signature
        return False
    return name in parameters
