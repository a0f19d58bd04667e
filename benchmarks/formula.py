"""Hikami, Larkin and Nagaoka's formula for 1000 curves of 200 fields, beside generic tools.

`sympy.lambdify` with numpy and scipy is what one would use; sympy2jax and tensorwaves, two other
ways from SymPy to JAX, are tried where they are installed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from benchmarks.measurement import Row, interleaved, ratio
from cooperon import magnetoconductivity, model
from numerics.codegen import compile

CURVES, FIELDS = 1000, 200


def hln() -> Any:
    """The formula with three channels in three parameters B_phi, B_s, B_so."""
    correction = magnetoconductivity(model("hln").conductor())
    return correction.subs({f"B_{kind}_{i}": f"B_{kind}" for kind in ("so", "s") for i in "xyz"})


def arguments() -> tuple[np.ndarray, ...]:
    """Fields (200,) and three parameters (1000, 1)."""
    rng = np.random.default_rng(0)
    parameters = 10 ** rng.uniform(-3, 0, (3, CURVES, 1))
    return np.geomspace(1e-4, 10, FIELDS), *parameters


def with_sympy2jax(expression: sp.Expr, symbols: list[sp.Symbol]) -> Callable[..., jax.Array]:
    import sympy2jax

    module = sympy2jax.SymbolicModule(expression)
    names = [symbol.name for symbol in symbols]
    return jax.jit(lambda *values: module(**dict(zip(names, values, strict=True))))


def with_tensorwaves(expression: sp.Expr, symbols: list[sp.Symbol]) -> Callable[..., jax.Array]:
    from tensorwaves.function.sympy import create_function

    function = create_function(expression, backend="jax")
    names = [symbol.name for symbol in symbols]
    return jax.jit(lambda *values: function(dict(zip(names, values, strict=True))))


OTHERS = {"sympy2jax": with_sympy2jax, "tensorwaves": with_tensorwaves}


def rows() -> Iterator[Row]:
    """The time of ours over that of each contender; above 1 the other would be faster."""
    correction = hln()
    symbols = list(correction.parameters)
    textbook = correction.doit()
    arrays = arguments()
    devices = tuple(map(jnp.asarray, arrays))
    lambdified = sp.lambdify(symbols, textbook, ["scipy", "numpy"])
    ours = compile(correction)
    jobs = {"lambdify": lambda: lambdified(*arrays), "ours": lambda: ours(*devices)}
    yield Row("HLN formula", ratio(interleaved(jobs), "ours", "lambdify"), "of sympy.lambdify")
    for name, build in OTHERS.items():
        yield _beside(name, build, textbook, symbols, devices, jobs["ours"])


def _beside(
    name: str,
    build: Callable[..., Callable[..., jax.Array]],
    expression: sp.Expr,
    symbols: list[sp.Symbol],
    devices: tuple[jax.Array, ...],
    ours: Callable[[], jax.Array],
) -> Row:
    if find_spec(name) is None:
        return Row("HLN formula", None, f"of {name}", note="not installed")
    try:
        other = build(expression, symbols)
        jobs = {"other": lambda: other(*devices), "ours": ours}
        return Row("HLN formula", ratio(interleaved(jobs), "ours", "other"), f"of {name}")
    except Exception as error:  # whatever it is, it belongs into the table
        reason = str(error).splitlines()[0][:60] if str(error) else ""
        return Row("HLN formula", None, f"of {name}", note=f"{type(error).__name__}: {reason}")
