"""Corrections with a dephasing law as functions of field and temperature."""

import jax
import numpy as np
import pytest
import sympy as sp

from cooperon import Conductor, magnetoconductivity, model, potential, weak_localization
from cooperon.dephasing import electron_phonon, nyquist, saturation, with_dephasing
from cooperon.quantum_dot import dot_conductance
from diagrams.symbols import e, hbar, k_B
from numerics import constants
from numerics.codegen import compile
from numerics.precision import double_precision

NATURE = {e: constants.e, hbar: constants.hbar, k_B: constants.k_B}
FILM = with_dephasing(
    magnetoconductivity(model("hln-isotropic").conductor()),
    nyquist(2) + electron_phonon(3) + saturation(),
)
SAMPLE = {"A_ep": 3e7, "B_s": 1e-4, "B_so": 0.012, "D": 0.02, "R_square": 730.0, "tau_0": 4e-11}


def exact(correction, **values):
    numbers = {s: sp.Float(values[s.name], 40) for s in correction.parameters}
    numbers |= {s: sp.Float(value, 40) for s, value in NATURE.items()}
    return float(correction.expression.xreplace(numbers).evalf(25))


@pytest.fixture(scope="module")
def film():
    return compile(FILM, probe=False)


@double_precision()
def test_a_film_is_one_function_of_field_and_temperature(film):
    B, T = np.array([0.01, 0.3]), np.array([[0.1], [4.2], [40.0]])
    values = film(B=B, T=T, **SAMPLE)
    expected = [[exact(FILM, B=b, T=t, **SAMPLE) for b in B] for t in T[:, 0]]
    np.testing.assert_allclose(values, expected, rtol=3e-14)


@double_precision()
def test_its_derivative_in_temperature_is_the_difference(film):
    at, step = {"B": 0.05, **SAMPLE}, 1e-10
    slope = jax.grad(lambda T: film(T=T, **at))(4.2)
    ends = (exact(FILM, T=sp.Float(4.2, 40) + s * sp.Float(step, 40), **at) for s in (1, -1))
    assert float(slope) == pytest.approx(np.subtract(*ends) / (2 * step), rel=1e-4)


def test_single_precision_is_enough_for_the_constants_of_nature(film):
    single = {name: np.float32(value) for name, value in SAMPLE.items()}
    value = film(B=np.float32(0.1), T=np.float32(1.5), **single)
    assert value.dtype == np.float32
    assert float(value) == pytest.approx(exact(FILM, B=0.1, T=1.5, **SAMPLE), rel=2e-6)


@pytest.mark.parametrize(("d", "conductivity"), [(1, "sigma_1"), (3, "sigma_D")])
@pytest.mark.slow
def test_rates_with_fractional_powers_of_constants_stay_in_range(d, conductivity):
    correction = with_dephasing(weak_localization(Conductor(d, [potential()])), nyquist(d))
    values = {"D": 0.01, "T": 2.0, "tau": 1e-14, conductivity: {1: 1e-9, 3: 1e5}[d]}
    value = compile(correction, probe=d == 3)(**{name: np.float32(v) for name, v in values.items()})
    assert float(value) == pytest.approx(exact(correction, **values), rel=3e-6)


def test_a_negative_temperature_is_refused_by_the_function(film):
    with pytest.raises(ValueError, match=r"T = -1\.0 is negative"):
        film(B=0.1, T=-1.0, **SAMPLE)


def test_a_dot_is_generated_in_units_of_conductance():
    dot = dot_conductance(Conductor(2, [potential()]), channels=(2, 3))
    values = {"B": np.float32(1e-3), "area": 2e-12, "tau_H": 1e-9, "tau_phi": 4e-10}
    value = compile(dot, unit="e^2/h")(**values)
    assert float(value) == pytest.approx(2 * exact(dot, **values), rel=2e-6)
