"""Electron gases with spin-orbit coupling against matrices built by hand and reference values."""

from __future__ import annotations

import json
from functools import cache
from itertools import pairwise
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import (
    SIGMA_X,
    SIGMA_Y,
    SIGMA_Z,
    BandTrace,
    Conductor,
    Field,
    HikamiFunction,
    LevelSum,
    m_x,
    m_y,
    magnetic,
    magnetoconductivity,
    model,
    n_x,
    n_y,
    potential,
    spin_orbit,
    weak_localization,
)
from diagrams.symbols import B, B_phi, hbar, symbol, tau, tau_phi

DATA = Path(__file__).parents[1] / "data" / "spin_orbit_gases.json"
ENTRIES = json.loads(DATA.read_text())["entries"]
s_x, s_y, s_z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
PAULI = s_x, s_y, s_z
SIGMA = SIGMA_X, SIGMA_Y, SIGMA_Z
UNIT = np.eye(2)
SWAP = np.eye(4)[[0, 2, 1, 3]]
COS_3, SIN_3 = 4 * n_x**3 - 3 * n_x, 3 * n_y - 4 * n_y**3


@cache
def derived(name):
    return magnetoconductivity(model(name).conductor())


def at(correction, **fields):
    return correction.subs({name: sp.Rational(str(v)) for name, v in fields.items()}).expression


def pair_matrices(harmonics, rates=None, zeeman=(0, 0, 0)):
    """Return C_x, C_y, G of two spins on one circle of momenta, with scattering of one time.

    `harmonics` = {l: (vector of cos(l phi), vector of sin(l phi))} is the precession Omega(phi),
    in the unit 2 Omega^2 tau = 1 T.  For odd l both spins precess alike, with T = Omega.(s1 + s2),
    and relax at <T^2>/2; the first harmonic is a vector potential T/2 as well.  `rates` are
    spin-orbit (+1) and magnetic (-1) fields by axis.
    """
    G = np.zeros((4, 4), complex)
    couplings = []
    for order, vectors in harmonics.items():
        total = [
            sum(
                v * (np.kron(s, UNIT) + np.kron(UNIT, s))
                for v, s in zip(vector, PAULI, strict=True)
            )
            for vector in vectors
        ]
        G += sum(t @ t for t in total) / 4
        if order == 1:
            couplings = [t / 2 for t in total]
    for sign, fields in (rates or {}).items():
        for field, s in zip(fields, PAULI, strict=True):
            G += field * (np.eye(4) + sign * np.kron(s, s))
    for energy, s in zip(zeeman, PAULI, strict=True):
        G += 1j * energy * (np.kron(s, UNIT) - np.kron(UNIT, s))
    zero = np.zeros((4, 4), complex)
    C_x, C_y = couplings or (zero, zero)
    return C_x, C_y, G


def level_sums(b, C_x, C_y, G, w, counts):
    """Return b sum_{n<N} tr[w (S^-1)_nn] for each N, by elimination from both sides."""
    up, down = C_x + 1j * C_y, C_x - 1j * C_y
    last = max(counts) + 60
    unit = np.eye(len(G))
    diagonal = [G + b * (n + 0.5) * unit for n in range(last)]
    beyond = [np.zeros_like(G)] * last
    for n in range(last - 2, -1, -1):
        inverse = np.linalg.inv(diagonal[n + 1] - beyond[n + 1])
        beyond[n] = b * (n + 1) * down @ inverse @ up
    below, total, sums = np.zeros_like(G), 0.0, [0.0]
    for n in range(max(counts)):
        inner = diagonal[n] - below
        total += b * np.trace(w @ np.linalg.inv(inner - beyond[n]))
        sums.append(total)
        below = b * (n + 1) * up @ np.linalg.inv(inner) @ down
    return np.array([sums[N] for N in counts])


