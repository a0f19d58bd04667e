"""Results of long work, kept chunk by chunk, so that an interruption loses nothing.

The file has one line of JSON per finished chunk, after a line with the hash of all inputs. A
line is appended in one write and forced to the disk; if the program is killed while it writes, the
unfinished last line is dropped when the work is taken up again. Numbers are written with all
their digits.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

_HEAD = "cooperon_checkpoint"
_VERSION = 1


class Checkpoint:
    """The file of one piece of work, which is known by the hash of its inputs.

    Parameters
    ----------
    path : path
        The file; made if it does not exist, in a folder that does.
    inputs : str
        The hash, see `hash_of`.

    Raises
    ------
    ValueError
        If the file is of other work, or is no checkpoint.
    """

    def __init__(self, path: str | Path, inputs: str) -> None:
        self.path = Path(path)
        self.done: dict[int, dict[str, Any]] = {}
        if not self.path.exists() or not self.path.stat().st_size:
            self._append({_HEAD: _VERSION, "inputs": inputs})
            return
        lines = self._whole_lines()
        head = _parsed(lines[0]) if lines else {}
        if head.get(_HEAD) != _VERSION:
            raise ValueError(f"{self.path} is not a checkpoint; choose the name of a new file.")
        if head["inputs"] != inputs:
            raise ValueError(
                f"The checkpoint {self.path} is of other data, another model, other parameters or "
                "starts, or was made by another version of JAX; choose the name of a new file, or "
                "remove this one."
            )
        for line in lines[1:]:
            entry = _parsed(line)
            self.done[entry["chunk"]] = {k: _array(v) for k, v in entry["results"].items()}

    def add(self, chunk: int, results: Mapping[str, np.ndarray[Any, Any]]) -> None:
        """Keep the arrays of a chunk."""
        lists = {k: {"dtype": str(v.dtype), "values": v.tolist()} for k, v in results.items()}
        self._append({"chunk": chunk, "results": lists})
        self.done[chunk] = dict(results)

    def _append(self, entry: Mapping[str, Any]) -> None:
        with self.path.open("ab") as file:
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _whole_lines(self) -> list[bytes]:
        """Return the lines that were finished, and cut off one that was not."""
        content = self.path.read_bytes()
        end = content.rfind(b"\n") + 1
        if end < len(content) and content.startswith(f'{{"{_HEAD}"'.encode()):
            with self.path.open("r+b") as file:
                file.truncate(end)
        return content[:end].splitlines()


def hash_of(parts: Iterable[Any]) -> str:
    """Return the SHA-256 of arrays, strings and what has a faithful `repr`."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _array(entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    return np.array(entry["values"], dtype=entry["dtype"])
