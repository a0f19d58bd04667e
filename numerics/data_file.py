"""A data file as it is named on the command line: ``PATH``, or ``LABEL=PATH``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFile:
    """A file and the label of the curve in it, empty where the file tells it.

    Examples
    --------
    >>> DataFile.of("300 mK=sweeps/a.txt")
    DataFile(path=PosixPath('sweeps/a.txt'), label='300 mK')
    """

    path: Path
    label: str = ""

    @classmethod
    def of(cls, text: str) -> DataFile:
        """Return what a word of the command line names; a file of that whole name comes first."""
        label, equals, path = text.partition("=")
        if not equals or Path(text).exists():
            return cls(Path(text))
        if not label.strip() or not path.strip():
            raise ValueError(f"{text!r} is not of the form PATH or LABEL=PATH.")
        return cls(Path(path.strip()), label.strip())

    @property
    def name(self) -> str:
        """What a folder of its results is called."""
        return self.label or self.path.stem
