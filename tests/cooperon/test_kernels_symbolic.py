"""The SymPy kernel of weak localization: definition, symmetry, limits, derivatives, digits."""

from __future__ import annotations

import pickle
import subprocess
import sys

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperon.kernels import HikamiFunction, HikamiFunctionDerivative

B, B_phi = sp.symbols("B B_phi", positive=True)
b = sp.Symbol("b", real=True)
Psi = HikamiFunction(B, B_phi)
digits = st.integers(1, 10**6)


def exact(B: object, B_phi: object, m: int = 0, n: int = 0) -> mp.mpf:
    """Numerical derivative of the definition, with 90 digits."""

    def F(B: mp.mpf, B_phi: mp.mpf) -> mp.mpf:
        return mp.psi(0, mp.mpf(1) / 2 + B_phi / abs(B)) - mp.log(B_phi / abs(B))

    with mp.workdps(90):
        point = (mp.mpmathify(B), mp.mpmathify(B_phi))
        return mp.diff(F, point, (m, n)) if m or n else F(*point)


def test_unfolds_to_the_textbook_formula() -> None:
    x = B_phi / sp.Abs(b)
    expected = sp.digamma(sp.Rational(1, 2) + x) - sp.log(x)
    assert HikamiFunction(b, B_phi).doit() == expected
    assert HikamiFunction(b, B_phi).rewrite(sp.polygamma) == expected


def test_prints_as_the_textbook_prints_it() -> None:
    assert sp.latex(Psi) == r"\Psi\left(\frac{B_{\phi}}{B}\right)"
    assert sp.latex(Psi**2) == r"\Psi^{2}\left(\frac{B_{\phi}}{B}\right)"
    assert sp.latex(Psi.diff(B)) == r"\partial_{B} \Psi\left(\frac{B_{\phi}}{B}\right)"
    composite = HikamiFunctionDerivative(B, 2 * B_phi, 1, 2) ** 2
    expected = (
        r"\left(\partial_{B}\partial_{2}^{2} \Psi\left(\frac{2 B_{\phi}}{B}\right)\right)^{2}"
    )
    assert sp.latex(composite) == expected


def test_even_in_the_field_and_odd_after_one_derivative() -> None:
    assert HikamiFunction(-b, B_phi) == HikamiFunction(b, B_phi)
    assert HikamiFunction(sp.Abs(b), B_phi) == HikamiFunction(b, B_phi)
    slope = HikamiFunctionDerivative(b, B_phi, 1, 0)
    assert slope.subs(b, -b) == -slope
    assert HikamiFunction(-b, B_phi).diff(b) == slope


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (HikamiFunction(0, B_phi), 0),
        (HikamiFunction(0, 0), 0),
        (HikamiFunction(b, sp.oo), 0),
        (HikamiFunction(sp.oo, B_phi), sp.oo),
        (HikamiFunction(-sp.oo, B_phi), sp.oo),
        (HikamiFunction(B, 0), sp.oo),
        (HikamiFunction(sp.nan, B_phi), sp.nan),
        (HikamiFunctionDerivative(0, B_phi, 1, 3), 0),
        (HikamiFunctionDerivative(0, B_phi, 0, 1), 0),
        (HikamiFunctionDerivative(0, B_phi, 2, 0), 1 / (12 * B_phi**2)),
        (HikamiFunctionDerivative(0, B_phi, 4, 1), sp.Rational(7, 10) / B_phi**5),
        (HikamiFunctionDerivative(b, sp.oo, 1, 0), 0),
    ],
)
def test_exact_values(expression: sp.Expr, value: object) -> None:
    assert expression == value


def test_derivatives_stay_in_the_family() -> None:
    assert Psi.diff(B, 2, B_phi, 3) == HikamiFunctionDerivative(B, B_phi, 2, 3)
    assert Psi.diff(B, B_phi) == Psi.diff(B_phi, B)
    x = sp.Symbol("x", positive=True)
    chain = HikamiFunction(x**2, B_phi).diff(x)
    assert chain == 2 * x * HikamiFunctionDerivative(x**2, B_phi, 1, 0)
    assert HikamiFunctionDerivative(B, B_phi, 0, 0) == Psi


@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 2)])
def test_derivatives_unfold_to_those_of_the_unfolded_function(orders: tuple[int, int]) -> None:
    m, n = orders
    difference = Psi.diff(B, m, B_phi, n).doit() - Psi.doit().diff(B, m, B_phi, n)
    assert sp.simplify(difference) == 0


def test_homogeneous_of_degree_zero() -> None:
    euler = B * Psi.diff(B) + B_phi * Psi.diff(B_phi)
    assert sp.simplify(euler.doit()) == 0


def test_weak_field_series() -> None:
    series = b**2 / (24 * B_phi**2) - 7 * b**4 / (960 * B_phi**4)
    folded = HikamiFunction(b, B_phi)
    assert folded.series(b, 0, 6) == series + sp.O(b**6)
    assert folded.diff(b).series(b, 0, 5) == series.diff(b) + sp.O(b**5)
    mixed = folded.diff(b, B_phi).series(b, 0, 5).removeO()
    assert sp.expand(mixed - series.diff(b, B_phi)) == 0
    assert sp.expand(Psi.series(B_phi, sp.oo, 6).removeO() - series.subs(b, B)) == 0


