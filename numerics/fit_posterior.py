"""The posterior of a fit on the terminal: draws, their summary, files beside those of the fit."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from numerics.chain_status import Estimate
from numerics.display import progress_bar
from numerics.fit_request import FitRequest
from numerics.fit_run import Fitted
from numerics.output import require_free
from numerics.posterior import Posterior, sample
from numerics.posterior_figure import plot_corner
from numerics.rounding import quantity_text

_PACKAGES = ("numpyro", "arviz", "h5netcdf")


@dataclass(frozen=True)
class Sampling:
    """What to draw and where to write it, checked before the fit so that it does not run in vain.

    Attributes
    ----------
    draws : int
        Of each of the four chains.
    folder : Path or None
        Gets posterior.nc and corner.png; nothing is written if None.
    force : bool
        Replace existing files.

    Raises
    ------
    ValueError
        If a package is missing or there are too few draws.
    FileExistsError
        If a file exists and `force` is not set.
    """

    draws: int = 1000
    folder: Path | None = None
    force: bool = False

    def __post_init__(self) -> None:
        for package in _PACKAGES:
            if find_spec(package) is None:
                raise ValueError(
                    f"--posterior needs {package}, which is not installed; "
                    'pip install "cooperon[inference]".'
                )
        if self.draws < 4:
            raise ValueError(f"--draws {self.draws} are too few; use 4 or more, 1000 by default.")
        for path in self.paths:
            require_free(path, force=self.force)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files: draws, and a picture of them."""
        if self.folder is None:
            return ()
        return (self.folder / "posterior.nc", self.folder / "corner.png")

    def run(self, console: Console, request: FitRequest, fitted: Fitted) -> Posterior:
        """Sample the posterior from the minima of a fit, print its summary, write the files."""
        with progress_bar(console) as progress:
            posterior = sample(
                fitted.function,
                fitted.curves,
                request.parameters(fitted.curves),
                fixed=request.fixed,
                weights=request.weights,
                noise=request.noise_of(fitted.curves),
                draws=self.draws,
                start=fitted.result,
                seed=request.seed,
                progress=progress,
            )
        print_posterior(console, posterior)
        if self.paths:
            data, corner = self.paths
            posterior.to_netcdf(data, force=self.force)
            plot_corner(posterior).savefig(corner, dpi=150)
            console.print(f"wrote {data}, {corner}", markup=False)
        return posterior


def print_posterior(console: Console, posterior: Posterior) -> None:
    """Print a row per value, then the status sentences."""
    table = Table("posterior", "mean +- sd", "95 %", "ESS", "R-hat")
    for name, found in posterior.summary.items():
        unit = posterior.units[name]
        table.add_row(
            escape(name),
            quantity_text(found.mean, found.standard_deviation, unit),
            _interval(found, unit),
            f"{min(found.bulk_ess, found.tail_ess):.0f}",
            f"{found.r_hat:.3f}",
        )
    console.print(table)
    for sentence in posterior.status:
        console.print(sentence, markup=False, highlight=False)


def _interval(found: Estimate, unit: str) -> str:
    return " to ".join(quantity_text(end, 0.0, unit) for end in found.interval_95)
