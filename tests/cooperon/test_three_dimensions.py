"""Fields in three dimensions: reference values, and 4 x 4 matrices on levels and momenta.

A pair of spins has the matrix M of relaxation and precession in units of a field, built from
Pauli matrices.  With X the exchange of the spins and u = hbar D q^2/(4 e D) along the field,

    Delta sigma = -1/2 sum_n B int d sqrt(u)/pi 2 tr X [u + B (n + 1/2) + M]^-1 - (no field)

in (e^2/(2 pi^2 hbar)) sqrt(e/hbar), where the sum over n is an integral without a field.  Here q
runs over a grid and every matrix is inverted.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp
from scipy.constants import e as charge
from scipy.constants import h as planck
from scipy.constants import hbar, physical_constants, pi
from scipy.linalg import logm, sqrtm

import numerics
from cooperon import (
    SIGMA_Z,
    Conductor,
    magnetic,
    magnetoconductivity,
    model,
    potential,
    spin_orbit,
)
from cooperon.geometry import film, wire
from diagrams.symbols import symbol

DATA = Path(__file__).parents[1] / "data" / "kawabata_fukuyama_hoshino.json"
ENTRIES = json.loads(DATA.read_text())["entries"]
CORRECTIONS = [entry for entry in ENTRIES if entry["unit"] == "S/m"]
MU_B = physical_constants["Bohr magneton"][0]
S_X, S_Y, S_Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])
EXCHANGE = np.eye(4)[[0, 2, 1, 3]]
GAS = {"B_phi": 0.02, "B_so_x": 0.05, "B_so_z": 0.08, "D": 1e-3, "g": 2.0}
NAMES = {"B_T": "B", "B_phi_T": "B_phi", "B_so_T": "B_so", "B_s_T": "B_s", "g": "g"}


@cache
def zeeman(geometry=None):
    return magnetoconductivity(model("zeeman").conductor(3), geometry=geometry)


@cache
def impurities():
    """Isotropic spin-orbit and magnetic impurities, and a Zeeman energy."""
    so, s = (3 * symbol("tau_so"),) * 3, (3 * symbol("tau_s"),) * 3
    energy = symbol("g") * symbol("mu_B") * symbol("B") / 2 * SIGMA_Z
    disorder = [potential(), spin_orbit(*so, dimension=3), magnetic(*s)]
    return magnetoconductivity(Conductor(3, disorder, hamiltonian=energy))


@cache
def compiled(unit=None):
    return numerics.compile(zeeman(), unit=unit)


@pytest.fixture(autouse=True)
def _double_precision():
    with jax.enable_x64(True):
        yield


@pytest.mark.parametrize("entry", CORRECTIONS, ids=lambda entry: entry["name"])
def test_correction_equals_the_reference_value(entry):
    given = {NAMES[k]: sp.Rational(v) for k, v in entry["parameters"].items() if k in NAMES}
    derived = impurities().subs({"B_so": 0, "B_s": 0, "g": 0, "D": sp.Rational(1, 1000)} | given)
    constants = {
        symbol("e"): sp.Float("1.602176634e-19", 45),
        symbol("hbar"): sp.Float("6.62607015e-34", 45) / (2 * sp.pi),
    }
    value = sp.N((derived.unit * derived.expression).subs(constants), 30)
    # the reference prints 25 digits
    accuracy = max(1e-22, 2 * float(entry["independent_check"]["rel_diff"]))
    assert abs(value / sp.Float(entry["value"], 30) - 1) < accuracy


def pair_matrix(gas, total_field):
    """Return M for GAS in a field whose Zeeman energy is along z."""
    M = gas["B_phi"] * np.eye(4)
    for sigma, rate in ((S_X, "B_so_x"), (S_Y, "B_so_x"), (S_Z, "B_so_z")):
        M = M + gas[rate] * (np.eye(4) + np.kron(sigma, sigma))
    energy = gas["g"] * MU_B * total_field / (8 * charge * gas["D"])
    return M + 1j * energy * (np.kron(S_Z, np.eye(2)) - np.kron(np.eye(2), S_Z))


def exchanged(matrix):
    return np.trace(EXCHANGE @ matrix, axis1=-2, axis2=-1).real


def axial_integral(matrices, scale):
    """Return int dq/pi (q^2 + matrix)^-1 over the whole line, q = scale tan(angle/2)."""
    angles = np.pi * (np.arange(160) + 0.5) / 160
    q = scale * np.tan((angles - np.pi / 2) / 2)
    q = np.concatenate([q, scale**2 / q])
    weights = np.pi / 160 / 2 * (q**2 + scale**2) / scale
    inverses = np.linalg.inv(q[:, None, None, None] ** 2 * np.eye(4) + matrices)
    return np.einsum("q,qnij->nij", weights, inverses) / np.pi


def by_levels(field, M, reference, count=60):
    """Return the change by levels n < count, one by one, and the Euler-Maclaurin tail.

    The part without a field is -2 sqrt(reference) up to the upper end, which is cancelled.
    """
    b, one = abs(field), np.eye(4)
    levels = b * (np.arange(count) + 0.5)[:, None, None] * one + M
    total = sum(
        b * axial_integral(level[None], np.sqrt(abs(np.trace(level)) / 4))[0] for level in levels
    )
    end = b * count * one + M
    root = sqrtm(end)
    inverse = np.linalg.inv(root)
    powers = [np.linalg.matrix_power(inverse, k) for k in (3, 7)]
    tail = -(b**2) * powers[0] / 48 + 7 / 5760 * b**4 * 15 / 8 * powers[1]
    return -exchanged(total - 2 * root + tail + 2 * sqrtm(reference)) / 2


@pytest.mark.parametrize("g", [0.5, 2.0, 30.0])
@pytest.mark.parametrize("field", [0.3, -2.0])
def test_correction_is_the_trace_over_levels_momenta_and_spins(field, g):
    """gamma is below, near and above one."""
    gas = GAS | {"g": g}
    expected = by_levels(field, pair_matrix(gas, field), pair_matrix(gas, 0))
    unit = charge**2 / (2 * pi**2 * hbar) * np.sqrt(charge / hbar)
    found = compiled("SI")(B=field, B_parallel=0.0, **gas)
    assert float(found) / unit == pytest.approx(expected, rel=1e-9)


def test_a_field_along_the_sample_leaves_the_zeeman_energy_alone():
    expected = sqrtm(pair_matrix(GAS, 3.0)) - sqrtm(pair_matrix(GAS, 0))
    unit = charge**2 / (2 * pi**2 * hbar) * np.sqrt(charge / hbar)
    found = compiled("SI")(B=0.0, B_parallel=3.0, **GAS)
    assert float(found) / unit == pytest.approx(exchanged(expected), rel=1e-10)


def where_poles_meet():
    """Return the field in which gamma is one."""
    return 16 * charge * GAS["D"] * GAS["B_so_x"] / (2 * GAS["g"] * MU_B)


@pytest.mark.parametrize("ratio", [-3.0, -0.2, 1e-3, 1.0, 1.0 + 1e-12, 5.0])
@pytest.mark.slow
def test_generated_code_and_its_gradient_agree_with_the_expression(ratio):
    values = GAS | {"B": ratio * where_poles_meet(), "B_parallel": 0.0}
    found = compiled()(**values)
    gradient = jax.grad(lambda p: compiled()(**p))({k: jnp.asarray(v) for k, v in values.items()})
    constants = {symbol("e"): charge, symbol("hbar"): hbar, symbol("mu_B"): MU_B}
    point = {symbol(k): sp.Float(v, 40) for k, v in values.items()}
    point |= {k: sp.Float(v, 40) for k, v in constants.items()}
    # where the parallel field vanishes it has no effect of first order
    expression = zeeman().expression.subs(symbol("B_parallel"), 0)
    size = abs(float(expression.subs(point).evalf(20)))
    assert float(found) == pytest.approx(float(expression.subs(point).evalf(20)), rel=1e-8)
    for name in GAS:
        slope = float(sp.diff(expression, symbol(name)).subs(point).evalf(20))
        assert float(gradient[name]) == pytest.approx(slope, rel=1e-7, abs=1e-9 * size)


def test_the_correction_is_even_in_the_field_and_vanishes_without_it():
    fields = jnp.array([0.0, 0.7, -0.7])
    nothing, up, down = compiled()(B=fields, B_parallel=0.0, **GAS)
    assert nothing == 0
    assert up == down != 0


def test_units_are_those_of_a_conductivity_in_three_dimensions():
    values = GAS | {"B": 0.4, "B_parallel": 0.0}
    siemens = compiled("SI")(**values)
    quanta = compiled("e^2/h")(**values)
    assert float(siemens / quanta) == pytest.approx(charge**2 / planck, rel=1e-12)
    default = float(compiled()(**values)) * charge**2 / (pi * planck)
    assert float(siemens) == pytest.approx(default, rel=1e-12)


def test_a_wire_has_the_inverse_root_of_the_pair_matrix():
    """Its field adds e^2 B^2 W^2/(3 hbar^2) to every 1/L_j^2 = 4 e B_j/hbar."""
    W, field = 20e-9, 0.3
    rate = charge * field**2 * W**2 / (12 * hbar)
    after = pair_matrix(GAS, field) + rate * np.eye(4)
    change = np.linalg.inv(sqrtm(after)) - np.linalg.inv(sqrtm(pair_matrix(GAS, 0)))
    length = np.sqrt(hbar / (4 * charge))
    expected = -(charge**2) / (2 * pi * hbar) * length * exchanged(change)
    code = numerics.compile(zeeman(wire()), unit="SI", probe=False)
    assert float(code(B=field, B_parallel=0.0, width=W, **GAS)) == pytest.approx(expected, rel=1e-9)


def test_a_thin_film_in_a_parallel_field_has_the_logarithm_of_the_pair_matrix():
    """Its field adds e^2 B^2 t^2/(3 hbar^2) to every 1/L_j^2."""
    thickness, field = 20e-9, 0.4
    rate = charge * field**2 * thickness**2 / (12 * hbar)
    after = pair_matrix(GAS, field) + rate * np.eye(4)
    expected = exchanged(logm(after) - logm(pair_matrix(GAS, 0))) / 2
    derived = zeeman(film(thin=True)).subs({"B": 0})
    code = numerics.compile(derived, probe=False)
    found = code(B_parallel=field, thickness=thickness, **GAS)
    assert float(found) == pytest.approx(expected, rel=1e-9)
