"""The lines of a generated module that look at arguments before they are computed with.

What no formula can use is refused by name: a negative or NaN rate, a complex value of a real
parameter.  What costs digits is said: single precision where a kernel is certified in double
precision only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from cooperon.lengths import Condition
from diagrams.symbols import CONSTANTS_OF_NATURE
from numerics.printer import JaxPrinter


def check_calls(parameters: Sequence[sp.Symbol], uncertified: Iterable[str]) -> list[str]:
    """Return the calls for the public function; `uncertified` kernels need double precision."""
    calls = [
        ("_require_real", [s.name for s in parameters if s.is_extended_real]),
        ("_require_not_negative", [s.name for s in parameters if s.is_nonnegative]),
    ]
    lines = [f"    {f}({', '.join(f'{n}={n}' for n in names)})" for f, names in calls if names]
    kernels = sorted(uncertified)
    if kernels and parameters:
        names = ", ".join([repr(", ".join(kernels)), *(s.name for s in parameters)])
        lines.append(f"    _warn_in_single_precision({names})")
    return lines


def condition_calls(
    conditions: Sequence[Condition], ratios: Sequence[sp.Expr], parameters: Sequence[sp.Symbol]
) -> list[str]:
    """Return the calls that warn where a condition of the formula does not hold.

    `ratios` are those of the conditions, printable; one of other symbols than the parameters is
    left out, since the function cannot know it.
    """
    known = CONSTANTS_OF_NATURE.union(parameters)
    names = ", ".join(s.name for s in parameters)
    return [
        f"    _warn_outside({condition.words!r}, {float(condition.limit)!r}, "
        f"lambda: {_in_numpy(ratio)}, {names})"
        for condition, ratio in zip(conditions, ratios, strict=True)
        if condition.ratio.free_symbols <= known
    ]


def _in_numpy(ratio: sp.Expr) -> str:
    return str(JaxPrinter().doprint(ratio)).replace("jnp.", "np.")


def check_functions(calls: Iterable[str]) -> list[str]:
    """Return the definitions of what `calls` call."""
    used = [text for name, text in _FUNCTIONS.items() if any(f"{name}(" in call for call in calls)]
    return [line for text in used for line in (text, "", "")]


def check_imports(calls: Iterable[str]) -> set[str]:
    """Return the import lines that the definitions need."""
    return {"import warnings"} if any("_warn_" in call for call in calls) else set()


_FUNCTIONS = {
    "_require_real": """\
def _require_real(**values):
    for name, value in values.items():
        if jnp.iscomplexobj(value):
            raise TypeError(f"{name} = {value} is complex; {name} is real, pass its real part.")""",
    # Inside a transformation there is no value to look at, and NaN is what a caller sees.
    "_require_not_negative": """\
def _require_not_negative(**values):
    for name, value in values.items():
        if not isinstance(value, jax.core.Tracer) and not np.all(np.asarray(value) >= 0):
            raise ValueError(f"{name} = {value} is negative or NaN; give a value >= 0.")""",
    "_warn_outside": """\
def _warn_outside(words, limit, ratio, *values):
    if any(isinstance(value, jax.core.Tracer) for value in values):
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        largest = np.max(ratio())
    if largest > limit:
        warnings.warn(words.format(largest), stacklevel=3)""",
    "_warn_in_single_precision": """\
def _warn_in_single_precision(kernels, *values):
    dtype = jnp.result_type(float, *values)
    if dtype not in (jnp.float64, jnp.complex128):
        warnings.warn(
            f"{kernels} is certified in float64 only and loses digits in {dtype.name}; call "
            "jax.config.update('jax_enable_x64', True) first and pass float64.",
            stacklevel=3,
        )""",
}
