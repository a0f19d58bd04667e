"""The film as a SymPy function: definition, exact values, digits, references by time integrals."""

from __future__ import annotations

import pickle

import mpmath as mp
import pytest
import sympy as sp

from cooperon.film_function import FilmFunction, FilmFunctionDerivative
from cooperon.kernels import HikamiFunction, HikamiFunctionDerivative
from numerics import constants
from numerics.codegen import compile
from numerics.precision import double_precision

B, B_phi, B_t = sp.symbols("B B_phi B_t", positive=True)
b = sp.Symbol("B", real=True)
F = FilmFunction(B, B_phi, B_t)
# L_phi, thickness, B in SI units; integral over time with the theta function, in e^2/(pi h)
FILMS = (
    (2e-7, 2e-8, 1.0, 3.5527560774944557695),
    (2e-7, 2e-7, 1.0, 5.7122443364204951283),
    (1e-6, 1e-6, 0.3, 14.861102349473507118),
)


def fields(L_phi, thickness):
    unit = constants.hbar / (4 * constants.e)
    return float(unit) / L_phi**2, float(unit) * 3.141592653589793**2 / thickness**2


@double_precision()
def test_generated_function_has_the_reference_values():
    function = compile(FilmFunction(b, B_phi, B_t))
    for L_phi, thickness, field, reference in FILMS:
        at = dict(zip(("B_phi", "B_t"), fields(L_phi, thickness), strict=True))
        assert float(function(field, **at)) == pytest.approx(reference, rel=1e-13)
        assert float(function(-field, **at)) == float(function(field, **at))
        folded = FilmFunction(field, *at.values()).evalf(20)
        assert float(folded) == pytest.approx(reference, rel=1e-13)


def test_thick_and_thin_forms_agree_to_the_digits_asked_for(monkeypatch):
    at = (
        FilmFunction(1, sp.Rational(1, 5), sp.Rational(1, 6)),
        FilmFunctionDerivative(2, 3, 1, 1, 1, 1),
    )
    thin = [value.evalf(30) for value in at]
    monkeypatch.setattr("cooperon.film_value._THICK", 0.01)
    thick = [value.evalf(45) for value in at]
    for one, other in zip(thin, thick, strict=True):
        assert abs(one / other - 1) < 1e-29


@pytest.mark.parametrize("orders", [(0, 1, 1), (3, 0, 0)])
def test_derivatives_are_those_of_the_function(orders):
    result = FilmFunctionDerivative(2, 3, 1, *orders).evalf(20)
    with mp.workdps(60):
        reference = mp.diff(
            lambda *at: mp.mpmathify(
                FilmFunction(*(sp.Float(a, 55) for a in at)).evalf(50)._to_mpmath(180)
            ),
            (2, 3, 1), orders, h=mp.mpf(10) ** -9,
        )  # fmt: skip
    assert float(result) == pytest.approx(float(reference), rel=1e-8)


def test_unfolded_form_is_the_sum_over_modes():
    m = sp.Symbol("m", integer=True, nonnegative=True)
    mode = HikamiFunction(B, B_phi + m**2 * B_t).doit()
    assert F.doit() == sp.Sum(mode, (m, 0, sp.oo))


def test_exact_values():
    assert FilmFunction(0, B_phi, B_t) == FilmFunction(B, sp.oo, B_t) == 0
    assert FilmFunction(B, B_phi, sp.oo) == HikamiFunction(B, B_phi)
    assert F.diff(B, B_phi).subs(B_t, sp.oo) == HikamiFunctionDerivative(B, B_phi, 1, 1)
    assert (
        FilmFunction(B, 0, B_t)
        == FilmFunction(B, B_phi, 0)
        == FilmFunction(sp.oo, B_phi, B_t)
        == sp.oo
    )
    assert FilmFunction(-b, B_phi, B_t) == FilmFunction(sp.Abs(b), B_phi, B_t)
    assert FilmFunctionDerivative(-b, B_phi, B_t, 1, 0, 1) == -FilmFunctionDerivative(
        b, B_phi, B_t, 1, 0, 1
    )
    assert F.diff(B).subs(B, 0) == 0


def test_weak_field_is_the_sum_over_modes_of_inverse_squares():
    expected = sum(1 / (2 + m**2 * sp.Rational(3)) ** 2 for m in range(2000)) / 24
    at = {B_phi: 2, B_t: 3}
    limit = sp.limit(F / B**2, B, 0)
    assert float(limit.subs(at)) == pytest.approx(float(sp.N(expected)), rel=1e-10)
    assert sp.simplify(2 * limit - F.diff(B, 2).subs(B, 0)) == 0
    series = F.series(B, 0, 6).removeO().subs({**at, B: sp.Rational(1, 500)})
    value = FilmFunction(sp.Rational(1, 500), 2, 3).evalf(20)
    assert float(series / value) == pytest.approx(1, abs=1e-10)


def test_kernels_exist_up_to_second_order():
    assert (F._jaxcode, F.diff(B, B_t)._jaxcode) == ("film", "film_derivative")
    assert F.diff(B, B_t, B_t)._jaxcode is None


def test_latex_is_the_sum():
    text = r"\sum_{m=0}^{\infty} \Psi\left(\frac{B_{\phi} + m^{2} B_{t}}{B}\right)"
    assert sp.latex(F) == text
    assert sp.latex(F.diff(B_t, 2)) == r"\partial_{B_{t}}^{2} " + text


def test_function_survives_pickling():
    for function in (F, F.diff(B)):
        assert pickle.loads(pickle.dumps(function)) == function


def test_impossible_arguments_are_refused():
    with pytest.raises(ValueError, match="must be real, but got I"):
        FilmFunction(sp.I, B_phi, B_t)
    with pytest.raises(ValueError, match="B_t of the thickness must not be negative, but got -1"):
        FilmFunction(B, B_phi, -1)
    with pytest.raises(NotImplementedError, match="B_phi of a film must be real, but got I"):
        FilmFunction(B, sp.I, B_t)
    with pytest.raises(ValueError, match=r"integers >= 0, but got \(0, 0, -1\)"):
        FilmFunctionDerivative(B, B_phi, B_t, 0, 0, -1)
    with pytest.raises(NotImplementedError, match="expanded in weak fields only"):
        F.series(B_phi, 0, 2)
