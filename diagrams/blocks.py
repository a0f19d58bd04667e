r"""The building blocks of diffusion: self-energy, bubble, diffuson and Cooperon.

Each is the value of a `Diagram` under the `rules`, for isotropic scatterers. Units are those
of the rules: energies are angular frequencies (hbar = 1), and `nu` is the density of states
per spin, volume and angular frequency (hbar times the nu of the symbol table). Formulas are
valid to leading order in 1/(k_F l).
"""

from __future__ import annotations

import sympy as sp

from diagrams.angular import angular_average, check_dimension
from diagrams.diagram import Branch, Diagram, String
from diagrams.families import ladder, reverse
from diagrams.rules import Rules, evaluate, impurity_line
from diagrams.symbols import D, omega, q, tau, v_F


def along_x(momentum: sp.Expr, dimension: int) -> tuple[sp.Expr, ...]:
    """Return the vector of length `momentum` along x."""
    return (momentum, *[sp.S.Zero] * (dimension - 1))


def diffusion_constant(dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> sp.Expr:
    """Return D = <v_x^2> tau_tr = v_F^2 tau_tr/d, in m^2/s, with tau_tr = tau/(1 - g).

    Examples
    --------
    >>> diffusion_constant(3)
    tau*v_F**2/3
    """
    check_dimension(dimension)
    n = sp.symbols("n_x n_y n_z", real=True)[:dimension]
    return v_F**2 * angular_average(n[0] ** 2, n) * tau / (1 - anisotropy)


def in_terms_of_D(expression: sp.Expr, dimension: int, anisotropy: sp.Expr = sp.S.Zero) -> sp.Expr:
    """Return the expression with v_F eliminated in favour of the diffusion constant D."""
    speed = v_F * sp.sqrt(D / diffusion_constant(dimension, anisotropy))
    return sp.factor(expression.subs(v_F, speed))


def born_self_energy() -> sp.Expr:
    """Return the retarded self-energy <V V> G^R(r, r) = -i/(2 tau), in rad/s.

    Its diagram is one impurity line over the Green function that returns to its starting
    point. The real part depends on the band edges and is absorbed in the chemical potential.
    Source: after Edwards, Phil. Mag. 3, 1020 (1958).

    Examples
    --------
    >>> born_self_energy()
    -I/(2*tau)
    """
    returning = Diagram((String(Branch.RETARDED, 0, "r", "r"),))
    # The result does not depend on the dimension: there is no direction to average over.
    return sp.simplify(impurity_line() * evaluate(returning, Rules(dimension=1), order=0))


def bubble(dimension: int) -> sp.Expr:
    """Return Pi(q, omega) = <V V> sum_k G^R(k + q, omega) G^A(k, 0), dimensionless.

    Exact in q l and omega tau as long as q is small compared with k_F. The angular average
    of 1/(s + i v.q tau) is done for real s > 0 and continued to s = 1 - i omega tau.
    Source: after Akkermans and Montambaux, Mesoscopic Physics of Electrons and Photons
    (2007).

    Examples
    --------
    >>> bubble(2)
    1/sqrt(q**2*tau**2*v_F**2 + (-I*omega*tau + 1)**2)
    """
    s, length = sp.symbols("s q", positive=True)
    rules = Rules(
        dimension,
        momenta={"x": along_x(-length, dimension), "y": along_x(length, dimension)},
        frequency=sp.I * (s - 1) / tau,
    )
    ratio = sp.simplify(impurity_line() * evaluate(ladder(0), rules))
    return ratio.subs({s: 1 - sp.I * omega * tau, length: q})


def bubble_expansion(dimension: int) -> sp.Expr:
    """Return Pi to first order in omega and second in q, 1 + i omega tau - D q^2 tau.

    Valid for omega tau << 1 and q l << 1.

    Examples
    --------
    >>> bubble_expansion(3)
    -D*q**2*tau + I*omega*tau + 1
    """
    return _slow_rung_ratio(ladder(0), dimension)


def _slow_rung_ratio(pair: Diagram, dimension: int) -> sp.Expr:
    """Value of a pair of Green functions and one more rung, at small q and omega."""
    momenta = {"x": along_x(-q, dimension), "y": along_x(q, dimension)}
    value = impurity_line() * evaluate(pair, Rules(dimension, momenta=momenta), order=2)
    return sp.expand(in_terms_of_D(value, dimension))


def ladder_sum(dimension: int) -> sp.Expr:
    """Return the diffuson: the sum over all ladders, 1/(2 pi nu tau^2 (D q^2 - i omega)).

    The geometric series <V V>/(1 - Pi), starting with one rung, for q l, omega tau << 1.
    The absence of a gap at q = omega = 0 is the conservation of particles. With hbar = 1
    and `nu` per angular frequency its unit is m^d/s^2, that of <V V>.

    Examples
    --------
    >>> ladder_sum(2)
    1/(2*pi*nu*tau**2*(D*q**2 - I*omega))
    """
    return sp.factor(impurity_line() / (1 - bubble_expansion(dimension)))


def cooperon_sum(dimension: int) -> sp.Expr:
    """Return the Cooperon: the sum over all maximally crossed rungs, of total momentum q.

    Reversing the advanced string turns the crossed rungs into a ladder, in which the two
    electrons carry k and q - k. Without a magnetic field and spin-dependent scattering the
    result equals the diffuson, with q the sum instead of the difference of the momenta; a
    dephasing rate adds 1/tau_phi to -i omega. Source: Langer and Neal, Phys. Rev. Lett. 16,
    984 (1966); Gorkov, Larkin, Khmelnitskii, JETP Lett. 30, 228 (1979).

    Examples
    --------
    >>> cooperon_sum(2)
    1/(2*pi*nu*tau**2*(D*q**2 - I*omega))
    """
    reversed_pair = reverse(ladder(0), 1)
    return sp.factor(impurity_line() / (1 - _slow_rung_ratio(reversed_pair, dimension)))
