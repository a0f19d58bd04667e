"""Chiral electrons against ladders of spinors on a grid of directions.

The pairs here are products of spinors of the band at n and -n, one amplitude per direction and
pair of valleys: no projectors, no harmonics, no Schur complement.  Slowest rates must be the gaps.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from cooperon import (
    ONE,
    PSEUDOSPIN,
    SIGMA_Z,
    Conductor,
    chiral_band,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
    spinor_band,
)
from cooperon.recipes_chiral import graphene_field, valley_and_pseudospin
from diagrams.symbols import hbar, tau, v_F

ENTRIES = json.loads((Path(__file__).parents[1] / "data" / "dirac.json").read_text())["entries"]
BY_NAME = {entry["name"]: entry for entry in ENTRIES}
HALF = sp.Rational(1, 2)
e_SI, hbar_SI = sp.Rational("1.602176634e-19"), sp.Float("1.054571817646156391262428003302e-34", 31)


def field_of_length(text):
    """Return B_j = hbar/(4 e L_j^2)."""
    return hbar_SI / (4 * e_SI * sp.Rational(text) ** 2)


@cache
def derived(name):
    return magnetoconductivity(model(name).conductor())


GRAPHENE = [entry for entry in ENTRIES if "L_star_m" in entry["parameters"]]


@pytest.mark.parametrize("entry", GRAPHENE, ids=lambda entry: entry["name"])
def test_graphene_equals_the_reference_value(entry):
    lengths = entry["parameters"]
    name = "graphene" if entry["name"].startswith("monolayer") else "bilayer"
    fields = {
        "B": sp.Rational(lengths["B_T"]),
        "B_phi": field_of_length(lengths["L_phi_m"]),
        "B_i": field_of_length(lengths["L_i_m"]),
        "B_z": field_of_length(lengths["L_star_m"]) / 3,
        "B_w": field_of_length(lengths["L_star_m"]) * 2 / 3,
    }
    value = derived(name).subs(fields).expression.evalf(30)
    assert abs(value / sp.Float(entry["value"], 30) - 1) < 1e-23


def test_one_cone_equals_the_reference_value():
    entry = BY_NAME["massless Dirac cone = -1/2 Psi"]
    fields = {"B": sp.Rational("0.05"), "B_phi": field_of_length("5e-7")}
    value = derived("surface").subs(fields).expression.evalf(30)
    assert abs(value / sp.Float(entry["value"], 30) - 1) < 1e-23


s_x, s_y, s_z, one = (
    np.array([[0, 1], [1, 0]]),
    np.array([[0, -1j], [1j, 0]]),
    np.diag([1, -1]),
    np.eye(2),
)
SIGMA = [np.kron(s_z, s_x), np.kron(s_z, s_y), np.kron(one, s_z)]
LAMBDA = [np.kron(s_x, s_z), np.kron(s_y, s_z), np.kron(s_z, one)]
RATES = {"pp": 0.7, "zp": 0.3, "pz": 0.5, "zz": 0.2}


def kind(s, valley):
    return ("z" if s == 2 else "p") + ("z" if valley == 2 else "p")


def valley_spinors(angle, layers):
    """Return the two spinors of the band in (A, B, B', A'), one per valley, as columns."""
    upper = np.array([1, np.exp(1j * layers * angle)]) / np.sqrt(2)
    lower = upper * ([1, -1] if layers % 2 else [1, 1])
    return np.stack([np.kron([1, 0], upper), np.kron([0, 1], lower)], axis=1)


def valley_ladder(layers, eps, count=12, warping=0.0):
    """Return the Cooperon, (direction x valley x valley)^2, weak rates eps, 1/tau = 1."""
    angles = 2 * np.pi * np.arange(count) / count
    u = np.array([valley_spinors(a, layers) for a in angles])
    back = np.roll(u, -count // 2, axis=0)
    fields = [(1.0, np.eye(4))]
    fields += [(eps * RATES[kind(s, v)], SIGMA[s] @ LAMBDA[v]) for s in range(3) for v in range(3)]
    kernel = np.zeros((count, 4, count, 4), complex)
    for rate, M in fields:
        forward = np.einsum("nia,ij,mjb->nmab", u.conj(), M, u)
        other = np.einsum("nia,ij,mjb->nmab", back.conj(), M, back)
        probability = np.einsum("nmab,nmab->", forward, forward.conj()).real / (2 * count**2)
        out = np.einsum("nmab,nmcb->nac", forward, forward.conj()) / count
        out_back = np.einsum("nmab,nmcb->nac", other, other.conj()) / count
        strength = rate / probability
        both = np.einsum("nmab,nmcd->nacmbd", forward, other).reshape(count, 4, count, 4)
        kernel -= strength * both / count
        for k, angle in enumerate(angles):
            decay = np.kron(out[k], one) + np.kron(one, out_back[k])
            kernel[k, :, k, :] += strength * decay / 2
            if rate == 1.0:  # once: h = w cos(3 phi) Lambda_z, odd in n
                h = warping * np.cos(3 * angle) * s_z
                kernel[k, :, k, :] += 1j * (np.kron(h, one) + np.kron(one, h))
    return kernel.reshape(4 * count, 4 * count)


def all_classes(layers, hamiltonian=0):
    fields = [
        graphene_field(s, v, 1 / sp.Rational(str(RATES[kind(s, v)])))
        for s in range(3)
        for v in range(3)
    ]
    return Conductor(
        2,
        [potential(1, space=valley_and_pseudospin()), *fields],
        valley_and_pseudospin(),
        hamiltonian=hamiltonian,
        band=chiral_band(layers, valley=SIGMA_Z if layers % 2 else ONE),
        degeneracy=2,
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_gaps_of_all_disorder_classes_are_those_of_the_ladder_of_spinors(layers):
    gaps = sorted(float(mode.gap) for mode in all_classes(layers).cooperon().modes)
    eps = 1e-4
    coarse, fine = (np.linalg.eigvalsh(valley_ladder(layers, x))[:4] / x for x in (eps, eps / 2))
    np.testing.assert_allclose(gaps, 2 * fine - coarse, atol=1e-6)


def test_gaps_of_the_monolayer_equal_the_reference_values():
    gaps = sorted(float(mode.gap) for mode in all_classes(1).cooperon().modes)
    expected = [
        float(BY_NAME[f"monolayer ladder gap {k} (rates pp=.7 zp=.3 pz=.5 zz=.2)"]["value"])
        for k in (1, 2, 3)
    ]
    assert gaps == pytest.approx([0, *expected], rel=1e-14)


@pytest.mark.parametrize("layers", [1, 2])
def test_warping_relaxes_pairs_of_one_valley_only(layers):
    """w cos(3 phi) Lambda_z adds 2 tau (w/hbar)^2; what is left is of fourth order in w."""
    lambda_z = sp.ImmutableDenseMatrix(sp.diag(1, 1, -1, -1))
    h = hbar * (n_x**3 - 3 * n_x * n_y**2) * lambda_z / 100
    modes = all_classes(layers, h).cooperon().modes
    without = all_classes(layers).cooperon().modes
    added = sorted(float(a.gap - b.gap) for a, b in zip(modes, without, strict=True))
    assert added == pytest.approx([0, 0, 2e-4, 2e-4], abs=1e-15)
    for w in (1e-2, 5e-3):
        slow = np.sort(np.linalg.eigvals(valley_ladder(layers, 0, warping=w)).real)[:4]
        np.testing.assert_allclose(slow, [0, 0, 2 * w**2, 2 * w**2], atol=20 * w**4)


@pytest.mark.parametrize("layers", [1, 2, 3, 4, 5])
def test_weights_alternate_with_the_number_of_layers(layers):
    gas = Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=chiral_band(layers))
    (mode,) = gas.cooperon().modes
    assert (mode.gap, mode.weight) == (0, HALF * (-1) ** layers)
    transport = 2 if layers == 1 else 1
    assert gas.cooperon().diffusion_constant == v_F**2 * tau * transport / 2


def test_a_weyl_node_diffuses_with_three_halves_of_the_lifetime_and_antilocalizes():
    cooperon = model("weyl").conductor().cooperon()
    assert sp.simplify(cooperon.diffusion_constant - v_F**2 * tau / 2) == 0
    assert [(mode.gap, mode.weight) for mode in cooperon.modes] == [(0, -HALF)]


def test_a_spinor_and_its_phase_give_the_band_of_the_cone():
    u = sp.Matrix([1, n_x + sp.I * n_y]) / sp.sqrt(2)
    shifted = sp.Matrix([n_x - sp.I * n_y, 1]) / sp.sqrt(2)
    cone = Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=chiral_band(1)).cooperon()
    for spinor in (u, shifted):
        band = spinor_band("by spinors", spinor)
        gas = Conductor(2, [potential(space=PSEUDOSPIN)], PSEUDOSPIN, band=band).cooperon()
        assert (gas.modes, gas.diffusion_constant) == (cone.modes, cone.diffusion_constant)
