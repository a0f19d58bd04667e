r"""Coefficient tables of the kernels, computed from mpmath.

A kernel of `numerics.kernels` evaluates a few rational functions N(t)/D(t).  Each of them is
described here by a `Branch`: the function to approximate (known to mpmath), the interval of
its variable, its exact limit at t = 0 and its degrees for each floating-point type.  `emit`
turns the branches of a `Kernel` into Python source; running the module rewrites the tables
in place, and a test compares the committed tables with fresh ones.

What is hard is to lose no digit in the evaluation of a good approximant.  The remedy is in
the descriptions, in three rules:

1. Divide out everything the function does at the ends of the interval (a power of t, a
   zero), so that the rest is smooth and of one sign.
2. Choose deg D - deg N to be the decay of the function for t -> oo.  The functions of weak
   localization are Stieltjes-like, and such approximants have positive coefficients: then no
   term of Horner's scheme cancels another.  `Accuracy.condition` measures it; 2 is perfect.
3. Interpolate at Chebyshev nodes, with t = 0 as one more node where the limit is known.  The
   error then is within a small factor of the best possible one, and the limit is exact.

Usage::

    python -m numerics.approximants           print the accuracy report
    python -m numerics.approximants --write   rewrite the tables of every kernel
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import mpmath as mp
import numpy as np

from numerics.table_file import END, committed_tables, replace_tables

DTYPES = ("float64", "float32")

DIGITS = 80
"""Working precision.  The linear systems lose up to 25 digits and 1/x^2 another 4."""

_BEGIN = "# begin tables: written by `python -m numerics.approximants --write`"


@dataclass(frozen=True)
class Branch:
    """One function on one interval, as the kernel evaluates it.

    Attributes
    ----------
    name : key of the table in the kernel's source.
    formula : what is approximated, printed above the table.
    function : t -> value, for 0 < t < `end`, by mpmath at the working precision.
    degrees : (degree of N, degree of D) for each of `DTYPES`.
    limit : exact value at t = 0; N(0) and D(0) are then its integers.  None: D(0) = 1.
    end : right end of the interval [0, end].
    """

    name: str
    formula: str
    function: Callable[[mp.mpf], mp.mpf]
    degrees: tuple[tuple[int, int], ...]
    limit: Fraction | None = None
    end: Callable[[], mp.mpf] = lambda: mp.mpf(1)


@dataclass(frozen=True)
class Kernel:
    """The tables and constants of the module `numerics/kernels/<module>.py`.

    `constants` maps a name to its origin and a function that computes it.
    """

    module: str
    branches: Sequence[Branch]
    constants: Mapping[str, tuple[str, Callable[[], mp.mpf]]] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return Path(__file__).parent / "kernels" / f"{self.module}.py"


@dataclass(frozen=True)
class Table:
    """Coefficients of N and D in ascending powers, rounded to the floating-point type."""

    numerator: tuple[float, ...]
    denominator: tuple[float, ...]

    def __call__(self, t: mp.mpf) -> mp.mpf:
        return _polynomial(self.numerator, t) / _polynomial(self.denominator, t)

    def condition(self, t: mp.mpf) -> mp.mpf:
        """Sum of |terms| over |sum of terms|, of N plus of D: 2 if nothing cancels."""
        polynomials = (self.numerator, self.denominator)
        return sum(_polynomial(map(abs, c), abs(t)) / abs(_polynomial(c, t)) for c in polynomials)


@dataclass(frozen=True)
class Accuracy:
    """Largest relative error and largest condition of a table on its interval."""

    error: float
    condition: float


@cache
def approximate(branch: Branch, dtype: str) -> Table:
    """Rational interpolant of a branch at Chebyshev nodes, rounded to `dtype`.

    Solves N(t_i) - f(t_i) D(t_i) = 0 with D(0) = 1 at deg N + deg D + 1 nodes t_i.
    """
    n, d = branch.degrees[DTYPES.index(dtype)]
    with mp.workdps(DIGITS):
        samples = list(_samples(branch, n + d + 1))
        rows = [[*_powers(t, n), *(-f * power for power in _powers(t, d)[1:])] for t, f in samples]
        solution = mp.lu_solve(mp.matrix(rows), mp.matrix([f for _, f in samples]))
        scale = 1 if branch.limit is None else branch.limit.denominator
        numerator, denominator = solution[: n + 1], [1, *solution[n + 1 :]]
        return Table(_rounded(numerator, scale, dtype), _rounded(denominator, scale, dtype))


def accuracy(branch: Branch, table: Table, points: int = 101) -> Accuracy:
    """Compare a table with its function at Chebyshev points of the interval.

    The evaluation is exact: what is measured is the approximation and the rounding of the
    coefficients, not the arithmetic of the kernel, which adds about `condition` roundings.
    """
    with mp.workdps(DIGITS):
        nodes = _chebyshev(branch.end(), points)
        error = max(abs(table(t) / branch.function(t) - 1) for t in nodes)
        return Accuracy(float(error), float(max(map(table.condition, nodes))))


def emit(kernel: Kernel) -> str:
    """Python source of all tables of a kernel, between the two marker lines."""
    lines = [_BEGIN, "# fmt: off"]
    for name, (origin, compute) in kernel.constants.items():
        with mp.workdps(DIGITS):
            lines += [f"{name} = {float(compute())!r}  # {origin}"]
    lines += [f"_{kernel.module.upper()}_TABLES = {{"]
    for dtype in DTYPES:
        lines += [f'    "{dtype}": {{']
        for branch in kernel.branches:
            lines += _entry(branch, dtype)
        lines += ["    },"]
    return "\n".join([*lines, "}", "# fmt: on", END])


def committed(kernel: Kernel) -> str:
    """The tables that the kernel's module holds now, markers included."""
    return committed_tables(kernel.path, _BEGIN)


