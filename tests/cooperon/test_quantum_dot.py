"""Dots: the trace at q = 0, its limits, and random scattering matrices that know no Cooperon."""

import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, magnetic, model, potential, spin_orbit
from cooperon.dephasing import electron_phonon, saturation, with_dephasing
from cooperon.quantum_dot import dot_conductance, field_channels
from cooperon.soft_modes import SoftMode
from diagrams.symbols import B, e, hbar, mu_B, symbol

tau_H, tau_phi, area = symbol("tau_H"), symbol("tau_phi"), symbol("area")
PAULI = (np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1]))
QUIET = {tau_phi: sp.oo}


def gas(*fields):
    return Conductor(2, [potential(), *fields])


def number(correction, **values):
    return float(correction.expression.subs({symbol(k): v for k, v in values.items()}))


@pytest.mark.parametrize(
    ("fields", "times", "expected"),
    [
        ((), {}, -1),
        ((magnetic(),), {"tau_s_x": 1e-30, "tau_s_y": 1e-30, "tau_s_z": 1e-30}, 0),
        ((spin_orbit(),), {"tau_so_x": 1e-30, "tau_so_y": 1e-30, "tau_so_z": 1e-30}, 0.5),
    ],
    ids=["orthogonal", "unitary", "symplectic"],
)
def test_the_classes_have_one_minus_two_over_beta(fields, times, expected):
    dot = dot_conductance(gas(*fields), field=0, channels=(7, 13))
    value = number(dot, tau_H=1e-9, tau_phi=1e9, **times)
    assert value == pytest.approx(expected * 7 * 13 / 20**2, abs=1e-12)


def test_the_field_makes_a_lorentzian_of_the_width_of_all_channels():
    """At the half width one flux quantum per root of 3 + 5 + 2 channels passes the area."""
    dot = dot_conductance(gas(), channels=(3, 5)).subs({"tau_H": 1, "tau_phi": 0.5, "area": 1})
    half = sp.sqrt(3 + 5 + 2) * 2 * sp.pi * hbar / e
    heights = [dot.expression.subs(B, k * half) for k in (0, 1, 3)]
    assert [float(height) for height in heights] == pytest.approx(
        [-15 / 8 / 10, -15 / 8 / 20, -15 / 8 / 100], rel=1e-12
    )


def test_a_flux_counts_with_the_factor_of_the_shape():
    rate = field_channels(sp.Rational(5, 2)).subs(symbol("Phi"), sp.pi * hbar / e)
    assert rate == sp.Rational(5, 8)


def test_mixing_modes_are_traced_as_a_matrix():
    """Zeeman splitting mixes the singlet with a triplet; the matrix is inverted in numbers."""
    conductor = model("zeeman").conductor()
    propagator = conductor.cooperon()
    values = {s: 0.3 + 0.1 * k for k, s in enumerate(sorted(_symbols(propagator), key=str))}
    matrices = (propagator.relaxation, propagator.weights)
    relaxation, weights = (np.array(m.subs(values).tolist(), complex) for m in matrices)
    escape = 4 + 6 + 0.7 / 0.9
    C = np.trace(weights @ np.linalg.inv(escape * np.eye(4) + 0.7 * relaxation)).real
    dot = dot_conductance(conductor, field=0, channels=(4, 6))
    assert {"B", "g"} <= {s.name for s in dot.parameters}
    value = float(dot.expression.subs(values).subs({tau_H: 0.7, tau_phi: 0.9}))
    assert value == pytest.approx(-2.4 * C, rel=1e-12)


def _symbols(propagator):
    return {*propagator.relaxation.free_symbols, hbar, mu_B, B}


def test_a_dephasing_law_makes_it_a_function_of_temperature():
    dot = with_dephasing(dot_conductance(gas(), field=0), electron_phonon(2) + saturation())
    assert [s.name for s in dot.parameters] == ["A_ep", "N_1", "N_2", "T", "tau_0", "tau_H"]
    values = {"A_ep": 2.0, "N_1": 1, "N_2": 3, "T": 3, "tau_0": 0.5, "tau_H": 2}
    assert number(dot, **values) == pytest.approx(-3 / 4 / (4 + 2 * (2 * 9 + 2)))


def test_rates_of_the_dot_replace_those_of_a_film():
    rate = symbol("tau_1") ** -1
    modes = [SoftMode("T", rate, sp.Rational(3, 2)), SoftMode("S", sp.S.Zero, -sp.S.Half)]
    value = number(dot_conductance(modes, 0, (2, 2)), tau_H=1, tau_1=0.5, tau_phi=1)
    assert value == pytest.approx(-(1.5 / 7 - 0.5 / 5))


def haar(rng, samples, size):
    real, imaginary = rng.normal(size=(2, samples, size, size))
    Q, R = np.linalg.qr(real + 1j * imaginary)
    phases = np.diagonal(R, axis1=1, axis2=2)
    return Q * (phases / abs(phases))[:, None, :]


def conductance(S, N_1, N_2, N_phi):
    """Conductance between the first two contacts, with a third one as a voltage probe."""
    P = abs(S) ** 2
    a, b, c = slice(N_1), slice(N_1, N_1 + N_2), slice(N_1 + N_2, N_1 + N_2 + N_phi)
    direct, into, out = (P[:, i, j].sum((1, 2)) for i, j in ((b, a), (c, a), (b, c)))
    return direct + (into * out / (into + out) if N_phi else 0)


