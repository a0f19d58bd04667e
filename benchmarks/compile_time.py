"""How long a sum of sixty-four (and 512) kernels takes to compile, with its gradient.

CPU time from the Python function to machine code: tracing, lowering, XLA.  Where every term
has a parameter of its own, most of the time goes into that many results, one small program each.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import jax
import sympy as sp

from benchmarks.measurement import Row
from cooperon import HikamiFunction
from diagrams.symbols import B, B_phi, symbol
from numerics.codegen import compile

REPEATS = 5


def few_parameters(terms: int) -> sp.Expr:
    """sum_k (k/7) Psi((B_phi + k B_so)/B)."""
    B_so = symbol("B_so")
    fields = (B_phi + k * B_so for k in range(1, terms + 1))
    return sp.Add(*(sp.Rational(k, 7) * HikamiFunction(B, b) for k, b in enumerate(fields, 1)))


def many_parameters(terms: int) -> sp.Expr:
    """sum_k (k/7) Psi(B_k/B)."""
    fields = (symbol(f"B_{k}") for k in range(1, terms + 1))
    return sp.Add(*(sp.Rational(k, 7) * HikamiFunction(B, b) for k, b in enumerate(fields, 1)))


def compile_time(function: Callable[..., jax.Array], count: int) -> float:
    """CPU seconds to compile the gradient in all of `count` arguments, without any cache."""
    arguments = [1 + 0.1 * k for k in range(count)]
    jax.clear_caches()
    start = time.process_time()
    jax.jit(jax.grad(function, argnums=tuple(range(count)))).lower(*arguments).compile()
    return time.process_time() - start


def rows() -> Iterator[Row]:
    """Medians; the cache on disk plays no part."""
    cases = (
        ("gradient of 64 terms in 3 parameters, compile", few_parameters(64), 0.5),
        ("gradient of 512 terms in 3 parameters, compile", few_parameters(512), 0.5),
        ("gradient of 64 terms in 65 parameters, compile", many_parameters(64), None),
    )
    for name, expression, target in cases:
        function = compile(expression, probe=False)
        count = len(expression.free_symbols)
        times = [compile_time(function, count) for _ in range(REPEATS)]
        yield Row(name, statistics.median(times), "s of CPU", target)
