"""A measurement to plan, asked for by model and names, as on the command line."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cooperon import Correction
from cooperon.geometries import named_correction
from numerics.fit_options import parse_fixed
from numerics.planned_sweep import PlannedSweep
from numerics.problem import Fixed

_SPACINGS = ("linear", "log")


@dataclass(frozen=True)
class PlanningRequest:
    """A model at assumed values.

    Attributes
    ----------
    correction : Correction
        The model.
    parameters : mapping
        What will be fitted, {name: value} or {name: {label: value}}; no value is zero.
    fixed : mapping
        What is known.
    notes : tuple of str
        What was assumed, as sentences.
    """

    correction: Correction
    parameters: Fixed
    fixed: Fixed
    notes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the sweeps, one sweep without a name if no value belongs to one alone."""
        own = [
            v for v in (*self.parameters.values(), *self.fixed.values()) if isinstance(v, Mapping)
        ]
        return tuple(dict.fromkeys(label for entry in own for label in entry)) or ("sweep",)

    @staticmethod
    def single_values(entries: Fixed) -> dict[str, float]:
        """Return {name: value} where no value belongs to one sweep alone."""
        return {name: v for name, v in entries.items() if not isinstance(v, Mapping)}

    def sweeps(self, B: NDArray[np.float64], noise: float) -> tuple[PlannedSweep, ...]:
        """Return one sweep of these fields for each label."""
        return tuple(PlannedSweep(B, noise, label) for label in self.labels)


def planning_request(
    name: str, at: Sequence[str], fix: Sequence[str], *, times: bool
) -> PlanningRequest:
    """Return the request for a named model.

    Parameters
    ----------
    name : str
        Name of the model.
    at, fix : sequence of str
        NAME=VALUE or NAME[SWEEP]=VALUE: values to assume, and values that are known. A parameter
        at zero has no relative error and is taken as known.
    times : bool
        Parameters tau_j and D instead of B_j.

    Raises
    ------
    ValueError
        If a name is not a parameter, has no value, two values or a negative one.
    """
    correction = named_correction(name, parameters="times" if times else "fields")
    assumed, fixed = parse_fixed(at, "--at"), parse_fixed(fix)
    known = [symbol.name for symbol in correction.parameters if symbol.name != "B"]
    _check_names(known, assumed, fixed)
    zero = [name for name, value in assumed.items() if not np.any(_numbers(value))]
    fixed |= {name: assumed.pop(name) for name in zero}
    if not assumed:
        raise ValueError("Nothing is left to determine; give a value that is not zero with --at.")
    notes = [f"{' and '.join(zero)} at zero: taken as known."] if zero else []
    return PlanningRequest(correction, assumed, fixed, tuple(notes))


def parse_fields(text: str) -> NDArray[np.float64]:
    """Return fields in tesla from START:STOP:POINTS, START:STOP:POINTS:log or B1,B2,...

    >>> parse_fields("0:0.1:3").tolist(), parse_fields("1e-3,2e-3").tolist()
    ([0.0, 0.05, 0.1], [0.001, 0.002])
    """
    try:
        if ":" not in text:
            return np.array([float(word) for word in text.split(",")])
        start, stop, points, *spacing = text.split(":")
        first, last, number = float(start), float(stop), int(points)
    except ValueError:
        raise ValueError(
            f"--fields {text!r} is not START:STOP:POINTS (in tesla, with :log at the end for equal "
            "ratios) or a list such as 1e-3,2e-3,5e-3."
        ) from None
    logarithmic = _is_logarithmic(spacing, text)
    if number < 1 or not np.isfinite(last - first):
        raise ValueError(
            f"--fields {text!r} has no points between finite fields; give START:STOP:POINTS."
        )
    if logarithmic and not (first > 0 and last > 0):
        raise ValueError(f"--fields {text!r} has a field that is not positive; start :log above 0.")
    return np.geomspace(first, last, number) if logarithmic else np.linspace(first, last, number)


def _is_logarithmic(spacing: Sequence[str], text: str) -> bool:
    if spacing and (len(spacing) > 1 or spacing[0] not in _SPACINGS):
        raise ValueError(f"--fields {text!r} ends in {spacing[-1]!r}; use 'linear' or 'log'.")
    return list(spacing) == ["log"]


def _check_names(known: Sequence[str], assumed: Fixed, fixed: Fixed) -> None:
    for name in (*assumed, *fixed):
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3) or list(known)
            raise ValueError(
                f"{name!r} is not a parameter of the model; did you mean one of {near}?"
            )
        if name in assumed and name in fixed:
            raise ValueError(f"{name} is in --at and in --fix; give it once.")
    missing = [name for name in known if name not in assumed and name not in fixed]
    if missing:
        example = " ".join(f"--at {name}=1e-3" for name in missing[:2])
        raise ValueError(
            f"The model also has {', '.join(missing)}; give values to assume ({example}), or known "
            f"ones (--fix {missing[0]}=0)."
        )
    for name, entry in (*assumed.items(), *fixed.items()):
        for value in _numbers(entry):
            if not 0 <= value < np.inf:
                raise ValueError(f"{name} is {value:g}; give a number that is not negative.")


def _numbers(entry: float | Mapping[str, float]) -> list[float]:
    return list(entry.values()) if isinstance(entry, Mapping) else [entry]
