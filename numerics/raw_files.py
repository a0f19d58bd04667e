"""Raw files brought to curves by a recorded pipeline: the reader, its arguments and the steps.

The steps are written once, in Python, and applied to every new file from then on. What a
`Pipeline` writes (``to_json``) says nothing of the files; where their columns explain themselves
that is enough, and a matrix of bare numbers needs its axes said here.

>>> from numerics.grid_reader import GridAxis
>>> from numerics.steps import InQuanta
>>> axes = {"rows": GridAxis("V_g", "V", start=0, step=0.1), "columns": GridAxis("B", "T", 0, 0.1)}
>>> files = RawFiles(Pipeline((InQuanta(),)), "grid", {"value": "G", "unit": "S", **axes})
>>> RawFiles.from_json(files.to_json()) == files
True
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from numerics.data_file import DataFile
from numerics.data_source import DataSource
from numerics.fit import Progress
from numerics.grid_reader import GridAxis
from numerics.headers import temperature_of
from numerics.measured_curves import MeasuredCurves
from numerics.pipeline import Pipeline
from numerics.readers import read_columns, read_grid, read_netcdf
from numerics.sweep_array import SweepArray

_READERS: Mapping[str, Callable[..., SweepArray]] = MappingProxyType(
    {"columns": read_columns, "grid": read_grid, "netcdf": read_netcdf}
)
_NETCDF = (".nc", ".cdf", ".h5", ".hdf5")
_AXES = ("rows", "columns")
_OF_THE_FILE = ("path", "label", "temperature")


@dataclass(frozen=True, eq=False)
class RawFiles:
    """How raw files become curves.

    Attributes
    ----------
    pipeline : Pipeline
        The steps.
    reader : str or None
        ``"columns"``, ``"grid"`` or ``"netcdf"``; by the ending of a file if None.
    arguments : mapping
        Arguments of `numerics.readers.read_columns`, `read_grid` or `read_netcdf` beside path,
        label and temperature.

    Raises
    ------
    ValueError
        If the reader is not known, or has no such argument.
    """

    pipeline: Pipeline
    reader: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.reader is not None and self.reader not in _READERS:
            raise ValueError(
                f"{self.reader!r} is no reader of raw files; choose one of {', '.join(_READERS)}."
            )
        if self.reader is None and self.arguments:
            raise ValueError(
                f"Arguments ({', '.join(self.arguments)}) are given and no reader; name one of "
                f"{', '.join(_READERS)}."
            )
        if self.reader is not None:
            _require_arguments(self.reader, self.arguments)
        object.__setattr__(self, "arguments", dict(self.arguments))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RawFiles) and self.content() == other.content()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def content(self) -> dict[str, Any]:
        """Return reader, arguments and steps, ready for JSON."""
        arguments = {
            name: asdict(value) if isinstance(value, GridAxis) else value
            for name, value in self.arguments.items()
        }
        read = {} if self.reader is None else {"read": {"as": self.reader, **arguments}}
        return read | {"steps": [step.record() for step in self.pipeline.steps]}

    def to_json(self) -> str:
        """Return the text that `from_json` and ``cooperon fit --pipeline`` read."""
        return json.dumps(self.content(), indent=2, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> RawFiles:
        """Return what wrote `text`: this class, a `Pipeline`, or the record of a run.

        Raises
        ------
        ValueError
            If the text is no such record.
        """
        pipeline = Pipeline.from_json(text)
        read = json.loads(text).get("read", {})
        if not isinstance(read, dict) or (read and "as" not in read):
            raise ValueError(
                f'"read" is {read!r} in the pipeline; write the reader and its arguments, '
                '{"as": "columns", "units": {"B": "mT"}}.'
            )
        arguments = {name: value for name, value in read.items() if name != "as"}
        reader = read.get("as")
        for name in _AXES if reader == "grid" else ():
            if isinstance(arguments.get(name), dict):
                arguments[name] = _axis(name, arguments[name])
        return cls(pipeline, reader, arguments)

    def read(self, files: Sequence[DataFile], progress: Progress | None = None) -> MeasuredCurves:
        """Return the curves of files that belong together, and the record of the run.

        Raises
        ------
        ValueError
            From the reader or a step, or if the steps do not end in curves.
        """
        sweeps = []
        for k, file in enumerate(files):
            if progress is not None:
                progress(k, len(files) + 1, f"reading {file.path.name}")
            sweeps.append(self._sweep(file))
        if progress is not None:
            progress(len(files), len(files) + 1, f"{len(self.pipeline.steps)} steps")
        processed = self.pipeline.run(sweeps)
        curves = processed.curves
        if progress is not None:
            progress(len(files) + 1, len(files) + 1, f"{len(curves)} curves")
        sources = tuple(
            DataSource.of(f.path, {"label": s.label}, s.notes)
            for f, s in zip(files, sweeps, strict=True)
        )
        read = {k: v for k, v in self.content().items() if k == "read"}
        told = {sweep.label: len(sweep.notes) for sweep in sweeps}
        done = {label: list(n[told.get(label, 0) :]) for label, n in processed.notes.items()}
        notes = [
            f"{label}: {sentence}"
            for label, sentences in processed.notes.items()
            for sentence in sentences
        ]
        return MeasuredCurves(
            curves,
            (*notes, *processed.status),
            sources,
            {**read, **processed.record, "notes": done},
            processed.status,
        )

    def _sweep(self, file: DataFile) -> SweepArray:
        reader = self.reader or ("netcdf" if file.path.suffix in _NETCDF else "columns")
        label = file.label or file.path.stem
        kelvin = temperature_of(label)
        if not file.path.is_file():
            raise ValueError(f"There is no file {file.path}; give its path, or LABEL=PATH.")
        known = {} if kelvin is None else {"temperature": kelvin}
        return _READERS[reader](file.path, label=label, **known, **self.arguments)


def read_pipeline(path: Path) -> RawFiles:
    """Return the raw files' reader and steps in a JSON file.

    Raises
    ------
    ValueError
        If there is no such file, or it is no record of a pipeline.
    """
    try:
        return RawFiles.from_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(
            f"There is no pipeline {path}; write one from Python, Path({path.name!r}).write_text("
            "pipeline.to_json())."
        ) from None
    except (ValueError, TypeError) as error:
        raise ValueError(f"{path}: {error}") from error


def _axis(name: str, facts: Mapping[str, Any]) -> GridAxis:
    try:
        return GridAxis(**facts)
    except TypeError as error:
        raise ValueError(
            f'The axis "{name}" in the pipeline is {dict(facts)}; give name, unit, start and step, '
            "or name, unit and values."
        ) from error


def _require_arguments(reader: str, arguments: Mapping[str, Any]) -> None:
    known = {
        name: p
        for name, p in inspect.signature(_READERS[reader]).parameters.items()
        if name not in _OF_THE_FILE
    }
    for name in arguments:
        if name not in known:
            raise ValueError(
                f"The reader {reader!r} has no argument {name!r}; it has {', '.join(known)}."
            )
    missing = [n for n, p in known.items() if p.default is p.empty and n not in arguments]
    if missing:
        raise ValueError(
            f"The reader {reader!r} needs {', '.join(missing)}; write "
            f'{{"read": {{"as": "{reader}", "{missing[0]}": ...}}}} into the pipeline.'
        )
