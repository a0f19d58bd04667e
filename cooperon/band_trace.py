r"""Trace over Landau levels that a linear coupling in q mixes, as a SymPy function.

Where spin-orbit coupling is linear in q and conserves no quantum number (Rashba and Dresselhaus
splitting together), the Cooperon in a field is a block-tridiagonal matrix in the Landau level and
its trace has no closed form.  It stays folded under the name `BandTrace`; a kernel and `evalf`
give its numbers.
"""

from __future__ import annotations

from itertools import product
from math import isqrt
from typing import Any, NoReturn

import mpmath as mp
import numpy as np
import sympy as sp

from cooperon.band_trace_value import band_trace_value
from cooperon.internal import Matrix

_NAMES = ("C_x", "C_y", "G", "G_0", "w")
# Matrices of this size are printed by their names: five of them do not fit on a line.
_NAMED_FROM = 3


class BandTrace(sp.Function):
    r"""Trace over mixed Landau levels minus the same trace without a field.

    With [a, a^+] = 1, b = \|B\|, s = sign(B) and k x k matrices C_x, C_y, G, G_0, w,

        S = b (a^+ a + 1/2) + sqrt(b) [C_x (a + a^+) + i s C_y (a^+ - a)] + G,
        S_0(u, theta) = u + 2 sqrt(u) (C_x cos(theta) + C_y sin(theta)) + G_0,

    BandTrace(B, levels, entries...) is the limit N -> oo of
    b sum_{n<N} tr[w (S^-1)_nn] - int_0^{bN} du int_0^{2 pi} dtheta/(2 pi) tr[w S_0^-1],
    with S^-1 the inverse on all levels.  Dimensionless.  Without coupling and with k = 1 it is
    -(psi(1/2 + G/b) - ln(G_0/b)).

    Parameters
    ----------
    B : perpendicular field, real, of either sign; B -> -B is C_y -> -C_y.
    levels : number of Landau levels that the JAX kernel sums one by one, an integer; `evalf`
        uses as many as it needs.
    entries : the 5 k^2 entries of C_x, C_y, G, G_0, w, row by row; use `of`.  C_x and C_y are
        Hermitian, in the square root of the unit of B; G and G_0 have a positive definite
        Hermitian part, in the unit of B; w is Hermitian.

    Notes
    -----
    `evalf` of up to 20 digits is correct to 1e-12 of the two parts that cancel in it, field and
    no field; more digits cost minutes for k = 3.  It takes a time proportional to u_c/b, u_c
    the largest \|u\| at which S_0 is singular: a second for u_c/b = 100.

    Raises
    ------
    ValueError : if the entries do not make five square matrices, C_x, C_y or w is not Hermitian,
        or levels is not an integer of at least 16.
    NotImplementedError : for symbolic derivatives; differentiate the JAX function.

    References
    ----------
    The operator is that of Iordanskii, Lyanda-Geller and Pikus, JETP Lett. 60, 206 (1994), and
    Pikus and Pikus, Phys. Rev. B 51, 16928 (1995); k, G and w are general here.
    """

    # fifty digits, at fields that need 10^5 levels, would take hours
    _unprobed = True

    @classmethod
    def eval(cls, B: sp.Expr, levels: sp.Expr, *entries: sp.Expr) -> sp.Expr | None:
        """Check the arguments; return 0 for B = 0 and G = G_0."""
        matrices = _matrices(entries)
        if levels.is_integer is False or (levels.is_number and levels < 16):
            raise ValueError(f"levels = {levels} must be an integer of at least 16; give one.")
        for name in ("C_x", "C_y", "w"):
            if matrices[name].is_hermitian is False:
                raise ValueError(f"{name} = {matrices[name].tolist()} must be Hermitian.")
        if B.is_zero and matrices["G"] == matrices["G_0"]:
            return sp.S.Zero
        return None

    @classmethod
    def of(
        cls,
        B: sp.Expr,
        C_x: sp.MatrixBase,
        C_y: sp.MatrixBase,
        G: sp.MatrixBase,
        G_0: sp.MatrixBase | None = None,
        w: sp.MatrixBase | None = None,
        *,
        levels: int = 512,
    ) -> sp.Expr:
        """Return the function of matrices; G_0 is G and w is the unit matrix if left out."""
        unit = sp.eye(G.rows)
        chosen = (C_x, C_y, G, G if G_0 is None else G_0, unit if w is None else w)
        if any(matrix.shape != unit.shape for matrix in chosen):
            shapes = [matrix.shape for matrix in chosen]
            raise ValueError(f"the matrices have the shapes {shapes}; give five of equal size.")
        return cls(B, levels, *(entry for matrix in chosen for entry in matrix))

    @property
    def matrices(self) -> dict[str, sp.ImmutableDenseMatrix]:
        """C_x, C_y, G, G_0 and w by name."""
        return _matrices(self.args[2:])

    @property
    def _jaxcode(self) -> str:
        """Name of the JAX kernel, which is real where the trace is."""
        return "band_trace" if _is_real(self.matrices) else "band_trace_complex"

    @property
    def _jaxargs(self) -> tuple[sp.Expr, ...]:
        """Arguments of the kernel, which are those of the function."""
        return tuple(self.args)

    def _eval_derivative(self, s: sp.Symbol) -> NoReturn:
        raise NotImplementedError(
            f"BandTrace has no symbolic derivative in {s}; generate the JAX function and apply "
            "jax.grad to it."
        )

    def _eval_is_extended_real(self) -> bool | None:
        return True if self.args[0].is_extended_real and _is_real(self.matrices) else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if not all(a.is_number for a in self.args):
            return None
        digits = mp.libmp.prec_to_dps(prec)
        real = self._eval_is_extended_real()
        if digits <= _DOUBLE_DIGITS:
            field = float(self.args[0])
            found = band_trace_value(field, *(_doubles(m) for m in self.matrices.values()))
            return sp.Expr._from_mpmath(mp.mpf(found.real) if real else mp.mpc(found), prec)
        # the extrapolation in 1/N loses up to _GUARD_DIGITS between neighbouring truncations
        with mp.workdps(digits + _GUARD_DIGITS + 5):
            numbers = {name: _numeric(matrix) for name, matrix in self.matrices.items()}
            value = _Truncation(mp.mpmathify(sp.N(self.args[0], mp.mp.dps)), numbers).value()
            value = mp.mpc(value).real if real else value
        return sp.Expr._from_mpmath(value, prec)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        B = printer._print(self.args[0])
        small = self.matrices["G"].rows < _NAMED_FROM
        m = {
            name: printer._print(matrix if small else sp.Symbol(name))
            for name, matrix in self.matrices.items()
        }
        text = (
            rf"\operatorname{{Tr}}_{{{B}}}\left[{m['w']}\left(|{B}|\left(a^\dagger a"
            rf" + \tfrac{{1}}{{2}}\right) + \sqrt{{|{B}|}}\left[{m['C_x']}\left(a + a^\dagger"
            rf"\right) + i\,\operatorname{{sgn}}({B})\,{m['C_y']}\left(a^\dagger - a\right)\right]"
            rf" + {m['G']}\right)^{{-1}}\right] - \operatorname{{Tr}}_{{0}}"
        )
        if self.matrices["G"] != self.matrices["G_0"]:
            text += rf"\left[G_0 = {m['G_0']}\right]" if small else rf"\left[{m['G_0']}\right]"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"


