"""`python -m benchmarks [NAME ...]`: one table, side by side in one run.

XLA is held to one thread and vectors of 256 bits, its default; with
XLA_FLAGS=--xla_cpu_prefer_vector_width=512 in the environment kernels gain a third where the
processor has wider ones.
"""

from __future__ import annotations

import importlib
import os
import sys

# XLA reads its flags when jax starts.
_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_ONE_THREAD}".strip()

NAMES = (
    "kernel",
    "special_functions",
    "formula",
    "jacobian",
    "many_fits",
    "compile_time",
    "startup",
    "enumeration",
    "posterior",
    "gpu",
)


def main() -> None:
    """Run the named benchmarks, or all, and print their rows."""
    asked = sys.argv[1:] or list(NAMES)
    unknown = [name for name in asked if name not in NAMES]
    if unknown:
        raise SystemExit(f"There is no benchmark {unknown[0]!r}; choose from {', '.join(NAMES)}.")
    import jax

    from benchmarks.table import lines

    jax.config.update("jax_enable_x64", True)
    modules = (importlib.import_module(f"benchmarks.{name}") for name in asked)
    for text in lines(row for module in modules for row in module.rows()):
        print(text, flush=True)


if __name__ == "__main__":
    main()
