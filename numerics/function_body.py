"""The body of a generated function: fields, sums on a stacked axis, the value.

One line per distinct kernel argument, one short function per stacked sum, then the terms of
the value, one per line.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from textwrap import TextWrapper

import sympy as sp

from numerics.printer import JaxPrinter
from numerics.stacking import Slot, StackedSum, stacked, symbol_like

_WIDTH = 99


def function_body(
    printer: JaxPrinter, expression: sp.Expr, parameters: Iterable[sp.Symbol], scale: float
) -> str:
    """Return the lines of the body: `scale` times `expression`, with long sums stacked."""
    rest, sums = stacked(expression)
    lines = _type_line(parameters) if sums else []
    for one in sums:
        lines += _sum_lines(printer, one)
    return "\n".join([*lines, *_value_lines(printer, rest, expression, scale)])


def stacking_functions(body: str) -> list[str]:
    """Return what a module needs for the stacked sums of `body`."""
    parts = [text for name, text in _FUNCTIONS.items() if f"{name}(" in body]
    return [line for text in parts for line in (text, "", "")]


# A dot product, because XLA on the CPU would fuse a plain sum over the leading axis with the
# kernel and compute the terms one by one, four times slower; on a GPU the default precision
# of a product keeps eleven bits of a float32.
_FUNCTIONS = {
    "_sum_of": '''\
def _sum_of(term, *slots):
    """Sum over k of term(slots[0][k], slots[1][k], ...), all terms in one call."""
    terms = jax.vmap(term)(*slots)
    return jnp.tensordot(jnp.ones(len(terms), terms.dtype), terms, axes=1, precision="highest")''',
    "_stacked": '''\
def _stacked(dtype, *values):
    """The values on a new leading axis, broadcast against each other."""
    dtype = jnp.result_type(dtype, *values)
    return jnp.stack(jnp.broadcast_arrays(*(jnp.asarray(value, dtype) for value in values)))''',
}


def _type_line(parameters: Iterable[sp.Symbol]) -> list[str]:
    arguments = ", ".join(["float", *(symbol.name for symbol in parameters)])
    return _wrapped(f"    dtype = jnp.result_type({arguments})")


def _sum_lines(printer: JaxPrinter, one: StackedSum) -> list[str]:
    """Return the term as a function of what differs, and the sum of its values."""
    names = ", ".join(slot.symbol.name for slot in one.slots)
    function = f"{one.total.name}_term"
    lines = ["", f"    def {function}({names}):", f"        return {printer.doprint(one.term)}", ""]
    for slot in one.slots:
        lines += _wrapped(f"    {slot.symbol.name} = {_values(printer, slot)}")
    return [*lines, f"    {one.total.name} = _sum_of({function}, {names})"]


def _values(printer: JaxPrinter, slot: Slot) -> str:
    if all(value.is_Number for value in slot.values):
        return f"jnp.array([{', '.join(repr(float(v)) for v in slot.values)}], dtype)"
    return f"_stacked(dtype, {', '.join(map(printer.doprint, slot.values))})"


def _wrapped(line: str) -> list[str]:
    """Break a long call after commas; what is inside its brackets is indented."""
    wrapper = TextWrapper(
        _WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False
    )
    return wrapper.wrap(line)


def _value_lines(
    printer: JaxPrinter, rest: sp.Expr, expression: sp.Expr, scale: float
) -> list[str]:
    lines, names = [], {}
    taken = {symbol.name for symbol in expression.free_symbols}
    free = (f"B_{k}" for k in count(1) if f"B_{k}" not in taken)
    for argument, local in zip(_kernel_arguments(rest), free, strict=False):
        names[argument] = symbol_like(local, [argument])
        lines.append(f"    {local} = {printer.doprint(argument)}")
    first, *others = rest.xreplace(names).as_ordered_terms()
    terms = [printer.doprint(first)]
    terms += [t if t.startswith("-") else f"+ {t}" for t in map(printer.doprint, others)]
    total = "\n".join(f"        {term}" for term in terms)
    lines.append(f"    value = (\n{total}\n    )")
    return [*lines, f"    return {'' if scale == 1 else f'{scale!r} * '}value"]


def _kernel_arguments(expression: sp.Expr) -> list[sp.Expr]:
    """Return the arguments of kernels that are more than a symbol, in a fixed order."""
    calls = [node for node in expression.atoms(sp.Function) if hasattr(node, "_jaxcode")]
    arguments = {a for call in calls for a in call.args if a.free_symbols and not a.is_Symbol}
    return sorted(arguments, key=sp.default_sort_key)
