"""Disorder: independent Gaussian random fields, each with its matrix and its strength.

One `Field` is a Gaussian random potential that scatters from direction n' to direction n
with the matrix M(n, n') in internal space.  Its strength is its out-rate: the golden-rule
rate 1/tau_a at which it takes an electron out of a state, averaged over the Fermi surface.
Whether it breaks time reversal is not declared but computed from M.

The constructors `potential`, `spin_orbit` and `magnetic` make the three kinds of
Hikami, Larkin and Nagaoka, Prog. Theor. Phys. 63, 707 (1980); any other M can be written
down as a `Field`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sympy as sp

from cooperon.directions import cross, dot, n_in, n_out
from cooperon.internal import PAULI, SIGMA_X, SIGMA_Y, SIGMA_Z, SPIN, InternalSpace, Matrix
from diagrams.symbols import symbol

_EXCHANGE = dict(zip((*n_out, *n_in), (*n_in, *n_out), strict=True))
_INVERSION = {component: -component for component in (*n_out, *n_in)}


@dataclass(frozen=True)
class Field:
    """One Gaussian random field.

    Parameters
    ----------
    name : str
        What the field is, in words.
    vertex : Matrix or expression
        M(n, n') in the direction symbols `n_x, n_y, n_z` (out) and `m_x, m_y, m_z` (in);
        Hermitian in the sense M(n', n)^dagger = M(n, n').  Only its form matters: the
        normalisation is fixed by `rate`.
    rate : expression
        Out-rate 1/tau_a in 1/s, averaged over the Fermi surface; real and not negative.
    profile : expression, optional
        Angular profile w(n, n') of the scattering probability, for a field with a finite
        range; symmetric under n <-> n', any normalisation.
    weak : bool, optional
        True (default) if the field is treated to first order, as whatever gives the
        Cooperon a gap; False for the field that makes the motion diffusive.

    Raises
    ------
    ValueError
        If the vertex is not Hermitian, the profile not symmetric, or the rate negative,
        NaN or complex.
    """

    name: str
    vertex: sp.ImmutableDenseMatrix
    rate: sp.Expr
    profile: sp.Expr = sp.S.One
    weak: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertex", _as_matrix(self.vertex))
        object.__setattr__(self, "rate", _valid_rate(self.name, self.rate))
        object.__setattr__(self, "profile", sp.sympify(self.profile))
        _require_hermitian(self)
        _require_symmetric_profile(self)

    def reversed_vertex(self) -> sp.ImmutableDenseMatrix:
        """Return M(-n, -n'), the vertex of the time-reversed leg of a Cooperon."""
        return self.vertex.xreplace(_INVERSION)

    def time_reversal(self, space: InternalSpace) -> int:
        """Return +1 or -1 if T M T^-1 = +M or -M, and 0 if M has both parts.

        T = U K reverses directions, so that (T M T^-1)(n, n') = U M(-n', -n)^T U^dagger
        for a Hermitian field.
        """
        flipped = self.vertex.xreplace(_EXCHANGE).xreplace(_INVERSION).T
        image = space.time_reversal * flipped * space.time_reversal.H
        for sign in (1, -1):
            if _is_zero(image - sign * self.vertex):
                return sign
        return 0


def _as_matrix(vertex: sp.MatrixBase | sp.Expr) -> sp.ImmutableDenseMatrix:
    value = sp.sympify(vertex)
    matrix = value if isinstance(value, sp.MatrixBase) else sp.Matrix([[value]])
    if matrix.rows != matrix.cols:
        raise ValueError(f"a vertex must be a square matrix, got one of shape {matrix.shape}.")
    return Matrix(matrix)


def _is_zero(matrix: sp.MatrixBase) -> bool:
    return all(sp.simplify(sp.expand(entry)) == 0 for entry in matrix)


def _valid_rate(name: str, rate: sp.Expr) -> sp.Expr:
    value = sp.sympify(rate)
    if value is sp.nan or value.is_negative or value.is_real is False:
        raise ValueError(
            f"the rate of field {name!r} is {value}; give a real rate that is not negative "
            "(1/s, or a positive symbol)."
        )
    return value


def _require_hermitian(field: Field) -> None:
    adjoint = field.vertex.xreplace(_EXCHANGE).H
    if not _is_zero(adjoint - field.vertex):
        raise ValueError(
            f"the vertex of field {field.name!r} is not Hermitian: M(n', n)^dagger is "
            f"{adjoint.tolist()} but M(n, n') is {field.vertex.tolist()}; add its Hermitian "
            "conjugate or a factor of I."
        )


def _require_symmetric_profile(field: Field) -> None:
    if sp.expand(field.profile.xreplace(_EXCHANGE) - field.profile) != 0:
        raise ValueError(
            f"the profile of field {field.name!r}, {field.profile}, changes under n <-> n'; "
            "a scattering probability has to be symmetric."
        )
    _require_positive_profile(field)


def _require_positive_profile(field: Field) -> None:
    """Look along 24 directions in the plane and out of it, unless parameters are symbols."""
    if field.profile.free_symbols.difference(n_out, n_in):
        return
    evaluate = sp.lambdify((n_out, n_in), field.profile, "math")
    for angle in (math.pi * k / 12 for k in range(24)):
        for out in ((math.cos(angle), math.sin(angle), 0), (0, math.cos(angle), math.sin(angle))):
            value = evaluate(out, (0, 1, 0))
            if value < -1e-12:
                raise ValueError(
                    f"the profile of field {field.name!r}, {field.profile}, is {value:.3g} between "
                    "two directions; a scattering probability must not be negative."
                )


def potential(
    tau: sp.Expr | None = None,
    profile: sp.Expr = sp.S.One,
    space: InternalSpace = SPIN,
) -> Field:
    """Return ordinary impurities, M = 1, with elastic lifetime `tau` (symbol `tau`)."""
    lifetime = symbol("tau") if tau is None else sp.sympify(tau)
    return Field("potential", space.identity, _rate(lifetime), profile, weak=False)


def spin_orbit(
    tau_x: sp.Expr | None = None,
    tau_y: sp.Expr | None = None,
    tau_z: sp.Expr | None = None,
    *,
    dimension: int = 2,
) -> tuple[Field, ...]:
    """Return spin-orbit disorder, one independent field per spin component.

    In three dimensions the vertex is the Elliott-Yafet one, M = i (n x n')_i sigma_i.  With
    directions in the plane n x n' has a z component only; there the x and y components are
    those of a fluctuating Rashba field, M = (n + n')_y sigma_x and (n + n')_x sigma_y, and
    in one dimension all three are of the form (n + n')_x sigma_i.  What matters for the soft
    modes is common to all: spin is rotated about axis i and time reversal is kept.

    Parameters
    ----------
    tau_x, tau_y, tau_z : expression, optional
        Times per spin component, s; the symbols `tau_so_x`, ... by default.  `sympy.oo`
        leaves a component out.  Isotropic means tau_i = 3 tau_so.
    dimension : {1, 2, 3}
        Dimension of the Fermi surface that the electron is scattered on.
    """
    factors = _spin_orbit_factors(dimension)
    return _components("spin-orbit", "tau_so", (tau_x, tau_y, tau_z), lambda i: factors[i])


def magnetic(
    tau_x: sp.Expr | None = None,
    tau_y: sp.Expr | None = None,
    tau_z: sp.Expr | None = None,
) -> tuple[Field, ...]:
    """Return magnetic impurities, M = sigma_i, one independent field per spin component.

    The times are those of each component (`tau_s_x`, ... by default; `sympy.oo` leaves a
    component out); classical, independent spins S_i are assumed.
    """
    return _components("magnetic", "tau_s", (tau_x, tau_y, tau_z), lambda i: sp.S.One)


def random_mass(tau: sp.Expr) -> Field:
    """Return a random mass of a two-component Dirac cone, M = sigma_z."""
    return Field("random mass", SIGMA_Z, _rate(sp.sympify(tau)))


def random_gauge(tau: sp.Expr) -> tuple[Field, ...]:
    """Return a random vector potential of a two-component Dirac cone, M = sigma_x and sigma_y.

    The out-rate of both components together is 1/tau.
    """
    rate = _rate(sp.sympify(tau)) / 2
    components = zip("xy", (SIGMA_X, SIGMA_Y), strict=True)
    return tuple(Field(f"random gauge {i}", sigma, rate) for i, sigma in components)


def finite_range(
    harmonics: Mapping[int, sp.Expr], tau: sp.Expr | None = None, dimension: int = 2
) -> sp.Expr:
    """Return the profile w(n, n') of scattering whose harmonics relax with given times.

    1/tau_l = <w (1 - P_l(n.n'))>/tau, with P_l = cos(l theta) in d = 2 and the Legendre
    polynomial in d = 3; tau_1 is the transport time.

    Parameters
    ----------
    harmonics : mapping
        {l: tau_l} for l >= 1; harmonics that are not listed relax with the lifetime tau.
    tau : expression, optional
        Lifetime, the symbol `tau` by default.
    dimension : {2, 3}

    Raises
    ------
    ValueError
        If an l is not a positive integer or the dimension is not 2 or 3.
    """
    lifetime = symbol("tau") if tau is None else sp.sympify(tau)
    if dimension not in (2, 3):
        raise ValueError(f"a profile by harmonics needs d = 2 or 3, not {dimension!r}.")
    cosine = dot(dimension)
    profile: sp.Expr = sp.S.One
    for order, time in harmonics.items():
        if not isinstance(order, int) or order < 1:
            raise ValueError(f"{order!r} is not the order of a harmonic; give integers l >= 1.")
        shape = sp.chebyshevt(order, cosine) if dimension == 2 else sp.legendre(order, cosine)
        number = 2 if dimension == 2 else 2 * order + 1
        profile += number * (1 - lifetime / sp.sympify(time)) * shape
    return sp.expand(profile)


def _spin_orbit_factors(dimension: int) -> tuple[sp.Expr, ...]:
    if dimension == 3:
        return tuple(sp.I * component for component in cross(n_out, n_in))
    forward = [a + b for a, b in zip(n_out, n_in, strict=True)]
    if dimension == 2:
        return forward[1], forward[0], sp.I * cross(n_out, n_in)[2]
    if dimension == 1:
        return (forward[0],) * 3
    raise ValueError(f"the dimension of spin-orbit scattering is {dimension}; choose 1, 2 or 3.")


def _components(
    name: str,
    stem: str,
    times: tuple[sp.Expr | None, ...],
    factor: Callable[[int], sp.Expr],
) -> tuple[Field, ...]:
    fields = []
    for i, (axis, time) in enumerate(zip("xyz", times, strict=True)):
        rate = _rate(symbol(f"{stem}_{axis}") if time is None else sp.sympify(time))
        if rate != 0:
            fields.append(Field(f"{name} {axis}", factor(i) * PAULI[i], rate))
    return tuple(fields)


def _rate(time: sp.Expr) -> sp.Expr:
    if time.is_zero:
        raise ValueError("a scattering time is 0; give a positive time, or oo for no scattering.")
    return 1 / time
