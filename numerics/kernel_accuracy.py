"""The accuracy that the kernels of one argument claim, and what is measured.

A `Claim` holds a kernel, the same function in mpmath, a range and bounds.  The reference for the
derivatives is mpmath's numerical differentiation with as many digits as it needs, so that the
relations between functions which the kernels rely on are tested as well.

Usage::

    python -m numerics.kernel_accuracy    print the largest errors of every kernel
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from numerics.kernels.airy import airy_ratio, airyai, airyaiprime
from numerics.kernels.bessel import (
    bessel_i0,
    bessel_i1,
    bessel_k0,
    bessel_k0e,
    bessel_k1,
    bessel_k1e,
)
from numerics.kernels.dilogarithm import dilogarithm
from numerics.kernels.error_function import erfcx, uppergamma
from numerics.kernels.exponential_integral import exp1
from numerics.kernels.hurwitz import hurwitz_zeta
from numerics.kernels.hyperbolic import finite_wire, langevin, x_cosech, x_coth
from numerics.kernels.lambert import lambertw
from numerics.kernels.logarithm import vector_log
from numerics.precision import double_precision

_DIGITS = 85
_PADDED = 32


@dataclass(frozen=True)
class Claim:
    """Bounds on the relative error of a kernel, its first and its second derivative.

    Attributes
    ----------
    name : what the report calls it.
    kernel : the JAX function.
    exact : the same function in mpmath.
    low, high : range of the argument, positive.
    float64, float32 : bounds for (value, first, second derivative) in units of rounding,
        2.2e-16 and 1.2e-7.
    high32 : end of the range in float32, where the function would underflow or overflow.
    conditioned : the error is relative to |f| + |x f'|, what a rounding of x changes.  For
        functions with exponentials, whose error grows like x, and next to zeros.
    """

    name: str
    kernel: Callable[[Array], Array]
    exact: Callable[[mp.mpf], mp.mpf]
    low: float
    high: float
    float64: tuple[float, float, float]
    float32: tuple[float, float, float]
    high32: float | None = None
    conditioned: bool = False

    def points(self, dtype: str, count: int) -> NDArray[np.floating]:
        """Jittered points, equally dense in the logarithm of |x|, ends included.

        Those of float32 are among those of float64, so that both need mpmath once.
        """
        end = self.high32 or self.high
        inner = np.geomspace(self.low, end, count)[1:-1]
        # the jitter keeps points off round numbers, the seed makes failures reproducible
        inner = inner * np.random.default_rng(count).uniform(0.97, 1.03, inner.size)
        points = np.asarray([self.low, *inner, end], np.float32)
        if dtype == "float32":
            return points
        more = 1 + count // 4 if self.high32 else 0
        beyond = np.geomspace(end, self.high, more + 1)[1:]
        return np.asarray([*points, *beyond], dtype)

    def bounds(self, dtype: str) -> NDArray[np.float64]:
        """Bounds for value, first and second derivative."""
        roundings = self.float64 if dtype == "float64" else self.float32
        return np.array(roundings) * float(np.finfo(dtype).eps)


def errors(claim: Claim, dtype: str, count: int = 100) -> NDArray[np.float64]:
    """Largest relative errors of value, first and second derivative on the range."""
    x = claim.points(dtype, count)
    with double_precision():
        results = value_and_derivatives(claim.kernel, x)
    return np.max([_errors_at(claim, *at) for at in zip(x, *results, strict=True)], axis=0)


def value_and_derivatives(
    kernel: Callable[[Array], Array], x: NDArray[np.floating]
) -> list[NDArray[np.floating]]:
    """Value, first and second derivative at many points.

    They are padded to a multiple of `_PADDED`, for each number of points is compiled anew.
    """
    padded = np.pad(x, (0, -len(x) % _PADDED), mode="edge")
    return [np.asarray(r)[: len(x)] for r in _orders(kernel)(padded)]


@cache
def _orders(kernel: Callable[[Array], Array]) -> Callable[[Any], tuple[Array, Array, Array]]:
    slope = _forward(kernel)
    return jax.jit(lambda x: (kernel(x), slope(x), _forward(slope)(x)))


def _forward(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Derivative in forward mode, which compiles faster than the gradient of each element."""
    return lambda x: jax.jvp(function, (x,), (jnp.ones_like(x),))[1]


def _errors_at(claim: Claim, x: float, *results: float) -> list[float]:
    with mp.workdps(_DIGITS):
        at = mp.mpf(float(x))
        exact = _derivatives(claim.exact, at, len(results) + claim.conditioned)
        extra = [abs(at * f) for f in exact[1:]] if claim.conditioned else [0] * len(results)
        return [
            float(abs(mp.mpf(float(r)) - f) / (abs(f) + e))
            for r, f, e in zip(results, exact, extra, strict=False)
        ]


