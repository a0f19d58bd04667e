"""Derived results on disk, so that a derivation that took seconds is done once.

What is hard is never to return a wrong result.  The key of a result is a hash of everything it
follows from: the canonical text of its inputs, the versions of this package and of SymPy, and
the source code of the engine, so that a changed engine asks for other keys.  A file holds text
that is read without executing it, with a checksum; what cannot be read is derived again.  A
file appears under its name complete or not at all (`os.replace`), so that any number of
processes may share a folder without locks.  A cache that cannot be used is no error.

The folder is `COOPERON_CACHE` if that is set ("off" for none), else `cooperon` in
`XDG_CACHE_HOME` or `~/.cache`.  It may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cooperon.canonical import UnstorableError, canonical
from cooperon.expression_text import decode, encode
from cooperon.fingerprint import engine_fingerprint

VARIABLE = "COOPERON_CACHE"
_KEY = re.compile(r"[0-9a-f]{64}")
_MISSING = object()

T = TypeVar("T")


@dataclass(frozen=True)
class Cache:
    """A folder of results.

    Parameters
    ----------
    folder : Path or None
        Where the files are; made when something is stored.  None stores nothing.
    classes : tuple of types
        SymPy classes beside those of SymPy that results may contain, such as HikamiFunction.
    fingerprint : str
        What, beside its inputs, a result depends on; `engine_fingerprint()` by default.
    """

    folder: Path | None
    classes: tuple[type, ...] = ()
    fingerprint: str = field(default_factory=engine_fingerprint)

    def key(self, *parts: Any) -> str:
        """Return the key of the result that follows from `parts`: 64 hexadecimal digits.

        Raises
        ------
        UnstorableError
            If a part has no canonical text; see `cooperon.canonical.canonical`.
        """
        try:
            text = canonical((self.fingerprint, *parts))
        except RecursionError:
            raise UnstorableError("a part of a key is nested too deeply to be hashed.") from None
        return _digest(text)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the stored value, or `default` if there is none that can be read.

        Warns
        -----
        RuntimeWarning
            If there is a file but it is damaged.
        """
        path = self._path(key)
        if path is None:
            return default
        try:
            text = path.read_bytes()
        except OSError:
            return default
        try:
            return decode(_content(text, key), self.classes)
        except ValueError as error:
            _warn(f"the stored result {path} is damaged and is derived again: {error}")
            return default

    def put(self, key: str, value: Any) -> None:
        """Store a value; a folder that cannot be written gives a warning.

        Raises
        ------
        UnstorableError
            If the value has no text that reads back as an equal one.
        """
        path = self._path(key)
        if path is None:
            return
        text = json.dumps(encode(value, self.classes))
        document = json.dumps({"key": key, "sha256": _digest(text), "value": text})
        try:
            _replace(path, document.encode())
        except OSError as error:
            _warn(f"results are not stored, {path.parent} cannot be written: {error.strerror}")

    def cached(self, parts: tuple[Any, ...], compute: Callable[[], T]) -> T:
        """Return the result of `compute`, which has to follow from `parts` alone.

        Inputs without a canonical text are computed each time.  A result that cannot be stored
        is returned with a warning.
        """
        if self.folder is None:
            return compute()
        try:
            key = self.key(*parts)
        except UnstorableError:
            return compute()
        stored: T = self.get(key, _MISSING)
        if stored is not _MISSING:
            return stored
        value = compute()
        try:
            self.put(key, value)
        except UnstorableError as error:
            _warn(f"a result is not stored: {error}")
        return value

    def _path(self, key: str) -> Path | None:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not a key; make one with Cache.key.")
        return None if self.folder is None else self.folder / f"{key}.json"


def user_cache(
    classes: tuple[type, ...] = (), environment: Mapping[str, str] | None = None
) -> Cache:
    """Return the cache of this user, as the environment says.

    Examples
    --------
    >>> user_cache(environment={"COOPERON_CACHE": "off"}).folder is None
    True
    """
    folder = cache_folder(os.environ if environment is None else environment)
    return Cache(folder, classes, "" if folder is None else engine_fingerprint())


def cached(parts: tuple[Any, ...], compute: Callable[[], T], classes: tuple[type, ...] = ()) -> T:
    """Return the result of `compute`, which follows from `parts`, by the cache of this user."""
    return user_cache(classes).cached(parts, compute)


def cache_folder(environment: Mapping[str, str]) -> Path | None:
    """Return the folder for results, None if they are not to be stored.

    A relative `XDG_CACHE_HOME` is ignored, as the XDG base directory specification demands.
    """
    stated = environment.get(VARIABLE, "").strip()
    if stated:
        return None if stated.lower() == "off" else Path(stated).expanduser()
    home = Path(environment.get("XDG_CACHE_HOME", ""))
    if home.is_absolute():
        return home / "cooperon"
    try:
        return Path.home() / ".cache" / "cooperon"
    except RuntimeError:  # a user without a home
        return None


def _content(text: bytes, key: str) -> Any:
    try:
        document = json.loads(text)
        value = document["value"]
        if document["key"] != key or document["sha256"] != _digest(value):
            raise ValueError("its checksum is wrong")
        return json.loads(value)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it has no {error}") from error


def _replace(path: Path, text: bytes) -> None:
    """Write a file that other processes see complete or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _warn(message: str) -> None:
    # At one place, so that Python's default filter shows each message once.
    warnings.warn(message, RuntimeWarning, stacklevel=2)
