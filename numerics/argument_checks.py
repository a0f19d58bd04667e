"""The lines of a generated module that look at arguments before they are computed with.

What no formula can use is refused by name: a negative or NaN rate, a complex value of a real
parameter.  What costs digits is said: single precision where a kernel is certified in double
precision only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp


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


def check_functions(calls: Iterable[str]) -> list[str]:
    """Return the definitions of what `calls` call."""
    used = [text for name, text in _FUNCTIONS.items() if any(f"{name}(" in call for call in calls)]
    return [line for text in used for line in (text, "", "")]


def check_imports(calls: Iterable[str]) -> set[str]:
    """Return the import lines that the definitions need."""
    return {"import warnings"} if any("_warn_in" in call for call in calls) else set()


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
