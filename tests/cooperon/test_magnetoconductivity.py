"""Delta sigma(B) against reference values and a numerical inversion per Landau level."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import logm

from cooperon import (
    ONE,
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    SPINLESS,
    Conductor,
    Field,
    HikamiFunction,
    magnetic,
    magnetoconductivity,
    model,
    potential,
    spin_orbit,
)
from cooperon.characteristic import characteristic_field
from cooperon.directions import m_x, m_y, n_x, n_y
from cooperon.sample_functions import fold
from diagrams.symbols import B, B_phi, D, e, hbar, symbol

ENTRIES = json.loads((Path(__file__).parents[1] / "data" / "hln.json").read_text())["entries"]
s_x, s_y, s_z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
AXES = "xyz"


@cache
def derived(name):
    return magnetoconductivity(model(name).conductor())


def in_hln(parameters):
    """Return {component field: value} of the model "hln" for an entry of the reference."""
    given = {k.removesuffix("_T"): sp.Rational(v) for k, v in parameters.items() if k[0] == "B"}
    fields = {"B": given["B"], "B_phi": given["B_phi"]}
    for kind in ("so", "s"):
        isotropic = given.get(f"B_{kind}", 0) / sp.Integer(3)
        in_plane = given.get(f"B_{kind}_x", isotropic)
        values = in_plane, in_plane, given.get(f"B_{kind}_z", isotropic)
        fields |= {f"B_{kind}_{i}": v for i, v in zip(AXES, values, strict=True)}
    return fields


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["name"])
def test_correction_equals_the_reference_value(entry):
    fields = in_hln(entry["parameters"])
    alpha = sp.Rational(entry["parameters"].get("alpha", 1))
    if alpha < 0:  # the symplectic limit of the same expression
        fields |= {f"B_so_{i}": sp.oo for i in AXES}
    value = derived("hln").subs(fields).expression.evalf(30)
    # The reference prints 25 digits, of which its two routes agree in 18 or more.
    accuracy = max(1e-22, 2 * float(entry["independent_check"]["rel_diff"]))
    assert abs(value / sp.Float(entry["value"], 30) - 1) < accuracy


def by_inversion(kernel, field, count=400):
    """Return -1/2 [sum_n - int] Tr[swap (n + 1/2 + kernel/B)^-1] with its Euler-Maclaurin tail."""
    swap = np.eye(4)[[0, 2, 1, 3]]
    rates = kernel / abs(field)
    levels = np.arange(count)[:, None, None] + 0.5
    total = np.trace(swap @ np.linalg.inv(levels * np.eye(4) + rates).sum(axis=0)).real
    at_end = count * np.eye(4) + rates
    integral = np.trace(swap @ (logm(at_end) - logm(rates))).real
    once = np.linalg.inv(at_end)
    tail = np.trace(swap @ (-once @ once / 24 + 7 / 960 * np.linalg.matrix_power(once, 4))).real
    return -(total - integral + tail) / 2


def pair_rates(fields):
    """Return the Cooperon's relaxation matrix, B_phi included, from Kronecker products by hand."""
    kernel = fields["B_phi"] * np.eye(4, dtype=complex)
    for axis, sigma in zip(AXES, (s_x, s_y, s_z), strict=True):
        rotation = np.kron(sigma, sigma)
        kernel += fields.get(f"B_so_{axis}", 0) * (np.eye(4) + rotation)
        kernel += fields.get(f"B_s_{axis}", 0) * (np.eye(4) - rotation)
    return kernel


@pytest.mark.parametrize("field", [0.003, 0.05, -0.4])
def test_correction_is_the_inverse_of_the_pair_matrix_summed_over_levels(field):
    names = [f"B_{kind}_{axis}" for kind in ("so", "s") for axis in AXES]
    fields = dict(zip(names, [4e-3, 7e-3, 2e-2, 1e-3, 3e-3, 5e-4], strict=True)) | {"B_phi": 1e-3}
    value = float(derived("hln").subs({"B": field, **fields}).expression)
    assert value == pytest.approx(by_inversion(pair_rates(fields), field), rel=1e-10)


def test_correction_of_an_unnamed_mixture_is_the_inverse_of_its_pair_matrix():
    """A random Rashba field, a tilted magnetic axis and intrinsic spin-orbit scattering.

    A Rashba vertex (n + n')_y sigma_x - (n + n')_x sigma_y rotates about x and y at half its rate.
    """
    rashba = (n_y + m_y) * SIGMA_X - (n_x + m_x) * SIGMA_Y
    tilted = 2 * SIGMA_X - SIGMA_Y + 2 * SIGMA_Z
    weak = [
        Field("Rashba", rashba, 1 / symbol("tau_R")),
        Field("tilted", tilted, 1 / symbol("tau_t")),
        *spin_orbit(sp.oo, sp.oo, symbol("tau_I")),
    ]
    correction = magnetoconductivity(Conductor(2, [potential(), *weak]))
    fields = {"B_R": 4e-3, "B_t": 2e-3, "B_I": 9e-3, "B_phi": 1e-3}
    spin = (2 * s_x - s_y + 2 * s_z) / 3
    kernel = pair_rates({"B_phi": 1e-3, "B_so_x": 2e-3, "B_so_y": 2e-3, "B_so_z": 9e-3})
    kernel += fields["B_t"] * (np.eye(4) - np.kron(spin, spin))
    for field in (0.002, 0.03):
        value = float(correction.subs({"B": field, **fields}).expression)
        assert value == pytest.approx(by_inversion(kernel, field), rel=1e-10)