@pytest.mark.slow
def test_a_voltage_probe_in_the_circular_orthogonal_ensemble():
    """Leading order: the next one is smaller by 1/(N + N_phi)."""
    N_phi = 6
    U = haar(np.random.default_rng(4), 5000, 12 + N_phi)
    G = conductance(U.transpose(0, 2, 1) @ U, 6, 6, N_phi)
    dot = dot_conductance(gas(), field=0, channels=(6, 6))
    expected = number(dot, tau_H=N_phi, tau_phi=1)
    error = 4 * G.std() / np.sqrt(len(G)) - expected / (12 + N_phi)
    assert abs(G.mean() - 3 - expected) < error
    assert abs(expected) > 3 * error


@pytest.mark.slow
def test_the_circular_symplectic_ensemble_has_half_the_correction_and_the_other_sign():
    size = 8
    U = haar(np.random.default_rng(5), 3000, 2 * size)
    J = np.kron(np.eye(size), PAULI[1].imag)
    S = J @ U.transpose(0, 2, 1) @ J.T @ U
    G = conductance(S, size, size, 0) / 2  # per Kramers pair
    fields = dot_conductance(gas(spin_orbit()), field=0, channels=(4, 4))
    expected = float(fields.expression.subs({symbol(f"tau_so_{i}"): 1e-12 for i in "xyz"})
                     .subs({tau_H: 1, tau_phi: 1e12}))  # fmt: skip
    error = 4 * G.std() / np.sqrt(len(G)) + expected / (2 * 8)
    assert abs(G.mean() - 2 - expected) < error < expected / 3


def symmetric(rng, shape, sign):
    """Real matrices of one symmetry; the band of symmetric ones is [-2, 2]."""
    X = rng.normal(size=shape)
    return (X + sign * X.transpose(0, 2, 1)) / np.sqrt(2 * shape[1])


def backscattering(H, channels, states=1):
    """Enhanced reflection into the incident channel of dots with ideal contacts, E = 0."""
    open_states = channels * states
    width = np.diag(np.arange(H.shape[1]) < open_states)
    inverse = np.linalg.inv(1j * width - H)[:, :open_states, :open_states]
    P = abs(np.eye(open_states) - 2j * inverse) ** 2
    P = P.reshape(-1, channels, states, channels, states).sum((2, 4)) / states
    same = np.trace(P, axis1=1, axis2=2)
    samples = same / channels - (P.sum((1, 2)) - same) / (channels * (channels - 1))
    return samples.mean(), samples.std() / np.sqrt(len(samples))


@pytest.mark.slow
def test_a_field_suppresses_backscattering_as_in_the_crossover_of_hamiltonians():
    """H = S + i alpha A has N_B = 8 M alpha^2, the gap of its Cooperon: here equal to N."""
    rng, M, N, count = np.random.default_rng(6), 60, 10, 1000
    alpha = np.sqrt(N / (8 * M))
    S, A = (symmetric(rng, (count, M, M), sign) for sign in (1, -1))
    C, error = backscattering(S + 1j * alpha * A, N)
    dot = dot_conductance(gas(), field=8 * M * alpha**2, channels=(5, 5))
    expected = float(dot.expression.subs(QUIET).subs(tau_H, 1)) / -2.5
    assert abs(C - expected) < 4 * error + expected / N


@pytest.mark.slow
def test_spin_orbit_coupling_turns_backscattering_over_with_the_gaps_of_the_model():
    """H = S + i lambda A_j sigma_j scatters spins at the rate 4 M lambda^2 per component."""
    rng, M, N, count = np.random.default_rng(7), 36, 6, 800
    strength = N / (4 * M)  # triplets have the gap 16 M lambda^2 = 4 N
    H = np.einsum("kij,ab->kiajb", symmetric(rng, (count, M, M), 1), np.eye(2)).astype(complex)
    for sigma in PAULI:
        A = symmetric(rng, (count, M, M), -1)
        H += 1j * np.sqrt(strength) * np.einsum("kij,ab->kiajb", A, sigma)
    C, error = backscattering(H.reshape(count, 2 * M, 2 * M), N, states=2)
    dot = dot_conductance(gas(spin_orbit()), field=0, channels=(3, 3))
    times = {symbol(f"tau_so_{i}"): 1 / (4 * M * strength) for i in "xyz"}
    expected = float(dot.expression.subs(times).subs(QUIET).subs(tau_H, 1)) / -1.5
    assert abs(C - expected) < 4 * error + abs(expected) / N
    assert C + 4 * error < 0


def test_modes_that_couple_to_momentum_are_refused():
    with pytest.raises(NotImplementedError, match="pass SoftMode objects"):
        dot_conductance(model("rashba").conductor())


@pytest.mark.parametrize("channels", [(0, 2), (2, -1), (sp.nan, 1)])
def test_contacts_without_channels_are_refused(channels):
    with pytest.raises(ValueError, match="give a positive number"):
        dot_conductance(gas(), channels=channels)


def test_what_is_no_mode_is_refused():
    with pytest.raises(TypeError, match="SoftMode objects"):
        dot_conductance(["S"])
    with pytest.raises(ValueError, match="there are no modes"):
        dot_conductance([])
    with pytest.raises(ValueError, match="give a positive one"):
        field_channels(-1)
