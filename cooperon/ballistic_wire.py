r"""Dephasing by a field in a wire or film narrower than the mean free path.

Between two impurities the electron runs from wall to wall.  On a straight flight across the channel
the phase (2 e/hbar) int A.dl of the Cooperon vanishes by symmetry, so that a field does much less
than in diffusive motion.  Only flights that graze the walls are left; they decide both limits:

* weak field: the phase is small on every flight.  Its variance grows in time at the rate

      1/tau_B = (4/l_B^4) int_0^oo dt <y v_x(0) y v_x(t)>,

  which for specular walls is a series over the harmonics of the bouncing y(t), exact for any
  l/W; for l >> W it is W^3 v_F/(C_1 l_B^4), and for l << W the diffusive D W^2/(3 l_B^4).
* strong field, W l >> l_B^2: impurities scatter into grazing directions with a phase that is not
  small, and the pair is lost with the probability of such an event, W^2/(C_2 l_B^2) per impurity.

`field_rate` joins them as tau_B = C_1 l_B^4/(W^3 v_F) + C_2 l l_B^2/(W^2 v_F).  C_1 and C_2 are
derived for walls that reflect specularly or diffusely, in a channel of a two-dimensional gas and
in a film; impurities scatter isotropically.

References
----------
C. W. J. Beenakker, H. van Houten, Phys. Rev. B 38, 3232 (1988); V. K. Dugaev, D. E. Khmelnitsky,
Sov. Phys. JETP 59, 1038 (1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from cooperon import flights
from cooperon.derivation import Step, equation
from cooperon.flux_cancellation import FluxCancellation, harmonic
from cooperon.lengths import positive_length
from diagrams.symbols import B, D, e, hbar, symbol, v_F

WALLS = ("specular", "diffuse")
path, W = symbol("l"), symbol("width")
_BvH = "C. W. J. Beenakker, H. van Houten, Phys. Rev. B 38, 3232 (1988)"


@dataclass(frozen=True)
class Channel:
    """A channel between two parallel walls.

    Attributes
    ----------
    walls : {"specular", "diffuse"}
    dimension : {2, 3}
        Of the Fermi surface: 2 for a wire in a two-dimensional gas, in a perpendicular field;
        3 for a film, in a field along it.

    Raises
    ------
    ValueError
        For other walls and dimensions.
    """

    walls: str = "specular"
    dimension: int = 2

    def __post_init__(self) -> None:
        """Refuse other walls and dimensions."""
        if self.walls not in WALLS:
            raise ValueError(f"the walls are {self.walls!r}; choose one of {WALLS}.")
        if self.dimension not in (2, 3):
            raise ValueError(
                f"the dimension of the Fermi surface is {self.dimension!r}; choose 2 for a wire in "
                "a two-dimensional gas or 3 for a film."
            )

    @property
    def C_1(self) -> sp.Expr:
        """Number of the weak field, 1/tau_B = W^3 v_F/(C_1 l_B^4) for l >> W."""
        specular = self.walls == "specular"
        rate = (flights.bouncing_rate if specular else flights.straight_rate)(self.dimension)
        return sp.simplify(1 / (4 * rate))

    @property
    def C_2(self) -> sp.Expr:
        """Number of the strong field, 1/tau_B = W^2 v_F/(C_2 l l_B^2)."""
        specular = self.walls == "specular"
        phase = flights.bouncing_phase() if specular else flights.first_and_last_phase()
        return sp.simplify(1 / (flights.grazing_probability(self.dimension) * phase))

    def steps(self) -> tuple[Step, ...]:
        """Return the steps to the rate of `field_rate`."""
        l_B, tau_B = sp.symbols("l_B tau_B", positive=True)
        t = sp.Symbol("t")
        correlation = sp.Integral(sp.Function("K")(t), (t, 0, sp.oo))
        weak, strong = sp.symbols(r"\tau_B^{weak} \tau_B^{strong}")
        times = self.C_1 * l_B**4 / (W**3 * v_F), self.C_2 * path * l_B**2 / (W**2 * v_F)
        return (
            Step(
                f"Weak field, {self.walls} walls",
                (equation(1 / weak, 4 / l_B**4 * correlation), equation(weak, times[0])),
                "$K(t) = \\langle y v_x(0)\\, y v_x(t)\\rangle$ over free flights between "
                f"{self.walls} walls; only grazing flights are left for $l \\gg W$.",
                _BvH,
            ),
            Step(
                f"Strong field, {self.walls} walls",
                (equation(strong, times[1]),),
                "The phase of grazing flights is large, so that a pair is lost with the "
                "probability that an impurity scatters into such a direction.",
                _BvH,
            ),
            Step(
                f"Interpolation, {self.walls} walls",
                (equation(tau_B, times[0] + times[1]),),
                "The times are added, a guess in between.",
                _BvH,
            ),
        )


def field_rate(
    width: sp.Expr | float = W,
    mean_free_path: sp.Expr | float = path,
    walls: str = "specular",
    field: sp.Expr = B,
    dimension: int = 2,
) -> sp.Expr:
    r"""Return 1/tau_B, 1/s, of a channel with W << l by the published interpolation.

    tau_B = C_1 l_B^4/(W^3 v_F) + C_2 l l_B^2/(W^2 v_F), with l_B^2 = hbar/(e \|B\|) and
    v_F = d D/l; even in B and 0 at B = 0.

    Parameters
    ----------
    width : expression or number
        W, the distance of the walls, m.
    mean_free_path : expression or number
        l of the impurities, without the walls, m.
    walls : {"specular", "diffuse"}
    field : expression
        T.
    dimension : {2, 3}
        Dimension d of the Fermi surface: 2 for a wire, 3 for a film with the field along it.

    Returns
    -------
    expression
        In D, e, hbar and what is passed.  It holds for W << l and W << l_B.  Between its limits
        of weak and strong field it is a guess: for l = 10 W and W^2/l_B^2 = 0.05 the lowest
        eigenvalue of the Boltzmann equation is 16 % above it.

    Raises
    ------
    ValueError
        If a length is not positive, or walls or dimension are not among those.
    """
    channel = Channel(walls, dimension)
    wide, free = _lengths(width, mean_free_path)
    flux = e * sp.Abs(field) / hbar
    weak = flux**2 * wide**3 * (dimension * D / free)
    return weak / (channel.C_1 + channel.C_2 * free * wide * flux)


def weak_field_rate(
    width: sp.Expr | float = W, mean_free_path: sp.Expr | float = path, field: sp.Expr = B
) -> sp.Expr:
    """Return 1/tau_B, 1/s, of a wire with specular walls in a weak field, exact for any l/W.

    D W^2/(3 l_B^4) S(l/W), S the function `FluxCancellation`: quadratic in the field, for
    W l << l_B^2 and W << l_B.  The limit l << W is the diffusive wire.

    Raises
    ------
    ValueError
        If a length is not positive.
    ArithmeticError
        If the harmonics do not add up to that function.
    """
    wide, free = _lengths(width, mean_free_path)
    # 4 int_0^oo dt <y v_x y v_x>, with v_F l = 2 D
    harmonics = flights.harmonic_weight() * flights.correlation_of_harmonic(2)
    rate = 8 * D * wide**2 * harmonics.subs(flights.a, sp.pi * flights.k * free / wide)
    ratio = sp.simplify(rate / harmonic(flights.k, free / wide))
    if ratio.has(flights.k):
        raise ArithmeticError(f"the harmonics {rate} do not add up to a FluxCancellation.")
    return ratio * (e * field / hbar) ** 2 * FluxCancellation(free / wide)


def _lengths(width: sp.Expr | float, mean_free_path: sp.Expr | float) -> tuple[sp.Expr, sp.Expr]:
    wide = positive_length("width", width)
    return wide, positive_length("mean free path", mean_free_path)