def test_every_named_model_vanishes_without_a_field():
    for name in ("orthogonal", "hln", "hln-uniaxial", "hln-isotropic", "graphene-so"):
        assert derived(name).expression.subs(B, 0) == 0


def test_in_plane_carriers_show_no_antilocalization():
    """Spin-orbit scattering about z only: the singlet and T_0 cancel, T_+-1 remain."""
    gas = Conductor(2, [potential(), *spin_orbit(sp.oo, sp.oo, None)])
    expected = HikamiFunction(B, B_phi + 2 * symbol("B_so_z"))
    assert magnetoconductivity(gas).expression == expected


strengths = st.floats(1e-4, 1.0)
FIELDS = ("B", "B_phi", *(f"B_{kind}_{i}" for kind in ("so", "s") for i in AXES))
points = st.tuples(*[strengths] * len(FIELDS)).map(lambda v: dict(zip(FIELDS, v, strict=True)))


@cache
def fast():
    expression = derived("hln").doit()
    return sp.lambdify([symbol(n) for n in FIELDS], expression, ["scipy", "numpy"])


def hln(point):
    return float(fast()(**point))


# Digammas of up to 10^4 cancel their logarithms to 16 digits of the largest, about 10.
ROUNDING = 1e-13


@given(points)
def test_even_in_the_field(point):
    assert hln(point) == hln({**point, "B": -point["B"]})


@given(points, st.floats(1e-3, 1e3))
def test_depends_on_ratios_of_fields_only(point, scale):
    scaled = {name: scale * value for name, value in point.items()}
    assert hln(scaled) == pytest.approx(hln(point), abs=ROUNDING)


@given(points, st.permutations(AXES))
def test_permuting_the_spin_axes_changes_nothing(point, order):
    renamed = dict(zip(AXES, order, strict=True))
    permuted = {n[:-1] + renamed[n[-1]] if n[-1] in AXES else n: v for n, v in point.items()}
    assert hln(permuted) == pytest.approx(hln(point), abs=ROUNDING)


@given(points)
def test_bounded_by_three_halves_and_minus_one_half_of_the_kernel(point):
    """No triplet contributes more than 1/2 Psi(B_phi/B), nor the singlet."""
    limit = hln({n: v if n in ("B", "B_phi") else 0.0 for n, v in point.items()})
    assert -limit / 2 - ROUNDING <= hln(point) <= 3 * limit / 2 + ROUNDING


@given(strengths, strengths, st.floats(1.01, 10.0))
def test_positive_growing_with_field_and_shrinking_with_dephasing(field, dephasing, factor):
    without_spin = dict.fromkeys(FIELDS, 0.0) | {"B": field, "B_phi": dephasing}
    base = hln(without_spin)
    assert base > 0
    assert hln(without_spin | {"B": factor * field}) > base
    assert hln(without_spin | {"B_phi": factor * dephasing}) < base


def quaternion_rotation(a, b, c, d):
    """Return a rotation matrix of rational numbers."""
    norm = a**2 + b**2 + c**2 + d**2
    return sp.Matrix(
        [
            [a**2 + b**2 - c**2 - d**2, 2 * (b * c - a * d), 2 * (b * d + a * c)],
            [2 * (b * c + a * d), a**2 - b**2 + c**2 - d**2, 2 * (c * d - a * b)],
            [2 * (b * d - a * c), 2 * (c * d + a * b), a**2 - b**2 - c**2 + d**2],
        ]
    ) / sp.Integer(norm)


@settings(max_examples=4, deadline=None)
@given(st.tuples(*[st.integers(1, 3)] * 4))
@pytest.mark.slow
def test_rotating_the_spin_axes_changes_nothing(quaternion):
    rotation = quaternion_rotation(*quaternion)
    sigma = [
        sum((rotation[i, j] * s for j, s in enumerate((SIGMA_X, SIGMA_Y, SIGMA_Z))), 0 * ONE)
        for i in range(3)
    ]
    factors = (n_y + m_y, n_x + m_x, sp.I * (n_x * m_y - n_y * m_x))
    weak = [
        Field(f"{kind} {i}", factor * s, 1 / symbol(f"tau_{kind}_{i}"))
        for kind, row in (("so", factors), ("s", (1, 1, 1)))
        for i, factor, s in zip(AXES, row, sigma, strict=True)
    ]
    gaps = Conductor(2, [potential(), *weak]).cooperon().modes
    plain = Conductor(2, [potential(), spin_orbit(), magnetic()]).cooperon().modes
    assert {sp.expand(m.gap) for m in gaps} == {sp.expand(m.gap) for m in plain}


def test_spinless_electrons_have_half_the_correction_of_both_spins():
    gas = Conductor(2, [potential(space=SPINLESS)], SPINLESS)
    assert magnetoconductivity(gas).expression == derived("orthogonal").expression / 2


@pytest.mark.parametrize(
    "rate", [symbol("Gamma"), sp.Integer(10) ** 9, symbol("tau_a") * symbol("w") ** 2]
)
def test_a_rate_that_is_not_an_inverse_time_stays_a_rate(rate):
    """The field of a rate is hbar/(4 e D) times it."""
    assert characteristic_field(rate) == B_phi + hbar * rate / (4 * e * D)


def test_only_a_multiple_of_the_kernel_folds():
    with pytest.raises(ArithmeticError, match="not a multiple of Psi"):
        fold(sp.Symbol("x", positive=True) ** 2)


def test_a_sample_without_a_width_is_refused_with_a_remedy():
    with pytest.raises(ValueError, match=r"no flux through .* as in geometry=wire\(width\)"):
        magnetoconductivity(Conductor(1, [potential()]))
