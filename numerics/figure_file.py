"""Writing a figure, in a format that is checked before the work starts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from numerics.output import require_free

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def require_figure_path(path: Path, *, force: bool = False) -> Path:
    """Return the path if a figure may be written there.

    Raises
    ------
    ValueError
        If its suffix names no format of figures.
    FileExistsError
        If it exists and `force` is not set.
    """
    from matplotlib.figure import Figure  # half a second that only drawing needs

    formats = Figure().canvas.get_supported_filetypes()
    if path.suffix.lstrip(".").lower() not in formats:
        raise ValueError(
            f"{path} has no ending that names a format of figures; use one of "
            f"{', '.join(f'.{name}' for name in sorted(formats))}."
        )
    return require_free(path, force=force)


def write_figure(path: Path, figure: Figure) -> None:
    """Write a figure to a path from `require_figure_path`, and make its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=200)
