"""Compiled code kept on disk, so that a program does not compile again what it compiled yesterday.

JAX can keep what XLA compiles in a folder, but by default leaves out what took less than a
second: every single formula.  Where a machine changes its processor or its JAX, the entries
do not fit any more and are left alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import jax


def enable_cache(path: str | Path | None = None) -> Path:
    """Keep everything that JAX compiles in the folder `path`; call it once, in an entry point.

    Without `path` the folder is that of the JAX setting `jax_compilation_cache_dir` (or of the
    environment variable `JAX_COMPILATION_CACHE_DIR`) if there is one, and else `cooperon/jax`
    among the caches of the user.  It is made if it does not exist, and returned.  It grows by
    about 50 kB for each function and shape, and can be deleted at any time.

    Raises
    ------
    OSError
        If the folder cannot be made.
    """
    known = jax.config.values["jax_compilation_cache_dir"]
    folder = Path(path or known or _user_cache() / "cooperon/jax")
    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    # JAX looks at the folder once, when it first compiles; from here on it looks again.
    from jax.experimental.compilation_cache.compilation_cache import reset_cache

    reset_cache()
    return folder


def _user_cache() -> Path:
    """The folder where programs of this user keep what they can make again."""
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches"
    variable = "LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME"
    return Path(os.environ.get(variable) or Path.home() / ".cache")
