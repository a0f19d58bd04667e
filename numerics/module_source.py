"""The text of a generated module: kernels, one documented function, its arguments checked."""

from __future__ import annotations

import keyword
import sys
from collections import Counter
from collections.abc import Iterable, Mapping

import sympy as sp

from cooperon.correction import Correction
from cooperon.sample_units import CONDUCTANCE, UNITS
from diagrams.symbols import CONSTANTS_OF_NATURE, e, hbar, k_B, mu_B
from numerics import constants
from numerics.argument_checks import (
    check_calls,
    check_functions,
    check_imports,
    condition_calls,
)
from numerics.embedding import Embedded, embed, uncertified
from numerics.flat_calls import flat_calls
from numerics.function_body import function_body, stacking_functions
from numerics.module_docstring import docstring
from numerics.printer import JaxPrinter, require_supported
from numerics.rewrite import fold
from numerics.units import CONDUCTANCE_UNITS

# Ratios of constants, and where their numbers are from: single precision cannot hold products of
# 1e-34.
_FLUX = sp.Symbol("HBAR_OVER_E", positive=True)
_MAGNETON = sp.Symbol("MU_B_OVER_E", positive=True)
_THERMAL = sp.Symbol("K_B_OVER_HBAR", positive=True)
_NAMED = {
    _FLUX: (constants.hbar / constants.e, "V s, from the exact SI values"),
    _MAGNETON: (constants.mu_B / constants.e, "m^2/s, CODATA 2022"),
    _THERMAL: (constants.k_B / constants.hbar, "1/(K s), from the exact SI values"),
}

# Kernels that refuse concrete arguments out of their range: compiled as a whole, a function would
# hand them traced ones.  They are compiled by themselves.
_CHECKING = frozenset({"band_trace", "band_trace_complex"})


def source(
    correction: Correction | sp.Expr,
    *,
    name: str | None = None,
    unit: str | None = None,
    units: Mapping[str, str] | None = None,
) -> str:
    """Return the source text of the standalone module; arguments as for `codegen.compile`."""
    expression, scale = value_and_scale(correction, unit)
    expression, folded = fold(expression)
    require_supported(expression)
    parameters = parameters_of(expression)
    printer = JaxPrinter()
    body = function_body(
        printer, flat_calls(_without_small_constants(expression)), parameters, scale
    )
    checks = check_calls(parameters, uncertified(printer.kernels, "float32"))
    checks += _conditions(correction, parameters)
    kernels = embed(printer.kernels)
    _require_free_names(parameters, printer.kernels)
    function = function_name(correction, name)
    about = docstring(
        correction, expression, parameters, _unit_name(correction, unit), units or {}, folded
    )
    parts = [
        *_preamble(correction, kernels, check_imports(checks)),
        *_constants("".join([body, *checks])),
        *_public_function(function, parameters, about, checks),
        *check_functions(checks),
        *stacking_functions(body),
        _signature(f"_{function}", parameters, jit=not printer.kernels & _CHECKING),
        body,
        "",
    ]
    return "\n".join(parts)


def function_name(correction: Correction | sp.Expr, name: str | None) -> str:
    """Return the name of the generated function."""
    chosen = name or (correction.name if isinstance(correction, Correction) else "function")
    if not chosen.isidentifier() or keyword.iskeyword(chosen):
        raise ValueError(f"{chosen!r} is not a name for a Python function; choose an identifier.")
    return chosen


def value_and_scale(correction: Correction | sp.Expr, unit: str | None) -> tuple[sp.Expr, float]:
    """Return the expression to print and the number that brings it to the asked unit."""
    if not isinstance(correction, Correction):
        if unit is not None:
            raise ValueError(
                f"a plain expression has no unit to convert to {unit!r}; leave it out."
            )
        return sp.sympify(correction), 1.0
    return correction.expression, _scale(correction, unit)


def _scale(correction: Correction, unit: str | None) -> float:
    if unit in (None, correction.unit_name):
        return 1.0
    siemens = float(correction.unit.subs({e: constants.e, hbar: constants.hbar}))
    scales = {"SI": siemens, "e^2/h": float(correction.unit * 2 * sp.pi * hbar / e**2)}
    if is_conductance(correction):
        scales = {u: siemens / size for u, size in CONDUCTANCE_UNITS.items()} | scales
    if unit not in scales:
        known = [correction.unit_name, *sorted(scales)]
        raise ValueError(f"the unit {unit!r} is not known; choose one of {known}.")
    return scales[unit]


