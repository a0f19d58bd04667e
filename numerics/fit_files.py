"""The files that a fit leaves: JSON, LaTeX table, figure and the generated module."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jax

from numerics.codegen import write_module
from numerics.curve import Curve
from numerics.figure import plot_fit
from numerics.fit_request import FitRequest, output_unit
from numerics.output import require_free, write_text
from numerics.result import FitResult

_NAMES = ("fit.json", "fit.tex", "fit.png", "magnetoconductance.py")


@dataclass(frozen=True)
class FitFiles:
    """Four paths in one folder, checked before the fit so that it does not run in vain."""

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
        self,
        request: FitRequest,
        result: FitResult,
        curves: Sequence[Curve],
        function: Callable[..., jax.Array],
    ) -> None:
        """Write all four."""
        json_path, tex_path, png_path, module_path = self.paths
        write_text(json_path, result.to_json(), force=True)
        write_text(tex_path, result.latex_table(), force=True)
        plot_fit(result, curves, function).savefig(png_path, dpi=200)
        unit = output_unit(curves)
        write_module(
            request.correction, module_path, name="magnetoconductance", unit=unit, force=True
        )