def momentum_integral(u_max, C_x, C_y, G, w, fine, directions=192):
    """Return int_0^u_max du <tr[w S_0^-1]> over angles, on panels in q = sqrt(u)."""
    q_max = np.sqrt(u_max)
    inner = np.arange(0, min(q_max, 60 * fine), fine)
    outer = inner[-1] * 1.25 ** np.arange(1, 80)
    edges = np.array([*inner, *outer[outer < q_max], q_max])
    nodes, weights = np.polynomial.legendre.leggauss(16)
    angles = 2 * np.pi * np.arange(directions) / directions
    C = np.cos(angles)[:, None, None] * C_x + np.sin(angles)[:, None, None] * C_y
    total = 0.0
    for left, right in pairwise(edges):
        q = (left + right) / 2 + (right - left) / 2 * nodes
        S = G + q[:, None, None, None] ** 2 * np.eye(len(G)) + 2 * q[:, None, None, None] * C
        trace = np.einsum("ij,qaji->qa", w, np.linalg.inv(S)).mean(axis=1)
        total += (right - left) / 2 * np.sum(weights * 2 * q * trace)
    return total


def brute_force(b, C_x, C_y, G, G_0, w, fine=0.01, first=150):
    """Return -(sum over levels - integral over q) for as many states, extrapolated in 1/N."""
    counts = [first * 2**k for k in range(5)]
    table = list(level_sums(b, C_x, C_y, G, w, counts) - np.trace(w) * np.log(b * np.array(counts)))
    cut = b * counts[-1]
    integrals = [
        momentum_integral(u, C_x, C_y, G_0, w, fine) - np.trace(w) * np.log(u)
        for u in (cut / 8, cut / 4, cut / 2, cut)
    ]
    return -(_extrapolated(table) - _extrapolated(integrals)).real


def _extrapolated(values):
    """Remove 1/N, 1/N^2, ... from values at N doubled each time."""
    for order in range(1, len(values)):
        factor = 2**order
        values = [(factor * y - x) / (factor - 1) for x, y in pairwise(values)]
    return values[0]


def linear(rashba, dresselhaus):
    """Return the vectors of cos and sin of phi, |Omega|^2 = (rashba, dresselhaus) tesla."""
    r, d = np.sqrt(rashba), np.sqrt(dresselhaus)
    return {1: ((d, -r, 0), (r, -d, 0))}


def cubic(field):
    return {3: ((np.sqrt(field), 0, 0), (0, np.sqrt(field), 0))} if field else {}


def closed(entry):
    return "Hprime_SO_T" in entry["parameters"]


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if closed(e)], ids=lambda entry: entry["name"]
)
def test_one_linear_coupling_equals_the_reference_value(entry):
    """Linear coupling H', cubic H - H'; a value with H_tr is one of sigma(B) itself."""
    p = {name: sp.Rational(v) for name, v in entry["parameters"].items()}
    fields = {"B": p["B_T"], "B_phi": p["B_phi_T"], "B_D": p["Hprime_SO_T"]}
    fields["B_3"] = p["H_SO_T"] - p["Hprime_SO_T"]
    exact = at(derived("dresselhaus"), **fields).evalf(32)
    with mp.workdps(30):
        value = mp.mpf(str(exact))
        if "H_tr_T" in p:
            value += zero_field_by_quadrature(p)
        assert abs(value - mp.mpf(entry["value"])) < mp.mpf("1e-22")


