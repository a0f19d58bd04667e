r"""Integrals over xi of products of Green functions, by residues.

With energies measured from the Fermi level in units of angular frequency (hbar = 1) the Green
functions of the self-consistent Born approximation are

    G^R(xi) = 1/(-xi + i/(2 tau)),    G^A(xi) = 1/(-xi - i/(2 tau)).

A sum over momenta near the Fermi surface is ``sum_k = nu int dxi <...>_n`` with xi from
-oo to oo, which neglects band edges (relative error 1/(k_F l)).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import sympy as sp

from diagrams.diagram import Branch
from diagrams.symbols import tau

xi = sp.Symbol("xi", real=True)


def propagator(branch: Branch, energy: sp.Expr = xi) -> sp.Expr:
    """Return the averaged Green function ``1/(-energy +- i/(2 tau))``, in seconds.

    Examples
    --------
    >>> propagator(Branch.RETARDED)
    1/(-xi + I/(2*tau))
    """
    sign = 1 if branch is Branch.RETARDED else -1
    return 1 / (-energy + sign * sp.I / (2 * tau))


@cache
def xi_integral(m: int, n: int) -> sp.Expr:
    """Return the integral over xi of ``(G^R)^m (G^A)^n``.

    A single Green function decays as 1/xi only; its integral is the principal value at
    infinity, the real part of which belongs to the chemical potential.

    Raises
    ------
    ValueError
        A power is negative or both are zero.

    Examples
    --------
    >>> xi_integral(1, 1), xi_integral(2, 2), xi_integral(1, 0)
    (2*pi*tau, 4*pi*tau**3, -I*pi)
    """
    return sp.simplify(shifted_xi_integral([sp.S.Zero] * m, [sp.S.Zero] * n))


def shifted_xi_integral(retarded: Sequence[sp.Expr], advanced: Sequence[sp.Expr]) -> sp.Expr:
    """Return the integral over xi of the product of ``G^R(xi + r)`` and ``G^A(xi + a)``.

    Parameters
    ----------
    retarded, advanced
        The real shifts r and a, one for each Green function, in rad/s. Equal ones make a
        pole of higher order. The result may be continued analytically to complex values
        as long as no pole crosses the real axis.

    Examples
    --------
    >>> s = sp.Symbol("s", real=True)
    >>> sp.factor(shifted_xi_integral([s], [0]))
    -2*I*pi*tau/(s*tau - I)
    """
    if not retarded and not advanced:
        raise ValueError("The integral over xi needs at least one Green function.")
    lower = sp.Mul(*(propagator(Branch.ADVANCED, xi + shift) for shift in advanced))
    poles = Counter(sp.sympify(shift) for shift in retarded)
    residues = sp.Add(*(_residue(pole, poles, lower) for pole in poles))
    # The half circle that closes the contour contributes i pi times the coefficient of 1/xi.
    arc = -sp.I * sp.pi if len(retarded) + len(advanced) == 1 else sp.S.Zero
    return 2 * sp.pi * sp.I * residues - arc


def _residue(shift: sp.Expr, poles: Counter[sp.Expr], lower: sp.Expr) -> sp.Expr:
    """Residue of the product at the pole of ``G^R(xi + shift)``, of any order."""
    order = poles[shift]
    others = sp.Mul(
        *(propagator(Branch.RETARDED, xi + s) ** n for s, n in poles.items() if s != shift)
    )
    regular = sp.diff((-1) ** order * others * lower, xi, order - 1)
    return regular.subs(xi, sp.I / (2 * tau) - shift) / sp.factorial(order - 1)


def expanded_xi_integral(
    retarded: Sequence[sp.Expr], advanced: Sequence[sp.Expr], order: int
) -> sp.Expr:
    """Return the Taylor polynomial of `shifted_xi_integral` in the shifts, to total `order`.

    Each Green function is expanded as ``G(xi + s) = sum_k s^k G(xi)^(k+1)``, so that no
    difference of shifts appears in a denominator.
    """
    powers_r, powers_a = _symmetric_sums(retarded, order), _symmetric_sums(advanced, order)
    return sp.Add(
        *(
            powers_r[k] * powers_a[j] * xi_integral(len(retarded) + k, len(advanced) + j)
            for k in range(order + 1)
            for j in range(order + 1 - k)
            if powers_r[k] != 0 and powers_a[j] != 0
        )
    )


def _symmetric_sums(shifts: Sequence[sp.Expr], order: int) -> list[sp.Expr]:
    """Complete homogeneous symmetric polynomials of the shifts, of degree 0 to `order`."""
    sums = [sp.S.One, *[sp.S.Zero] * order]
    for shift in shifts:
        for k in range(1, order + 1):
            sums[k] = sp.expand(sums[k] + shift * sums[k - 1])
    return sums
