"""The files that curves came from: their paths, their hashes, and how they were read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class DataSource:
    """The file that was read.

    Attributes
    ----------
    path : str
        As it was given.
    sha256 : str
        Of its bytes.
    options : mapping
        Arguments of `numerics.read_csv`.
    notes : tuple of str
        How it was read.
    """

    path: str
    sha256: str
    options: Mapping[str, Any]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, path: Path, options: Mapping[str, Any], notes: Sequence[str]) -> DataSource:
        """Return the source with the hash of the file as it is now."""
        return cls(str(path), file_hash(path), dict(options), tuple(notes))


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def require_same_data(source: DataSource, record: Path) -> Path | None:
    """Return where the file of a record lies, None if it is not there.

    Raises
    ------
    ValueError
        If it lies at its path, or beside the record, with other contents.
    """
    given = Path(source.path)
    for path in (given, record.parent / given.name):
        if path.is_file() and file_hash(path) != source.sha256:
            raise ValueError(
                f"{path} changed since the fit in {record}: its SHA-256 begins with "
                f"{file_hash(path)[:12]} and was {source.sha256[:12]}; fit again, or restore the "
                "file."
            )
        if path.is_file():
            return path
    return None
