r"""The Hall conductivity and its interference correction in a weak perpendicular field.

Electrons of charge -e and mass m in d = 2, isotropic in the plane, field B along +z,
omega_c = e B/m. With hbar = 1 and kinetic momenta, [pi_x, pi_y] = -i e B, the circular
velocities v_+- = v_x +- i v_y obey, exactly for H = pi^2/(2 m),

    v_+ f(H) = f(H - omega_c) v_+.

Moved past a current vertex, a Green function changes its energy by omega_c: the field gives
the retarded strings of a diagram with the vertices v_+ and v_- the frequency omega_c. The
bubble is then sigma_+ = sigma_xx - i sigma_xy = sigma_0/(1 - i omega_c tau).

The Hikami boxes need one thing more. The two ends of a Cooperon belong to a particle of charge
-2e, whose momentum Q obeys [Q_+, Q_-] = -4 m omega_c. In a dressed box each half is a vector,
alpha Q_+ at the vertex v_+ and alpha Q_- at v_-, and it vanishes at Q = 0. The line around the
retarded strings has the halves in the order Q_+ Q_-, the one around the advanced strings in the
order Q_- Q_+, so that the commutator leaves

    (1/(2 pi nu tau)) (alpha_R^2 - alpha_A^2) [Q_+, Q_-]/2

beside the Cooperon. alpha_R and alpha_A = alpha_R* differ only because the velocity grows with
energy, by a fraction 1/(k_F l); but m omega_c l^2 is larger than omega_c tau by k_F l, and the
product counts as much as the precession in the bare box. (The published derivations give the
sum of the boxes by other routes; how it divides into bare and dressed is a result of this one.)

Valid to first order in omega_c tau, without Landau quantization, for a parabolic band, isotropic
scatterers and k_F l >> 1. Interactions between the electrons are not included; theirs is another
correction, with delta sigma_xy = 0 (Altshuler, Khmelnitskii, Larkin, Lee 1980).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from diagrams.blocks import in_terms_of_D
from diagrams.conductivity import drude_conductivity, interference_correction
from diagrams.diagram import Branch
from diagrams.families import ladder
from diagrams.hikami import conductivity_box_diagrams, conductivity_boxes
from diagrams.integrals import xi_integral
from diagrams.rules import Rules, evaluate, impurity_line
from diagrams.symbols import E_F, nu, omega_c, tau, tau_tr, v_F


@dataclass(frozen=True)
class ConductivityTensor:
    """The conductivity of a plane without preferred direction: J = sigma E.

    sigma_yx = -sigma_xy by rotation symmetry; sigma_yy = sigma_xx.
    """

    xx: sp.Expr
    xy: sp.Expr

    @property
    def hall_resistivity(self) -> sp.Expr:
        """rho_yx = E_y/J_x for J_y = 0, which is R_H B; negative for electrons and B > 0."""
        return sp.factor(self.xy / (self.xx**2 + self.xy**2))


def precession_factor() -> sp.Expr:
    """Return 1/(1 - i omega_c tau), by which the field multiplies a current vertex.

    The electron's velocity turns by the angle omega_c t during a flight of duration t: the
    factor is the average of exp(i omega_c t) over the free flights.

    Examples
    --------
    >>> precession_factor()
    I/(omega_c*tau + I)
    """
    pair = evaluate(ladder(0), Rules(2, frequency=omega_c))
    return sp.cancel(impurity_line() * pair)


def drude_hall_conductivity(anisotropy: sp.Expr = sp.S.Zero) -> ConductivityTensor:
    """Return the Drude conductivity in a perpendicular field, both spins counted, in siemens.

    The bubble with the vertices v_+ and v_-, and ladders on one of them: each rung multiplies
    the current by g = <cos theta> times the `precession_factor`. The sum has the transport
    time, sigma_+ = sigma_0/(1 - i omega_c tau_tr), for any g.

    Examples
    --------
    >>> drude_hall_conductivity().xy
    -2*D*e**2*nu*omega_c*tau_tr/(omega_c**2*tau_tr**2 + 1)
    """
    turned = precession_factor()
    ladders = turned * (1 - anisotropy) / (1 - anisotropy * turned)
    circular = drude_conductivity(2, anisotropy) * ladders
    return _from_circular(circular.subs(tau, tau_tr * (1 - anisotropy)))


@dataclass(frozen=True)
class HallBoxes:
    """The values of the Hikami boxes between v_+ and v_-, to first order in omega_c.

    The dressed pair is given as a sum: each alone is larger by a factor k_F l, which cancels.
    """

    bare: sp.Expr
    dressed: sp.Expr

    @property
    def total(self) -> sp.Expr:
        """The sum of the three."""
        return sp.factor(self.bare + self.dressed)


def hall_boxes() -> HallBoxes:
    """Return the boxes of the conductivity in a weak field, for sigma_+ and per spin.

    In the bare box all four Green functions take part in the precession, which makes it
    -4 pi nu tau^2 D/(1 - i omega_c tau)^3; the dressed ones reduce the third power to a
    second, so that each vertex keeps its own `precession_factor`.

    Examples
    --------
    >>> hall_boxes().bare, hall_boxes().dressed
    (-12*I*pi*D*nu*omega_c*tau**3 - 4*pi*D*nu*tau**2, 4*I*pi*D*nu*omega_c*tau**3)
    """
    rules = Rules(2, currents=("x", "y"), frequency=omega_c)
    bare = _first_order(evaluate(conductivity_box_diagrams()[0], rules))
    return HallBoxes(*(sp.expand(in_terms_of_D(b, 2)) for b in (bare, _dressed_pair())))


def interference_hall_correction() -> ConductivityTensor:
    """Return c_xx and c_xy in delta sigma = c int d^2 q/(2 pi)^2 1/(D q^2 - i omega + 1/tau_phi).

    Both spins are counted; c in S m^2/s. The Cooperon may be cut off by a field as well: the
    sum over its Landau levels then replaces the integral in both components.

    Examples
    --------
    >>> interference_hall_correction()
    ConductivityTensor(xx=-2*D*e**2/(pi*hbar), xy=4*D*e**2*omega_c*tau/(pi*hbar))
    """
    in_field = sp.cancel(hall_boxes().total / conductivity_boxes(2).total)
    return _from_circular(interference_correction(2) * in_field)


def relative_hall_correction() -> sp.Expr:
    """Return the ratio of delta R_H/R_H to delta sigma_xx/sigma_xx, which is zero.

    To first order in the field R_H B = sigma_xy/sigma_xx^2, and weak localization changes
    sigma_xy relatively twice as much as sigma_xx. Source: after Fukuyama, J. Phys. Soc. Jpn.
    49, 644 (1980); Altshuler, Khmelnitskii, Larkin, Lee, Phys. Rev. B 22, 5142 (1980).

    Examples
    --------
    >>> relative_hall_correction()
    0
    """
    classical, correction = drude_hall_conductivity(), interference_hall_correction()
    ratios = (correction.xy / classical.xy) / (correction.xx / classical.xx)
    return sp.simplify(sp.limit(ratios.subs(tau_tr, tau), omega_c, 0) - 2)


def _from_circular(circular: sp.Expr) -> ConductivityTensor:
    """Split sigma_+ = sigma_xx - i sigma_xy by the symmetry under reversal of the field."""
    reversed_field = circular.subs(omega_c, -omega_c)
    return ConductivityTensor(
        sp.factor(sp.simplify(circular + reversed_field) / 2),
        sp.factor(sp.simplify(sp.I * (circular - reversed_field)) / 2),
    )


def _first_order(expression: sp.Expr) -> sp.Expr:
    return sp.series(expression, omega_c, 0, 2).removeO()


def _dressed_pair() -> sp.Expr:
    """Return W (alpha_R^2 - alpha_A^2) [Q_+, Q_-]/2 for sigma_+, to leading order in k_F l."""
    mass = 2 * E_F / v_F**2
    commutator = -4 * mass * omega_c
    retarded, advanced = (half_box(branch) ** 2 for branch in Branch)
    # sigma_xx contains v_x v_x, of which v_+ v_- is twice the average.
    pair = impurity_line() * (retarded - advanced) * commutator / 2 / 2
    return sp.limit(sp.expand(pair), E_F, sp.oo)


def half_box(branch: Branch) -> sp.Expr:
    """Return alpha, the half of a dressed box being alpha Q_+ for small Q, in a parabolic band.

    A half is sum_k v_+ G^R(k) G^A(k) G(Q - k), where the last Green function, on the branch of
    the dressing line, is G(xi - v.Q) = G - v.Q G^2. The velocity is v^2 = v_F^2 (1 + xi/E_F),
    with E_F in rad/s like all energies of the rules.
    """
    powers = (3, 1) if branch is Branch.RETARDED else (1, 3)
    integral = xi_integral(*powers) + first_moment(*powers) / E_F
    return -nu * v_F**2 * integral / 2


def first_moment(m: int, n: int) -> sp.Expr:
    """Return the integral over xi of xi (G^R)^m (G^A)^n, for m + n > 2 and m, n > 0.

    From xi G^R = i G^R/(2 tau) - 1.

    Examples
    --------
    >>> first_moment(3, 1), first_moment(2, 2)
    (I*pi*tau**2, 0)
    """
    lower = xi_integral(m - 1, n)
    return sp.simplify(sp.I / (2 * tau) * xi_integral(m, n) - lower)