def _matrices(entries: tuple[sp.Expr, ...]) -> dict[str, sp.ImmutableDenseMatrix]:
    size = isqrt(len(entries) // 5)
    if not entries or 5 * size**2 != len(entries):
        raise ValueError(
            f"{len(entries)} entries are not five square matrices; give 5 k^2, row by row."
        )
    rows = (entries[i * size**2 : (i + 1) * size**2] for i in range(5))
    return {name: Matrix(size, size, row) for name, row in zip(_NAMES, rows, strict=True)}


def _is_real(matrices: dict[str, sp.ImmutableDenseMatrix]) -> bool:
    """Whether signs P of the states make P m P the Hermitian conjugate of every matrix m.

    Then tr[w S^-1] is its own complex conjugate.  Without signs this is Hermitian G; a Zeeman
    energy, anti-Hermitian in G between singlet and triplet, needs the sign of the singlet.
    """
    size = matrices["G"].rows
    choices = (sp.diag(1, *signs) for signs in product((1, -1), repeat=size - 1))
    return any(all(P * m * P == m.H for m in matrices.values()) for P in choices)


# Truncations that are extrapolated together, with so many digits lost between neighbours.
_POINTS = 24
_GUARD_DIGITS = 40
# Digits up to which double precision serves: sums and products ask for a few more than the user.
_DOUBLE_DIGITS = 24


class _Truncation:
    """Sums over the levels below N by block elimination in mpmath, extrapolated in 1/N.

    Beyond every u at which S_0 is singular, sum minus logarithm is a power series in 1/N; which
    one need not be known.  The integral at zero field is a matrix logarithm at each angle.
    """

    def __init__(self, B: mp.mpf, matrices: dict[str, mp.matrix]) -> None:
        self.b = abs(B)
        self.C_x, self.C_y, self.G, self.G_0, self.w = (matrices[name] for name in _NAMES)
        sign = mp.sign(B) * 1j
        self.up, self.down = self.C_x + sign * self.C_y, self.C_x - sign * self.C_y
        self.unit = mp.eye(self.G.rows)

    def value(self) -> mp.mpc:
        """The limit N -> oo."""
        if not self.b:
            return self.zero_field(self.G) - self.zero_field(self.G_0)
        total = self.levels_minus_logarithm()
        with mp.workdps(mp.mp.dps - _GUARD_DIGITS + 5):
            return total - self.zero_field(self.G_0)

    def levels_minus_logarithm(self) -> mp.mpc:
        """lim b sum_{n<N} tr[w (S^-1)_nn] - tr w ln(b N), by polynomials in 1/N."""
        last = int(10 * self.singularity() / self.b) + 4 * _POINTS
        sums = self.partial_sums(last)
        counts = [last - i * last // (2 * _POINTS) for i in range(_POINTS)]
        trace = _trace(self.w)
        values = [sums[N] - trace * mp.log(self.b * N) for N in counts]
        for step in range(1, _POINTS):
            for i in range(_POINTS - step):
                N, M = counts[i], counts[i + step]
                values[i] = (N * values[i] - M * values[i + 1]) / (N - M)
        return values[0]

    def partial_sums(self, last: int) -> list[mp.mpc]:
        """b sum_{n<N} tr[w (S^-1)_nn] for N = 0..last; far above, level energies decouple."""
        margin = mp.mp.dps + 10
        beyond = [0 * self.unit]
        for n in range(last + margin, 0, -1):
            propagator = mp.inverse(self.diagonal(n) - beyond[-1])
            beyond.append(self.b * n * (self.down * propagator * self.up))
        beyond.reverse()
        below, sums = 0 * self.unit, [mp.mpc(0)]
        for n in range(last):
            inner = self.diagonal(n) - below
            sums.append(sums[-1] + self.b * _trace(self.w * mp.inverse(inner - beyond[n])))
            below = self.b * (n + 1) * (self.up * mp.inverse(inner) * self.down)
        return sums

    def diagonal(self, n: int) -> mp.matrix:
        """Block of S at level n."""
        return self.G + self.b * (n + mp.mpf(1) / 2) * self.unit

    def singularity(self) -> float:
        """Bound of \\|u\\| where S_0 can be singular, found at eight angles."""
        angles = [mp.pi * i / 4 for i in range(8)]
        with mp.workdps(15):
            roots = [mp.eig(self.companion(self.G, x), left=False, right=False) for x in angles]
        return max(float(abs(root)) for row in roots for root in row) ** 2

    def companion(self, G: mp.matrix, angle: mp.mpf) -> mp.matrix:
        """The matrix whose eigenvalues -rho make rho^2 + 2 rho C(angle) + G singular."""
        size = G.rows
        coupling = 2 * (mp.cos(angle) * self.C_x + mp.sin(angle) * self.C_y)
        matrix = mp.zeros(2 * size)
        for i in range(size):
            matrix[i, size + i] = -1
            for j in range(size):
                matrix[size + i, j], matrix[size + i, size + j] = G[i, j], coupling[i, j]
        return matrix

    def zero_field(self, G: mp.matrix) -> mp.mpc:
        """lim int_0^U du <tr[w S_0^-1]> - tr w ln U; rho S_0^-1 is a block of a resolvent."""
        count, size = 16, G.rows

        def at(angle: mp.mpf) -> mp.mpc:
            return -2 * _trace(self.w * _logarithm(self.companion(G, angle))[size:, size:])

        mean = mp.fsum(at(2 * mp.pi * i / count) for i in range(count)) / count
        while True:
            between = mp.fsum(at(mp.pi * (2 * i + 1) / count) for i in range(count)) / count
            refined, count = (mean + between) / 2, 2 * count
            if abs(refined - mean) <= 1e3 * mp.eps:
                return refined
            if count > 2**13:
                raise ValueError("a minimum of S_0 is too narrow for evalf; widen its gap.")
            mean = refined


def _logarithm(matrix: mp.matrix) -> mp.matrix:
    """Principal logarithm by eigenvectors, by repeated square roots where those are incomplete."""
    values, vectors = mp.eig(matrix)
    try:
        inverse = mp.inverse(vectors)
    except ZeroDivisionError:
        return mp.logm(matrix)
    if mp.mnorm(vectors, "f") * mp.mnorm(inverse, "f") > 1e4:
        return mp.logm(matrix)
    return vectors * mp.diag([mp.log(value) for value in values]) * inverse


def _trace(matrix: mp.matrix) -> mp.mpc:
    return mp.fsum(matrix[i, i] for i in range(matrix.rows))


def _numeric(matrix: sp.ImmutableDenseMatrix) -> mp.matrix:
    rows = [[mp.mpmathify(sp.N(entry, mp.mp.dps)) for entry in row] for row in matrix.tolist()]
    return mp.matrix(rows)


def _doubles(matrix: sp.ImmutableDenseMatrix) -> np.ndarray:
    return np.array([[complex(sp.N(entry, 20)) for entry in row] for row in matrix.tolist()])
