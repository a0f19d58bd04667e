"""What a rewriting rule returns beside the new expression."""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp


class Folded(NamedTuple):
    """One replacement: an expression as found (up to order), and the function it equals."""

    before: sp.Expr
    after: sp.Expr
