"""What the model itself says about the range of its formula, at the values of a fit.

A generated function warns where a length or time is not small enough, but only when it can see
numbers: inside the compiled search there are none. So it is called once more, at the minimum.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np

from numerics.curve import Curve
from numerics.problem import Model


def model_warnings(
    function: Model, curves: Sequence[Curve], arguments: Sequence[Mapping[str, float]]
) -> list[str]:
    """Return the distinct warnings of a function at the values for each curve, as sentences.

    It is called with the lowest, the highest and the smallest |B| of each curve: what has to be
    small beside a length is largest at one of these.
    """
    if _is_silent(function):
        return []
    found: dict[str, list[str]] = {}
    for curve, values in zip(curves, arguments, strict=True):
        ends = np.array([curve.B[0], curve.B[-1], curve.B[np.argmin(np.abs(curve.B))]])
        for text in _said(function, jnp.asarray(ends), values):
            found.setdefault(text, []).append(curve.label)
    return [_sentence(text, labels, len(curves)) for text, labels in found.items()]


def _is_silent(function: Model) -> bool:
    """Return whether this is a generated function without conditions, which costs a compilation."""
    names = getattr(function, "__globals__", {})
    generated = str(getattr(function, "__module__", "")).startswith("cooperon_generated_")
    return generated and "_warn_outside" not in names


def _said(function: Model, B: jax.Array, values: Mapping[str, float]) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            function(B, **{name: jnp.asarray(value) for name, value in values.items()})
        except ValueError as error:
            return [f"the function refuses these values: {error}"]
    return list(dict.fromkeys(str(warning.message) for warning in caught))


def _sentence(text: str, labels: Sequence[str], curves: int) -> str:
    where = "" if len(labels) == curves else f" on {', '.join(labels)}"
    return f"The model warns at the best minimum{where}: {text.rstrip('.')}."
