r"""Coefficient tables of the complex kernels: rational functions in factors, from mpmath.

The functions of weak localization at a finite frequency are needed where a Cooperon decays or
oscillates but does not grow: in the half-plane Re z >= 0, imaginary axis included.  A `Branch`
is a function on a sector |t| <= 1, \|arg t\| <= angle, real on the real axis; its table is

    f(t) = limit * prod_k (1 + b_k t + c_k t^2) / prod_k (1 + b'_k t + c'_k t^2)

with real coefficients.  Two things are hard, and this is how they are met:

1. To find the approximant.  The quotient f/R is analytic in the sector, so that its error is
   largest on the boundary; N - f D is minimised there by least squares, weighted with the
   1/|f D| of the solution before (Sanathanan and Koerner, IEEE Trans. Autom. Control 8, 56
   (1963)).  Three passes suffice.  The normal equations square the condition of the powers of
   t: `DIGITS` decimal digits leave room for it.
2. To lose no digit in the evaluation.  On the imaginary axis the terms of a polynomial cancel
   whatever their signs, by a factor of 100 at degree 16.  The zeros and poles lie near the
   negative axis, where the function has its poles, far from the sector: a factor by itself
   hardly cancels, and the relative errors of factors add up instead of being multiplied.
   `Accuracy.condition` is this sum.

Real coefficients keep f(t*) = f(t)*, a real value on the real axis and, next to it, an
imaginary part that is correct to all its digits.

Usage::

    python -m numerics.complex_approximants           print the accuracy report
    python -m numerics.complex_approximants --write   rewrite the tables of every kernel
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import mpmath as mp

from numerics.table_file import END, committed_tables, replace_tables

DIGITS = 100
"""Working precision: 50 digits for the normal equations, and 50 that remain."""

POINTS = 80
"""Points on the boundary of a sector, twice as many equations as there are coefficients."""

PASSES = 3
"""Least-squares solutions per table; the largest error then no longer changes."""

_BEGIN = "# begin tables: written by `python -m numerics.complex_approximants --write`"

Factor = tuple[float, float]


@dataclass(frozen=True)
class Branch:
    """One function on the sector \\|t\\| <= 1, \\|arg t\\| <= `angle`, as the kernel evaluates it.

    Attributes
    ----------
    name : key of the table in the kernel's source.
    formula : what is approximated, printed above the table.
    function : t -> value for t != 0 in the sector, by mpmath at the working precision.
    degrees : of the numerator and of the denominator.
    limit : value at t = 0, exact in the approximant.
    angle : half opening of the sector in units of pi.
    """

    name: str
    formula: str
    function: Callable[[mp.mpc], mp.mpc]
    degrees: tuple[int, int]
    limit: Callable[[], mp.mpf]
    angle: Fraction = Fraction(1, 2)


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
        """Source file of the kernel."""
        return Path(__file__).parent / "kernels" / f"{self.module}.py"


@dataclass(frozen=True)
class Table:
    """Limit at t = 0, and factors (b, c) of the numerator and of the denominator."""

    limit: float
    numerator: tuple[Factor, ...]
    denominator: tuple[Factor, ...]

    def __call__(self, t: mp.mpc) -> mp.mpc:
        """Return the value at t without rounding errors."""
        return self.limit * _product(self.numerator, t) / _product(self.denominator, t)

    def condition(self, t: mp.mpc) -> mp.mpf:
        """Sum over factors of the sum of |terms| over |sum of terms|."""
        return mp.fsum(
            (1 + abs(b * t) + abs(c * t * t)) / abs(1 + b * t + c * t * t)
            for b, c in (*self.numerator, *self.denominator)
        )


@dataclass(frozen=True)
class Accuracy:
    """Largest relative error and largest condition of a table on its sector."""

    error: float
    condition: float


@cache
def approximate(branch: Branch) -> Table:
    """Return the rational approximant of a branch, with coefficients rounded to double.

    Raises
    ------
    ArithmeticError
        If the approximant has a pole in the sector: other degrees are needed.
    """
    with mp.workdps(DIGITS):
        limit = branch.limit()
        samples = [(t, branch.function(t)) for t in boundary(branch.angle, POINTS)]
        numerator, denominator = _fit(samples, *branch.degrees, limit)
        poles = _roots(denominator)
        if any(abs(p) <= 1 and abs(mp.arg(p)) <= mp.pi * branch.angle for p in poles):
            raise ArithmeticError(
                f"the approximant of {branch.name} has a pole in its sector; change its degrees."
            )
        return Table(float(limit), _factors(_roots(numerator)), _factors(poles))


def accuracy(branch: Branch, table: Table, points: int = 40) -> Accuracy:
    """Compare a table with its function on the boundary of the sector.

    The evaluation is exact: what is measured is the approximation and the rounding of the
    coefficients, not the arithmetic of the kernel, which adds about `condition` roundings.
    """
    with mp.workdps(DIGITS):
        nodes = boundary(branch.angle, points)
        error = max(abs(table(t) / branch.function(t) - 1) for t in nodes)
        return Accuracy(float(error), float(max(map(table.condition, nodes))))


def boundary(angle: Fraction, points: int) -> list[mp.mpc]:
    """Points on the upper half of a sector's boundary, as many on the arc as on the ray.

    They are denser at the ends of both, as Chebyshev nodes are.
    """
    count = points // 2
    parts = [mp.sin((2 * k + 1) * mp.pi / (4 * count)) ** 2 for k in range(count)]
    opening = mp.mpf(angle.numerator) / angle.denominator
    return [mp.expjpi(opening * p) for p in parts] + [p * mp.expjpi(opening) for p in parts]


def emit(kernel: Kernel) -> str:
    """Python source of all tables of a kernel, between the two marker lines."""
    lines = [_BEGIN, "# fmt: off"]
    for name, (origin, compute) in kernel.constants.items():
        with mp.workdps(DIGITS):
            lines += [f"{name} = {float(compute())!r}  # {origin}"]
    lines += [f"_{kernel.module.upper()}_TABLES: ComplexTables = {{"]
    for branch in kernel.branches:
        lines += _entry(branch)
    return "\n".join([*lines, "}", "# fmt: on", END])


def committed(kernel: Kernel) -> str:
    """The tables that the kernel's module holds now, markers included."""
    return committed_tables(kernel.path, _BEGIN)


