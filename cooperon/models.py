"""Named models: recipes of a few lines, each a `Conductor` with its disorder and Hamiltonian.

A recipe says which fields there are and how their times are called.  It contains no
formula; what it leads to is derived when it is used.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from cooperon import recipes_chiral, recipes_spin
from cooperon.conductor import Conductor


@dataclass(frozen=True)
class Model:
    """A recipe: its name, what it describes, whom to cite, and what it is made of."""

    name: str
    description: str
    reference: str
    recipe: Callable[[int], Conductor]
    dimension: int = 2

    def conductor(self, dimension: int | None = None) -> Conductor:
        """Return the conductor of this model in d = 1, 2 or 3, its own dimension by default.

        Raises
        ------
        ValueError
            If the model does not exist in that dimension.
        """
        return self.recipe(self.dimension if dimension is None else dimension)


_ILP = (
    "S. V. Iordanskii, Yu. B. Lyanda-Geller, G. E. Pikus, JETP Lett. 60, 206 (1994); "
    "W. Knap et al., Phys. Rev. B 53, 3912 (1996)"
)
_HLN = "S. Hikami, A. I. Larkin, Y. Nagaoka, Prog. Theor. Phys. 63, 707 (1980)"

MODELS = MappingProxyType(
    {
        model.name: model
        for model in (
            Model(
                "orthogonal",
                "2D electron gas with potential disorder only: weak localization",
                "B. L. Altshuler et al., Phys. Rev. B 22, 5142 (1980)",
                recipes_spin.orthogonal,
            ),
            Model(
                "hln",
                "2D electron gas with spin-orbit and magnetic disorder, a time per spin component",
                _HLN,
                recipes_spin.hikami_larkin_nagaoka,
            ),
            Model(
                "hln-uniaxial",
                "the same with equal times for the spin components x and y",
                _HLN,
                recipes_spin.uniaxial,
            ),
            Model(
                "hln-isotropic",
                "the same with isotropic spin-orbit and magnetic disorder, 1/tau_i = 1/(3 tau)",
                _HLN,
                recipes_spin.isotropic,
            ),
            Model(
                "graphene-so",
                "graphene with strong intervalley scattering and spin-orbit coupling odd "
                "(tau_asy) and even (tau_sym) under z -> -z",
                "E. McCann, V. I. Fal'ko, Phys. Rev. Lett. 108, 166606 (2012)",
                recipes_spin.graphene_spin_orbit,
            ),
            Model(
                "zeeman",
                "2D electron gas with spin-orbit disorder, uniaxial about the field, and Zeeman "
                "splitting",
                "S. Maekawa, H. Fukuyama, J. Phys. Soc. Jpn. 50, 2516 (1981)",
                recipes_spin.zeeman,
            ),
            Model(
                "rashba",
                "quantum well with linear Rashba coupling, in-plane spin relaxation time tau_R",
                _ILP,
                recipes_spin.rashba,
            ),
            Model(
                "dresselhaus",
                "[001] quantum well with linear (tau_D) and cubic (tau_3) Dresselhaus coupling",
                _ILP,
                recipes_spin.dresselhaus,
            ),
            Model(
                "rashba-dresselhaus",
                "[001] quantum well with Rashba (tau_R), linear (tau_D) and cubic (tau_3) "
                "Dresselhaus coupling",
                "F. G. Pikus, G. E. Pikus, Phys. Rev. B 51, 16928 (1995)",
                recipes_spin.rashba_dresselhaus,
            ),
            Model(
                "heavy-holes",
                "2D heavy holes with cubic Rashba coupling (tau_R)",
                "R. Winkler, Phys. Rev. B 62, 4245 (2000)",
                recipes_spin.heavy_holes,
            ),
            Model(
                "graphene",
                "monolayer graphene with intervalley scattering (tau_i), valley-odd disorder "
                "(tau_z) and trigonal warping (tau_w)",
                "E. McCann et al., Phys. Rev. Lett. 97, 146805 (2006)",
                recipes_chiral.graphene,
            ),
            Model(
                "bilayer",
                "bilayer graphene with the same",
                "K. Kechedzhi et al., Phys. Rev. Lett. 98, 176806 (2007)",
                recipes_chiral.bilayer,
            ),
            Model(
                "surface",
                "one Dirac cone on the surface of a topological insulator: weak antilocalization",
                "H. Suzuura, T. Ando, Phys. Rev. Lett. 89, 266603 (2002)",
                recipes_chiral.topological_surface,
            ),
            Model(
                "weyl",
                "one Weyl node in d = 3: weak antilocalization",
                "H.-Z. Lu, S.-Q. Shen, Phys. Rev. B 92, 035203 (2015)",
                recipes_chiral.weyl,
                dimension=3,
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
