r"""tr Psi(M/B): the kernel of soft modes that disorder mixes, as a SymPy function.

The gaps of mixed modes are eigenvalues of a matrix, with square roots or worse; their sum of
Psi is smooth, also where two of them meet.  Kept folded, it needs no roots at all.
"""

from __future__ import annotations

from typing import Any

import mpmath as mp
import sympy as sp

from cooperon.eigen import eigenvalues
from cooperon.internal import Matrix
from cooperon.kernels import HikamiFunction


class HikamiTrace(sp.Function):
    r"""Sum of HikamiFunction(B, b) over the eigenvalues b of a Hermitian matrix.

    HikamiTrace(B, m_11, m_12, ..., m_nn) with the upper triangle of the matrix row by row, in
    the unit of B; printed as tr Psi(M/B).  Even in B, 0 at B = 0; a diagonal matrix gives the
    sum of HikamiFunctions at once, any other with `doit()` if its eigenvalues have a closed
    form.  `evalf` diagonalises numerically at the digits asked for.

    Raises
    ------
    ValueError : if the number of entries is not that of a triangle, n (n + 1)/2.

    Examples
    --------
    >>> B, b, c = sp.symbols("B b c", positive=True)
    >>> HikamiTrace(B, 2 * b, 0, b)
    HikamiFunction(B, b) + HikamiFunction(B, 2*b)
    >>> HikamiTrace(B, b, c, b).unfold()
    HikamiFunction(B, b - c) + HikamiFunction(B, b + c)
    """

    _jaxcode = "hikami_trace"

    @classmethod
    def eval(cls, B: sp.Expr, *entries: sp.Expr) -> sp.Expr | None:
        """Return a simpler form for B = 0, B -> -B and diagonal matrices."""
        matrix = _hermitian(entries)
        if B.is_zero:
            return sp.S.Zero
        if B.could_extract_minus_sign():
            return cls(-B, *entries)
        if matrix.is_diagonal():
            return sp.Add(*(HikamiFunction(B, field) for field in matrix.diagonal()))
        return None

    @classmethod
    def of(cls, B: sp.Expr, matrix: sp.MatrixBase) -> sp.Expr:
        """Return the function of the Hermitian `matrix`."""
        size = matrix.rows
        return cls(B, *(matrix[i, j] for i in range(size) for j in range(i, size)))

    @property
    def matrix(self) -> sp.ImmutableDenseMatrix:
        """The Hermitian matrix of fields."""
        return _hermitian(self.args[1:])

    def unfold(self) -> sp.Expr:
        """Return the sum over eigenvalues in closed form."""
        fields = eigenvalues(self.matrix)
        return sp.Add(*(HikamiFunction(self.args[0], field) for field in fields))

    def doit(self, **hints: Any) -> sp.Expr:
        """Return the sum over eigenvalues in digamma functions."""
        return self.unfold().doit(**hints)

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        return self.unfold().diff(s)

    def _eval_is_extended_real(self) -> bool | None:
        return self.args[0].is_extended_real

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        with mp.workprec(prec + 20):
            entries = [[mp.mpmathify(sp.N(e, mp.mp.dps)) for e in row] for row in self._rows()]
            fields = [sp.Float(b, mp.mp.dps) for b in mp.eighe(mp.matrix(entries), True)]
            total = sp.Add(*(HikamiFunction(self.args[0], b).evalf(mp.mp.dps) for b in fields))
        return total._eval_evalf(prec)

    def _rows(self) -> list[list[sp.Expr]]:
        rows: list[list[sp.Expr]] = self.matrix.tolist()
        return rows

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        text = rf"\operatorname{{tr}}\Psi\left(\frac{{1}}{{{printer._print(self.args[0])}}}"
        text += rf"{printer._print(self.matrix)}\right)"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _hermitian(entries: tuple[sp.Expr, ...]) -> sp.ImmutableDenseMatrix:
    count = len(entries)
    size = next((k for k in range(1, count + 1) if k * (k + 1) // 2 >= count), 0)
    if size * (size + 1) // 2 != count or not count:
        raise ValueError(
            f"{count} entries do not make the upper triangle of a square matrix; give n (n + 1)/2."
        )
    values = iter(entries)
    upper = {(i, j): next(values) for i in range(size) for j in range(i, size)}
    return Matrix(size, size, lambda i, j: upper[i, j] if i <= j else sp.conjugate(upper[j, i]))
