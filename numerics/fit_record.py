"""All that a fit depends on and led to, as one JSON file that can repeat it.

The file holds the measured points themselves beside the path and the hash of the file they came
from, so that nothing is lost with the data file and a changed data file is noticed. The model is
kept by its names, from which it is derived again, or else as the source of its generated module.
Numbers are written with all their digits; what is infinite is null.
"""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from numerics.curve import Curve
from numerics.model_account import ModelAccount
from numerics.noise_record import noise_content, noise_of
from numerics.output import write_text
from numerics.parameters import Parameter
from numerics.problem import Fixed
from numerics.result import FitResult, Minimum
from numerics.window_fits import WindowFit

FORMAT = "cooperon fit 1"
_PACKAGES = ("cooperon", "sympy", "numpy", "scipy", "jax", "jaxlib", "optimistix", "matplotlib")


@dataclass(frozen=True)
class DataSource:
    """The file that was read.

    Attributes
    ----------
    path : str
        As it was given.
    sha256 : str
        Of its bytes.
    options : mapping
        Arguments of `numerics.read_csv`.
    notes : tuple of str
        How it was read.
    """

    path: str
    sha256: str
    options: Mapping[str, Any]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, options: Mapping[str, Any], notes: Sequence[str]) -> DataSource:
        """Return the source with the hash of the file as it is now."""
        return cls(str(path), file_hash(path), dict(options), tuple(notes))


