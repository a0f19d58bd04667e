"""The derivation record says what was done, in order, under which assumption."""

from functools import cache

import pytest
import sympy as sp

from cooperon import Derivation, Step, magnetoconductivity, model, weak_localization
from cooperon.derivation import equation
from diagrams.symbols import B, D, q

a, b = sp.symbols("a b")


@cache
def record():
    return magnetoconductivity(model("hln").conductor()).derivation


def step(title):
    return next(s for s in record().steps if s.title == title)


def test_the_steps_lead_from_the_self_energy_to_the_correction():
    assert [s.title for s in record().steps] == [
        "Born self-energy",
        "One rung of the ladder",
        "Cooperon without spin",
        "Hikami boxes",
        "Prefactor",
        "Disorder",
        "Self-energy of the model",
        "Particle conservation",
        "Ladder kernel in the pair space",
        "Transport",
        "Soft modes",
        "Sum over soft modes",
        "Landau levels of the Cooperon",
        "Trace over Landau levels",
        "Magnetoconductivity",
    ]


@pytest.mark.parametrize("make", [magnetoconductivity, weak_localization])
def test_each_step_has_an_equation_and_states_its_assumption(make):
    for s in make(model("orthogonal").conductor()).derivation.steps:
        assert s.equations
        assert s.assumption.endswith(".")


def test_the_record_holds_the_soft_modes_of_the_model():
    gaps = [m.gap for m in model("hln").conductor().cooperon().modes]
    assert [eq.rhs for eq in step("Soft modes").equations] == gaps


def test_the_record_says_that_particles_are_conserved():
    assert [eq.rhs for eq in step("Particle conservation").equations] == [0]


def test_the_record_holds_the_landau_levels():
    assert step("Landau levels of the Cooperon").equations[0].lhs == D * q**2
    assert step("Landau levels of the Cooperon").equations[0].rhs.has(sp.Abs(B))


def test_an_equation_stays_as_it_stands():
    assert equation(a, a).lhs == a
    assert isinstance(equation(sp.S.One, sp.S.One), sp.Eq)


def test_records_add_their_steps_under_the_first_title():
    one, two = (Step(t, (), "Nothing.") for t in "12")
    assert Derivation("x", (one,)) + Derivation("y", (two,)) == Derivation("x", (one, two))


def test_plain_text_numbers_the_steps_and_has_no_latex():
    text = str(record())
    assert text.startswith("Magnetoconductivity from the Cooperon\n1. Born self-energy: ")
    assert "15. Magnetoconductivity: " in text
    assert "\\" not in text
    assert "$" not in text


def test_plain_text_of_an_equation():
    derivation = Derivation("T", (Step("S", (equation(a, 2 * b),), "As $\\pi_x$ is.", "R"),))
    assert str(derivation) == "T\n1. S: As pi_x is.\n     a = 2*b"
