"""What the options of a fit say: values, bounds, windows and noise from text.

The errors name the option, the text and how it is to be written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from numerics.noise_estimate import KERNELS
from numerics.noise_model import CorrelatedNoise

OWN_COVARIANCE = "covariance"
"""What the noise is called where the curves carry its covariance."""


def parse_fixed(texts: Sequence[str], option: str = "--fix") -> dict[str, float | dict[str, float]]:
    """Return {name: value} or {name: {curve: value}} from NAME=VALUE or NAME[CURVE]=VALUE.

    `option` is what the errors call it.
    """
    fixed: dict[str, float | dict[str, float]] = {}
    for text in texts:
        match = re.fullmatch(r"\s*(\w+)\s*(?:\[(.+)\])?\s*=\s*(.+)", text)
        if match is None:
            raise ValueError(
                f"{option} {text!r} is not of the form NAME=VALUE or NAME[CURVE]=VALUE."
            )
        name, label, value = match[1], match[2], number(match[3], f"{option} {text}")
        _add_fixed(fixed, name, label, value, option)
    return fixed


def _add_fixed(
    fixed: dict[str, float | dict[str, float]],
    name: str,
    label: str | None,
    value: float,
    option: str,
) -> None:
    if label is None:
        if name in fixed:
            raise ValueError(f"{option} gives {name} twice; give one value, or one for each curve.")
        fixed[name] = value
        return
    per_curve = fixed.setdefault(name, {})
    if isinstance(per_curve, float) or label in per_curve:
        raise ValueError(f"{option} gives {name} twice; give one value, or one for each curve.")
    per_curve[label] = value


def parse_bounds(texts: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return {name: (lower, upper)} from NAME=LOWER:UPPER."""
    bounds = {}
    for text in texts:
        match = re.fullmatch(r"\s*(\w+)\s*=\s*([^:]+):([^:]+)", text)
        if match is None:
            raise ValueError(f"--bounds {text!r} is not of the form NAME=LOWER:UPPER.")
        option = f"--bounds {text}"
        bounds[match[1]] = (number(match[2], option), number(match[3], option))
    return bounds


def parse_windows(text: str) -> tuple[float, ...]:
    """Return fields in tesla from B_MAX,B_MAX,...; none from an empty text.

    >>> parse_windows("5e-3,1e-2")
    (0.005, 0.01)
    """
    words = [word for word in text.split(",") if word.strip()]
    fields = tuple(number(word, f"--windows {text}") for word in words)
    for field in fields:
        if not 0 < field < math.inf:
            raise ValueError(f"--windows {text}: {field:g} T is no window; give positive fields.")
    return fields


def parse_noise(text: str, length: float | None = None) -> CorrelatedNoise | str:
    """Return noise to be estimated, ``correlated`` or ``correlated:KERNEL``, or ``covariance``.

    `length` is the correlation field B_c in tesla where it is known.

    >>> parse_noise("correlated:squared_exponential")
    CorrelatedNoise(kernel='squared_exponential', independent='estimated', length=None)
    """
    if length is not None and not 0 < length < math.inf:
        raise ValueError(
            f"--correlation-field {length:g} is no field; give B_c in tesla, for example 1e-3."
        )
    if text.strip() == OWN_COVARIANCE:
        if length is not None:
            raise ValueError(
                "--correlation-field is for noise that is estimated; leave it out, or pass --noise "
                "correlated."
            )
        return OWN_COVARIANCE
    kind, _, kernel = text.strip().partition(":")
    kernel = kernel or CorrelatedNoise.kernel
    if kind != "correlated" or kernel not in KERNELS:
        known = ", ".join(f"correlated:{name}" for name in KERNELS)
        raise ValueError(f"--noise {text!r} is no noise; choose correlated, {known}, covariance.")
    return CorrelatedNoise(kernel, length=length)


def number(text: str, option: str) -> float:
    """Return the number that a text is; ValueError with the option otherwise."""
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a number; write it as 40.5e-12.") from None
