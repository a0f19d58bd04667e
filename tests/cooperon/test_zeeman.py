"""Zeeman splitting: reference values, and a time integral with exponentials of spin matrices.

A pair is a 4 x 4 matrix M of relaxation and precession, built by hand from Pauli matrices, and
the Landau levels in units of a field add up to B/(2 sinh(B s/2)) at the time s.  With X the
exchange of the spins and M_0 the matrix without a field,

    sigma(B) - sigma(0) = 1/2 int_0^oo ds/s {tr X exp(-s M_0) - (B s/2)/sinh(B s/2) tr X exp(-s M)}.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import mpmath as mp
import pytest
import sympy as sp

from cooperon import (
    SIGMA_X,
    SIGMA_Z,
    Conductor,
    magnetoconductivity,
    model,
    potential,
    spin_orbit,
)
from diagrams.symbols import symbol

DATA = json.loads((Path(__file__).parents[1] / "data" / "maekawa_fukuyama.json").read_text())
ENTRIES = DATA["entries"]
ELEMENTARY_CHARGE, MU_B = "1.602176634e-19", "9.2740100783e-24"
SIGMA = (
    mp.matrix([[0, 1], [1, 0]]),
    mp.matrix([[0, -1j], [1j, 0]]),
    mp.matrix([[1, 0], [0, -1]]),
)


@cache
def derived():
    return magnetoconductivity(model("zeeman").conductor())


@cache
def tilted():
    """Spin-orbit times of the film, and a Hamiltonian that turns with the field."""
    h = symbol("g") * symbol("mu_B") / 2 * (symbol("B") * SIGMA_Z + symbol("B_parallel") * SIGMA_X)
    return magnetoconductivity(Conductor(2, [potential(), spin_orbit()], hamiltonian=h))


def value(correction, digits=30, **parameters):
    numbers = {name: sp.Float(str(number), 40) for name, number in parameters.items()}
    expression = correction.subs(numbers).expression
    constants = {symbol("e"): sp.Float(ELEMENTARY_CHARGE, 40), symbol("mu_B"): sp.Float(MU_B, 40)}
    return sp.N(expression.subs(constants), digits)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_correction_equals_the_reference_value(entry):
    """B_1 = B_phi + B_so and B_0 = B_phi + 2 B_so: 2 B_so_x = B_so, B_so_z = 0."""
    given = {k: mp.mpf(entry["parameters"][k]) for k in ("B_perp_T", "B_total_T", "B_so_T")}
    in_plane = mp.sqrt(given["B_total_T"] ** 2 - given["B_perp_T"] ** 2)
    number = value(
        derived(),
        B=entry["parameters"]["B_perp_T"],
        B_parallel=in_plane,
        B_phi=entry["parameters"]["B_phi_T"],
        B_so_x=given["B_so_T"] / 2,
        B_so_z=0,
        D=entry["parameters"]["D_m2_per_s"],
        g=entry["parameters"]["g"],
    )
    assert abs(number / sp.Float(entry["value"], 30) - 1) < 1e-23


def kron(left, right):
    return mp.matrix(
        [[left[i // 2, j // 2] * right[i % 2, j % 2] for j in range(4)] for i in range(4)]
    )


def pair_matrix(dephasing, spin_orbit_fields, zeeman):
    """Return M: dephasing, sum_i B_so_i (1 + s_i s_i) and i (h x 1 - 1 x h), as fields."""
    M = dephasing * mp.eye(4)
    for sigma, rate in zip(SIGMA, spin_orbit_fields, strict=True):
        M += rate * (mp.eye(4) + kron(sigma, sigma))
    for sigma, energy in zip(SIGMA, zeeman, strict=True):
        M += mp.mpc(0, 1) * energy * (kron(sigma, mp.eye(2)) - kron(mp.eye(2), sigma))
    return M


def exchanged_trace(M):
    """Return s -> tr X exp(-s M), with the exponential by eigenvectors."""
    X = mp.matrix([[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])
    rates, vectors = mp.eig(M)
    parts = vectors**-1 * X * vectors
    return lambda s: sum(mp.re(parts[k, k] * mp.exp(-s * rate)) for k, rate in enumerate(rates))


def by_time_integral(field, M, reference):
    """Return sigma(B) - sigma(0) in e^2/(pi h)."""
    trace, at_zero = exchanged_trace(M), exchanged_trace(reference)

    def integrand(s):
        damping = field * s / 2 / mp.sinh(field * s / 2) if field else 1
        return (at_zero(s) - damping * trace(s)) / s

    return mp.quad(integrand, [0, 0.5, 2, 6, 20, 60, 200, 600]) / 2


with mp.workdps(40):
    SPLITTING = mp.mpf(MU_B) / (4 * mp.mpf(ELEMENTARY_CHARGE))  # mu_B/(4 e), m^2/s

FIELDS = {"B_phi": "0.1", "B_so_x": "0.04", "B_so_z": "0.07", "D": "5e-5", "g": "1.7"}
DIRECTIONS = [("0.4", "0.3"), ("0", "0.5"), ("0.5", "0")]


def expected(field, energies_along):
    """Return the time integral for FIELDS, where gamma > 1."""
    B_phi, so_x, so_z, D, g = (mp.mpf(text) for text in FIELDS.values())
    rates = (so_x, so_x, so_z)
    energies = [g * SPLITTING * component / (2 * D) for component in energies_along]
    with_field = pair_matrix(B_phi, rates, energies)
    return by_time_integral(field, with_field, pair_matrix(B_phi, rates, (0, 0, 0)))


@pytest.mark.parametrize(("across", "in_plane"), DIRECTIONS)
def test_correction_is_the_time_integral_of_spin_matrices(across, in_plane):
    """The axis of the spin-orbit times follows the field, as in the recipe."""
    with mp.workdps(30):
        total = mp.hypot(mp.mpf(across), mp.mpf(in_plane))
        integral = expected(mp.mpf(across), (0, 0, total))
        found = value(derived(), B=across, B_parallel=in_plane, **FIELDS)
        assert abs(mp.mpf(str(found)) - integral) < 1e-20


@pytest.mark.parametrize(("across", "in_plane"), DIRECTIONS)
def test_a_tilted_field_mixes_three_modes_with_the_singlet(across, in_plane):
    """The times belong to the axes of the film; the closed form of the paper does not hold."""
    with mp.workdps(30):
        integral = expected(mp.mpf(across), (mp.mpf(in_plane), 0, mp.mpf(across)))
        times = {**FIELDS, "B_so_y": FIELDS["B_so_x"]}
        found = value(tilted(), B=across, B_parallel=in_plane, **times)
        assert abs(mp.mpf(str(found)) - integral) < 1e-20


def test_both_signs_of_the_field_and_of_g_give_the_same():
    point = {**FIELDS, "B_so_y": "0.05", "B_parallel": "0.3"}
    first = value(tilted(), B="0.2", **point)
    assert first == value(tilted(), B="-0.2", **point)
    assert abs(first - value(tilted(), B="0.2", **{**point, "g": "-1.7"})) < 1e-25


def test_without_a_g_factor_it_is_hikami_larkin_nagaoka():
    point = {"B": "0.2", "B_phi": "0.01", "B_so_x": "0.04", "B_so_z": "0.07"}
    zeros = {"B_parallel": "0.3", "g": "0", "D": "1e-3"}
    plain = magnetoconductivity(model("hln-uniaxial").conductor())
    without = value(plain, **point, B_s_x="0", B_s_z="0")
    assert abs(value(derived(), **point, **zeros) - without) < 1e-25
