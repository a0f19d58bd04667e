"""From diagrams to expressions."""

import pytest
import sympy as sp

from diagrams.blocks import bubble, bubble_expansion
from diagrams.families import dress, ladder, maximally_crossed, reverse
from diagrams.matchings import BUBBLE, diagrams_of
from diagrams.notation import parse
from diagrams.rules import Rules, evaluate, impurity_line
from diagrams.symbols import D, nu, omega, q, tau, v_F

g = sp.Symbol("g", real=True)


def density_rules(dimension, **more):
    along = [sp.S.Zero] * (dimension - 1)
    return Rules(dimension, momenta={"x": (-q, *along), "y": (q, *along)}, **more)


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("rungs", [0, 1, 2, 3])
def test_each_rung_multiplies_a_ladder_by_the_bubble(dimension, rungs):
    """Exactly in q l, at two values of the momentum and at imaginary frequency."""
    frequency = sp.I / (3 * tau)
    for ql in (sp.Rational(1, 2), sp.Integer(2)):
        length = ql / (v_F * tau)
        momenta = {"y": (length, *[sp.S.Zero] * (dimension - 1))}
        value = evaluate(ladder(rungs), Rules(dimension, momenta=momenta, frequency=frequency))
        Pi = bubble(dimension).subs({omega: frequency, q: length})
        assert (
            abs(sp.N((value * impurity_line() - Pi ** (rungs + 1)).subs({tau: 2, v_F: 3}))) < 1e-12
        )


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_ladder_terms_expand_like_powers_of_the_bubble(dimension):
    value = evaluate(ladder(1), density_rules(dimension), order=2) * impurity_line()
    power = bubble_expansion(dimension) ** 2
    scale = sp.Symbol("epsilon")
    slow = power.subs({q: scale * q, omega: scale**2 * omega, D: v_F**2 * tau / dimension})
    truncated = sp.series(sp.expand(slow), scale, 0, 3).removeO().subs(scale, 1)
    assert sp.expand(value - truncated) == 0


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize("rungs", [0, 1, 2])
def test_reversing_the_advanced_string_leaves_the_value(dimension, rungs):
    rules = density_rules(dimension)
    value = evaluate(ladder(rungs), rules, order=2)
    assert evaluate(reverse(ladder(rungs), 1), rules, order=2) == value


def test_expansion_agrees_with_the_exact_value():
    exact = evaluate(ladder(0), density_rules(3, frequency=sp.S.Zero))
    expanded = evaluate(ladder(0), density_rules(3, frequency=sp.S.Zero), order=2)
    values = {tau: 1, v_F: 1, nu: 1, q: sp.Rational(1, 100)}
    assert abs(sp.N((exact - expanded).subs(values))) < 1e-7


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_a_rung_multiplies_the_current_by_the_mean_cosine(dimension):
    rules = Rules(dimension, currents=("x", "y"), anisotropy=g)
    ratio = evaluate(ladder(2), rules, order=0) / evaluate(ladder(0), rules, order=0)
    assert sp.simplify(ratio - g**2) == 0


def test_density_is_conserved_by_anisotropic_rungs_too():
    rules = Rules(2, anisotropy=g, frequency=sp.S.Zero)
    assert evaluate(ladder(2), rules, order=0) == evaluate(ladder(0), rules, order=0)


def test_conductance_fluctuation_frame_factorises_without_lines():
    pair = parse("R[x y] A[y x] R[x' y'] A[y' x']")
    single = evaluate(ladder(0), Rules(2), order=0)
    assert evaluate(pair, Rules(2), order=0) == sp.expand(single**2)


@pytest.mark.parametrize("diagram", [maximally_crossed(2), dress(maximally_crossed(2), 0)])
def test_diagrams_that_do_not_factorise_are_refused(diagram):
    with pytest.raises(NotImplementedError, match=r"carries 3 loop momenta.*cut the diagram"):
        evaluate(diagram, Rules(2), order=0)


def test_higher_cumulants_without_a_strength_are_refused():
    with pytest.raises(NotImplementedError, match=r"a line joins 3 sites.*cumulants={3: ...}"):
        evaluate(parse("R[x 1 1 y] A[y 1 x]"), Rules(2), order=0)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_one_scatterer_in_all_orders_has_the_probability_of_its_t_matrix(m):
    """t = u/(1 + i pi nu u): m times one scatterer, on both strings, is n_i t t* at order u^m."""
    n_i, u = sp.symbols("n_i u", positive=True)
    rules = Rules(2, cumulants={m: n_i * u**m}, frequency=sp.S.Zero)
    pair = evaluate(ladder(0), rules, order=0)
    strength = n_i * u**m if m > 2 else impurity_line()
    vertex = sum(
        evaluate(diagram, rules, order=0) / pair**2
        for diagram in diagrams_of(BUBBLE, (m,), is_not_a_self_energy)
    )
    t_matrix = u / (1 + sp.I * sp.pi * nu * u)
    probability = sp.series(t_matrix * sp.conjugate(t_matrix), u, 0, m + 1).removeO().coeff(u, m)
    assert sp.simplify(vertex / strength - probability) == 0


def is_not_a_self_energy(lines):
    return all(len({site.string for site in line}) == 2 for line in lines)


def test_unknown_vertices_are_refused_with_those_that_exist():
    with pytest.raises(ValueError, match=r"has vertices x, y, but the rules name z"):
        evaluate(ladder(0), Rules(2, currents=("x", "z")), order=0)


def test_a_current_needs_one_string_in_and_one_out():
    with pytest.raises(ValueError, match="'x' needs one string in and one out"):
        evaluate(reverse(ladder(0), 1), Rules(2, currents=("x", "y")), order=0)


def test_exact_values_need_momenta_along_x():
    rules = Rules(2, momenta={"y": (q, q)})
    with pytest.raises(NotImplementedError, match="pass order=2"):
        evaluate(ladder(0), rules)


def test_rules_are_checked_when_made():
    with pytest.raises(ValueError, match="is 1, 2 or 3, not 4"):
        Rules(4)
    with pytest.raises(ValueError, match=r"'x' has 1 components, but the dimension is 2"):
        Rules(2, momenta={"x": (q,)})
