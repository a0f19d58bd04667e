"""A recorded way from raw sweeps to the curves that are fitted, which can be run again.

What is done to data before a fit decides its result as much as the model does, and is usually lost
in a notebook. A pipeline is a list of steps with their parameters; running it leaves a record with
the hash of the input and of the output and the versions of the packages, from which the same
pipeline can be made again. On the same input it repeats the output bit for bit, and says so.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from numerics.curve import Curve
from numerics.steps import (
    AverageDirections,
    AverageRows,
    Drop,
    FieldWindow,
    InQuanta,
    InterpolateField,
    Recentre,
    SelectDirection,
    SplitDirections,
    Step,
    SubtractReference,
    SubtractZeroField,
    Symmetrise,
    ToConductivity,
    VoltageToResistance,
)
from numerics.steps.average import without_mirror
from numerics.steps.field_axis import ascending
from numerics.sweep_array import SweepArray
from numerics.units import CONDUCTANCE_UNITS

STEPS: dict[str, type[Step]] = {
    step.__name__: step
    for step in (
        AverageDirections,
        AverageRows,
        Drop,
        FieldWindow,
        InQuanta,
        InterpolateField,
        Recentre,
        SelectDirection,
        SplitDirections,
        SubtractReference,
        SubtractZeroField,
        Symmetrise,
        ToConductivity,
        VoltageToResistance,
    )
}
"""The steps a record may name."""

# A quantum correction is of the order of e^2/h per square; a bulk magnetoresistance is not.
_LARGEST = 1e3


@dataclass(frozen=True, eq=False)
class Processed:
    """What a pipeline made of its input.

    Attributes
    ----------
    sweeps : tuple of SweepArray
        Results of the last step.
    notes : dict
        Sentences of the reader and of every step, by label of the sweep.
    status : tuple of str
        Sentences about the run: whether it repeats its record.
    record : dict
        ``steps``, ``input`` and ``output`` (hash by label) and ``versions``.
    """

    sweeps: tuple[SweepArray, ...]
    notes: dict[str, tuple[str, ...]]
    status: tuple[str, ...]
    record: dict[str, Any]

    @property
    def curves(self) -> tuple[Curve, ...]:
        """The results as curves to fit, one per row that was not averaged.

        Raises
        ------
        ValueError
            If a result is no delta_sigma, or is too large to be a correction in two dimensions.
        """
        return tuple(curve for sweep in self.sweeps for curve in _curves(sweep))

    def to_json(self) -> str:
        """Return the record as JSON; `Pipeline.from_json` reads it."""
        return json.dumps(self.record, indent=2, allow_nan=False)


@dataclass(frozen=True, eq=False)
class Pipeline:
    """Steps in the order they are done.

    Attributes
    ----------
    steps : sequence of Step
        At least one.
    recorded : dict, optional
        The record this pipeline was made from, with which a run is compared.

    Examples
    --------
    >>> from numerics.steps import FieldWindow, ToConductivity
    >>> pipeline = Pipeline((ToConductivity(squares=2.0), FieldWindow(0.0, 5e-3)))
    >>> Pipeline.from_json(pipeline.to_json()).steps == pipeline.steps
    True
    """

    steps: Sequence[Step]
    recorded: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))
        wrong = [step for step in self.steps if not isinstance(step, Step)]
        if wrong or not self.steps:
            what = f"{wrong[0]!r}" if wrong else "nothing"
            raise TypeError(
                f"A pipeline is made of steps and was given {what}; see numerics.steps."
            )

    def run(self, raw: SweepArray | Sequence[SweepArray]) -> Processed:
        """Apply the steps to one or several sweeps, in order.

        Raises
        ------
        ValueError
            From a step, with its number and name; or if two sweeps share a label.
        """
        sweeps = (raw,) if isinstance(raw, SweepArray) else tuple(raw)
        given = _digests(sweeps)
        for number, step in enumerate(self.steps, 1):
            try:
                sweeps = step.apply_all(sweeps)
            except ValueError as error:
                raise ValueError(f"Step {number} ({type(step).__name__}): {error}") from error
        record = {
            "steps": [step.record() for step in self.steps],
            "input": given,
            "output": _digests(sweeps),
            "versions": _versions(),
        }
        notes = {sweep.label: sweep.notes for sweep in sweeps}
        return Processed(sweeps, notes, _compared(record, self.recorded), record)

    def to_json(self) -> str:
        """Return the steps as JSON."""
        return json.dumps({"steps": [step.record() for step in self.steps]}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Pipeline:
        """Make the pipeline that wrote `text` (`to_json`, `Processed.to_json`).

        Raises
        ------
        ValueError
            If the text is no record, or names a step or a parameter that is not known.
        """
        try:
            record = json.loads(text)
            steps = tuple(_step(entry) for entry in record["steps"])
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"The text is no record of a pipeline ({error!r}); give what to_json() returned."
            ) from error
        return cls(steps, record if "input" in record else None)


def _step(entry: Mapping[str, Any]) -> Step:
    name = entry["step"]
    if name not in STEPS:
        raise ValueError(
            f"The record names the step {name!r}, which is not known; known are {', '.join(STEPS)}."
        )
    parameters = {k: v for k, v in entry.items() if k != "step"}
    return STEPS[name](**{k: tuple(v) if isinstance(v, list) else v for k, v in parameters.items()})


def _digests(sweeps: Sequence[SweepArray]) -> dict[str, str]:
    labels = [sweep.label for sweep in sweeps]
    repeated = next((label for label in labels if labels.count(label) > 1), None)
    if repeated is not None or not labels:
        what = f"two sweeps are called {repeated!r}" if labels else "there is no sweep"
        raise ValueError(f"A pipeline needs sweeps with different labels, and {what}; pass label=.")
    return {sweep.label: sweep.digest() for sweep in sweeps}


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("cooperon", "numpy", "scipy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed as a package"
    return found


def _compared(record: Mapping[str, Any], recorded: Mapping[str, Any] | None) -> tuple[str, ...]:
    if recorded is None:
        return ()
    before, now = recorded["input"], record["input"]
    if before != now:
        other = sorted(k for k in {*before, *now} if before.get(k) != now.get(k))
        return (
            f"Replayed on other data than recorded: {', '.join(map(repr, other))} "
            f"(hash {_short(now, other[0])}, recorded {_short(before, other[0])}).",
        )
    if recorded.get("output") == record["output"]:
        return ("The replay repeats the recorded output bit for bit.",)
    changed = [
        f"{name} {recorded.get('versions', {}).get(name)} -> {new}"
        for name, new in record["versions"].items()
        if recorded.get("versions", {}).get(name) != new
    ]
    reason = f" ({', '.join(changed)})" if changed else ""
    return (f"The input is the recorded one but the output is not{reason}; compare the numbers.",)


def _short(digests: Mapping[str, str], label: str) -> str:
    return digests[label][:12] if label in digests else "none"


def _curves(sweep: SweepArray) -> list[Curve]:
    if list(sweep.values) != ["delta_sigma"]:
        raise ValueError(
            f"The pipeline ends with {', '.join(sweep.values)} of {sweep.label!r}, not with "
            "delta_sigma; add the steps ToConductivity and SubtractZeroField."
        )
    sweep.require_complete("a curve")
    sweep = _without_origin(without_mirror(ascending(sweep, "a curve")))
    unit = sweep.units["delta_sigma"]
    largest = float(np.max(np.abs(sweep.values["delta_sigma"])))
    quanta = largest * CONDUCTANCE_UNITS[unit] / CONDUCTANCE_UNITS["e^2/h"]
    if quanta > _LARGEST:
        raise ValueError(
            f"delta_sigma of {sweep.label!r} reaches {quanta:.3g} e^2/h per square, which is no "
            "quantum correction of a film; check units and geometry: a bulk sample has none."
        )
    return [_curve(sweep, index, unit) for index in np.ndindex(sweep.shape[:-1])]


def _curve(sweep: SweepArray, index: tuple[int, ...], unit: str) -> Curve:
    outer = [(k, v[i]) for (k, v), i in zip(sweep.axes.items(), index, strict=False)]
    named = "".join(f", {k} = {x:g} {sweep.units[k]}".removesuffix(" 1") for k, x in outer)
    return Curve(
        B=sweep.B,
        delta_sigma=sweep.values["delta_sigma"][index],
        label=sweep.label + named,
        temperature=dict(outer).get("T", sweep.temperature),
        unit=unit,
        covariance=sweep.covariance,
    )


def _without_origin(sweep: SweepArray) -> SweepArray:
    """Leave out B = 0 where the difference is zero by definition and carries no information."""
    at_zero = (sweep.B == 0) & np.all(
        np.moveaxis(sweep.values["delta_sigma"], -1, 0).reshape(len(sweep.B), -1) == 0, axis=1
    )
    return sweep.take("B", np.flatnonzero(~at_zero)) if np.any(at_zero) else sweep
