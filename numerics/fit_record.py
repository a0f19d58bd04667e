"""All that a fit depends on and led to, as one JSON file that can repeat it.

The file holds the measured points themselves beside the path and the hash of the file they came
from, so that nothing is lost with the data file and a changed data file is noticed. The model is
kept by its names, from which it is derived again, or else as the source of its generated module.
Numbers are written with all their digits; what is infinite is null.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from numerics.curve import Curve
from numerics.data_source import DataSource, require_same_data
from numerics.model_account import ModelAccount
from numerics.noise_record import noise_content, noise_of
from numerics.output import write_text
from numerics.parameters import Parameter
from numerics.problem import Fixed
from numerics.record_parts import (
    curve_content,
    curves_hash,
    parameter_of,
    plain,
    result_of,
    window_of,
)
from numerics.result import FitResult
from numerics.window_fits import WindowFit

FORMAT = "cooperon fit 1"
_PACKAGES = ("cooperon", "sympy", "numpy", "scipy", "jax", "jaxlib", "matplotlib")


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
    further_data : tuple of DataSource
        Further files whose curves were fitted together with those of `data`.
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
    further_data: tuple[DataSource, ...] = ()
    versions: Mapping[str, str] = ()  # type: ignore[assignment]
    made: str = ""

    def __post_init__(self) -> None:
        if not self.versions:
            object.__setattr__(self, "versions", versions())
        if not self.made:
            object.__setattr__(self, "made", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")

    @property
    def sources(self) -> tuple[DataSource, ...]:
        """All files that the curves came from."""
        return () if self.data is None else (self.data, *self.further_data)

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
            "fixed_arguments": plain(self.fixed),
            "requested_noise": noise_content(self.noise),
            "curves": [curve_content(c) for c in self.curves],
            "curves_sha256": curves_hash(self.curves),
            "data": None if self.data is None else asdict(self.data),
            "further_data": [asdict(source) for source in self.further_data],
            "windows": [plain(asdict(w)) for w in self.windows],
            "lines": plain(self.lines),
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
    for source in record.sources:
        require_same_data(source, Path(path))
    return record


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that numbers depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # run from a checkout that is not installed
            found[name] = "from a checkout"
    return found


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
        result=result_of(content),
        curves=tuple(Curve(**facts) for facts in content["curves"]),
        parameters=tuple(parameter_of(facts) for facts in content["parameters"]),
        fixed=content["fixed_arguments"],
        model=ModelAccount.of_content(content["model"]),
        noise=noise_of(content["requested_noise"]),
        data=None if data is None else _source(data),
        further_data=tuple(_source(facts) for facts in content.get("further_data", ())),
        windows=tuple(window_of(facts) for facts in content["windows"]),
        lines=tuple(content["lines"]),
        pipeline=content["pipeline"],
        versions=content["versions"],
        made=content["made"],
    )


def _source(facts: Mapping[str, Any]) -> DataSource:
    return DataSource(**{**facts, "notes": tuple(facts["notes"])})
