"""What a user waits for: the import, and the first call of a function compiled yesterday.

Each is measured in fresh processes; imports of the two contenders take turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measurement import Row

REPEATS = 5
_ROOT = Path(__file__).parents[1]

_FIRST_CALL = """
import sys, time
import jax, numerics
from cooperon import magnetoconductivity, model
numerics.enable_x64()
numerics.enable_cache(sys.argv[1])
function = numerics.compile(magnetoconductivity(model("hln-isotropic").conductor()), probe=False)
jax.block_until_ready(jax.numpy.zeros(3) + 1)  # JAX itself starts
start = time.process_time()
jax.block_until_ready(function(0.01, 1e-3, 2e-3, 3e-3))
print(time.process_time() - start)
"""


def import_time(statement: str) -> float:
    """CPU seconds of a Python process that imports and ends."""
    before = os.times()
    subprocess.run([sys.executable, "-c", statement], cwd=_ROOT, check=True)
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def first_call(folder: str) -> float:
    """CPU seconds of the first call in a new process, with the compilation cache in `folder`."""
    command = [sys.executable, "-c", _FIRST_CALL, folder]
    run = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True)
    return float(run.stdout.split()[-1])


def rows() -> Iterator[Row]:
    """The import beyond that of jax and sympy; the first call without and with a warm cache."""
    pairs = [
        (import_time("import numerics"), import_time("import jax, sympy")) for _ in range(REPEATS)
    ]
    extra = statistics.median(ours - theirs for ours, theirs in pairs)
    yield Row("import numerics, beyond import jax, sympy", extra, "s of CPU", 0.2)
    with tempfile.TemporaryDirectory() as folder:
        cold = first_call(folder)
        warm = statistics.median(first_call(folder) for _ in range(REPEATS))
    yield Row("first call, nothing cached", cold, "s of CPU")
    yield Row("first call, warm compilation cache", warm, "s of CPU", 0.1)
