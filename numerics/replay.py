"""Whether the recorded steps still lead from the raw files of a fit to its curves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from numerics.data_file import DataFile
from numerics.data_source import require_same_data
from numerics.fit import Progress
from numerics.fit_record import FitRecord
from numerics.raw_files import RawFiles
from numerics.record_parts import curves_hash


def replay_steps(
    record: FitRecord, place: Path, progress: Progress | None = None
) -> tuple[bool, tuple[str, ...]]:
    """Run the recorded steps again on the raw files.

    Parameters
    ----------
    record : FitRecord
        The fit.
    place : Path
        Of the record; raw files are looked for at their paths and beside it.
    progress : callable, optional
        Called as ``progress(done, total, text)``.

    Returns
    -------
    agrees : bool
        False if the steps now lead to other curves; true if they could not be run.
    sentences : tuple of str
        What was found, or why the steps were not run; none if there were no steps.

    Raises
    ------
    ValueError
        If a raw file changed since the fit, or a step refuses it.
    """
    steps = record.pipeline
    if not steps:
        return True, ()
    if not (isinstance(steps, Mapping) and "steps" in steps and record.sources):
        return True, (
            "The steps before the fit are recorded without their raw files, so they were not run "
            "again; the fit starts from the curves in the record.",
        )
    places = [require_same_data(source, place) for source in record.sources]
    for source, found in zip(record.sources, places, strict=True):
        if found is None:
            return True, (
                f"{source.path} is not there, so the steps were not run again; the fit starts from "
                "the curves in the record.",
            )
    files = [
        DataFile(found, source.options.get("label", ""))
        for found, source in zip(places, record.sources, strict=True)
        if found is not None
    ]
    measured = RawFiles.from_json(json.dumps(steps)).read(files, progress)
    if curves_hash(measured.curves) == curves_hash(record.curves):
        return True, measured.status
    return False, (*measured.status, "The steps lead to other curves than those in the record.")