def write(kernel: Kernel) -> None:
    """Replace the tables in the kernel's module by fresh ones."""
    replace_tables(kernel.path, _BEGIN, emit(kernel))


def report(kernel: Kernel) -> Iterator[str]:
    """One line per table: type, name, degrees, largest relative error, condition."""
    for dtype in DTYPES:
        for branch in kernel.branches:
            a = accuracy(branch, approximate(branch, dtype))
            degrees = str(branch.degrees[DTYPES.index(dtype)])
            yield f"{dtype} {branch.name:18} {degrees:9} {a.error:8.1e} {a.condition:6.2f}"


def _polynomial(coefficients: Iterable[float], t: mp.mpf) -> mp.mpf:
    return mp.polyval([mp.mpf(c) for c in coefficients][::-1], t)


def _chebyshev(end: mp.mpf, count: int) -> list[mp.mpf]:
    return [end * mp.sin((2 * k + 1) * mp.pi / (4 * count)) ** 2 for k in range(count)]


def _samples(branch: Branch, count: int) -> Iterator[tuple[mp.mpf, mp.mpf]]:
    if branch.limit is not None:
        count -= 1
        yield mp.mpf(0), mp.mpf(branch.limit.numerator) / branch.limit.denominator
    for t in _chebyshev(branch.end(), count):
        yield t, branch.function(t)


def _powers(t: mp.mpf, degree: int) -> list[mp.mpf]:
    return [t**j for j in range(degree + 1)]


def _rounded(values: Iterable[mp.mpf], scale: int, dtype: str) -> tuple[float, ...]:
    # by way of a decimal string: rounding to double first could round twice
    return tuple(float(np.dtype(dtype).type(mp.nstr(scale * v, 40))) for v in values)


def _entry(branch: Branch, dtype: str) -> list[str]:
    table = approximate(branch, dtype)
    lines = [f"        # {branch.formula}", f'        "{branch.name}": (']
    for coefficients in (table.numerator, table.denominator):
        literals = [str(np.dtype(dtype).type(c)) + "," for c in coefficients]
        rows = [" ".join(literals[i : i + 3]) for i in range(0, len(literals), 3)]
        lines += ["            (", *(f"                {row}" for row in rows), "            ),"]
    return [*lines, "        ),"]


def main(arguments: Sequence[str]) -> None:
    """Print the accuracy report; with `--write`, rewrite the tables first."""
    # the descriptions are made of the classes of this module
    from numerics.descriptions import KERNELS

    for kernel in KERNELS:
        if "--write" in arguments:
            write(kernel)
        print(*report(kernel), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