def is_conductance(correction: Correction) -> bool:
    """Return whether the correction is that of a conductance or a sheet conductance."""
    return correction.unit_name in (UNITS[2].name, CONDUCTANCE.name)


def data_unit(correction: Correction, unit: str | None) -> str:
    """Return the unit of the generated function as curves of data call it."""
    chosen = unit or correction.unit_name
    return "S" if chosen == "SI" and is_conductance(correction) else chosen


def _unit_name(correction: Correction | sp.Expr, unit: str | None) -> str:
    return unit or (correction.unit_name if isinstance(correction, Correction) else "")


def parameters_of(expression: sp.Expr) -> list[sp.Symbol]:
    """Return the arguments of the generated function: the field B first, the others by name."""
    free = expression.free_symbols - CONSTANTS_OF_NATURE
    parameters = sorted(free, key=lambda s: (s.name != "B", s.name))
    name, number = Counter(s.name for s in parameters).most_common(1)[0] if free else ("", 0)
    if number > 1:
        raise ValueError(
            f"{number} symbols are called {name!r} but differ in their assumptions; use one, such "
            f"as diagrams.symbols.symbol({name!r})."
        )
    for symbol in parameters:
        if not symbol.name.isidentifier() or keyword.iskeyword(symbol.name):
            raise ValueError(
                f"the symbol {symbol.name!r} cannot be the argument of a function; rename it to "
                "an identifier such as tau_phi."
            )
    return parameters


def _require_free_names(parameters: list[sp.Symbol], kernels: Iterable[str]) -> None:
    used = {"jax", "jnp", "np", "float", "dtype", *(c.name for c in _NAMED), *kernels}
    for symbol in parameters:
        if symbol.name in used:
            raise ValueError(
                f"the symbol {symbol.name!r} has the name of something that generated code uses; "
                "rename it."
            )


def _without_small_constants(expression: sp.Expr) -> sp.Expr:
    """Write hbar as HBAR_OVER_E times e, mu_B likewise, k_B as K_B_OVER_HBAR times hbar.

    Thermal rates are powers of k_B T/hbar, and k_B/hbar is 1.3e11: their powers stay in range
    where those of k_B/e and hbar/e do not.
    """
    over_e = expression.subs({hbar: _FLUX * e, mu_B: _MAGNETON * e, k_B: _THERMAL * _FLUX * e})
    return over_e.subs(e, sp.Float(constants.e, 17))


def _conditions(correction: Correction | sp.Expr, parameters: list[sp.Symbol]) -> list[str]:
    if not isinstance(correction, Correction):
        return []
    ratios = [_without_small_constants(c.ratio) for c in correction.conditions]
    return condition_calls(correction.conditions, ratios, parameters)


def _constants(text: str) -> list[str]:
    lines = [
        f"{symbol.name} = {value!r}  # {origin}"
        for symbol, (value, origin) in _NAMED.items()
        if symbol.name in text
    ]
    return [*lines, "", ""] if lines else []


def _preamble(
    correction: Correction | sp.Expr, kernels: list[Embedded], further: set[str]
) -> list[str]:
    title = correction.derivation.title if isinstance(correction, Correction) else "Expression"
    imports = {"import jax", "import jax.numpy as jnp", "import numpy as np"}.union(
        further, *(k.imports for k in kernels)
    )
    standard = [line for line in imports if _module(line) in sys.stdlib_module_names]
    bodies = [line for kernel in kernels for line in (kernel.text, "", "")]
    return [
        f'"""{title}.',
        "",
        "Generated by cooperon from a derivation; to change the formula, change the model and",
        "generate again.  Needs jax only.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        *_sorted_imports(standard),
        *([""] if standard else []),
        *_sorted_imports(imports.difference(standard)),
        "",
        "",
        *bodies,
    ]


def _module(import_line: str) -> str:
    return import_line.split()[1].split(".")[0]


def _sorted_imports(lines: Iterable[str]) -> list[str]:
    return sorted(lines, key=lambda line: (line.startswith("from"), line.split()[1]))


def _signature(name: str, parameters: list[sp.Symbol], *, jit: bool = False) -> str:
    arguments = ", ".join(symbol.name for symbol in parameters)
    return f"{'@jax.jit' + chr(10) if jit else ''}def {name}({arguments}):"


def _public_function(
    name: str, parameters: list[sp.Symbol], docstring: str, checks: list[str]
) -> list[str]:
    """Return the function that checks its arguments and calls the compiled one."""
    arguments = ", ".join(symbol.name for symbol in parameters)
    lines = [_signature(name, parameters), docstring, *checks]
    return [*lines, f"    return _{name}({arguments})", "", ""]