def zero_field_by_quadrature(p):
    """Return the published sigma(0) with its integral done at 30 digits."""
    H, H_1, H_phi, H_tr = (
        mp.mpf(str(sp.N(p[f"{name}_T"], 35))) for name in ("H_SO", "Hprime_SO", "B_phi", "H_tr")
    )
    start = H_phi + H
    S = mp.quad(
        lambda A: 4 * H_1 / (A**2 + (H - 4 * H_1) * A + 4 * H_1 * start),
        [start, 2 * start, 8 * start, 64 * start, mp.inf],
    )
    logs = 2 * mp.log(H_tr / start) + mp.log(H_tr / (start + H)) - mp.log(H_tr / H_phi)
    return -(logs + S) / 2


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if not closed(e)], ids=lambda entry: entry["name"]
)
def test_both_linear_couplings_equal_the_reference_value(entry):
    """The matrices are those of the derivation, their trace is done here."""
    p = {name: sp.Rational(v) for name, v in entry["parameters"].items()}
    fields = {"B_phi": p["B_phi_T"], "B_R": p["H_alpha_T"], "B_D": p["H_beta_T"]}
    correction = derived("rashba-dresselhaus").subs({**fields, "B_3": p["H3_T"]})
    (trace,) = correction.expression.atoms(BandTrace)
    m = {name: np.array(matrix.tolist(), complex) for name, matrix in trace.matrices.items()}
    triplets = brute_force(float(p["B_T"]), m["C_x"], m["C_y"], m["G"], m["G_0"], m["w"])
    singlet = -HikamiFunction(p["B_T"], p["B_phi_T"]) / 2
    assert triplets + float(singlet) == pytest.approx(float(entry["value"]), abs=2e-9)


def tridiagonal_trace(diagonal, first, second):
    """Return tr S^-1 of a 3 x 3 matrix with squares of its off-diagonal entries, by minors."""
    p, q, r = diagonal
    minors = p * q - first + p * r + q * r - second
    return minors / (p * q * r - r * first - p * second)


def triplets_by_summation(field, dephasing, linear, cubic):
    """Return 1/2 of sum minus integral of m = 1, 0, -1 in the levels J - 1, J, J + 1.

    S_+ a and its conjugate connect them with 2 H' B J and 2 H' B (J + 1) as squares; J = -1 and 0
    are cut short.  In mpmath.
    """
    half, total = mp.mpf(1) / 2, linear + cubic

    def gap(level, m):
        return field * (level + half) + dephasing + total * (2 - m * m)

    def block(J):
        squares = 2 * linear * field * J, 2 * linear * field * (J + 1)
        return field * tridiagonal_trace([gap(J - m, m) for m in (1, 0, -1)], *squares)

    def without(u):
        gaps = [u + dephasing + total * (2 - m * m) for m in (1, 0, -1)]
        return tridiagonal_trace(gaps, 2 * linear * u, 2 * linear * u)

    edge = field / gap(0, -1)
    p, q = gap(0, 0), gap(1, -1)
    edge += field * (p + q) / (p * q - 2 * linear * field)
    series = mp.fsum(block(J) - 3 / mp.mpf(J) for J in range(1, 200))
    series += mp.nsum(lambda J: block(J) - 3 / J, [200, mp.inf], method="r+e")
    knots = [0, *(total * mp.mpf(2) ** k for k in range(-6, 7, 2)), mp.inf]
    integral = mp.quad(lambda u: without(u) - 3 / (u + 1), knots)
    return (edge + series + 3 * mp.euler - 3 * mp.log(field) - integral) / 2


@pytest.mark.parametrize(
    "point",
    [("0.02", "0.001", "0.002", "0.005"), ("0.3", "0.1", "0.7", "0"), ("1", "0.2", "3", "1")],
)
def test_closed_form_is_the_sum_of_blocks_to_25_digits(point):
    fields = dict(zip(("B", "B_phi", "B_D", "B_3"), point, strict=True))
    value = at(derived("dresselhaus"), **fields).evalf(32)
    unfolded = at(derived("dresselhaus"), **fields).doit().evalf(40)
    with mp.workdps(40):
        field, dephasing, *couplings = map(mp.mpf, point)
        x = dephasing / field
        singlet = mp.digamma(mp.mpf(1) / 2 + x) - mp.log(x)
        expected = -triplets_by_summation(field, dephasing, *couplings) - singlet / 2
        assert abs(mp.mpf(str(value)) - expected) < mp.mpf("1e-25")
        assert abs(mp.mpf(str(sp.re(unfolded))) - expected) < mp.mpf("1e-25")


def test_rashba_and_linear_dresselhaus_have_one_value():
    fields = {"B": "0.4", "B_phi": "0.1"}
    one = at(derived("dresselhaus"), **fields, B_D="0.7", B_3=0)
    other = at(derived("rashba"), **fields, B_R="0.7")
    assert abs(one.evalf(30) - other.evalf(30)) < sp.Float("1e-28")


