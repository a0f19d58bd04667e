"""The files that a fit leaves: JSON, LaTeX table, figure, generated module and report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jax

from numerics.codegen import write_module
from numerics.figure import plot_fit
from numerics.fit_record import FitRecord
from numerics.fit_request import FitRequest
from numerics.named_model import background_units
from numerics.output import require_free, write_text
from numerics.report import write_report

# The record comes last: where it is, all others are complete.
_NAMES = ("fit.tex", "fit.png", "magnetoconductance.py", "report.html", "fit.json")


@dataclass(frozen=True)
class FitFiles:
    """Five paths in one folder, checked before the fit so that it does not run in vain."""

    paths: tuple[Path, ...]

    @classmethod
    def within(cls, folder: Path, *, force: bool) -> FitFiles:
        """Return the paths in `folder`.

        Raises
        ------
        FileExistsError
            If one of them exists and `force` is not set.
        """
        return cls(tuple(require_free(folder / name, force=force) for name in _NAMES))

    def write(
        self, request: FitRequest, record: FitRecord, function: Callable[..., jax.Array]
    ) -> None:
        """Write all five."""
        tex_path, png_path, module_path, page_path, json_path = self.paths
        write_text(tex_path, record.result.latex_table(), force=True)
        plot_fit(record.result, record.curves, function).savefig(png_path, dpi=200)
        write_module(
            request.whole(record.result.unit),
            module_path,
            name="magnetoconductance",
            unit=record.result.unit,
            units=background_units(request.named, record.result.unit),
            probe=False,  # it was when it was compiled
            force=True,
        )
        write_report(page_path, record, force=True)
        record.write(json_path, force=True)
