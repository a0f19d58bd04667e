"""The Cooperon exact in q against grids of directions, quadrature and reference values.

The grid shares nothing with the ladder: the kernel is one matrix on (direction x pair state)
with spinors written out, and the Hikami boxes are traces over products of such matrices.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon import SPINLESS, Conductor, magnetic, model, potential
from cooperon.angular_transform import transform, transform_in_closed_form, x
from cooperon.ballistic_model import ballistic_ladder
from cooperon.directions import dot
from cooperon.exact_poles import exact_poles
from cooperon.ladder import Channel
from cooperon.massive_surface import massive_surface
from diagrams.symbols import symbol, tau

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "dirac_exact_poles.json").read_text())[
    "entries"
]
COUNT = 64
ANGLES = 2 * np.pi * np.arange(COUNT) / COUNT


@cache
def surface_ladder(mass, channel=Channel.COOPERON):
    return ballistic_ladder(massive_surface(mass), channel)


@cache
def surface_pole(mass):
    (pole,) = exact_poles(massive_surface(mass))
    return pole


def spinors(mass):
    """|u(n)> of the upper band on the grid."""
    theta = np.arccos(mass)
    up = np.full(COUNT, np.cos(theta / 2), complex)
    return np.stack([up, np.sin(theta / 2) * np.exp(1j * ANGLES)], axis=1)


def grid(mass):
    """In-rate on the band and exchange of the legs, for pairs |u(n)>|u(-n)> of one phase each."""
    u = spinors(mass)
    back = np.roll(u, -COUNT // 2, axis=0)
    rung = (u.conj() @ u.T) * (back.conj() @ back.T)
    rate = np.mean(abs(u.conj() @ u.T) ** 2, axis=1)[0]
    # the pair |u(n)>|u(-n)> is as often |u(-n)>|u(n)> with the legs exchanged
    return rung / rate / COUNT, np.roll(np.eye(COUNT), COUNT // 2, axis=0)


def grid_kernel(mass, u, density=False):
    """The three Hikami boxes at (q l)^2 = u by inverting the ladder on the grid."""
    W, X = grid(mass)
    flight = np.diag(1 / (1 + 1j * np.sqrt(complex(u)) * np.cos(ANGLES)))
    rungs = W @ np.linalg.inv(np.eye(COUNT) - flight @ W)
    back = X @ flight @ X
    total = 0
    for component in (np.cos(ANGLES), np.sin(ANGLES)):
        n = np.eye(COUNT) if density else np.diag(component)
        sign = -1 if density else 1
        bare = sign * np.trace(X @ n @ (flight + back) @ n @ (rungs - W))
        dressed = 2 * np.trace(X @ n @ flight @ rungs @ flight @ n @ W)
        total -= (bare + dressed) / 2
    return total


@pytest.mark.parametrize("entry", REFERENCE, ids=lambda e: e["name"])
def test_pole_and_weight_of_a_massive_cone_are_the_reference_values(entry):
    (pole,) = exact_poles(massive_surface(entry["parameters"]["cosTheta"]), digits=19)
    assert abs(pole.gap / mp.mpf(entry["parameters"]["u_p"]) - 1) < 1e-15
    assert abs(pole.weight - mp.mpf(entry["value"])) < 1e-15


@pytest.mark.parametrize(("mass", "weight", "diffusion"), [(0, -0.5, 1.0), (1, 0.5, 0.5)])
def test_both_ends_of_the_mass_have_a_soft_mode_of_weight_one_half(mass, weight, diffusion):
    (pole,) = exact_poles(massive_surface(mass))
    assert pole.gap == 0
    assert float(pole.weight) == pytest.approx(weight, abs=1e-14)
    assert float(pole.diffusion) == pytest.approx(diffusion, abs=1e-14)


def test_the_weight_of_the_pole_vanishes_once_in_between():
    below, above = (
        exact_poles(massive_surface(c))[0].weight for c in ("0.3195704399", "0.3195704400")
    )
    assert below < 0 < above


@pytest.mark.parametrize("mass", ["0.2", "0.5", "0.95"])
@pytest.mark.parametrize("u", [0.3, 4.0, -0.02])
def test_conductivity_kernel_is_that_of_a_grid_of_directions(mass, u):
    exact = surface_ladder(mass)
    expected = grid_kernel(float(mass), u)
    assert complex(exact.conductivity_kernel(u)) == pytest.approx(expected, rel=1e-9)


def test_the_grid_has_its_zero_rate_at_the_pole():
    W, _ = grid(0.5)
    pole = surface_pole("0.5")
    flight = 1 - np.sqrt(float(pole.gap)) * np.cos(ANGLES)
    assert abs(np.linalg.eigvalsh(np.diag(flight) - W)).min() < 1e-10


@settings(max_examples=5, deadline=None)
@given(st.floats(0.01, 30))
def test_boxes_with_density_vertices_cancel_at_every_wave_vector(u):
    exact = surface_ladder("0.4")
    assert abs(exact.density_kernel(u)) < 1e-12
    assert abs(exact.conductivity_kernel(u)) > 1e-6


def test_the_ward_identity_of_the_boxes_holds_on_the_grid_too():
    assert abs(grid_kernel(0.4, 1.7, density=True)) < 1e-12


@pytest.mark.parametrize("mass", ["0", "0.3", "0.9"])
def test_the_diffuson_conserves_particles_at_any_mass(mass):
    poles = exact_poles(massive_surface(mass), Channel.DIFFUSON)
    exact = surface_ladder(mass, Channel.DIFFUSON)
    assert poles[0].gap == 0
    assert poles[0].weight == 0
    assert abs(poles[0].diffusion - exact.dressing / 2) < 1e-14
    for u in (0.1, 3.0):
        # density response: particles that leave the cell of wave vector q are all accounted for
        assert abs(mp.det(exact.closure(u))) > 1e-3
    assert abs(mp.det(exact.closure(mp.mpf(0)))) < 1e-14


@pytest.mark.parametrize(
    ("dimension", "degree"), [(1, 0), (1, 1), *((d, m) for d in (2, 3) for m in (0, 1, 2, 5))]
)
def test_transform_is_the_average_over_directions(dimension, degree):
    with mp.workdps(25):
        k = mp.mpf("1.7")
        found = transform(dimension, degree, k**2)
        assert abs(found - average(dimension, degree, k)) < mp.mpf(10) ** -20
        closed = transform_in_closed_form(dimension, degree).subs(x, sp.Float("1.7", 25))
        assert abs(found - mp.mpmathify(sp.N(closed, 25))) < mp.mpf(10) ** -20


def average(dimension, degree, k):
    """<Y_l/(1 + i k u)>/Y_l(e) by quadrature."""
    if dimension == 1:
        return (1 / (1 + 1j * k) + (-1) ** degree / (1 - 1j * k)) / 2
    if dimension == 3:
        return mp.quad(lambda u: mp.legendre(degree, u) / (1 + 1j * k * u), [-1, 0, 1]) / 2
    return (
        mp.quad(
            lambda phi: mp.cos(degree * phi) / (1 + 1j * k * mp.cos(phi)), mp.linspace(0, mp.pi, 5)
        )
        / mp.pi
    )


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_potential_disorder_has_one_soft_mode_of_the_diffusive_theory(dimension):
    gas = Conductor(dimension, [potential(space=SPINLESS)], SPINLESS, degeneracy=2)
    (pole,) = exact_poles(gas)
    (mode,) = gas.cooperon().modes
    assert pole.gap == mode.gap == 0
    assert float(pole.weight) == pytest.approx(float(mode.weight), abs=1e-14)
    assert float(pole.diffusion) == pytest.approx(1 / dimension, abs=1e-14)


def test_finite_range_scatterers_diffuse_with_the_transport_time():
    field = potential(space=SPINLESS, profile=1 + dot(2))
    (pole,) = exact_poles(Conductor(2, [field], SPINLESS, degeneracy=2))
    exact = ballistic_ladder(Conductor(2, [field], SPINLESS, degeneracy=2))
    assert float(exact.dressing) == pytest.approx(2)
    assert float(pole.diffusion) == pytest.approx(1)
    assert float(pole.weight) == pytest.approx(1)


def test_the_massless_cone_of_the_models_is_antilocalized():
    (pole,) = exact_poles(model("surface").conductor())
    (mode,) = model("surface").conductor().cooperon().modes
    assert float(pole.weight) == pytest.approx(float(mode.weight), abs=1e-14)
    assert (pole.gap, pole.multiplicity) == (0, 1)


def test_gaps_of_slow_spin_flips_are_those_of_first_order():
    tau_s = symbol("tau_s")
    gas = Conductor(3, [potential(), magnetic(3 * tau_s, 3 * tau_s, 3 * tau_s)])
    rare = 10**5
    triplets, singlet = exact_poles(gas, values={tau_s: rare * tau})
    assert (triplets.multiplicity, singlet.multiplicity) == (3, 1)
    # rates 2/(3 tau_s) and 2/tau_s over D = v_F^2 tau/3
    assert float(triplets.gap * rare) == pytest.approx(2, rel=1e-4)
    assert float(singlet.gap * rare) == pytest.approx(6, rel=1e-4)
    assert float(triplets.weight) == pytest.approx(1.5, rel=1e-4)
    assert float(singlet.weight) == pytest.approx(-0.5, rel=1e-4)


def test_every_digit_asked_for_is_right():
    few = exact_poles(massive_surface("0.6"), digits=12)[0]
    many = exact_poles(massive_surface("0.6"), digits=30)[0]
    assert abs(few.gap - many.gap) < 1e-12
    assert abs(few.weight - many.weight) < 1e-12
    assert abs(few.diffusion - many.diffusion) < 1e-11


def test_a_dephasing_rate_shifts_the_pole_by_the_inverse_diffusion_constant():
    """On the grid: the rate 1 + epsilon of out-scattering with the same in-rate."""
    W, _ = grid(0.5)
    pole = surface_pole("0.5")
    epsilon = 1e-6
    shifted = grid_pole(W, 1 + epsilon) - grid_pole(W, 1 - epsilon)
    assert shifted / (2 * epsilon) == pytest.approx(1 / float(pole.diffusion), rel=1e-6)


def grid_pole(W, rate):
    """Smallest k^2 with a zero of rate - k n_x - W, by inverting the pencil."""
    root = np.linalg.inv(np.linalg.cholesky(rate * np.eye(COUNT) - W))
    return 1 / np.linalg.eigvalsh(root @ np.diag(np.cos(ANGLES)) @ root.conj().T).max() ** 2


def test_symbols_without_a_number_are_named():
    gas = Conductor(2, [potential(), magnetic()])
    with pytest.raises(ValueError, match="give numbers for tau, tau_s_x"):
        exact_poles(gas)


def test_what_the_ladder_exact_in_q_does_not_cover_is_refused():
    with pytest.raises(NotImplementedError, match="precess"):
        exact_poles(model("rashba").conductor())
    with pytest.raises(NotImplementedError, match="anisotropic"):
        exact_poles(Conductor(2, [potential()], masses=[1, 2]))
    with pytest.raises(ValueError, match="at least 1"):
        exact_poles(massive_surface(0), digits=0)


@pytest.mark.parametrize("mass", [-0.1, 1.5, "heavy", None])
def test_a_mass_out_of_range_is_refused(mass):
    with pytest.raises(ValueError, match="from 0 to 1"):
        massive_surface(mass)
