"""Real arrays in extended precision or in as many digits as asked for, by one set of names.

numpy's `longdouble` has 18 digits on x86 processors and works on whole arrays at once; arrays of
mpmath numbers have any number of digits and are two hundred times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import mpmath as mp
import numpy as np
from numpy.typing import ArrayLike, NDArray

Reals = NDArray[Any]


@dataclass(frozen=True)
class Arithmetic:
    """How to make an array of real numbers with `digits` digits, and four functions of it."""

    digits: int
    array: Callable[[ArrayLike], Reals]
    sqrt: Callable[[Reals], Reals]
    exp: Callable[[Reals], Reals]
    sinh: Callable[[Reals], Reals]
    asinh: Callable[[Reals], Reals]

    def nodes(self, count: int) -> tuple[Reals, Reals]:
        """Nodes and weights of Gauss and Legendre on [0, 1]."""
        return _nodes(self, count)


def extended() -> Arithmetic | None:
    """Arithmetic of `numpy.longdouble`; None where that is no more than a double."""
    if np.finfo(np.longdouble).eps > 1e-18:
        return None
    return _EXTENDED


def arbitrary(digits: int) -> Arithmetic:
    """Arithmetic of mpmath, whose precision the caller sets to at least `digits`."""
    functions = (np.frompyfunc(f, 1, 1) for f in (mp.sqrt, mp.exp, mp.sinh, mp.asinh))
    return Arithmetic(digits, np.frompyfunc(mp.mpf, 1, 1), *functions)


def _to_extended(values: ArrayLike) -> Reals:
    with mp.workdps(30):
        texts = [mp.nstr(mp.mpf(v), 25) for v in np.ravel(np.asarray(values, object))]
    return np.array([np.longdouble(text) for text in texts]).reshape(np.shape(values))


_EXTENDED = Arithmetic(18, _to_extended, np.sqrt, np.exp, np.sinh, np.arcsinh)


@cache
def _nodes(arithmetic: Arithmetic, count: int) -> tuple[Reals, Reals]:
    with mp.workdps(arithmetic.digits + 10):
        pairs = [_node(count, float(x)) for x in np.polynomial.legendre.leggauss(count)[0]]
        nodes, weights = zip(*pairs, strict=True)
        return arithmetic.array(nodes), arithmetic.array(weights)


def _node(count: int, start: float) -> tuple[mp.mpf, mp.mpf]:
    """A zero of Legendre's polynomial by Newton's method, mapped to [0, 1], and its weight."""
    x = mp.mpf(start)
    for _ in range(max(3, int(np.log2(mp.mp.dps)))):
        value, slope = _legendre(count, x)
        x -= value / slope
    return (1 + x) / 2, 1 / ((1 - x * x) * _legendre(count, x)[1] ** 2)


def _legendre(count: int, x: mp.mpf) -> tuple[mp.mpf, mp.mpf]:
    before, value = mp.mpf(1), x
    for k in range(2, count + 1):
        before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
    return value, count * (x * value - before) / (x * x - 1)
