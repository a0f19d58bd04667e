r"""Trace of the inverse of a matrix quadratic in one wave vector, as a SymPy function.

In one dimension a Cooperon whose modes couple linearly to k is the inverse of k^2 + k A + G, and
its trace an integral over k of a rational function.  Through the poles it would be infinite or NaN
where two of them meet, which they do along ordinary paths of parameters; the integral itself is
smooth.  It is kept folded, with the matrices as arguments.

No pole is needed: (k^2 + k A + G)^-1 is a block of the resolvent of a companion matrix M, and the
integral of a resolvent over the real axis is its sign function, sign(-i M), to which Newton's
iteration converges from everywhere.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from math import isqrt
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.core.function import ArgumentIndexError

from cooperon.eigen import blocks
from cooperon.internal import Matrix

_NAMES = ("A", "G", "w")
_k = sp.Symbol("k", real=True)
# Matrices of this size are printed by their names.
_NAMED_FROM = 3


class LineTrace(sp.Function):
    r"""Integral of tr[w (k^2 + k A + G)^-1] dk/(2 pi) over the real axis.

    For one mode it is w/(2 sqrt(G - A^2/4)); `of` splits the matrices into blocks and writes
    those of one mode so.

    Parameters
    ----------
    part : 1 for the real part of the integral, all of it where `of` finds that it is real; 0
        for the integral as it is.
    entries : the 3 n^2 entries of A, G and w, row by row; use `of`.  k^2 + k A + G has no zero
        eigenvalue for real k.  A in 1/m and G in 1/m^2 give m.

    Notes
    -----
    Derivatives by real symbols are LineTraces again, of matrices of twice the size.  `doit` gives
    radicals where the determinant is quadratic, or quartic and even, in k, and the integral
    otherwise.  `evalf` is correct to the digits asked for.

    Raises
    ------
    ValueError : if the entries do not make three square matrices; on evaluation, if there is a
        pole on the real axis.

    Examples
    --------
    >>> kappa, q = sp.symbols("kappa q", positive=True)
    >>> LineTrace.of(sp.Matrix([[2 * q]]), sp.Matrix([[q**2 + kappa**2]]))
    1/(2*kappa)
    """

    @classmethod
    def eval(cls, part: sp.Expr, *entries: sp.Expr) -> sp.Expr | None:
        """Check the arguments; return 0 for w = 0."""
        if part not in (0, 1):
            raise ValueError(f"the part is {part}; pass 1 for the real part or 0 for all of it.")
        return sp.S.Zero if _matrices(entries)["w"].is_zero_matrix else None

    @classmethod
    def of(cls, A: sp.MatrixBase, G: sp.MatrixBase, w: sp.MatrixBase | None = None) -> sp.Expr:
        """Return the trace as a sum over blocks; w is the unit matrix if left out."""
        chosen = (A, G, sp.eye(G.rows) if w is None else w)
        if any(matrix.shape != G.shape for matrix in chosen) or G.rows != G.cols:
            shapes = [matrix.shape for matrix in chosen]
            raise ValueError(f"the matrices have the shapes {shapes}; give three of equal size.")
        coupled = Matrix(*G.shape, lambda i, j: int(any(m[i, j] or m[j, i] for m in chosen)))
        parts = ([m.extract(list(b), list(b)) for m in chosen] for b in blocks(coupled))
        return sp.Add(*(_one_block(*part) for part in parts))

    @property
    def matrices(self) -> dict[str, sp.ImmutableDenseMatrix]:
        """A, G and w by name."""
        return _matrices(self.args[1:])

    @property
    def _jaxcode(self) -> str:
        """Name of the JAX kernel, which takes the entries."""
        return "line_trace" if self.args[0] == 1 else "line_trace_complex"

    @property
    def _jaxargs(self) -> tuple[sp.Expr, ...]:
        return tuple(self.args[1:])

    def doit(self, deep: bool = True, **hints: Any) -> sp.Expr:
        """Radicals where the poles are known, the integral of a rational function otherwise."""
        A, G, w = self.matrices.values()
        S = _k**2 * sp.eye(G.rows) + _k * A + G
        determinant = S.det(method="berkowitz")
        numerator = (sp.Matrix(w) * S.adjugate()).trace()
        f = sp.cancel(sp.expand(numerator) / sp.expand(determinant))
        over, under = (sp.Poly(p, _k) for p in sp.fraction(f))
        closed = _quadratic(over, under) if under.degree() == 2 else _even_quartic(over, under)
        return sp.Integral(f, (_k, -sp.oo, sp.oo)) / (2 * sp.pi) if closed is None else closed

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        """-tr[w S^-1 S' S^-1] is a block of the inverse of [[S, S'], [0, S]]."""
        A, G, w = self.matrices.values()
        zero = sp.zeros(*G.shape)
        change = _of_entries(self.args[0], A, G, w.diff(s))
        if not (A.diff(s).is_zero_matrix and G.diff(s).is_zero_matrix):
            doubled = (sp.Matrix(sp.BlockMatrix([[m, m.diff(s)], [zero, m]])) for m in (A, G))
            corner = sp.Matrix(sp.BlockMatrix([[zero, zero], [w, zero]]))
            change += _of_entries(self.args[0], *doubled, corner)
        return change

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Refuse: entries are complex, and only derivatives by real symbols have a meaning."""
        raise ArgumentIndexError(self, argindex)

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0] == 1 else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(entry.is_number for entry in self.args[1:]):
            return None
        with mp.workprec(2 * prec + 60):
            value = _value(*(_numeric(matrix) for matrix in self.matrices.values()))
        return sp.Expr._from_mpmath(value.real if self.is_extended_real else value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        small = self.matrices["G"].rows < _NAMED_FROM
        A, G, w = (
            printer._print(matrix if small else sp.Symbol(name))
            for name, matrix in self.matrices.items()
        )
        text = rf"\int \frac{{dk}}{{2\pi}} \operatorname{{tr}}\left[{w}"
        text += rf"\left(k^2 + k {A} + {G}\right)^{{-1}}\right]"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _matrices(entries: tuple[sp.Expr, ...]) -> dict[str, sp.ImmutableDenseMatrix]:
    size = isqrt(len(entries) // 3)
    if not entries or 3 * size**2 != len(entries):
        raise ValueError(
            f"{len(entries)} entries are not three square matrices; give 3 n^2, row by row."
        )
    rows = (entries[i * size**2 : (i + 1) * size**2] for i in range(3))
    return {name: Matrix(size, size, row) for name, row in zip(_NAMES, rows, strict=True)}


def _is_real(*matrices: sp.MatrixBase) -> bool:
    """Whether signs P make P m P the Hermitian conjugate of every matrix m.

    Then the trace is its own complex conjugate.  Without signs these are Hermitian matrices; a
    Zeeman energy, anti-Hermitian between singlet and triplets, needs that of the singlet.
    """
    choices = (sp.diag(1, *signs) for signs in product((1, -1), repeat=matrices[0].rows - 1))
    return any(all(_vanishes(P * m * P - m.H) for m in matrices) for P in choices)


def _vanishes(matrix: sp.MatrixBase) -> bool:
    return all(entry == 0 or sp.expand(entry) == 0 for entry in matrix)


def _of_entries(part: sp.Expr, *matrices: sp.MatrixBase) -> sp.Expr:
    return LineTrace(part, *(entry for matrix in matrices for entry in matrix))


def _one_block(A: sp.MatrixBase, G: sp.MatrixBase, w: sp.MatrixBase) -> sp.Expr:
    if G.rows > 1:
        return _of_entries(sp.Integer(_is_real(A, G, w)), A, G, w)
    return w[0] / (2 * sp.sqrt(sp.expand(G[0] - A[0] ** 2 / 4)))


def _quadratic(over: sp.Poly, under: sp.Poly) -> sp.Expr:
    """Principal value of (c k + d)/(k^2 + 2 b k + g): (d - c b)/(2 sqrt(g - b^2))."""
    leading, twice_b, g = under.all_coeffs()
    c, d = (over.coeff_monomial(_k**i) / leading for i in (1, 0))
    b = twice_b / leading / 2
    return (d - c * b) / (2 * sp.sqrt(g / leading - b**2))


def _even_quartic(over: sp.Poly, under: sp.Poly) -> sp.Expr | None:
    """(c k^2 + d)/(k^4 + p k^2 + s): (c + d/r)/(2 sqrt(p + 2 r)), r = sqrt(s); None otherwise."""
    leading, odd_3, p, odd_1, s = under.all_coeffs() if under.degree() == 4 else (1, 1, 0, 0, 0)
    if odd_3 != 0 or odd_1 != 0 or over.degree() > 3:
        return None
    c, d = (over.coeff_monomial(_k**i) / leading for i in (2, 0))
    r = sp.sqrt(s / leading)
    return (c + d / r) / (2 * sp.sqrt(p / leading + 2 * r))


def _numeric(matrix: sp.ImmutableDenseMatrix) -> mp.matrix:
    rows = [[mp.mpmathify(sp.N(entry, mp.mp.dps)) for entry in row] for row in matrix.tolist()]
    return mp.matrix(rows)


def _value(A: mp.matrix, G: mp.matrix, w: mp.matrix) -> mp.mpc:
    """(i/2) tr[w sign(-i M)_12] with the companion matrix M, wave vectors in a unit that fits."""
    size = G.rows
    unit = mp.sqrt(mp.mnorm(G, 1)) + mp.mnorm(A, 1)
    matrix = mp.zeros(2 * size)
    for i in range(size):
        matrix[i, size + i] = -1j
        for j in range(size):
            matrix[size + i, j] = 1j * G[i, j] / unit**2
            matrix[size + i, size + j] = 1j * A[i, j] / unit
    sign = _sign(matrix)[:size, size:]
    product = w * sign
    return mp.mpc(0, 0.5) * mp.fsum(product[i, i] for i in range(size)) / unit


def _sign(matrix: mp.matrix) -> mp.matrix:
    """Sign function of a matrix without eigenvalues on the imaginary axis."""
    tolerance = mp.sqrt(mp.eps)
    with suppress(ZeroDivisionError):
        for _ in range(mp.mp.prec + 40):
            following = (matrix + mp.inverse(matrix)) / 2
            change = mp.mnorm(following - matrix, 1)
            matrix = following
            if change < tolerance * mp.mnorm(matrix, 1):
                return (matrix + mp.inverse(matrix)) / 2
    raise ValueError("k^2 + k A + G has a zero eigenvalue at a real k; add to its gap.")
