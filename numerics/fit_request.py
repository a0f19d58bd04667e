"""A fit asked for by model and names: from a derived correction and curves to a `FitResult`."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import jax

from cooperon import Correction
from diagrams.symbols import QUANTITIES
from numerics.codegen import compile
from numerics.curve import Curve
from numerics.fit import Progress, fit
from numerics.fit_options import OWN_COVARIANCE
from numerics.named_background import may_be_negative, usual_range
from numerics.named_model import NamedModel, background_units
from numerics.noise_model import GivenNoise, NoiseModel
from numerics.parameters import Parameter
from numerics.problem import Fixed
from numerics.result import FitResult

# Wider than any experiment: L_phi from 40 um to 4 nm, times from 1 fs to 100 ns, a rate by phonons
# of 1e4 to 1e14 per second at 1 K, a film between a good metal and e^2/h.
_BOUNDS = MappingProxyType(
    {"T": (1e-7, 10.0), "s": (1e-15, 1e-7), "1/(s K^p)": (1e4, 1e14), "ohm": (0.1, 1e5)}
)
_LENGTHS = (1e-9, 1e-3)
_PER_CURVE = ("B_phi", "tau_phi", "L_phi", "c_0")
_TEMPERATURE = "T"


@dataclass(frozen=True)
class FitRequest:
    """What to fit, and how.

    Attributes
    ----------
    correction : Correction
        The model; its parameters other than B are fitted unless fixed, and T is that of the curves.
    fixed : mapping
        Known values in SI units: {name: value} or {name: {label of the curve: value}}.
    bounds : mapping
        {name: (lower, upper)} in SI units; by default wider than any experiment, and for the
        amplitude of a background a hundred times what was measured.
    per_curve : tuple of str or None
        Parameters with one value per curve; B_phi or tau_phi, and c_0, if None.
    weights, starts, seed, transport_field, thickness
        As for `numerics.fit.fit`.
    noise : NoiseModel or "covariance", optional
        As for `numerics.fit.fit`, or the covariances that the curves carry.
    named : NamedModel or None
        The names that make the correction again, for the record, and backgrounds beside it.
    """

    correction: Correction
    fixed: Fixed
    bounds: Mapping[str, tuple[float, float]]
    per_curve: tuple[str, ...] | None = None
    weights: str | None = None
    starts: int = 64
    seed: int = 0
    noise: NoiseModel | str | None = None
    named: NamedModel | None = None
    transport_field: float | None = None
    thickness: float | None = None

    def __post_init__(self) -> None:
        known = self.names
        for name in (*self.fixed, *self.bounds, *(self.per_curve or ())):
            if name not in known:
                near = difflib.get_close_matches(name, known, n=3) or list(known)
                raise ValueError(
                    f"{name!r} is not a parameter of the model; did you mean one of {near}?"
                )
        _require_not_negative(self.fixed)
        if self.weights and self.noise is not None:
            raise ValueError(
                "weights (--weights) and noise (--noise) are both given; choose one, for the "
                "noise says how points weigh."
            )
        if isinstance(self.noise, str) and self.noise != OWN_COVARIANCE:
            raise ValueError(f"The noise is {self.noise!r}; give a model of it, or 'covariance'.")
        if "D" in known and not isinstance(self.fixed.get("D"), float):
            raise ValueError(
                "D cannot be told apart from times and rates; give its value in m^2/s, "
                "--fix D=0.03."
            )

    @classmethod
    def of(cls, named: NamedModel, **facts: Any) -> FitRequest:
        """Return the request for a model by its names; `facts` are further attributes."""
        return cls(named.correction(), named=named, **{"fixed": {}, "bounds": {}, **facts})

    @property
    def names(self) -> tuple[str, ...]:
        """Arguments of the model beside B, those of the backgrounds last."""
        return model_names(self.named, self.correction)

    def whole(self, unit: str) -> Correction:
        """Return the correction with the backgrounds, for curves in a unit."""
        return self.correction if self.named is None else self.named.whole(unit)

    def parameters(self, curves: Sequence[Curve] = ()) -> tuple[Parameter, ...]:
        """Return the free parameters with their bounds, which for a background need the curves.

        Raises
        ------
        ValueError
            If a parameter has no bounds.
        """
        free = [name for name in self.names if not isinstance(self.fixed.get(name), float)]
        unit = curves[0].unit if curves else "e^2/h"
        units = background_units(self.named, unit)
        return tuple(
            self._parameter(name, units, curves)
            for name in free
            if name != _TEMPERATURE or name in self.bounds
        )

    def _parameter(self, name: str, units: Mapping[str, str], curves: Sequence[Curve]) -> Parameter:
        table = QUANTITIES[name].unit if name in QUANTITIES else "1"
        unit = units.get(name, table)
        usual = _LENGTHS if name.startswith("L_") else _BOUNDS.get(unit)
        shared = name not in (_PER_CURVE if self.per_curve is None else self.per_curve)
        ask = name in units and name not in self.bounds
        found = usual_range(name, curves, self.fixed) if ask else None
        if found is not None:
            return Parameter(name, found.lower, found.upper, unit, shared, found.search)
        bounds = self.bounds.get(name) or usual
        if bounds is None:
            raise ValueError(
                f"{name!r} has no default bounds; give its value, --fix {name}=VALUE, or bounds, "
                f"--bounds {name}=LOW:HIGH."
            )
        return Parameter(name, *bounds, unit=unit, shared=shared)

    def noise_of(self, curves: Sequence[Curve]) -> NoiseModel | None:
        """Return the model of the noise; ValueError if a curve has no covariance and needs one."""
        if not isinstance(self.noise, str):
            return self.noise
        for curve in curves:
            if curve.covariance is None:
                raise ValueError(
                    f"There is no covariance with the curve {curve.label!r}; average rows of raw "
                    "files by --pipeline, or pass --noise correlated."
                )
        return GivenNoise.of(curves)

    def require_temperatures(self, curves: Sequence[Curve]) -> None:
        """Raise ValueError for the first curve whose temperature the model needs and nobody knows.

        It is part of the label (``dG_300mK_e2h``), or a value of T given for the curve.
        """
        if _TEMPERATURE not in self.names or _TEMPERATURE in self.bounds:
            return
        given = self.fixed.get(_TEMPERATURE, {})
        known = given if isinstance(given, Mapping) else {c.label: given for c in curves}
        for curve in curves:
            if curve.temperature is None and curve.label not in known:
                raise ValueError(
                    f"The model depends on the temperature, and that of the curve {curve.label!r} "
                    f"is not known; give it in kelvin, --fix 'T[{curve.label}]=0.3', or name the "
                    "column by it, as in dG_300mK_e2h."
                )


def model_names(named: NamedModel | None, correction: Correction | None = None) -> tuple[str, ...]:
    """Return the arguments beside B of a correction, by default that of the names.

    Those of backgrounds come last.
    """
    known = named.correction() if correction is None and named is not None else correction
    own = () if known is None else known.parameters
    names = [symbol.name for symbol in own if symbol.name != "B"]
    return tuple(dict.fromkeys([*names, *background_units(named, "e^2/h")]))


def run_fit(
    request: FitRequest, curves: Sequence[Curve], progress: Progress | None = None
) -> tuple[FitResult, Callable[..., jax.Array]]:
    """Return the fit and the compiled function, which has the unit of the curves."""
    request.require_temperatures(curves)
    if request.named is not None:
        function = request.named.function(curves[0].unit)
    else:
        function = compile(request.correction, unit=curves[0].unit)
    result = fit(
        function,
        curves,
        request.parameters(curves),
        fixed=request.fixed,
        starts=request.starts,
        seed=request.seed,
        weights=request.weights,
        noise=request.noise_of(curves),
        transport_field=request.transport_field,
        thickness=request.thickness,
        progress=progress,
    )
    return result, function


def _require_not_negative(fixed: Fixed) -> None:
    for name, known in fixed.items():
        for value in known.values() if isinstance(known, Mapping) else [known]:
            if not (value >= 0 or (may_be_negative(name) and math.isfinite(value))):
                raise ValueError(f"{name} is fixed to {value}; give a value that is not negative.")
