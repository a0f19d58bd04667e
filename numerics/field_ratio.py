"""x = B_phi/B of a formula as the two fields, and out of the argument 1/2 + x."""

from __future__ import annotations

import sympy as sp


def shift(argument: sp.Expr) -> sp.Expr | None:
    """Return x of the argument 1/2 + x, or None if it cannot be a ratio of fields."""
    x = sp.together(sp.expand(argument) - sp.Rational(1, 2))
    x = sp.cancel(x) if x.is_rational_function() else x
    impossible = x.is_zero or x.is_extended_negative or x.could_extract_minus_sign()
    return None if impossible or x.is_number else x


def field_ratio(x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return (B, B_phi) with x = B_phi/B; B is what may vanish, the field in the denominator.

    B is the factor of the denominator that is not known to be positive, or else the symbol B,
    or else its only real factor; 1 if there is none.
    """
    numerator, denominator = sp.fraction(sp.together(x))
    factors = sp.Mul.make_args(denominator)
    fields = [f for f in factors if f.is_extended_real and not f.is_number]
    chosen = next((f for f in fields if not f.is_positive), None)
    chosen = chosen or next((f for f in fields if f.is_Symbol and f.name == "B"), None)
    chosen = chosen or (fields[0] if len(fields) == 1 else sp.S.One)
    return chosen, numerator / (denominator / chosen)
