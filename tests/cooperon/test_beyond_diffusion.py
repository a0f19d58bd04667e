"""Beyond diffusion: boxes against the numerical ladder exact in q, limits, and what is refused."""

from dataclasses import replace

import mpmath as mp
import pytest
import sympy as sp

from cooperon import Conductor, magnetic, magnetoconductivity, potential, spin_orbit
from cooperon.ballistic_model import ballistic_ladder
from cooperon.beyond_diffusion import nondiffusive_magnetoconductivity
from cooperon.directions import dot
from cooperon.flight_boxes import boxes, current_flight, flight, s, x, zero_field_parts
from cooperon.models import model
from diagrams.symbols import nu, symbol, tau, v_F

GAS = Conductor(2, [potential()])
SPINS = Conductor(2, [potential(), spin_orbit(), magnetic()])


def test_the_boxes_are_those_of_the_numerical_ladder():
    bare, dressed = (box / (2 * sp.pi * nu * tau**3 * v_F**2) for box in boxes())
    P, Q = flight().subs(s, 1), current_flight().subs(s, 1)
    loops = (bare * P**2 + dressed * Q**2) / (1 - P)
    exact = ballistic_ladder(GAS)
    for u in (0.3, 2.0, 30.0):
        kernel = mp.re(exact.conductivity_kernel(mp.mpf(u)))
        assert float(loops.subs(x, sp.sqrt(u))) == pytest.approx(float(kernel) / 2, rel=1e-12)


def test_the_integrals_without_a_field_are_those_of_a_quadrature():
    beta = mp.mpf(1) / 50
    P = lambda v: ((1 + beta) ** 2 + 2 * v) ** -0.5  # noqa: E731
    back = mp.quad(lambda v: -(P(v) ** 3) / (1 - P(v)), [0, 0.1, 1, 10, mp.inf])
    Q = lambda v: (1 - (1 + beta) * P(v)) / mp.sqrt(2 * v)  # noqa: E731
    other = mp.quad(lambda v: Q(v) ** 2 * P(v) / (1 - P(v)), [0, 0.1, 1, 10, mp.inf])
    found = [float(part.subs(s, sp.Rational(51, 50))) for part in zero_field_parts()]
    assert found == pytest.approx([float(back), float(other)], rel=1e-6)


def test_scattering_into_other_directions_tends_to_ln_2_without_dephasing():
    assert sp.limit(zero_field_parts()[1], s, 1) == sp.log(2)


@pytest.mark.parametrize("conductor", [GAS, SPINS], ids=["potential", "spins"])
def test_without_a_transport_field_it_is_the_diffusive_result(conductor):
    exact = nondiffusive_magnetoconductivity(conductor)
    limit = exact.subs({"B_tr": sp.oo}).expression
    assert sp.expand(limit - magnetoconductivity(conductor).expression) == 0


def test_strong_magnetic_scattering_leaves_no_correction():
    fields = {f"B_s_{i}": sp.oo for i in "xyz"}
    assert nondiffusive_magnetoconductivity(SPINS).subs(fields).expression == 0


def test_in_times_the_transport_field_stays_a_field():
    correction = nondiffusive_magnetoconductivity(GAS).in_times()
    field = symbol("hbar") / (4 * symbol("e") * symbol("D") * symbol("tau_phi"))
    assert correction.expression.args[1:] == (field, symbol("B_tr"))


def test_the_derivation_says_where_each_step_comes_from():
    text = str(nondiffusive_magnetoconductivity(GAS).derivation)
    for words in ("H_0 = -2*pi*P", "sigma_a(0) = log(1 - 1/s)", "sigma_b(B)", "B_tr = hbar/(2*e*l"):
        assert words in text


def test_an_anisotropic_mass_scales_the_result_as_in_the_diffusive_range():
    masses = Conductor(2, [potential()], masses=(1, 4))
    ratio = (
        nondiffusive_magnetoconductivity(masses, "x").expression
        / nondiffusive_magnetoconductivity(masses, "y").expression
    )
    assert sp.simplify(ratio) == 4


@pytest.mark.parametrize(
    ("conductor", "words"),
    [
        (Conductor(3, [potential()]), "covers d = 2"),
        (model("surface").conductor(), "makes scattering anisotropic"),
        (Conductor(2, [potential(profile=1 + dot(2))]), "scatters anisotropically"),
        (Conductor(2, [replace(magnetic()[0], weak=False)]), "acts on internal states"),
        (model("rashba").conductor(), "couple to q"),
        (model("zeeman").conductor(), "precess or mix"),
    ],
    ids=["d = 3", "band", "anisotropic scatterers", "strong spins", "Rashba", "Zeeman"],
)
def test_conductors_that_are_not_covered_are_refused_with_a_remedy(conductor, words):
    with pytest.raises(NotImplementedError, match=words) as refusal:
        nondiffusive_magnetoconductivity(conductor)
    assert "use" in str(refusal.value)
