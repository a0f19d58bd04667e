"""From a derived correction to a JAX function, in memory or as a standalone module.

`compile` and `write_module` make the same source text, so both give the same numbers to the
last bit.  The text imports jax and nothing else: the special-function kernels it calls are
copied into it.  It is deterministic, so it can be kept under version control.
"""

from __future__ import annotations

import builtins
import keyword
import linecache
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

import jax
import scipy.constants
import sympy as sp

from cooperon.correction import Correction
from cooperon.latex import latex
from diagrams.symbols import QUANTITIES, e, hbar
from numerics.embedding import Embedded, embed
from numerics.output import write_text
from numerics.printer import JaxPrinter, require_supported

_FLUX = sp.Symbol("HBAR_OVER_E", positive=True)


def compile(
    correction: Correction | sp.Expr, *, name: str | None = None, unit: str | None = None
) -> Callable[..., jax.Array]:
    """Return a jitted JAX function of the parameters of `correction`.

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
        Pure and differentiable; composes with jit, grad, vmap.  Its `__doc__` states formula,
        units, validity and references; `inspect.getsource` and the module that
        `write_module` writes show the code.

    Raises
    ------
    NotImplementedError
        If the expression has a head without a kernel (named in the message).
    ValueError
        If a symbol cannot be an argument, or two symbols have one name.
    """
    text = source(correction, name=name, unit=unit)
    module = types.ModuleType(f"cooperon_generated_{_function_name(correction, name)}")
    filename = f"<{module.__name__}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    exec(builtins.compile(text, filename, "exec"), module.__dict__)
    function: Callable[..., jax.Array] = getattr(module, _function_name(correction, name))
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


def source(
    correction: Correction | sp.Expr, *, name: str | None = None, unit: str | None = None
) -> str:
    """Return the source text of the standalone module."""
    expression, scale = _value_and_scale(correction, unit)
    require_supported(expression)
    parameters = _parameters(expression)
    printer = JaxPrinter()
    body = _body(printer, _without_small_constants(expression), scale)
    kernels = [embed(kernel) for kernel in sorted(printer.kernels)]
    head = _signature(_function_name(correction, name), parameters)
    docstring = _docstring(correction, expression, parameters, _unit_name(correction, unit))
    return "\n".join(
        [*_preamble(correction, kernels), *_constants(body), head, docstring, body, ""]
    )


def _function_name(correction: Correction | sp.Expr, name: str | None) -> str:
    chosen = name or (correction.name if isinstance(correction, Correction) else "function")
    if not chosen.isidentifier() or keyword.iskeyword(chosen):
        raise ValueError(f"{chosen!r} is not a name for a Python function; choose an identifier.")
    return chosen


def _value_and_scale(correction: Correction | sp.Expr, unit: str | None) -> tuple[sp.Expr, float]:
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
    constants = {e: scipy.constants.e, hbar: scipy.constants.hbar}
    scales = {
        "SI": float(correction.unit.subs(constants)),
        "e^2/h": float(correction.unit * 2 * sp.pi * hbar / e**2),
    }
    if unit not in scales:
        known = [correction.unit_name, *sorted(scales)]
        raise ValueError(f"the unit {unit!r} is not known; choose one of {known}.")
    return scales[unit]


def _unit_name(correction: Correction | sp.Expr, unit: str | None) -> str:
    native = correction.unit_name if isinstance(correction, Correction) else "as the expression"
    return unit or native


def _parameters(expression: sp.Expr) -> list[sp.Symbol]:
    free = expression.free_symbols - {e, hbar}
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


def _without_small_constants(expression: sp.Expr) -> sp.Expr:
    """Write hbar as HBAR_OVER_E times e: single precision cannot hold products of 1e-34."""
    return expression.subs(hbar, _FLUX * e).subs(e, sp.Float(scipy.constants.e, 17))


def _constants(body: str) -> list[str]:
    if _FLUX.name not in body:
        return []
    value = repr(scipy.constants.hbar / scipy.constants.e)
    return [f"{_FLUX.name} = {value}  # V s, from the exact SI values", "", ""]


def _preamble(correction: Correction | sp.Expr, kernels: list[Embedded]) -> list[str]:
    title = correction.derivation.title if isinstance(correction, Correction) else "Expression"
    imports = {"import jax", "import jax.numpy as jnp"}.union(*(k.imports for k in kernels))
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


def _signature(name: str, parameters: list[sp.Symbol]) -> str:
    arguments = ", ".join(symbol.name for symbol in parameters)
    return f"@jax.jit\ndef {name}({arguments}):"


def _docstring(
    correction: Correction | sp.Expr, expression: sp.Expr, parameters: list[sp.Symbol], unit: str
) -> str:
    lines = [f"Return the value in units of {unit}, as a function of", ""]
    lines += [_parameter_line(symbol) for symbol in parameters]
    lines += ["", "Formula:", "", *_one_term_per_line(expression)]
    if isinstance(correction, Correction):
        name = correction.name.replace("_", " ").capitalize()
        lines[0] = f"{name} in units of {unit}, both spins counted, as a function of"
        lines += ["", "In print (LaTeX):", "", latex(correction)]
        lines += ["", f"Valid for {correction.validity}."]
        lines += ["", "After:", "", *correction.references]
    filled = [f"    {line}" if line else "" for line in lines]
    return "\n".join(['    r"""' + filled[0].lstrip(), *filled[1:], '    """'])


def _one_term_per_line(expression: sp.Expr) -> list[str]:
    first, *others = (str(term) for term in expression.as_ordered_terms())
    return [first, *(t if t.startswith("-") else f"+ {t}" for t in others)]


def _parameter_line(symbol: sp.Symbol) -> str:
    row = QUANTITIES.get(symbol.name)
    return f"{symbol.name} : {row.meaning}, {row.unit}" if row else f"{symbol.name} : in SI units"


def _body(printer: JaxPrinter, expression: sp.Expr, scale: float) -> str:
    """Return the function body: one line per distinct kernel argument, then the sum."""
    lines, names = [], {}
    taken = {symbol.name for symbol in expression.free_symbols}
    free = (f"B_{k}" for k in count(1) if f"B_{k}" not in taken)
    for argument, local in zip(_kernel_arguments(expression), free, strict=False):
        names[argument] = sp.Symbol(local)
        lines.append(f"    {names[argument]} = {printer.doprint(argument)}")
    first, *others = expression.xreplace(names).as_ordered_terms()
    terms = [printer.doprint(first)]
    terms += [t if t.startswith("-") else f"+ {t}" for t in map(printer.doprint, others)]
    total = "\n".join(f"        {term}" for term in terms)
    lines.append(f"    value = (\n{total}\n    )")
    return "\n".join([*lines, f"    return {'' if scale == 1 else f'{scale!r} * '}value"])


def _kernel_arguments(expression: sp.Expr) -> list[sp.Expr]:
    """Return the arguments of kernels that are more than a symbol, in a fixed order."""
    calls = [node for node in expression.atoms(sp.Function) if hasattr(type(node), "_jaxcode")]
    arguments = {a for call in calls for a in call.args if a.free_symbols and not a.is_Symbol}
    return sorted(arguments, key=sp.default_sort_key)
