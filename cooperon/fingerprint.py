"""What a derived result depends on beside its inputs: the engine that derives it."""

from __future__ import annotations

import hashlib
import importlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import sympy as sp

_PACKAGES = ("diagrams", "cooperon")


@cache
def engine_fingerprint() -> str:
    """Return a hash of the engine: its source, its version and that of SymPy."""
    digest = hashlib.sha256(f"{_version()} {sp.__version__}".encode())
    for package in _PACKAGES:
        folder = Path(next(iter(importlib.import_module(package).__path__)))
        for path in sorted(folder.rglob("*.py")):
            name = f"{package}/{path.relative_to(folder).as_posix()}"
            digest.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _version() -> str:
    try:
        return version("cooperon")
    except PackageNotFoundError:  # used from a source tree
        return "source"
