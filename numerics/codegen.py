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
from collections.abc import Callable, Mapping
from pathlib import Path

import jax
import sympy as sp

from cooperon.correction import Correction
from numerics.module_source import data_unit, function_name, source, value_and_scale
from numerics.output import require_free, write_text
from numerics.probe import require_agreement


def compile(
    correction: Correction | sp.Expr,
    *,
    name: str | None = None,
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
    probe: bool = True,
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
        m^(2-d)), and for a conductance any unit of data, such as "uS".  Plain expressions have
        none.
    units : mapping, optional
        Units of parameters that the symbol table does not have, for the docstring.
    probe : bool
        Whether to compare value and derivative with mpmath at a few random points, in double
        precision (see `numerics.probe`); that takes about half a second.

    Returns
    -------
    callable
        Pure and differentiable; composes with jit, grad, vmap.  The function of a correction states
        its unit as `unit`, and a fit refuses curves in another one.  Negative or NaN rates are a
        ValueError (NaN inside a transformation).  Its `__doc__` states formula, units, validity
        and references, and what `numerics.fold` replaced in the expression; the module that
        `write_module` writes shows the code.  It warns where arguments are in single precision
        and a kernel is certified in double precision only.

    Raises
    ------
    NotImplementedError
        If the expression has a head without a kernel (named in the message).
    ValueError
        If a symbol cannot be an argument, or two symbols have one name.
    ArithmeticError
        If the generated function differs from the expression at a probed point.
    """
    text = source(correction, name=name, unit=unit, units=units)
    function = _checked_function(text, correction, name, unit, probe)
    if isinstance(correction, Correction):
        function.unit = data_unit(correction, unit)  # type: ignore[attr-defined]
    return function


def _checked_function(
    text: str, correction: Correction | sp.Expr, name: str | None, unit: str | None, probe: bool
) -> Callable[..., jax.Array]:
    """Return the function that a source text defines, once its numbers are right."""
    chosen = function_name(correction, name)
    module = types.ModuleType(f"cooperon_generated_{chosen}")
    filename = f"<{module.__name__}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(builtins.compile(text, filename, "exec"), module.__dict__)
    if probe:
        require_agreement(*value_and_scale(correction, unit), getattr(module, f"_{chosen}"), text)
    function: Callable[..., jax.Array] = getattr(module, chosen)
    return function


def write_module(
    correction: Correction | sp.Expr,
    path: str | Path,
    *,
    name: str | None = None,
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
    probe: bool = True,
    force: bool = False,
) -> Path:
    """Write the generated function as a standalone Python module and return its path.

    The arguments are those of `compile`; an existing file is replaced only with `force`, and
    a function that fails its probe is not written.
    """
    target = require_free(path, force=force)
    text = source(correction, name=name, unit=unit, units=units)
    _checked_function(text, correction, name, unit, probe)
    return write_text(target, text, force=force)