@cache
def _derivatives(f: Callable[[mp.mpf], mp.mpf], x: mp.mpf, count: int) -> list[mp.mpf]:
    """f and its derivatives of order below count <= 4, by central differences.

    With steps of 1e-10 x they are exact to 1e-20 and cancel 30 of the working digits at most.
    """
    h = abs(x) * mp.mpf(10) ** -10
    f_0, f_1, f_m1 = f(x), f(x + h), f(x - h)
    derivatives = [f_0, (f_1 - f_m1) / (2 * h), (f_1 - 2 * f_0 + f_m1) / h**2]
    if count > 3:
        derivatives.append((f(x + 2 * h) - 2 * (f_1 - f_m1) - f(x - 2 * h)) / (2 * h**3))
    return derivatives[:count]


def report(count: int = 100) -> Iterator[str]:
    """One line per claim and type: the largest errors and their bounds."""
    for claim in CLAIMS:
        for dtype in ("float64", "float32"):
            found = " ".join(f"{e:8.1e}" for e in errors(claim, dtype, count))
            bound = " ".join(f"{b:8.1e}" for b in claim.bounds(dtype))
            yield f"{claim.name:22} {dtype}  {found}  <= {bound}"


def _gamma(a: float) -> Callable[[mp.mpf], mp.mpf]:
    return lambda x: mp.gammainc(a, x)


def _zeta(s: float) -> Callable[[mp.mpf], mp.mpf]:
    return lambda q: mp.zeta(s, q)


def _lambert(x: mp.mpf) -> mp.mpf:
    return mp.lambertw(x).real


_TIGHT = (6.0, 6.0, 8.0)

CLAIMS = (
    Claim("log", vector_log, mp.log, 1e-18, 1e100, _TIGHT, _TIGHT, 1e18),
    Claim("x coth x", x_coth, lambda x: x * mp.coth(x), 1e-8, 30, _TIGHT, _TIGHT),
    Claim("x/sinh x", x_cosech, lambda x: x / mp.sinh(x), 1e-8, 600, _TIGHT, _TIGHT, 60, True),
    Claim("coth x - 1/x", langevin, lambda x: mp.coth(x) - 1 / x, 1e-8, 1e8, _TIGHT, _TIGHT),
    Claim(
        "coth(x)/x - 1/x^2", finite_wire, lambda x: mp.coth(x) / x - 1 / x**2, 1e-8, 1e8,
        _TIGHT, _TIGHT, None, True,
    ),
    Claim(
        "Ai/Ai'", airy_ratio, lambda x: mp.airyai(x) / mp.airyai(x, 1), 1e-8, 1e6, _TIGHT, _TIGHT
    ),
    Claim("Ai", airyai, mp.airyai, 1e-8, 85, _TIGHT, _TIGHT, 20, True),
    Claim("Ai'", airyaiprime, lambda x: mp.airyai(x, 1), 1e-8, 85, _TIGHT, _TIGHT, 20, True),
    Claim("K_0", bessel_k0, lambda x: mp.besselk(0, x), 1e-8, 600, _TIGHT, _TIGHT, 60),
    Claim("K_1", bessel_k1, lambda x: mp.besselk(1, x), 1e-8, 600, _TIGHT, _TIGHT, 60),
    Claim(
        "exp(x) K_0", bessel_k0e, lambda x: mp.exp(x) * mp.besselk(0, x), 1e-8, 1e4, _TIGHT, _TIGHT
    ),
    Claim(
        "exp(x) K_1", bessel_k1e, lambda x: mp.exp(x) * mp.besselk(1, x), 1e-8, 1e4, _TIGHT, _TIGHT
    ),
    Claim("I_0", bessel_i0, lambda x: mp.besseli(0, x), 1e-8, 600, _TIGHT, _TIGHT, 60),
    Claim("I_1", bessel_i1, lambda x: mp.besseli(1, x), 1e-8, 600, _TIGHT, _TIGHT, 60),
    Claim("E_1", exp1, mp.e1, 1e-8, 600, _TIGHT, _TIGHT, 60),
    Claim("exp(x^2) erfc x", erfcx, lambda x: mp.exp(x**2) * mp.erfc(x), 1e-8, 1e6, _TIGHT, _TIGHT),
    *(
        Claim(f"Gamma({a}, x)", partial(uppergamma, a), _gamma(a), 1e-8, 600,
              _TIGHT, _TIGHT, 60, True)
        for a in (-1.5, -0.5, 0.5, 2.5)
    ),
    Claim(
        "Li_2(-x)", lambda x: dilogarithm(-x), lambda x: mp.polylog(2, -x), 1e-8, 1e8,
        _TIGHT, _TIGHT,
    ),
    Claim("Li_2(x)", dilogarithm, lambda x: mp.polylog(2, x), 1e-8, 0.99, _TIGHT, _TIGHT),
    Claim("W(x)", lambertw, _lambert, 1e-8, 1e100, _TIGHT, _TIGHT, 1e12),
    Claim(
        "W(-x)", lambda x: lambertw(-x), lambda x: _lambert(-x), 1e-8, 0.3678, _TIGHT, _TIGHT,
        None, True,
    ),
    *(
        Claim(f"zeta({s}, x)", partial(hurwitz_zeta, s), _zeta(s), 1e-6, 1e6,
              _TIGHT, _TIGHT, None, True)
        for s in (0.5, 1.5, 2.5, 3.0)
    ),
)  # fmt: skip


if __name__ == "__main__":
    for line in report():
        print(line)
