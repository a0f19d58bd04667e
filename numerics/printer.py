"""SymPy expressions as JAX source text, with a table of heads that refuses the unknown.

The printer knows the heads below and every `sympy.Function` that names its own kernel in an
attribute `_jaxcode`.  Anything else is an error at build time that names the head:
code that would fail, or lose its digits, at the first call is never generated.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import sympy as sp
from sympy.printing.pycode import AbstractPythonCodePrinter

HEADS = MappingProxyType(
    {
        "Abs": "jnp.abs",
        "acos": "jnp.arccos",
        "asin": "jnp.arcsin",
        "atan": "jnp.arctan",
        "cos": "jnp.cos",
        "cosh": "jnp.cosh",
        "erfc": "jax.lax.erfc",
        "exp": "jnp.exp",
        "log": "jnp.log",
        "sign": "jnp.sign",
        "sin": "jnp.sin",
        "sinh": "jnp.sinh",
        "sqrt": "jnp.sqrt",
        "tan": "jnp.tan",
        "tanh": "jnp.tanh",
    }
)


# JAX has these for real arguments only.
_REAL = frozenset({"erfc"})

_STRUCTURE = (sp.Add, sp.Mul, sp.Pow, sp.Symbol, sp.Number, sp.NumberSymbol, type(sp.I))


def require_supported(expression: sp.Expr) -> None:
    """Check that JAX code can be printed for every node of `expression`.

    Raises
    ------
    NotImplementedError
        If a head is unknown; the sentence names it and what is understood.
    ValueError
        If the expression contains NaN or an infinity.
    """
    for node in sp.preorder_traversal(expression):
        if node in (sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise ValueError(f"the expression {expression} contains {node}; check its parameters.")
        if not isinstance(node, _STRUCTURE) and _kernel(node) is None:
            raise NotImplementedError(
                f"there is no JAX code for {type(node).__name__}, which occurs as {node}; rewrite "
                f"it in terms of {', '.join(sorted(HEADS))} or a function with its own kernel."
            )
        if type(node).__name__ in _REAL and not node.args[0].is_extended_real:
            raise NotImplementedError(
                f"JAX evaluates {type(node).__name__} for real arguments only, but it occurs as "
                f"{node}; leave out the frequency or choose another cutoff."
            )


def _kernel(node: sp.Basic) -> str | None:
    return getattr(node, "_jaxcode", None) or HEADS.get(type(node).__name__)


class JaxPrinter(AbstractPythonCodePrinter):
    """Print a supported expression as JAX source; `kernels` collects the kernels it calls."""

    def __init__(self) -> None:
        super().__init__()
        self.kernels: set[str] = set()

    def _print_Function(self, expr: sp.Expr) -> str:
        own = getattr(expr, "_jaxcode", None)
        if own is not None:
            self.kernels.add(own)
        return f"{_kernel(expr)}({', '.join(self._print(a) for a in expr.args)})"

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