@pytest.mark.parametrize(("linear_field", "cubic_field"), [(0.02, 0.05), (3.0, 0.4)])
def test_zero_field_correction_is_the_quadrature_over_q(linear_field, cubic_field):
    """Smooth cutoff: the same integral at 1/tau_phi + 1/tau is subtracted.  Rates in place of T."""
    dephasing, elastic = 0.1, 50.0
    C_x, C_y, G = pair_matrices(linear(0, linear_field) | cubic(cubic_field))
    unit = np.eye(4)

    def integral(rate):
        S = C_x, C_y, G + rate * unit, SWAP / 2
        return np.array([momentum_integral(u, *S, fine=0.1, directions=24) for u in cuts])

    cuts = [1e5 * 2**k for k in range(4)]
    table = list(integral(dephasing + elastic) - integral(dephasing))
    times = {"tau_D": 1 / linear_field, "tau_3": 1 / cubic_field}
    times |= {"tau": 1 / elastic, "tau_phi": 1 / dephasing}
    exact = {name: sp.nsimplify(value) for name, value in times.items()}
    value = weak_localization(model("dresselhaus").conductor()).subs(exact).expression
    assert complex(value.evalf(30)).real == pytest.approx(_extrapolated(table).real, abs=1e-8)


def test_slope_of_the_zero_field_correction_is_that_of_the_singlet_for_long_dephasing():
    sigma = weak_localization(model("rashba").conductor()).expression
    slope = (tau_phi * sp.diff(sigma, tau_phi)).subs({tau: 1, symbol("tau_R"): 100})
    assert abs(sp.N(slope.subs(tau_phi, 10**30), 30) - sp.S.Half) < 1e-12


def strength(name):
    return hbar / sp.sqrt(2 * tau * symbol(f"tau_{name}"))


def evaluated(correction, b, **fields):
    """Return the correction at numbers, with the trace of mixed levels done here."""
    expression = at(correction, **fields)
    total = 0.0
    for trace in expression.atoms(BandTrace):
        m = {name: np.array(matrix.tolist(), complex) for name, matrix in trace.matrices.items()}
        value = -brute_force(b, m["C_x"], m["C_y"], m["G"], m["G_0"], m["w"], fine=0.05)
        total += float(expression.coeff(trace)) * value
    rest = expression.subs(dict.fromkeys(expression.atoms(BandTrace), 0))
    return total + complex(rest.subs(B, sp.nsimplify(b)).evalf(20)).real


MIXTURE = {"B_phi": 0.2, "B_R": 0.9, "B_Z": 0.35, "B_so": 0.1}


def mixture(axis):
    rashba = strength("R") * (n_y * SIGMA_X - n_x * SIGMA_Y)
    zeeman = (
        hbar / symbol("tau_Z") * sum((c * s for c, s in zip(axis, SIGMA, strict=True)), 0 * SIGMA_X)
    )
    time = symbol("tau_so")
    so, s = ([factor * time, factor * time, factor * time / 3] for factor in (1, 2))
    disorder = [potential(), spin_orbit(*so), magnetic(*s)]
    return magnetoconductivity(Conductor(2, disorder, hamiltonian=rashba + zeeman))


@pytest.mark.slow
@pytest.mark.parametrize(
    "axis", [(0, 0, 1), (sp.Rational(2, 3), -sp.Rational(1, 3), sp.Rational(2, 3))]
)
def test_rashba_zeeman_and_both_kinds_of_disorder_are_the_pair_matrix_on_landau_levels(axis):
    """Along z the levels n + m decouple and the trace is closed; in a tilted field it is not."""
    fields = MIXTURE
    so = [fields["B_so"] * factor for factor in (1, 1, 3)]
    rates = {1: so, -1: [field / 2 for field in so]}
    zeeman = [fields["B_Z"] * float(c) for c in axis]
    C_x, C_y, G = pair_matrices(linear(fields["B_R"], 0), rates, zeeman)
    G = G + fields["B_phi"] * np.eye(4)
    correction = mixture(axis)
    assert correction.expression.has(LevelSum if axis == (0, 0, 1) else BandTrace)
    for b in (0.4, 2.0):
        expected = brute_force(b, C_x, C_y, G, G, SWAP / 2, fine=0.05)
        assert evaluated(correction, b, **fields) == pytest.approx(expected, abs=1e-8)


