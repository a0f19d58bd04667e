"""A fit asked for by model and names: from a derived correction and curves to a `FitResult`."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import jax

from cooperon import Correction
from diagrams.symbols import QUANTITIES
from numerics.codegen import compile
from numerics.curve import Curve
from numerics.fit import Progress, fit
from numerics.fit_record import DataSource, FitRecord, smooth_lines
from numerics.model_account import ModelAccount
from numerics.named_model import NamedModel
from numerics.noise_model import NoiseModel
from numerics.parameters import Parameter
from numerics.problem import Fixed
from numerics.result import FitResult
from numerics.window_fits import default_windows, fit_windows

# Wider than any experiment: L_phi from 40 um to 4 nm, times from 1 fs to 100 ns.
_BOUNDS = MappingProxyType({"T": (1e-7, 10.0), "s": (1e-15, 1e-7)})
_LENGTHS = (1e-9, 1e-3)
_PER_CURVE = ("B_phi", "tau_phi", "L_phi")


@dataclass(frozen=True)
class FitRequest:
    """What to fit, and how.

    Attributes
    ----------
    correction : Correction
        The model; its parameters other than B are fitted unless fixed.
    fixed : mapping
        Known values in SI units: {name: value} or {name: {label of the curve: value}}.
    bounds : mapping
        {name: (lower, upper)} in SI units; 1e-7 to 10 T and 1e-15 to 1e-7 s by default.
    per_curve : tuple of str or None
        Parameters with one value per curve; B_phi or tau_phi if None.
    weights, starts, seed, noise, transport_field
        As for `numerics.fit.fit`.
    named : NamedModel or None
        The names that make the correction again, for the record.
    """

    correction: Correction
    fixed: Fixed
    bounds: Mapping[str, tuple[float, float]]
    per_curve: tuple[str, ...] | None = None
    weights: str | None = None
    starts: int = 64
    seed: int = 0
    noise: NoiseModel | None = None
    named: NamedModel | None = None
    transport_field: float | None = None

    def __post_init__(self) -> None:
        known = [symbol.name for symbol in self.correction.parameters if symbol.name != "B"]
        for name in (*self.fixed, *self.bounds, *(self.per_curve or ())):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3) or known
                raise ValueError(
                    f"{name!r} is not a parameter of the model; did you mean one of {near}?"
                )
        _require_not_negative(self.fixed)
        if "D" in known and not isinstance(self.fixed.get("D"), float):
            raise ValueError(
                "D cannot be told apart from the times; give its value in m^2/s: --fix D=0.03."
            )

    def parameters(self) -> tuple[Parameter, ...]:
        """Return the free parameters with their bounds."""
        names = [symbol.name for symbol in self.correction.parameters if symbol.name != "B"]
        free = [name for name in names if not isinstance(self.fixed.get(name), float)]
        return tuple(self._parameter(name) for name in free)

    def _parameter(self, name: str) -> Parameter:
        unit = QUANTITIES[name].unit if name in QUANTITIES else "1"
        usual = _LENGTHS if name.startswith("L_") else _BOUNDS.get(unit)
        bounds = self.bounds.get(name) or usual
        if bounds is None:
            raise ValueError(
                f"{name!r} has no default bounds; give its value, --fix {name}=VALUE, or bounds, "
                f"--bounds {name}=LOW:HIGH."
            )
        shared = name not in (_PER_CURVE if self.per_curve is None else self.per_curve)
        return Parameter(name, *bounds, unit=unit, shared=shared)


def run_fit(
    request: FitRequest, curves: Sequence[Curve], progress: Progress | None = None
) -> tuple[FitResult, Callable[..., jax.Array]]:
    """Return the fit and the compiled function, which has the unit of the curves."""
    if request.named is not None:
        function = request.named.function(curves[0].unit)
    else:
        function = compile(request.correction, unit=output_unit(curves))
    result = fit(
        function,
        curves,
        request.parameters(),
        fixed=request.fixed,
        starts=request.starts,
        seed=request.seed,
        weights=request.weights,
        noise=request.noise,
        transport_field=request.transport_field,
        progress=progress,
    )
    return result, function


def record_fit(
    request: FitRequest,
    result: FitResult,
    curves: Sequence[Curve],
    function: Callable[..., jax.Array],
    *,
    data: DataSource | None = None,
    windows: Sequence[float] | None = None,
    pipeline: object = None,
    progress: Progress | None = None,
) -> FitRecord:
    """Return the record of a fit: what is in its JSON file and its report.

    Parameters
    ----------
    request, result, curves, function
        What was asked for, what `run_fit` returned, and the points.
    data : DataSource, optional
        The file that the points came from.
    windows : sequence of float, optional
        Largest fields, in tesla, of the shorter ranges that are fitted as well; a few fractions
        of the whole by default, none if empty.
    pipeline : object, optional
        What brought raw data to curves: a record as lists and mappings, or an object whose
        ``record()`` returns one.
    progress : callable, optional
        Called as ``progress(done, total, text)``.
    """
    parameters = request.parameters()
    if windows is None:
        windows = default_windows(curves, len(result.best.values))
    scan = fit_windows(function, curves, parameters, result, windows, progress)
    record = getattr(pipeline, "record", None)
    return FitRecord(
        result=result,
        curves=tuple(curves),
        parameters=parameters,
        fixed=request.fixed,
        model=ModelAccount.of(request.correction, curves[0].unit, request.named),
        noise=request.noise,
        data=data,
        windows=scan,
        lines=smooth_lines(function, result, curves),
        pipeline=record() if callable(record) else pipeline,
    )


def output_unit(curves: Sequence[Curve]) -> str:
    """Return the unit of the curves as `numerics.codegen.compile` calls it."""
    unit = curves[0].unit
    return "SI" if unit == "S" else unit


def _require_not_negative(fixed: Fixed) -> None:
    for name, known in fixed.items():
        for value in known.values() if isinstance(known, Mapping) else [known]:
            if not value >= 0:
                raise ValueError(f"{name} is fixed to {value}; give a value that is not negative.")


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
        name, label, value = match[1], match[2], _number(match[3], f"{option} {text}")
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
        bounds[match[1]] = (_number(match[2], option), _number(match[3], option))
    return bounds


def _number(text: str, option: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{option}: {text!r} is not a number; write it as 40.5e-12.") from None


def parse_windows(text: str) -> tuple[float, ...]:
    """Return fields in tesla from B_MAX,B_MAX,...; none from an empty text.

    >>> parse_windows("5e-3,1e-2")
    (0.005, 0.01)
    """
    words = [word for word in text.split(",") if word.strip()]
    fields = tuple(_number(word, f"--windows {text}") for word in words)
    for field in fields:
        if not 0 < field < math.inf:
            raise ValueError(f"--windows {text}: {field:g} T is no window; give positive fields.")
    return fields
