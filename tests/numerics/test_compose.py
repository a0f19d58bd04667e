"""Models as sums: shared names, references, units, LaTeX, temperature laws, what they warn of."""

import inspect
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from cooperon import magnetoconductivity, model
from cooperon.dephasing import electron_phonon, nyquist, with_dephasing
from cooperon.geometry import wire
from numerics import constants
from numerics.backgrounds import (
    constant,
    drude,
    interaction_logarithm,
    interaction_parabola,
    kohler,
    linear,
    parabola,
)
from numerics.codegen import compile
from numerics.compose import Model, function_term, minus_reference, theory
from numerics.covariates import with_temperatures
from numerics.curve import Curve
from numerics.fit import fit
from numerics.model_warnings import model_warnings
from numerics.parameters import Parameter
from numerics.precision import double_precision

B = np.linspace(1e-3, 0.1, 40)
ORTHOGONAL = magnetoconductivity(model("orthogonal").conductor())
B_PHI = Parameter("B_phi", 1e-6, 1.0, unit="T")
G_0 = constants.e**2 / constants.h


@pytest.fixture(scope="module")
def film():
    return theory(ORTHOGONAL, unit="e^2/h")


def hikami(B_phi, B=B):
    """(1/pi) [psi(1/2 + B_phi/B) - ln(B_phi/B)], in e^2/h, without the toolkit."""
    from scipy.special import digamma

    return (digamma(0.5 + B_phi / B) - np.log(B_phi / B)) / np.pi


@double_precision()
def evaluate(function, **values):
    return np.asarray(function(jnp.asarray(B), **values))


def test_a_model_is_the_sum_of_its_terms(film):
    whole = film + parabola() + linear() + linear(odd=True).renamed({"c_1": "c_H"}) + constant()
    values = {"B_phi": 4e-3, "c_2": 2.0, "c_1": -0.3, "c_H": 0.1, "c_0": 0.02}
    expected = hikami(4e-3) + 2 * B**2 - 0.3 * np.abs(B) + 0.1 * B + 0.02
    np.testing.assert_allclose(evaluate(whole, **values), expected, rtol=1e-13)
    assert whole.parameters == tuple(values)
    assert list(inspect.signature(whole).parameters) == ["B", *values]


def test_linear_is_even_and_its_odd_form_is_odd():
    fields = jnp.array([-2.0, 2.0])
    assert linear()(fields, c_1=3.0).tolist() == [6.0, 6.0]
    assert linear(odd=True)(fields, c_1=3.0).tolist() == [-6.0, 6.0]


def test_a_common_name_is_one_value_and_renaming_separates_it(film):
    assert (film + film).parameters == ("B_phi",)
    two = film + film.renamed({"B_phi": "B_phi_2"})
    assert two.parameters == ("B_phi", "B_phi_2")
    found = evaluate(two, B_phi=1e-3, B_phi_2=5e-3)
    np.testing.assert_allclose(found, hikami(1e-3) + hikami(5e-3), rtol=1e-13)


