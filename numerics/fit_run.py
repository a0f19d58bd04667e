"""Data files fitted on the terminal: one, or many in turn with a summary and without losing work.

A file is done when its folder holds the record of a fit of the same bytes with the same request.
The folder gets its name when all is in it, so that an interrupted run leaves no half of one.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from numerics.data import read_csv
from numerics.display import print_fit, progress_bar
from numerics.fit_files import FitFiles
from numerics.fit_record import DataSource, FitRecord, file_hash, read_record
from numerics.fit_request import FitRequest, record_fit, run_fit
from numerics.noise_record import noise_content
from numerics.output import require_free, write_text

_SUMMARY = "summary.csv"


def fit_file(
    console: Console,
    request: FitRequest,
    path: Path,
    reading: Mapping[str, Any],
    folder: Path | None,
    *,
    windows: Sequence[float] | None = None,
    force: bool = False,
) -> FitRecord | None:
    """Fit one file, print what was found, and write the results if there is a folder for them.

    Parameters
    ----------
    console : Console
        Where to print.
    request : FitRequest
        What to fit.
    path : Path
        Delimited text for `numerics.read_csv`.
    reading : mapping
        Its further arguments.
    folder : Path or None
        Where the files go; without it the windows are not fitted and None is returned.
    windows : sequence of float, optional
        See `record_fit`.
    force : bool
        Replace existing files.
    """
    files = None if folder is None else FitFiles.within(folder, force=force)
    measurement = read_csv(path, **reading)
    for note in measurement.notes:
        console.print(note, markup=False)
    with progress_bar(console) as progress:
        result, function = run_fit(request, measurement.curves, progress)
    print_fit(console, result)
    if files is None:
        return None
    data = DataSource.of(path, reading, measurement.notes)
    with progress_bar(console) as progress:
        record = record_fit(
            request,
            result,
            measurement.curves,
            function,
            data=data,
            windows=windows,
            progress=progress,
        )
    files.write(request, record, function)
    console.print(f"wrote {', '.join(map(str, files.paths))}", markup=False)
    return record


def fit_files_in_turn(
    console: Console,
    request: FitRequest,
    paths: Sequence[Path],
    reading: Mapping[str, Any],
    output: Path,
    *,
    windows: Sequence[float] | None = None,
    force: bool = False,
) -> bool:
    """Fit files one after the other and return whether all could be fitted.

    Each gets the folder of its name in `output`; what is done already is read and not fitted
    again, and a file that cannot be fitted is said and does not stop the others.

    Raises
    ------
    ValueError
        If two files have one name, or a file changed since it was fitted.
    FileExistsError
        If a folder or the summary is something else, and `force` is not set.
    """
    _require_names(paths)
    table = output / _SUMMARY
    done = {} if force else _all_done(request, paths, reading, output)
    rows: list[dict[str, str]] = []
    for k, path in enumerate(paths, 1):
        console.rule(f"{k} of {len(paths)}: {path.name}")
        folder = output / path.stem
        try:
            if path in done:
                console.print(f"{path} is done, in {folder}, and was skipped.", markup=False)
                rows += _rows(path, done[path])
            else:
                # Under another name until it is whole, for the case of an interruption.
                draft = folder if folder.exists() else output / f"{path.stem}.unfinished"
                record = fit_file(
                    console, request, path, reading, draft, windows=windows, force=True
                )
                draft.rename(folder)
                assert record is not None  # there is a folder
                rows += _rows(path, record)
        except (ValueError, RuntimeError, OSError) as error:
            console.print(f"{path}: {error}", style="bold red", markup=False)
            rows.append({"file": str(path), "status": str(error)})
        # After each file, so that the table of an interrupted run is that of what is done.
        write_text(table, _csv(rows), force=True)
    console.print(f"wrote {table}", markup=False)
    return all("curve" in row for row in rows)


def _require_names(paths: Sequence[Path]) -> None:
    stems = [path.stem for path in paths]
    repeated = next((path for path in paths if stems.count(path.stem) > 1), None)
    if repeated is not None:
        raise ValueError(
            f"Two files are called {repeated.stem}, which names the folder of their results; "
            "rename one, or fit them apart."
        )


def _all_done(
    request: FitRequest, paths: Sequence[Path], reading: Mapping[str, Any], output: Path
) -> dict[Path, FitRecord]:
    """Return the records of the same fits of the same files.

    Raises
    ------
    FileExistsError
        If there is something else in a place of the results.
    """
    table = output / _SUMMARY
    if table.exists() and not table.read_text(encoding="utf-8").startswith("file,"):
        require_free(table)
    done = {}
    for path in paths:
        folder = output / path.stem
        if not folder.exists():
            continue
        record = read_record(folder / "fit.json") if (folder / "fit.json").exists() else None
        if record is None or _asked(record, record.data) != _asked_for(request, path, reading):
            raise FileExistsError(
                f"{folder} holds something else than this fit of {path}; choose another --output, "
                "or pass --force to fit again."
            )
        done[path] = record
    return done


def _asked(record: FitRecord, data: DataSource | None) -> str:
    content = record.content()
    return _text(
        content["model"]["named"],
        content["parameters"],
        content["fixed_arguments"],
        content["requested_noise"],
        [record.result.weights == "standard_error", record.result.starts, record.result.seed],
        None if data is None else [data.sha256, dict(data.options)],
    )


def _asked_for(request: FitRequest, path: Path, reading: Mapping[str, Any]) -> str:
    return _text(
        None if request.named is None else asdict(request.named),
        [asdict(p) for p in request.parameters()],
        request.fixed,
        noise_content(request.noise),
        [request.weights == "standard_error", request.starts, request.seed],
        [file_hash(path), dict(reading)],
    )


def _text(*facts: object) -> str:
    return json.dumps(facts, sort_keys=True)


def _rows(path: Path, record: FitRecord) -> list[dict[str, str]]:
    """Return a row per curve: its values at the best minimum; no number where undetermined."""
    best, rows = record.result.best, []
    for curve in record.curves:
        row = {"file": str(path), "curve": curve.label}
        row |= {
            "minima": str(len(record.result.minima)),
            "sum of squares": repr(best.sum_of_squares),
        }
        for name, value in best.values.items():
            base, _, label = name.partition("[")
            if label and label.removesuffix("]") != curve.label:
                continue
            known = name not in best.undetermined
            unit = record.result.units[name]
            row[f"{base} ({unit})"] = repr(value) if known else ""
            row[f"{base} error ({unit})"] = repr(best.standard_errors[name]) if known else ""
        rows.append(row | {"status": " ".join(record.result.status)})
    return rows


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    names = dict.fromkeys(name for row in rows for name in row if name != "status")
    text = io.StringIO()
    writer = csv.DictWriter(text, [*names, "status"], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
