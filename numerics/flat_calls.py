"""Functions whose kernel takes other arguments than they do, as plain calls of the kernel.

A function of functions, such as a sum over levels of a Lambda, names in `_jaxargs` the numbers
that its kernel takes.  Code that names or stacks the arguments of calls needs those in
place of the Lambda.
"""

from __future__ import annotations

import sympy as sp
from sympy.core.function import UndefinedFunction


def flat_calls(expression: sp.Expr) -> sp.Expr:
    """Return the expression with every function that has `_jaxargs` as a call with these."""
    return expression.replace(lambda node: hasattr(node, "_jaxargs"), _flat)


def _flat(node: sp.Expr) -> sp.Expr:
    kernel = UndefinedFunction(node._jaxcode, __dict__={"_jaxcode": node._jaxcode})
    return kernel(*node._jaxargs)
