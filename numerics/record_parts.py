"""The parts of a recorded fit as numbers, texts, lists and mappings, and back.

Numbers are written with all their digits; what is infinite is null.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from numerics.curve import Curve
from numerics.noise_record import noise_of
from numerics.parameters import Parameter
from numerics.result import FitResult, Minimum
from numerics.window_fits import WindowFit


def curve_content(curve: Curve) -> dict[str, Any]:
    """Return the points of a curve and what is known of it."""
    return {
        "label": curve.label,
        "temperature": curve.temperature,
        "unit": curve.unit,
        "B": curve.B.tolist(),
        "delta_sigma": curve.delta_sigma.tolist(),
        "standard_error": None if curve.standard_error is None else curve.standard_error.tolist(),
    }


def curves_hash(curves: Sequence[Curve]) -> str:
    """Return the SHA-256 of all that curves contain, to the last bit."""
    digest = hashlib.sha256()
    for curve in curves:
        digest.update(repr((curve.label, curve.unit, curve.temperature)).encode())
        for column in (curve.B, curve.delta_sigma, curve.standard_error):
            digest.update(b"-" if column is None else np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def plain(value: Any) -> Any:
    """Return a value with lists for tuples and None for what is not finite."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def result_of(content: Mapping[str, Any]) -> FitResult:
    """Return the result; what only a later version knows is left out."""
    known = {f.name: content[f.name] for f in fields(FitResult) if f.name in content}
    known |= {
        "minima": tuple(_minimum(facts) for facts in content["minima"]),
        "status": tuple(content["status"]),
    }
    if "noise" in known:
        known["noise"] = noise_of(known["noise"])
    if "bounds" in known:
        known["bounds"] = {name: tuple(ends) for name, ends in known["bounds"].items()}
    return FitResult(**known)


def _minimum(facts: Mapping[str, Any]) -> Minimum:
    known = {f.name: facts[f.name] for f in fields(Minimum) if f.name in facts}
    return replace(
        Minimum(**known),
        standard_errors=_errors(facts["standard_errors"]),
        covariance=np.array(_with_infinities(facts["covariance"])),
        correlation=np.array(facts["correlation"]),
        residuals={label: np.array(r) for label, r in facts["residuals"].items()},
    )


def window_of(facts: Mapping[str, Any]) -> WindowFit:
    """Return the fit of a window."""
    return replace(WindowFit(**facts), standard_errors=_errors(facts["standard_errors"]))


def _errors(errors: Mapping[str, float | None]) -> dict[str, float]:
    return {name: math.inf if error is None else error for name, error in errors.items()}


def _with_infinities(rows: Sequence[Sequence[float | None]]) -> list[list[float]]:
    return [[math.inf if x is None else x for x in row] for row in rows]


def parameter_of(facts: Mapping[str, Any]) -> Parameter:
    """Return what was free."""
    search = facts.get("search")
    return Parameter(**{**facts, "search": None if search is None else tuple(search)})