@dataclass(frozen=True, eq=False)
class FitRecord:
    """A fit with everything needed to repeat it and to write its report.

    Attributes
    ----------
    result : FitResult
        What was found.
    curves : tuple of Curve
        The measured points.
    parameters : tuple of Parameter
        What was free.
    fixed : mapping
        What was known, as `numerics.fit.fit` takes it.
    model : ModelAccount
        What is known of the model.
    noise : NoiseModel or None
        As it was asked for; `result.noise` is what was found.
    data : DataSource or None
        Where the curves came from.
    windows : tuple of WindowFit
        Fits of shorter ranges of fields.
    lines : tuple of mapping
        For each minimum {label: {"B": [...], "fit": [...]}}, smooth curves to draw.
    pipeline : list or mapping, optional
        Record of the steps from raw data to curves.
    versions : mapping
        Of Python and packages.
    made : str
        Date and time, UTC.
    """

    result: FitResult
    curves: tuple[Curve, ...]
    parameters: tuple[Parameter, ...]
    fixed: Fixed
    model: ModelAccount
    noise: Any = None
    data: DataSource | None = None
    windows: tuple[WindowFit, ...] = ()
    lines: tuple[Mapping[str, Mapping[str, Sequence[float]]], ...] = ()
    pipeline: Any = None
    versions: Mapping[str, str] = ()  # type: ignore[assignment]
    made: str = ""

    def __post_init__(self) -> None:
        if not self.versions:
            object.__setattr__(self, "versions", versions())
        if not self.made:
            object.__setattr__(self, "made", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")

    def content(self) -> dict[str, Any]:
        """Return the record as numbers, texts, lists and mappings, ready for JSON."""
        content: dict[str, Any] = json.loads(self.result.to_json())
        if getattr(self.result, "noise", None) is not None:
            content["noise"] = noise_content(self.result.noise)
        return content | {
            "format": FORMAT,
            "made": self.made,
            "versions": dict(self.versions),
            "model": self.model.content(),
            "parameters": [asdict(p) for p in self.parameters],
            "fixed_arguments": _plain(self.fixed),
            "requested_noise": noise_content(self.noise),
            "curves": [_curve_content(c) for c in self.curves],
            "curves_sha256": curves_hash(self.curves),
            "data": None if self.data is None else asdict(self.data),
            "windows": [_plain(asdict(w)) for w in self.windows],
            "lines": _plain(self.lines),
            "pipeline": self.pipeline,
        }

    def write(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the record as JSON; FileExistsError if the file exists and `force` is not set."""
        text = json.dumps(self.content(), indent=1, allow_nan=False, ensure_ascii=False)
        return write_text(path, text + "\n", force=force)


def read_record(path: str | Path) -> FitRecord:
    """Return the record in a JSON file.

    Raises
    ------
    ValueError
        If the file is no such record, its curves are not those that were fitted, or the data file
        that it names lies there with other contents.
    """
    content = _load(Path(path))
    record = _record(content)
    if curves_hash(record.curves) != content["curves_sha256"]:
        raise ValueError(
            f"The curves in {path} are not those that were fitted: they were changed since; "
            "fit again."
        )
    _require_same_data(record.data, Path(path))
    return record


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def curves_hash(curves: Sequence[Curve]) -> str:
    """Return the SHA-256 of all that curves contain, to the last bit."""
    digest = hashlib.sha256()
    for curve in curves:
        digest.update(repr((curve.label, curve.unit, curve.temperature)).encode())
        for column in (curve.B, curve.delta_sigma, curve.standard_error):
            digest.update(b"-" if column is None else np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[name] = "from a checkout"
    return found


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
    import warnings

    from numerics.precision import double_precision

    B = np.linspace(curve.B[0], curve.B[-1], points)
    # What the model warns of stands among the sentences of the fit.
    with double_precision(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {"B": B.tolist(), "fit": np.asarray(function(B, **values)).tolist()}


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(
            f"{path} is no JSON ({error}); give the fit.json that cooperon fit --output writes."
        ) from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise ValueError(
            f"{path} has the format {found!r} and not {FORMAT!r}; give the fit.json of this "
            "version of cooperon, or fit again."
        )
    return dict(content)


def _record(content: Mapping[str, Any]) -> FitRecord:
    data = content["data"]
    return FitRecord(
        result=_result(content),
        curves=tuple(Curve(**facts) for facts in content["curves"]),
        parameters=tuple(_parameter(facts) for facts in content["parameters"]),
        fixed=content["fixed_arguments"],
        model=ModelAccount.of_content(content["model"]),
        noise=noise_of(content["requested_noise"]),
        data=None if data is None else DataSource(**data | {"notes": tuple(data["notes"])}),
        windows=tuple(_window(facts) for facts in content["windows"]),
        lines=tuple(content["lines"]),
        pipeline=content["pipeline"],
        versions=content["versions"],
        made=content["made"],
    )


def _result(content: Mapping[str, Any]) -> FitResult:
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


def _window(facts: Mapping[str, Any]) -> WindowFit:
    return replace(WindowFit(**facts), standard_errors=_errors(facts["standard_errors"]))


def _errors(errors: Mapping[str, float | None]) -> dict[str, float]:
    return {name: math.inf if error is None else error for name, error in errors.items()}


def _with_infinities(rows: Sequence[Sequence[float | None]]) -> list[list[float]]:
    return [[math.inf if x is None else x for x in row] for row in rows]


def _parameter(facts: Mapping[str, Any]) -> Parameter:
    search = facts.get("search")
    return Parameter(**{**facts, "search": None if search is None else tuple(search)})


def _curve_content(curve: Curve) -> dict[str, Any]:
    return {
        "label": curve.label,
        "temperature": curve.temperature,
        "unit": curve.unit,
        "B": curve.B.tolist(),
        "delta_sigma": curve.delta_sigma.tolist(),
        "standard_error": None if curve.standard_error is None else curve.standard_error.tolist(),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _require_same_data(data: DataSource | None, record: Path) -> None:
    if data is None:
        return
    given = Path(data.path)
    for path in (given, record.parent / given.name):
        if path.is_file() and file_hash(path) != data.sha256:
            raise ValueError(
                f"{path} changed since the fit in {record}: its SHA-256 begins with "
                f"{file_hash(path)[:12]} and was {data.sha256[:12]}; fit again, or restore the "
                "file."
            )
        if path.is_file():
            return