def test_series_of_a_composite_argument() -> None:
    series = HikamiFunction(sp.sin(b), B_phi).series(b, 0, 5).removeO()
    expected = b**2 / (24 * B_phi**2) - b**4 * (1 / (72 * B_phi**2) + 7 / (960 * B_phi**4))
    assert sp.simplify(series - expected) == 0


def test_series_about_a_negative_field_keeps_the_sign() -> None:
    x = sp.Symbol("x")
    slope = HikamiFunctionDerivative(x - 1, B_phi, 1, 0).series(x, 0, 1).removeO()
    assert sp.simplify(slope + HikamiFunctionDerivative(1, B_phi, 1, 0).doit()) == 0


def test_strong_field_series_is_logarithmic() -> None:
    constant = sp.digamma(sp.Rational(1, 2)) + sp.log(B) - sp.log(B_phi)
    expected = constant + sp.pi**2 * B_phi / (2 * B)
    assert sp.expand(Psi.series(B_phi, 0, 2).removeO() - expected) == 0
    assert sp.expand(sp.expand_log(Psi.series(B, sp.oo, 2).removeO()) - expected) == 0


@pytest.mark.parametrize(
    ("expression", "variable", "point", "value"),
    [
        (Psi, B, 0, 0),
        (Psi, B, sp.oo, sp.oo),
        (Psi, B_phi, 0, sp.oo),
        (Psi, B_phi, sp.oo, 0),
        (HikamiFunction(b, B_phi), b, -sp.oo, sp.oo),
        (HikamiFunction(b, B_phi) / b**2, b, 0, 1 / (24 * B_phi**2)),
        (Psi - sp.log(B / B_phi), B, sp.oo, sp.digamma(sp.Rational(1, 2))),
        (Psi.diff(B) / B, B, 0, 1 / (12 * B_phi**2)),
        (B * Psi.diff(B), B, sp.oo, 1),
    ],
)
def test_limits(expression: sp.Expr, variable: sp.Symbol, point: object, value: sp.Expr) -> None:
    assert sp.simplify(sp.limit(expression, variable, point) - value) == 0 or (
        sp.limit(expression, variable, point) == value
    )


@settings(max_examples=25, deadline=None)
@given(digits, digits, st.sampled_from([15, 30, 60]))
def test_evaluates_to_the_digits_asked_for(p: int, q: int, count: int) -> None:
    reference = exact(p, q)
    result = mp.mpmathify(HikamiFunction(p, q).evalf(count)._to_mpmath(250))
    with mp.workdps(90):
        assert abs(result / reference - 1) < mp.mpf(10) ** (1 - count)


@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (2, 0), (1, 1), (2, 1)])
@pytest.mark.parametrize("fields", [(1, 3), (-7, 2), (1, 10**6)])
def test_derivatives_evaluate_to_the_digits_asked_for(
    orders: tuple[int, int], fields: tuple[int, int]
) -> None:
    result = HikamiFunctionDerivative(*fields, *orders).evalf(25)._to_mpmath(100)
    with mp.workdps(90):
        assert abs(result / exact(*fields, *orders) - 1) < mp.mpf(10) ** -24


def test_evaluates_where_digamma_and_logarithm_cancel_completely() -> None:
    result = 24 * HikamiFunction(1, 10**3000).evalf(40) * sp.Integer(10) ** 6000
    assert abs(result - 1) < sp.Float("1e-39", 40)


def test_high_derivatives_evaluate_where_their_terms_cancel() -> None:
    # d^6/dB^4 dB_phi^2 of -7 (B/B_phi)^4/960
    result = HikamiFunctionDerivative(1, 10**20, 4, 2).evalf(30) * sp.Integer(10) ** 120
    assert abs(result / sp.Rational(-7, 2) - 1) < sp.Float("1e-29", 30)


def test_floats_evaluate_at_once_and_symbols_stay() -> None:
    assert HikamiFunction(2.0, 3.0) == pytest.approx(float(exact(2, 3)), rel=1e-15)
    assert HikamiFunction(b, 2).evalf().has(HikamiFunction)
    assert HikamiFunction(1, 10**12).doit().has(sp.polygamma)


def test_complex_dephasing_field_evaluates() -> None:
    result = complex(HikamiFunction(1, 3 + 2 * sp.I).evalf())
    assert result == pytest.approx(complex(exact(1, 3 + 2j)), rel=1e-14)


def test_assumptions_follow_from_the_definition() -> None:
    assert Psi.is_positive
    assert HikamiFunction(b, B_phi).is_nonnegative
    assert HikamiFunction(b, B_phi).diff(b).is_real
    assert HikamiFunction(sp.Symbol("z"), B_phi).is_real is None


def test_undefined_arguments_are_refused_with_the_value() -> None:
    with pytest.raises(ValueError, match=r"must not be negative, but got -2; pass"):
        HikamiFunction(B, -2)
    with pytest.raises(ValueError, match=r"must not be negative, but got -B_phi; pass"):
        HikamiFunctionDerivative(B, -B_phi, 1, 0)
    with pytest.raises(ValueError, match=r"must be real, but got I; pass"):
        HikamiFunction(sp.I, B_phi)
    with pytest.raises(ValueError, match=r"integers >= 0, but got \(-1, 0\)"):
        HikamiFunctionDerivative(B, B_phi, -1, 0)
    with pytest.raises(sp.core.function.ArgumentIndexError):
        Psi.fdiff(3)


def test_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Psi.diff(B))) == Psi.diff(B)


def test_importing_the_symbolic_kernels_does_not_import_jax() -> None:
    code = "import sys, cooperon.kernels; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
