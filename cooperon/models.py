"""Named models: recipes of a few lines, each a `Conductor` with its disorder.

A recipe says which fields there are and how their times are called.  It contains no
formula; what it leads to is derived when it is used.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType

from cooperon.conductor import Conductor
from cooperon.field import Field, magnetic, potential, spin_orbit
from diagrams.symbols import symbol


@dataclass(frozen=True)
class Model:
    """A recipe: its name, what it describes, whom to cite, and its independent fields."""

    name: str
    description: str
    reference: str
    disorder: Callable[[int], Iterable[Field | Iterable[Field]]]

    def conductor(self, dimension: int = 2) -> Conductor:
        """Return the conductor of this model in d = 1, 2 or 3."""
        return Conductor(dimension, self.disorder(dimension))


def _orthogonal(d: int) -> list[Field]:
    return [potential()]


def _hikami_larkin_nagaoka(d: int) -> list[Field | tuple[Field, ...]]:
    return [potential(), spin_orbit(dimension=d), magnetic()]


def _isotropic(d: int) -> list[Field | tuple[Field, ...]]:
    so, s = (3 * symbol("tau_so"),) * 3, (3 * symbol("tau_s"),) * 3
    return [potential(), spin_orbit(*so, dimension=d), magnetic(*s)]


def _uniaxial(d: int) -> list[Field | tuple[Field, ...]]:
    so = symbol("tau_so_x"), symbol("tau_so_x"), symbol("tau_so_z")
    s = symbol("tau_s_x"), symbol("tau_s_x"), symbol("tau_s_z")
    return [potential(), spin_orbit(*so, dimension=d), magnetic(*s)]


def _graphene_spin_orbit(d: int) -> list[Field | tuple[Field, ...]]:
    tau_asy, tau_sym = symbol("tau_asy"), symbol("tau_sym")
    return [potential(), spin_orbit(2 * tau_asy, 2 * tau_asy, 2 * tau_sym, dimension=d)]


_HLN = "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)"

MODELS = MappingProxyType(
    {
        model.name: model
        for model in (
            Model(
                "orthogonal",
                "2D electron gas with potential disorder only: weak localization",
                "B. L. Altshuler et al., Phys. Rev. B 22, 5142 (1980)",
                _orthogonal,
            ),
            Model(
                "hln",
                "2D electron gas with spin-orbit and magnetic disorder, a time per spin component",
                _HLN,
                _hikami_larkin_nagaoka,
            ),
            Model(
                "hln-uniaxial",
                "the same with equal times for the spin components x and y",
                _HLN,
                _uniaxial,
            ),
            Model(
                "hln-isotropic",
                "the same with isotropic spin-orbit and magnetic disorder, 1/tau_i = 1/(3 tau)",
                _HLN,
                _isotropic,
            ),
            Model(
                "graphene-so",
                "graphene with strong intervalley scattering and spin-orbit coupling odd "
                "(tau_asy) and even (tau_sym) under z -> -z",
                "E. McCann, V. I. Fal'ko, Phys. Rev. Lett. 108, 166606 (2012)",
                _graphene_spin_orbit,
            ),
        )
    }
)


def model(name: str) -> Model:
    """Return the model called `name`.

    Raises
    ------
    ValueError
        If there is none, with the nearest names.
    """
    if name in MODELS:
        return MODELS[name]
    near = difflib.get_close_matches(name, MODELS, n=3, cutoff=0.4) or list(MODELS)
    raise ValueError(f"there is no model {name!r}; did you mean one of {near}?")
