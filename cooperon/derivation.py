"""The derivation record: what was done, under which assumption, after whom.

Results carry a `Derivation`; `latex(derivation)` prints it as a paper's appendix and
`str(derivation)` as plain text, so that a reader sees where each approximation entered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import sympy as sp
from sympy.printing.str import StrPrinter

from diagrams.diagram import Diagram
from diagrams.skeletons import Skeleton


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes
    ----------
    title : str
        What was done, as a short phrase.
    equations : tuple of Eq
        What came out.
    assumption : str
        The approximation or definition used, one sentence.
    reference : str
        Where the field reads about it ("" if it is elementary).
    diagrams : tuple of Diagram or Skeleton
        The diagrams that were evaluated, drawn in the LaTeX document.
    """

    title: str
    equations: tuple[sp.Eq, ...]
    assumption: str
    reference: str = ""
    diagrams: tuple[Diagram | Skeleton, ...] = ()


@dataclass(frozen=True)
class Derivation:
    """A titled sequence of steps."""

    title: str
    steps: tuple[Step, ...]

    def __add__(self, other: Derivation) -> Derivation:
        """Return the steps of both, under the title of the first."""
        return Derivation(self.title, self.steps + other.steps)

    def __str__(self) -> str:
        lines = [self.title]
        for number, step in enumerate(self.steps, 1):
            lines.append(f"{number}. {step.title}: {_plain(step.assumption)}")
            lines += [
                f"     {diagram}" for diagram in step.diagrams if isinstance(diagram, Diagram)
            ]
            lines += [
                f"     {_TEXT.doprint(e.lhs)} = {_TEXT.doprint(e.rhs)}" for e in step.equations
            ]
        return "\n".join(lines)

    def latex(self) -> str:
        """Return a complete LaTeX document; see `cooperon.latex.latex`."""
        from cooperon.latex import document

        return document(self)


class _TextPrinter(StrPrinter):
    """SymPy's text with the letters of the field: psi for digamma, Psi for its 2D kernel."""

    def _print_polygamma(self, expr: sp.Expr) -> str:
        order, argument = expr.args
        name = "psi" if order == 0 else f"psi_{order}"
        return f"{name}({self._print(argument)})"

    def _print_MatrixBase(self, expr: sp.MatrixBase) -> str:
        rows = (", ".join(map(self._print, row)) for row in expr.tolist())
        return f"[{'; '.join(rows)}]"

    _print_ImmutableDenseMatrix = _print_MatrixBase

    def _print_HikamiFunction(self, expr: sp.Expr) -> str:
        B, B_phi = expr.args
        return f"Psi({self._print(B_phi / B)})"


_TEXT = _TextPrinter()


_SIGNS = {r"\langle": "<", r"\rangle": ">", r"\ll": "<<", r"\gg": ">>", r"\,": " "}


def _plain(words: str) -> str:
    """Return text without the LaTeX of its $...$ parts; commands keep their names."""
    parts = words.split("$")
    parts[1::2] = [_plain_formula(part) for part in parts[1::2]]
    return "".join(parts)


def _plain_formula(formula: str) -> str:
    named = re.sub(r"\\(?:[A-Za-z]+|,)", lambda m: f" {_SIGNS.get(m[0], m[0][1:])} ", formula)
    words = named.replace("{", "").replace("}", "").split()
    return re.sub(r" ?([_^/]) ?|(?<=[(\[]) | (?=[)\]])", r"\1", " ".join(words))


def equation(lhs: sp.Expr, rhs: sp.Expr) -> sp.Eq:
    """Return lhs = rhs as it stands, even if SymPy could tell that it holds."""
    return sp.Eq(lhs, rhs, evaluate=False)
