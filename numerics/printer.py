"""SymPy expressions as JAX source text, with a table of heads that refuses the unknown.

The printer knows the heads below, those of `served_heads`, and every `sympy.Function` that
names its own kernel in an attribute `_jaxcode` (and, where the kernel takes other arguments than
the function, these in `_jaxargs`).  Anything else is an error at build time that names
the head: code that would fail, or lose its digits, at the first call is never generated.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.printing.pycode import AbstractPythonCodePrinter

from numerics.served_heads import SERVED_HEADS, served, served_complex

HEADS = MappingProxyType(
    {
        "Abs": "jnp.abs",
        "acos": "jnp.arccos",
        "acosh": "jnp.arccosh",
        "asin": "jnp.arcsin",
        "asinh": "jnp.arcsinh",
        "atan": "jnp.arctan",
        "atanh": "jnp.arctanh",
        "cos": "jnp.cos",
        "cosh": "jnp.cosh",
        "coth": "1/jnp.tanh",
        "csch": "1/jnp.sinh",
        "erf": "jax.lax.erf",
        "erfc": "jax.lax.erfc",
        "exp": "jnp.exp",
        "log": "jnp.log",
        "re": "jnp.real",
        "sech": "1/jnp.cosh",
        "sign": "jnp.sign",
        "sin": "jnp.sin",
        "sinh": "jnp.sinh",
        "sqrt": "jnp.sqrt",
        "tan": "jnp.tan",
        "tanh": "jnp.tanh",
    }
)


# JAX has these for real arguments only.
_REAL = frozenset({"erf", "erfc"})

_STRUCTURE = (sp.Add, sp.Mul, sp.Pow, sp.Symbol, sp.Number, sp.NumberSymbol, type(sp.I))


def require_supported(expression: sp.Expr) -> None:
    """Check that JAX code can be printed for every node of `expression`.

    Raises
    ------
    NotImplementedError
        If a head is unknown, or known for real arguments only and has another; the sentence
        names it and what is understood.
    ValueError
        If the expression contains NaN or an infinity.
    """
    for node in _printed_nodes(expression):
        if node in (sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise ValueError(f"the expression {expression} contains {node}; check its parameters.")
        if not isinstance(node, _STRUCTURE) and _number(node) is None and _call(node) is None:
            known = ", ".join(sorted({*HEADS, *SERVED_HEADS}))
            raise NotImplementedError(
                f"there is no JAX code for {type(node).__name__}, which occurs as {node}; rewrite "
                f"it in terms of {known} (of the orders that have a kernel) or a function with "
                "its own kernel."
            )
        if _is_real_only(node) and not all(map(_can_be_real, node.args)):
            raise NotImplementedError(
                f"JAX evaluates {type(node).__name__} for real arguments only, but it occurs as "
                f"{node}; leave out the frequency or choose another cutoff."
            )


def _printed_nodes(node: sp.Basic) -> Iterator[sp.Basic]:
    yield node
    if _number(node) is not None:
        return
    call = None if isinstance(node, _STRUCTURE) else _call(node)
    for argument in call[1] if call else node.args:
        yield from _printed_nodes(sp.sympify(argument))


def _number(node: sp.Basic) -> float | None:
    """The value of a function of SymPy of numbers, such as gamma(5/6), if it is real."""
    if not (isinstance(node, sp.Function) and node.is_number) or hasattr(node, "_jaxcode"):
        return None
    value = node.evalf(20)
    return float(value) if value.is_Float else None


def _call(node: sp.Basic) -> tuple[str, tuple[sp.Expr, ...]] | None:
    """The function that computes a node, and its arguments."""
    if node.args and not _can_be_real(sp.sympify(node.args[-1])):
        complex_call = served_complex(node)
        if complex_call is not None:
            return complex_call
    if isinstance(node, sp.log) and (rest := _beyond_one(node.args[0])) is not None:
        return "jnp.log1p", (rest,)
    kernel = getattr(node, "_jaxcode", None) or HEADS.get(type(node).__name__)
    if kernel is None:
        return served(node)
    return kernel, tuple(getattr(node, "_jaxargs", node.args))


def _beyond_one(argument: sp.Expr) -> sp.Expr | None:
    """x of an argument 1 + x with x >= 0, whose logarithm loses no digits as log1p(x)."""
    constant, rest = argument.as_coeff_Add()
    return rest if constant == 1 and rest.is_nonnegative else None


def _is_real_only(node: sp.Basic) -> bool:
    if getattr(node, "_real_kernel", False):
        return True
    real = type(node).__name__ in _REAL or served(node) is not None
    return real and served_complex(node) is None


def _can_be_real(argument: sp.Expr) -> bool:
    """Whether an argument is real if symbols without assumptions are positive numbers."""
    unknown = {s for s in argument.free_symbols if s.is_extended_real is None}
    real = argument.xreplace({s: sp.Dummy(s.name, positive=True) for s in unknown})
    return bool(real.is_extended_real)


class JaxPrinter(AbstractPythonCodePrinter):
    """Print a supported expression as JAX source; `kernels` collects the kernels it calls."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: set[str] = set()

    def _print_Function(self, expr: sp.Expr) -> str:
        number = _number(expr)
        if number is not None:
            return repr(number)
        call = _call(expr)
        if call is None:
            raise NotImplementedError(f"there is no JAX code for {expr}.")
        function, arguments = call
        if function.isidentifier():
            self.kernels.add(function)
        text = f"{function}({', '.join(self._print(sp.sympify(a)) for a in arguments)})"
        return f"({text})" if function.startswith("1/") else text

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return expr.name

    def _print_Pi(self, expr: sp.Expr) -> str:
        return "jnp.pi"

    def _print_Float(self, expr: sp.Float) -> str:
        # The default prints 15 digits; a double needs up to 17.
        return repr(float(expr))

    def _print_NumberSymbol(self, expr: sp.Expr) -> str:
        return repr(float(expr))

    _print_Exp1 = _print_EulerGamma = _print_GoldenRatio = _print_Catalan = _print_NumberSymbol

    def _print_ImaginaryUnit(self, expr: sp.Expr) -> str:
        return "1j"

    def _print_Pow(self, expr: sp.Pow, **kwargs: Any) -> str:
        return self._hprint_Pow(expr, sqrt="jnp.sqrt", **kwargs)
