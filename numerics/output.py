"""Writing files without losing what is there."""

from __future__ import annotations

from pathlib import Path


def write_text(path: str | Path, text: str, *, force: bool = False) -> Path:
    """Write `text` to `path` and return the path.

    Raises
    ------
    FileExistsError
        If the file exists and `force` is not set.
    """
    target = require_free(path, force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target


def require_free(path: str | Path, *, force: bool = False) -> Path:
    """Return the path if it may be written.

    Raises
    ------
    FileExistsError
        If it exists and `force` is not set.
    """
    target = Path(path)
    if target.exists() and not force:
        raise FileExistsError(f"{target} exists; choose another name or pass --force (force=True).")
    return target
