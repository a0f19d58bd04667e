"""Terms beside the correction that depend on the field or the temperature, as models to be added.

Amplitudes are in the unit of the data. None of them is derived by this toolkit: they are classical,
empirical, or quoted with their source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import sympy as sp

from cooperon.sample_units import UNITS
from diagrams.symbols import B, hbar, k_B, symbol
from numerics.compose import Model
from numerics.constants import hbar as HBAR
from numerics.constants import k_B as BOLTZMANN
from numerics.term import DATA, Function, Term
from numerics.units import CONDUCTANCE_UNITS, require_unit

_sigma_0, _mu, _kappa = symbol("sigma_0"), symbol("mu"), symbol("kappa")
_K_ee, _T, _tau = symbol("K_ee"), symbol("T"), symbol("tau")
_GIRVIN = "S. M. Girvin, M. Jonson, P. A. Lee, Phys. Rev. B 26, 1651 (1982)"
_HOUGHTON = "A. Houghton, J. R. Senna, S. C. Ying, Phys. Rev. B 25, 2196 (1982)"
_AA = (
    "B. L. Altshuler, A. G. Aronov, in Electron-Electron Interactions in Disordered Systems, "
    "North-Holland (1985)"
)
_ZNA = "G. Zala, B. N. Narozhny, I. L. Aleiner, Phys. Rev. B 64, 214204 (2001)"
# e^2/(2 pi^2 hbar) = e^2/(pi h), the unit that the logarithms come in.
_LOGARITHM = CONDUCTANCE_UNITS["e^2/(pi h)"]


def parabola() -> Model:
    """Return c_2 B^2, c_2 in the unit of the data per T^2 and of either sign."""
    return _model(_parabola, {"c_2": f"{DATA}/T^2"}, symbol("c_2") * B**2)


def linear(*, odd: bool = False) -> Model:
    """Return c_1 |B|, or c_1 B (an admixture of the Hall voltage) if `odd`; c_1 per T."""
    function, shape = (_odd, B) if odd else (_even, sp.Abs(B))
    return _model(function, {"c_1": f"{DATA}/T"}, symbol("c_1") * shape)


def constant() -> Model:
    """Return c_0, the error of the zero-field value that was subtracted from a curve."""
    return _model(_constant, {"c_0": DATA}, symbol("c_0"))


def drude() -> Model:
    """Return sigma_0/(1 + (mu B)^2) - sigma_0, the classical sigma_xx of one kind of carriers.

    It belongs to conductivities from the full resistivity tensor. 1/rho_xx of one kind of carriers
    does not depend on the field. The difference is taken without cancellation.
    """
    squared = (_mu * B) ** 2
    return _model(
        _drude,
        {"sigma_0": DATA, "mu": "m^2/(V s)"},
        -_sigma_0 * squared / (1 + squared),
        validity="one kind of carriers, no quantisation of levels (background)",
    )


def kohler() -> Model:
    """Return -sigma_0 x^2/(1 + x^2), x = kappa sigma_0 B: Kohler's rule for 1/rho_xx.

    Kohler's rule says that the relative magnetoresistance depends on the field through
    B sigma_0 only, here rho(B)/rho(0) = 1 + x^2. Fix sigma_0 for each curve, in the unit of the
    data, share kappa, and curves of all temperatures have one background.
    """
    squared = (_kappa * _sigma_0 * B) ** 2
    return _model(
        _kohler,
        {"kappa": f"1/(T {DATA})", "sigma_0": DATA},
        -_sigma_0 * squared / (1 + squared),
        validity="one scattering time changes with temperature (Kohler's rule)",
        references=("M. Kohler, Ann. Phys. (Leipzig) 424, 211 (1938)",),
    )


def interaction_parabola(*, unit: str) -> Model:
    """Return -K_ee (mu B)^2 ln(k_B T tau/hbar) e^2/(pi h), interactions in 1/rho_xx of a film.

    The interaction correction leaves sigma_xy alone, so sigma_xx = sigma_0/(1 + (mu B)^2) + d and
    sigma_xy = sigma_0 mu B/(1 + (mu B)^2) with d = K_ee ln(k_B T tau/hbar) e^2/(2 pi^2 hbar). To
    first order in d, for any mu B, rho_xx = 1/sigma_0 + ((mu B)^2 - 1) d/sigma_0^2 and 1/rho_xx =
    sigma_0 + (1 - (mu B)^2) d; what depends on the field is returned. It is positive where
    k_B T tau < hbar and K_ee > 0. In sigma_xx from the full tensor there is no such term.

    With both spins, K_ee = 1 + 3 [1 - ln(1 + F)/F], F = F_0^sigma: the singlet and three triplets.

    Parameters
    ----------
    unit : str
        Unit of the data.

    References
    ----------
    Houghton, Senna, Ying, Phys. Rev. B 25, 2196 (1982), and Girvin, Jonson, Lee, Phys. Rev. B 26,
    1651 (1982): delta sigma_xy = 0 and the parabola. Altshuler, Aronov (1985): the logarithm; its
    prefactor in F_0^sigma: Zala, Narozhny, Aleiner, Phys. Rev. B 64, 214204 (2001). The diagrams of
    this correction are not derived here, the prefactor is quoted; the inversion of the tensor is
    tested.
    """
    return _interaction(
        _interaction_parabola,
        unit,
        {"K_ee": "1", "T": "K", "mu": "m^2/(V s)", "tau": "s"},
        -_K_ee * (_mu * B) ** 2 * sp.log(k_B * _T * _tau / hbar),
        (_HOUGHTON, _GIRVIN, _AA, _ZNA),
    )


def interaction_logarithm(*, unit: str) -> Model:
    """Return K_ee ln(k_B T tau/hbar) e^2/(pi h), the interaction correction without a field.

    For sigma(B, T) as measured, without the subtraction of sigma(0, T), which removes it. K_ee,
    sources and what is not derived are those of `interaction_parabola`.
    """
    return _interaction(
        _interaction_logarithm,
        unit,
        {"K_ee": "1", "T": "K", "tau": "s"},
        _K_ee * sp.log(k_B * _T * _tau / hbar),
        (_AA, _ZNA),
    )


@dataclass(frozen=True)
class _Scaled:
    """A function times a number; equal ones are equal, so that a search is compiled once."""

    function: Function
    factor: float

    def __call__(self, B: jax.Array, **values: jax.Array) -> jax.Array:
        return self.factor * self.function(B, **values)


def _model(
    function: Function,
    units: dict[str, str],
    expression: sp.Expr,
    validity: str = "",
    references: tuple[str, ...] = (),
) -> Model:
    names = tuple((name, name) for name in units)
    term = Term(
        function,
        names,
        tuple(units.values()),
        expression,
        validity=validity,
        references=references,
    )
    return Model((term,))


def _interaction(
    function: Function,
    unit: str,
    units: dict[str, str],
    expression: sp.Expr,
    references: tuple[str, ...],
) -> Model:
    unit = require_unit(unit, CONDUCTANCE_UNITS, "the data")
    scaled = _Scaled(function, _LOGARITHM / CONDUCTANCE_UNITS[unit])
    validity = "k_B T tau/hbar << 1 (diffusive interaction correction), first order in it"
    model = _model(scaled, units, expression, validity, references)
    (term,) = model.terms
    return Model((replace(term, prefactor=UNITS[2].value),), unit)


def _parabola(B: jax.Array, c_2: jax.Array) -> jax.Array:
    return c_2 * B**2


def _even(B: jax.Array, c_1: jax.Array) -> jax.Array:
    return c_1 * jnp.abs(B)


def _odd(B: jax.Array, c_1: jax.Array) -> jax.Array:
    return c_1 * B


def _constant(B: jax.Array, c_0: jax.Array) -> jax.Array:
    return c_0 * jnp.ones_like(B)


def _drude(B: jax.Array, sigma_0: jax.Array, mu: jax.Array) -> jax.Array:
    squared = (mu * B) ** 2
    return -sigma_0 * squared / (1 + squared)


def _kohler(B: jax.Array, kappa: jax.Array, sigma_0: jax.Array) -> jax.Array:
    return _drude(B, sigma_0, kappa * sigma_0)


def _thermal_logarithm(T: jax.Array, tau: jax.Array) -> jax.Array:
    return jnp.log(BOLTZMANN / HBAR * T * tau)


def _interaction_parabola(
    B: jax.Array, K_ee: jax.Array, T: jax.Array, mu: jax.Array, tau: jax.Array
) -> jax.Array:
    return -K_ee * (mu * B) ** 2 * _thermal_logarithm(T, tau)


def _interaction_logarithm(
    B: jax.Array, K_ee: jax.Array, T: jax.Array, tau: jax.Array
) -> jax.Array:
    return K_ee * _thermal_logarithm(T, tau) * jnp.ones_like(B)