def write(kernel: Kernel) -> None:
    """Replace the tables in the kernel's module by fresh ones."""
    replace_tables(kernel.path, _BEGIN, emit(kernel))


def report(kernel: Kernel) -> Iterator[str]:
    """One line per table: name, degrees, largest relative error, condition."""
    for branch in kernel.branches:
        a = accuracy(branch, approximate(branch))
        yield f"{branch.name:16} {branch.degrees!s:9} {a.error:8.1e} {a.condition:6.1f}"


def _product(factors: Sequence[Factor], t: mp.mpc) -> mp.mpc:
    return mp.fprod(1 + b * t + c * t * t for b, c in factors)


def _fit(
    samples: Sequence[tuple[mp.mpc, mp.mpc]], n: int, d: int, limit: mp.mpf
) -> tuple[list[mp.mpf], list[mp.mpf]]:
    """Coefficients of N with N(0) = limit and of D with D(0) = 1, in ascending powers."""
    weights = [1 / abs(f) for _, f in samples]
    for _ in range(PASSES):
        rows = [_row(t, f, w, n, d, limit) for (t, f), w in zip(samples, weights, strict=True)]
        solution = _least_squares(
            [[part(x) for x in row] for row in rows for part in (mp.re, mp.im)]
        )
        numerator, denominator = [limit, *solution[:n]], [mp.mpf(1), *solution[n:]]
        weights = [1 / abs(f * mp.polyval(denominator[::-1], t)) for t, f in samples]
    return numerator, denominator


def _row(t: mp.mpc, f: mp.mpc, weight: mp.mpf, n: int, d: int, limit: mp.mpf) -> list[mp.mpc]:
    """Weighted coefficients of N(t) - f D(t), and minus its constant term last."""
    powers = [weight * t**k for k in range(1, max(n, d) + 1)]
    return [*powers[:n], *(-f * p for p in powers[:d]), weight * (f - limit)]


def _least_squares(rows: list[list[mp.mpf]]) -> list[mp.mpf]:
    columns = list(zip(*rows, strict=True))
    size = len(columns) - 1
    normal, right = mp.matrix(size, size), mp.matrix(size, 1)
    for i in range(size):
        right[i] = mp.fdot(columns[i], columns[-1])
        for j in range(i + 1):
            normal[i, j] = normal[j, i] = mp.fdot(columns[i], columns[j])
    return list(mp.cholesky_solve(normal, right))


def _roots(coefficients: Sequence[mp.mpf]) -> list[mp.mpc]:
    return list(mp.polyroots(coefficients[::-1], maxsteps=500, extraprec=DIGITS))


def _factors(roots: Sequence[mp.mpc]) -> tuple[Factor, ...]:
    """Factors of prod(1 - t/root), two neighbouring real roots or a conjugate pair in each."""
    tiny = mp.mpf(10) ** (-DIGITS // 2)
    real = sorted((mp.re(r) for r in roots if abs(mp.im(r)) <= tiny * abs(r)), reverse=True)
    pairs = [(-1 / a - 1 / b, 1 / (a * b)) for a, b in zip(real[::2], real[1::2], strict=False)]
    single = [(-1 / real[-1], mp.mpf(0))] if len(real) % 2 else []
    upper = [r for r in roots if mp.im(r) > tiny * abs(r)]
    conjugate = [(-2 * mp.re(r) / abs(r) ** 2, 1 / abs(r) ** 2) for r in upper]
    return tuple(sorted((float(b), float(c)) for b, c in (*pairs, *single, *conjugate)))


def _entry(branch: Branch) -> list[str]:
    table = approximate(branch)
    lines = [f"    # {branch.formula}", f'    "{branch.name}": (', f"        {table.limit!r},"]
    for factors in (table.numerator, table.denominator):
        lines += ["        (", *(f"            ({b!r}, {c!r})," for b, c in factors), "        ),"]
    return [*lines, "    ),"]


def main(arguments: Sequence[str]) -> None:
    """Print the accuracy report; with `--write`, rewrite the tables first."""
    # the descriptions are made of the classes of this module
    from numerics.descriptions.exp1_complex import EXP1_COMPLEX
    from numerics.descriptions.hikami_complex import HIKAMI_COMPLEX
    from numerics.descriptions.kawabata_complex import KAWABATA_COMPLEX

    for kernel in (HIKAMI_COMPLEX, KAWABATA_COMPLEX, EXP1_COMPLEX):
        if "--write" in arguments:
            write(kernel)
        print(*report(kernel), sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
