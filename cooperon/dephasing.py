r"""Dephasing laws: 1/tau_phi as a function of temperature, for any correction.

A law is a sum of rates, each with the range in which it holds and whom to cite; adding laws adds
rates.  `with_dephasing` puts a law in the place of the dephasing time or field of a correction,
which makes it a function of temperature and field, delta sigma(B, T), with the parameters of the
law.

>>> from cooperon import magnetoconductivity, model
>>> law = nyquist(2) + electron_phonon(3) + saturation()
>>> law.parameters
(A_ep, R_square, T, tau_0)
>>> correction = with_dephasing(magnetoconductivity(model("orthogonal").conductor()), law)
>>> correction.parameters
(B, A_ep, D, R_square, T, tau_0)

Not here: the maximum of spin-flip scattering near a Kondo temperature, which takes an impurity
problem to derive; state a rate of your own with `RateTerm`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import sympy as sp

from cooperon.correction import Correction
from cooperon.dephasing_law import DephasingLaw, RateTerm
from cooperon.derivation import Derivation, Step, equation
from cooperon.nyquist import nyquist_length
from cooperon.nyquist_rate_steps import golden_rule_steps
from cooperon.nyquist_rates import (
    decay_rate,
    exponential_rate,
    in_conductivity,
    iterated_rate,
    self_consistent_rate,
    slow_noise_rate,
)
from cooperon.sample_units import UNITS
from diagrams.symbols import D, symbol, tau_phi

T = symbol("T")


def nyquist(dimension: int, self_consistent: bool = True) -> DephasingLaw:
    r"""Return dephasing by the Nyquist noise of other electrons, screened Coulomb interaction.

    Parameters
    ----------
    dimension : {1, 2, 3}
        Dimension of the diffusion during hbar/(k_B T): that of the sample if it is thinner than
        the thermal length sqrt(hbar D/(k_B T)).
    self_consistent : bool
        In d = 2, whether the rate is solved for (by default), or the logarithm taken as
        ln(pi hbar/(e^2 R_square)), the first step of the iteration.

    Returns
    -------
    DephasingLaw
        The decay rate of the Cooperon (out-rate plus in-rate) of an electron at the Fermi level:

        * d = 3: 0.107 (k_B T/hbar)^(3/2)/(hbar nu D^(3/2)), with nu = sigma_D/(2 e^2 D) per spin;
        * d = 2: 1/tau_phi = a (k_B T/hbar) ln(k_B T tau_phi/hbar), a = e^2 R_square/(2 pi hbar),
          to logarithmic accuracy;
        * d = 1: (Ai'(0)/Ai(0))^2/tau_N = 0.531/tau_N with the Nyquist time
          tau_N = (hbar^2 sigma_1/(e^2 k_B T sqrt(D)))^(2/3).  There is no exponential decay in
          d = 1; this rate has the same correction without a field and without other
          dephasing, and is some percent off with it.  `wire(..., nyquist=True)` is exact.

    Raises
    ------
    ValueError
        If the dimension is not 1, 2 or 3.

    References
    ----------
    Schmid, Z. Phys. 271, 251 (1974), d = 3; his 1/tau_ee at T = 0 is the rate here.
    Altshuler, Aronov, Khmelnitsky, J. Phys. C 15, 7367 (1982), d = 1, 2.

    Examples
    --------
    >>> nyquist(2).rate
    R_square*T*e**2*k_B*LambertW(2*pi*hbar/(R_square*e**2))/(2*pi*hbar**2)
    """
    if dimension not in _NYQUIST:
        raise ValueError(
            f"the dimension of the noise is {dimension}; choose 1, 2 or 3. A dot, d = 0, has no "
            "diffusion; state its rate by power_law."
        )
    if dimension == 2 and not self_consistent:
        rate = iterated_rate(2 * slow_noise_rate())
    else:
        rate = _NYQUIST[dimension]()
    conductivity, validity, reference = _CONDITIONS[dimension]
    name = f"Nyquist noise, d = {dimension}"
    term = RateTerm(name, in_conductivity(rate, conductivity), validity, reference, dimension)
    return DephasingLaw((term,))


_NYQUIST = MappingProxyType({1: exponential_rate, 2: self_consistent_rate, 3: decay_rate})
_AAK = "B. L. Altshuler, A. G. Aronov, D. E. Khmelnitsky, J. Phys. C 15, 7367 (1982)"
_CONDITIONS = MappingProxyType(
    {
        1: (
            symbol("sigma_1"),
            "hbar/tau_N << k_B T << hbar/tau, and a wire thinner than L_N (noise of a wire)",
            _AAK,
        ),
        2: (
            1 / symbol("R_square"),
            "e^2 R_square/(2 pi hbar) << 1 and k_B T << hbar/tau (noise of a film)",
            _AAK,
        ),
        3: (
            symbol("sigma_D"),
            "k_B T << hbar/tau (noise of a bulk conductor)",
            "A. Schmid, Z. Phys. 271, 251 (1974)",
        ),
    }
)


def power_law(power: sp.Expr | float, coefficient: str, name: str) -> DephasingLaw:
    """Return the rate A T^p.

    Parameters
    ----------
    power : expression or number
        p > 0; a symbol makes it a parameter.
    coefficient : str
        Name of A, 1/(s K^p).
    name : str
        Name of the mechanism.

    Raises
    ------
    ValueError
        If the power is not positive.
    """
    exponent = sp.nsimplify(power, rational=True)
    if exponent.is_positive is False or exponent.is_finite is False:
        raise ValueError(
            f"the power of temperature is {power}; give a positive one, for dephasing grows with "
            "temperature."
        )
    return DephasingLaw((RateTerm(name, symbol(coefficient) * T**exponent),))


def electron_phonon(power: sp.Expr | float = 3, coefficient: str = "A_ep") -> DephasingLaw:
    """Return dephasing by phonons, A_ep T^p.

    Parameters
    ----------
    power : expression or number
        With q_T = k_B T/(hbar s) the wave vector of thermal phonons, s the velocity of sound:

        * p = 3: clean metal, q_T l >> 1, all phonons of three dimensions;
        * p = 4: q_T l << 1, impurities that move with the lattice;
        * p = 2: q_T l << 1, impurities or boundaries that do not move with it.

        What was measured is between 2 and 4, often not an integer.
    coefficient : str
        Name of the parameter A_ep, 1/(s K^p): it is fitted, not derived, here.

    Raises
    ------
    ValueError
        If the power is not positive.

    References
    ----------
    Schmid, Z. Phys. 259, 421 (1973); Sergeev, Mitin, Phys. Rev. B 61, 6041 (2000).
    """
    law = power_law(power, coefficient, f"phonons, T^{power}")
    cited = "A. Sergeev, V. Mitin, Phys. Rev. B 61, 6041 (2000)"
    validity = "temperature far below that of Debye"
    return DephasingLaw((replace(law.terms[0], validity=validity, reference=cited),))


def spin_flip() -> DephasingLaw:
    """Return a rate 1/tau_sf that temperature does not change, of magnetic impurities.

    Above their Kondo temperature, and as one rate for all modes.  Where singlet and triplets have
    different ones (2/tau_s and 2/(3 tau_s) if spin is conserved otherwise), put the field
    `magnetic()` into the conductor instead.
    """
    validity = "k_B T far above the Kondo temperature and the Zeeman energy of the impurities"
    return DephasingLaw((RateTerm("spin flips", 1 / symbol("tau_sf"), validity),))


def saturation() -> DephasingLaw:
    """Return the empirical rate 1/tau_0 that is left at low temperature.

    Its origin (magnetic impurities, heating, two-level systems, radiation) is not implied.
    """
    return DephasingLaw((RateTerm("saturation", 1 / symbol("tau_0")),))


def with_dephasing(
    correction: Correction, law: DephasingLaw, dimension: int | None = None
) -> Correction:
    """Return a correction with 1/tau_phi given by a law.

    Parameters
    ----------
    correction : Correction
        With tau_phi or B_phi as a parameter; where it has the Nyquist length L_N or time tau_N,
        these become functions of temperature as well.
    law : DephasingLaw
    dimension : int, optional
        Dimension of the noise where it is not that of the correction: of a film between its
        thermal length and L_phi it is 3.

    Raises
    ------
    ValueError
        If the correction has no dephasing; if the noise is of another dimension; or if it would
        be counted twice, in L_N and in the law.
    """
    _require_dimension(correction, law, dimension)
    present = {s.name for s in correction.parameters}
    if present & {"L_N", "tau_N"} and law.dimension is not None:
        raise ValueError(
            "the correction has the Nyquist noise in it by L_N already; leave nyquist out of the "
            "law."
        )
    values = {name: meaning(law) for name, meaning in _MEANINGS.items() if name in present}
    if not values:
        raise ValueError(
            f"the correction {correction.name!r} has no dephasing to replace; its parameters are "
            f"{', '.join(map(str, correction.parameters))}."
        )
    changed = correction.subs(values)
    golden_rule = golden_rule_steps(law.dimension) if law.dimension else ()
    steps = (*correction.derivation.steps, *golden_rule, _step(law))
    return replace(
        changed,
        validity="; ".join(filter(None, [correction.validity, law.validity])),
        references=tuple(dict.fromkeys([*correction.references, *law.references])),
        derivation=Derivation(correction.derivation.title, steps),
    )


_MEANINGS: MappingProxyType[str, Callable[[DephasingLaw], sp.Expr]] = MappingProxyType(
    {
        "tau_phi": lambda law: law.time,
        "B_phi": lambda law: law.field,
        "L_N": lambda law: nyquist_length(),
        "tau_N": lambda law: nyquist_length() ** 2 / D,
    }
)


def _step(law: DephasingLaw) -> Step:
    names = ", ".join(term.name for term in law.terms)
    return Step(
        "Dephasing",
        (equation(1 / tau_phi, law.rate),),
        f"The rates of independent mechanisms add: {names}.",
        "; ".join(law.references),
    )


# A conductance between leads is in other units, and may be that of a sample of any dimension.
_DIMENSION_OF_UNIT = MappingProxyType({unit.name: d for d, unit in UNITS.items()})


def _require_dimension(correction: Correction, law: DephasingLaw, dimension: int | None) -> None:
    expected = dimension or _DIMENSION_OF_UNIT.get(correction.unit_name)
    if expected and law.dimension and law.dimension != expected:
        raise ValueError(
            f"the noise of the law is that of d = {law.dimension}, but d = {expected} in the "
            f"correction; use nyquist({expected}), or say dimension={law.dimension} if the sample "
            "is larger than the thermal length in the other directions."
        )
