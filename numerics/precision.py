"""Sixty-four bit arithmetic, asked for where it is needed and nowhere else.

Fits and sensitivities are done in float64: the valley between two minima of a magnetoconductance
fit is often flatter than float32 can see. JAX computes in float32 unless told otherwise, and the
switch is global. A library must not flip it for its caller, so there are two ways here:

`enable_x64()` flips the global switch and is for entry points (a script, the command line);
`double_precision()` is a context manager (and decorator) for library functions, which leaves the
caller's setting as it was. Compiled functions are cached per setting, so the two do not mix.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import jax


def enable_x64() -> None:
    """Switch JAX to 64-bit floats for the whole process; call it once, in an entry point."""
    jax.config.update("jax_enable_x64", True)


@contextmanager
def double_precision() -> Iterator[None]:
    """Compute in float64 inside the block or the decorated function.

    >>> import jax.numpy as jnp
    >>> with double_precision():
    ...     jnp.linspace(0.0, 1.0, 3).dtype.name
    'float64'
    """
    with _x64_context(True):
        yield


# The context manager moved from jax.experimental to the top level in jax 0.8.
_home = jax if hasattr(jax, "enable_x64") else jax.experimental
_x64_context = getattr(_home, "enable_x64")  # noqa: B009 (type checkers know neither place)
