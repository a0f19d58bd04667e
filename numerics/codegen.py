"""From a derived correction to a JAX function, in memory or as a standalone module.

`compile` and `write_module` make the same source text, so both give the same numbers to the
last bit.  The text imports jax (and numpy, which comes with it) and nothing else: the
special-function kernels it calls are copied into it.  It is deterministic, so it can be kept
under version control.
"""

from __future__ import annotations

import builtins
import linecache
import types
from collections.abc import Callable
from pathlib import Path

import jax
import sympy as sp

from cooperon.correction import Correction
from numerics.module_source import function_name, source
from numerics.output import write_text


def compile(
    correction: Correction | sp.Expr, *, name: str | None = None, unit: str | None = None
) -> Callable[..., jax.Array]:
    """Return a compiled JAX function of the parameters of `correction`.

    Parameters
    ----------
    correction : Correction or expression
        What to evaluate.  Parameters become keyword or positional arguments, the field B
        first and the others by name, in SI units; all broadcast against each other.
    name : str, optional
        Name of the function; that of the correction by default.
    unit : str, optional
        Unit of the result: that of the correction by default, "e^2/h" or "SI" (siemens times
        m^(2-d)).  Plain expressions have none.

    Returns
    -------
    callable
        Pure and differentiable; composes with jit, grad, vmap.  Negative or NaN rates are a
        ValueError (NaN inside a transformation).  Its `__doc__` states formula, units, validity
        and references; the module that `write_module` writes shows the code.

    Raises
    ------
    NotImplementedError
        If the expression has a head without a kernel (named in the message).
    ValueError
        If a symbol cannot be an argument, or two symbols have one name.
    """
    text = source(correction, name=name, unit=unit)
    module = types.ModuleType(f"cooperon_generated_{function_name(correction, name)}")
    filename = f"<{module.__name__}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(builtins.compile(text, filename, "exec"), module.__dict__)
    function: Callable[..., jax.Array] = getattr(module, function_name(correction, name))
    return function


def write_module(
    correction: Correction | sp.Expr,
    path: str | Path,
    *,
    name: str | None = None,
    unit: str | None = None,
    force: bool = False,
) -> Path:
    """Write the generated function as a standalone Python module and return its path.

    The arguments are those of `compile`; an existing file is replaced only with `force`.
    """
    return write_text(path, source(correction, name=name, unit=unit), force=force)
