"""Recipes of chiral electrons: graphene, its bilayer, topological surfaces, Weyl nodes.

The basis of graphene is (A, B, B', A') of E. McCann et al., Phys. Rev. Lett. 97, 146805
(2006), with matrices Sigma_s of the pseudospin and Lambda_l of the valley that all change
sign under time reversal; disorder that keeps it is made of products Sigma_s Lambda_l.
"""

from __future__ import annotations

from functools import cache

import sympy as sp

from cooperon.band import chiral_band, weyl_band
from cooperon.conductor import Conductor
from cooperon.directions import n_x, n_y
from cooperon.field import Field, potential
from cooperon.internal import (
    ONE,
    PSEUDOSPIN,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    VALLEY,
    InternalSpace,
    Matrix,
    product,
)
from diagrams.symbols import hbar, symbol, tau

SIGMA = tuple(
    Matrix(sp.kronecker_product(valley, sigma))
    for valley, sigma in ((SIGMA_Z, SIGMA_X), (SIGMA_Z, SIGMA_Y), (ONE, SIGMA_Z))
)
LAMBDA = tuple(
    Matrix(sp.kronecker_product(valley, sigma))
    for valley, sigma in ((SIGMA_X, SIGMA_Z), (SIGMA_Y, SIGMA_Z), (SIGMA_Z, ONE))
)


@cache
def valley_and_pseudospin() -> InternalSpace:
    """Return the internal space of graphene: time reversal exchanges A with A' and B with B'."""
    reversal = Matrix(sp.kronecker_product(SIGMA_X, SIGMA_X))
    pairs = product(VALLEY, PSEUDOSPIN).pair_basis
    return InternalSpace("valley x pseudospin", reversal, pairs)


def graphene_field(s: int, valley: int, tau_field: sp.Expr) -> Field:
    """Return the field Sigma_s Lambda_l (s, l = 0, 1, 2 for x, y, z) with out-rate 1/tau."""
    name = f"Sigma_{'xyz'[s]} Lambda_{'xyz'[valley]}"
    return Field(name, Matrix(SIGMA[s] * LAMBDA[valley]), 1 / tau_field)


def graphene(dimension: int) -> Conductor:
    """Monolayer with intervalley (tau_i) and intravalley (tau_z, warping tau_w) scattering."""
    return _graphene(dimension, 1, SIGMA_Z)


def bilayer(dimension: int) -> Conductor:
    """Bilayer with the same."""
    return _graphene(dimension, 2, ONE)


def topological_surface(dimension: int) -> Conductor:
    """One Dirac cone, not degenerate, with potential disorder."""
    _require(dimension, 2, "a Dirac cone on a surface")
    return Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=chiral_band())


def weyl(dimension: int) -> Conductor:
    """One Weyl node with potential disorder."""
    _require(dimension, 3, "a Weyl node")
    return Conductor(3, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=weyl_band())


def _graphene(dimension: int, winding: int, valley: sp.MatrixBase) -> Conductor:
    _require(dimension, 2, "graphene")
    tau_i, tau_z = symbol("tau_i"), symbol("tau_z")
    disorder = [
        potential(space=valley_and_pseudospin()),
        graphene_field(2, 0, 2 * tau_i),
        graphene_field(2, 1, 2 * tau_i),
        graphene_field(2, 2, 2 * tau_z),
    ]
    # the Fermi line in each valley is warped in opposite senses
    warping = hbar / sp.sqrt(2 * tau * symbol("tau_w")) * (n_x**3 - 3 * n_x * n_y**2) * LAMBDA[2]
    band = chiral_band(winding, valley=valley)
    return Conductor(
        2, disorder, valley_and_pseudospin(), hamiltonian=warping, band=band, degeneracy=2
    )


def _require(dimension: int, expected: int, what: str) -> None:
    if dimension != expected:
        raise ValueError(f"{what} lives in d = {expected}, not in d = {dimension}.")
