"""Named models are recipes whose corrections are derived."""

import pytest
import sympy as sp

from cooperon import MODELS, HikamiFunction, magnetoconductivity, model
from diagrams.symbols import B, B_phi, symbol


def Psi(*terms):
    return HikamiFunction(B, B_phi + sum(k * symbol(f"B_{name}") for k, name in terms))


def one_third(n):
    return sp.Rational(n, 3)


TABLE = {
    "orthogonal": Psi(),
    "hln-uniaxial": Psi((2, "so_x"), (2, "so_z"), (2, "s_x"))
    + Psi((4, "so_x"), (2, "s_z")) / 2
    - Psi((4, "s_x"), (2, "s_z")) / 2,
    "hln-isotropic": 3 * Psi((one_third(4), "so"), (one_third(2), "s")) / 2 - Psi((2, "s")) / 2,
    "graphene-so": -Psi() / 2 + Psi((2, "asy")) / 2 + Psi((1, "asy"), (1, "sym")),
    "hln": Psi((2, "so_y"), (2, "so_z"), (2, "s_x")) / 2
    + Psi((2, "so_z"), (2, "so_x"), (2, "s_y")) / 2
    + Psi((2, "so_x"), (2, "so_y"), (2, "s_z")) / 2
    - Psi((2, "s_x"), (2, "s_y"), (2, "s_z")) / 2,
}


ANY_DIMENSION = set(TABLE)
TABLE |= {
    "heavy-holes": -Psi() / 2 + Psi((2, "R")) / 2 + Psi((1, "R")),
    "graphene": Psi() - Psi((2, "i")) - 2 * Psi((1, "i"), (1, "z"), (1, "w")),
    "bilayer": Psi() - Psi((2, "i")) + 2 * Psi((1, "i"), (1, "z"), (1, "w")),
    "surface": -Psi() / 2,
}
# their formulas, with sums over levels, are compared in derivations/ and with reference values
FOLDED = {"zeeman", "rashba", "dresselhaus", "rashba-dresselhaus", "weyl"}


def test_the_table_covers_every_model():
    assert set(TABLE) | FOLDED == set(MODELS)


@pytest.mark.parametrize("name", TABLE)
def test_a_recipe_leads_to_its_published_formula(name):
    assert magnetoconductivity(model(name).conductor()).expression == TABLE[name]


@pytest.mark.parametrize("name", sorted(ANY_DIMENSION))
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_the_gaps_of_a_model_do_not_depend_on_dimension(name, dimension):
    gaps = [m.gap for m in model(name).conductor(dimension).cooperon().modes]
    assert gaps == [m.gap for m in model(name).conductor().cooperon().modes]


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ANY_DIMENSION])
def test_a_model_of_one_dimension_refuses_the_others(name):
    if name != "zeeman":
        with pytest.raises(ValueError, match="d = 1"):
            model(name).conductor(1)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_a_description_and_a_reference(name):
    assert model(name).name == name
    assert model(name).description
    assert any(c.isdigit() for c in model(name).reference)


def test_an_unknown_model_is_answered_with_the_nearest_names():
    with pytest.raises(
        ValueError, match=r"there is no model 'hln-iso'; did you mean .*'hln-isotrop"
    ):
        model("hln-iso")
    with pytest.raises(
        ValueError, match=r"there is no model 'zzz'; did you mean one of \['orthogo"
    ):
        model("zzz")
