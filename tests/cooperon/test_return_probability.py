"""Return probabilities against sums over modes, and their integral against the correction."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from cooperon import (
    Conductor,
    bulk,
    finite_wire,
    model,
    potential,
    return_probability,
    ring,
    strip,
    weak_localization,
    wire,
)
from cooperon.geometry import Axis, Ends, Geometry
from cooperon.pair_decay import PairDecay, PairDecayMean
from diagrams.symbols import symbol

L, D, TAU_PHI = sp.Rational(1, 10**6), sp.Rational(1, 100), sp.Rational(3, 10**11)
VALUES = {symbol("length"): L, symbol("D"): D, symbol("tau_phi"): TAU_PHI}


def at(expression, time, **others):
    values = VALUES | {symbol(name): value for name, value in others.items()}
    return expression.subs(values).subs(symbol("time"), time).evalf(25)


@pytest.mark.parametrize(
    ("ends", "first", "shift"), [("leads", 1, 0), ("closed", 0, 0), ("mixed", 0, 0.5)]
)
@pytest.mark.parametrize("scaled", [0.01, 0.3, 2.0])
def test_a_finite_wire_is_the_sum_over_its_modes(ends, first, shift, scaled):
    probability = return_probability(model("orthogonal").conductor(1), finite_wire(ends=ends))
    m = np.arange(first, 200) + shift
    expected = np.sum(np.exp(-(np.pi**2) * m**2 * scaled)) / float(L)
    found = at(probability.classical, sp.Float(scaled, 30) * L**2 / D)
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_a_rectangle_is_the_product_of_its_sides():
    sides = (Axis(symbol("length"), Ends.LEADS), Axis(symbol("width"), Ends.CLOSED))
    rectangle = Geometry("rectangle", 0, sides)
    total = return_probability(model("orthogonal").conductor(2), rectangle).classical
    one, other = (
        return_probability(model("orthogonal").conductor(1), finite_wire(size, ends)).classical
        for size, ends in ((symbol("length"), "leads"), (symbol("width"), "closed"))
    )
    assert sp.simplify(total - one * other) == 0


def test_a_flux_of_half_a_period_turns_single_windings_around():
    around = return_probability(model("orthogonal").conductor(1), ring(flux=symbol("Phi")))
    quantum = sp.pi * symbol("hbar") / (2 * symbol("e"))
    expected = sum(
        (-1) ** n * mp.exp(-((n * 1e-6) ** 2) / (4 * 0.01 * 5e-12)) for n in range(-9, 10)
    ) / mp.sqrt(4 * mp.pi * 0.01 * 5e-12)
    found = at(
        around.interference.subs(symbol("Phi"), quantum) * sp.exp(symbol("time") / TAU_PHI),
        sp.Float("5e-12", 30),
        circumference=L,
    )
    assert float(found) == pytest.approx(float(expected), rel=1e-10)


def test_coherence_doubles_the_return_and_strong_spin_orbit_coupling_halves_it():
    plain = return_probability(model("orthogonal").conductor(1), finite_wire(ends="closed"))
    assert sp.limit(plain.enhancement, symbol("tau_phi"), sp.oo) == 2
    spins = return_probability(model("hln-isotropic").conductor(1), finite_wire(ends="closed"))
    late = spins.enhancement.subs({symbol("tau_s"): sp.oo, symbol("tau_phi"): sp.oo})
    assert sp.limit(sp.powsimp(late), symbol("time"), sp.oo) == sp.Rational(1, 2)
    assert sp.limit(sp.powsimp(late), symbol("time"), 0) == 2


def test_its_integral_over_time_is_the_correction_of_a_finite_wire():
    conductor = model("orthogonal").conductor(1)
    probability = return_probability(conductor, finite_wire())
    closed = weak_localization(conductor, "none", geometry=finite_wire()).expression.subs(VALUES)
    # t = u^2 takes the square root out of short times
    unit = float(2 * D / L)

    def integrand(u):
        return 2 * u * float(at(probability.interference, sp.Float(float(u) ** 2, 30))) * unit

    u = mp.linspace(0, mp.sqrt(2e-10), 9)
    total = mp.quad(integrand, [mp.mpf("1e-12"), *u[1:]], maxdegree=5)
    assert -float(total) == pytest.approx(float(closed), rel=1e-6)


def test_a_field_damps_the_interference_of_a_plane_and_of_a_wire():
    plane = return_probability(model("orthogonal").conductor(2), bulk(2))
    b = 2 * symbol("e") * symbol("D") * sp.Abs(symbol("B")) * symbol("time") / symbol("hbar")
    ratio = plane.interference / plane.classical * sp.exp(symbol("time") / symbol("tau_phi"))
    assert sp.simplify(ratio.doit() - b / sp.sinh(b)) == 0
    thin = return_probability(model("orthogonal").conductor(2), wire())
    rate = wire().section.rate
    decay = sp.exp(-symbol("time") * (1 / symbol("tau_phi") + rate))
    assert sp.simplify(thin.interference / thin.classical / decay) == 1


@pytest.mark.parametrize("square", [-4.0, -0.3, 0.0, 1e-9, 0.7, 3.0])
def test_mixed_modes_decay_as_the_exponential_of_their_matrix(square):
    matrix = mp.matrix([[1.3, square], [1, 1.3]])
    exact = mp.expm(-matrix)
    assert float(PairDecayMean(1.3, square).evalf(20)) == pytest.approx(float(exact[0, 0]))
    assert float(PairDecay(1.3, square).evalf(20)) == pytest.approx(-float(exact[1, 0]))


def test_zeeman_splitting_makes_the_interference_oscillate_as_the_matrix_exponential():
    probability = return_probability(model("zeeman").conductor(1))
    values = {"tau_so_x": 2, "tau_so_z": 3, "g": 2, "B": 1, "B_parallel": 0, "mu_B": 1, "hbar": 1}
    numbers = {symbol(name): sp.Rational(v) for name, v in values.items()}
    numbers |= {symbol("D"): 1, symbol("tau_phi"): 10**9, symbol("time"): sp.Rational(4, 5)}
    found = sp.N((probability.interference / probability.classical).subs(numbers), 20)
    so_x, so_z, splitting = 1 / 2, 1 / 3, 2.0
    mixed = mp.expm(-0.8 * mp.matrix([[4 * so_x, 1j * splitting], [1j * splitting, 0]]))
    outer = mp.exp(-0.8 * (2 * so_x + 2 * so_z))
    expected = outer + (mixed[0, 0] - mixed[1, 1]).real / 2
    assert float(found) == pytest.approx(float(expected), rel=1e-8)


def test_what_is_no_product_is_refused():
    with pytest.raises(NotImplementedError, match="Nyquist noise"):
        return_probability(Conductor(1, [potential()]), wire(nyquist=True))
    with pytest.raises(NotImplementedError, match="couple to the wave vector"):
        return_probability(model("rashba").conductor())
    with pytest.raises(NotImplementedError, match="strip"):
        return_probability(Conductor(2, [potential()]), strip())
