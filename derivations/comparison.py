"""What the derivation scripts share: compare, print, write the document, set the exit status."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sympy as sp

from cooperon import Correction, Derivation, document, latex


@dataclass(frozen=True)
class Comparison:
    """A derived expression beside the printed one, and where it is printed."""

    source: str
    derived: sp.Expr
    printed: sp.Expr

    @cached_property
    def difference(self) -> sp.Expr:
        """Return derived - printed, simplified; zero if and only if SymPy proves them equal.

        Logarithms are split as if their arguments were positive: here they are, or at finite
        frequency have a positive real part, for which ln(a/b) = ln a - ln b holds as well.
        """
        return sp.simplify(sp.expand_log(sp.expand(self.derived - self.printed), force=True))

    def __str__(self) -> str:
        verdict = "agrees with" if self.difference == 0 else "DISAGREES with"
        return f"{verdict} {self.source}"


@dataclass(frozen=True)
class NumericalComparison(Comparison):
    """Two numbers that agree to `digits` decimals, where no closed form of both is known."""

    digits: int = 20

    @cached_property
    def difference(self) -> sp.Expr:
        """Return derived - printed; zero if it is below half a unit of the last decimal."""
        error = sp.re(sp.N(self.derived - self.printed, self.digits + 5))
        return sp.S.Zero if abs(error) < sp.Rational(1, 2 * 10**self.digits) else error

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.digits} decimals)"


def tex_path(description: str, arguments: Sequence[str] | None) -> Path | None:
    """Return the file named by `--tex`; exit with a sentence if it exists already."""
    return output_paths(description, arguments, tex="write the derivation here")[0]


def output_paths(
    description: str, arguments: Sequence[str] | None, **options: str
) -> tuple[Path | None, ...]:
    """Return the files named by options {name: help}; exit with a sentence if one exists."""
    parser = argparse.ArgumentParser(description=description)
    for name, words in options.items():
        parser.add_argument(f"--{name}", type=Path, metavar="FILE", help=words)
    paths = tuple(vars(parser.parse_args(arguments))[name] for name in options)
    for path in paths:
        if path is not None and path.exists():
            parser.error(f"{path} exists and is left as it is; name another file or remove it.")
    return paths


def conclude(
    results: Iterable[Correction | sp.Eq],
    comparisons: Sequence[Comparison],
    derivation: Derivation,
    tex: Path | None,
    before: str = "",
) -> int:
    """Print equations and verdicts, write the document, return 1 on any mismatch, else 0.

    LaTeX in `before` comes before the derivation.
    """
    for result in results:
        print(latex(result), end="\n\n")
    for comparison in comparisons:
        print(comparison)
    failures = [c for c in comparisons if c.difference != 0]
    for failure in failures:
        print(f"derived - printed = {failure.difference}")
    if tex is not None and not failures:
        tex.write_text(document(derivation, before=before), encoding="utf-8")
        print(f"wrote {tex}")
    return 1 if failures else 0
