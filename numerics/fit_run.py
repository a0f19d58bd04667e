"""Data files fitted on the terminal: one, or many in turn with a summary and without losing work.

A file is done when its folder holds the record of a fit of the same bytes with the same request.
The folder gets its name when all is in it, so that an interrupted run leaves no half of one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
from rich.console import Console

from numerics.curve import Curve
from numerics.data_file import DataFile
from numerics.data_source import file_hash
from numerics.display import print_fit, progress_bar
from numerics.fit_files import FitFiles
from numerics.fit_options import OWN_COVARIANCE
from numerics.fit_record import FitRecord, read_record
from numerics.fit_request import FitRequest, run_fit
from numerics.fit_summary import summary_rows, summary_text
from numerics.measured_curves import Reader
from numerics.noise_model import GivenNoise
from numerics.noise_record import noise_content
from numerics.output import require_free, write_text
from numerics.record_fit import record_fit
from numerics.result import FitResult

_SUMMARY = "summary.csv"


@dataclass(frozen=True, eq=False)
class Fitted:
    """A fit and what it was made from; no record where there is no folder for it."""

    result: FitResult
    function: Callable[..., jax.Array]
    curves: tuple[Curve, ...]
    record: FitRecord | None = None


def fit_measurement(
    console: Console,
    request: FitRequest,
    files: Sequence[DataFile],
    reader: Reader,
    folder: Path | None,
    *,
    windows: Sequence[float] | None = None,
    force: bool = False,
) -> Fitted:
    """Fit the curves of files together, print what was found, and write the results.

    Parameters
    ----------
    console : Console
        Where to print.
    request : FitRequest
        What to fit.
    files : sequence of DataFile
        One, or several that belong together.
    reader : Reader
        What brings them to curves.
    folder : Path or None
        Where the results go; without it the windows are not fitted and nothing is written.
    windows : sequence of float, optional
        See `record_fit`.
    force : bool
        Replace existing files.
    """
    target = None if folder is None else FitFiles.within(folder, force=force)
    with progress_bar(console) as progress:
        measured = reader.read(files, progress)
    for note in measured.notes:
        console.print(note, markup=False)
    with progress_bar(console) as progress:
        result, function = run_fit(request, measured.curves, progress)
    print_fit(console, result)
    if target is None:
        return Fitted(result, function, measured.curves)
    with progress_bar(console) as progress:
        record = record_fit(
            request,
            result,
            measured.curves,
            function,
            data=measured.sources,
            windows=windows,
            pipeline=measured.pipeline,
            progress=progress,
        )
    target.write(request, record, function)
    console.print(f"wrote {', '.join(map(str, target.paths))}", markup=False)
    return Fitted(result, function, measured.curves, record)


def fit_files_in_turn(
    console: Console,
    request: FitRequest,
    files: Sequence[DataFile],
    reader: Reader,
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
    _require_names(files)
    table = output / _SUMMARY
    done = {} if force else _all_done(request, files, reader, output)
    rows: list[dict[str, str]] = []
    for k, file in enumerate(files, 1):
        console.rule(f"{k} of {len(files)}: {file.path.name}")
        folder = output / file.name
        try:
            if file in done:
                console.print(f"{file.path} is done, in {folder}, and was skipped.", markup=False)
                rows += summary_rows(str(file.path), done[file])
            else:
                # Under another name until it is whole, for the case of an interruption.
                draft = folder if folder.exists() else output / f"{file.name}.unfinished"
                fitted = fit_measurement(
                    console, request, [file], reader, draft, windows=windows, force=True
                )
                draft.rename(folder)
                assert fitted.record is not None  # there is a folder
                rows += summary_rows(str(file.path), fitted.record)
        except (ValueError, RuntimeError, OSError) as error:
            console.print(f"{file.path}: {error}", style="bold red", markup=False)
            rows.append({"file": str(file.path), "status": str(error)})
        # After each file, so that the table of an interrupted run is that of what is done.
        write_text(table, summary_text(rows), force=True)
    console.print(f"wrote {table}", markup=False)
    return all("curve" in row for row in rows)


def _require_names(files: Sequence[DataFile]) -> None:
    names = [file.name for file in files]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise ValueError(
            f"Two files are called {repeated}, which names the folder of their results; "
            "rename one, or fit them apart."
        )


def _all_done(
    request: FitRequest, files: Sequence[DataFile], reader: Reader, output: Path
) -> dict[DataFile, FitRecord]:
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
    for file in files:
        folder = output / file.name
        if not folder.exists():
            continue
        record = read_record(folder / "fit.json") if (folder / "fit.json").exists() else None
        if record is None or _asked(record) != _asked_for(request, file, reader, record):
            raise FileExistsError(
                f"{folder} holds something else than this fit of {file.path}; choose another "
                "--output, or pass --force to fit again."
            )
        done[file] = record
    return done


def _asked(record: FitRecord) -> str:
    content = record.content()
    return _text(
        content["model"]["named"],
        content["parameters"],
        content["fixed_arguments"],
        _requested_noise(record),
        [record.result.weights == "standard_error", record.result.starts, record.result.seed],
        [source.sha256 for source in record.sources],
        _how_read(record),
    )


def _asked_for(request: FitRequest, file: DataFile, reader: Reader, record: FitRecord) -> str:
    return _text(
        None if request.named is None else asdict(request.named),
        [asdict(p) for p in request.parameters(record.curves)],
        request.fixed,
        request.noise if isinstance(request.noise, str) else noise_content(request.noise),
        [request.weights == "standard_error", request.starts, request.seed],
        [file_hash(file.path)],
        [file.label or _own_label(file, record), reader.content()],
    )


def _requested_noise(record: FitRecord) -> object:
    """Return the noise as a request names it: matrices are those of the curves."""
    given = isinstance(record.noise, GivenNoise)
    return OWN_COVARIANCE if given else noise_content(record.noise)


def _how_read(record: FitRecord) -> list[Any]:
    """Return the label and what a reader calls its content, of the first file."""
    options = {} if record.data is None else dict(record.data.options)
    label = options.pop("label", "")
    steps = record.pipeline
    if steps is None:
        return [label, {"csv": options}]
    return [label, {name: steps[name] for name in ("read", "steps") if name in steps}]


def _own_label(file: DataFile, record: FitRecord) -> str:
    """Return the label that a raw file has by its name; processed curves have their own."""
    return "" if record.pipeline is None else file.path.stem


def _text(*facts: object) -> str:
    return json.dumps(facts, sort_keys=True)