def test_equal_sums_are_equal_so_that_a_fit_compiles_once(film):
    one, other = (film + interaction_parabola(unit="e^2/h") + parabola() for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


def test_a_subtracted_reference_is_modelled(film):
    difference = minus_reference(film + parabola(), ["B_phi"], "900mK") + constant()
    # the parabola is the same in both and cancels
    assert difference.parameters == ("B_phi", "B_phi_900mK", "c_0")
    found = evaluate(difference, B_phi=2e-3, B_phi_900mK=2e-2, c_0=0.1)
    np.testing.assert_allclose(found, hikami(2e-3) - hikami(2e-2) + 0.1, rtol=1e-12)
    assert difference.latex().count(r"\Psi") == 2


@pytest.mark.slow
@double_precision()
def test_curves_over_temperature_follow_one_dephasing_law():
    law = with_dephasing(ORTHOGONAL, nyquist(2) + electron_phonon(3))
    film = theory(law, unit="e^2/h") + parabola()
    truth = {"A_ep": 2e8, "D": 0.01, "R_square": 500.0, "c_2": 3.0}
    temperatures = {"1 K": 1.0, "2 K": 2.0, "8 K": 8.0}
    exact = {k: evaluate(film, T=T, **truth) for k, T in temperatures.items()}
    known = [Curve(B, y, label=k, temperature=temperatures[k]) for k, y in exact.items()]
    parameters = [
        Parameter("R_square", 10.0, 1e4, unit="ohm"),
        Parameter("A_ep", 1e6, 1e10),
        Parameter("c_2", -50.0, 50.0),
    ]
    result = fit(film, known, parameters, fixed={"D": 0.01}, starts=8)
    for name in ("R_square", "A_ep", "c_2"):
        assert result.best.values[name] == pytest.approx(truth[name], rel=1e-6)
    assert result.arguments("8 K")["T"] == 8.0
    # the same, with the temperatures as a known covariate
    unknown = [Curve(B, y, label=k) for k, y in exact.items()]
    fixed = {"D": 0.01, "T": temperatures}
    assert fit(film, unknown, parameters, fixed=fixed, starts=8).best.values == result.best.values
    with pytest.raises(ValueError, match="the temperature of 1 K, 2 K, 8 K is not known"):
        fit(film, unknown, parameters, fixed={"D": 0.01})


def test_a_temperature_is_only_filled_in_where_it_is_missing():
    curves = [Curve([0.0, 1.0], [0.0, 1.0], label=k, temperature=2.0) for k in "ab"]

    def law(B, T):
        return T * B

    assert with_temperatures(law, curves, [], {}) == {"T": {"a": 2.0, "b": 2.0}}
    assert with_temperatures(law, curves, [], {"T": {"a": 3.0}}) == {"T": {"a": 3.0, "b": 2.0}}
    assert with_temperatures(law, curves, [], {"T": 4.0}) == {"T": 4.0}
    assert with_temperatures(law, curves, [Parameter("T", 1.0, 9.0)], {}) == {}
    assert with_temperatures(lambda B, a: a * B, curves, [], {}) == {}


def test_the_drude_background_is_the_classical_sigma_xx():
    field, sigma_0, mu = 0.05, 40.0, 12.0
    rho = np.array([[1, mu * field], [-mu * field, 1]]) / sigma_0
    expected = np.linalg.inv(rho)[0, 0] - sigma_0
    with double_precision():
        found = drude()(jnp.array(field), sigma_0=sigma_0, mu=mu)
        small = drude()(jnp.array(1e-9), sigma_0=sigma_0, mu=mu)
    assert float(found) == pytest.approx(expected, rel=1e-13)
    assert float(small) == pytest.approx(-sigma_0 * (mu * 1e-9) ** 2, rel=1e-13)


def test_kohlers_rule_makes_one_curve_of_two_conductivities():
    def relative(sigma_0, field):
        with double_precision():
            change = float(kohler()(jnp.array(field), kappa=0.3, sigma_0=sigma_0))
        return sigma_0 / (sigma_0 + change) - 1

    assert relative(10.0, 0.4) == pytest.approx(relative(20.0, 0.2), rel=1e-13)
    assert relative(10.0, 0.4) == pytest.approx((0.3 * 10 * 0.4) ** 2, rel=1e-12)


@pytest.mark.parametrize("field", [0.1, 0.7, 3.0])
def test_the_interaction_parabola_is_what_inverting_the_tensor_gives(field):
    K_ee, mu, T, tau, sigma_0 = 0.6, 1.4, 0.3, 2e-12, 1e6 * G_0
    logarithm = np.log(constants.k_B * T * tau / constants.hbar)
    change = K_ee * logarithm * constants.e**2 / (2 * np.pi**2 * constants.hbar)

    def inverse_resistivity(B):
        drude_part = sigma_0 / (1 + (mu * B) ** 2)
        sigma = np.array([[drude_part + change, drude_part * mu * B], [0, 0]])
        sigma[1] = [-sigma[0, 1], sigma[0, 0]]
        return 1 / np.linalg.inv(sigma)[0, 0]

    expected = (inverse_resistivity(field) - inverse_resistivity(0.0)) / G_0
    parameters = {"K_ee": K_ee, "T": T, "mu": mu, "tau": tau}
    with double_precision():
        found = interaction_parabola(unit="e^2/h")(jnp.array(field), **parameters)
    assert float(found) > 0
    # to first order in the correction over sigma_0 = 1e6
    assert float(found) == pytest.approx(expected, rel=1e-4)


@double_precision()
def test_the_interaction_correction_is_given_in_the_unit_of_the_data():
    values = {"K_ee": 1.0, "T": 2.0, "tau": 1e-13}
    here, siemens = (
        float(interaction_logarithm(unit=u)(jnp.array(0.0), **values)) for u in ("e^2/(pi h)", "S")
    )
    assert here == pytest.approx(np.log(constants.k_B * 2 * 1e-13 / constants.hbar), rel=1e-12)
    assert siemens == pytest.approx(here * G_0 / np.pi, rel=1e-12)


def test_a_model_prints_with_its_units_references_and_validity(film):
    whole = film + parabola() + linear() - constant()
    assert whole.latex() == (
        r"\frac{e^{2}}{2 \pi^{2} \hbar} \left[ \Psi\left(\frac{B_\phi}{B}\right) \right] "
        r"+ B^{2} c_{2} + c_{1} \left|{B}\right| - c_{0}"
    )
    renamed = film.renamed({"B_phi": "B_so"}).latex()
    assert r"B_{\mathrm{so}}" in renamed
    assert r"\phi" not in renamed
    assert whole.units == {
        "B_phi": "T", "c_2": "(e^2/h)/T^2", "c_1": "(e^2/h)/T", "c_0": "e^2/h"
    }  # fmt: skip
    assert whole.references == ORTHOGONAL.references
    assert whole.validity == ORTHOGONAL.validity
    assert (
        interaction_parabola(unit="S").latex().startswith(r"\frac{e^{2}}{2 \pi^{2} \hbar} \left[")
    )
    assert drude().latex().startswith("- ")
    assert (-drude()).latex().startswith(r"\frac{B^{2}")


def test_the_expression_of_a_background_is_what_it_computes():
    values = {"kappa": 0.2, "sigma_0": 9.0, "mu": 3.0, "c_0": 0.1, "c_1": 0.2, "c_2": 0.3}
    values |= {"K_ee": 0.5, "T": 1.5, "tau": 1e-12}
    nature = {"hbar": constants.hbar, "k_B": constants.k_B}
    terms = [parabola(), linear(), linear(odd=True), constant(), drude(), kohler()]
    terms += [f(unit="e^2/(pi h)") for f in (interaction_parabola, interaction_logarithm)]
    for whole in terms:
        own = {name: values[name] for name in whole.parameters}
        (term,) = whole.terms
        numbers = own | nature | {"B": -0.4}
        printed = term.expression.subs({s: numbers[s.name] for s in term.expression.free_symbols})
        with double_precision():
            found = float(whole(jnp.array(-0.4), **own))
        assert found == pytest.approx(float(printed), rel=1e-12)


def test_any_jax_function_is_a_term(film):
    def spin_peak(B, height, B_0):
        return height / (1 + (B / B_0) ** 2)

    whole = film + function_term(spin_peak, units={"B_0": "T"})
    assert whole.parameters == ("B_phi", "height", "B_0")
    assert whole.units["B_0"] == "T"
    assert r"\operatorname{spin}_{peak}{\left(B,height,B_{0} \right)}" in whole.latex()
    slope = jax.grad(lambda h: jnp.sum(whole(jnp.asarray(B), B_phi=1e-2, height=h, B_0=0.1)))(1.0)
    assert float(slope) == pytest.approx(np.sum(1 / (1 + (B / 0.1) ** 2)), rel=1e-5)


def test_a_correction_is_compiled_in_the_unit_of_the_model(film):
    assert (film + ORTHOGONAL).unit == "e^2/h"
    doubled = evaluate(ORTHOGONAL + film, B_phi=4e-3)
    np.testing.assert_allclose(doubled, 2 * hikami(4e-3), rtol=1e-13)


def test_models_that_do_not_fit_together_are_refused(film):
    with pytest.raises(ValueError, match=r"are in S and in e\^2/h; compile both"):
        film + theory(ORTHOGONAL, unit="S")
    with pytest.raises(ValueError, match="added to a model without a unit"):
        parabola() + ORTHOGONAL
    with pytest.raises(ValueError, match="'B_so' is not a parameter of the model; it has B_phi"):
        film.renamed({"B_so": "x"})
    with pytest.raises(ValueError, match=r"'tau\[1 K\]' cannot be the name"):
        film.renamed({"B_phi": "tau[1 K]"})
    with pytest.raises(ValueError, match="differs in no parameter"):
        minus_reference(film, [])
    with pytest.raises(ValueError, match="no terms"):
        Model(())
    with pytest.raises(TypeError, match=r"takes B_phi; it was given none"):
        film(jnp.asarray(B))
    with pytest.raises(ValueError, match=r"units of e\^2/\(pi hbar\) m, not a conductance"):
        theory(magnetoconductivity(model("orthogonal").conductor(), geometry=wire()), unit="S")


def test_a_model_in_another_unit_than_the_curves_is_refused(film):
    with pytest.raises(ValueError, match=r"The model is in e\^2/h and the curves are in S"):
        fit(film, Curve(B, B, unit="S"), [B_PHI])


@double_precision()
def test_a_generated_function_says_where_its_formula_is_out_of_range():
    correction = magnetoconductivity(model("orthogonal").conductor(), geometry=wire())
    thin = compile(correction.of_length(sp.Float(1e-5)), unit="e^2/h", probe=False)
    curves = [Curve(B, 0 * B, label=label) for label in ("1 K", "4 K")]
    narrow, broad = ({"B_phi": 2e-3, "width": width} for width in (2e-9, 4e-7))
    assert model_warnings(thin, curves, [narrow, narrow]) == []
    said = model_warnings(thin, curves, [narrow, broad])
    # L_phi = 0.29 um
    assert said[0].startswith(
        "The model warns at the best minimum on 4 K: the width is 1.39 L_phi, and the formula "
        "holds below 0.3"
    )


def test_a_fit_passes_on_what_the_function_warns_of_at_the_best_minimum():
    def line(B, a):
        if not isinstance(a, jax.core.Tracer) and a > 2:
            warnings.warn(f"a is {float(a):.1f}, above 2", stacklevel=2)
        return a * B

    slope = Parameter("a", 0.0, 10.0)
    steep, flat = (fit(line, Curve(B, a * B), [slope], starts=2) for a in (3.0, 1.0))
    assert "The model warns at the best minimum: a is 3.0, above 2." in steep.status
    assert not any("warns" in sentence for sentence in flat.status)
