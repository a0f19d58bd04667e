"""Curves with where they came from; readers of processed curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from numerics.curve import Curve
from numerics.data import read_csv
from numerics.data_file import DataFile
from numerics.data_source import DataSource
from numerics.fit import Progress
from numerics.headers import temperature_of


@dataclass(frozen=True, eq=False)
class MeasuredCurves:
    """Curves that are fitted together.

    Attributes
    ----------
    curves : tuple of Curve
    notes : tuple of str
        How they were read and what was done to them.
    sources : tuple of DataSource
        The files.
    pipeline : mapping or None
        Record of the steps from raw data to the curves.
    status : tuple of str
        Whether the steps repeat a recorded run.
    """

    curves: tuple[Curve, ...]
    notes: tuple[str, ...]
    sources: tuple[DataSource, ...]
    pipeline: Mapping[str, Any] | None = None
    status: tuple[str, ...] = ()


class Reader(Protocol):
    """What brings files to curves: `CurveFiles` or `numerics.raw_files.RawFiles`."""

    def read(self, files: Sequence[DataFile], progress: Progress | None = None) -> MeasuredCurves:
        """Return the curves of files that belong together."""

    def content(self) -> dict[str, Any]:
        """Return what decides how files are read, ready for JSON."""


@dataclass(frozen=True)
class CurveFiles:
    """Delimited text that holds processed curves.

    Attributes
    ----------
    options : mapping
        Arguments of `numerics.read_csv` beside the path.
    """

    options: Mapping[str, Any] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return the arguments."""
        return {"csv": dict(self.options)}

    def read(self, files: Sequence[DataFile], progress: Progress | None = None) -> MeasuredCurves:
        """Return the curves of all files; that is quick and reports no progress.

        Raises
        ------
        ValueError
            If a file cannot be read, or a label is given for one that holds several curves.
        """
        curves: list[Curve] = []
        sources = []
        for file in files:
            found = read_csv(file.path, **self.options)
            curves += _labelled(found.curves, file)
            options = {**self.options, **({"label": file.label} if file.label else {})}
            sources.append(DataSource.of(file.path, options, found.notes))
        notes = [note for source in sources for note in source.notes]
        return MeasuredCurves(tuple(curves), tuple(notes), tuple(sources))


def _labelled(curves: Sequence[Curve], file: DataFile) -> Sequence[Curve]:
    if not file.label:
        return curves
    if len(curves) > 1:
        raise ValueError(
            f"{file.path.name} holds {len(curves)} curves with labels of their own; leave out "
            f"{file.label!r}, or give one file for each curve."
        )
    kelvin = temperature_of(file.label)
    temperature = curves[0].temperature if kelvin is None else kelvin
    return [replace(curves[0], label=file.label, temperature=temperature)]
