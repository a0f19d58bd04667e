"""Weights of soft modes against Hikami boxes summed over a grid of directions.

Bare box and two dressed boxes are written with one spinor per direction, energy integrals by
residues, and the vertex function of a Cooperon close to its pole, all on the grid.  A weight of 1/2
stands for -(e^2/(pi hbar)) D per mode, half of what spin-degenerate electrons have.
"""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad

from cooperon import (
    PSEUDOSPIN,
    SPINLESS,
    Conductor,
    chiral_band,
    dot,
    potential,
    weyl_band,
)
from diagrams.symbols import v_F


def energy_integral(retarded, advanced):
    """Return int d xi (G^R)^a (G^A)^b, G^R = 1/(i/2 - xi), tau = 1: 2 pi i times a residue."""
    rising = sp.ff(-advanced, retarded - 1) / sp.factorial(retarded - 1)
    residue = (-1) ** (retarded + advanced) * rising * sp.I ** (1 - retarded - advanced)
    return complex(2 * sp.pi * sp.I * residue)


@pytest.mark.parametrize("powers", [(1, 1), (2, 1), (2, 2)])
def test_energy_integrals_by_residues_are_those_by_quadrature(powers):
    def value(xi):
        return 1 / (0.5j - xi) ** powers[0] / (-0.5j - xi) ** powers[1]

    integral = quad(value, -np.inf, np.inf, complex_func=True)[0]
    assert energy_integral(*powers) == pytest.approx(integral, abs=1e-9)


def sphere(count=8):
    """Return points and weights; the k-th from the end is minus the k-th."""
    heights, weights = np.polynomial.legendre.leggauss(count // 2)
    angles = 2 * np.pi * (np.arange(count // 2) + 0.3) / count
    points = np.array(
        [
            [np.sqrt(1 - z * z) * np.cos(a), np.sqrt(1 - z * z) * np.sin(a), z]
            for z in heights
            for a in angles
        ]
    )
    half = np.repeat(weights / (2 * count), count // 2)
    return np.concatenate([points, -points[::-1]]), np.concatenate([half, half[::-1]])


def circle(count=16):
    angles = 2 * np.pi * (np.arange(count // 2) + 0.3) / count
    half = np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=1)
    return np.concatenate([half, -half[::-1]]), np.full(count, 1 / count)


def weight_by_boxes(points, weights, spinor, profile=np.ones_like):
    """Return (D/(v^2 tau), weight): the boxes of a Cooperon near its pole, with spinors.

    A retarded and an advanced line enter the Cooperon along n' and -n' and leave it along n and
    -n; the vertices of the current join n' with -n.  One spinor per direction is used throughout.
    """
    u = np.array([spinor(n) for n in points])
    f = u.conj() @ u.T
    strength = profile(points @ points.T)
    strength = strength / np.einsum("n,m,nm,nm->", weights, weights, strength, abs(f) ** 2)
    cooperon, classical = strength * f * f[::-1, ::-1], strength * abs(f) ** 2
    J = np.linalg.lstsq(np.eye(len(points)) - classical * weights, points[:, 0], rcond=None)[0]
    J -= weights @ J
    D = weights @ (points[:, 0] * J)
    gap = 1e-7
    # the vertex function W + W W + ..., in units of 1/(2 pi nu tau)
    vertex = np.linalg.solve((1 + gap) * np.eye(len(points)) - cooperon * weights, cooperon)
    bare = energy_integral(2, 2) * np.einsum(
        "n,n,n,n->", weights, J, J[::-1], np.diag(vertex[::-1])
    )
    scale = energy_integral(2, 1) ** 2 / (2 * np.pi)
    crossing = np.einsum("n,m,n,m,nm,mn->", weights, weights, J, J[::-1], cooperon, vertex[::-1])
    dressed = 2 * scale * crossing
    return D, -(gap * (bare + dressed) / (8 * np.pi * D)).real


def chiral(layers):
    return lambda n: np.array([1, (n[0] + 1j * n[1]) ** layers]) / np.sqrt(2)


def node(n):
    return np.array([1 + n[2], n[0] + 1j * n[1]]) / np.sqrt(2 * (1 + n[2]))


def scalar(n):
    return np.array([1.0])


def long_range(cosine):
    return 1 + 0.6 * cosine + 0.4 * cosine**2


BOXES = {
    "isotropic": (
        circle,
        scalar,
        np.ones_like,
        Conductor(2, [potential(1, space=SPINLESS)], SPINLESS),
    ),
    "finite range": (
        circle,
        scalar,
        long_range,
        Conductor(
            2,
            [
                potential(
                    1, 1 + sp.Rational(3, 5) * dot(2) + sp.Rational(2, 5) * dot(2) ** 2, SPINLESS
                )
            ],
            SPINLESS,
        ),
    ),
    **{
        f"{layers} layers": (
            circle,
            chiral(layers),
            np.ones_like,
            Conductor(2, [potential(1, space=PSEUDOSPIN)], PSEUDOSPIN, band=chiral_band(layers)),
        )
        for layers in (1, 2, 3)
    },
    "Weyl node": (
        sphere,
        node,
        np.ones_like,
        Conductor(3, [potential(1, space=PSEUDOSPIN)], PSEUDOSPIN, band=weyl_band()),
    ),
}


@pytest.mark.parametrize("name", BOXES)
def test_weight_and_diffusion_are_those_of_the_hikami_boxes_on_a_grid(name):
    grid, spinor, profile, conductor = BOXES[name]
    D, weight = weight_by_boxes(*grid(), spinor, profile)
    cooperon = conductor.cooperon()
    assert float(cooperon.diffusion_constant.subs(v_F, 1)) == pytest.approx(D, rel=1e-12)
    (mode,) = cooperon.modes
    assert float(mode.weight) == pytest.approx(weight, abs=1e-6)
