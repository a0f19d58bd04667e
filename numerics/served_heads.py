"""SymPy's own special functions that have a kernel, here or in jax.

`sympy.besselk(0, x)` is `bessel_k0(x)`: the first argument, a number, chooses the kernel or is
handed to it as it is.  `served` is for real arguments; a few functions have a kernel for complex
ones too, in `served_complex`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import sympy as sp


class Served(NamedTuple):
    """A kernel, or a function of jax with a dot in its name, and what to call it with."""

    kernel: str
    arguments: tuple[sp.Expr, ...]


def served(node: sp.Basic) -> Served | None:
    """Return the kernel that computes a SymPy function, or None."""
    rule = _RULES.get(type(node).__name__)
    return rule(*node.args) if rule and isinstance(node, sp.Function) else None


def served_complex(node: sp.Basic) -> Served | None:
    """Return the kernel that computes a SymPy function of a complex argument, or None."""
    rule = _COMPLEX_RULES.get(type(node).__name__)
    return rule(*node.args) if rule and isinstance(node, sp.Function) else None


def _bessel(letter: str) -> Callable[[sp.Expr, sp.Expr], Served | None]:
    def rule(order: sp.Expr, x: sp.Expr) -> Served | None:
        return Served(f"bessel_{letter}{order}", (x,)) if order in (0, 1) else None

    return rule


def _exponential_integral(order: sp.Expr, x: sp.Expr) -> Served | None:
    return Served("exp1", (x,)) if order == 1 else None


def _polylogarithm(order: sp.Expr, z: sp.Expr) -> Served | None:
    return Served("dilogarithm", (z,)) if order == 2 else None


def _zeta(s: sp.Expr, q: sp.Expr = sp.S.One) -> Served | None:
    return Served("hurwitz_zeta", (s, q)) if s.is_Number and s.is_real and s != 1 else None


def _upper_gamma(a: sp.Expr, x: sp.Expr) -> Served | None:
    half_integer = (2 * a).is_Integer and not a.is_Integer and a >= sp.Rational(-3, 2)
    return Served("uppergamma", (a, x)) if half_integer else None


def _polygamma(order: sp.Expr, x: sp.Expr) -> Served | None:
    if order == 0:
        return Served("jax.scipy.special.digamma", (x,))
    positive = order.is_Integer and order > 0
    return Served("jax.scipy.special.polygamma", (order, x)) if positive else None


def _complex_polygamma(order: sp.Expr, z: sp.Expr) -> Served | None:
    return Served(("digamma", "trigamma")[int(order)], (z,)) if order in (0, 1) else None


def _complex_exponential_integral(order: sp.Expr, z: sp.Expr) -> Served | None:
    return Served("exp1_complex", (z,)) if order == 1 else None


def _lambert(x: sp.Expr, *branch: sp.Expr) -> Served | None:
    return None if branch and branch[0] != 0 else Served("lambertw", (x,))


_COMPLEX_RULES: dict[str, Callable[..., Served | None]] = {
    "erfc": lambda z: Served("erfc_complex", (z,)),
    "expint": _complex_exponential_integral,
    "polygamma": _complex_polygamma,
}
_RULES: dict[str, Callable[..., Served | None]] = {
    "LambertW": _lambert,
    "airyai": lambda x: Served("airyai", (x,)),
    "airyaiprime": lambda x: Served("airyaiprime", (x,)),
    "besseli": _bessel("i"),
    "besselk": _bessel("k"),
    "expint": _exponential_integral,
    "polygamma": _polygamma,
    "polylog": _polylogarithm,
    "uppergamma": _upper_gamma,
    "zeta": _zeta,
}
SERVED_HEADS = tuple(sorted(_RULES))