@pytest.mark.slow
def test_a_hamiltonian_that_no_paper_has_is_the_pair_matrix_on_landau_levels():
    """h = a (n_x^3 sigma_x - n_y^3 sigma_z) + c n_x^2 n_y sigma_y has the harmonics 1 and 3."""
    h = strength("a") * (n_x**3 * SIGMA_X - n_y**3 * SIGMA_Z)
    h += strength("c") * n_x**2 * n_y * SIGMA_Y
    correction = magnetoconductivity(Conductor(2, [potential()], hamiltonian=h))
    fields = {"B_phi": 0.2, "B_a": 1.7, "B_c": 4.0}
    a, c = np.sqrt(fields["B_a"]) / 4, np.sqrt(fields["B_c"]) / 4
    first = (3 * a, 0, 0), (0, c, -3 * a)
    third = (a, 0, 0), (0, c, a)
    C_x, C_y, G = pair_matrices({1: first, 3: third})
    G = G + fields["B_phi"] * np.eye(4)
    for b in (0.4, 3.0):
        expected = brute_force(b, C_x, C_y, G, G, SWAP / 2, fine=0.05)
        assert evaluated(correction, b, **fields) == pytest.approx(expected, abs=1e-8)


def rotation(a, b, c, d):
    """Return the rotation of a quaternion of integers, with rational entries."""
    r = sp.Matrix([[0, -d, c], [d, 0, -b], [-c, b, 0]])
    norm = a**2 + b**2 + c**2 + d**2
    return sp.eye(3) + (2 * a * r + 2 * r * r) / norm


@pytest.mark.slow
@pytest.mark.parametrize("quaternion", [(1, 2, 2, 0), (3, 1, 2, 1)])
def test_rotating_the_spin_axes_changes_no_correction(quaternion):
    turned = rotation(*quaternion)
    assert turned * turned.T == sp.eye(3)
    x, y, _ = (sum((turned[i, j] * SIGMA[j] for j in range(3)), 0 * SIGMA_X) for i in range(3))
    h = strength("D") * (n_x * x - n_y * y) + strength("3") * (COS_3 * x + SIN_3 * y)
    correction = magnetoconductivity(Conductor(2, [potential()], hamiltonian=h))
    fields = {"B": "0.4", "B_phi": "0.1", "B_D": "0.7", "B_3": "0.2"}
    value, expected = (at(c, **fields).evalf(30) for c in (correction, derived("dresselhaus")))
    assert abs(value - expected) < sp.Float("1e-25")


def test_a_helix_has_commuting_couplings_and_no_relaxation_beyond_them():
    correction = derived("rashba-dresselhaus").subs({"B_R": symbol("B_D"), "B_3": 0})
    (trace,) = correction.expression.atoms(BandTrace)
    m = trace.matrices
    commutator = m["C_x"] * m["C_y"] - m["C_y"] * m["C_x"]
    assert commutator.expand().is_zero_matrix
    left = m["G"] - m["C_x"] ** 2 - m["C_y"] ** 2
    assert left.expand() == B_phi * sp.eye(3)


def test_random_spin_orbit_fields_relax_as_a_rashba_coupling_without_a_vector_potential():
    """A random Rashba field of the same in-plane rate leaves out what is linear in q."""
    vertex = (n_y + m_y) * SIGMA_X - (n_x + m_x) * SIGMA_Y
    gas = Conductor(2, [potential(), Field("Rashba", vertex, 1 / symbol("tau_R"))])
    holes = derived("heavy-holes").expression
    assert magnetoconductivity(gas).expression == holes
