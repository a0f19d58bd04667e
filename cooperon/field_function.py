r"""Functions of a magnetic field B and a dephasing field B_phi, and their partial derivatives.

The kernels of weak localization are functions B^a f(B_phi/\|B\|), even in B.  In terms of the two
fields, not of their ratio, they are smooth at B = 0.  A formula in B_phi/\|B\| says nothing there:
values, series and limits come from the weak-field expansion

.. math:: \sum_{k\ge1} c_k\, B^{2k} B_\phi^{a-2k}.

Formula, c_k and a are a `cooperon.field_law.FieldLaw`.  `FieldFamily` is what SymPy asks of a
function, in terms of the law and of the orders (m, n) of differentiation in B and B_phi; (0, 0)
is the function.
`FieldFunction` and `FieldFunctionDerivative` add the two constructors.  Two classes of one law,
closed under differentiation, are a family: see `cooperon.kernels`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.field_law import FieldLaw, numeric

_x = sp.Symbol("x", positive=True)


class _JaxKernel:
    """Name of the JAX kernel: one for the class, another one for a node with a complex B_phi.

    The derivatives have a property instead: on their class a name would say that the orders are
    arguments like the fields, which may be arrays.
    """

    def __get__(self, node: FieldFamily | None, owner: type[FieldFamily]) -> str | None:
        return owner._law.kernel if node is None else node._kernel_name()


def _is_complex(B_phi: sp.Expr) -> bool:
    return B_phi.is_extended_real is False or B_phi.has(sp.I)


def _check_fields(B: sp.Expr, B_phi: sp.Expr) -> None:
    if B.is_extended_real is False:
        raise ValueError(f"The magnetic field B must be real, but got {B}; pass a real field.")
    decay = sp.re(B_phi) if B_phi.is_number and B_phi.has(sp.I) else B_phi
    if decay.is_extended_negative:
        raise ValueError(
            f"The dephasing field B_phi must not be negative, but got {B_phi}; "
            "pass hbar/(4 e D tau_phi) with a positive tau_phi."
        )


class FieldFamily(sp.Function):
    """What a function of (B, B_phi) and its derivatives share.

    Subclasses set `_law`, and `_classes`: the class of the function and that of its derivatives.
    """

    _law: ClassVar[FieldLaw]

    @staticmethod
    def _classes() -> tuple[type[FieldFunction], type[FieldFunctionDerivative]]:
        raise NotImplementedError

    @property
    def orders(self) -> tuple[int, int]:
        """Number of derivatives in B and in B_phi."""
        m, n = self.args[2:] or (0, 0)
        return int(m), int(n)

    def _kernel_name(self) -> str | None:
        """None above the second order, where there is no kernel."""
        if sum(self.orders) > 2:
            return None
        in_complex = "_complex" if _is_complex(self.args[1]) else ""
        return f"{self._law.kernel}{in_complex}{'_derivative' if any(self.orders) else ''}"

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Right-hand side of the definition, in special functions and |B|."""
        B, B_phi = (a.doit(**hints) if deep else a for a in self.args[:2])
        m, _ = self.orders
        return sp.sign(B) ** (m % 2) * self._law.at(sp.Abs(B), B_phi, *self.orders)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        if argindex not in (1, 2):
            raise ArgumentIndexError(self, argindex)
        m, n = self.orders
        _, derivative = self._classes()
        return derivative(*self.args[:2], m + (argindex == 1), n + (argindex == 2))

    def _eval_is_extended_real(self) -> bool | None:
        B, B_phi = self.args[:2]
        return True if B.is_extended_real and B_phi.is_extended_nonnegative else None

    def _eval_is_finite(self) -> bool | None:
        B, B_phi = self.args[:2]
        return True if B.is_finite and B_phi.is_finite and B_phi.is_nonzero else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        m, n = self.orders
        # the terms cancel to the power 2k >= m of B/B_phi, so as many more bits are needed, and
        # mpmath's zeta functions are accurate relative to 1, not to their power n of B/B_phi
        x = abs(self.args[1] / self.args[0])
        lost = max(0, int(mp.log(x._to_mpmath(53), 2))) * (m + n + 2)
        with mp.workprec(prec + lost + 30):
            # _to_mpmath gives an int for an Integer, and int/int would be a Python float
            B, B_phi = (mp.mpmathify(a._to_mpmath(mp.mp.prec)) for a in self.args[:2])
            value = numeric(self._law, m, n)(abs(B), B_phi)
            value *= mp.sign(B) ** m
        return sp.Expr._from_mpmath(value, prec)

    def _eval_nseries(self, x: sp.Symbol, n: int, logx: Any, cdir: Any = 0) -> sp.Expr:
        b, B_phi, exponent = self._approach(x)
        if not exponent.is_positive:
            return self._signed(x, self._strong(b, B_phi))._eval_nseries(x, n, logx, cdir)
        last = int(sp.ceiling((n + sum(self.orders)) / (2 * exponent))) + max(self.orders)
        series = sp.Add(*(self._weak_field_term(k, b, B_phi) for k in range(1, last + 1)))
        return self._signed(x, series)._eval_nseries(x, n, logx, cdir) + sp.Order(x**n, x)

    def _eval_as_leading_term(self, x: sp.Symbol, logx: Any = None, cdir: Any = 0) -> sp.Expr:
        b, B_phi, exponent = self._approach(x)
        first = max(1, (self.orders[0] + 1) // 2)
        weak = exponent.is_positive
        near = self._weak_field_term(first, b, B_phi) if weak else self._strong(b, B_phi)
        return self._signed(x, near).as_leading_term(x, logx=logx, cdir=cdir)

    def _weak_field_term(self, k: int, b: sp.Expr, B_phi: sp.Expr) -> sp.Expr:
        return self._law.weak_field_term(k, b, B_phi, *self.orders)

    def _strong(self, b: sp.Expr, B_phi: sp.Expr) -> sp.Expr:
        return self._law.expand(self._law.at(b, B_phi, *self.orders))

    def _approach(self, x: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
        """|B| and B_phi near x = 0+, and the leading exponent of x in |B|/B_phi."""
        B, B_phi = self.args[:2]
        b = -B if self._is_negative_near(x) else B
        return b, B_phi, (b / B_phi).as_leading_term(x).as_coeff_exponent(x)[1]

    def _is_negative_near(self, x: sp.Symbol) -> bool:
        leading = self.args[0].as_leading_term(x).subs(x, _x)
        return bool(leading.is_negative)

    def _signed(self, x: sp.Symbol, expression: sp.Expr) -> sp.Expr:
        odd = self.orders[0] % 2 == 1 and self._is_negative_near(x)
        return -expression if odd else expression


class FieldFunction(FieldFamily):
    """The function itself, of (B, B_phi): even in B, 0 at B = 0 and at B_phi = oo."""

    _jaxcode = _JaxKernel()

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr) -> sp.Expr | None:
        _check_fields(B, B_phi)
        if sp.nan in (B, B_phi):
            return sp.nan
        if B.is_zero or B_phi is sp.oo:
            return sp.S.Zero
        if (end := cls._law.at_ends(B, B_phi)) is not None:
            return end
        if B.could_extract_minus_sign():
            return cls(-B, B_phi)
        if isinstance(B, sp.Abs) and B.args[0].is_extended_real:
            return cls(B.args[0], B_phi)
        return None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()


class FieldFunctionDerivative(FieldFamily):
    """Its partial derivative, of (B, B_phi, m, n): odd in B for odd m, exact at B = 0."""

    @property
    def _jaxcode(self) -> str | None:
        return self._kernel_name()

    @classmethod
    def eval(cls, B: sp.Expr, B_phi: sp.Expr, m: sp.Expr, n: sp.Expr) -> sp.Expr | None:
        if not all(order.is_Integer and order >= 0 for order in (m, n)):
            raise ValueError(f"The orders must be integers >= 0, but got ({m}, {n}); pass numbers.")
        if m == n == 0:
            return cls._classes()[0](B, B_phi)
        _check_fields(B, B_phi)
        if sp.nan in (B, B_phi):
            return sp.nan
        if B.is_zero:
            return cls._at_zero_field(B_phi, int(m), int(n))
        if B_phi is sp.oo:
            return sp.S.Zero
        if B.could_extract_minus_sign():
            return (-1) ** m * cls(-B, B_phi, m, n)
        return None

    @classmethod
    def _at_zero_field(cls, B_phi: sp.Expr, m: int, n: int) -> sp.Expr:
        if m == 0 or m % 2:
            return sp.S.Zero
        return cls._law.weak_field_term(m // 2, sp.S.One, B_phi, m, n)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B, B_phi, m, n = self.args
        partials = [
            rf"\partial_{{{printer._print(a) if a.is_Symbol else i}}}"
            + (f"^{{{order}}}" if order > 1 else "")
            for i, a, order in ((1, B, m), (2, B_phi, n))
            if order
        ]
        function = self._classes()[0](B, B_phi, evaluate=False)
        text = rf"{''.join(partials)} {printer._print(function)}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"
