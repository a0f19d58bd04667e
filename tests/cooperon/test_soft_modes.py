"""Soft modes: gaps, weights and diffusion against the ladder on a full grid of directions.

The ladder is diagonalised here as one matrix in (direction x spin x spin), with no harmonics
and no elimination.  Its slowest rates have to approach the gaps as the weak fields go to zero.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

from cooperon import (
    ONE,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPINLESS,
    Conductor,
    Field,
    magnetic,
    potential,
    spin_orbit,
)
from cooperon.directions import dot, m_x, m_y, n_x, n_y
from diagrams.symbols import symbol, v_F

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "data" / "cooperon_spin_structure.json").read_text()
)["entries"]
COEFFICIENT = {entry["name"]: float(entry["value"]) for entry in REFERENCE}

one = np.eye(2)
s_x, s_y, s_z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
tau_so, tau_s, tau_a, tau_b = (symbol(f"tau_{name}") for name in ("so", "s", "a", "b"))


def circle(count):
    angles = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def grid_ladder(points, fields, cooperon=True):
    """Return out-rate minus in-rate between all directions, for (rate, vertex) of each field."""
    count = len(points)
    kernel = np.zeros((count, 4, count, 4), complex)
    for rate, vertex in fields:
        M = np.array([[vertex(n, m) for m in points] for n in points])
        other = np.array([[vertex(-n, -m) for m in points] for n in points])
        other = other if cooperon else M.conj()
        norm = np.einsum("nmab,nmab->", M, M.conj()).real / (2 * count**2)
        legs = (
            np.einsum("nmab,nmcb->nac", M, M.conj()),
            np.einsum("nmab,nmcb->nac", other, other.conj()),
        )
        in_rate = np.einsum("nmab,nmcd->nacmbd", M, other).reshape(count, 4, count, 4)
        kernel -= rate / norm * in_rate / count
        for k in range(count):
            out = np.kron(legs[0][k], one) + np.kron(one, legs[1][k])
            kernel[k, :, k, :] += rate / norm * out / (2 * count)
    return kernel.reshape(4 * count, 4 * count)


def rashba(n, m):
    return (n + m)[1] * s_x - (n + m)[0] * s_y


def tilted(n, m):
    return 2 * s_x - s_y + 2 * s_z


def intrinsic(n, m):
    return 1j * (n[0] * m[1] - n[1] * m[0]) * s_z


RASHBA = (n_y + m_y) * SIGMA_X - (n_x + m_x) * SIGMA_Y
TILTED = 2 * SIGMA_X - SIGMA_Y + 2 * SIGMA_Z
INTRINSIC = sp.I * (n_x * m_y - n_y * m_x) * SIGMA_Z
MIXTURES = {
    "tilted magnetic axis": [(0.7, TILTED, tilted)],
    "random Rashba field": [(0.7, RASHBA, rashba)],
    "all three": [(0.4, TILTED, tilted), (0.9, RASHBA, rashba), (0.3, INTRINSIC, intrinsic)],
    "unequal magnetic components": [
        (0.2, SIGMA_X, lambda n, m: s_x),
        (0.5, SIGMA_Y, lambda n, m: s_y),
        (1.1, SIGMA_Z, lambda n, m: s_z),
        (0.6, INTRINSIC, intrinsic),
    ],
}


def slow_rates(mixture, weakness, cooperon):
    fields = [(weakness * rate, hand) for rate, _, hand in mixture]
    full = grid_ladder(circle(8), [(1.0, lambda n, m: one), *fields], cooperon)
    return np.linalg.eigvalsh(full)[:4] / weakness


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("channel", ["cooperon", "diffuson"])
def test_gaps_are_the_slow_rates_of_the_full_angular_ladder(name, channel):
    """The rates are gap + O(weakness); two weaknesses extrapolate to errors of its square."""
    mixture, weakness = MIXTURES[name], 1e-4
    symbols = [sp.Symbol(f"g_{k}", positive=True) for k in range(len(mixture))]
    weak = [Field(g.name, vertex, g) for g, (_, vertex, _) in zip(symbols, mixture, strict=True)]
    modes = getattr(Conductor(2, [potential(), *weak]), channel)().modes
    rates = {g: rate for g, (rate, _, _) in zip(symbols, mixture, strict=True)}
    gaps = sorted(float(mode.gap.subs(rates)) for mode in modes)
    coarse, fine = (slow_rates(mixture, w, channel == "cooperon") for w in (weakness, weakness / 2))
    np.testing.assert_allclose(gaps, 2 * fine - coarse, atol=10 * weakness**2)


def slowest_decay(dimension, profile, q, weak=0.0):
    """Decay rate at wave vector q of the scalar Boltzmann equation, total out-rate 1 + weak."""
    if dimension == 2:
        points, weights = circle(32), np.full(32, 1 / 32)
    else:
        cosines, weights = np.polynomial.legendre.leggauss(24)
        points, weights = cosines[:, None], weights / 2
    probability = profile(points @ points.T)
    probability = probability / (weights @ probability @ weights)
    kernel = (1 + weak) * np.eye(len(points)) - (probability + weak) * weights
    return np.linalg.eigvals(kernel + 1j * q * np.diag(points[:, 0])).real.min()


@pytest.mark.parametrize(("linear", "square"), [(0, 0), (0.5, 0), (0.8, 0.6), (-0.3, 1.0)])
def test_diffusion_constant_is_the_curvature_of_the_boltzmann_spectrum(linear, square):
    """v_F = tau = 1; D q^2 has corrections of order q^4."""
    profile = 1 + sp.Rational(str(linear)) * dot(2) + sp.Rational(str(square)) * dot(2) ** 2
    D = Conductor(2, [potential(tau=1, profile=profile)]).cooperon().diffusion_constant
    q = 1e-2
    decay = slowest_decay(2, lambda c: 1 + linear * c + square * c**2, q)
    assert float(D.subs(v_F, 1)) == pytest.approx(decay / q**2, rel=10 * q**2)


@pytest.mark.parametrize("dimension", [2, 3])
def test_weak_fields_change_diffusion_in_higher_order_only(dimension):
    weak, q = 1e-3, 1e-2
    gas = Conductor(dimension, [potential(tau=1), Field("more", ONE, weak)])
    D = float(gas.cooperon().diffusion_constant.subs(v_F, 1))
    assert pytest.approx(1 / dimension) == D
    decay = slowest_decay(dimension, np.ones_like, q, weak)
    assert decay / q**2 == pytest.approx(D, rel=2 * weak)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_isotropic_gaps_are_those_of_the_reference(dimension):
    so, flip = (3 * tau_so,) * 3, (3 * tau_s,) * 3
    gas = Conductor(dimension, [potential(), spin_orbit(*so, dimension=dimension), magnetic(*flip)])
    modes = gas.cooperon()
    singlet, triplet = modes.gap("S"), {modes.gap(f"T_{i}") for i in "xyz"}
    assert len(triplet) == 1
    (triplet,) = triplet
    only_so, only_s = {tau_so: 1, tau_s: sp.oo}, {tau_so: sp.oo, tau_s: 1}
    assert float(singlet.subs(only_so)) == COEFFICIENT["singlet SO coefficient (x 1/tau_so)"]
    assert float(singlet.subs(only_s)) == COEFFICIENT["singlet magnetic coefficient (x 1/tau_s)"]
    assert float(triplet.subs(only_s)) == COEFFICIENT["triplet magnetic coefficient"]
    assert float(gas.diffuson().gap("T_x").subs(only_so)) == COEFFICIENT["diffuson triplet SO"]
    sampled = next(e for e in REFERENCE if e["name"] == "MC ladder triplet mass (mean of 3)")
    values = {tau_so: 1 / sp.Rational("0.37"), tau_s: 1 / sp.Rational("0.21")}
    assert float(triplet.subs(values)) == float(sampled["value"])


def test_anisotropic_gaps_are_those_of_the_reference():
    modes = Conductor(2, [potential(), spin_orbit(), magnetic()]).cooperon()

    def coefficient(mode, *times):
        return float(modes.gap(mode).subs({t: 1 if t in times else sp.oo for t in all_times}))

    all_times = [symbol(f"tau_{kind}_{axis}") for kind in ("so", "s") for axis in "xyz"]
    so_z, s_x, s_y, s_z = (symbol(f"tau_{n}") for n in ("so_z", "s_x", "s_y", "s_z"))
    assert coefficient("T_z", s_z) == COEFFICIENT["anisotropic T0: coefficient of 1/tau_s^z"]
    assert coefficient("T_x", so_z) == COEFFICIENT["anisotropic T+-1: 1/tau_so^z"]
    assert coefficient("S", s_x, s_y) == COEFFICIENT["anisotropic singlet: 1/tau_s^x"]


def test_weights_are_plus_half_for_three_triplets_and_minus_half_for_the_singlet():
    weights = {m.name: m.weight for m in Conductor(2, [potential()]).cooperon().modes}
    assert weights == {name: sp.Rational(1, 2) for name in ("T_x", "T_y", "T_z")} | {
        "S": -sp.Rational(1, 2)
    }


def test_spinless_electrons_have_one_mode_of_half_the_weight_of_both_spins():
    (mode,) = Conductor(2, [potential(space=SPINLESS)], SPINLESS).cooperon().modes
    assert (mode.gap, mode.weight) == (0, sp.Rational(1, 2))


def test_a_random_vector_potential_gaps_the_spinless_cooperon_at_twice_its_rate():
    flux = Field("flux", n_x + m_x, 1 / tau_a)
    gas = Conductor(2, [potential(space=SPINLESS), flux], SPINLESS)
    assert gas.cooperon().gap("C") == 2 / tau_a
    assert gas.diffuson().gap("C") == 0


def test_diffuson_modes_do_not_enter_the_conductivity():
    modes = Conductor(2, [potential(), magnetic()]).diffuson().modes
    assert {mode.weight for mode in modes} == {0}


def test_equal_random_rashba_and_dresselhaus_fields_conserve_a_spin_component():
    """The vertex is a multiple of sigma_x - sigma_y: one triplet stays gapless."""
    both = (n_x + n_y + m_x + m_y) * (SIGMA_X - SIGMA_Y)
    modes = Conductor(2, [potential(), Field("helix", both, 1 / tau_a)]).cooperon().modes
    gaps = [m.gap for m in modes if m.weight > 0]
    assert sorted(gaps, key=str) == [0, 2 / tau_a, 2 / tau_a]


def test_time_reversal_protects_the_singlet_of_any_spin_orbit_mixture():
    fields = [Field("a", RASHBA, 1 / tau_a), Field("b", INTRINSIC, 1 / tau_b), *spin_orbit()]
    assert Conductor(2, [potential(), *fields]).cooperon().gap("S") == 0
