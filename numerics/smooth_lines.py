"""Fitted curves at many fields, as figures and records hold them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from numerics.curve import Curve
from numerics.precision import double_precision
from numerics.result import FitResult


def smooth_lines(
    function: Callable[..., Any], result: FitResult, curves: Sequence[Curve], points: int = 201
) -> tuple[dict[str, dict[str, list[float]]], ...]:
    """Return the model between the first and the last field of each curve, for each minimum."""
    return tuple(
        {c.label: _line(function, result.arguments(c.label, k), c, points) for c in curves}
        for k in range(len(result.minima))
    )


def _line(
    function: Callable[..., Any], values: Mapping[str, float], curve: Curve, points: int
) -> dict[str, list[float]]:
    B = np.linspace(curve.B[0], curve.B[-1], points)
    # What the model warns of stands among the sentences of the fit.
    with double_precision(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {"B": B.tolist(), "fit": np.asarray(function(B, **values)).tolist()}
