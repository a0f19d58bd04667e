"""The surface of a topological insulator with a gap: a massive Dirac cone.

A magnetic layer or a thin film opens a gap 2 m in the Dirac cone of a surface.  With the Fermi
level at E_F the pseudospin is tilted by cos(Theta) = m/E_F: from the plane (0), where the Berry
phase pi makes weak antilocalization, to the pole (1), where one spin is left, with weak
localization.  In between no mode of the Cooperon is soft.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from cooperon.band import chiral_band
from cooperon.conductor import Conductor
from cooperon.field import potential
from cooperon.internal import PSEUDOSPIN


def massive_surface(mass: Any) -> Conductor:
    """Return one massive Dirac cone, not degenerate, with potential disorder.

    Parameters
    ----------
    mass : number or str
        cos(Theta) = m/E_F from 0 to 1; decimals are taken as they are printed, so that 0.2 and
        "0.2" are one fifth.

    Raises
    ------
    ValueError
        If it is not a number from 0 to 1.
    """
    try:
        cosine = mass if isinstance(mass, sp.Rational) else sp.Rational(str(mass))
    except (TypeError, ValueError):
        cosine = sp.nan
    if cosine is sp.nan or not 0 <= cosine <= 1:
        raise ValueError(f"the mass m/E_F is {mass!r}; give a number from 0 to 1.")
    band = chiral_band(1, mass=cosine)
    return Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=band)
